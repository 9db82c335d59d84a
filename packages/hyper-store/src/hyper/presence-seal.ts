/** What is only passed on: sealed under a folder's content key, so that a blind keeper can forward it and read nothing. */
import sodium from 'sodium-universal'

const PURPOSE = Buffer.from('hyper-store presence 1')
/** Bytes of the nonce and of the mark that authenticates, as libsodium's secretbox has them. */
const NONCE = 24
const MAC = 16

function keyOf(contentKey: Uint8Array): Buffer {
  const key = Buffer.alloc(32)
  sodium.crypto_generichash_batch(key, [PURPOSE], contentKey)
  return key
}

/** The bytes under a content key of 32 bytes; as they are where content is open (null). */
export function sealPresence(bytes: Uint8Array, contentKey: Uint8Array | null): Uint8Array {
  if (contentKey === null) return bytes
  const sealed = Buffer.alloc(NONCE + MAC + bytes.byteLength)
  sodium.randombytes_buf(sealed.subarray(0, NONCE))
  sodium.crypto_secretbox_easy(sealed.subarray(NONCE), bytes, sealed.subarray(0, NONCE), keyOf(contentKey))
  return sealed
}

/** The bytes of a seal; null for one under another key. */
export function openPresence(sealed: Uint8Array, contentKey: Uint8Array | null): Uint8Array | null {
  if (contentKey === null) return sealed
  if (sealed.byteLength < NONCE + MAC) return null
  const bytes = Buffer.alloc(sealed.byteLength - NONCE - MAC)
  return sodium.crypto_secretbox_open_easy(bytes, sealed.subarray(NONCE), sealed.subarray(0, NONCE), keyOf(contentKey)) ? bytes : null
}
