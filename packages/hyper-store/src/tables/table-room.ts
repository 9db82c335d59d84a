/** Rows of one table as users see them: keys as text, values as what they are, within the limits. */
import {
  AppError,
  type ChangedRows,
  type RowChange,
  type RowEvent,
  type TableHistory,
  type TableRow,
  type ValueType,
} from '@hyper-store/client/contract'
import type { RowPut, RowRange, TableRows } from '../core/store-api.ts'
import { afterPrefix, keyBytes, keyText, subOf } from '../core/table-keys.ts'
import type { ByteRange, RowWrite, StoredChange, StoredRow, TableSource } from '../core/table-source.ts'
import { bytesOfRaw, bytesOfValue, checkedKey, shownValue } from '../core/table-values.ts'
import { changesOnly, collectRows } from './import.ts'
import { lookCounter, matcher } from './match.ts'
import { byteRange } from './ranges.ts'

/** The rows in a range, as of one version, read as the caller goes on. Throws UNKNOWN_VERSION, BAD_REQUEST, and what reading throws. */
export function rowsOf(source: TableSource, range: RowRange, signal?: AbortSignal): TableRows {
  const version = range.version ?? source.version()
  if (version > source.version()) throw new AppError('UNKNOWN_VERSION', { version })
  const isSearch = (range.match ?? null) !== null
  if (isSearch && range.shallow)
    throw new AppError('BAD_REQUEST', { reason: 'a shallow listing is not searched; leave out match or shallow' })
  let stopped: string | null = null
  const onStop = (key: string) => {
    stopped = key
  }
  const walk = range.shallow ? shallowRows : isSearch ? matchingRows : allRows
  return { version, stoppedAt: () => stopped, [Symbol.asyncIterator]: () => walk({ source, range, version, signal, onStop }) }
}

/** One row. Throws NOT_FOUND, UNKNOWN_VERSION. */
export async function rowOf(source: TableSource, key: string, version: number | null): Promise<TableRow> {
  const row = await source.get(keyBytes(key), version)
  if (row === null) throw new AppError('NOT_FOUND', { what: `The row "${key}"` })
  return shownRow(row)
}

/** Puts one row; `bytes` as in `bytesOfRaw`. Throws NOT_WRITER, BAD_VALUE. */
export async function putRow(source: TableSource, key: string, given: { type: ValueType; bytes: Uint8Array }): Promise<TableRow> {
  const row: RowWrite & { value: Uint8Array } = { key: checkedKey(keyBytes(key)), value: bytesOfRaw(given.type, given.bytes) }
  const version = await source.write([row])
  const stored = await source.get(row.key, null)
  // Another program may have taken it away at once.
  return shownRow(stored ?? { ...row, version, atMs: null, device: null })
}

/** Deletes one row. Throws NOT_FOUND, NOT_WRITER. */
export async function removeRow(source: TableSource, key: string): Promise<void> {
  const bytes = checkedKey(keyBytes(key))
  if (source.writable && (await source.get(bytes, null)) === null) throw new AppError('NOT_FOUND', { what: `The row "${key}"` })
  await source.write([{ key: bytes, value: null }])
}

/** Puts and deletes rows in one step, all or nothing. Throws NOT_WRITER, BAD_VALUE. */
export async function changeRows(source: TableSource, changes: readonly RowChange[]): Promise<ChangedRows> {
  const writes = changes.map((change): RowWrite => ({
    key: checkedKey(keyBytes(change.key)),
    value: 'delete' in change ? null : bytesOfValue(change),
  }))
  return { version: await source.write(writes), changed: writes.length }
}

/** Puts all rows that are not there already in one step, after all were read; `changed` counts them. Throws BAD_ROW, TOO_LARGE, NOT_WRITER. */
export async function importRows(source: TableSource, rows: AsyncIterable<RowPut>): Promise<ChangedRows> {
  const writes = await changesOnly(source, await collectRows(rows))
  return { version: writes.length === 0 ? source.version() : await source.write(writes), changed: writes.length }
}

/** Changes newest first. `link` is told in each. */
export async function historyOf(
  source: TableSource,
  query: { readonly key: string | null; readonly limit: number; readonly before: number | null },
  link: string,
): Promise<TableHistory> {
  const changes: RowEvent[] = []
  const key = query.key === null ? null : keyBytes(query.key)
  for await (const change of source.history({ key, before: query.before })) {
    if (changes.length >= query.limit) return { changes, more: true }
    changes.push(shownChange(change, link))
  }
  return { changes, more: false }
}

/** A change as it is told. */
export function shownChange({ key, value, version, atMs, device }: StoredChange, link: string): RowEvent {
  return {
    event: 'row',
    link,
    op: value === null ? 'delete' : 'put',
    key: keyText(key),
    ...(value === null ? {} : shownValue(value)),
    version,
    at: momentOf(atMs),
    ...(device === null ? {} : { device }),
  }
}

interface Walk {
  readonly source: TableSource
  readonly range: RowRange
  readonly version: number
  readonly signal: AbortSignal | undefined
  /** Ended early, after the row of this key. */
  readonly onStop: (key: string) => void
}

async function* allRows({ source, range, version, signal }: Walk): AsyncGenerator<TableRow> {
  for await (const row of source.range(byteRange(range), version)) {
    signal?.throwIfAborted()
    yield shownRow(row)
  }
}

/** Rows that have a text in them, out of as many as may be looked at. */
async function* matchingRows({ source, range, version, signal, onStop }: Walk): AsyncGenerator<TableRow> {
  const matches = matcher(range.match ?? '')
  const isEnough = lookCounter(range.looks)
  for await (const row of source.range(byteRange(range), version)) {
    signal?.throwIfAborted()
    const shown = shownRow(row)
    if (matches(shown)) yield shown
    if (!isEnough(row.value.length)) continue
    onStop(shown.key)
    return
  }
}

/** Each sub-database is told once, and jumped over. */
async function* shallowRows({ source, range, version, signal }: Walk): AsyncGenerator<TableRow | { sub: string }> {
  const prefix = keyBytes(range.prefix ?? '')
  let rest: ByteRange | null = byteRange(range)
  while (rest !== null) {
    const within: ByteRange = rest
    rest = null
    for await (const row of source.range(within, version)) {
      signal?.throwIfAborted()
      const sub = subOf(row.key, prefix)
      if (sub === null) {
        yield shownRow(row)
        continue
      }
      yield { sub: keyText(sub) }
      rest = beyond(within, sub)
      break
    }
  }
}

function beyond({ gt, gte, lt, lte, reverse }: ByteRange, sub: Uint8Array): ByteRange | null {
  if (reverse === true) return { gt, gte, lt: sub, reverse }
  const from = afterPrefix(sub)
  return from === null ? null : { gte: from, lt, lte, reverse }
}

function shownRow({ key, value, version, atMs, device }: StoredRow): TableRow {
  return { key: keyText(key), ...shownValue(value), version, at: momentOf(atMs), ...(device === null ? {} : { device }) }
}

/** A clock may say anything. */
function momentOf(atMs: number | null): string | null {
  return atMs === null || !(Math.abs(atMs) <= 8.64e15) ? null : new Date(atMs).toISOString()
}
