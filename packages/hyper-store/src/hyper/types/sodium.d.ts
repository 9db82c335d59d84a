/** The part of sodium-universal that hyper-store calls. */
declare module 'sodium-universal' {
  const sodium: {
    /** BLAKE2b into `out` (16 to 64 bytes), with an optional key. */
    crypto_generichash(out: Uint8Array, input: Uint8Array, key?: Uint8Array): void
    crypto_generichash_batch(out: Uint8Array, inputs: readonly Uint8Array[], key?: Uint8Array): void
    crypto_secretbox_easy(out: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
    /** False when the key is wrong or the bytes were changed. */
    crypto_secretbox_open_easy(out: Uint8Array, sealed: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean
    crypto_box_seal(out: Uint8Array, message: Uint8Array, publicKey: Uint8Array): void
    crypto_box_seal_open(out: Uint8Array, sealed: Uint8Array, publicKey: Uint8Array, secretKey: Uint8Array): boolean
    /** Throws when the key is no point of the curve. */
    crypto_sign_ed25519_pk_to_curve25519(out: Uint8Array, publicKey: Uint8Array): void
    crypto_sign_ed25519_sk_to_curve25519(out: Uint8Array, secretKey: Uint8Array): void
    randombytes_buf(out: Uint8Array): void
    sodium_memzero(bytes: Uint8Array): void
  }
  export default sodium
}
