/** The document of a board: it comes together in any order, nothing in it makes a reader throw, and what leaves it is text. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BOARD_COLOURS, CARD_TYPES } from '@hyper-store/client/contract'
import type { Card, ChangeCard, NewCard } from '@hyper-store/client/contract'
import {
  addCard,
  addCards,
  boardToCanvas,
  boardToHtml,
  canvasToBoard,
  cardsOf,
  changeCard,
  connect,
  connectorsOf,
  emptyTrash,
  metaOf,
  readBoard,
  readCard,
  readWire,
  restoreBoard,
  setBoard,
  WIRE_LIMIT,
} from '@hyper-store/client/board'
import * as fc from 'fast-check'
import * as Y from 'yjs'
import { author, ID, runs } from './boards.ts'

/** What somebody does to a board; `card`: the how manieth of those that are there. */
type Deed =
  | { readonly do: 'add'; readonly type: (typeof CARD_TYPES)[number]; readonly text: string }
  | { readonly do: 'change'; readonly card: number; readonly what: ChangeCard }
  | { readonly do: 'connect' | 'title' | 'empty'; readonly card: number }
const wordsArb = fc.string({ maxLength: 20, unit: 'grapheme' })
const placeArb = fc.tuple(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -2000, max: 2000 }))
const deedArb: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), type: fc.constantFrom(...CARD_TYPES), text: wordsArb }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      card: fc.nat(20),
      what: fc.oneof(
        fc.record({ pos: placeArb }),
        fc.record({ size: placeArb }),
        fc.record({ text: wordsArb }),
        fc.record({ say: wordsArb }),
        fc.record({ deleted: fc.boolean() }),
        fc.record({ locked: fc.boolean() }),
        fc.record({ colour: fc.constantFrom(null, ...BOARD_COLOURS) }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('connect' as const, 'title' as const, 'empty' as const), card: fc.nat(20) }) },
)

function newCardOf(type: (typeof CARD_TYPES)[number], text: string): NewCard {
  return {
    type,
    text,
    title: text,
    url: 'https://a.example',
    file: { path: 'a', size: 1, mime: 'b' },
    path: 'p',
    table: 't',
    board: ID,
    name: 'n',
  }
}

function perform(doc: Y.Doc, deed: Deed, who: string): void {
  const ids = [...cardsOf(doc).keys()].sort()
  const id = ids[('card' in deed ? deed.card : 0) % Math.max(1, ids.length)] ?? ''
  if (deed.do === 'add') addCard(doc, newCardOf(deed.type, deed.text), author(who))
  else if (deed.do === 'change') changeCard(doc, id, deed.what, author(who))
  else if (deed.do === 'connect') connect(doc, id, ids[0] ?? '')
  else if (deed.do === 'title') setBoard(doc, { title: `${who} ${deed.card}` }, author(who))
  else emptyTrash(doc, 2)
}

describe('a board that several people write', () => {
  test('is the same for all, in whatever order and how often updates come', () => {
    const history = fc.array(fc.tuple(fc.nat(2), deedArb, fc.boolean()), { maxLength: 40 })
    const property = fc.property(history, fc.infiniteStream(fc.nat(1000)), (acts, order) => {
      const docs = ['ann', 'ben', 'eve'].map((name) => ({ name, doc: new Y.Doc(), updates: [] as Uint8Array[] }))
      for (const { doc, updates } of docs)
        doc.on('update', (update: Uint8Array, origin: unknown) => origin !== 'came' && updates.push(update))
      for (const [who, deed, meet] of acts) {
        const own = docs[who]
        if (own === undefined) continue
        if (meet) for (const other of docs) Y.applyUpdate(own.doc, Y.encodeStateAsUpdate(other.doc), 'came')
        perform(own.doc, deed, own.name)
      }
      const all = docs.flatMap(({ updates }) => updates)
      for (const { doc } of docs) {
        // Some of them come twice, all of them in another order for each.
        const mixed = [...all, ...all.slice(0, 5)].map((update) => ({ update, at: order.next().value ?? 0 }))
        for (const { update } of mixed.sort((a, b) => a.at - b.at)) Y.applyUpdate(doc, update, 'came')
      }
      const [first, ...others] = docs.map(({ doc }) => readBoard(ID, doc))
      for (const other of others) assert.deepEqual(other, first)
      assert.deepEqual(first?.grey, [])
    })
    fc.assert(property, runs)
  })

  test('takes an edit back for the one who made it alone', () => {
    const doc = new Y.Doc()
    const [mine, theirs] = ['mine', 'theirs']
    const undo = new Y.UndoManager([cardsOf(doc)], { trackedOrigins: new Set([mine]) })
    const id = doc.transact(() => addCard(doc, { type: 'text', text: 'both' }, author('ann')), theirs)
    doc.transact(() => changeCard(doc, id, { pos: [40, 40] }, author('ben')), mine)
    doc.transact(() => changeCard(doc, id, { colour: 'mint' }, author('ann')), theirs)
    undo.undo()
    const [card] = readBoard(ID, doc).items
    assert.deepEqual([card?.pos, card?.colour], [[0, 0], 'mint'])
  })

  test('keeps cards in the order in which they were put, above each other', () => {
    const doc = new Y.Doc()
    const ids = addCards(
      doc,
      Array.from({ length: 300 }, (_, i): NewCard => ({ type: 'text', text: String(i) })),
      author('ann'),
    )
    assert.deepEqual(
      readBoard(ID, doc).items.map(({ id }) => id),
      ids,
    )
  })
})

describe('what strangers put into the document', () => {
  const fieldArb = fc.constantFrom(
    'type',
    'pos',
    'size',
    'z',
    'colour',
    'at',
    'deletedAt',
    'title',
    'file',
    'board',
    'messages',
    'body',
    'url',
  )
  const junkArb: fc.Arbitrary<unknown> = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      Number.NaN,
      Infinity,
      -1,
      1e308,
      '',
      'x'.repeat(20_000),
      ...CARD_TYPES,
      [Infinity, 0],
      [1e300, -1e300],
      [1, 2],
      new Uint8Array(3),
    ),
  )

  test('makes no reader throw, and hides no other card', () => {
    const property = fc.property(fc.array(fc.tuple(fieldArb, junkArb), { maxLength: 8 }), junkArb, (fields, bare) => {
      const doc = new Y.Doc()
      const good = addCard(doc, { type: 'text', text: 'fine' }, author('ann'))
      const map = new Y.Map<unknown>()
      for (const [name, value] of fields) map.set(name, value)
      cardsOf(doc).set('junk', map)
      cardsOf(doc).set('__proto__', bare)
      connectorsOf(doc).set('odd', bare)
      metaOf(doc).set('title', bare)
      metaOf(doc).set('colour', bare)
      // As it would come from another device.
      const there = new Y.Doc()
      Y.applyUpdate(there, Y.encodeStateAsUpdate(doc))
      const board = readBoard(ID, there)
      assert.ok(board.items.some(({ id, text }) => id === good && text === 'fine'))
      assert.equal(board.items.length + board.grey.length + board.trash.length, 3)
      for (const { reason } of board.grey) assert.ok(reason.length > 0 && reason.length < 200)
      for (const { pos, size } of board.items) for (const part of [...pos, ...size]) assert.ok(Math.abs(part) <= 1_000_000)
      boardToHtml(board)
      boardToCanvas(board)
    })
    fc.assert(property, runs)
  })

  test('can’t keep the trash from being emptied by endless nesting', () => {
    const doc = new Y.Doc()
    const [deep, plain] = ['deep', 'plain'].map((text) => addCard(doc, { type: 'text', text }, author('ann')))
    const card = cardsOf(doc).get(deep ?? '')
    assert.ok(card instanceof Y.Map)
    // As a hostile program would: one level after the other.
    const body: unknown = card.get('body')
    assert.ok(body instanceof Y.XmlFragment)
    let at: Y.XmlFragment = body
    for (let level = 0; level < 5000; level++) {
      const next = new Y.XmlElement('blockquote')
      at.insert(0, [next])
      at = next
    }
    for (const id of [deep, plain]) changeCard(doc, id ?? '', { deleted: true }, author('ann'))
    assert.equal(emptyTrash(doc, 2), 1)
    assert.deepEqual(
      readBoard(ID, doc).trash.map(({ id }) => id),
      [deep],
    )
  })

  test('is named, when it lacks what its type needs or is of a type that is not known', () => {
    const doc = new Y.Doc()
    const reasonOf = (fields: Readonly<Record<string, unknown>>): string => {
      cardsOf(doc).set('x', new Y.Map(Object.entries(fields)))
      const read = readCard('x', cardsOf(doc).get('x'))
      return 'reason' in read ? read.reason : ''
    }
    assert.match(reasonOf({ type: 'link', pos: [0, 0] }), /address is missing/)
    assert.match(reasonOf({ type: 'file', pos: [0, 0] }), /which file/)
    assert.match(reasonOf({ type: 'hologram', pos: [0, 0] }), /does not know cards of the type "hologram"/)
    assert.match(reasonOf({ type: 'text' }), /place on the board is missing/)
    assert.match(reasonOf({ pos: [0, 0] }), /does not say what it is/)
  })

  test('stays text in a page of HTML, in every field', () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(1)'>`
    const doc = new Y.Doc()
    setBoard(doc, { title: evil }, author(evil))
    for (const type of CARD_TYPES) {
      const id = addCard(doc, { ...newCardOf(type, evil), url: `javascript:${evil}`, path: evil, name: evil, table: evil }, author(evil))
      changeCard(doc, id, { say: evil }, author(evil))
      connect(doc, id, id, evil)
    }
    addCard(doc, { type: 'link', url: `https://a.example/${evil}`, title: evil }, author(evil))
    const html = boardToHtml(readBoard(ID, doc))
    assert.doesNotMatch(html, /<script|<img|href="javascript/i)
    assert.equal(html.match(/<article/g)?.length, CARD_TYPES.length + 1)
  })
})

describe('a page of HTML', () => {
  test('has what cards say, their comments, and the lines between them with their words', () => {
    const doc = new Y.Doc()
    const one = addCard(doc, { type: 'text', text: 'one', pos: [0, 0], size: [200, 100] }, author('ann'))
    const two = addCard(doc, { type: 'link', url: 'https://a.example/', pos: [400, 0], size: [200, 100] }, author('ann'))
    changeCard(doc, one, { say: 'why so?' }, author('ben'))
    changeCard(doc, two, { description: 'A place' }, author('ann'))
    connect(doc, one, two, 'leads to')
    const html = boardToHtml(readBoard(ID, doc))
    for (const part of [
      'one<aside><p><small>ben</small>\nwhy so?</p></aside>',
      '<p>A place</p>',
      '<line x1="100" y1="50" x2="500" y2="50"/><text x="300" y="50">leads to</text>',
    ])
      assert.ok(html.includes(part), part)
  })
})

describe('JSON Canvas', () => {
  test('takes a board out and in again: places, sizes, texts, links, files, lines', () => {
    const doc = new Y.Doc()
    const one = addCard(doc, { type: 'text', text: 'one\ntwo', pos: [20, 40], size: [200, 100], colour: 'mint' }, author('ann'))
    const two = addCard(doc, { type: 'link', url: 'https://a.example/x', pos: [400, 40] }, author('ann'))
    addCard(doc, { type: 'file', file: { path: 'a/b.png', size: null, mime: 'image/png' }, pos: [800, 40] }, author('ann'))
    connect(doc, one, two, 'leads to')
    const again = new Y.Doc()
    assert.equal(canvasToBoard(again, boardToCanvas(readBoard(ID, doc)), author('ben')), 3)
    const facts = (board: { items: readonly Card[] }) =>
      board.items.map(({ type, pos, size, text, url, file, colour }) => ({ type, pos, size, text, url, file, colour }))
    const [before, after] = [readBoard(ID, doc), readBoard(ID, again)]
    assert.deepEqual(facts(after), facts(before))
    assert.deepEqual(
      after.connectors.map(({ label }) => label),
      ['leads to'],
    )
  })

  test('that is none is refused in words; nodes that are none are left out', () => {
    for (const text of ['', 'x', '[]', '{"nodes": 1}', 'null'])
      assert.throws(() => canvasToBoard(new Y.Doc(), text, author('ann')), RangeError)
    const canvas = {
      nodes: [1, null, {}, { id: 'a', type: 'text', x: 0, y: 0, width: 10, height: 10, text: 'kept' }],
      edges: [1, { id: 'e' }],
    }
    assert.equal(canvasToBoard(new Y.Doc(), JSON.stringify(canvas), author('ann')), 1)
    const property = fc.property(fc.json(), (text) => {
      try {
        canvasToBoard(new Y.Doc(), text, author('ann'))
      } catch (error) {
        assert.ok(error instanceof RangeError)
      }
    })
    fc.assert(property, runs)
  })

  test('of thousands of nodes is taken in one go', () => {
    const nodes = Array.from({ length: 5000 }, (_, i) => ({
      id: String(i),
      type: 'text',
      x: i,
      y: 0,
      width: 10,
      height: 10,
      text: String(i),
    }))
    assert.equal(canvasToBoard(new Y.Doc(), JSON.stringify({ nodes }), author('ann')), 5000)
  })
})

describe('bringing a board back', () => {
  test('makes it what it was, whatever was done since; what was said stays said', () => {
    const property = fc.property(fc.array(deedArb, { maxLength: 20 }), fc.array(deedArb, { maxLength: 20 }), (first, since) => {
      const doc = new Y.Doc()
      for (const deed of first) perform(doc, deed, 'ann')
      const past = new Y.Doc()
      Y.applyUpdate(past, Y.encodeStateAsUpdate(doc))
      for (const deed of since) perform(doc, deed, 'ben')
      restoreBoard(doc, past, author('ann', 9))
      const shown = (of: Y.Doc) => {
        const { title, items, connectors } = readBoard(ID, of)
        return { title, connectors, items: items.map((card) => ({ ...card, messages: [], comments: [] })) }
      }
      assert.deepEqual(shown(doc), shown(past))
      assert.equal(restoreBoard(doc, past, author('ann', 9)), 0)
    })
    fc.assert(property, runs)
  })
})

test('messages of a live connection that are none are none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = readWire(bytes)
      assert.ok(read === null || read.body.byteLength === bytes.byteLength - 1)
    }),
    runs,
  )
  assert.equal(readWire(new Uint8Array(WIRE_LIMIT + 1)), null)
})
