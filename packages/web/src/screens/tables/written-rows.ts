/** Rows as the text of a file; imported again, it gives the same rows. */
import { cellOf } from '@hyper-store/client'
import type { TableRow } from '@hyper-store/client'
import { isFields } from './cells.ts'

const COLUMNS_MOST = 500
/** Rows of which one piece of text is made. */
const PIECE = 1000

/** NDJSON: one row a line, the type only where the value is no JSON. */
export function ndjsonText(rows: readonly TableRow[]): string[] {
  return pieces(rows, (part) =>
    part.map(({ key, type, value }) => `${JSON.stringify(type === 'json' ? { key, value } : { key, type, value })}\n`).join(''),
  )
}

/** CSV: fields of objects as columns where all values are such, else one column with the value. */
export async function csvText(rows: readonly TableRow[]): Promise<string[]> {
  const { stringify } = await import('csv-stringify/browser/esm/sync')
  const { header, cells } = shapeOf(rows)
  return [stringify([header]), ...pieces(rows, (part) => stringify(part.map(cells)))]
}

function pieces(rows: readonly TableRow[], write: (part: readonly TableRow[]) => string): string[] {
  return Array.from({ length: Math.ceil(rows.length / PIECE) }, (_, at) => write(rows.slice(at * PIECE, (at + 1) * PIECE)))
}

/** Column names, and the cells of a row below them. */
function shapeOf(rows: readonly TableRow[]): {
  readonly header: readonly string[]
  readonly cells: (row: TableRow) => readonly string[]
} {
  const names = fieldsOf(rows)
  if (names !== null)
    return {
      header: ['key', ...names],
      cells: ({ key, value }) => [key, ...names.map((name) => (isFields(value) && Object.hasOwn(value, name) ? cellOf(value[name]) : ''))],
    }
  if (rows.every(({ type }) => type === 'json')) return { header: ['key', 'value'], cells: ({ key, value }) => [key, cellOf(value)] }
  return {
    header: ['key', 'value_type', 'value'],
    cells: ({ key, type, value }) => [key, type, type === 'json' ? cellOf(value) : String(value)],
  }
}

/** Fields of the values; null when they make no columns that are told from those of single values. */
function fieldsOf(rows: readonly TableRow[]): string[] | null {
  const names = new Set<string>()
  for (const { type, value } of rows) {
    if (type !== 'json' || !isFields(value)) return null
    for (const name of Object.keys(value)) names.add(name)
    if (names.has('key') || names.size > COLUMNS_MOST) return null
  }
  return [...names].every((name) => name === 'value' || name === 'value_type') ? null : [...names]
}
