/** A sub-database of a table as a table of its own: its keys are those below the prefix. */
import { AppError } from '@hyper-store/client/contract'
import { afterPrefix, startsWith } from '../core/table-keys.ts'
import type { ByteRange, RowWrite, StoredChange, StoredRow, TableSource } from '../core/table-source.ts'

/** The rows of `source` whose keys begin with `prefix`, without it. Versions are those of the whole table. */
export function subTable(source: TableSource, prefix: Uint8Array): TableSource {
  if (prefix.length === 0) return source
  const whole = (key: Uint8Array): Uint8Array => {
    const joined = new Uint8Array(prefix.length + key.length)
    joined.set(prefix)
    joined.set(key, prefix.length)
    return joined
  }
  const below = <Row extends { readonly key: Uint8Array }>(row: Row): Row => ({ ...row, key: row.key.subarray(prefix.length) })
  const isBelow = (key: Uint8Array): boolean => key.length > prefix.length && startsWith(key, prefix)
  const within = (range: ByteRange): ByteRange => ({
    ...(range.gt === undefined ? { gte: whole(range.gte ?? new Uint8Array()) } : { gt: whole(range.gt) }),
    ...(range.lte !== undefined
      ? { lte: whole(range.lte) }
      : { lt: range.lt === undefined ? (afterPrefix(prefix) ?? undefined) : whole(range.lt) }),
    reverse: range.reverse,
  })
  async function* rows(range: ByteRange, version: number | null): AsyncGenerator<StoredRow> {
    for await (const row of source.range(within(range), version)) if (isBelow(row.key)) yield below(row)
  }
  async function* changes(all: AsyncIterable<StoredChange>): AsyncGenerator<StoredChange> {
    for await (const change of all) if (isBelow(change.key)) yield below(change)
  }
  return {
    get writable() {
      return source.writable
    },
    version: () => source.version(),
    async get(key, version) {
      const row = await source.get(whole(key), version)
      return row === null ? null : below(row)
    },
    range: rows,
    async count(version) {
      if (version !== null && version > source.version()) throw new AppError('UNKNOWN_VERSION', { version })
      let count = 0
      for await (const _row of rows({}, version)) count++
      return count
    },
    write: async (writes: readonly RowWrite[]) => source.write(writes.map((write) => ({ ...write, key: whole(write.key) }))),
    history: ({ key, before }) => changes(source.history({ key: key === null ? null : whole(key), before })),
    changesSince: (version) => changes(source.changesSince(version)),
    onVersion: (listener) => source.onVersion(listener),
  }
}
