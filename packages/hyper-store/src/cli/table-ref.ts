/** From what a user writes for a table to what the store is asked for, and the rows of it page by page. */
import { looksLikeLink, parseLink } from '@hyper-store/client'
import type { Client, RowsPage } from '@hyper-store/client'
import { AppError, TABLE_LIMITS } from '@hyper-store/client/contract'
import { keyBytes } from './table-files/file-row.ts'

/** A table, and the version that is meant. */
export interface TableRef {
  readonly ref: string
  /** Null means the newest. */
  readonly version: number | null
}

/** Which rows; the bounds are whole keys. */
export interface RowsWish {
  readonly prefix?: string
  readonly gt?: string
  readonly gte?: string
  readonly lt?: string
  readonly lte?: string
  readonly reverse?: boolean
  readonly shallow?: boolean
  /** Only rows whose key or value contains this text. */
  readonly match?: string
}

/** The table that a link (with a version, and the name of a table in a shared folder as path) or a title names. Throws BAD_LINK, USAGE. */
export function tableRef(text: string, version?: string | boolean): TableRef {
  const wanted = typeof version === 'string' ? versionOf(version, '--version') : null
  if (!looksLikeLink(text)) return { ref: text, version: wanted }
  const link = parseLink(text)
  if (wanted !== null && link.version !== null && wanted !== link.version)
    throw new AppError('USAGE', { reason: 'the link names one version and --version another; leave one out' })
  const path = link.path === '' ? '' : `/${link.path.split('/').map(encodeURIComponent).join('/')}`
  return { ref: `${link.link}${path}${link.secret === null ? '' : `#${link.secret}`}`, version: wanted ?? link.version }
}

/** A whole number from 0 on that an option was given. Throws USAGE. */
export function versionOf(text: string, option: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new AppError('USAGE', { reason: `${option} wants a whole number, not "${text}"` })
}

/** A key that a table can have. Throws BAD_VALUE. */
export function checkedKey(key: string): string {
  if (key === '') throw new AppError('BAD_VALUE', { reason: 'The key is empty' })
  const bytes = keyBytes(key)
  if (bytes <= TABLE_LIMITS.keyBytes) return key
  throw new AppError('BAD_VALUE', { reason: `The key has ${bytes} bytes; a key has at most ${TABLE_LIMITS.keyBytes}` })
}

/** Rows page by page, all of one version; at most `most` rows and names in all. */
export async function* pagesOf(
  client: Client,
  { ref, version }: TableRef,
  wish: RowsWish,
  options: { readonly signal: AbortSignal; readonly most?: number },
): AsyncGenerator<RowsPage, void> {
  const { signal, most = Infinity } = options
  let pinned = version
  let range = wish
  for (let left = most; left > 0;) {
    const limit = String(Math.min(left, TABLE_LIMITS.page))
    const query = { ...range, limit, ...(pinned === null ? {} : { version: String(pinned) }) }
    const page = await client.getRows(ref, query, { signal })
    yield page
    left -= page.rows.length + page.subs.length
    const last = page.next === undefined ? lastOf(page, wish) : { key: page.next, isSub: false }
    if (!page.more || last === null) return
    pinned = page.version
    range = after(last, wish)
  }
}

interface Last {
  readonly key: string
  /** True for the name of a sub-database, whose rows are all passed by. */
  readonly isSub: boolean
}

/** The last row or name of a page. */
function lastOf({ rows, subs }: RowsPage, { reverse }: RowsWish): Last | null {
  const row = rows.slice(-1).map(({ key }): Last => ({ key, isSub: false }))
  const sub = subs.slice(-1).map((name): Last => ({ key: name, isSub: true }))
  const [first = null, second = null] = [...row, ...sub]
  if (first === null || second === null) return first
  const isFirstLater = Buffer.compare(orderOf(first.key), orderOf(second.key)) > 0
  return isFirstLater === (reverse !== true) ? first : second
}

/** What is left of the wish after a row, or after all of a sub-database. */
function after({ key, isSub }: Last, wish: RowsWish): RowsWish {
  const { gt: _gt, gte: _gte, lt: _lt, lte: _lte, ...same } = wish
  const { gt, gte, lt, lte } = wish
  if (wish.reverse === true) return { ...same, ...(gt === undefined ? {} : { gt }), ...(gte === undefined ? {} : { gte }), lt: key }
  // The slash stands for the least byte: the next one ends the sub-database.
  const from = isSub ? { gte: `${key.slice(0, -1)}\u0001` } : { gt: key }
  return { ...same, ...(lt === undefined ? {} : { lt }), ...(lte === undefined ? {} : { lte }), ...from }
}

/** The bytes by which keys are ordered. */
function orderOf(key: string): Buffer {
  const parts = key.split(/(%[0-9a-f]{2})/i).map((part, at) => {
    return at % 2 === 1 ? Buffer.of(Number.parseInt(part.slice(1), 16)) : Buffer.from(part.replaceAll('/', '\0'))
  })
  return Buffer.concat(parts)
}
