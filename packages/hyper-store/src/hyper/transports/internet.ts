/** Connections over the internet: Hyperswarm finds devices by topic or key and punches holes into NATs. */
import HyperDHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import type { ConnectionBook } from './connections.ts'
import { dhtOptions } from './dht-node.ts'
import { decodeDeviceKey } from './identity.ts'
import type { PeerConnection } from './noise-connection.ts'

/** How to reach the internet. */
export interface InternetOptions {
  readonly book: ConnectionBook
  /** `host:port` of bootstrap nodes; empty or left out: the public ones. All on loopback: a node on loopback. */
  readonly bootstrap?: readonly string[]
  /** A node made by the caller, who gives it away; for tests. */
  readonly dht?: HyperDHT
}

/** What is known about the way to the internet. */
export interface InternetState {
  readonly state: 'off' | 'connecting' | 'online' | 'offline'
  /** Nodes of the table that are known. */
  readonly nodes: number
  /** Public address as other nodes see it; null until known. */
  readonly publicAddress: string | null
  /** True when nobody can reach this device without hole punching. */
  readonly firewalled: boolean
  readonly topics: number
}

/** Wanted devices that are not connected are tried again this often: Hyperswarm by itself waits ten minutes after five failures. */
const RETRY_MS = 30_000
/** How long the good-bye to the table may take. */
const FAREWELL_MS = 2_000
const MAX_PEERS = 128

/** The way over the internet. Nothing in here waits for a network: without one it simply finds nobody. */
export class Internet {
  readonly #book: ConnectionBook
  readonly #swarm: Hyperswarm
  readonly #topics = new Map<string, { readonly topic: Uint8Array; readonly session: { refresh(): Promise<unknown> } }>()
  readonly #wanted = new Map<string, Uint8Array>()
  /** Devices whose connection here was closed for a better one, to be dialled when that one ends. */
  readonly #setAside = new Map<string, Uint8Array>()
  readonly #retryTimer: NodeJS.Timeout
  readonly #onGone: (connection: PeerConnection) => void
  #closing: Promise<void> | null = null

  /** Throws a TypeError for a bad bootstrap address. */
  constructor(options: InternetOptions) {
    this.#book = options.book
    const dht = options.dht ?? new HyperDHT(dhtOptions(options.bootstrap ?? []))
    const { publicKey, secretKey } = options.book.identity.keyPair
    // Buffers, as the packages below expect them.
    const keyPair = { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) }
    this.#swarm = new Hyperswarm({ keyPair, dht, maxPeers: MAX_PEERS })
    this.#swarm.on('connection', (stream, peer) => {
      stream.on('error', () => {})
      const { remoteHost, remotePort } = stream.rawStream
      const address = remoteHost ? `${remoteHost}:${remotePort}` : null
      try {
        const connection = this.#book.adopt(stream, { via: 'internet', address })
        peer.reconnect(true)
        connection.onClose(() => {
          if (this.#book.current(connection.deviceKey) === null) return
          peer.reconnect(false)
          this.#swarm.leavePeer(peer.publicKey)
          this.#setAside.set(connection.deviceKey, Buffer.from(peer.publicKey))
        })
      } catch {
        // Refused and closed by the book.
        peer.reconnect(false)
      }
    })
    this.#onGone = ({ deviceKey }) => this.#dialAgain(deviceKey)
    this.#book.on('close', this.#onGone)
    this.#retryTimer = setInterval(() => this.#dialWanted(), RETRY_MS).unref()
    // Devices that know the key reach this one even when it joined no topic yet.
    this.#swarm.listen().catch(() => {})
  }

  get state(): InternetState {
    const { dht } = this.#swarm
    const nodes = dht.destroyed ? 0 : dht.toArray().length
    return {
      state: dht.destroyed ? 'off' : nodes > 0 && dht.online ? 'online' : dht.bootstrapped ? 'offline' : 'connecting',
      nodes,
      publicAddress: dht.host === null ? null : `${dht.host}:${dht.port || '*'}`,
      firewalled: dht.firewalled,
      topics: this.#topics.size,
    }
  }

  /** Announces this device under a topic of 32 bytes and connects to the others there. Once per topic. */
  join(topic: Uint8Array): void {
    const name = Buffer.from(topic).toString('hex')
    if (topic.byteLength !== 32) throw new RangeError('A topic has 32 bytes')
    if (this.#closing !== null || this.#topics.has(name)) return
    const own = Buffer.from(topic)
    this.#topics.set(name, { topic: own, session: this.#swarm.join(own) })
  }

  /** Takes the announcement back. Connections that exist stay. Does not wait for the network. */
  leave(topic: Uint8Array): void {
    const name = Buffer.from(topic).toString('hex')
    if (this.#topics.delete(name)) this.#swarm.leave(Buffer.from(topic)).catch(() => {})
  }

  /** Keeps a connection to a device up by its key. Ignores text that is no device key, and our own. */
  connectToDevice(deviceKey: string): void {
    const publicKey = decodeDeviceKey(deviceKey)
    if (publicKey === null || deviceKey === this.#book.identity.deviceKey || this.#closing !== null) return
    this.#wanted.set(deviceKey, Buffer.from(publicKey))
    this.#dial(deviceKey)
  }

  /** Dials a device no longer. A connection that exists stays. */
  forgetDevice(deviceKey: string): void {
    const publicKey = this.#wanted.get(deviceKey)
    if (publicKey === undefined) return
    this.#wanted.delete(deviceKey)
    this.#swarm.leavePeer(publicKey)
  }

  /** Looks again at once: the network changed, or somebody asks. */
  kick(): void {
    this.#dialWanted()
    for (const { session } of this.#topics.values()) session.refresh().catch(() => {})
  }

  /** Says good-bye to the table, for at most two seconds, and ends. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#retryTimer)
    this.#book.off('close', this.#onGone)
    const done = this.#swarm.destroy().catch(() => {})
    if (await isDone(done, FAREWELL_MS)) return
    // Without a network the good-bye finds no end: the sockets go first, and with them what waits for answers.
    await isDone(
      this.#swarm.dht.destroy({ force: true }).catch(() => {}),
      FAREWELL_MS,
    )
  }

  #dialWanted(): void {
    for (const deviceKey of this.#wanted.keys()) this.#dial(deviceKey)
  }

  #dial(deviceKey: string): void {
    const publicKey = this.#wanted.get(deviceKey)
    if (publicKey !== undefined && this.#book.current(deviceKey) === null) this.#swarm.joinPeer(publicKey)
  }

  /** A device lost its last connection: what was set aside for it, or is wanted anyway, is dialled. */
  #dialAgain(deviceKey: string): void {
    if (this.#closing !== null || this.#book.current(deviceKey) !== null) return
    const aside = this.#setAside.get(deviceKey)
    this.#setAside.delete(deviceKey)
    this.#dial(deviceKey)
    if (aside === undefined || this.#wanted.has(deviceKey)) return
    this.#swarm.joinPeer(aside)
    // Not a wanted device: it is tried a few times as one of a topic, not for ever.
    this.#swarm.leavePeer(aside)
  }
}

/** False when a promise has not settled after so long. */
async function isDone(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const done = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return done
}
