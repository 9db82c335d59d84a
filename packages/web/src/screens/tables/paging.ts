/** Pages of a table: which rows are asked for, and where one can go from there. */
import type { RowsPage, TableRow } from '@hyper-store/client'
import { afterSub, compareKeys } from './keys.ts'

/** Rows on a page. */
export const PAGE_ROWS = 200

/** Where a page is. Keys are those of rows, or names of sub-databases with `/` at the end. */
export type Place =
  | { readonly at: 'first' }
  | { readonly at: 'last' }
  | { readonly at: 'after'; readonly key: string }
  | { readonly at: 'before'; readonly key: string }
  | { readonly at: 'from'; readonly key: string }

/** What one line of the grid is. */
export type Line = { readonly sub: string } | { readonly row: TableRow }

/** The bounds of a page in words of the API. */
export interface Bounds {
  readonly gt?: string
  readonly gte?: string
  readonly lt?: string
  readonly reverse?: boolean
}

/** What to ask for to see the page at a place. */
export function boundsOf(place: Place): Bounds {
  if (place.at === 'first') return {}
  if (place.at === 'last') return { reverse: true }
  if (place.at === 'from') return { gte: place.key }
  if (place.at === 'before') return { lt: place.key, reverse: true }
  // What lies in a sub-database comes after its name.
  return place.key.endsWith('/') ? { gte: afterSub(place.key) } : { gt: place.key }
}

/** A page, as it is shown: in the order of keys, with what is before and after it. */
export interface Page {
  readonly lines: readonly Line[]
  readonly hasBefore: boolean
  readonly hasAfter: boolean
  readonly version: number
  /** A search paused after this key, in the direction in which it was asked for; null where the page's own edge counts. */
  readonly stoppedAt: string | null
}

/** The page that an answer makes. */
export function pageOf(place: Place, answer: Pick<RowsPage, 'rows' | 'subs' | 'more' | 'version' | 'next'>): Page {
  const lines: Line[] = [...answer.subs.map((sub) => ({ sub })), ...answer.rows.map((row) => ({ row }))]
  if (answer.subs.length > 0 || goesBack(place)) lines.sort((a, b) => compareKeys(keyOf(a), keyOf(b)))
  const isBackwards = goesBack(place)
  return {
    lines,
    hasBefore: isBackwards ? answer.more : place.at !== 'first',
    hasAfter: isBackwards ? place.at === 'before' : answer.more,
    version: answer.version,
    stoppedAt: answer.more ? (answer.next ?? null) : null,
  }
}

/** True for places whose rows are asked for from the last one on. */
export function goesBack(place: Place): boolean {
  return place.at === 'last' || place.at === 'before'
}

/** The key of a line, or the name of a sub-database. */
export function keyOf(line: Line): string {
  return 'sub' in line ? line.sub : line.row.key
}

/** The page after or before one at a place; null when there is none. */
export function turned(place: Place, page: Page, to: 'after' | 'before'): Place | null {
  if (!(to === 'after' ? page.hasAfter : page.hasBefore)) return null
  if (page.stoppedAt !== null && goesBack(place) === (to === 'before')) return { at: to, key: page.stoppedAt }
  const edge = to === 'after' ? page.lines.at(-1) : page.lines[0]
  // A page back from where nothing was found begins where that one did.
  const key = edge === undefined ? ('key' in place ? place.key : null) : keyOf(edge)
  return key === null ? null : { at: to, key }
}

/** True for a page back that reached the beginning: the first page is shown instead, which is full. */
export function isReallyFirst(place: Place, answer: Pick<RowsPage, 'more'>): boolean {
  return place.at === 'before' && !answer.more
}
