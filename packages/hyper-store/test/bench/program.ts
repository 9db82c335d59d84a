/** What the benchmark asks of a program that it measures, and the lines that it writes about it. */
import { appendFileSync } from 'node:fs'
import type { Step } from './workloads.ts'

/** One running store with its folder. */
export interface Side {
  readonly label: 'a' | 'b' | 'c' | 'd' | 'e' | 'p'
  readonly folder: string
  /** What it keeps on disk beside the folder. */
  readonly store: string
  /** Of the process that runs now. */
  readonly pid: number
  start(): Promise<void>
  stop(): Promise<void>
}

/** How saves (W4) are noticed. */
export interface SaveMode {
  /** Name of its row, like `W4`. */
  readonly row: string
  /** True when each save is followed by a wish to look. */
  readonly asks: boolean
  /** A delay that makes each save take seconds. */
  readonly slow: boolean
  begin(): Promise<void>
}

/** Two stores that hold one folder in common. */
export interface Pair extends AsyncDisposable {
  readonly a: Side
  readonly b: Side
  /** Tells A to look at its folder; null where its own watcher has to notice. */
  readonly ask: (() => void) | null
  readonly saves: readonly SaveMode[]
  /** Resolves when both have nothing to do. */
  settle(): Promise<void>
  /** Makes it `count` empty folders in common, the first one included. */
  haveFolders(count: number): Promise<void>
}

/** Watches for the provider to hold everything. */
export interface Arrival extends Disposable {
  check(): Promise<boolean>
}

/** A and B that only meet through an always-on P. B is stopped when it is handed out. */
export interface Trio extends AsyncDisposable {
  readonly a: Side
  readonly p: Side
  readonly b: Side
  readonly ask: (() => void) | null
  /** Begins to watch for a step to arrive at P, where `files` are to be seen in all. */
  arrivalOf(step: Step, files: number): Promise<Arrival>
  /** Resolves when A is linked to P and has nothing to do. */
  settleA(): Promise<void>
}

/** One store alone with one folder that is full before it is shared. */
export interface Single extends AsyncDisposable {
  readonly a: Side
  /** Takes the folder in. */
  share(): Promise<void>
  /** Compares the whole folder with what is stored. */
  rescan(): Promise<void>
}

/** Two stores that both write to one folder: A's, which B has joined with files of its own. */
export interface SharedPair extends AsyncDisposable {
  readonly a: Side
  readonly b: Side
  /** Tells a side to look at its folder; null where its own watcher has to notice. */
  readonly askOf: ((side: Side) => void) | null
  settle(): Promise<void>
}

/** Stores that all write to one folder. */
export interface Group extends AsyncDisposable {
  readonly sides: readonly Side[]
  /** Asks once: none of them has anything to do, by its own account. */
  isCalm(): Promise<boolean>
}

/** A program that syncs folders. */
export interface Program {
  /** With its version, like `syncthing-1.19.2`. */
  readonly system: string
  makePair(folder: string): Promise<Pair>
  makeTrio(folder: string, options: { blind: boolean }): Promise<Trio>
  makeSingle(folder: string): Promise<Single>
  makeSharedPair(folder: string): Promise<SharedPair>
  /** Five that know each other; they run when they are handed out. */
  makeGroup(folder: string): Promise<Group>
}

/** One result. Seconds, MiB (`*_mb`) and bytes; names as older result files have them. */
export interface Row {
  readonly system: string
  readonly workload: string
  readonly run: number
  readonly ok: boolean
  readonly wall_s: number | null
  readonly cpu_s?: number
  readonly peak_rss_mb?: number
  /** All on loopback, headers included; null without a namespace of our own. */
  readonly wire_bytes?: number | null
  /** Processors that other processes of the machine used meanwhile. */
  readonly other_cpu_share?: number
  readonly error?: string
  readonly [more: string]: number | string | boolean | null | undefined
}

/** Takes rows: to the screen, to a file, to the report. */
export interface Rows {
  readonly all: readonly Row[]
  add(row: Row): void
}

/** Rows that are appended to a file as JSON lines and told in short on stdout. */
export function writeRows(file: string): Rows {
  const all: Row[] = []
  return {
    all,
    add(given) {
      const row = rounded(given)
      all.push(row)
      appendFileSync(file, `${JSON.stringify(row)}\n`)
      console.log(lineOf(row))
    },
  }
}

function rounded(row: Row): Row {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'number' ? Math.round(value * 1000) / 1000 : value]),
  ) as Row
}

function lineOf(row: Row): string {
  const parts = [
    row.wall_s === null ? 'no time' : `${row.wall_s.toFixed(2)} s`,
    row.cpu_s === undefined
      ? ''
      : `cpu ${row.cpu_s.toFixed(1)} s (${row['cpu_a_s'] ?? row['cpu_p_s'] ?? '–'} / ${row['cpu_b_s'] ?? row['cpu_p_s'] ?? '–'})`,
    row.peak_rss_mb === undefined ? '' : `peak ${Math.round(row.peak_rss_mb)} MiB`,
    row.wire_bytes == null ? '' : `wire ${(row.wire_bytes / 1e6).toFixed(3)} MB`,
    row.other_cpu_share === undefined ? '' : `others ${row.other_cpu_share.toFixed(2)}`,
    typeof row['note'] === 'string' ? row['note'] : '',
    row.ok ? '' : `NOT OK ${row.error ?? ''}`,
  ]
  return `${`run ${row.run}`.padEnd(6)} ${row.workload.padEnd(18)} ${row.system.padEnd(20)} ${parts.filter((part) => part !== '').join('  ')}`
}
