/** Recently appended blocks in memory, so that what was just written or received is not read back from disk to be sent on. */

/** Bytes kept over all logs; enough for what is under way, small beside the memory target. */
const LIMIT_BYTES = 8 * 1024 * 1024

const blocks = new Map<string, Uint8Array>()
let bytes = 0

/** Remembers the raw (stored) form of a block of a log. */
export function cacheBlock(core: string, index: number, block: Uint8Array): void {
  const key = `${core}/${index}`
  if (blocks.has(key)) return
  blocks.set(key, block)
  bytes += block.byteLength
  for (const [oldest, value] of blocks) {
    if (bytes <= LIMIT_BYTES) break
    blocks.delete(oldest)
    bytes -= value.byteLength
  }
}

/** The raw block if it is still in memory. */
export function cachedBlock(core: string, index: number): Uint8Array | undefined {
  return blocks.get(`${core}/${index}`)
}

/** Lets go the cached blocks of a log from `start` up to but not including `end`: what was cleared is not here any more. */
export function uncacheBlocks(core: string, start: number, end: number): void {
  for (let index = start; index < end; index++) {
    const block = blocks.get(`${core}/${index}`)
    if (block === undefined) continue
    blocks.delete(`${core}/${index}`)
    bytes -= block.byteLength
  }
}

/** Lets all cached blocks go: called when nothing moves, so that an idle store is small. */
export function dropCachedBlocks(): void {
  blocks.clear()
  bytes = 0
}
