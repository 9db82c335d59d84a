/** The part of sodium-universal that hyper-store calls. */
declare module 'sodium-universal' {
  const sodium: {
    /** BLAKE2b into `out` (16 to 64 bytes), with an optional key. */
    crypto_generichash(out: Uint8Array, input: Uint8Array, key?: Uint8Array): void
    crypto_generichash_batch(out: Uint8Array, inputs: readonly Uint8Array[], key?: Uint8Array): void
    randombytes_buf(out: Uint8Array): void
    sodium_memzero(bytes: Uint8Array): void
  }
  export default sodium
}
