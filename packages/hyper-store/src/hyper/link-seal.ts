/** The seal of gateway links: a keyed hash under a key that comes from the folder's content key, so that only who can read the folder makes or checks one. */
import { timingSafeEqual } from 'node:crypto'
import sodium from 'sodium-universal'

/** Keeps keys of this purpose apart from every other use of the content key. */
const PURPOSE = Buffer.from('hyper-store gateway link 1')

/** The seal over `body`, 32 bytes. `contentKey` is the 32-byte key of one epoch of the folder `folder` (its 32-byte key). */
export function sealLink(body: Uint8Array, contentKey: Uint8Array, folder: Uint8Array): Uint8Array {
  const key = Buffer.alloc(32)
  const seal = Buffer.alloc(32)
  sodium.crypto_generichash_batch(key, [PURPOSE, folder], contentKey)
  sodium.crypto_generichash(seal, body, key)
  sodium.sodium_memzero(key)
  return seal
}

/** True when `seal` is the one over `body`; takes the same time wherever they differ. */
export function isSealed(link: { body: Uint8Array; seal: Uint8Array }, contentKey: Uint8Array, folder: Uint8Array): boolean {
  const right = sealLink(link.body, contentKey, folder)
  return right.byteLength === link.seal.byteLength && timingSafeEqual(right, link.seal)
}
