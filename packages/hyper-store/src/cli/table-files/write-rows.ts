/** Rows as the text of a file: JSON, NDJSON or CSV. Read again, it gives the same rows. */
import type { TableRow } from '@hyper-store/client'
import { stringify } from 'csv-stringify/sync'
import { cellOf } from '@hyper-store/client'
import type { FileFormat } from './file-format.ts'
import { TYPE_COLUMN } from './read-csv.ts'

/** A row as files have it: the type only where the value is no JSON. */
type WrittenRow = Pick<TableRow, 'key' | 'value'> & { readonly type?: TableRow['type'] }

const COLUMNS_MOST = 500

/** How rows become cells of CSV; found out by `CsvShape.see` for each row before the first is written. */
export class CsvShape {
  /** Properties of the values in the order in which they were seen; null once the rows want one `value` column. */
  #properties: Set<string> | null = new Set()
  #allJson = true

  /** Takes note of a row. */
  see({ type, value }: TableRow): void {
    if (type !== 'json') {
      this.#allJson = false
      this.#properties = null
    }
    if (this.#properties === null) return
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    for (const name of isObject ? Object.keys(value) : []) this.#properties.add(name)
    // A property called as the column of the keys has no place of its own.
    if (!isObject || this.#properties.has('key') || this.#properties.size > COLUMNS_MOST) this.#properties = null
  }

  /** The column names, and the cells of a row below them. */
  columns(): { readonly header: readonly string[]; readonly cells: (row: TableRow) => readonly string[] } {
    const names = [...(this.#properties ?? [])]
    // Columns that would be read as those of single values.
    const isMistakable = names.every((name) => name === 'value' || name === TYPE_COLUMN)
    if (!isMistakable) {
      const cells = ({ key, value }: TableRow): string[] => {
        const properties = value as Record<string, unknown>
        return [key, ...names.map((name) => (Object.hasOwn(properties, name) ? cellOf(properties[name]) : ''))]
      }
      return { header: ['key', ...names], cells }
    }
    if (this.#allJson) return { header: ['key', 'value'], cells: ({ key, value }) => [key, cellOf(value)] }
    return {
      header: ['key', TYPE_COLUMN, 'value'],
      cells: ({ key, type, value }) => [key, type, type === 'json' ? cellOf(value) : String(value)],
    }
  }
}

/** The text of rows in one format; `shape` has seen them all, for CSV. */
export async function* writeRows(rows: AsyncIterable<TableRow>, format: FileFormat, shape: CsvShape): AsyncGenerator<string, void> {
  if (format === 'csv') {
    const { header, cells } = shape.columns()
    yield stringify([[...header]])
    for await (const row of rows) yield stringify([[...cells(row)]])
  } else if (format === 'ndjson') {
    for await (const row of rows) yield `${JSON.stringify(written(row))}\n`
  } else {
    let before = '['
    for await (const row of rows) {
      yield `${before}\n${JSON.stringify(written(row))}`
      before = ','
    }
    yield before === '[' ? '[]\n' : '\n]\n'
  }
}

function written({ key, type, value }: TableRow): WrittenRow {
  return type === 'json' ? { key, value } : { key, type, value }
}
