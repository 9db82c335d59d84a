/** Version vectors: which version of a path has seen which. */
import type { DriveId, VersionVector } from './entries.ts'

/** How one version stands to another. */
export type VectorOrder = 'equal' | 'before' | 'after' | 'concurrent'

/** Most counters in a vector: a folder has far fewer writing devices. */
const MAX_COUNTERS = 1000

/** How `a` stands to `b`: `after` when it has seen all of `b` and more. */
export function compareVectors(a: VersionVector, b: VersionVector): VectorOrder {
  let more = false
  let less = false
  for (const drive of Object.keys(a)) {
    const left = a[drive] ?? 0
    const right = b[drive] ?? 0
    if (left > right) more = true
    else if (left < right) less = true
  }
  for (const drive of Object.keys(b)) {
    if ((a[drive] ?? 0) < (b[drive] ?? 0)) less = true
  }
  if (more) return less ? 'concurrent' : 'after'
  return less ? 'before' : 'equal'
}

/** The least vector that has seen both. */
export function joinVectors(a: VersionVector, b: VersionVector): VersionVector {
  const joined: Record<string, number> = { ...a }
  for (const drive of Object.keys(b)) joined[drive] = Math.max(joined[drive] ?? 0, b[drive] ?? 0)
  return joined
}

/** The vector of the next version that `drive` writes after `vector`. */
export function bumpVector(vector: VersionVector, drive: DriveId): VersionVector {
  return { ...vector, [drive]: (vector[drive] ?? 0) + 1 }
}

const COUNTER_NAME = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{10}$/u

/**
 * A vector from outside; null when it is no plain object of at most 1,000 counters from 1 to 2^53 - 2 (so that it can
 * be raised once more) under drive ids.
 */
export function parseVector(value: unknown): VersionVector | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const drives = Object.keys(value)
  if (drives.length > MAX_COUNTERS) return null
  const vector: Record<string, number> = {}
  for (const drive of drives) {
    const count: unknown = (value as Record<string, unknown>)[drive]
    if (!COUNTER_NAME.test(drive) || !Number.isSafeInteger(count)) return null
    if ((count as number) < 1 || (count as number) >= Number.MAX_SAFE_INTEGER) return null
    vector[drive] = count as number
  }
  return vector
}
