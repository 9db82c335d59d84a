/** The tables of docs/benchmarks.md, made of result rows. */
import { median } from './measure.ts'
import type { Row } from './program.ts'
import { SHARED_TARGETS, TARGETS } from './targets.ts'
import type { Target } from './targets.ts'

/** Others took more of the machine than this: the run is left out where a quieter one is there. */
const DISTURBED_SHARE = 0.25
const SHORT_S = 2

/** What is said above the tables. */
export interface About {
  readonly machine: string
  readonly date: string
  readonly scale: number
  readonly boosted: boolean
  readonly wire: boolean
}

/** Heading of the part on folders that several devices write to; it is the last one of the page. */
const SHARED_HEADING = '## Shared folders'
/** Heading of the part on boards. */
const BOARDS_HEADING = '## Boards'

/** Markdown of the whole page: of folders that one device writes to, then of shared ones, as far as there are rows. */
export function makeReport(all: readonly Row[], about: About): string {
  const plain = all.filter((row) => !isShared(row))
  const shared = all.filter(isShared)
  const parts = plain.length === 0 ? ['# Benchmarks', ''] : plainPart(plain, about)
  return [...parts, ...(shared.length === 0 ? [] : sharedPart(shared, about))].join('\n')
}

/** The page with its part on shared folders replaced, or added, and all else as it was. */
export function withSharedPart(page: string, all: readonly Row[], about: About): string {
  const at = page.indexOf(`\n${SHARED_HEADING}\n`)
  const before = at === -1 ? page.trimEnd() : page.slice(0, at).trimEnd()
  return [before, '', ...sharedPart(all.filter(isShared), about)].join('\n')
}

/** The page with the part on boards that an older one has, which is measured by itself and written by hand. */
export function withBoardsOf(older: string, page: string): string {
  const part = new RegExp(`\\n${BOARDS_HEADING}\\n[^]*?(?=\\n## |$)`).exec(older)?.[0].trim()
  if (part === undefined || page.includes(`\n${BOARDS_HEADING}\n`)) return page
  const at = page.indexOf(`\n${SHARED_HEADING}\n`)
  return at === -1 ? `${page.trimEnd()}\n\n${part}\n` : `${page.slice(0, at).trimEnd()}\n\n${part}\n${page.slice(at)}`
}

function plainPart(all: readonly Row[], about: About): string[] {
  const rows = undisturbed(all)
  const systems = systemsOf(rows)
  const head = ['# Benchmarks', '', ...introduction(rows, all.length - rows.length, about), '', '## Goals', '']
  return [...head, ...targetTable(TARGETS, rows, systems), '', '## All rows', '', ...rowTable(rows, systems), ...failures(rows), '']
}

function sharedPart(all: readonly Row[], about: About): string[] {
  const rows = undisturbed(all)
  const systems = systemsOf(rows)
  return [
    SHARED_HEADING,
    '',
    ...introduction(rows, all.length - rows.length, about).slice(0, 1),
    '',
    '- Both devices write. hyper-store: A shares a private folder, B has joined as a writer; both have drives with files before anything is measured.',
    "- `B-to-A`: B makes the change, A shows it; then the other way, in a folder of its own. The 1 GiB file is always the other device's.",
    '- C5: five devices that all know each other hold 3,000 files; with their services stopped each makes 1,000 edits (new files, changes and',
    "  deletions of others' files, renames; 5 % on paths that all five edit). Time runs from the start of the five processes until all five",
    '  say that they are done and all names and bytes are the same within each program. CPU and memory of A and B, wire of all.',
    `- Otherwise as above. ${
      introduction(rows, all.length - rows.length, about)
        .at(-1)
        ?.slice(2) ?? ''
    }`,
    '',
    ...targetTable(SHARED_TARGETS, rows, systems),
    '',
    ...rowTable(rows, systems),
    ...failures(rows),
    '',
  ]
}

function isShared({ workload }: Row): boolean {
  return /^(W\w+S-[AB]-to-[AB]|C5|benchShared|benchConvergence)$/.test(workload)
}

function undisturbed(all: readonly Row[]): Row[] {
  return all.filter((row) => !isDisturbed(row) || !all.some((other) => sameKind(row, other) && !isDisturbed(other)))
}

function systemsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.map((row) => row.system))].sort()
}

function introduction(rows: readonly Row[], left: number, about: About): string[] {
  const systems = [...new Set(rows.map((row) => row.system))].sort().join(' and ')
  const runs = Math.max(0, ...rows.map((row) => row.run))
  const share = median(rows.map((row) => row.other_cpu_share)) ?? 0
  const most = Math.max(0, ...rows.map((row) => row.other_cpu_share ?? 0))
  const size = about.scale === 1 ? 'full size' : `${about.scale} of the full size, so for trying out only`
  return [
    `${systems}, ${about.date}, ${runs === 1 ? '1 run' : `${runs} runs`}, ${size}. Made by \`npm run bench\` (\`npm run bench -- --help\`).`,
    '',
    `Machine: ${about.machine}.`,
    '',
    '- All stores of a measurement share the machine; between two machines what is bound by processors takes about half as long.',
    '- hyper-store runs with default settings and its own watcher notices every change. Syncthing is told to look just after each change,',
    '  except in W4 (its default watcher, 10 s) and W4-watch1s; its low priority is off; discovery, relays and usage reports too.',
    '- Time runs from just before the change appears in A until B shows all of it with the right sizes and edited bytes; then all bytes are compared (`ok`).',
    '- Processor time goes on to one second after that. Memory is the peak of a side during the step (`VmHWM`), resident memory for IDLE.',
    about.wire
      ? '- Wire: all bytes on the loopback of a network namespace of their own, headers and acknowledgements included. MB are 10⁶ bytes.'
      : '- Wire is not measured: it needs a network namespace of its own (Linux, `unshare -n`). MB are 10⁶ bytes.',
    `- Other processes of the machine took ${share.toFixed(2)} processors in the median and ${most.toFixed(2)} at most.` +
      (about.boosted ? ' The measured processes went before them (nice -15).' : '') +
      (left === 0 ? '' : ` ${left} disturbed ${left === 1 ? 'row was' : 'rows were'} left out for quieter ones.`),
  ]
}

function targetTable(targets: readonly Target[], rows: readonly Row[], systems: readonly string[]): string[] {
  const ours = systems.find((system) => system.startsWith('hyper-store'))
  const theirs = systems.find((system) => !system.startsWith('hyper-store'))
  const lines = targets.map((target) => {
    const mine = ours === undefined ? null : valueOf(rows, ours, target)
    const other = theirs === undefined ? null : valueOf(rows, theirs, target)
    const ratio = mine === null || other === null || other === 0 ? null : mine / other
    const judged = target.of === 'ratio' ? ratio : mine
    const limit = (value: number) => `≤ ${target.of === 'ratio' ? `${Number(value.toFixed(2))} ×` : target.show(value)}`
    const cells = [
      target.what,
      shown(mine, target),
      shown(other, target),
      ratio === null ? '–' : ratio.toFixed(2),
      limit(target.must),
      limit(target.aim),
    ]
    return `| ${[...cells, verdict(judged, target)].join(' | ')} |`
  })
  return [
    `| what | ${ours ?? 'hyper-store'} | ${theirs ?? 'Syncthing'} | ratio | must | aim | reached |`,
    '|---|---|---|---|---|---|---|',
    ...lines,
  ]
}

function valueOf(rows: readonly Row[], system: string, target: Target): number | null {
  return median(rows.filter((row) => row.system === system && row.workload === target.workload && row.ok).map(target.value))
}

function shown(value: number | null, target: Target): string {
  return value === null ? '–' : target.show(value)
}

function verdict(value: number | null, target: Target): string {
  if (value === null) return '–'
  return value <= target.aim ? 'aim' : value <= target.must ? 'must' : '**missed**'
}

function rowTable(rows: readonly Row[], systems: readonly string[]): string[] {
  const workloads = [...new Set(rows.map((row) => row.workload))].filter((name) =>
    rows.some((row) => row.workload === name && row.wall_s !== null),
  )
  const lines = workloads.flatMap((workload) =>
    systems.flatMap((system) => {
      const of = rows.filter((row) => row.workload === workload && row.system === system)
      return of.length === 0 ? [] : [rowLine(of)]
    }),
  )
  const head = ['workload', 'program', 'ok', 'wall s', 'spread', 'CPU s A / B', 'memory MB A / B', 'wire MB', 'others', 'more']
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines]
}

function rowLine(rows: readonly Row[]): string {
  const [first] = rows
  const middle = (name: string) => median(rows.map((row) => (typeof row[name] === 'number' ? row[name] : null)))
  const walls = rows
    .flatMap((row) => [row['wall_min_s'] ?? row.wall_s, row['wall_max_s'] ?? row.wall_s])
    .filter((wall) => typeof wall === 'number')
  const spread = new Set(walls).size < 2 ? '' : `${seconds(Math.min(...walls))}–${seconds(Math.max(...walls))}`
  const memory = (side: string) => number(middle(`rss_${side}_mb`), (mib) => Math.round(mib * 1.048576).toString())
  const cpu = (side: string) => number(middle(`cpu_${side}_s`), seconds)
  const [left, right] = sidesOf(first)
  const cells = [
    first?.workload,
    first?.system,
    `${rows.filter((row) => row.ok).length} of ${rows.length}`,
    number(middle('wall_s'), seconds),
    spread,
    `${cpu(left)} / ${cpu(right)}`,
    `${memory(left)} / ${memory(right)}`,
    number(middle('wire_bytes'), (bytes) => (bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)),
    number(middle('other_cpu_share'), (share) => share.toFixed(2)),
    rows.length === 1 && first?.workload !== 'W4' ? first?.['note'] : '',
  ]
  return `| ${cells.map((cell) => cell ?? '').join(' | ')} |`
}

/** In store and forward P stands in the place of the side that is off. */
function sidesOf(row: Row | undefined): [string, string] {
  if (row === undefined || row['rss_p_mb'] === undefined) return ['a', 'b']
  return row['rss_a_mb'] === undefined ? ['p', 'b'] : ['a', 'p']
}

function failures(rows: readonly Row[]): string[] {
  const failed = rows.filter((row) => !row.ok)
  if (failed.length === 0) return []
  return ['', 'Not ok:', '', ...failed.map((row) => `- ${row.system} ${row.workload}, run ${row.run}: ${row.error?.split('\n')[0] ?? ''}`)]
}

function isDisturbed(row: Row): boolean {
  return (row.other_cpu_share ?? 0) > DISTURBED_SHARE && (row.wall_s ?? 0) > SHORT_S
}

function sameKind(a: Row, b: Row): boolean {
  return a.system === b.system && a.workload === b.workload
}

function number(value: number | null, show: (value: number) => string): string {
  return value === null ? '–' : show(value)
}

function seconds(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 1)
}
