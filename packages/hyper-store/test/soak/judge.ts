/** What must hold when everything is healed: the same tree everywhere, and nothing that anybody saved is lost. */
import { lstatSync, mkdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Item } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { HistoryVersion } from '@hyper-store/client/contract'
import { treeOf } from '../fixtures/sharing.ts'
import { hashOf } from './ledger.ts'
import type { Ledger, Saved } from './ledger.ts'
import { shuffled } from './world.ts'
import type { SoakDevice, SoakWorld } from './world.ts'

const LOOK_MS = 500
/** So many looks in a row must agree. */
const CALM_LOOKS = 3
const HISTORY_PAGE = 500
/** Versions of which all files are listed, at most, to look for one content. */
const LISTED_VERSIONS = 20
/** Each refusal may have waited for peers: after so many no more is tried for one content. */
const REFUSALS = 3

/** What was found; no problems means that the soak passed. */
export interface Verdict {
  readonly problems: readonly string[]
  readonly files: number
  readonly version: number
  readonly conflicts: number
  /** Content that is in the tree; that only history should have; that was looked for and found there; that was taken away before anybody knew of it. */
  readonly shown: number
  readonly past: number
  readonly inHistory: number
  readonly unpublished: number
  /** Seconds until all were the same. */
  readonly healS: number
}

type Tree = Record<string, string>

/** How it is judged. */
export interface JudgeOptions {
  /** Seconds that the devices may take to agree. */
  readonly healS: number
  /** The device that is asked for the history. */
  readonly asks: SoakDevice
  /** Of more contents that should be in history, so many are looked for, chosen by chance. */
  readonly historyChecks: number
  readonly random: () => number
}

/** Waits until all devices agree, then looks for everything that was saved. */
export async function judge(world: SoakWorld, ledger: Ledger, options: JudgeOptions): Promise<Verdict> {
  const begin = performance.now()
  const agreed = await agree(world, options.healS * 1000)
  const healS = (performance.now() - begin) / 1000
  if (agreed.problem !== null) {
    return { problems: [agreed.problem], files: 0, version: 0, conflicts: 0, shown: 0, past: 0, inHistory: 0, unpublished: 0, healS }
  }
  const problems: string[] = []
  const shown = new Set(Object.values(agreed.tree))
  for (const [at, hash] of Object.entries(agreed.tree)) {
    if (/^[0-9a-f]{64}$/.test(hash) && !ledger.knows(hash)) problems.push(`nobody ever saved what is in ${at} (${hash.slice(0, 8)})`)
  }
  const counts = { shown: 0, past: 0, inHistory: 0, unpublished: 0 }
  const past: Saved[] = []
  const missing: Saved[] = []
  for (const saved of ledger.saved) {
    if (shown.has(saved.hash)) counts.shown++
    else if (saved.taken === null) missing.push(saved)
    else if (saved.published) past.push(saved)
    else counts.unpublished++
  }
  const history = await readHistory(world, options.asks)
  counts.past = past.length
  const search = new HistorySearch(world, options.asks, history)
  for (const saved of missing) {
    const why = await search.find(saved)
    const where = why === null ? `history of ${options.asks.name} has it` : `nor in history of ${options.asks.name}: ${why}`
    problems.push(`lost: ${tellOf(saved)}, which nobody took away; ${where}${storyOf(ledger, saved)}`)
  }
  for (const saved of shuffled(past, options.random).slice(0, options.historyChecks)) {
    const why = await search.find(saved)
    if (why === null) counts.inHistory++
    else problems.push(`not in history of ${options.asks.name}: ${tellOf(saved)}: ${why}${storyOf(ledger, saved)}`)
  }
  const [item] = agreed.items
  return {
    problems,
    files: Object.keys(agreed.tree).length,
    version: item?.version ?? 0,
    conflicts: item?.conflicts ?? 0,
    ...counts,
    healS,
  }
}

function tellOf({ hash, size, path: at, device, at: when, taken }: Saved): string {
  const end = taken === null ? '' : `; taken at ${taken.at.toFixed(2)} by ${taken.device} (${taken.how} of ${taken.path})`
  return `${hash.slice(0, 8)}, ${size} bytes, saved at ${when.toFixed(2)} by ${device} as ${at}${end}`
}

/** What happened at the paths of a content and to its bytes. */
function storyOf(ledger: Ledger, { hash, path: at }: Saved): string {
  const mark = hash.slice(0, 8)
  const stem = at.split('/').at(-1)?.split('.')[0] ?? at
  const lines = ledger.lines.filter(
    ({ paths, text }) =>
      text.includes(mark) ||
      /^[A-Z]{4}/.test(text) ||
      paths.some((one) => one === at || one.startsWith(`${at.slice(0, -stem.length)}${stem}`)),
  )
  return lines.map(({ at: when, device, text, paths }) => `\n    ${when.toFixed(2)} ${device}: ${text} ${paths.join(' , ')}`).join('')
}

/** The tree once all writers show the same and every device says that it is up to date. */
async function agree(world: SoakWorld, timeoutMs: number): Promise<{ tree: Tree; items: Item[]; problem: string | null }> {
  const begin = performance.now()
  let calm = 0
  for (;;) {
    const trees = await Promise.all(world.writers.map(({ disk }) => treeOf(disk.root).catch((): Tree => ({}))))
    const items = await Promise.all(world.devices.map(async ({ client }) => (await client()).getFolder(world.key)))
    await confirmDeletions(world, items)
    const differences = world.writers.slice(1).flatMap(({ name }, i) => differenceOf(name, trees[0] ?? {}, trees[i + 1] ?? {}))
    const versions = new Set(items.map(({ version }) => version))
    const isCalm = differences.length === 0 && versions.size === 1 && items.every(({ state }) => state === 'up-to-date')
    calm = isCalm ? calm + 1 : 0
    if (calm >= CALM_LOOKS) return { tree: trees[0] ?? {}, items, problem: null }
    if (performance.now() - begin > timeoutMs) {
      const about = items.map((item, i) => `\n  ${world.devices[i]?.name}: ${shortItem(item)}`).join('')
      const listed = differences
        .slice(0, 20)
        .map((line) => `\n  ${line}`)
        .join('')
      const cured = await curedByRescan(world)
      return { tree: {}, items, problem: `the devices do not come to agree in ${timeoutMs / 1000} s${cured}:${listed}${about}` }
    }
    await sleep(LOOK_MS)
  }
}

/** Whether looking at everything again would have helped: then something was overlooked, else it is written down wrongly. */
async function curedByRescan(world: SoakWorld): Promise<string> {
  for (const { client } of world.writers) await (await client()).rescanFolder(world.key).catch(() => undefined)
  await sleep(LOOK_MS * 4)
  const trees = await Promise.all(world.writers.map(async ({ disk }) => JSON.stringify(await treeOf(disk.root))))
  return new Set(trees).size === 1 ? ', but do after a rescan' : ', nor after a rescan'
}

/** What tells why it does not go on. */
function shortItem({ state, version, progress, peers, problem, devices, ...item }: Item): string {
  const others = devices.map((device) => `${device.name} ${device.version}${device.live ? '' : ' gone'} ${device.progress.toFixed(2)}`)
  const { files, bytes, conflicts } = item
  return JSON.stringify({ state, version, progress, peers, files, bytes, conflicts, problem, others })
}

/** A person who deleted that much says so when asked. */
export async function confirmDeletions(world: SoakWorld, items: readonly (Item | null)[]): Promise<void> {
  for (const [i, item] of items.entries()) {
    if (item?.problem?.code === 'STOPPED_FOR_SAFETY') await (await world.devices[i]?.client())?.resumeFolder(world.key, { confirm: true })
  }
}

function differenceOf(name: string, first: Tree, other: Tree): string[] {
  const paths = new Set([...Object.keys(first), ...Object.keys(other)])
  return [...paths]
    .filter((at) => first[at] !== other[at])
    .map((at) => `${at}: ${first[at]?.slice(0, 8) ?? 'nothing'} at the first, ${other[at]?.slice(0, 8) ?? 'nothing'} at ${name}`)
}

interface Change {
  readonly version: number
  readonly path: string
  readonly size: number
  readonly device: string
}

/** Everything that was ever put, by the folder's own account. */
async function readHistory({ key }: SoakWorld, { client }: SoakDevice): Promise<Change[]> {
  const api = await client()
  const versions: HistoryVersion[] = []
  for (let more = true; more;) {
    const before = versions.at(-1)?.version
    const page = await api.getHistory(key, { limit: String(HISTORY_PAGE), ...(before === undefined ? {} : { before: String(before) }) })
    versions.push(...page.versions)
    more = page.more && page.versions.length > 0
  }
  const changes: Change[] = []
  for (const [i, { version, device, changes: told, count }] of versions.entries()) {
    // A version with many changes tells the first of them only.
    const older = versions[i + 1]?.version ?? 1
    const all = count <= told.length ? told : [...told, ...(await api.getDiff(key, { from: String(older), to: String(version) })).changes]
    for (const { path: at, sizeAfter } of all) if (sizeAfter !== null) changes.push({ version, path: at, size: sizeAfter, device })
  }
  return changes
}

/** Looks for contents in the history of one device, as a person would who knows their size. */
class HistorySearch {
  readonly #world: SoakWorld
  readonly #asks: SoakDevice
  readonly #changes: readonly Change[]
  /** What restoring a path as of a version gave: a hash, or what it was refused with. */
  readonly #tried = new Map<string, { readonly hash: string } | { readonly refused: string }>()

  constructor(world: SoakWorld, asks: SoakDevice, changes: readonly Change[]) {
    this.#world = world
    this.#asks = asks
    this.#changes = changes
  }

  /** Null when it was found; else why not. */
  async find(saved: Saved): Promise<string | null> {
    const own = this.#changes.filter(({ size }) => size === saved.size)
    if (own.length === 0) return 'no version of the history put a file of its size'
    // Its own device's account first; what it is now under another name was written by another device.
    const candidates = [...own.filter(({ device }) => device === saved.device), ...own.filter(({ device }) => device !== saved.device)]
    const seen: string[] = []
    let refused = 0
    const isIt = async (at: { path: string; version: number }): Promise<boolean> => {
      const got = await this.#restore(at)
      if ('hash' in got && got.hash === saved.hash) return true
      if ('refused' in got && got.refused !== 'NOT_FOUND') refused++
      seen.push(`"${at.path}" of ${at.version}: ${'hash' in got ? got.hash.slice(0, 8) : got.refused}`)
      return false
    }
    for (const at of candidates) if (refused < REFUSALS && (await isIt(at))) return null
    // It may have been a conflict copy then: all of the version is listed.
    for (const [tries, { version }] of candidates.entries()) {
      if (refused >= REFUSALS) break
      if (tries >= LISTED_VERSIONS) return `the search gave up after ${tries} of ${candidates.length} versions (${seen.join('; ')})`
      for (const at of await this.#listed(version, saved.size)) if (refused < REFUSALS && (await isIt({ path: at, version }))) return null
    }
    const why =
      refused > 0
        ? 'restoring was refused'
        : seen.some((one) => !one.endsWith('NOT_FOUND'))
          ? 'other bytes came'
          : 'its versions show nothing'
    return `${why} (${[...new Set(seen)].join('; ')})`
  }

  async #listed(version: number, size: number): Promise<string[]> {
    const api = await this.#asks.client()
    const to = path.join(this.#world.side, 'listed')
    const { changes } = await api.restoreFolder(this.#world.key, { version, to, dryRun: true })
    return changes.filter(({ sizeAfter }) => sizeAfter === size).map((change) => change.path)
  }

  async #restore(wish: { path: string; version: number }): Promise<{ readonly hash: string } | { readonly refused: string }> {
    const name = `${wish.version} ${wish.path}`
    const known = this.#tried.get(name)
    if (known !== undefined) return known
    const api = await this.#asks.client()
    mkdirSync(this.#world.side, { recursive: true })
    const to = path.join(this.#world.side, 'restored')
    let got: { readonly hash: string } | { readonly refused: string }
    try {
      await api.restoreFolder(this.#world.key, { path: wish.path, version: wish.version, to })
      const stat = lstatSync(to, { throwIfNoEntry: false })
      got = stat?.isFile() === true ? { hash: hashOf(readFileSync(to)) } : { refused: 'no file' }
    } catch (error) {
      // A store that can't be asked says nothing of what it has.
      if (!(error instanceof AppError) || error.code === 'SERVICE_UNREACHABLE') throw error
      got = { refused: error.code === 'NOT_FOUND' ? error.code : `${error.code} ${error.message}` }
    }
    await rm(to, { recursive: true, force: true })
    this.#tried.set(name, got)
    return got
  }
}
