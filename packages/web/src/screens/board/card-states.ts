/** Where the newest edit of each card is: only here in the tab, in the store, or still on its way to some devices. */
import { cardsOf } from '@hyper-store/client/board'
import type * as Y from 'yjs'
import type { BoardConnection } from './connection.ts'

/** What another tab of this store changed is in its log after so long, and the store has told who has it. */
const SETTLE_MS = 1500

/** What is known of a card that was changed while the board was open. */
export type CardState =
  | { readonly at: 'tab' }
  /** Names of devices that are not known to have it. */
  | { readonly at: 'way'; readonly to: readonly string[] }

/** What it hears of the board's connection. */
export type StatesOf = Pick<BoardConnection, 'doc' | 'isFromStore' | 'isKept' | 'subscribe'> & {
  readonly state: Pick<BoardConnection['state'], 'isConnected' | 'isLoaded' | 'isTold' | 'saved' | 'unsaved'>
}

/** What is said of cards; nothing of those that all have, as far as is known. */
export class CardStates {
  readonly #connection: StatesOf
  readonly #states = new Map<string, CardState>()
  readonly #listeners = new Set<() => void>()
  /** Changed here, or by others, since devices last said what they have. */
  readonly #own = new Set<string>()
  readonly #others = new Set<string>()
  /** Nothing of others came for a while: what the store says covers all of it. */
  #isQuiet = true
  readonly #stop: () => void
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(connection: StatesOf) {
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
    const isOwn = !this.#connection.isFromStore(origin)
    for (const event of events) {
      const cards = event.path.length > 0 ? [String(event.path[0])] : [...event.changes.keys.keys()]
      for (const card of cards) {
        if (isOwn) this.#states.set(card, { at: 'tab' })
        ;(isOwn ? this.#own : this.#others).add(card)
      }
    }
    if (isOwn) this.#tell()
    else this.#waitForQuiet()
  }

  #waitForQuiet(): void {
    this.#isQuiet = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#isQuiet = true
      this.#onConnection()
    }, SETTLE_MS)
  }

  readonly #onConnection = (): void => {
    const { unsaved, isConnected, isTold, saved } = this.#connection.state
    if (unsaved > 0 || !isConnected) return
    let isNews = false
    for (const [card, { at }] of this.#states) if (at === 'tab') isNews = this.#states.delete(card)
    // What was said before the newest edits were saved tells nothing of them.
    if (isTold && saved !== null)
      isNews = this.#settle(saved.holders.filter((holder) => holder.behind > 0).map(({ name }) => name)) || isNews
    if (isNews) this.#tell()
  }

  /** Devices that are behind lack what was changed last. True when something is said otherwise than before. */
  #settle(behind: readonly string[]): boolean {
    const before = JSON.stringify([...this.#states])
    for (const card of [...this.#own, ...this.#others]) this.#states.set(card, { at: 'way', to: behind })
    this.#own.clear()
    if (this.#isQuiet) this.#others.clear()
    for (const [card, state] of this.#states) {
      const to = state.at === 'way' ? state.to.filter((name) => behind.includes(name)) : behind
      if (to.length === 0) this.#states.delete(card)
      else this.#states.set(card, { at: 'way', to })
    }
    return JSON.stringify([...this.#states]) !== before
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
