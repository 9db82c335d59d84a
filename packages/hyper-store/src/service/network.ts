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
  readonly #topics = new Map<string, Uint8Array>()
  #internet: Internet | null = null
  #lan: Lan | null = null
  /** Ways that were turned off and are still ending. */
  readonly #ending: Promise<void>[] = []

  constructor(options: NetworkOptions) {
    this.#o = options
    this.book = new ConnectionBook({ identity: options.identity })
  }

  /** Starts the transports; devices are looked for under `topics` at once. */
  connect(entrance: Entrance, topics: readonly Uint8Array[]): void {
    this.#entrance = entrance
    this.book.on('open', (connection) => this.#onConnection(connection))
    this.book.on('twin', () => this.#o.onTwin())
    for (const topic of topics) this.#topics.set(Buffer.from(topic).toString('hex'), topic)
    this.setInternet(!this.#o.lanOnly)
    this.setLan(!this.#o.noLan)
  }

  /** Looks for devices over the internet from now on, or no more; connections of that way end. */
  setInternet(isOn: boolean): void {
    if (isOn === (this.#internet !== null)) return
    if (isOn) {
      this.#internet = new Internet({ book: this.book, bootstrap: this.#o.bootstrap })
      for (const topic of this.#topics.values()) this.#internet.join(topic)
      return
    }
    const ended = this.#internet
    this.#internet = null
    for (const connection of this.book.all()) if (connection.via === 'internet') connection.close()
    this.#ending.push(ended?.close() ?? Promise.resolve())
  }

  /** Looks for devices on the local network from now on, or no more. */
  setLan(isOn: boolean): void {
    const entrance = this.#entrance
    if (entrance === null || isOn === (this.#lan !== null)) return
    const ended = this.#lan
    this.#lan = isOn ? new Lan({ book: this.book, port: entrance.beyondLoopback ? entrance.port : null }) : null
    this.#ending.push(ended?.close() ?? Promise.resolve())
  }

  /** The store listens elsewhere now: what is told on the local network follows. */
  moved(entrance: Pick<Entrance, 'url' | 'port' | 'beyondLoopback'>): void {
    if (this.#entrance === null) return
    this.#entrance = { ...this.#entrance, ...entrance }
    if (this.#lan === null) return
    this.setLan(false)
    this.setLan(true)
  }

  get lan(): boolean {
    return this.#lan !== null
  }

  /** Addresses for browsers of other machines, best first; empty when only this machine can connect. */
  get addresses(): string[] {
    const entrance = this.#entrance
    if (entrance === null || !entrance.beyondLoopback) return []
    const found = Object.values(os.networkInterfaces()).flatMap((some) => some ?? [])
    const hosts = found.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address)
    return [...hosts.map((host) => `http://${host}:${entrance.port}`), this.publicUrl]
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
    this.#topics.set(Buffer.from(topic).toString('hex'), topic)
    this.#internet?.join(topic)
  }
  /** Looks for them no more. */
  leave(topic: Uint8Array): void {
    this.#topics.delete(Buffer.from(topic).toString('hex'))
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
    await Promise.all(this.#ending)
    await this.#lan?.close()
    await this.#o.replication.close()
    await this.#internet?.close()
    await this.book.close()
  }

  #onConnection(connection: PeerConnection): void {
    this.#o.replication.addConnection(connection)
    acceptHttpStreams(connection, (stream) => this.#entrance?.serveStream(stream, connection.deviceKey))
    this.#o.onDevice(connection.deviceKey)
  }
}
