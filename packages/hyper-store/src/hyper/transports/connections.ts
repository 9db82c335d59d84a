/** All live connections of this device: refuses what must not be, and settles on one where a device is connected twice. */
import { AppError } from '@hyper-store/client/contract'
import type NoiseSecretStream from '@hyperswarm/secret-stream'
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Identity } from './identity.ts'
import type { HandshakeOptions, PeerConnection, StreamFacts } from './noise-connection.ts'
import { shakeHands, wrapNoiseStream } from './noise-connection.ts'

/** Limits and times of a connection book. */
export interface ConnectionBookOptions {
  readonly identity: Identity
  /** Live connections in all; default 256. */
  readonly maxConnections?: number
  /** Accepted streams that have not proved who they are; default 64. */
  readonly maxHandshakes?: number
  /** How long the better of two connections must have been seen alive before the other is closed; default 1,000. */
  readonly overlapMs?: number
}

/** Events of a connection book. `twin` means: another running store has this device's own key, so one is a copy. */
export interface ConnectionEvents {
  open: [connection: PeerConnection]
  close: [connection: PeerConnection, reason: Error | null]
  twin: [address: string | null]
}

/** Connections to one device at a time; more means that something dials in a circle. */
const MAX_PER_DEVICE = 4
/** How long the two ends of a connection to ourselves may be apart before the other end counts as a twin. */
const OWN_ECHO_MS = 1_000

interface Live {
  readonly connection: PeerConnection
  readonly number: number
}

/** The live connections by device. Every transport brings its streams here. */
export class ConnectionBook extends EventEmitter<ConnectionEvents> {
  readonly identity: Identity
  readonly #maxConnections: number
  readonly #maxHandshakes: number
  readonly #overlapMs: number
  readonly #liveByDevice = new Map<string, Live[]>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #ownEchoes = new Map<string, NodeJS.Timeout>()
  readonly #handshakes = new Set<AbortController>()
  readonly #parting = new Set<PeerConnection>()
  #accepting = 0
  #count = 0
  #numbers = 0
  #received = 0
  #sent = 0
  #closed = false

  constructor(options: ConnectionBookOptions) {
    super()
    this.identity = options.identity
    this.#maxConnections = options.maxConnections ?? 256
    this.#maxHandshakes = options.maxHandshakes ?? 64
    this.#overlapMs = options.overlapMs ?? 1_000
  }

  /** Number of live connections. */
  get size(): number {
    return this.#count
  }

  /** Bytes over all connections so far, of those that ended too. */
  get traffic(): { received: number; sent: number } {
    const sum = { received: this.#received, sent: this.#sent }
    for (const { stream } of this.all()) {
      sum.received += stream.rawBytesRead
      sum.sent += stream.rawBytesWritten
    }
    return sum
  }

  /** True when no more streams may be accepted now. */
  get full(): boolean {
    return this.#closed || this.#count >= this.#maxConnections || this.#accepting >= this.#maxHandshakes
  }

  /** The connection to use for a device; null when it is not connected. */
  current(deviceKey: string): PeerConnection | null {
    return this.#best(deviceKey)?.connection ?? null
  }

  /** Every live connection; for some moments a device may have two. */
  all(): PeerConnection[] {
    return [...this.#liveByDevice.values()].flat().map((live) => live.connection)
  }

  /**
   * Shakes hands over a raw stream and enters the connection.
   *
   * @throws what shakeHands throws; FORBIDDEN also for our own device key, and when a limit is reached
   */
  async shakeHands(raw: Duplex, options: Omit<HandshakeOptions, 'keyPair'>): Promise<PeerConnection> {
    if (this.#closed || this.#count >= this.#maxConnections || (!options.initiator && this.full)) {
      raw.on('error', () => {})
      raw.destroy()
      throw new AppError('FORBIDDEN', { reason: 'there are too many connections' })
    }
    const abort = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal
    this.#handshakes.add(abort)
    if (!options.initiator) this.#accepting++
    try {
      const connection = await shakeHands(raw, { ...options, signal, keyPair: this.identity.keyPair })
      this.#enter(connection)
      return connection
    } finally {
      this.#handshakes.delete(abort)
      if (!options.initiator) this.#accepting--
    }
  }

  /** Enters a Noise stream that is open already (Hyperswarm's). Throws FORBIDDEN as shakeHands does, after destroying it. */
  adopt(stream: NoiseSecretStream, facts: StreamFacts): PeerConnection {
    const connection = wrapNoiseStream(stream, facts)
    this.#enter(connection)
    return connection
  }

  /** Calls back once when the device has no connection (any more). Returns a function that takes it back. */
  onceGone(deviceKey: string, listener: () => void): () => void {
    const check = () => {
      if (this.current(deviceKey) !== null) return
      this.off('close', check)
      listener()
    }
    this.on('close', check)
    queueMicrotask(() => this.listeners('close').includes(check) && check())
    return () => this.off('close', check)
  }

  /** Closes every connection, and refuses all that come later. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of [...this.#timers, ...this.#ownEchoes.values()]) clearTimeout(timer)
    for (const handshake of this.#handshakes) handshake.abort()
    await Promise.all(
      [...this.all(), ...this.#parting].map((connection) => {
        const closed = new Promise<void>((resolve) => connection.onClose(() => resolve()))
        connection.close()
        return closed
      }),
    )
  }

  #enter(connection: PeerConnection): void {
    const refusal = this.#refusal(connection)
    if (refusal !== null) {
      this.#refuse(connection)
      throw new AppError('FORBIDDEN', { reason: refusal })
    }
    const { deviceKey } = connection
    const live = { connection, number: this.#numbers++ }
    const lives = this.#liveByDevice.get(deviceKey) ?? []
    this.#liveByDevice.set(deviceKey, lives)
    lives.push(live)
    this.#count++
    connection.onClose((reason) => {
      lives.splice(lives.indexOf(live), 1)
      if (lives.length === 0) this.#liveByDevice.delete(deviceKey)
      this.#count--
      this.#received += connection.stream.rawBytesRead
      this.#sent += connection.stream.rawBytesWritten
      this.emit('close', connection, reason)
    })
    if (lives.length > MAX_PER_DEVICE) lives.find((other) => other !== this.#best(deviceKey))?.connection.close()
    // Attaches the reader: from here on bytes flow.
    void connection.mux
    this.emit('open', connection)
    this.#settle(deviceKey)
  }

  #refusal(connection: PeerConnection): string | null {
    if (this.#closed) return 'this store is closing'
    if (connection.closed) return 'the connection ended'
    if (connection.deviceKey === this.identity.deviceKey) {
      this.#noticeOwnKey(connection)
      return 'the other side has the key of this very device'
    }
    return this.#count >= this.#maxConnections ? 'there are too many connections' : null
  }

  /**
   * Closes a refused connection; one to our own key that we dialled a moment later: the other end must see whom it met
   * before it ends, or only one of two twins would know.
   */
  #refuse(connection: PeerConnection): void {
    if (this.#closed || connection.closed || !connection.initiator || connection.deviceKey !== this.identity.deviceKey) {
      connection.close()
      return
    }
    const timer = setTimeout(() => connection.close(), OWN_ECHO_MS)
    this.#parting.add(connection)
    connection.onClose(() => {
      clearTimeout(timer)
      this.#parting.delete(connection)
    })
  }

  /** Our own key on the other side: when both ends of the handshake came by here it was ourselves, else it is a copy of us. */
  #noticeOwnKey(connection: PeerConnection): void {
    const handshake = Buffer.from(connection.stream.handshakeHash ?? []).toString('hex')
    const echo = this.#ownEchoes.get(handshake)
    clearTimeout(echo)
    this.#ownEchoes.delete(handshake)
    if (echo !== undefined || this.#ownEchoes.size >= 64) return
    const timer = setTimeout(() => {
      this.#ownEchoes.delete(handshake)
      this.emit('twin', connection.address)
    }, OWN_ECHO_MS)
    this.#ownEchoes.set(handshake, timer)
  }

  #best(deviceKey: string): Live | undefined {
    return this.#liveByDevice.get(deviceKey)?.reduce((best, next) => (this.#isBetter(next, best) ? next : best))
  }

  /** The same answer on both sides, except between two that one side dialled: there the newer, and only the dialler closes. */
  #isBetter(a: Live, b: Live): boolean {
    if (a.connection.closed !== b.connection.closed) return b.connection.closed
    const costs = [a, b].map((live) => (live.connection.via === 'internet' ? 1 : 0))
    if (costs[0] !== costs[1]) return costs[0] === 0
    if (a.connection.initiator === b.connection.initiator) return a.number > b.number
    return this.#dialler(a.connection) < this.#dialler(b.connection)
  }

  #dialler(connection: PeerConnection): string {
    return connection.initiator ? this.identity.deviceKey : connection.deviceKey
  }

  #mayClose(loser: PeerConnection, winner: PeerConnection): boolean {
    const sameWay = (loser.via === 'internet') === (winner.via === 'internet')
    return !sameWay || loser.initiator !== winner.initiator || loser.initiator
  }

  /**
   * Closes the worse connections of a device once the best one was heard on after now. A best one that is dead
   * and not yet known to be is thus never preferred to a living one: its silence ends it, and the other stays.
   */
  #settle(deviceKey: string): void {
    const winner = this.#best(deviceKey)?.connection
    const lives = this.#liveByDevice.get(deviceKey)
    if (winner === undefined || lives === undefined || lives.length < 2 || this.#closed) return
    const heard = winner.stream.rawBytesRead
    winner.stream.sendKeepAlive()
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const still = this.#best(deviceKey)?.connection === winner
      if (still && winner.stream.rawBytesRead > heard) {
        for (const { connection } of lives.slice()) {
          if (connection !== winner && this.#mayClose(connection, winner)) connection.close()
        }
        return
      }
      this.#settle(deviceKey)
    }, this.#overlapMs)
    this.#timers.add(timer)
  }
}
