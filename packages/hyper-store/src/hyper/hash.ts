/** BLAKE2b-256, the hash of chunks and contents. */
import sodium from 'sodium-universal'

/** BLAKE2b-256 over the concatenation of `parts`; 32 bytes. */
export function hashBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const out = Buffer.alloc(32)
  if (parts.length === 1 && parts[0] !== undefined) sodium.crypto_generichash(out, parts[0])
  else sodium.crypto_generichash_batch(out, parts)
  return out
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
