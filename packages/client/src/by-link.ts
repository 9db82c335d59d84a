/** Calls whose request or reply is bytes or a stream: content of files, values of rows, imports, and what is watched. */
import * as v from 'valibot'
import { AppError } from './contract/errors.ts'
import type { Route } from './contract/routes.ts'
import { TABLE_ROUTES } from './contract/routes-tables.ts'
import { THING_ROUTES } from './contract/routes-things.ts'
import { ChangedRows, RowEvent, TableRow } from './contract/tables.ts'
import type { ValueType } from './contract/tables.ts'
import { BlockEvent, ThingEntry } from './contract/things.ts'
import { followStream } from './events.ts'
import { readJson, send } from './transport.ts'
import type { Target } from './transport.ts'

/** Bytes to send; a Blob, such as a file that a person chose, is read while it is sent. */
export type Bytes = Uint8Array | Blob | ReadableStream<Uint8Array>

/** What the calls take beside their arguments. */
export interface SignalOptions {
  readonly signal?: AbortSignal
}

/** Calls of bytes and streams. Each may throw the codes of the error table, as AppError. */
export interface ByLink {
  /** A file's bytes; `start` and `end` (not included) ask for a part. The reply carries `ETag` and `Content-Length`. */
  readContent(
    thing: string,
    query: { readonly path?: string; readonly version?: number },
    options?: SignalOptions & { readonly start?: number; readonly end?: number },
  ): Promise<Response>
  /** Puts a file. `mtimeMs` default now. */
  writeContent(
    thing: string,
    file: { readonly path: string; readonly mtimeMs?: number; readonly executable?: boolean },
    content: Bytes,
    options?: SignalOptions,
  ): Promise<ThingEntry>
  /** Puts one row; `as` says what the bytes are, default json. */
  putRow(table: string, row: { readonly key: string; readonly as?: ValueType }, value: Bytes, options?: SignalOptions): Promise<TableRow>
  /** Puts many rows, one JSON object a line; nothing is put when a line is wrong (BAD_ROW). */
  importRows(table: string, lines: Bytes, options?: SignalOptions): Promise<ChangedRows>
  /** Rows as they change; goes on after a break where it was. */
  watchTable(table: string, options?: SignalOptions & { readonly prefix?: string; readonly since?: number }): AsyncGenerator<RowEvent, void>
  /** Blocks of a plain core as they are appended; goes on after a break where it was. */
  watchBlocks(thing: string, options?: SignalOptions & { readonly since?: number }): AsyncGenerator<BlockEvent, void>
}

const JSON_TYPE = 'application/json'
const BYTES_TYPE = 'application/octet-stream'

/** These calls to the store (or provider) at `target`. */
export function createByLink(target: Target): ByLink {
  return {
    readContent: async (thing, query, { signal, start, end } = {}) => {
      const path = pathOf(THING_ROUTES.readContent, thing, { path: query.path, version: query.version })
      const range = start === undefined && end === undefined ? {} : { range: `bytes=${start ?? 0}-${end === undefined ? '' : end - 1}` }
      return await send(target, { method: 'GET', path, accept: '*/*', headers: range, signal })
    },
    writeContent: async (thing, file, content, options) =>
      await put(target, { route: THING_ROUTES.writeContent, ref: thing, query: { ...file, mtimeMs: whole(file.mtimeMs) } }, content, {
        ...options,
        schema: ThingEntry,
      }),
    putRow: async (table, row, value, options) =>
      await put(target, { route: TABLE_ROUTES.putRow, ref: table, query: { ...row } }, value, { ...options, schema: TableRow }),
    importRows: async (table, lines, options) =>
      await put(target, { route: TABLE_ROUTES.importRows, ref: table, query: {} }, lines, {
        ...options,
        schema: ChangedRows,
        type: 'application/x-ndjson',
      }),
    watchTable: (table, { signal, prefix, since } = {}) =>
      watch(target, {
        schema: RowEvent,
        signal,
        since,
        path: (from) => pathOf(TABLE_ROUTES.watchTable, table, { prefix, since: from }),
        next: ({ version }) => version,
      }),
    watchBlocks: (thing, { signal, since } = {}) =>
      watch(target, {
        schema: BlockEvent,
        signal,
        since,
        path: (from) => pathOf(THING_ROUTES.watchBlocks, thing, { since: from }),
        next: ({ index }) => index + 1,
      }),
  }
}

function whole(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(0, Math.round(ms))
}

type Values = Readonly<Record<string, string | number | boolean | undefined>>

function pathOf(route: Route, ref: string, query: Values): string {
  if (ref === '' || ref === '.' || ref === '..') throw new AppError('BAD_REQUEST', { reason: 'a link is missing' })
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  const text = new URLSearchParams(given).toString()
  return route.path.replace(/:\w+/, encodeURIComponent(ref)) + (text === '' ? '' : `?${text}`)
}

async function put<Reply>(
  target: Target,
  call: { route: Route; ref: string; query: Values },
  body: Bytes,
  options: SignalOptions & { schema: v.GenericSchema<unknown, Reply>; type?: string },
): Promise<Reply> {
  const { signal, schema, type = BYTES_TYPE } = options
  const path = pathOf(call.route, call.ref, call.query)
  const response = await send(target, { method: call.route.method, path, accept: JSON_TYPE, bytes: { type, body }, signal })
  const parsed = v.safeParse(schema, await readJson(target, response, signal))
  if (parsed.success) return parsed.output
  throw new AppError('NOT_A_STORE', { url: target.url }, { cause: new Error(parsed.issues[0].message) })
}

async function* watch<Event>(
  target: Target,
  options: {
    schema: v.GenericSchema<unknown, Event>
    signal: AbortSignal | undefined
    since: number | undefined
    path: (since: number | undefined) => string
    next: (event: Event) => number
  },
): AsyncGenerator<Event, void> {
  const { schema, signal } = options
  let from = options.since
  for await (const event of followStream(target, { schema, signal, path: () => options.path(from) })) {
    from = options.next(event)
    yield event
  }
}
