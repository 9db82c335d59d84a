/** Reads rows from CSV with a header line: a column with the keys, and one `value` column or one column for each property. */
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import type { CsvError, Info } from 'csv-parse'
import { cellValue } from '@hyper-store/client'
import { ROW_CHARS, badRow, checkedRow } from './file-row.ts'
import type { FileRow } from './file-row.ts'

/** Name of the column that tells what a value is, beside `value`, where not all are JSON. */
export const TYPE_COLUMN = 'value_type'

/** Rows in the order of the file; `keyColumn` is the name of the column with the keys. Throws BAD_ROW. */
export async function* readCsv(text: AsyncIterable<string>, keyColumn: string): AsyncGenerator<FileRow, void> {
  const parser = parse({
    info: true,
    skip_empty_lines: true,
    // Counted here, where the sentence about it can be told with its line.
    relax_column_count: true,
    max_record_size: ROW_CHARS,
    record_delimiter: ['\r\n', '\n', '\r'],
  })
  const source = Readable.from(text, { objectMode: true })
  source.on('error', (error) => parser.destroy(error)).pipe(parser)
  let read: ((cells: readonly string[], line: number) => FileRow) | null = null
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (read === null) read = readerOf(record, keyColumn, info.lines)
      else yield read(record, info.lines)
    }
  } catch (error) {
    throw rowError(error)
  } finally {
    source.destroy()
  }
}

/** How a line is read below this header. */
function readerOf(header: readonly string[], keyColumn: string, line: number): (cells: readonly string[], line: number) => FileRow {
  const keyAt = header.indexOf(keyColumn)
  if (keyAt === -1) throw badRow(line, `has no column "${keyColumn}"; name the column of the keys with --key`, 'the header')
  const twice = header.find((name, at) => header.indexOf(name) !== at)
  if (twice !== undefined) throw badRow(line, `has two columns "${twice}"`, 'the header')
  const columns = header.map((name, at) => ({ name, at })).filter(({ at }) => at !== keyAt)
  const valueAt = header.indexOf('value')
  const typeAt = header.indexOf(TYPE_COLUMN)
  const isSingle = valueAt !== -1 && columns.every(({ at }) => at === valueAt || at === typeAt)
  return (cells, at) => {
    if (cells.length !== header.length) throw badRow(at, `has ${cells.length} of ${header.length} cells`)
    const key = cells[keyAt]
    if (!isSingle) {
      const given = columns.filter((column) => cells[column.at] !== '')
      const value = Object.fromEntries(given.map((column) => [column.name, cellValue(cells[column.at] ?? '')]))
      return checkedRow({ line: at, key, type: 'json', value })
    }
    const cell = cells[valueAt] ?? ''
    const type = typeAt === -1 || cells[typeAt] === '' ? 'json' : cells[typeAt]
    return checkedRow({ line: at, key, type, value: type === 'json' ? cellValue(cell) : cell })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'begins a quote that nothing closes',
  CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote',
  INVALID_OPENING_QUOTE: 'has a quote in the middle of a cell; such a cell stands in quotes, and its own are doubled',
  CSV_MAX_RECORD_SIZE: 'is too long',
}

function rowError(error: unknown): unknown {
  const { code, lines } = error as Partial<CsvError> & { readonly lines?: unknown }
  const reason = REASONS[String(code)]
  if (reason !== undefined) return badRow(typeof lines === 'number' ? lines : 1, reason)
  return String(code).startsWith('CSV_') ? badRow(typeof lines === 'number' ? lines : 1, 'is no line of CSV') : error
}
