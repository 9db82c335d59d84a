/** The ways between this store and other devices: connections, the internet, the local network, and where this store is reached. */
import os from 'node:os'
import type { StoreInfo } from '@hyper-store/client/contract'
import type { Replication } from '../hyper/replication/replication.ts'
import { ConnectionBook } from '../hyper/transports/connections.ts'
import { acceptHttpStreams, type HttpStream } from '../hyper/transports/http-over-noise.ts'
import type { Identity } from '../hyper/transports/identity.ts'
import { Internet } from '../hyper/transports/internet.ts'
import { Lan } from '../hyper/transports/lan.ts'
import type { PeerConnection } from '../hyper/transports/noise-connection.ts'
import type { NetworkFacts } from './doctor-network.ts'

/** Where the store listens, and who serves what comes in over connections of devices. */
export interface Entrance {
  readonly url: string
  readonly port: number
  /** False when only this machine can connect. */
  readonly beyondLoopback: boolean
  readonly serveStream: (stream: HttpStream, deviceKey: string) => void
}

/** What the network needs from the store around it. */
export interface NetworkOptions {
  readonly identity: Identity
  /** Gets every connection; closed with the network. */
  readonly replication: Replication
  readonly lanOnly: boolean
  readonly noLan: boolean
  readonly bootstrap: readonly string[]
  readonly onDevice: (deviceKey: string) => void
  /** Another store with the identity of this one was met. */
  readonly onTwin: () => void
}

/** The transports of one store, from `connect` to `close`. */
export class Network {
  readonly book: ConnectionBook
  readonly #o: NetworkOptions
  #entrance: Entrance | null = null
  #internet: Internet | null = null
  #lan: Lan | null = null

  constructor(options: NetworkOptions) {
    this.#o = options
    this.book = new ConnectionBook({ identity: options.identity })
  }

  /** Starts the transports; devices are looked for under `topics` at once. */
  connect(entrance: Entrance, topics: readonly Uint8Array[]): void {
    this.#entrance = entrance
    this.book.on('open', (connection) => this.#onConnection(connection, entrance))
    this.book.on('twin', () => this.#o.onTwin())
    if (!this.#o.lanOnly) {
      this.#internet = new Internet({ book: this.book, bootstrap: this.#o.bootstrap })
      for (const topic of topics) this.#internet.join(topic)
    }
    if (!this.#o.noLan) this.#lan = new Lan({ book: this.book, port: entrance.beyondLoopback ? entrance.port : null })
  }

  /** Null without internet by choice, and before `connect`. */
  get internet(): Internet | null {
    return this.#internet
  }
  /** Address for programs on this machine; empty before `connect`. */
  get url(): string {
    return this.#entrance?.url ?? ''
  }
  /** 0 before `connect`. */
  get port(): number {
    return this.#entrance?.port ?? 0
  }
  /** Address for other machines, as far as they can connect. */
  get publicUrl(): string {
    if (this.#entrance?.beyondLoopback !== true) return this.url
    return `http://${os.hostname().replace(/\.local$/, '')}.local:${new URL(this.url).port}`
  }

  /** Looks for devices that have the drive of a discovery key. */
  join(topic: Uint8Array): void {
    this.#internet?.join(topic)
  }
  /** Looks for them no more. */
  leave(topic: Uint8Array): void {
    this.#internet?.leave(topic)
  }

  /** What users see of it. */
  info(nameOf: (deviceKey: string) => string | null): NonNullable<StoreInfo['network']> {
    return {
      lan: this.#lan !== null,
      internet: this.#internet !== null,
      peers: this.book.all().map((c) => ({
        key: c.deviceKey,
        name: nameOf(c.deviceKey),
        via: c.via === 'direct' ? 'provider' : c.via,
        address: c.address,
      })),
    }
  }

  /** What the doctor is told. */
  facts(): NetworkFacts {
    const internet = this.#internet?.state ?? null
    const known = internet?.state === 'online' ? 'online' : internet?.state === 'offline' ? 'offline' : undefined
    return {
      port: this.port,
      lan: this.#lan !== null,
      internet: internet === null ? 'off' : known,
      nat: internet === null ? undefined : internet.firewalled ? 'unknown' : 'open',
    }
  }

  /** Ends the transports, with replication before the connections that carry it. */
  async close(): Promise<void> {
    await this.#lan?.close()
    await this.#o.replication.close()
    await this.#internet?.close()
    await this.book.close()
  }

  #onConnection(connection: PeerConnection, entrance: Entrance): void {
    this.#o.replication.addConnection(connection)
    acceptHttpStreams(connection, (stream) => entrance.serveStream(stream, connection.deviceKey))
    this.#o.onDevice(connection.deviceKey)
  }
}
