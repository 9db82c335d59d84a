/** Handlers of tables: rows by page, as a stream of lines, and live. */
import { AppError, TABLE_LIMITS } from '@hyper-store/client/contract'
import type { RowsPage, RowsQuery, TABLE_ROUTES, TableRow } from '@hyper-store/client/contract'
import type * as v from 'valibot'
import type { RowRange, StoreApi, TableRows } from '../../core/store-api.ts'
import { streamBody } from '../body.ts'
import type { EventStreams } from '../events.ts'
import type { Handlers } from './call.ts'
import { readRowLines } from './row-lines.ts'

const HISTORY_DEFAULT = 100
/** A page ends early after so many characters of values, so that no page is held that large values make huge. */
const PAGE_CHARS = 8 * 1024 * 1024
/** A page of a search ends early after so much was looked at: somebody waits for it. */
const PAGE_LOOKS = { rows: 20_000, bytes: 16 * 1024 * 1024, ms: 2000 }
const NDJSON = 'application/x-ndjson'

/** Handlers of `TABLE_ROUTES`. */
export function tableHandlers({ tables }: StoreApi, streams: EventStreams): Handlers<keyof typeof TABLE_ROUTES> {
  return {
    createTable: async ({ caller, body }) => await tables.create(caller, body),
    getTable: async ({ params }) => await tables.info(params.table),
    getRows: async ({ params, query, context }) => {
      const { signal } = context.req.raw
      const range = rangeOf(query)
      if (context.req.header('accept')?.includes(NDJSON) === true) return linesOf(await tables.rows(params.table, range, { signal }))
      const rows = await tables.rows(params.table, { ...range, looks: PAGE_LOOKS }, { signal })
      return await pageOf(rows, limitOf(query.limit, TABLE_LIMITS.page), { isSearch: query.match !== undefined })
    },
    changeRows: async ({ params, body }) => await tables.change(params.table, body.changes),
    getRow: async ({ params, query }) => await tables.row(params.table, query.key, numberOf(query.version)),
    putRow: async ({ params, query, context }) => {
      const bytes = await readValue(streamBody(context))
      return await tables.put(params.table, query.key, { type: query.as ?? 'json', bytes })
    },
    deleteRow: async ({ params, query }) => {
      await tables.remove(params.table, query.key)
      return { ok: true }
    },
    importRows: async ({ params, context }) => await tables.importRows(params.table, readRowLines(streamBody(context))),
    getTableHistory: async ({ params, query }) =>
      await tables.history(params.table, {
        key: query.key ?? null,
        limit: limitOf(query.limit, HISTORY_DEFAULT),
        before: numberOf(query.before),
      }),
    watchTable: async ({ params, query, context }) => {
      // What can't be watched is an error, not a stream that ends at once.
      await tables.info(params.table)
      const options = { prefix: query.prefix ?? null, since: numberOf(query.since) }
      return streams.openOf(context, (signal) => tables.watch(params.table, { ...options, signal }))
    },
  }
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}

function limitOf(text: string | undefined, fallback: number): number {
  return Math.max(1, Math.min(numberOf(text) ?? fallback, TABLE_LIMITS.page))
}

/** The range that a query asks for. */
export function rangeOf(query: v.InferOutput<typeof RowsQuery>): RowRange {
  return {
    prefix: query.prefix ?? null,
    gt: query.gt ?? null,
    gte: query.gte ?? null,
    lt: query.lt ?? null,
    lte: query.lte ?? null,
    reverse: query.reverse === 'true',
    shallow: query.shallow === 'true',
    version: numberOf(query.version),
    ...(query.match === undefined ? {} : { match: query.match }),
  }
}

/**
 * The first `limit` rows and names, and fewer where their values are large; always one when there is one. A page of a search tells where
 * the next one begins, and may be empty.
 */
export async function pageOf(all: TableRows, limit: number, { isSearch }: { readonly isSearch: boolean }): Promise<RowsPage> {
  const rows: TableRow[] = []
  const subs: string[] = []
  const page = (more: boolean, next: string | null | undefined): RowsPage => {
    return { rows, subs, more, version: all.version, ...(isSearch && typeof next === 'string' ? { next } : {}) }
  }
  let chars = 0
  for await (const one of all) {
    if (rows.length + subs.length >= limit || chars >= PAGE_CHARS) return page(true, rows.at(-1)?.key)
    if ('sub' in one) subs.push(one.sub)
    else rows.push(one)
    if (!('sub' in one)) chars += typeof one.value === 'string' ? one.value.length : JSON.stringify(one.value).length
  }
  const stoppedAt = all.stoppedAt?.() ?? null
  return page(stoppedAt !== null, stoppedAt)
}

/** All rows as lines of JSON, at the reader's pace. */
function linesOf(rows: TableRows): Response {
  const encoder = new TextEncoder()
  const walk = rows[Symbol.asyncIterator]()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await walk.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`))
    },
    async cancel() {
      await walk.return?.()
    },
  })
  return new Response(body, { headers: { 'content-type': NDJSON } })
}

async function readValue(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.byteLength
    if (size > TABLE_LIMITS.valueBytes) throw new AppError('TOO_LARGE', { limit: TABLE_LIMITS.valueBytes })
    parts.push(part)
  }
  return Buffer.concat(parts)
}
