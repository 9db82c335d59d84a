/** Cards in the document: how each type is made, and how whatever is there is read without trusting it. */
import * as v from 'valibot'
import * as Y from 'yjs'
import { BoardColour, BoardId, CARD_TYPES, CardFile, Message } from '../contract/boards.ts'
import type { Card, CardType, NewCard } from '../contract/boards.ts'
import { plainText, setPlainText, wellFormed } from './text.ts'

/** Size of a new card, and the least and most that is shown, in pixels. */
export const SIZES: Readonly<Record<CardType, { readonly first: readonly [number, number]; readonly least: readonly [number, number] }>> = {
  text: { first: [300, 120], least: [120, 40] },
  thread: { first: [320, 360], least: [180, 120] },
  link: { first: [280, 120], least: [160, 80] },
  file: { first: [320, 240], least: [120, 80] },
  folder: { first: [280, 160], least: [160, 80] },
  table: { first: [320, 200], least: [160, 80] },
  board: { first: [200, 140], least: [120, 100] },
  contact: { first: [120, 140], least: [80, 100] },
}
const MOST_SIZE = 4000
/** Places beyond this are pulled back to it. */
const FARTHEST = 1_000_000
/** Messages that are shown of one thread. */
const MOST_MESSAGES = 2000
const MOST_TITLE = 1000

/** Why a card can't be shown. */
export interface Unreadable {
  readonly reason: string
}

const number = v.pipe(v.number(), v.finite())
const place = v.tuple([number, number])
const time = v.pipe(v.number(), v.integer(), v.minValue(0))

/** The value when it is of that shape, else undefined. */
function when<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> | undefined {
  const parsed = v.safeParse(schema, value)
  return parsed.success ? parsed.output : undefined
}
/** Text of one line: cut to what is shown. */
export function words(value: unknown): string | undefined {
  return typeof value === 'string' ? wellFormed(value.slice(0, MOST_TITLE)) : undefined
}
const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))

function messagesOf(value: unknown): Message[] | undefined {
  if (!(value instanceof Y.Array) || value.length === 0) return undefined
  return value
    .slice(Math.max(0, value.length - MOST_MESSAGES))
    .map((one) => when(Message, one))
    .filter((one) => one !== undefined)
    .map(({ id, by, at, text }) => ({ id: words(id) ?? '', by: words(by) ?? '', at, text: wellFormed(text) }))
}
function fileOf(value: unknown): CardFile | undefined {
  const file = when(CardFile, value)
  return file === undefined ? undefined : { path: wellFormed(file.path), size: file.size, mime: wellFormed(file.mime) }
}

/** What a card of a type lacks, without which it can't be shown; null for nothing. */
export function missingOf(type: CardType, card: { readonly [Field in keyof NewCard]?: NewCard[Field] }): string | null {
  if (type === 'link' && card.url === undefined) return 'its address is missing'
  if (type === 'file' && card.file === undefined) return 'it does not say which file it shows'
  if (type === 'folder' && card.path === undefined) return 'it does not say which folder it shows'
  if (type === 'table' && card.table === undefined) return 'it does not say which table it shows'
  if (type === 'board' && card.board === undefined) return 'it does not say which board it leads to'
  if (type === 'contact' && card.name === undefined) return 'it does not say who it shows'
  return null
}

/** A card as users see it, or why it can't be shown. Nothing that is in the document makes it throw. */
export function readCard(id: string, value: unknown): Card | Unreadable {
  if (!(value instanceof Y.Map)) return { reason: 'what stands here is no card' }
  const get = (name: string): unknown => value.get(name)
  const type = get('type')
  if (typeof type !== 'string') return { reason: 'it does not say what it is' }
  const known = CARD_TYPES.find((one) => one === type)
  if (known === undefined) return { reason: `this version does not know cards of the type "${wellFormed(type.slice(0, 40))}"` }
  const pos = when(place, get('pos'))
  if (pos === undefined) return { reason: 'its place on the board is missing' }
  const { first, least } = SIZES[known]
  const size = when(place, get('size')) ?? [...first]
  const body = get('body')
  const card: Card = {
    id,
    type: known,
    pos: [clamp(pos[0], -FARTHEST, FARTHEST), clamp(pos[1], -FARTHEST, FARTHEST)],
    size: [clamp(size[0], least[0], MOST_SIZE), clamp(size[1], least[1], MOST_SIZE)],
    z: words(get('z')) ?? '',
    by: words(get('by')) ?? '',
    at: when(time, get('at')) ?? 0,
    ...some('colour', when(BoardColour, get('colour'))),
    ...some('deletedAt', when(time, get('deletedAt'))),
    ...some('locked', get('locked') === true ? true : undefined),
    ...some('title', words(get('title'))),
    ...some('description', words(get('description'))),
    ...some('url', words(get('url'))),
    ...some('file', fileOf(get('file'))),
    ...some('path', words(get('path'))),
    ...some('table', words(get('table'))),
    ...some('board', when(BoardId, get('board'))),
    ...some('name', words(get('name'))),
    ...(known === 'text' ? { text: body instanceof Y.XmlFragment ? plainText(body) : '' } : {}),
    ...(known === 'thread' ? { messages: messagesOf(get('messages')) ?? [] } : {}),
    ...some('comments', messagesOf(get('comments'))),
  }
  const missing = missingOf(known, card)
  return missing === null ? card : { reason: missing }
}

/** A place of something that can't be shown, as far as it says one. */
export function placeOf(value: unknown): [number, number] {
  const pos = value instanceof Y.Map ? when(place, value.get('pos')) : undefined
  return pos === undefined ? [0, 0] : [clamp(pos[0], -FARTHEST, FARTHEST), clamp(pos[1], -FARTHEST, FARTHEST)]
}

/** The map of a new card; every nested type that it will ever need is made with it. */
export function newCard(
  card: NewCard,
  facts: { readonly pos: readonly [number, number]; readonly z: string; readonly by: string; readonly at: number },
): Y.Map<unknown> {
  const map = new Y.Map<unknown>()
  const { type, size, text: content, ...fields } = card
  map.set('type', type)
  for (const [name, value] of Object.entries({ ...fields, ...facts, pos: [...facts.pos], size: [...(size ?? SIZES[type].first)] }))
    if (value !== undefined) map.set(name, value)
  map.set('comments', new Y.Array())
  if (type === 'text') {
    const body = new Y.XmlFragment()
    map.set('body', body)
    setPlainText(body, content ?? '')
  }
  if (type === 'thread') {
    const messages = new Y.Array<Message>()
    if (content !== undefined && content !== '') messages.push([message(content, facts)])
    map.set('messages', messages)
  }
  return map
}

/** A line of a thread or a comment. */
export function message(content: string, facts: { readonly by: string; readonly at: number }): Message {
  return { id: randomId(), by: facts.by, at: facts.at, text: content }
}

/** A fresh id of a card or message: 16 hex characters. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function some<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>)
}
