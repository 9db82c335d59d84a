/** The cards of an open board, read once per change: who shows one card hears of that card alone. */
import { cardsOf, connectorsOf, metaOf, readBoard, readCard, readConnectors, readFacts, type BoardFacts } from '@hyper-store/client/board'
import type { Board, Card, Connector } from '@hyper-store/client'
import type * as Y from 'yjs'

/** A card, or why it can't be shown. */
export type Shown = Card | { readonly reason: string }

/** What of a board is shown, kept in step with its document. */
export class BoardModel {
  readonly doc: Y.Doc
  readonly #cards = new Map<string, Shown>()
  readonly #byCard = new Map<string, Set<() => void>>()
  readonly #listeners = new Set<() => void>()
  #ids: readonly string[] = []
  #connectors: readonly Connector[] = []
  #facts: BoardFacts
  #stop: () => void

  constructor(doc: Y.Doc) {
    this.doc = doc
    const onCards = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
      const touched = new Set<string>()
      for (const event of events) {
        if (event.path.length > 0) touched.add(String(event.path[0]))
        else for (const key of event.changes.keys.keys()) touched.add(key)
      }
      for (const id of touched) this.#read(id)
      this.#tell(touched)
    }
    const onConnectors = (): void => {
      this.#readConnectors()
      this.#tell(new Set())
    }
    const onFacts = (): void => {
      this.#facts = readFacts(doc)
      this.#tell(new Set())
    }
    cardsOf(doc).observeDeep(onCards)
    connectorsOf(doc).observe(onConnectors)
    metaOf(doc).observe(onFacts)
    this.#stop = () => {
      cardsOf(doc).unobserveDeep(onCards)
      connectorsOf(doc).unobserve(onConnectors)
      metaOf(doc).unobserve(onFacts)
    }
    for (const id of cardsOf(doc).keys()) this.#read(id)
    this.#readConnectors()
    this.#facts = readFacts(doc)
    this.#ids = this.#idsNow()
  }

  /** Ids of the cards that are shown; the same array until one comes or goes. */
  get ids(): readonly string[] {
    return this.#ids
  }
  get connectors(): readonly Connector[] {
    return this.#connectors
  }
  /** Title, colour and other facts of the board; the same object until one changes. */
  get facts(): BoardFacts {
    return this.#facts
  }
  card(id: string): Shown | undefined {
    return this.#cards.get(id)
  }
  /** All of it, as programs see it: every card is read anew. */
  board(id: string): Board {
    return readBoard(id, this.doc)
  }

  /** Calls back after any change. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  /** Calls back after a change of one card. */
  subscribeCard(id: string, listener: () => void): () => void {
    const listeners = this.#byCard.get(id) ?? new Set()
    this.#byCard.set(id, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  close(): void {
    this.#stop()
  }

  #read(id: string): void {
    const value = cardsOf(this.doc).get(id)
    if (value === undefined) this.#cards.delete(id)
    else this.#cards.set(id, readCard(id, value))
  }

  #readConnectors(): void {
    this.#connectors = readConnectors(this.doc)
  }

  #idsNow(): readonly string[] {
    return [...this.#cards].filter(([, card]) => 'reason' in card || card.deletedAt === undefined).map(([id]) => id)
  }

  #tell(touched: ReadonlySet<string>): void {
    const ids = this.#idsNow()
    if (ids.length !== this.#ids.length || ids.some((id, i) => id !== this.#ids[i])) this.#ids = ids
    for (const id of touched) for (const listener of this.#byCard.get(id) ?? []) listener()
    for (const listener of this.#listeners) listener()
  }
}
