/**
 * Two people and a blind box over real stores, with stores that are stopped and killed and cables that are pulled at any moment while
 * both write: in the end all show one board, nothing that was said to be saved is lost, and the box has read nothing. `HYPER_STORE_BOARD_SOAK_S` is how long the
 * trouble lasts in seconds (default 5), `HYPER_STORE_SEED` what happens. `npm run soak -- --board --minutes 10` goes on for longer.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { addCard, cardsOf, changeCard } from '@hyper-store/client/board'
import { openBoardSocket, type BoardProgram } from '../fixtures/board-socket.ts'
import type { Cable } from '../fixtures/cable.ts'
import { apiOf } from '../fixtures/lab.ts'
import { boardOverBlindBox, shareWith } from '../fixtures/sharing.ts'
import { createStores, type TestStore } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { seeded } from '../fixtures/versions.ts'

const SECONDS = Number(process.env['HYPER_STORE_BOARD_SOAK_S'] ?? 5)
const SEED = Number(process.env['HYPER_STORE_SEED'] ?? 20_261_123)
/** Stands in every card: no file of the box may hold it. */
const MARK = 'only-for-members'
/** Stands on a board of a public folder: the box may hold it, and the search for the other finds this one. */
const OPEN_MARK = 'for-everybody'
/** From here on hardly any cards are added: people do not make boards of a hundred thousand in ten minutes. */
const MANY_CARDS = 1500
/** Longer trouble comes in a calmer pace. */
const PACE = SECONDS > 60 ? 5 : 1

/** Somebody at a board: writes while the store is on, and remembers what was said to be saved. */
class Person {
  readonly store: TestStore
  readonly saved = new Set<string>()
  readonly #board: { key: string; id: string }
  readonly #random: () => number
  #program: BoardProgram | null = null
  #waiting: string[] = []
  #count = 0

  constructor(store: TestStore, board: { key: string; id: string }, random: () => number) {
    this.store = store
    this.#board = board
    this.#random = random
  }

  async sit(): Promise<void> {
    this.#program = await openBoardSocket(this.store, this.#board.key, this.#board.id)
  }

  write(): void {
    if (this.#program === null) return
    const { doc } = this.#program
    this.#note()
    const ids = [...cardsOf(doc).keys()]
    const author = { name: this.store.name, at: 1 }
    const id = ids[Math.floor(this.#random() * ids.length)] ?? ''
    if (this.#random() < (ids.length < MANY_CARDS ? 0.4 : 0.99))
      changeCard(doc, id, { pos: [Math.floor(this.#random() * 500) * 20, 0] }, author)
    else {
      const text = `${MARK} ${this.store.name} ${this.#count++}`
      addCard(doc, { type: 'text', text }, author)
      this.#waiting.push(text)
    }
  }

  /** Takes note of what was said to be saved. */
  #note(): void {
    if (this.#program?.unsaved !== 0) return
    for (const text of this.#waiting) this.saved.add(text)
    this.#waiting = []
  }

  /** The store goes, with the page before it. */
  async leave(how: 'stop' | 'kill'): Promise<void> {
    this.#note()
    // What was not said to be saved may be lost with a page that is gone.
    this.#waiting = []
    await this.#program?.[Symbol.asyncDispose]()
    this.#program = null
    await this.store[how]()
  }

  async settle(): Promise<void> {
    await until('all is saved', () => this.#program?.unsaved === 0)
    this.#note()
    await this.#program?.[Symbol.asyncDispose]()
  }
}

test(
  `two people and a blind box come to one board after ${SECONDS} s of trouble (seed ${SEED})`,
  { timeout: 120_000 + SECONDS * 2000 },
  async () => {
    await using stores = await createStores('hyper-store-board-soak-')
    const { laptop, raspberry, ben, key, id, cables } = await boardOverBlindBox(stores, MARK)
    const open = await shareWith(laptop, 'open', [], { keeper: { provider: 'raspberry', blind: false } })
    await (await apiOf(laptop)).createBoard(open, { title: OPEN_MARK })
    const random = seeded(SEED)
    const people = [laptop, ben].map((store) => new Person(store, { key, id }, random))
    for (const person of people) await person.sit()

    const end = Date.now() + SECONDS * 1000
    const pulled = new Map<Cable, number>()
    while (Date.now() < end) {
      for (const [cable, rounds] of pulled) {
        pulled.set(cable, rounds - 1)
        if (rounds > 0) continue
        pulled.delete(cable)
        cable.plug()
      }
      const person = people[Math.floor(random() * people.length)]
      if (person === undefined) break
      for (const one of people) for (let i = 0; i < 20; i++) one.write()
      const dice = random()
      if (dice < 0.25) {
        await person.leave(dice < 0.15 ? 'kill' : 'stop')
        for (const other of people) for (let i = 0; i < 20; i++) other.write()
        await person.store.serve()
        await person.sit()
      } else if (dice < 0.35) {
        await raspberry.kill()
        for (const one of people) for (let i = 0; i < 20; i++) one.write()
        await raspberry.serve()
      } else if (dice < 0.6) {
        const cable = cables[Math.floor(random() * cables.length)]
        if (cable === undefined || pulled.has(cable)) continue
        cable.pull(random() < 0.5 ? 'silent' : 'cut')
        pulled.set(cable, Math.floor(random() * 10))
      } else await new Promise((resolve) => setTimeout(resolve, (20 + random() * 80) * PACE))
    }

    for (const cable of pulled.keys()) cable.plug()
    for (const person of people) await person.settle()
    const boardOf = async (store: TestStore) => {
      const { items, trash, connectors, grey } = await (await apiOf(store)).getBoard(key, id)
      return { items, trash, connectors, grey }
    }
    const hashOf = async (store: TestStore) =>
      createHash('sha256')
        .update(JSON.stringify(await boardOf(store)))
        .digest('hex')
    await until('both show one board', async () => (await hashOf(laptop)) === (await hashOf(ben)), 60_000)
    const texts = new Set((await boardOf(laptop)).items.map(({ text }) => text))
    for (const person of people) for (const text of person.saved) assert.ok(texts.has(text), `${text} was said to be saved`)
    assert.ok(texts.size > 20)
    await until('the box has all', async () =>
      (await (await apiOf(laptop)).getBoardSaved(key, id)).holders.every(({ behind }) => behind === 0),
    )
    await until('the box has what is open', async () =>
      (await (await apiOf(raspberry)).listBoards(open)).boards.some(({ title }) => title === OPEN_MARK),
    )
    await raspberry.stop()
    assert.deepEqual(await filesWith(raspberry.home, MARK), [], 'the blind box holds what is written on the board')
    assert.notDeepEqual(await filesWith(raspberry.home, OPEN_MARK), [], 'what may be read there is found')
  },
)

/** Names of the files below `dir` that hold `text`. */
async function filesWith(dir: string, text: string): Promise<string[]> {
  const found: string[] = []
  for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (file.isFile() && (await readFile(path.join(file.parentPath, file.name))).includes(text)) found.push(file.name)
  }
  return found
}
