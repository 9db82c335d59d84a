/** Boards over the logs of several devices: what was written is in every document, whatever order it comes in, and a bad block ends its own log only. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as Y from 'yjs'
import { encodeBoardBlock } from '../core/board-blocks.ts'
import { FolderBoards, newBoardId, type OwnBoardLog } from './folder-boards.ts'

/** A log in memory. */
function memoryLog(key: string): OwnBoardLog & { readonly blocks: Uint8Array[] } {
  const blocks: Uint8Array[] = []
  return {
    key,
    blocks,
    get length() {
      return blocks.length
    },
    read: async (indices) => indices.map((i) => blocks[i] as Uint8Array),
    append: async (more) => blocks.push(...more) - more.length,
  }
}

function boardsOver(own: OwnBoardLog, logs: readonly OwnBoardLog[]): FolderBoards {
  return new FolderBoards({ logs: () => logs, own: () => own, now: () => 1_700_000_000_000, onChange: () => undefined })
}

const put = (key: string, value: unknown) => (doc: Y.Doc) => void doc.getMap('cards').set(key, value)
const cards = (doc: Y.Doc | undefined) => doc?.getMap('cards').toJSON()

test('what two devices write to one board comes together, and a restart reads it again', async () => {
  const [a, b] = [memoryLog('a'), memoryLog('b')]
  const laptop = boardsOver(a, [a, b])
  const phone = boardsOver(b, [b, a])
  const id = newBoardId()
  await (await laptop.room(id, { create: true }))?.edit(put('one', 1))
  const onPhone = await phone.room(id)
  assert.deepEqual(cards(onPhone?.doc), { one: 1 })
  await onPhone?.edit(put('two', 2))
  await laptop.catchUp()
  assert.deepEqual(cards((await laptop.room(id))?.doc), { one: 1, two: 2 })
  assert.deepEqual(cards((await boardsOver(a, [b, a]).room(id))?.doc), { one: 1, two: 2 })
  assert.equal(await laptop.room(newBoardId()), null)
})

test('edits of one moment are one block, and writing resolves only when they are in the log', async () => {
  const a = memoryLog('a')
  const boards = boardsOver(a, [a])
  const room = await boards.room(newBoardId(), { create: true })
  await Promise.all(Array.from({ length: 100 }, async (_, i) => room?.edit(put(String(i), i))))
  assert.equal(a.blocks.length, 1)
})

test('a log that can’t be written refuses the edit, and nothing that was refused is said to be saved', async () => {
  const a = memoryLog('a')
  const full = { ...a, length: 0, append: async (): Promise<number> => Promise.reject(new Error('no space')) }
  const room = await boardsOver(full, [full]).room(newBoardId(), { create: true })
  await assert.rejects(async () => room?.edit(put('x', 1)), /no space/)
})

test('a block that is none, or an update that does not parse, ends the reading of its own log only, and says why', async () => {
  for (const bad of [
    new Uint8Array([9, 9]),
    encodeBoardBlock({ kind: 'update', board: 'ab'.repeat(8), at: 5, update: new Uint8Array([255, 255, 255, 1, 2]) }),
  ]) {
    const [a, b] = [memoryLog('a'), memoryLog('b')]
    const boards = boardsOver(a, [a, b])
    const room = await boards.room('ab'.repeat(8), { create: true })
    await b.append([bad])
    await boards.catchUp()
    await room?.edit(put('mine', 1))
    assert.deepEqual([...boards.quarantined.keys()], ['b'])
    await b.append([encodeBoardBlock({ kind: 'update', board: 'ab'.repeat(8), at: 6, update: Y.encodeStateAsUpdate(new Y.Doc()) })])
    await boards.catchUp()
    assert.deepEqual(cards(room?.doc), { mine: 1 })
  }
})

test('a log that was damaged is read on once it is mended, also the own one with what was written meanwhile, and no block twice', async () => {
  const id = 'ab'.repeat(8)
  const update = (key: string): Uint8Array => {
    const doc = new Y.Doc()
    put(key, 1)(doc)
    return encodeBoardBlock({ kind: 'update', board: id, at: 5, update: Y.encodeStateAsUpdate(doc) })
  }
  for (const bad of [
    new Uint8Array([9, 9]),
    encodeBoardBlock({ kind: 'update', board: id, at: 5, update: new Uint8Array([255, 255, 1]) }),
  ]) {
    const a = memoryLog('a')
    const right = [update('one'), update('two'), update('three')]
    await a.append([right[0], bad, right[2]] as Uint8Array[])
    const boards = boardsOver(a, [a])
    const room = await boards.room(id)
    await room?.edit(put('four', 1))
    assert.deepEqual([...boards.quarantined.keys()], ['a'])
    a.blocks[1] = right[1] as Uint8Array
    await boards.readOn('a')
    assert.deepEqual([...boards.quarantined.keys()], [])
    assert.deepEqual(cards(room?.doc), { one: 1, two: 1, three: 1, four: 1 })
    assert.equal((await boards.written(id)).length, 4)
  }
})

test('bytes of a user that are no update, or too many, are refused before anything is changed', async () => {
  const a = memoryLog('a')
  const room = await boardsOver(a, [a]).room(newBoardId(), { create: true })
  for (const update of [new Uint8Array([255, 255, 255]), new Uint8Array(10 * 1024 * 1024)])
    await assert.rejects(async () => room?.write(update, null), { code: 'BAD_REQUEST' })
  assert.equal(a.blocks.length, 0)
})

test('an update of a page goes to the others, not back to the page', async () => {
  const a = memoryLog('a')
  const room = await boardsOver(a, [a]).room(newBoardId(), { create: true })
  const heard: string[] = []
  const one = { onUpdate: () => void heard.push('one') }
  const two = { onUpdate: () => void heard.push('two') }
  room?.listen(one)
  room?.listen(two)
  const doc = new Y.Doc()
  put('x', 1)(doc)
  await room?.write(Y.encodeStateAsUpdate(doc), one)
  assert.deepEqual(heard, ['two'])
})

test('a board is written whole now and then, and from that alone it can be read', async () => {
  const a = memoryLog('a')
  const boards = boardsOver(a, [a])
  const id = newBoardId()
  const room = await boards.room(id, { create: true })
  await room?.edit(put('x', 1))
  await boards.snapshotAll()
  const last = memoryLog('a')
  await last.append([a.blocks.at(-1) as Uint8Array])
  assert.deepEqual(cards((await boardsOver(last, [last]).room(id))?.doc), { x: 1 })
})
