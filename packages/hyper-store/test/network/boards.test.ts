/** Boards over real stores: two people, a keeper, cuts and kills; what was said to be saved stays, and all come to the same board. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiOf, pairWith, share } from '../fixtures/lab.ts'
import { openBoardSocket } from '../fixtures/board-socket.ts'
import { boardOverBlindBox, invite, join, membersOf, put, shareWith, storesOnPorts } from '../fixtures/sharing.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const OPTIONS = { timeout: 120_000 }

test('a board is made, filled and changed by the API, and stays over a restart', OPTIONS, async () => {
  await using stores = await createStores('hyper-store-board-')
  const { laptop } = await storesOnPorts(stores, ['laptop'])
  await put(laptop, 'plans/one.txt', 'x')
  const { key } = await share(laptop, 'plans')
  const api = await apiOf(laptop)
  const made = await api.createBoard(key, { title: 'Trip', colour: 'mint' })
  const card = await api.addCard(key, made.id, { type: 'text', text: 'Faro\nLagos' })
  await api.addCard(key, 'Trip', { type: 'file', file: { path: 'one.txt', size: 1, mime: 'text/plain' } })
  await api.changeCard(key, made.id, card.id, { pos: [100, 200], say: 'nice' })
  await laptop.kill()
  await laptop.serve()
  const again = await (await apiOf(laptop)).getBoard(key, made.id)
  assert.deepEqual([again.title, again.colour, again.cards], ['Trip', 'mint', 2])
  const text = again.items.find(({ type }) => type === 'text')
  assert.deepEqual([text?.text, text?.pos, text?.comments?.map((one) => one.text)], ['Faro\nLagos', [100, 200], ['nice']])
  await assert.rejects(async () => (await apiOf(laptop)).getBoard(key, 'ab'.repeat(8)), { code: 'NOT_FOUND' })
})

test('a board is shown as it was, goes back to that, and everything of it is found', OPTIONS, async () => {
  await using stores = await createStores('hyper-store-board-')
  const { laptop } = await storesOnPorts(stores, ['laptop'])
  await put(laptop, 'plans/Faro tickets.txt', 'x')
  const { key } = await share(laptop, 'plans')
  const api = await apiOf(laptop)
  const { id } = await api.createBoard(key, { title: 'Trip' })
  const note = await api.addCard(key, id, { type: 'text', text: 'the train to Faro' })
  const thread = await api.addCard(key, id, { type: 'thread', title: 'Plans', text: 'when?' })
  const { changedAt } = await api.getBoard(key, id)
  const then = changedAt ?? 0
  await until('the clock moved on', () => Date.now() > then)
  await api.changeCard(key, id, note.id, { text: 'the bus to Lagos', pos: [400, 400], deleted: true })
  await api.changeCard(key, id, thread.id, { say: 'in May' })
  const late = await api.addCard(key, id, { type: 'text', text: 'too late' })
  const [moment, ...none] = (await api.getBoardHistory(key, id)).moments
  assert.deepEqual([moment?.by, moment?.edits, none.length], [['laptop'], 6, 0])

  const { board } = await api.getPastBoard(key, id, { at: String(then) })
  assert.deepEqual(
    board.items.map(({ text, title }) => text ?? title),
    ['the train to Faro', 'Plans'],
  )
  assert.deepEqual(await api.restoreBoard(key, id, { at: then }), { cards: 2 })
  const now = await api.getBoard(key, id)
  assert.deepEqual(
    now.items.map((card) => [card.text ?? card.title, card.pos, card.messages?.map(({ text }) => text)]),
    board.items.map((card) => [card.text ?? card.title, card.pos, card.messages && ['when?', 'in May']]),
  )
  assert.deepEqual(
    now.trash.map((card) => card.id),
    [late.id],
  )
  assert.deepEqual(await api.restoreBoard(key, id, { at: then }), { cards: 0 })
  await assert.rejects(api.getPastBoard(key, id, { at: '5' }), { code: 'NOT_FOUND' })

  const found = await api.search({ query: 'fARO' })
  assert.deepEqual(
    [found.boards.length, found.cards.map(({ text }) => text), found.files.map((file) => file.path), found.people.length],
    [0, ['the train to Faro'], ['Faro tickets.txt'], 0],
  )
  assert.deepEqual(
    (await api.search({ query: 'trip' })).boards.map((one) => [one.title, one.folderTitle]),
    [['Trip', 'plans']],
  )
})

test('a box keeps a board; it is told who holds it, and what a box holds comes to the next device', OPTIONS, async () => {
  await using stores = await createStores('hyper-store-board-')
  const [{ laptop }, { raspberry }] = await Promise.all([storesOnPorts(stores, ['laptop']), storesOnPorts(stores, ['raspberry'])])
  await pairWith(laptop, raspberry)
  await put(laptop, 'plans/one.txt', 'x')
  const { key } = await share(laptop, 'plans', { provider: 'raspberry' })
  const api = await apiOf(laptop)
  const { id } = await api.createBoard(key, { title: 'Trip' })
  await api.addCard(key, id, { type: 'text', text: 'hello' })
  await until('the box has it', async () =>
    (await api.getBoardSaved(key, id)).holders.some(({ name, behind }) => name === 'raspberry' && behind === 0),
  )
  await until('the box shows it', async () => (await (await apiOf(raspberry)).listBoards(key)).boards[0]?.cards === 1)
  // It writes nothing, so it asks nobody for what would be written.
  await assert.rejects((await apiOf(raspberry)).previewLink(key, id, { url: 'http://127.0.0.1/' }), { code: 'FORBIDDEN' })
  await raspberry.stop()
  await api.addCard(key, id, { type: 'text', text: 'while it was off' })
  const [holder] = (await api.getBoardSaved(key, id)).holders
  assert.deepEqual([holder?.behind, holder?.online], [1, false])
  await raspberry.serve()
  await until('it has all', async () => (await (await apiOf(raspberry)).getBoard(key, id)).cards === 2)

  // A box that keeps the folder no more is no place where anything is saved; when it begins again, it says so anew.
  await (await apiOf(raspberry)).removeFolder(key, { deleteData: true })
  await until('it counts no more', async () => (await api.getBoardSaved(key, id)).holders.length === 0)
  await share(laptop, 'plans', { provider: 'raspberry' })
  await until('it counts again', async () =>
    (await api.getBoardSaved(key, id)).holders.some(({ name, behind }) => name === 'raspberry' && behind === 0),
  )
  await until('it has all again', async () => (await (await apiOf(raspberry)).getBoard(key, id)).cards === 2)
})

test('what one page writes another sees live, and a store that is killed loses nothing that was said to be saved', OPTIONS, async () => {
  await using stores = await createStores('hyper-store-board-')
  const { laptop } = await storesOnPorts(stores, ['laptop'])
  await put(laptop, 'plans/one.txt', 'x')
  const { key } = await share(laptop, 'plans')
  const { id } = await (await apiOf(laptop)).createBoard(key, { title: 'Trip' })
  await using one = await openBoardSocket(laptop, key, id)
  await using two = await openBoardSocket(laptop, key, id)
  one.doc.getMap('board').set('title', 'Holiday')
  await until('the other has it', () => two.doc.getMap('board').get('title') === 'Holiday')
  await until('it is saved', () => one.unsaved === 0)
  await laptop.kill()
  await laptop.serve()
  assert.equal((await (await apiOf(laptop)).getBoard(key, id)).title, 'Holiday')
})

test('a blind box passes a board on between people who are never online together, and can’t read it', OPTIONS, async () => {
  await using stores = await createStores('hyper-store-board-')
  const { laptop, raspberry, ben, key, id } = await boardOverBlindBox(stores, 'Secret')
  await ben.stop()
  await (await apiOf(laptop)).addCard(key, id, { type: 'text', text: 'only for ben' })
  await until('the box has it', async () =>
    (await (await apiOf(laptop)).getBoardSaved(key, id)).holders.some(({ name, behind }) => name === 'raspberry' && behind === 0),
  )
  await laptop.stop()
  await ben.serve()
  await until('ben has it from the box', async () => (await (await apiOf(ben)).getBoard(key, id)).items[0]?.text === 'only for ben')
  await assert.rejects(async () => (await apiOf(raspberry)).listBoards(key), { code: 'FORBIDDEN' })
  await (await apiOf(ben)).addCard(key, id, { type: 'text', text: 'thank you' })
  await until('the box has it', async () =>
    (await (await apiOf(ben)).getBoardSaved(key, id)).holders.some(({ name, behind }) => name === 'raspberry' && behind === 0),
  )
  await ben.stop()
  await laptop.serve()
  // What ben holds is known by ben's own word, which the box brings; and it is remembered.
  const benHolds = async () => {
    const { holders } = await (await apiOf(laptop)).getBoardSaved(key, id)
    return holders.find(({ name }) => name === 'ben')
  }
  await until(
    'ben’s word came',
    async () => (await (await apiOf(laptop)).getBoard(key, id)).cards === 2 && (await benHolds())?.behind === 0,
  )
  await laptop.stop()
  await raspberry.stop()
  await laptop.serve()
  await until('it is loaded', async () => (await benHolds())?.behind === 0)
  await (await apiOf(laptop)).addCard(key, id, { type: 'text', text: 'one more' })
  const { behind, online } = (await benHolds()) ?? {}
  assert.deepEqual([behind, online], [1, false])
})

test('a removed member that goes on typing reaches nobody; what it wrote before stays, for newcomers too', OPTIONS, async () => {
  await using stores = await createStores('hyper-store-board-')
  const [{ ann }, { ben }, { eve }] = await Promise.all([
    storesOnPorts(stores, ['ann']),
    storesOnPorts(stores, ['ben']),
    storesOnPorts(stores, ['eve']),
  ])
  for (const guest of [ben, eve]) await pairWith(guest, ann)
  const key = await shareWith(ann, 'plans', [ben], { private: true })
  const api = await apiOf(ann)
  const { id } = await api.createBoard(key, { title: 'Plans' })
  await until('ben may write', async () => (await (await apiOf(ben)).listBoards(key)).boards.length === 1)
  await (await apiOf(ben)).addCard(key, id, { type: 'text', text: 'before' })
  await until('ann has it', async () => (await api.getBoard(key, id)).cards === 1)
  const { people } = await membersOf(ann, key, (members) => members.people.some(({ name }) => name === 'ben'))
  await ben.stop()
  await api.removeMember(key, people.find(({ name }) => name === 'ben')?.id ?? '')
  await ben.serve()
  await (await apiOf(ben)).addCard(key, id, { type: 'text', text: 'after' }).catch(() => undefined)
  await join(eve, (await invite(ann, key)).code, 'plans')
  await until('eve has the board', async () => (await (await apiOf(eve)).listBoards(key)).boards.length === 1)
  await until('eve has what stayed', async () => (await (await apiOf(eve)).getBoard(key, id)).cards === 1)
  await api.addCard(key, id, { type: 'text', text: 'later' })
  await until('eve has it', async () => (await (await apiOf(eve)).getBoard(key, id)).cards === 2)
  for (const store of [ann, eve]) {
    const { items } = await (await apiOf(store)).getBoard(key, id)
    assert.deepEqual(new Set(items.map(({ text }) => text)), new Set(['before', 'later']))
  }
})
