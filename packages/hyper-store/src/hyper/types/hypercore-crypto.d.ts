/** The part of hypercore-crypto that hyper-store calls. */
declare module 'hypercore-crypto' {
  const hypercoreCrypto: {
    /** An ed25519 key pair; the same for the same 32-byte seed. */
    keyPair(seed?: Uint8Array): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }
    sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array
    verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean
    /** Leaf hash of a block; assignable, see leaf-hash.ts. */
    data: (block: Uint8Array) => Uint8Array
    hash(data: Uint8Array | readonly Uint8Array[]): Uint8Array
    randomBytes(length: number): Uint8Array
    discoveryKey(publicKey: Uint8Array): Uint8Array
  }
  export default hypercoreCrypto
}
