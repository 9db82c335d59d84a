/** The shapes of tables: rows, ranges, changes, history. */
import * as v from 'valibot'
import { Moment } from './schemas.ts'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const Flag = v.picklist(['true', 'false'])
/** A count as the text of a query. */
const Digits = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be a whole number'))

/** Longest key, in bytes of UTF-8, and longest value, in bytes. */
export const TABLE_LIMITS = { keyBytes: 4096, valueBytes: 4 * 1024 * 1024, page: 1000 } as const

/**
 * A key as text: UTF-8, `/` between the names of sub-databases and the last part; what else is special is percent-encoded
 * (`%2F`, `%25`, bytes that are no UTF-8).
 */
const Key = text(TABLE_LIMITS.keyBytes * 3)

/** A value: what its bytes are. `json` is any JSON, `text` a string, `bytes` base64. */
export const TableValue = v.variant('type', [
  v.object({ type: v.literal('json'), value: v.unknown() }),
  v.object({ type: v.literal('text'), value: v.string() }),
  v.object({ type: v.literal('bytes'), value: v.pipe(v.string(), v.base64()) }),
])
export type TableValue = v.InferOutput<typeof TableValue>
export const ValueType = v.picklist(['json', 'text', 'bytes'])
export type ValueType = v.InferOutput<typeof ValueType>

/** One row as it is now, or was at the version asked for. */
export const TableRow = v.object({
  key: v.string(),
  type: ValueType,
  value: v.unknown(),
  /** Version of the table that put it. */
  version: count,
  /** When it was put, by the clock of the device that did; null where that is not told. */
  at: v.nullable(Moment),
  /** Name of the device that put it, in a shared table. */
  device: v.optional(v.string()),
})
export type TableRow = v.InferOutput<typeof TableRow>

/** What a table is. */
export const Table = v.object({
  kind: v.literal('table'),
  /** The link; of a table in a shared folder that of the folder, with the table's name as path. */
  link: v.string(),
  key: v.string(),
  title: v.string(),
  version: count,
  rows: count,
  /** Bytes of its log, with all of its history. */
  bytes: count,
  private: v.boolean(),
  /** True when this device may write rows. */
  writable: v.boolean(),
  /** True in a shared folder: every writer of the folder writes rows. */
  shared: v.boolean(),
  /** True when this store keeps it; false when it was opened by its link for this call. */
  kept: v.boolean(),
  peers: count,
})
export type Table = v.InferOutput<typeof Table>

/** Body of `POST /api/v1/tables`. */
export const CreateTable = v.strictObject({
  title: v.optional(text(200)),
  /** Encrypt rows and keys. */
  private: v.optional(v.boolean()),
  /** Make it in this shared folder (key, link, path or title): all of its writers write it. Needs a title; the same title is the same table. */
  folder: v.optional(text(4096)),
  /** Have this named provider keep it too. */
  provider: v.optional(text(200)),
  /** The provider keeps it without being able to read. */
  blind: v.optional(v.boolean()),
})
export type CreateTable = v.InferOutput<typeof CreateTable>

/** Which rows; bounds are keys, `prefix` is a sub-database or the beginning of keys in it (`posts/` or `posts/2026`). */
export const RowsQuery = v.strictObject({
  prefix: v.optional(v.string()),
  gt: v.optional(v.string()),
  gte: v.optional(v.string()),
  lt: v.optional(v.string()),
  lte: v.optional(v.string()),
  reverse: v.optional(Flag),
  /** At most TABLE_LIMITS.page, which is the default. */
  limit: v.optional(Digits),
  /** Each sub-database below `prefix` is told once, by its name with `/` at the end and no value. */
  shallow: v.optional(Flag),
  version: v.optional(Digits),
  /** Only rows whose key or value contains this text, in any case. Not with `shallow`. */
  match: v.optional(text(200)),
})
/** One page of rows; `subs` are names of sub-databases, in a shallow listing. */
export const RowsPage = v.object({
  rows: v.array(TableRow),
  subs: v.array(v.string()),
  more: v.boolean(),
  version: count,
  /** With `match` and `more`: the next page is of the keys after this one (`gt`; `lt` when reversed). A page of a search may be empty. */
  next: v.optional(v.string()),
})
export type RowsPage = v.InferOutput<typeof RowsPage>

export const RowQuery = v.strictObject({ key: Key, version: v.optional(Digits) })
/** `as` says what the bytes of the body are; default json. */
export const PutRowQuery = v.strictObject({ key: Key, as: v.optional(ValueType) })
export const KeyQuery = v.strictObject({ key: Key })

/** One change of a batch; without a value the row is deleted. */
export const RowChange = v.union([
  v.strictObject({ key: Key, type: ValueType, value: v.unknown() }),
  v.strictObject({ key: Key, delete: v.literal(true) }),
])
export type RowChange = v.InferOutput<typeof RowChange>
/** Body of `POST /api/v1/tables/:table/rows`: one step, all or nothing. */
export const ChangeRows = v.strictObject({ changes: v.pipe(v.array(RowChange), v.minLength(1), v.maxLength(5000)) })
/** What a batch or an import did. */
export const ChangedRows = v.object({ version: count, changed: count })
export type ChangedRows = v.InferOutput<typeof ChangedRows>

export const TableHistoryQuery = v.strictObject({
  key: v.optional(Key),
  limit: v.optional(Digits),
  before: v.optional(Digits),
})
/** A row that was put or deleted. */
export const RowEvent = v.object({
  event: v.literal('row'),
  link: v.string(),
  op: v.picklist(['put', 'delete']),
  key: v.string(),
  /** Left out for a deletion. */
  type: v.optional(ValueType),
  value: v.optional(v.unknown()),
  version: count,
  at: v.nullable(Moment),
  device: v.optional(v.string()),
})
export type RowEvent = v.InferOutput<typeof RowEvent>
/** Changes newest first. */
export const TableHistory = v.object({ changes: v.array(RowEvent), more: v.boolean() })
export type TableHistory = v.InferOutput<typeof TableHistory>

/** `since`: a version; changes after it come first. Default: from now on. */
export const WatchTableQuery = v.strictObject({ prefix: v.optional(v.string()), since: v.optional(Digits) })
