/** The part of hyperswarm that hyper-store calls. */
declare module 'hyperswarm' {
  import type NoiseSecretStream from '@hyperswarm/secret-stream'
  import type { NoiseKeyPair } from '@hyperswarm/secret-stream'
  import type HyperDHT from 'hyperdht'

  export interface SwarmPeer {
    readonly publicKey: Uint8Array
    /** Whether the swarm dials this peer again by itself after the connection ends. */
    reconnect(again: boolean): void
  }

  export interface TopicSession {
    /** Announces and looks up again; never settles without a network. */
    refresh(options?: { readonly client?: boolean; readonly server?: boolean }): Promise<unknown>
    destroy(): Promise<void>
  }

  class Hyperswarm {
    constructor(options: { readonly keyPair: NoiseKeyPair; readonly dht: HyperDHT; readonly maxPeers?: number })
    readonly dht: HyperDHT
    readonly destroyed: boolean
    on(event: 'connection', listener: (stream: NoiseSecretStream, peer: SwarmPeer) => void): this
    join(topic: Uint8Array, options?: { readonly client?: boolean; readonly server?: boolean }): TopicSession
    leave(topic: Uint8Array): Promise<void>
    /** Starts to answer connections; rejects when that fails. */
    listen(): Promise<void>
    /** Dials a peer by its key; called again for an unconnected one it tries again at once. */
    joinPeer(publicKey: Uint8Array): void
    leavePeer(publicKey: Uint8Array): void
    destroy(options?: { readonly force?: boolean }): Promise<void>
  }
  export default Hyperswarm
}
