/** The part of multicast-dns that hyper-store calls; what other hosts send is typed as the untrusted thing it is. */
declare module 'multicast-dns' {
  import type { RemoteInfo } from 'node:dgram'

  export interface DnsQuestion {
    readonly name: string
    readonly type: string
  }

  /** `data` depends on `type`; unknown for received records. */
  export interface DnsRecord {
    readonly name: string
    readonly type: string
    readonly ttl?: number
    readonly flush?: boolean
    readonly data?: unknown
  }

  export interface DnsPacket {
    readonly questions?: readonly DnsQuestion[]
    readonly answers?: readonly DnsRecord[]
    readonly additionals?: readonly DnsRecord[]
  }

  export interface MulticastDnsOptions {
    /** Address of the interface to join and send on. */
    readonly interface?: string
    /** Address to bind; with `interface` it must be 0.0.0.0, or nothing is heard on Linux. */
    readonly bind?: string
    readonly loopback?: boolean
    readonly reuseAddr?: boolean
  }

  export interface MulticastDns {
    on(event: 'query' | 'response', listener: (packet: DnsPacket, from: RemoteInfo) => void): this
    on(event: 'ready' | 'networkInterface', listener: () => void): this
    on(event: 'error' | 'warning', listener: (error: Error) => void): this
    query(packet: DnsPacket, callback?: (error?: Error | null) => void): void
    respond(packet: DnsPacket, callback?: (error?: Error | null) => void): void
    destroy(callback?: () => void): void
  }
  function multicastDns(options?: MulticastDnsOptions): MulticastDns
  export default multicastDns
}
