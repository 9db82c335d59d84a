/** Boards in numbers: from page to page over two stores, opening a board of very many edits, and dragging cards on a full one. */
import { addCard, addCards, cardsOf, changeCard } from '@hyper-store/client/board'
import type { NewCard } from '@hyper-store/client/contract'
import type { Page } from 'playwright-core'
import * as Y from 'yjs'
import { openBoardSocket, type BoardProgram } from '../fixtures/board-socket.ts'
import { openBrowser } from '../fixtures/browser.ts'
import { apiOf, share } from '../fixtures/lab.ts'
import { openPage, SIZES } from '../fixtures/page.ts'
import { pairWith } from '../fixtures/lab.ts'
import { diskBytes } from './measure.ts'
import { put, shareWith, storesOnPorts } from '../fixtures/sharing.ts'
import { createStores, type TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { seeded } from '../fixtures/versions.ts'
import { percentiles, timeFrames, type Frames } from './frames.ts'

/** What was measured; times in milliseconds. */
export interface BoardNumbers {
  /** From an edit of one program to its arrival at another, over two stores. */
  readonly live: { readonly p50: number; readonly p95: number; readonly worst: number }
  readonly edits: number
  /** Bytes of an edit in the log, without and with the heads of blocks. */
  readonly bytesPerEdit: number
  readonly bytesPerEditWithHead: number
  /** From asking a store that was just started until all of the board is here; the median of three. */
  readonly coldOpenMs: number
  /** The same when the store has the board open. */
  readonly warmOpenMs: number
  /** The same board after a restart, when its log holds nothing but the board whole; the median of three. */
  readonly snapshotOpenMs: number
  readonly snapshotKiB: number
  /** KiB by which the store on the disk grew with all edits, after it ended. */
  readonly diskKiB: number
  /** Blocks in a second while somebody types without pause. */
  readonly blocksPerSecond: number
  /** One of a thousand cards is dragged; then all of them are selected and dragged at once. */
  readonly dragOne: Drag
  readonly dragAll: Drag
}

/** How smooth a drag was, and how many cards were elsewhere after it. */
export interface Drag extends Frames {
  readonly moved: number
}

const LIVE_EDITS = 200
const EDITS = 12_200
const BATCH = 20
const OPENINGS = 3
const CARDS = 1000
const DRAG_STEPS = 150
/** A drag that is far from smooth is not waited for. */
const DRAG_MS = 15_000
const TYPING_MS = 5000

/** Measures boards. */
export async function benchBoard(): Promise<BoardNumbers> {
  await using stores = await createStores('hyper-store-bench-board-')
  const [{ laptop }, { ben }] = await Promise.all([storesOnPorts(stores, ['laptop']), storesOnPorts(stores, ['ben'])])
  await pairWith(ben, laptop)
  // Each part is told at once: the last one takes its time.
  const tell = <Part extends object>(part: Part): Part => (console.error(JSON.stringify(part)), part)
  const live = tell(await liveTimes(laptop, ben))
  await ben.stop()
  const opening = tell(await openingTimes(laptop))
  const dragging = await draggingTimes(laptop)
  return { live, edits: EDITS, ...opening, ...dragging }
}

async function liveTimes(laptop: TestStore, ben: TestStore): Promise<BoardNumbers['live']> {
  const key = await shareWith(laptop, 'shared', [ben], { private: true })
  const { id } = await (await apiOf(laptop)).createBoard(key, { title: 'Live' })
  await until('it is at the other', async () => (await (await apiOf(ben)).listBoards(key)).boards.length === 1)
  await using one = await openBoardSocket(laptop, key, id)
  await using two = await openBoardSocket(ben, key, id)
  const times: number[] = []
  for (let i = 0; i < LIVE_EDITS; i++) {
    const came = new Promise<void>((resolve) => {
      const look = (): void => {
        if (two.doc.getMap('probe').get('at') !== i) return
        two.doc.off('update', look)
        resolve()
      }
      two.doc.on('update', look)
    })
    const begun = performance.now()
    one.doc.getMap('probe').set('at', i)
    await came
    times.push(performance.now() - begun)
  }
  return percentiles(times)
}

type Opening = Omit<BoardNumbers, 'live' | 'edits' | 'dragOne' | 'dragAll'>

async function openingTimes(laptop: TestStore): Promise<Opening> {
  await put(laptop, 'many/one.txt', 'x')
  const { key } = await share(laptop, 'many')
  const { id } = await (await apiOf(laptop)).createBoard(key, { title: 'Many edits' })
  await laptop.stop()
  const before = diskBytes(laptop.home)
  await laptop.serve()
  const writer = await openBoardSocket(laptop, key, id)
  const sizes = await writeMany(writer)
  const snapshot = Y.encodeStateAsUpdate(writer.doc)
  const whole = snapshot.byteLength
  await writer[Symbol.asyncDispose]()
  await laptop.stop()
  const diskKiB = Math.round((diskBytes(laptop.home) - before) / 1024)
  await laptop.serve()
  const cold: number[] = []
  let warm = 0
  for (let i = 0; i < OPENINGS; i++) {
    await laptop.stop()
    await laptop.serve()
    cold.push(await open(laptop, { key, id, whole }))
    warm = await open(laptop, { key, id, whole })
  }
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const round = (value: number): number => Math.round(value * 10) / 10
  return {
    bytesPerEdit: round(total / EDITS),
    bytesPerEditWithHead: round((total + 16 * sizes.length) / EDITS),
    coldOpenMs: Math.round(percentiles(cold).p50),
    warmOpenMs: Math.round(warm),
    snapshotOpenMs: await snapshotOpening(laptop, snapshot),
    snapshotKiB: Math.round(whole / 1024),
    diskKiB,
    blocksPerSecond: round(await typingBlocks(laptop, key)),
  }
}

/** A board of one block that holds all of it, as a device has it that reads nothing but a snapshot. */
async function snapshotOpening(laptop: TestStore, snapshot: Uint8Array): Promise<number> {
  await put(laptop, 'snapshot/one.txt', 'x')
  const { key } = await share(laptop, 'snapshot')
  const { id } = await (await apiOf(laptop)).createBoard(key, { title: 'Whole' })
  const writer = await openBoardSocket(laptop, key, id)
  Y.applyUpdate(writer.doc, snapshot)
  await until('it is saved', () => writer.unsaved === 0)
  await writer[Symbol.asyncDispose]()
  const times: number[] = []
  for (let i = 0; i < OPENINGS; i++) {
    await laptop.stop()
    await laptop.serve()
    times.push(await open(laptop, { key, id, whole: snapshot.byteLength }))
  }
  return Math.round(percentiles(times).p50)
}

/** Blocks of a second while a letter is typed every few milliseconds. */
async function typingBlocks(laptop: TestStore, key: string): Promise<number> {
  const api = await apiOf(laptop)
  const { id } = await api.createBoard(key, { title: 'Typing' })
  await using writer = await openBoardSocket(laptop, key, id)
  const card = addCard(writer.doc, { type: 'text' }, { name: 'laptop', at: 1 })
  await until('it is saved', () => writer.unsaved === 0)
  const blocks = async (): Promise<number> => (await api.getBoardHistory(key, id)).moments.reduce((sum, { edits }) => sum + edits, 0)
  const before = await blocks()
  const begun = performance.now()
  while (performance.now() - begun < TYPING_MS) {
    type(writer.doc, card)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  await until('it is saved', () => writer.unsaved === 0)
  const seconds = (performance.now() - begun) / 1000
  return ((await blocks()) - before) / seconds
}

async function open(store: TestStore, board: { key: string; id: string; whole: number }): Promise<number> {
  const begun = performance.now()
  await using program = await openBoardSocket(store, board.key, board.id)
  await until('all of it is here', () => Y.encodeStateAsUpdate(program.doc).byteLength >= board.whole)
  return performance.now() - begun
}

/** Edits as people make them: mostly letters, then moves, new cards, deletions. Gives the bytes of each block. */
async function writeMany(writer: BoardProgram): Promise<number[]> {
  const random = seeded(7)
  const { doc } = writer
  const author = { name: 'laptop', at: 1 }
  const ids: string[] = [addCard(doc, { type: 'text' }, author)]
  let batch: Uint8Array[] = []
  const note = (update: Uint8Array): void => void batch.push(update)
  doc.on('update', note)
  const sizes: number[] = []
  let [card, letters] = [ids[0] ?? '', 0]
  for (let edit = 0; edit < EDITS; edit++) {
    const dice = random()
    const pick = (): string => ids[Math.floor(random() * ids.length)] ?? ''
    if (dice < 0.57) {
      if (letters++ % 12 === 0) card = pick()
      type(doc, card)
    } else if (dice < 0.88) changeCard(doc, pick(), { pos: [Math.floor(random() * 200) * 20, Math.floor(random() * 200) * 20] }, author)
    else if (dice < 0.97) ids.push(addCard(doc, { type: 'text', pos: [0, 0] }, author))
    else changeCard(doc, pick(), { deleted: true }, author)
    if ((edit + 1) % BATCH !== 0) continue
    // The store merges what comes within 30 ms in the same way.
    sizes.push(Y.mergeUpdates(batch).byteLength)
    batch = []
    await until('it is saved', () => writer.unsaved === 0)
  }
  doc.off('update', note)
  return sizes
}

function type(doc: Y.Doc, id: string): void {
  const card = cardsOf(doc).get(id)
  const body: unknown = card instanceof Y.Map ? card.get('body') : null
  const line: unknown = body instanceof Y.XmlFragment ? body.get(0) : null
  if (!(line instanceof Y.XmlElement)) return
  const text: unknown = line.length > 0 ? line.get(0) : null
  if (text instanceof Y.XmlText) text.insert(text.length, 'a')
  else line.insert(0, [new Y.XmlText('a')])
}

async function draggingTimes(laptop: TestStore): Promise<Pick<BoardNumbers, 'dragOne' | 'dragAll'>> {
  await put(laptop, 'full/one.txt', 'x')
  const { key } = await share(laptop, 'full')
  const { id } = await (await apiOf(laptop)).createBoard(key, { title: 'A thousand cards' })
  const writer = await openBoardSocket(laptop, key, id)
  const cards = Array.from({ length: CARDS }, (_, i): NewCard => ({
    type: 'text',
    text: `Card ${i}`,
    pos: [(i % 40) * 140, Math.floor(i / 40) * 100],
    size: [120, 80],
  }))
  addCards(writer.doc, cards, { name: 'laptop', at: 1 })
  await until('it is saved', () => writer.unsaved === 0)
  await writer[Symbol.asyncDispose]()
  await using browser = await openBrowser({ viewport: SIZES.desktop })
  const { page } = await openPage(browser.context, laptop, `/folders/${key}/boards/${id}`)
  await page.locator('.react-flow__node').first().waitFor()
  const one = page.locator('.react-flow__node').nth(300)
  const places = async (): Promise<Map<string, string>> => {
    const { items } = await (await apiOf(laptop)).getBoard(key, id)
    return new Map(items.map((item) => [item.id, item.pos.join()]))
  }
  const timed = async (): Promise<Drag> => {
    const before = await places()
    const frames = await drag(page, one)
    const moved = async (): Promise<number> => [...(await places())].filter(([card, pos]) => before.get(card) !== pos).length
    await until('the drag is written', async () => (await moved()) > 0)
    return { ...frames, moved: await moved() }
  }
  const dragOne = await timed()
  console.error(JSON.stringify({ dragOne }))
  await page.keyboard.press('Control+a')
  await page
    .locator('.react-flow__node.selected')
    .nth(CARDS / 2)
    .waitFor()
  const dragAll = await timed()
  if (dragAll.moved !== CARDS) throw new Error(`${dragAll.moved} cards were dragged, not all`)
  return { dragOne, dragAll }
}

async function drag(page: Page, card: ReturnType<Page['locator']>): Promise<Frames> {
  const box = await card.boundingBox()
  if (box === null) throw new Error('the card is not seen')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 8, y + 8)
  const frames = await timeFrames(page, async () => {
    const end = performance.now() + DRAG_MS
    for (let step = 0; step < DRAG_STEPS && performance.now() < end; step++) {
      await page.mouse.move(x + 100 * Math.sin(step / 12), y + 60 * Math.cos(step / 12))
      await page.evaluate('new Promise((done) => requestAnimationFrame(done))')
    }
  })
  await page.mouse.up()
  return frames
}
