/** Which columns a page of rows has: the fields of its objects, or one for whole values. */
import { isFields, kindOf } from './cells.ts'
import type { CellKind } from './cells.ts'
import type { Line } from './paging.ts'

/** More fields than these are not shown as columns; a row's dialog shows all. */
const COLUMNS_MOST = 40

/** A column below the keys. */
export interface Column {
  /** Null for the whole value. */
  readonly field: string | null
  /** Kinds of what stands in it, most frequent first; without `none`. */
  readonly kinds: readonly CellKind[]
}

/** The columns of a page, in the order in which fields are met; `known` are kept first, so that columns stay in place from page to page. */
export function columnsOf(lines: readonly Line[], known: readonly string[] = []): Column[] {
  const fields = new Map<string, Map<CellKind, number>>()
  let hasWhole = false
  for (const line of lines) {
    if ('sub' in line) continue
    const { type, value } = line.row
    if (type !== 'json' || !isFields(value)) {
      hasWhole = true
      continue
    }
    for (const [name, inside] of Object.entries(value)) {
      const kinds = fields.get(name) ?? new Map<CellKind, number>()
      kinds.set(kindOf(inside), (kinds.get(kindOf(inside)) ?? 0) + 1)
      fields.set(name, kinds)
    }
  }
  if (fields.size === 0) return [{ field: null, kinds: [] }]
  const names = [...known.filter((name) => fields.has(name)), ...[...fields.keys()].filter((name) => !known.includes(name))]
  const columns = names.slice(0, COLUMNS_MOST).map((name) => ({ field: name, kinds: byCount(fields.get(name) ?? new Map()) }))
  return hasWhole ? [...columns, { field: null, kinds: [] }] : columns
}

function byCount(kinds: ReadonlyMap<CellKind, number>): CellKind[] {
  return [...kinds].sort((a, b) => b[1] - a[1]).map(([kind]) => kind)
}
