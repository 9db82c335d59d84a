/** Hyperblobs' block map (version 0, since hyperblobs 2.9): the list of blocks, in order, that make up one file. */
import c from 'compact-encoding'

/** One block of a file: its index in the blobs core and its bytes. */
export interface MappedBlock {
  readonly index: number
  readonly byteLength: number
}

/** Pairs to one block of the map, and blocks to one map, as stock Hyperblobs reads them. */
const PAIRS_PER_BLOCK = 8192
const MAX_MAP_BLOCKS = 64
/** Most chunks that one file may have. */
export const MAX_CHUNKS = PAIRS_PER_BLOCK * MAX_MAP_BLOCKS

/** The blocks to append for a map, in order. */
export function encodeBlockMap(blocks: readonly MappedBlock[]): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let at = 0; at === 0 || at < blocks.length; at += PAIRS_PER_BLOCK) {
    const part = blocks.slice(at, at + PAIRS_PER_BLOCK)
    const state = { start: 0, end: 0, buffer: new Uint8Array(0) }
    c.uint.preencode(state, 0)
    c.uint.preencode(state, part.length)
    for (const b of part) {
      c.uint.preencode(state, b.index)
      c.uint.preencode(state, b.byteLength)
    }
    state.buffer = Buffer.allocUnsafe(state.end)
    c.uint.encode(state, 0)
    c.uint.encode(state, part.length)
    for (const b of part) {
      c.uint.encode(state, b.index)
      c.uint.encode(state, b.byteLength)
    }
    out.push(state.buffer)
  }
  return out
}

/** Reads a map; null when a block is malformed, of a newer version, or points outside `coreLength`. */
export function decodeBlockMap(buffers: readonly Uint8Array[], coreLength: number): MappedBlock[] | null {
  if (buffers.length > MAX_MAP_BLOCKS) return null
  const out: MappedBlock[] = []
  try {
    for (const buffer of buffers) {
      const state = { start: 0, end: buffer.byteLength, buffer }
      if (c.uint.decode(state) !== 0) return null
      const n = c.uint.decode(state)
      if (n > PAIRS_PER_BLOCK) return null
      for (let i = 0; i < n; i++) {
        const index = c.uint.decode(state)
        const byteLength = c.uint.decode(state)
        if (index >= coreLength) return null
        out.push({ index, byteLength })
      }
    }
  } catch {
    return null
  }
  return out
}
