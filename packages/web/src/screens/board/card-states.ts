/** Where the newest edit of each card is: only here in the tab, in the store, or still on its way to some devices. */
import { cardsOf } from '@hyper-store/client/board'
import type * as Y from 'yjs'
import type { BoardConnection } from './connection.ts'

/** The store tells who has what at most twice a second: what it said before that tells nothing of the newest edits. */
const SETTLE_MS = 800

/** What is known of a card that was changed while the board was open. */
export type CardState =
  | { readonly at: 'tab' }
  /** Names of devices that are not known to have it. */
  | { readonly at: 'way'; readonly to: readonly string[] }

/** What is said of cards; nothing of those that all have, as far as is known. */
export class CardStates {
  readonly #connection: BoardConnection
  readonly #states = new Map<string, CardState>()
  readonly #listeners = new Set<() => void>()
  /** Changed since devices last said what they have. */
  readonly #changed = new Set<string>()
  readonly #stop: () => void
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(connection: BoardConnection) {
    this.#connection = connection
    cardsOf(connection.doc).observeDeep(this.#onCards)
    this.#stop = connection.subscribe(this.#onConnection)
  }

  of(card: string): CardState | null {
    return this.#states.get(card) ?? null
  }
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  close(): void {
    cardsOf(this.#connection.doc).unobserveDeep(this.#onCards)
    this.#stop()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  readonly #onCards = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[], { origin }: Y.Transaction): void => {
    // What the browser kept from last time is no news.
    if (!this.#connection.state.isLoaded || this.#connection.isKept(origin)) return
    const own = !this.#connection.isFromStore(origin)
    for (const event of events) {
      const cards = event.path.length > 0 ? [String(event.path[0])] : [...event.changes.keys.keys()]
      for (const card of cards) {
        this.#changed.add(card)
        if (own) this.#states.set(card, { at: 'tab' })
      }
    }
    if (own) this.#tell()
  }

  readonly #onConnection = (): void => {
    const { unsaved, isConnected } = this.#connection.state
    if (unsaved > 0 || !isConnected) return
    let isNews = false
    for (const [card, { at }] of this.#states) if (at === 'tab') isNews = this.#states.delete(card)
    if (isNews) this.#tell()
    this.#timer ??= setTimeout(this.#settle, SETTLE_MS)
  }

  readonly #settle = (): void => {
    this.#timer = null
    const { unsaved, saved, isConnected } = this.#connection.state
    if (unsaved > 0 || !isConnected || saved === null) return
    const behind = saved.holders.filter((holder) => holder.behind > 0).map(({ name }) => name)
    for (const card of this.#changed) this.#states.set(card, { at: 'way', to: behind })
    this.#changed.clear()
    for (const [card, state] of this.#states) {
      const to = state.at === 'way' ? state.to.filter((name) => behind.includes(name)) : behind
      if (to.length === 0) this.#states.delete(card)
      else this.#states.set(card, { at: 'way', to })
    }
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
