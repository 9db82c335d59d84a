/** Gathers the rows of an import before any of them is put. */
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { RowPut } from '../core/store-api.ts'
import { keyBytes } from '../core/table-keys.ts'
import type { RowWrite, TableSource } from '../core/table-source.ts'
import { bytesOfValue, checkedKey } from '../core/table-values.ts'

/** One import is one step, which is held in memory: so many rows, and so many bytes of keys and values. */
const IMPORT_LIMITS = { rows: 500_000, bytes: 256 * 1024 * 1024 } as const

/** Rows that are passed before the next key is looked up from the root. */
const NEAR_ROWS = 64

/** All rows in the order of their keys; of one key the last counts. Throws BAD_ROW with its line, TOO_LARGE, and what `rows` throws. */
export async function collectRows(rows: AsyncIterable<RowPut>): Promise<RowWrite[]> {
  const writes: { readonly key: Uint8Array; readonly value: Uint8Array }[] = []
  let bytes = 0
  for await (const row of rows) {
    const write = writeOf(row, row.line ?? writes.length + 1)
    bytes += write.key.length + write.value.length
    if (bytes > IMPORT_LIMITS.bytes || writes.length >= IMPORT_LIMITS.rows) throw new AppError('TOO_LARGE', { limit: IMPORT_LIMITS.bytes })
    writes.push(write)
  }
  // Sorting is stable: of equal keys the last one came last.
  writes.sort((a, b) => Buffer.compare(a.key, b.key))
  return writes.filter(({ key }, i) => {
    const next = writes[i + 1]
    return next === undefined || Buffer.compare(key, next.key) !== 0
  })
}

/** Those of the writes, which are in the order of their keys, that change the table. */
export async function changesOnly(source: TableSource, writes: readonly RowWrite[]): Promise<RowWrite[]> {
  const changed: RowWrite[] = []
  let at = 0
  const take = (value: Uint8Array | null): void => {
    const write = writes[at++]
    if (write === undefined) return
    const isSame = value !== null && write.value !== null && Buffer.compare(write.value, value) === 0
    if (!isSame) changed.push(write)
  }
  for (let next = writes[at]; next !== undefined; next = writes[at]) {
    let passed = 0
    let jumps = false
    // A walk over the rows that are there; where many lie in between, it begins anew at the next key.
    for await (const { key, value } of source.range({ gte: next.key }, null)) {
      for (let one = writes[at]; one !== undefined && Buffer.compare(one.key, key) < 0; one = writes[at]) take(null)
      const one = writes[at]
      if (one === undefined) return changed
      if (Buffer.compare(one.key, key) === 0) {
        take(value)
        passed = 0
      } else if (++passed > NEAR_ROWS) {
        jumps = true
        break
      }
    }
    if (!jumps) while (at < writes.length) take(null)
  }
  return changed
}

function writeOf({ key, type, value }: RowPut, line: number): { readonly key: Uint8Array; readonly value: Uint8Array } {
  try {
    return { key: checkedKey(keyBytes(key)), value: bytesOfValue({ type, value }) }
  } catch (error) {
    if (errorCode(error) !== 'BAD_VALUE') throw error
    const reason = error instanceof Error ? error.message : 'it is no row'
    throw new AppError('BAD_ROW', { line, reason: `${reason.charAt(0).toLowerCase()}${reason.slice(1)}` }, { cause: error })
  }
}
