/** The document of a board against strangers: nested types where they don't belong, values of no JSON, text that is no text; and its forms for other programs. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BOARD_COLOURS, CARD_TYPES } from '@hyper-store/client/contract'
import type { NewCard } from '@hyper-store/client/contract'
import {
  addCard,
  boardToCanvas,
  boardToHtml,
  canvasToBoard,
  cardsOf,
  changeCard,
  connect,
  connectorsOf,
  labelConnector,
  metaOf,
  readBoard,
  readWire,
  restoreBoard,
  setBoard,
  WIRE,
  wireJson,
  wireNumber,
  wireUpdate,
} from '@hyper-store/client/board'
import * as fc from 'fast-check'
import * as v from 'valibot'
import * as Y from 'yjs'
import { author, ID, runs } from './boards.ts'

/** The document as another device has it: what went over the wire. */
function elsewhere(doc: Y.Doc): Y.Doc {
  const there = new Y.Doc()
  Y.applyUpdate(there, Y.encodeStateAsUpdate(doc))
  return there
}

/** An element in an element, and so on. */
function deepXml(depth: number): Y.XmlFragment {
  const outer = new Y.XmlFragment()
  let inner: Y.XmlFragment = outer
  for (let i = 0; i < depth; i++) {
    const element = new Y.XmlElement('paragraph')
    inner.insert(0, [element])
    inner = element
  }
  return outer
}
function textWith(embed: object): Y.XmlText {
  const text = new Y.XmlText('a')
  text.insertEmbed(0, embed)
  return text
}
function fragmentOf(...nodes: (Y.XmlElement | Y.XmlText)[]): Y.XmlFragment {
  const fragment = new Y.XmlFragment()
  fragment.insert(0, nodes)
  return fragment
}

/** Values that only a hostile program would put there, each made anew: a nested type has one place. */
const ODDITIES: Readonly<Record<string, () => unknown>> = {
  'a map': () => new Y.Map([['insert', 'x']]),
  'a list of lists': () => Y.Array.from([[1], Y.Array.from([2]), new Y.Map(), null, { id: 1 }]),
  text: () => new Y.Text('x'),
  'an element': () => new Y.XmlElement('script'),
  'text in a fragment': () => fragmentOf(new Y.XmlText('x')),
  'an embedded map': () => fragmentOf(textWith(new Y.Map())),
  'an embedded object': () => fragmentOf(textWith({ image: 'javascript:alert(1)' })),
  'a hook': () => new Y.XmlHook('x'),
  'elements in elements': () => deepXml(100),
  'a document': () => new Y.Doc(),
  'a document in a map': () => new Y.Map([['x', new Y.Doc()]]),
  'a long number': () => 5n,
  'a long number in a list': () => [{ a: 5n }],
  'half a character': () => '\ud83d',
  'a long text': () => '<'.repeat(300_000),
  nothing: () => null,
  'no number': () => Number.NaN,
}
const FIELDS = ['type', 'pos', 'size', 'z', 'by', 'at', 'deletedAt', 'colour', 'title', 'url', 'file', 'body', 'messages', 'comments', 'x']

describe('what no program of ours writes', () => {
  for (const [name, make] of Object.entries(ODDITIES))
    test(`${name} in any field: every reader goes on, the board can be brought back and forth`, () => {
      const doc = new Y.Doc()
      const good = addCard(doc, { type: 'text', text: 'fine' }, author('ann'))
      const past = elsewhere(doc)
      for (const type of ['text', 'thread'])
        for (const field of FIELDS) {
          cardsOf(doc).set(`${type} ${field}`, new Y.Map(Object.entries({ type, pos: [0, 0], size: [200, 200], [field]: make() })))
        }
      for (const field of ['title', 'colour', 'archived', 'changedAt']) metaOf(doc).set(field, make())
      cardsOf(doc).set('bare', make())
      connectorsOf(doc).set('bare', make())
      const there = elsewhere(doc)
      const board = readBoard(ID, there)
      assert.ok(board.items.some(({ id, text }) => id === good && text === 'fine'))
      assert.equal(board.items.length + board.grey.length + board.trash.length, 2 * FIELDS.length + 2)
      for (const { reason } of board.grey) assert.ok(reason.length > 0 && reason.length < 200)
      boardToHtml(board)
      boardToCanvas(board)
      JSON.stringify(board)
      const before = elsewhere(there)
      restoreBoard(there, past, author('ann', 9))
      assert.deepEqual(
        readBoard(ID, there).items.map(({ id }) => id),
        [good],
      )
      // And back to the state with all of it, here and on a device that has none of it.
      restoreBoard(there, before, author('ann', 10))
      restoreBoard(past, before, author('ann', 10))
      assert.ok(readBoard(ID, past).items.some(({ id }) => id === good))
    })

  test('a long label of a line is cut like other titles', () => {
    const doc = new Y.Doc()
    const id = addCard(doc, cardOf('text', 'x'), author('ann'))
    connect(doc, id, id, 'x'.repeat(300_000))
    assert.equal(readBoard(ID, doc).connectors[0]?.label?.length, 1000)
  })

  test('words are written on a line and taken away again; one that is none stays as it is, and of many no more are read than can be shown', () => {
    const doc = new Y.Doc()
    const id = addCard(doc, cardOf('text', 'x'), author('ann'))
    const line = connect(doc, id, id)
    const label = () => readBoard(ID, doc).connectors.find((one) => one.id === line)?.label
    labelConnector(doc, line, ` ${'why '.repeat(1000)}`)
    assert.equal(label()?.length, 1000)
    labelConnector(doc, line, '  ')
    assert.equal(label(), undefined)
    connectorsOf(doc).set('bare', 5)
    for (const none of ['bare', 'unknown']) labelConnector(doc, none, 'x')
    assert.deepEqual([connectorsOf(doc).get('bare'), connectorsOf(doc).has('unknown')], [5, false])
    doc.transact(() => {
      for (let i = 0; i < 20_100; i++) connectorsOf(doc).set(`line ${i}`, { from: id, to: id })
    })
    assert.ok(readBoard(ID, doc).connectors.length <= 20_000)
  })

  test('a card that came since goes to the trash, although it says nonsense about when it went there', () => {
    const [doc, past] = [new Y.Doc(), new Y.Doc()]
    const id = addCard(doc, cardOf('text', 'x'), author('ann'))
    const map = cardsOf(doc).get(id)
    assert.ok(map instanceof Y.Map)
    map.set('deletedAt', 'soon')
    assert.equal(restoreBoard(doc, past, author('ann', 9)), 1)
    const { items, trash } = readBoard(ID, doc)
    assert.deepEqual([items.length, trash.length], [0, 1])
    assert.equal(restoreBoard(doc, past, author('ann', 9)), 0)
  })

  test('half a character is shown alike by who wrote it and by who got it', () => {
    const half = 'a\ud83d'
    const doc = new Y.Doc()
    setBoard(doc, { title: half }, author(half))
    const ids = CARD_TYPES.map((type) => addCard(doc, cardOf(type, half), author(half)))
    for (const id of ids) changeCard(doc, id, { say: half }, author(half))
    connect(doc, ids[0] ?? '', ids[1] ?? '', half)
    assert.deepEqual(readBoard(ID, elsewhere(doc)), readBoard(ID, doc))
  })
})

function cardOf(type: (typeof CARD_TYPES)[number], text: string): NewCard {
  return { type, text, title: text, url: text, file: { path: text, size: 1, mime: text }, path: text, table: text, board: ID, name: text }
}

const integer = v.pipe(v.number(), v.integer())
const place = {
  id: v.string(),
  x: integer,
  y: integer,
  width: integer,
  height: integer,
  color: v.optional(v.picklist(['1', '2', '3', '4', '5', '6'])),
}
/** JSON Canvas 1.0, as far as a board uses it. */
const CANVAS = v.strictObject({
  nodes: v.array(
    v.variant('type', [
      v.strictObject({ ...place, type: v.literal('text'), text: v.string() }),
      v.strictObject({ ...place, type: v.literal('file'), file: v.string() }),
      v.strictObject({ ...place, type: v.literal('link'), url: v.string() }),
    ]),
  ),
  edges: v.array(v.strictObject({ id: v.string(), fromNode: v.string(), toNode: v.string(), label: v.optional(v.string()) })),
})
const wordsArb = fc.string({ maxLength: 20, unit: 'binary' })
const placeArb = fc.tuple(fc.double({ min: -5000, max: 5000, noNaN: true }), fc.double({ min: -5000, max: 5000, noNaN: true }))
const cardArb = fc.record({
  type: fc.constantFrom(...CARD_TYPES),
  text: wordsArb,
  pos: placeArb,
  size: placeArb,
  colour: fc.constantFrom(...BOARD_COLOURS),
})

describe('JSON Canvas', () => {
  test('that is taken out of any board is of version 1.0, with whole numbers and a node for each card', () => {
    const property = fc.property(fc.array(cardArb, { maxLength: 12 }), wordsArb, (cards, label) => {
      const doc = new Y.Doc()
      for (const { type, text, pos, size, colour } of cards) {
        const id = addCard(doc, { ...cardOf(type, text), pos, size, colour }, author('ann'))
        // A page moves by whole pixels; other programs may not.
        changeCard(doc, id, { pos, say: text }, author('ann'))
        connect(doc, id, [...cardsOf(doc).keys()][0] ?? '', label)
      }
      const canvas = v.parse(CANVAS, JSON.parse(boardToCanvas(readBoard(ID, doc))))
      const ids = new Set(canvas.nodes.map(({ id }) => id))
      assert.equal(ids.size, cards.length)
      for (const { fromNode, toNode } of canvas.edges) assert.ok(ids.has(fromNode) && ids.has(toNode))
      const again = new Y.Doc()
      assert.equal(canvasToBoard(again, JSON.stringify(canvas), author('ben')), cards.length)
      const board = readBoard(ID, again)
      assert.deepEqual([board.items.length, board.grey.length, board.connectors.length], [cards.length, 0, cards.length])
    })
    fc.assert(property, runs)
  })

  test('with names that every object has: they are no types of files and no colours', () => {
    const doc = new Y.Doc()
    const at = { x: 0, y: 0, width: 200, height: 200 }
    const nodes = ['__proto__', 'a.constructor', 'toString'].map((name, i) => ({
      id: `${i}`,
      type: 'file',
      file: name,
      color: name,
      ...at,
    }))
    canvasToBoard(doc, JSON.stringify({ nodes }), author('ann'))
    assert.deepEqual(
      readBoard(ID, doc).items.map(({ file, colour }) => [file?.mime, colour]),
      nodes.map(() => ['application/octet-stream', undefined]),
    )
  })

  test('of odd nodes: each that is one becomes a card that can be shown, every other is left out', () => {
    const wild: fc.Arbitrary<unknown> = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(1e308, -1e308, '\ud800', 'x'.repeat(5000), '__proto__', 'javascript:alert(1)'),
    )
    const nodeArb = fc.record({
      id: fc.oneof(fc.constantFrom('a', 'a', 'b', '__proto__'), wild),
      type: fc.oneof(fc.constantFrom('text', 'file', 'link', 'group', '__proto__'), wild),
      x: fc.oneof(fc.integer(), wild),
      y: fc.oneof(fc.integer(), wild),
      width: fc.oneof(fc.integer(), wild),
      height: fc.integer(),
      ...Object.fromEntries(
        ['color', 'text', 'file', 'url', 'label'].map((name) => [name, fc.oneof(fc.constant(undefined), fc.string(), wild)]),
      ),
    })
    const edgeArb = fc.record({ id: wild, fromNode: fc.constantFrom('a', 'b'), toNode: fc.constantFrom('a', 'c'), label: wild })
    const property = fc.property(fc.array(nodeArb, { maxLength: 6 }), fc.array(edgeArb, { maxLength: 4 }), (nodes, edges) => {
      const doc = new Y.Doc()
      const made = canvasToBoard(doc, JSON.stringify({ nodes, edges }), author('ann'))
      const board = readBoard(ID, doc)
      assert.deepEqual([board.items.length, board.grey], [made, []])
      assert.doesNotMatch(boardToHtml(board), /href="javascript/i)
    })
    fc.assert(property, runs)
  })
})

describe('a page of HTML', () => {
  test('has no tag and no attribute but its own, whatever the texts are', () => {
    const evilArb = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '"',
        "'",
        '&',
        '`',
        '=',
        '/',
        ' ',
        '\n',
        '\0',
        'script',
        'onload',
        'javascript:',
        'https://',
        '-->',
        ']]>',
        '</article>',
        '&lt;',
      ),
      { maxLength: 12 },
    )
    const property = fc.property(
      evilArb.map((parts) => parts.join('')),
      fc.constantFrom('', 'https://', 'HTTP://', 'javascript:', ' https://'),
      (evil, scheme) => {
        const doc = new Y.Doc()
        setBoard(doc, { title: evil }, author('ann'))
        for (const type of CARD_TYPES) {
          const id = addCard(doc, { ...cardOf(type, evil), url: scheme + evil }, author(evil))
          changeCard(doc, id, { say: evil, description: evil }, author(evil))
          connect(doc, id, id, evil)
        }
        const html = boardToHtml(readBoard(ID, doc))
        const body = html.slice(html.indexOf('<body>'))
        const own =
          /<\/?(?:body|h1|main|article|aside|svg|text|strong|small|p|a|html)>|<line(?: [xy][12]="-?[\d.]+"){4}\/>|<text x="-?[\d.]+" y="-?[\d.]+">|<main style="height:\d+px">|<article style="(?:(?:left|top|width|height):\d+px;?){4}">|<a href="https?:\/\/[^"<>']*" rel="noopener noreferrer">/gi
        assert.doesNotMatch(body.replaceAll(own, ''), /[<>"']/)
      },
    )
    fc.assert(property, runs)
  })
})

describe('undo', () => {
  /** A person at a page of their own: edits, and takes back what they did themselves. */
  function person(name: string) {
    const doc = new Y.Doc()
    const origin = {}
    const undo = new Y.UndoManager([cardsOf(doc), connectorsOf(doc), metaOf(doc)], { trackedOrigins: new Set([origin]), captureTimeout: 0 })
    return { name, doc, undo, act: (deed: (doc: Y.Doc) => void) => doc.transact(() => deed(doc), origin) }
  }
  function meet(...people: readonly ReturnType<typeof person>[]): void {
    for (const { doc } of people) for (const other of people) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other.doc), 'came')
  }

  test('of all that one did leaves the cards of the other as if they had been alone', () => {
    const stepArb = fc.tuple(fc.boolean(), fc.constantFrom('text', 'move', 'colour', 'say', 'trash'), fc.nat(9), fc.boolean())
    const property = fc.property(fc.array(stepArb, { maxLength: 20 }), (steps) => {
      const [ann, ben] = [person('ann'), person('ben')]
      const own = new Map([ann, ben].map((who) => [who, addCard(who.doc, { type: 'thread', pos: [0, 0] }, author(who.name))]))
      meet(ann, ben)
      const bens = own.get(ben) ?? ''
      const cardOfBen = (doc: Y.Doc) => [...readBoard(ID, doc).items, ...readBoard(ID, doc).trash].find(({ id }) => id === bens)
      for (const [isAnn, what, n, isShared] of steps) {
        const who = isAnn ? ann : ben
        const id = own.get(who) ?? ''
        if (what === 'text') who.act((doc) => addCard(doc, { type: 'text', text: String(n) }, author(who.name)))
        else {
          const change = {
            move: { pos: [n, n] as [number, number] },
            colour: { colour: BOARD_COLOURS[n] },
            say: { say: String(n) },
            trash: { deleted: n > 4 },
          }[what]
          who.act((doc) => changeCard(doc, id, change as object, author(who.name)))
        }
        if (isShared) meet(ann, ben)
      }
      const before = cardOfBen(ben.doc)
      const alone = readBoard(ID, ben.doc).items.filter(({ by, type }) => by === 'ben' && type === 'text')
      while (ann.undo.undoStack.length > 0) ann.undo.undo()
      meet(ann, ben)
      const after = readBoard(ID, ben.doc)
      assert.deepEqual(readBoard(ID, ann.doc), after)
      assert.deepEqual(cardOfBen(ben.doc), before)
      assert.deepEqual(
        after.items.filter(({ by, type }) => by === 'ben' && type === 'text'),
        alone,
      )
      assert.ok(!after.items.some(({ by, type }) => by === 'ann' && type === 'text'))
      const anns = [...after.items, ...after.trash].find(({ id }) => id === own.get(ann))
      assert.deepEqual([anns?.pos, anns?.colour, anns?.messages, anns?.deletedAt], [[0, 0], undefined, [], undefined])
    })
    fc.assert(property, { ...runs, numRuns: 50 })
  })

  test('of a move does not take back the later move of somebody else', () => {
    const [ann, ben] = [person('ann'), person('ben')]
    const id = addCard(ann.doc, { type: 'text', text: 'x', pos: [0, 0] }, author('ann'))
    ann.act((doc) => changeCard(doc, id, { pos: [20, 20] }, author('ann')))
    meet(ann, ben)
    ben.act((doc) => changeCard(doc, id, { pos: [400, 400] }, author('ben')))
    meet(ann, ben)
    ann.undo.undo()
    meet(ann, ben)
    assert.deepEqual(readBoard(ID, ben.doc).items[0]?.pos, [400, 400])
  })
})

describe('messages of a live connection', () => {
  test('are read as they were written, wherever they lie in memory; too short a number is none', () => {
    const property = fc.property(fc.nat(0xffffffff), fc.uint8Array({ maxLength: 40 }), fc.nat(9), (number, update, offset) => {
      const message = wireUpdate(number, update)
      const memory = new Uint8Array(offset + message.byteLength + 3)
      memory.set(message, offset)
      const read = readWire(memory.subarray(offset, offset + message.byteLength))
      assert.equal(read?.kind, WIRE.update)
      assert.equal(wireNumber(read?.body ?? new Uint8Array()), number)
      assert.deepEqual(read?.body.slice(4), update)
    })
    fc.assert(property, runs)
    for (let length = 0; length < 4; length++) assert.equal(wireNumber(new Uint8Array(length)), null)
    assert.equal(readWire(new Uint8Array()), null)
    for (let kind = 6; kind < 256; kind++) assert.equal(readWire(new Uint8Array([kind, 1])), null)
    assert.equal(readWire(wireJson(WIRE.refused, { code: 'x' }))?.kind, WIRE.refused)
  })
})
