/** Keeps a connection to one store up for ever: dials, waits longer after each failure, tries again at once when told. */
import type { AppError } from '@hyper-store/client/contract'
import { errorCode } from '@hyper-store/client/contract'
import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../core/ports.ts'
import type { ConnectionBook } from './connections.ts'
import { remoteAddress } from './listener.ts'
import type { PeerConnection, Via } from './noise-connection.ts'
import { dialUpgrade } from './upgrade.ts'

/** Whom to dial and how. */
export interface ProviderDialerOptions {
  /** `http(s)://host:port`; a path is kept for reverse proxies. */
  readonly url: string
  readonly book: ConnectionBook
  /** Refuses every other device. */
  readonly expectedDeviceKey?: string
  /** Default `provider`. */
  readonly via?: Via
  readonly clock?: Clock
  /** From 0 to below 1; default Math.random. */
  readonly random?: () => number
}

/** What a dialer does now. `error` is that of the last try, null after a success. */
export interface DialerState {
  readonly state: 'connecting' | 'connected' | 'waiting' | 'closed'
  /** Device that answers there; null until known. */
  readonly deviceKey: string | null
  readonly error: Error | null
  /** When the next try is due, by the clock; null unless waiting. */
  readonly retryAt: number | null
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 30_000
/** A connection that lasted so long was a success: the waits begin anew after it. */
const STEADY_MS = 10_000

/** Milliseconds to wait after so many failures in a row: doubling from 0.25 s to 30 s, each between half and one and a half of it. */
export function waitAfterFailures(failures: number, random: number): number {
  const middle = FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10)
  return Math.round(Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, middle * (0.5 + random))))
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, options) => sleep(ms, undefined, options?.signal ? { signal: options.signal } : {}),
}

/** Dials one store for as long as it is open. Emits `state` at each change. */
export class ProviderDialer extends EventEmitter<{ state: [state: DialerState] }> {
  readonly #url: URL
  readonly #options: ProviderDialerOptions
  readonly #clock: Clock
  readonly #end = new AbortController()
  readonly #done: Promise<void>
  #state: DialerState
  #interrupt = new AbortController()
  #hangUp = true

  /** Throws a TypeError when `url` is no http or https URL. */
  constructor(options: ProviderDialerOptions) {
    super()
    this.#url = new URL(options.url)
    if (!['http:', 'https:'].includes(this.#url.protocol)) throw new TypeError(`Not an http or https URL: ${options.url}`)
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#state = { state: 'connecting', deviceKey: options.expectedDeviceKey ?? null, error: null, retryAt: null }
    this.#done = this.#run()
  }

  get state(): DialerState {
    return this.#state
  }

  /** Tries at once if it waits, and with the shortest waits from here on: the network changed, or somebody asks. */
  kick(): void {
    this.#interrupt.abort()
  }

  /** Stops dialling. `hangUp` (default true) also closes the connection that it made. */
  async close(options: { hangUp?: boolean } = {}): Promise<void> {
    this.#hangUp = options.hangUp ?? true
    this.#end.abort()
    this.#interrupt.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    // Lets the maker listen before the first state.
    await Promise.resolve()
    let failures = 0
    while (!this.#end.signal.aborted) {
      const since = this.#clock.now()
      const error = await this.#connectOnce()
      if (this.#end.signal.aborted) break
      failures = error === null && this.#clock.now() - since >= STEADY_MS ? 1 : failures + 1
      if (await this.#wait(waitAfterFailures(failures, (this.#options.random ?? Math.random)()), error)) failures = 0
    }
    this.#set({ state: 'closed', retryAt: null })
  }

  /** One connection from dial to end; the error when none came about. */
  async #connectOnce(): Promise<Error | null> {
    const { book } = this.#options
    const known = this.#state.deviceKey
    if (known !== null && book.current(known) !== null) {
      await this.#stayUntilGone(known, null)
      return null
    }
    this.#set({ state: 'connecting', retryAt: null })
    try {
      const signal = this.#end.signal
      const raw = await dialUpgrade(this.#url, { signal })
      const connection = await book.shakeHands(raw, {
        initiator: true,
        via: this.#options.via ?? 'provider',
        address: remoteAddress(raw) ?? this.#url.host,
        expectedDeviceKey: this.#options.expectedDeviceKey,
        signal,
      })
      await this.#stayUntilGone(connection.deviceKey, connection)
      return null
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  /** The device is connected, by this connection or by another way that the book prefers: nothing to do until it has none. */
  async #stayUntilGone(deviceKey: string, connection: PeerConnection | null): Promise<void> {
    this.#set({ state: 'connected', deviceKey, error: null, retryAt: null })
    const { signal } = this.#end
    await new Promise<void>((resolve) => {
      const finish = () => {
        takeBack()
        signal.removeEventListener('abort', finish)
        resolve()
      }
      const takeBack = this.#options.book.onceGone(deviceKey, finish)
      signal.addEventListener('abort', finish)
      if (signal.aborted) finish()
    })
    if (signal.aborted && this.#hangUp) connection?.close()
  }

  /** True when a kick ended the wait. */
  async #wait(ms: number, error: Error | null): Promise<boolean> {
    this.#interrupt = new AbortController()
    this.#set({ state: 'waiting', error: error ?? this.#state.error, retryAt: this.#clock.now() + ms })
    const { signal } = this.#interrupt
    await this.#clock.sleep(ms, { signal }).catch(() => {})
    return signal.aborted
  }

  #set(change: Partial<DialerState>): void {
    this.#state = { ...this.#state, ...change }
    this.emit('state', this.#state)
  }
}

/** True for an error of a dialer that waiting alone will not cure: another device answers, or what answers is no store. */
export function needsAPerson(error: Error | null): error is AppError {
  return ['FORBIDDEN', 'NOT_A_STORE'].includes(errorCode(error) ?? '')
}
