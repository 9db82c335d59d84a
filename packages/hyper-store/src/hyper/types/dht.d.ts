/** The part of hyperdht that hyper-store calls. */
declare module 'hyperdht' {
  import type { Duplex } from 'node:stream'
  export interface NodeAddress {
    readonly host: string
    readonly port: number
  }

  export interface DhtOptions {
    /** `host:port` or addresses; the public nodes when left out. */
    readonly bootstrap?: readonly (string | NodeAddress)[]
    /** Local address to bind. */
    readonly host?: string
    readonly port?: number
    readonly firewalled?: boolean
    readonly ephemeral?: boolean
    readonly anyPort?: boolean
  }

  /** An encrypted stream to one peer. */
  export interface PeerStream extends Duplex {
    /** Resolves when the other side has got what was written; false when the stream ended before. */
    flush(): Promise<boolean>
  }

  /** ed25519. */
  export interface KeyPair {
    readonly publicKey: Uint8Array
    readonly secretKey: Uint8Array
  }

  /** A server that others find by its public key. */
  export interface DhtServer {
    listen(keyPair: KeyPair): Promise<void>
    once(event: 'connection', listener: (stream: PeerStream) => void): this
  }

  class HyperDHT {
    constructor(options?: DhtOptions)
    /** A node that others name as bootstrap; `host` is the IPv4 address under which they reach it. */
    static bootstrapper(port: number, host: string, options?: DhtOptions): HyperDHT
    /** The pair of a seed of 32 bytes. */
    static keyPair(seed: Uint8Array): KeyPair
    /** `firewall` says whom to refuse, by public key. */
    createServer(options: { readonly firewall: (publicKey: Uint8Array) => boolean }): DhtServer
    /** An encrypted stream; emits `open` once the other side is there. */
    connect(publicKey: Uint8Array, options: { readonly keyPair: KeyPair }): PeerStream
    readonly destroyed: boolean
    /** False after requests went unanswered for a while. */
    readonly online: boolean
    readonly firewalled: boolean
    /** Public address as others report it; null until known. */
    readonly host: string | null
    readonly port: number
    readonly bootstrapped: boolean
    fullyBootstrapped(): Promise<void>
    address(): NodeAddress | null
    /** Nodes known now. */
    toArray(options?: { readonly limit?: number }): NodeAddress[]
    destroy(options?: { readonly force?: boolean }): Promise<void>
    on(event: 'network-change' | 'network-update' | 'ready' | 'persistent', listener: () => void): this
  }
  export default HyperDHT
}

declare module 'hyperdht/testnet.js' {
  import type HyperDHT from 'hyperdht'
  import type { NodeAddress } from 'hyperdht'

  export interface Testnet {
    readonly nodes: HyperDHT[]
    readonly bootstrap: NodeAddress[]
    destroy(): Promise<void>
  }
  /** Starts a private DHT of `size` nodes on this machine. */
  function createTestnet(size?: number, options?: { readonly host?: string; readonly port?: number }): Promise<Testnet>
  export default createTestnet
}
