/** Bringing a board back to an earlier state, as an edit like any other: nothing is forgotten, and it can be undone. */
import * as Y from 'yjs'
import { type BoardAuthor, cardsOf, connectorsOf, metaOf } from './document.ts'

/** Deepest nesting that is brought back. */
const DEEPEST = 32

/** What people said stays said: messages and comments are not taken back. */
const SAID = new Set(['messages', 'comments'])

/**
 * Makes the board what it was in `past` (another document). Cards that came since go to the trash, cards that went come back, all others
 * get their fields of then; what was written in threads and comments since stays. Gives how many cards changed.
 */
export function restoreBoard(doc: Y.Doc, past: Y.Doc, author: BoardAuthor): number {
  return doc.transact(() => {
    restoreFields(metaOf(doc), metaOf(past), new Set(['changedAt']))
    let changed = 0
    const [now, then] = [cardsOf(doc), cardsOf(past)]
    for (const [id, value] of then) if (restoreCard(now, id, value)) changed++
    for (const [id, value] of now) {
      if (then.has(id) || !(value instanceof Y.Map) || isTime(value.get('deletedAt'))) continue
      value.set('deletedAt', author.at)
      changed++
    }
    restoreFields(connectorsOf(doc), connectorsOf(past), new Set())
    if (changed > 0) metaOf(doc).set('changedAt', author.at)
    return changed
  })
}

/** A `deletedAt` that is none does not make a card one of the trash. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function restoreCard(now: Y.Map<unknown>, id: string, then: unknown): boolean {
  const card = now.get(id)
  if (!(then instanceof Y.Map) || !isPlain(then, 0)) return false
  if (!(card instanceof Y.Map)) {
    now.set(id, then.clone())
    return true
  }
  return restoreFields(card, then, SAID)
}

/** Sets and deletes what differs, `except` some; true when anything did. */
function restoreFields(now: Y.Map<unknown>, then: Y.Map<unknown>, except: ReadonlySet<string>): boolean {
  let changed = false
  for (const name of new Set([...now.keys(), ...then.keys()])) {
    if (except.has(name)) continue
    const [is, was] = [now.get(name), then.get(name)]
    if (!isPlain(was, 0) || (isPlain(is, 0) && same(is, was))) continue
    changed = true
    if (was === undefined) now.delete(name)
    else if (is instanceof Y.XmlFragment && was instanceof Y.XmlFragment) refill(is, was)
    else now.set(name, was instanceof Y.AbstractType ? was.clone() : was)
  }
  return changed
}

function same(is: unknown, was: unknown): boolean {
  return is === was || (is !== undefined && was !== undefined && textOf(is) === textOf(was))
}
function textOf(value: unknown): string {
  if (value instanceof Y.XmlFragment) return value.toJSON()
  return JSON.stringify(value instanceof Y.AbstractType ? value.toJSON() : value)
}

/** Whether it can be compared and copied. A hostile program may put documents, long numbers and endless nesting there: that stays as it is. */
function isPlain(value: unknown, depth: number): boolean {
  if (depth > DEEPEST || typeof value === 'bigint' || value instanceof Y.Doc || value instanceof Y.XmlHook) return false
  const arePlain = (parts: Iterable<unknown>): boolean => [...parts].every((part) => isPlain(part, depth + 1))
  if (value instanceof Y.Map) return arePlain(value.values())
  // What is embedded in text is copied as it is, and a nested type can't be in two places.
  if (value instanceof Y.Text) return arePlain((value.toDelta() as { insert: unknown }[]).map(({ insert }) => insert)) && !hasTypes(value)
  if (value instanceof Y.XmlElement) return arePlain(Object.values(value.getAttributes())) && arePlain(value.toArray())
  if (value instanceof Y.Array || value instanceof Y.XmlFragment) return arePlain(value.toArray())
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) ? arePlain(Object.values(value)) : true
}
function hasTypes(text: Y.Text): boolean {
  return (text.toDelta() as { insert: unknown }[]).some(({ insert }) => insert instanceof Y.AbstractType)
}

/** The fragment itself stays: an editor may be open on it. */
function refill(fragment: Y.XmlFragment, was: Y.XmlFragment): void {
  fragment.delete(0, fragment.length)
  fragment.insert(
    0,
    was.toArray().map((node) => node.clone() as Y.XmlElement | Y.XmlText),
  )
}
