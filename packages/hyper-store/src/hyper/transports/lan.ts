/** Finds stores on the local network by DNS-SD over multicast DNS, without any server, and connects to them. */
import type { MulticastDns } from 'multicast-dns'
import multicastDns from 'multicast-dns'
import { randomBytes } from 'node:crypto'
import type { RemoteInfo } from 'node:dgram'
import type { ConnectionBook } from './connections.ts'
import type { LanInterface } from './lan-interfaces.ts'
import { lanInterfaces } from './lan-interfaces.ts'
import type { Announcement } from './lan-records.ts'
import { announce, announceService, askForStores, asksForUs, readSightings } from './lan-records.ts'
import { ProviderDialer } from './provider-dialer.ts'

/** How to look around. */
export interface LanOptions {
  readonly book: ConnectionBook
  /** Port of our listener when others on the network reach it; null when it listens on loopback only: then nothing is announced. */
  readonly port: number | null
}

/** What is known about the local network. */
export interface LanState {
  readonly interfaces: readonly { readonly name: string; readonly address: string; readonly problem: string | null }[]
  /** Other stores seen now. */
  readonly stores: number
}

const MDNS_PORT = 5353
const MAX_STORES = 256
/** Stores behind one address: more is somebody who makes them up. */
const MAX_STORES_PER_ADDRESS = 16
const ASK_AFTER_MS = [0, 1_000, 3_000]
const ASK_EVERY_MS = 60_000
const INTERFACES_EVERY_MS = 10_000
/** The one that should be dialled dials by itself after so long: perhaps a firewall keeps the other out. */
const PATIENCE_MS = 8_000

interface Link {
  readonly on: LanInterface
  readonly mdns: MulticastDns
  problem: string | null
  lastAnswer: number
}

interface Store {
  readonly address: string
  readonly port: number
  expires: NodeJS.Timeout
  dialer: ProviderDialer | null
  patience: NodeJS.Timeout | null
}

/** Looks for stores, and is seen by them, until closed. Where multicast is not allowed it says so in `state` and harms nothing. */
export class Lan {
  readonly #book: ConnectionBook
  readonly #own: Announcement
  readonly #listens: boolean
  readonly #linksByAddress = new Map<string, Link>()
  readonly #storesByInstance = new Map<string, Store>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #repeats: NodeJS.Timeout[]
  #closed = false

  constructor(options: LanOptions) {
    this.#book = options.book
    this.#listens = options.port !== null
    this.#own = { instance: randomBytes(10).toString('hex'), port: options.port ?? 0 }
    this.#repeats = [setInterval(() => this.#checkInterfaces(), INTERFACES_EVERY_MS), setInterval(() => this.#askAll(), ASK_EVERY_MS)]
    this.#checkInterfaces()
  }

  get state(): LanState {
    return {
      interfaces: [...this.#linksByAddress.values()].map(({ on, problem }) => ({ name: on.name, address: on.address, problem })),
      stores: this.#storesByInstance.size,
    }
  }

  /** Looks around again at once: the network changed, or somebody asks. */
  kick(): void {
    this.#checkInterfaces()
    this.#askAll()
    for (const { dialer } of this.#storesByInstance.values()) dialer?.kick()
  }

  /** Says good-bye and ends. Connections that exist stay. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const timer of [...this.#repeats, ...this.#timers]) clearTimeout(timer)
    const dialers = [...this.#storesByInstance.values()].map((store) => this.#stopDialling(store))
    this.#storesByInstance.clear()
    const links = [...this.#linksByAddress.values()].map(async (link) => {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200)
        const next = () => {
          clearTimeout(timer)
          resolve()
        }
        if (this.#listens && link.problem === null) link.mdns.respond(announce(this.#own, link.on.addresses, 0), next)
        else next()
      })
      await endOf(link.mdns)
    })
    await Promise.all([...links, ...dialers])
  }

  #later(ms: number, act: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
    return timer
  }

  #forget(timer: NodeJS.Timeout | null): void {
    if (timer === null) return
    clearTimeout(timer)
    this.#timers.delete(timer)
  }

  /** Opens a socket on each new interface and closes those of interfaces that are gone or did not work. */
  #checkInterfaces(): void {
    if (this.#closed) return
    const now = new Map(lanInterfaces().map((on) => [on.address, on]))
    for (const [address, link] of this.#linksByAddress) {
      if (now.has(address) && link.problem === null) continue
      this.#linksByAddress.delete(address)
      void endOf(link.mdns)
    }
    for (const [address, on] of now) {
      if (!this.#linksByAddress.has(address)) this.#linksByAddress.set(address, this.#openLink(on))
    }
  }

  #openLink(on: LanInterface): Link {
    // A socket per interface; without `bind` one with an interface hears no multicast on Linux.
    const mdns = multicastDns({ interface: on.address, bind: '0.0.0.0' })
    const link: Link = { on, mdns, problem: null, lastAnswer: 0 }
    const fail = (error: Error) => {
      link.problem = error.message
    }
    mdns.on('error', fail)
    mdns.on('warning', (error) => {
      // Packets that cannot be read come as warnings too; only what the system says is a problem of ours.
      if ('syscall' in error) fail(error)
    })
    mdns.on('response', (packet, from) => {
      if (!isNeighbour(link, from)) return
      for (const sighting of readSightings(packet)) {
        if (sighting.instance === this.#own.instance) continue
        if ('gone' in sighting) this.#onGone(sighting.instance, from.address)
        else this.#onSeen(sighting, from.address)
      }
    })
    mdns.on('query', (packet, from) => {
      const wants = this.#listens && isNeighbour(link, from) ? asksForUs(packet, this.#own) : null
      if (wants === null || Date.now() - link.lastAnswer < 1_000) return
      link.lastAnswer = Date.now()
      // Others may answer the same question: not all at once.
      this.#later(20 + Math.random() * 100, () => (wants === 'stores' ? this.#announceOn(link) : link.mdns.respond(announceService())))
    })
    mdns.on('ready', () => {
      for (const ms of ASK_AFTER_MS) this.#later(ms + Math.random() * 20, () => this.#askOn(link))
      for (const ms of [0, 1_000]) this.#later(ms, () => this.#announceOn(link))
    })
    return link
  }

  #askAll(): void {
    for (const link of this.#linksByAddress.values()) this.#askOn(link)
  }

  #askOn(link: Link): void {
    if (!this.#closed && this.#linksByAddress.get(link.on.address) === link) {
      // Nothing is said to be known: each answer renews what is remembered here.
      link.mdns.query(askForStores([]), (error) => error && (link.problem = error.message))
    }
  }

  #announceOn(link: Link): void {
    if (!this.#closed && this.#listens && this.#linksByAddress.get(link.on.address) === link) {
      link.mdns.respond(announce(this.#own, link.on.addresses), (error) => error && (link.problem = error.message))
    }
  }

  #onSeen(sighting: { instance: string; port: number; ttlS: number }, address: string): void {
    const { instance, port, ttlS } = sighting
    const expires = () => this.#later(ttlS * 1_000, () => this.#drop(instance))
    const known = this.#storesByInstance.get(instance)
    if (known?.port === port && known.address === address) {
      this.#forget(known.expires)
      known.expires = expires()
      return
    }
    // Seen through another interface, or somebody takes its name: the first stays until it expires.
    if (known !== undefined || this.#closed || this.#storesByInstance.size >= MAX_STORES) return
    const here = [...this.#storesByInstance.values()].filter((store) => store.address === address).length
    if (here >= MAX_STORES_PER_ADDRESS) return
    const store: Store = { address, port, expires: expires(), dialer: null, patience: null }
    this.#storesByInstance.set(instance, store)
    if (!this.#listens || this.#own.instance < instance) this.#dial(store)
    else store.patience = this.#later(PATIENCE_MS, () => this.#isConnectedTo(address) || this.#dial(store))
  }

  #isConnectedTo(address: string): boolean {
    return this.#book.all().some((connection) => connection.via !== 'internet' && connection.address?.startsWith(`${address}:`))
  }

  /** Only ever to where the announcement itself came from: it cannot send us elsewhere. */
  #dial(store: Store): void {
    store.dialer = new ProviderDialer({ url: `http://${store.address}:${store.port}`, book: this.#book, via: 'lan' })
  }

  /** A good-bye counts only from where the store was seen. */
  #onGone(instance: string, address: string): void {
    if (this.#storesByInstance.get(instance)?.address === address) this.#drop(instance)
  }

  #drop(instance: string): void {
    const store = this.#storesByInstance.get(instance)
    if (store === undefined) return
    this.#storesByInstance.delete(instance)
    void this.#stopDialling(store)
  }

  async #stopDialling(store: Store): Promise<void> {
    this.#forget(store.expires)
    this.#forget(store.patience)
    await store.dialer?.close({ hangUp: false })
  }
}

/** A packet counts only when it was sent by mDNS from this very network (RFC 6762, section 11). */
function isNeighbour(link: Link, from: RemoteInfo): boolean {
  return from.port === MDNS_PORT && link.on.isOnLink(from.address)
}

function endOf(mdns: MulticastDns): Promise<void> {
  return new Promise((resolve) => {
    try {
      mdns.destroy(() => resolve())
    } catch {
      // The socket never came to be.
      resolve()
    }
  })
}
