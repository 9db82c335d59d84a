/** Reads the records of a file piece by piece, so that a large one neither fills the memory nor stops the page. */
import { TABLE_LIMITS } from '@hyper-store/client'
import { TABLES } from '../../words/tables.ts'
import { isFields } from './cells.ts'
import { csvReader, FileProblem, recordOf } from './file-rows.ts'
import type { FileFormat, FileRecord } from './file-rows.ts'

/** Largest file, in bytes. */
export const FILE_BYTES = 50_000_000
/** Characters of one record. */
const RECORD_CHARS = TABLE_LIMITS.valueBytes * 2

/** The records of a file; `onRead` hears how many bytes were read. Throws FileProblem. */
export function readFile(
  file: Blob,
  format: FileFormat,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<FileRecord, void> {
  const text = textOf(file, onRead)
  return format === 'csv' ? readCsv(text) : format === 'ndjson' ? readLines(text) : readJson(text)
}

async function* textOf(file: Blob, onRead: (bytes: number) => void): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const reader = file.stream().getReader()
  let bytes = 0
  let line = 1
  const decode = (part?: Uint8Array): string => {
    try {
      return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true })
    } catch {
      throw new FileProblem(line, TABLES.why.noUtf8)
    }
  }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      const text = done ? decode() : decode(value)
      if (text !== '') yield text
      if (done) return
      line += text.split('\n').length - 1
      bytes += value.byteLength
      onRead(bytes)
    }
  } finally {
    await reader.cancel()
  }
}

async function* readLines(text: AsyncIterable<string>): AsyncGenerator<FileRecord, void> {
  let rest = ''
  let line = 0
  const parse = (one: string): FileRecord => {
    let found: unknown
    try {
      found = JSON.parse(one)
    } catch {
      throw new FileProblem(line, TABLES.why.noJson)
    }
    return recordOf(line, found)
  }
  for await (const part of text) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > RECORD_CHARS) throw new FileProblem(line + lines.length + 1, TABLES.why.long)
    for (const one of lines) {
      line += 1
      if (one.trim() !== '') yield parse(one)
    }
  }
  line += 1
  if (rest.trim() !== '') yield parse(rest)
}

/** An array of objects or rows, or an object of values by key: one text, which is parsed whole. */
async function* readJson(text: AsyncIterable<string>): AsyncGenerator<FileRecord, void> {
  const parts: string[] = []
  for await (const part of text) parts.push(part)
  const whole = parts.join('')
  let found: unknown
  try {
    found = JSON.parse(whole)
  } catch (error) {
    throw new FileProblem(lineOfProblem(whole, error), TABLES.why.noJson)
  }
  if (Array.isArray(found)) for (const [index, one] of found.entries()) yield recordOf(index + 1, one)
  else if (isFields(found)) {
    let number = 0
    for (const [key, value] of Object.entries(found)) yield { line: ++number, fields: null, row: { key, type: 'json', value } }
  } else throw new FileProblem(1, TABLES.why.noArray)
}

/** Browsers tell the place of a mistake in their sentence about it: as line, or as position. */
function lineOfProblem(text: string, error: unknown): number {
  const said = error instanceof Error ? error.message : ''
  const line = /line (\d+)/.exec(said)?.[1]
  const position = /position (\d+)/.exec(said)?.[1]
  if (line !== undefined) return Number(line)
  // One that ends too early is told without a place.
  return text.slice(0, position === undefined ? undefined : Number(position)).split('\n').length
}

async function* readCsv(text: AsyncIterable<string>): AsyncGenerator<FileRecord, void> {
  let read: ReturnType<typeof csvReader> | null = null
  for await (const { record, line } of csvRecords(text)) {
    if (read === null) read = csvReader(record, line)
    else yield read(record, line)
  }
}

const CSV_REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: TABLES.why.openQuote,
  CSV_INVALID_CLOSING_QUOTE: TABLES.why.afterQuote,
  INVALID_OPENING_QUOTE: TABLES.why.midQuote,
  CSV_MAX_RECORD_SIZE: TABLES.why.long,
}

async function* csvRecords(text: AsyncIterable<string>): AsyncGenerator<{ record: string[]; line: number }, void> {
  const { parse } = await import('csv-parse/browser/esm')
  const parser = parse({
    info: true,
    skip_empty_lines: true,
    // Counted by the reader, which tells the line.
    relax_column_count: true,
    max_record_size: RECORD_CHARS,
    record_delimiter: ['\r\n', '\n', '\r'],
  })
  let found: { record: string[]; line: number }[] = []
  let problem: FileProblem | null = null
  let wake = (): void => undefined
  parser.on('readable', () => {
    for (let one = parser.read(); one !== null; one = parser.read()) found.push({ record: one.record, line: one.info.lines })
  })
  parser.on('error', (error: Error) => {
    const { code, lines } = error as { readonly code?: unknown; readonly lines?: unknown }
    problem ??= new FileProblem(typeof lines === 'number' ? lines : 1, CSV_REASONS[String(code)] ?? TABLES.why.noCsv)
    wake()
  })
  const step = async (act: (done: () => void) => void): Promise<void> =>
    await new Promise<void>((resolve) => {
      wake = resolve
      act(resolve)
    })
  const taken = (): typeof found => {
    const all = found
    found = []
    return all
  }
  for await (const part of text) {
    await step((done) => parser.write(part, done))
    yield* taken()
    if (problem !== null) throw problem as FileProblem
  }
  await step((done) => {
    parser.on('end', done)
    parser.end()
  })
  yield* taken()
  if (problem !== null) throw problem as FileProblem
}
