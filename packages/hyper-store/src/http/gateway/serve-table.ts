/** Answers with rows of a table: one as its value, or many as JSON. */
import { createHash } from 'node:crypto'
import { RowsQuery, TABLE_LIMITS } from '@hyper-store/client/contract'
import type { TableRow } from '@hyper-store/client/contract'
import type { TablesApi } from '../../core/store-api.ts'
import { pageOf, rangeOf } from '../api/tables.ts'
import { parseBy } from '../body.ts'
import type { HttpContext } from '../context.ts'
import { httpDate, isNotModified, strongEtag } from './conditions.ts'
import { attachmentOf } from './content-type.ts'
import { keptHeaders } from './headers.ts'
import type { Answered } from './headers.ts'

/** Which table is asked for, and what of it. */
export interface TableWish extends Answered {
  /** Name of a table in a shared folder; null for a table of its own. */
  readonly table: string | null
  /** The path as it stands in the address, beginning with a slash. */
  readonly rawPath: string
}

const JSON_TYPE = 'application/json; charset=utf-8'
const BOUNDS = ['gt', 'gte', 'lt', 'lte', 'reverse', 'limit', 'shallow'] as const

/** Answers a GET or HEAD: the row at the path, or the rows below a path that ends with a slash. Throws NOT_FOUND. */
export async function serveTable(c: HttpContext, tables: TablesApi, wish: TableWish): Promise<Response> {
  const ref = `hyper://${wish.key}${wish.table === null ? '' : `/${encodeURIComponent(wish.table)}`}`
  const key = keyOfPath(wish.rawPath.slice(1))
  if (key === '' || key.endsWith('/')) return await serveRows(c, tables, { wish, ref, prefix: key })
  const row = await tables.row(ref, key, wish.version)
  const { type, body } = contentOf(row)
  const mtimeMs = row.at === null ? 0 : Date.parse(row.at)
  const lastModified = httpDate(mtimeMs)
  const headers: Record<string, string> = {
    ...keptHeaders(wish, wish.table === null ? wish.rawPath : null),
    'content-type': type,
    ...(lastModified === null ? {} : { 'last-modified': lastModified }),
  }
  if (c.req.query('download') !== undefined) headers['content-disposition'] = attachmentOf(key.split('/').at(-1) ?? key)
  return reply(c, { headers, body, mtimeMs, salt: row.type })
}

async function serveRows(
  c: HttpContext,
  tables: TablesApi,
  { wish, ref, prefix }: { readonly wish: TableWish; readonly ref: string; readonly prefix: string },
): Promise<Response> {
  const asked = c.req.query()
  // What else stands in the query is nobody's business here: pages add what they like against caches.
  const known = Object.fromEntries(BOUNDS.flatMap((name) => (asked[name] === undefined ? [] : [[name, asked[name]]])))
  const query = parseBy(RowsQuery, { ...known, ...(prefix === '' ? {} : { prefix }) }, 'query')
  const range = { ...rangeOf(query), version: wish.version }
  const limit = Math.max(1, Math.min(Number(query.limit ?? TABLE_LIMITS.page), TABLE_LIMITS.page))
  const page = await pageOf(await tables.rows(ref, range, { signal: c.req.raw.signal }), limit, { isSearch: false })
  const headers = { ...keptHeaders(wish, wish.table === null ? wish.rawPath : null), 'content-type': JSON_TYPE }
  return reply(c, { headers, body: Buffer.from(`${JSON.stringify(page)}\n`), mtimeMs: 0, salt: 'rows' })
}

function reply(
  c: HttpContext,
  answer: { readonly headers: Record<string, string>; readonly body: Buffer<ArrayBuffer>; readonly mtimeMs: number; readonly salt: string },
): Response {
  const { headers, body, mtimeMs, salt } = answer
  const etag = strongEtag(createHash('sha256').update(salt).update('\0').update(body).digest('hex').slice(0, 32))
  headers['etag'] = etag
  const conditions = { ifNoneMatch: c.req.header('if-none-match'), ifModifiedSince: c.req.header('if-modified-since'), ifRange: undefined }
  if (isNotModified(conditions, { etag, mtimeMs })) return new Response(null, { status: 304, headers })
  headers['content-length'] = String(body.byteLength)
  return new Response(c.req.method === 'HEAD' ? null : body, { headers })
}

function contentOf({ type, value }: TableRow): { readonly type: string; readonly body: Buffer<ArrayBuffer> } {
  if (type === 'json') return { type: JSON_TYPE, body: Buffer.from(JSON.stringify(value)) }
  if (type === 'text') return { type: 'text/plain; charset=utf-8', body: Buffer.from(String(value)) }
  return { type: 'application/octet-stream', body: Buffer.from(String(value), 'base64') }
}

/**
 * The text of the key that a path of an address means; `address.ts` has refused what is no UTF-8. What the address had to escape is
 * put back, but for a slash and a per cent sign inside of a name, which are escaped in keys too.
 */
function keyOfPath(raw: string): string {
  const parts = raw.split(/(%2f|%25)/i).map((part) => (/^%2f$|^%25$/i.test(part) ? part.toUpperCase() : decodeURIComponent(part)))
  return parts.join('')
}
