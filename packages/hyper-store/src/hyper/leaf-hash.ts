/**
 * The hash of a chunk is Hypercore's leaf hash (BLAKE2b-256 over a type byte, the length and the bytes), so that a chunk that
 * is looked up and then appended is hashed once and not twice. Held by test/conformance/hypercore-insides.test.ts.
 */
import hypercoreCrypto from 'hypercore-crypto'

const leafHash = hypercoreCrypto.data
const known = new WeakMap<Uint8Array, Uint8Array>()
// Hypercore calls `data` through its module object for each block that it appends or verifies.
hypercoreCrypto.data = (block) => known.get(block) ?? leafHash(block)

/** Hash of a chunk; 32 bytes. */
export function chunkHash(chunk: Uint8Array): Uint8Array {
  return leafHash(chunk)
}

/** Tells the hash of a block that is about to be appended; the very object must be appended, unchanged. */
export function rememberChunkHash(block: Uint8Array, hash: Uint8Array): void {
  known.set(block, hash)
}
