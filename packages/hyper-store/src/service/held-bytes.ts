/** How much of a log is here, counted block by block where it has holes. */
import type { LogCore } from '../hyper/log-core.ts'

/** Sizes asked for together. */
const STEP = 4096

/** Blocks of a log that are here, and their bytes as stored. */
export async function heldOf(log: LogCore): Promise<{ blocks: number; bytes: number }> {
  const { length } = log
  if (log.contiguous === length) return { blocks: length, bytes: log.raw.byteLength }
  let blocks = 0
  let bytes = 0
  for (let at = 0; at < length; at += STEP) {
    const end = Math.min(length, at + STEP)
    const held: number[] = []
    for (let index = at; index < end; index++) if (log.holds(index)) held.push(index)
    if (held.length === 0) continue
    blocks += held.length
    const first = held[0] ?? at
    const sizes = await log.sizes(first, (held.at(-1) ?? first) + 1)
    for (const index of held) bytes += sizes[index - first] ?? 0
  }
  return { blocks, bytes }
}
