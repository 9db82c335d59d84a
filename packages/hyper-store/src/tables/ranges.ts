/** Ranges of rows as users ask for them, as ranges of bytes. */
import { afterPrefix, compareKeys, keyBytes } from '../core/table-keys.ts'
import type { ByteRange } from '../core/table-source.ts'
import type { RowRange } from '../core/store-api.ts'

/** The bytes between which rows lie that begin with `prefix` and are within the bounds. */
export function byteRange(range: Omit<RowRange, 'version' | 'shallow' | 'match' | 'looks'>): ByteRange {
  const prefix = keyBytes(range.prefix ?? '')
  const end = afterPrefix(prefix)
  return {
    ...lower([bound(range.gt, false), bound(range.gte, true), prefix.length === 0 ? null : { key: prefix, included: true }]),
    ...upper([bound(range.lt, false), bound(range.lte, true), end === null ? null : { key: end, included: false }]),
    reverse: range.reverse,
  }
}

interface Bound {
  readonly key: Uint8Array
  readonly included: boolean
}

function bound(text: string | null, included: boolean): Bound | null {
  return text === null ? null : { key: keyBytes(text), included }
}

/** The bound that leaves least: of two at one key, the one without it. */
function lower(bounds: readonly (Bound | null)[]): ByteRange {
  const most = tightest(bounds, 1)
  return most === null ? {} : most.included ? { gte: most.key } : { gt: most.key }
}

function upper(bounds: readonly (Bound | null)[]): ByteRange {
  const least = tightest(bounds, -1)
  return least === null ? {} : least.included ? { lte: least.key } : { lt: least.key }
}

function tightest(bounds: readonly (Bound | null)[], sign: 1 | -1): Bound | null {
  let found: Bound | null = null
  for (const one of bounds) {
    if (one === null) continue
    const order = found === null ? 1 : sign * compareKeys(one.key, found.key)
    if (order > 0 || (order === 0 && !one.included)) found = one
  }
  return found
}
