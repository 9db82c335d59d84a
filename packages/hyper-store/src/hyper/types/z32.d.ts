/** The part of z32 that hyper-store calls. */
declare module 'z32' {
  const z32: {
    encode(bytes: Uint8Array): string
    /** Throws on characters outside the alphabet. */
    decode(text: string): Uint8Array
  }
  export default z32
}
