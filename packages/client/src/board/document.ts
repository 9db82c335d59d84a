/** The document of a board: a Yjs document with cards, connectors and a title, made and read alike by page, store and programs. */
import { generateKeyBetween } from 'fractional-indexing'
import * as v from 'valibot'
import * as Y from 'yjs'
import { BoardColour } from '../contract/boards.ts'
import type { Board, Card, ChangeCard, Connector, GreyCard, NewCard } from '../contract/boards.ts'
import { message, newCard, placeOf, randomId, readCard, SIZES, words } from './cards.ts'
import { setPlainText, wellFormed } from './text.ts'

/** Cards keep to this grid, in pixels. */
export const GRID = 20
/** Most cards that are read of one board; what is beyond is left out. */
const MOST_CARDS = 20_000
/** As many lines are read at most. */
const MOST_CONNECTORS = 20_000
const MOST_TITLE = 200
/** Most levels of types in a card that is deleted for good. */
const DEEPEST = 200

/** Who does something, and when: name as others see it, milliseconds since 1970. */
export interface BoardAuthor {
  readonly name: string
  readonly at: number
}

/** Map of the board itself: `title`, `colour`, `archived`, `changedAt`. */
export function metaOf(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap('board')
}
/** Cards by id; each a map. What is in one is never trusted: read it by `readCard`. */
export function cardsOf(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap('cards')
}
/** Connectors by id: `{from, to, label?}`. */
export function connectorsOf(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap('connectors')
}

/** Title, colour and other facts of a new or known board. */
export function setBoard(
  doc: Y.Doc,
  change: { title?: string | undefined; colour?: BoardColour | undefined; archived?: boolean | undefined },
  author: BoardAuthor,
): void {
  doc.transact(() => {
    const meta = metaOf(doc)
    for (const [name, value] of Object.entries(change)) if (value !== undefined) meta.set(name, value)
    meta.set('changedAt', author.at)
  })
}

/** Puts a card on the board; place (free of others), size and `z` (above all) are chosen when left out. Gives its id. */
export function addCard(doc: Y.Doc, card: NewCard, author: BoardAuthor): string {
  return addCards(doc, [card], author)[0] as string
}

/** Puts cards on the board, each above those before; as `addCard`. Gives their ids. */
export function addCards(doc: Y.Doc, cards: readonly NewCard[], author: BoardAuthor): string[] {
  return doc.transact(() => {
    const known = readCards(doc)
    let z = zAbove(known)
    return cards.map((card) => {
      const id = randomId()
      const size = card.size ?? SIZES[card.type].first
      const facts = { pos: snap(card.pos ?? freePlace(known, size)), z, by: author.name, at: author.at }
      cardsOf(doc).set(id, newCard(card, facts))
      known.push({ id, type: card.type, size: [...size], ...facts })
      z = zAbove([{ z }])
      return id
    })
  })
}

/** Changes a card; false for an unknown one. */
export function changeCard(doc: Y.Doc, id: string, change: ChangeCard, author: BoardAuthor): boolean {
  const map = cardsOf(doc).get(id)
  if (!(map instanceof Y.Map)) return false
  const { pos, size, colour, locked, title, text, url, description, say, deleted } = change
  doc.transact(() => {
    for (const [name, value] of Object.entries({ pos, size, locked, title, url, description }))
      if (value !== undefined) map.set(name, value)
    if (colour === null) map.delete('colour')
    else if (colour !== undefined) map.set('colour', colour)
    if (deleted === true) map.set('deletedAt', author.at)
    if (deleted === false) map.delete('deletedAt')
    const body: unknown = map.get('body')
    if (text !== undefined && body instanceof Y.XmlFragment) setPlainText(body, text)
    const said: unknown = map.get(map.get('type') === 'thread' ? 'messages' : 'comments')
    if (say !== undefined && said instanceof Y.Array) said.push([message(say, { by: author.name, at: author.at })])
  })
  return true
}

/** The `z` of a card that is put above all others. */
export function zAbove(cards: readonly Pick<Card, 'z'>[]): string {
  let top: string | null = null
  for (const { z } of cards) if (z !== '' && (top === null || z > top)) top = z
  return keyAfter(top)
}
/** The `z` of a card that is put below all others. */
export function zBelow(cards: readonly Pick<Card, 'z'>[]): string {
  let bottom: string | null = null
  for (const { z } of cards) if (z !== '' && (bottom === null || z < bottom)) bottom = z
  try {
    return generateKeyBetween(null, bottom)
  } catch {
    return generateKeyBetween(null, null)
  }
}
/** What a peer wrote as `z` may be no key at all. */
function keyAfter(top: string | null): string {
  try {
    return generateKeyBetween(top, null)
  } catch {
    return `${top ?? ''}z`
  }
}

/** The nearest place on the grid. */
export function snap(pos: readonly [number, number]): [number, number] {
  return [Math.round(pos[0] / GRID) * GRID, Math.round(pos[1] / GRID) * GRID]
}

/** A place where nothing lies: to the right of the newest card, or below all when that is taken. */
function freePlace(cards: readonly Card[], size: readonly [number, number]): [number, number] {
  const newest = cards.reduce<Card | null>((a, b) => (a === null || b.at >= a.at ? b : a), null)
  if (newest === null) return [0, 0]
  const beside: [number, number] = [newest.pos[0] + newest.size[0] + GRID, newest.pos[1]]
  const isTaken = cards.some(
    ({ pos, size: s }) =>
      pos[0] < beside[0] + size[0] && beside[0] < pos[0] + s[0] && pos[1] < beside[1] + size[1] && beside[1] < pos[1] + s[1],
  )
  if (!isTaken) return beside
  const left = cards.reduce((least, { pos }) => Math.min(least, pos[0]), Infinity)
  const below = cards.reduce((most, { pos, size: s }) => Math.max(most, pos[1] + s[1]), -Infinity)
  return [left, below + GRID]
}

/** All cards that can be shown, those in the trash too. */
function readCards(doc: Y.Doc): Card[] {
  const cards: Card[] = []
  for (const [id, value] of cardsOf(doc)) {
    if (cards.length >= MOST_CARDS) break
    const card = readCard(id, value)
    if (!('reason' in card)) cards.push(card)
  }
  return cards
}

/** A connector of two cards that are shown; null for what is none. */
export function readConnector(id: string, value: unknown): Connector | null {
  const parsed = v.safeParse(v.object({ from: v.string(), to: v.string(), label: v.optional(v.string()) }), value)
  if (!parsed.success) return null
  const { from, to } = parsed.output
  const label = words(parsed.output.label)
  return { id, from, to, ...(label === undefined ? {} : { label }) }
}

/** Draws a connector. Gives its id. */
export function connect(doc: Y.Doc, from: string, to: string, label?: string): string {
  const id = randomId()
  connectorsOf(doc).set(id, { from, to, ...(label === undefined ? {} : { label }) })
  return id
}

/** Writes words on a connector; '' takes them away. One that is not there, or can't be read, stays as it is. */
export function labelConnector(doc: Y.Doc, id: string, label: string): void {
  const connector = readConnector(id, connectorsOf(doc).get(id))
  if (connector === null) return
  const { from, to } = connector
  const said = words(label.trim())
  connectorsOf(doc).set(id, { from, to, ...(said === undefined || said === '' ? {} : { label: said }) })
}

/** The connectors that can be read, of cards that are there or not. */
export function readConnectors(doc: Y.Doc): Connector[] {
  const connectors: Connector[] = []
  let read = 0
  for (const [id, value] of connectorsOf(doc)) {
    if (read++ >= MOST_CONNECTORS) break
    const connector = readConnector(id, value)
    if (connector !== null) connectors.push(connector)
  }
  return connectors
}

/** What is known of the board itself. */
export type BoardFacts = Pick<Board, 'title' | 'colour' | 'changedAt' | 'archived'>

/** Title, colour and other facts of a board. Never throws. */
export function readFacts(doc: Y.Doc): BoardFacts {
  const meta = metaOf(doc)
  const title = meta.get('title')
  const colour = v.safeParse(BoardColour, meta.get('colour'))
  const changedAt = meta.get('changedAt')
  return {
    title: typeof title === 'string' && title !== '' ? wellFormed(title.slice(0, MOST_TITLE)) : 'Untitled',
    colour: colour.success ? colour.output : 'snow',
    changedAt: typeof changedAt === 'number' && Number.isSafeInteger(changedAt) && changedAt >= 0 ? changedAt : null,
    archived: meta.get('archived') === true,
  }
}

/** All of a board; `id` is not in the document. Never throws. */
export function readBoard(id: string, doc: Y.Doc): Board {
  const [items, trash, grey]: [Card[], Card[], GreyCard[]] = [[], [], []]
  let read = 0
  for (const [key, value] of cardsOf(doc)) {
    if (read++ >= MOST_CARDS) break
    const card = readCard(key, value)
    if ('reason' in card) grey.push({ id: key, reason: card.reason, pos: placeOf(value) })
    else (card.deletedAt === undefined ? items : trash).push(card)
  }
  const shown = new Set(items.map((card) => card.id))
  const connectors = readConnectors(doc).filter(({ from, to }) => shown.has(from) && shown.has(to))
  return {
    id,
    ...readFacts(doc),
    cards: items.length,
    items: items.sort(byZ),
    grey: grey.sort((a, b) => (a.id < b.id ? -1 : 1)),
    connectors: connectors.sort((a, b) => (a.id < b.id ? -1 : 1)),
    trash: trash.sort((a, b) => (b.deletedAt ?? 0) - (a.deletedAt ?? 0) || (a.id < b.id ? -1 : 1)),
  }
}

function byZ(a: Card, b: Card): number {
  return a.z < b.z ? -1 : a.z > b.z ? 1 : a.id < b.id ? -1 : 1
}

/**
 * Deletes for good what is in the trash since before `before` (milliseconds since 1970); gives how many. A card with things nested deeper
 * than anybody's text stays: Yjs deletes one inside the other, which would end in the middle for want of stack.
 */
export function emptyTrash(doc: Y.Doc, before: number): number {
  const gone = readCards(doc).filter(({ id, deletedAt }) => deletedAt !== undefined && deletedAt < before && !isDeep(cardsOf(doc).get(id)))
  doc.transact(() => {
    for (const { id } of gone) cardsOf(doc).delete(id)
    const ids = new Set(gone.map(({ id }) => id))
    for (const [key, value] of connectorsOf(doc)) {
      const connector = readConnector(key, value)
      if (connector !== null && (ids.has(connector.from) || ids.has(connector.to))) connectorsOf(doc).delete(key)
    }
  })
  return gone.length
}

/** True for a type with more levels below it than can be deleted safely; looked at level by level. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= DEEPEST; depth++) {
    level = level.flatMap((one) =>
      one instanceof Y.Map ? [...one.values()] : one instanceof Y.Array || one instanceof Y.XmlFragment ? one.toArray() : [],
    )
    if (level.length === 0) return false
  }
  return true
}
