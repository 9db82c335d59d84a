/** Where a command's words go: data on stdout, talk on stderr, colours on terminals only. */
import type { AppError } from '@hyper-store/client/contract'

/** The part of a stream that output needs. */
interface Sink {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Ways to paint a word. */
export type Paint = 'good' | 'bad' | 'warn' | 'dim' | 'strong'
const CODES: Record<Paint, readonly [number, number]> = { good: [32, 39], bad: [31, 39], warn: [33, 39], dim: [2, 22], strong: [1, 22] }

/** What commands print with. */
export interface Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** True when stdout is a terminal. */
  readonly terminal: boolean
  /** The stream of talk, for progress bars. */
  readonly talkSink: Sink
  /** One line of data on stdout. */
  line(text: string): void
  /** With `--json` the value as one line, else the lines made from it. */
  show<T>(value: T, lines: (value: T) => readonly string[]): void
  /** A table on stdout: aligned on a terminal, tab-separated when piped. */
  table(rows: readonly (readonly string[])[]): void
  /** One line of talk on stderr; nothing with `--quiet`. */
  talk(text: string): void
  /** Paints a word of stdout; unchanged unless stdout is a terminal that wants colours. */
  paint(style: Paint, text: string): string
  /** The one sentence of an error, or its JSON line. */
  error(error: AppError, stack?: string): void
}

/** Options of `createOutput`; the streams default to the process's own. */
export interface OutputOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly stdout?: Sink
  readonly stderr?: Sink
  readonly env?: NodeJS.ProcessEnv
}

/** Makes the output of one run of the program. */
export function createOutput(options: OutputOptions): Output {
  const { json, quiet, verbose, stdout = process.stdout, stderr = process.stderr, env = process.env } = options
  const terminal = stdout.isTTY === true
  const colours = terminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  const line = (text: string) => void stdout.write(`${text}\n`)
  const record = (value: unknown) => line(JSON.stringify(value))
  return {
    json,
    quiet,
    verbose,
    terminal,
    talkSink: stderr,
    line,
    show(value, lines) {
      if (json) record(value)
      else for (const text of lines(value)) line(text)
    },
    table(rows) {
      for (const row of terminal ? align(rows) : rows.map((cells) => cells.join('\t'))) line(row)
    },
    talk(text) {
      if (!quiet) stderr.write(`${text}\n`)
    },
    paint(style, text) {
      const [on, off] = CODES[style]
      return colours ? `\u001B[${on}m${text}\u001B[${off}m` : text
    },
    error(error, stack) {
      const body = verbose && stack !== undefined ? { error: { ...error.toBody().error, stack } } : error.toBody()
      stderr.write(json ? `${JSON.stringify(body)}\n` : `hyper-store: ${plain(error.message)}\n`)
      if (!json && verbose && stack !== undefined) stderr.write(`${stack}\n`)
    },
  }
}

/** Text from a peer made safe to print: control characters and direction marks can't move the cursor or disguise a name. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069\u2028\u2029]/gu, '\uFFFD')
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, width(cell))
  return rows.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell)))).join('  '),
  )
}

/** Characters that a terminal shows, colours left out. */
function width(text: string): number {
  return Array.from(text.replace(/\p{Cc}\[\d+m/gu, '')).length
}
