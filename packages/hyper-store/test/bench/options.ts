/** Command line of the benchmark. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** Root of the workspace, seen from the built file. */
export const WORKSPACE = fileURLToPath(new URL('../../../../../', import.meta.url))

const BOOST_NICE = -15
/** Rows of folders that several devices write to, as they are asked for. */
const SHARED_ROWS = ['W2S', 'W3S', 'W6S', 'C5'] as const

const HELP = `npm run bench -- [options]

  --page [N]        first and alone: the page with a folder of N files (default 100,000) and a thousand events a second
  --board           first and alone: boards: from page to page, opening a board of 12,200 edits, dragging a thousand cards
  --runs N          repeat everything N times (default 1)
  --only W1,W3      only these: W1 W2 W3 W3b W4 W5a W5b W6 SF SFenc IDLE RESCAN100K GROWTH,
                    and of shared folders W2S W3S W6S C5
  --scale 0.02      smaller workloads, for a smoke run (default 1)
  --shared          the rows of shared folders alone, into their part of docs/benchmarks.md
  --no-syncthing    only hyper-store
  --no-hyper-store  only Syncthing
  --dir DIR         where the work folder is made (default: the temporary folder); wants 20 GB
  --out FILE        result lines, JSON (default: .cache/bench/results-<time>.jsonl); an existing file is added to
  --report FILE     the tables (default: docs/benchmarks.md for full runs of all or of --shared, beside the result lines for others)
  --summarize       runs nothing: makes the tables of --out, beside it or where --report says
  --boost           the measured processes go before all others while they are timed (root; for busy machines)
  --keep            leaves the work folder; deleting many files makes the next minutes slower on ext4

Syncthing is SYNCTHING_BIN, or syncthing of the PATH, or (as root) Debian's package.
`

/** What was asked for. */
export interface Options {
  readonly runs: number
  readonly scale: number
  readonly syncthing: boolean
  readonly hyperStore: boolean
  /** Folder in which the work folder is made. */
  readonly dir: string
  readonly out: string
  /** Only rows of shared folders: their part of the report is replaced, the rest stays. */
  readonly sharedOnly: boolean
  readonly report: string
  readonly summarize: boolean
  /** Priority of the measured processes while they are timed; 0 is the common one. */
  readonly nice: number
  readonly keep: boolean
  /** By name; prefixes like `SF` are names of their own. */
  readonly wants: (name: string) => boolean
}

/** Reads the arguments; null when only help was wanted. Throws on unknown ones. */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
      scale: { type: 'string', default: '1' },
      shared: { type: 'boolean', default: false },
      'no-syncthing': { type: 'boolean', default: false },
      'no-hyper-store': { type: 'boolean', default: false },
      dir: { type: 'string' },
      out: { type: 'string' },
      report: { type: 'string' },
      summarize: { type: 'boolean', default: false },
      boost: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(HELP)
    return null
  }
  if (values.summarize && values.out === undefined) throw new Error('--summarize wants --out FILE')
  const only = new Set<string>(values.shared ? SHARED_ROWS : values.only.split(/[\s,]+/).filter((name) => name !== ''))
  const scale = positive(values.scale, '--scale')
  const syncthing = !values['no-syncthing']
  const hyperStore = !values['no-hyper-store']
  const cache = join(WORKSPACE, '.cache/bench')
  mkdirSync(cache, { recursive: true })
  const stamp = new Date().toISOString().slice(0, 19).replace(/:/g, '')
  const out = values.out === undefined ? join(cache, `results-${stamp}.jsonl`) : resolve(values.out)
  const whole = scale === 1 && (only.size === 0 || values.shared) && syncthing && hyperStore
  const report = whole && values.out === undefined ? join(WORKSPACE, 'docs/benchmarks.md') : out.replace(/(\.jsonl)?$/, '.md')
  return {
    runs: positive(values.runs, '--runs'),
    scale,
    syncthing,
    hyperStore,
    dir: values.dir === undefined ? tmpdir() : resolve(values.dir),
    out,
    sharedOnly: values.shared,
    report: values.report === undefined ? report : resolve(values.report),
    summarize: values.summarize,
    nice: values.boost ? BOOST_NICE : 0,
    keep: values.keep,
    wants: (name) => only.size === 0 || only.has(name),
  }
}

function positive(text: string, option: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${option} wants a number above 0, not ${text}`)
  return value
}
