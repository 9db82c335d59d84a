/** The part of @hyperswarm/secret-stream that hyper-store calls. */
declare module '@hyperswarm/secret-stream' {
  import type { EventEmitter } from 'node:events'
  import type { Duplex } from 'node:stream'

  export interface NoiseKeyPair {
    readonly publicKey: Uint8Array
    readonly secretKey: Uint8Array
  }

  export interface NoiseOptions {
    readonly keyPair?: NoiseKeyPair
    /** Milliseconds without a write after which an empty message goes out; 0 turns it off. */
    readonly keepAlive?: number
  }

  /** An encrypted duplex stream (streamx) over a raw one; both ends know each other's ed25519 key once open. */
  class NoiseSecretStream extends EventEmitter {
    constructor(isInitiator: boolean, rawStream: Duplex, options?: NoiseOptions)
    readonly isInitiator: boolean
    readonly publicKey: Uint8Array
    /** Null until the handshake is done. */
    readonly remotePublicKey: Uint8Array | null
    readonly handshakeHash: Uint8Array | null
    /** True when the handshake is done, false when the stream was destroyed before. */
    readonly opened: Promise<boolean>
    readonly rawStream: Duplex & { readonly remoteHost?: string; readonly remotePort?: number }
    /** Bytes of the raw stream so far. */
    readonly rawBytesRead: number
    readonly rawBytesWritten: number
    readonly destroying: boolean
    readonly destroyed: boolean
    /** Free for the owner; Protomux puts itself here. */
    userData: unknown
    setKeepAlive(ms: number): void
    /** Destroys the stream when nothing was read for so long; 0 turns it off. */
    setTimeout(ms: number): void
    sendKeepAlive(): void
    write(data: Uint8Array): boolean
    /** Resolves when what was written went to the raw stream; false when the stream ended before. */
    flush(): Promise<boolean>
    end(): this
    destroy(error?: Error | null): void
  }
  export default NoiseSecretStream
}
