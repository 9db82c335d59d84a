/** Checks what is said of cards that changed: only words of the store that had the newest edits in mind count. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addCard, cardsOf, changeCard } from '@hyper-store/client/board'
import * as Y from 'yjs'
import { CardStates, type StatesOf } from './card-states.ts'

const STORE = Symbol('the store')

/** A connection that says what it is told to say. */
function open() {
  const doc = new Y.Doc()
  const listeners = new Set<() => void>()
  const connection = {
    doc,
    state: { isConnected: true, isLoaded: true, isTold: true, saved: null, unsaved: 0 } as StatesOf['state'],
    isFromStore: (origin: unknown) => origin === STORE,
    isKept: () => false,
    subscribe: (listener: () => void) => (listeners.add(listener), () => listeners.delete(listener)),
  }
  const say = (state: Partial<StatesOf['state']>): void => {
    connection.state = { ...connection.state, ...state }
    for (const listener of listeners) listener()
  }
  const holders = (behind: number) => ({
    quarantined: [],
    holders: [{ device: 'r', name: 'raspberry', behind, online: true, at: null }],
  })
  const card = addCard(doc, { type: 'text', text: 'a' }, { name: 'ann', at: 1 })
  return { doc, card, say, holders, states: new CardStates(connection) }
}

test('a card that was changed here is in the tab, then on its way, then with all', () => {
  const { doc, card, say, holders, states } = open()
  changeCard(doc, card, { text: 'b' }, { name: 'ann', at: 2 })
  assert.deepEqual(states.of(card), { at: 'tab' })
  say({ unsaved: 1, isTold: false })
  assert.deepEqual(states.of(card), { at: 'tab' })
  // Said before the edit was in the log: it tells nothing of it.
  say({ unsaved: 0, saved: holders(0) })
  assert.equal(states.of(card), null)
  say({ isTold: true, saved: holders(1) })
  assert.deepEqual(states.of(card), { at: 'way', to: ['raspberry'] })
  say({ saved: holders(0) })
  assert.equal(states.of(card), null)
  states.close()
})

test('what another tab changed is on its way too, although the store may have spoken before that was in its log', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { doc, card, say, holders, states } = open()
  doc.transact(() => (cardsOf(doc).get(card) as Y.Map<unknown>).set('title', 'c'), STORE)
  say({ saved: holders(0) })
  assert.equal(states.of(card), null)
  say({ saved: holders(1) })
  assert.deepEqual(states.of(card), { at: 'way', to: ['raspberry'] })
  say({ saved: holders(0) })
  t.mock.timers.tick(2000)
  // Now it is known to be with all: what others do later is nothing of this card.
  say({ saved: holders(2) })
  assert.equal(states.of(card), null)
  states.close()
})
