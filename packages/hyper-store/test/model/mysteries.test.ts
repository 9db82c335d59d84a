/**
 * What "Mysteries of Dropbox" (Hughes, Pierce, Arts, Norell, ICST 2016) asks of a file synchroniser, re-created from its description: users on
 * several nodes read, write and delete one file while the synchroniser works unseen. Each write observes the value that it takes the place
 * of. Once all is stable every node shows one value and one set of conflict files, and every value is there that nobody who had observed
 * it wrote over. Deleting is writing nothing, and nothing gives way to any value. Where users take turns, nothing else is there either; else
 * a value may lie in a conflict file although somebody wrote over it, when another node saved it there from being lost.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FolderPath } from '../../src/core/entries.ts'
import { seeded } from '../fixtures/versions.ts'
import { WHOLE_PASS } from './shared-device.ts'
import { SharedWorld } from './shared-world.ts'

const FILE = 'file' as FolderPath
type Value = string | null

type Op =
  | { readonly op: 'write'; readonly node: number }
  | { readonly op: 'delete'; readonly node: number }
  | { readonly op: 'read'; readonly node: number }
  | { readonly op: 'sync'; readonly node: number }
  | { readonly op: 'carry'; readonly from: number; readonly to: number }
  | { readonly op: 'stabilize' }

/** The nodes, and all that was written with what each write observed. */
class Mystery {
  readonly world: SharedWorld
  /** Values by the number of the write; several writes of nothing are several values. */
  readonly #writes: { readonly value: Value; overwritten: boolean }[] = []
  /** Which write each node's file shows; null for the nothing before all writes. */
  readonly #shownWrite: (number | null)[]
  #count = 0

  constructor(nodes: number, skewYears: readonly number[] = []) {
    const devices = Array.from({ length: nodes }, (_, node) => {
      return { mode: 'send-receive' as const, skewYears: skewYears[node] ?? 0, exclude: [], member: true }
    })
    this.world = new SharedWorld({ seed: 1, devices })
    this.#shownWrite = devices.map(() => null)
  }

  async begin(): Promise<void> {
    await this.world.begin()
    // Enough beside it that one deleted file is not a folder that was emptied.
    this.#disk(0).write('other' as FolderPath, 'other')
    await this.world.meet()
  }

  read(node: number): Value {
    return this.#disk(node).nodes.get(FILE)?.text ?? null
  }

  /** Writes a new value, or nothing; gives what was there. */
  write(node: number, nothing = false): { value: Value; observed: Value } {
    const observed = this.read(node)
    const value = nothing ? null : `v${this.#count++}.${node}`
    if (value === null && observed === null) return { value, observed }
    const old = this.#writeOf(node, observed)
    if (old !== null) {
      const before = this.#writes[old]
      if (before !== undefined) before.overwritten = true
    }
    if (value === null) this.#disk(node).delete(FILE)
    else this.#disk(node).write(FILE, value)
    this.#shownWrite[node] = this.#writes.push({ value, overwritten: false }) - 1
    return { value, observed }
  }

  /** The write that made what a node shows: of nothing, the node's own, or one that nobody can tell from others. */
  #writeOf(node: number, observed: Value): number | null {
    if (observed !== null) return this.#writes.findIndex(({ value }) => value === observed)
    return this.#shownWrite[node] ?? null
  }

  async sync(node: number): Promise<void> {
    await this.world.pass({ who: node, shape: WHOLE_PASS, meanwhile: [] })
  }
  /** The synchroniser of a node works until it has nothing to do. */
  async finish(node: number): Promise<void> {
    for (let pass = 0; pass < 5; pass++) await this.sync(node)
  }
  async carry(from: number, to: number): Promise<void> {
    await this.world.carry({ from, to, drive: null, versions: 1000 })
  }

  /** Waits until nothing happens; gives the value and the conflict files, which must be the same everywhere, and must be right. */
  async stabilize(exactly = true): Promise<{ value: Value; conflicts: string[] }> {
    await this.world.meet()
    const seen = this.world.devices.map((_, node) => this.#stable(node))
    const [first] = seen
    assert(first !== undefined)
    for (const other of seen) assert.deepEqual(other, first, 'two nodes show other values')
    const standing = this.#writes.flatMap(({ value, overwritten }) => (overwritten || value === null ? [] : [value])).sort()
    const shown = [...(first.value === null ? [] : [first.value]), ...first.conflicts].sort()
    if (exactly) assert.deepEqual(shown, standing, 'what is shown is not what stands')
    for (const value of standing) assert(shown.includes(value), `${value} stands, and is shown nowhere`)
    assert.equal(new Set(shown).size, shown.length, 'a value is shown twice')
    return first
  }

  #stable(node: number): { value: Value; conflicts: string[] } {
    const conflicts: string[] = []
    for (const [path, { text }] of this.#disk(node).nodes) if (path.startsWith('file (conflict ')) conflicts.push(text)
    return { value: this.read(node), conflicts: conflicts.sort() }
  }

  isKnown(value: Value): boolean {
    return value === null || this.#writes.some((each) => each.value === value)
  }

  #disk(node: number): SharedWorld['devices'][number]['disk'] {
    const device = this.world.devices[node]
    assert(device !== undefined)
    return device.disk
  }
}

/** Does one thing. `prompt`: the synchroniser of a node has time after each deed and each news. */
async function run(mystery: Mystery, op: Op, prompt = false): Promise<void> {
  switch (op.op) {
    case 'write':
    case 'delete': {
      const { value } = mystery.write(op.node, op.op === 'delete')
      assert.equal(mystery.read(op.node), value, 'a node does not read what it just wrote')
      if (prompt) await mystery.finish(op.node)
      return
    }
    case 'read':
      assert(mystery.isKnown(mystery.read(op.node)), 'a value is read that nobody wrote')
      return
    case 'sync':
      await mystery.sync(op.node)
      return
    case 'carry':
      await mystery.carry(op.from, op.to)
      if (prompt) await mystery.finish(op.to)
      return
    case 'stabilize':
      await mystery.stabilize(false)
  }
}

function randomOps(random: () => number, nodes: number): Op[] {
  const node = () => Math.floor(random() * nodes)
  return Array.from({ length: 5 + Math.floor(random() * 25) }, (): Op => {
    const dice = random()
    if (dice < 0.3) return { op: 'write', node: node() }
    if (dice < 0.4) return { op: 'delete', node: node() }
    if (dice < 0.45) return { op: 'read', node: node() }
    if (dice < 0.7) return { op: 'sync', node: node() }
    if (dice < 0.95) return { op: 'carry', from: node(), to: node() }
    return { op: 'stabilize' }
  })
}

const RUNS = Number(process.env['HYPER_STORE_SIMULATE'] ?? 300)

async function play(prompt: boolean): Promise<void> {
  for (let seed = 1; seed <= RUNS; seed++) {
    const random = seeded(seed)
    const nodes = 2 + Math.floor(random() * 3)
    const ops = randomOps(random, nodes)
    const mystery = new Mystery(nodes, [0, random() < 0.5 ? 10 : 0, -10])
    await mystery.begin()
    try {
      for (const op of ops) await run(mystery, op, prompt)
      await mystery.stabilize(false)
    } catch (error) {
      throw new Error(`seed ${seed}, ${nodes} nodes: ${JSON.stringify(ops)}`, { cause: error })
    }
  }
}

test('reads, writes and deletions on several nodes, told at once: in the end all show whatever nobody wrote over', () => play(true))

test('reads, writes and deletions on several nodes, told some time: in the end all show whatever nobody wrote over', () => play(false))

/** All orders of the synchroniser's own steps between the users' deeds: what they do must not depend on luck. */
async function inEveryOrder(hidden: readonly Op[], play: (mystery: Mystery, turn: () => Promise<void>) => Promise<void>): Promise<void> {
  const choices = hidden.length + 1
  for (let code = 0; code < choices ** 4; code++) {
    const mystery = new Mystery(2)
    await mystery.begin()
    let rest = code
    await play(mystery, async () => {
      // Up to two unseen steps between any two deeds.
      for (let step = 0; step < 2; step++) {
        const op = hidden[rest % choices]
        rest = Math.floor(rest / choices)
        if (op !== undefined) await run(mystery, op)
      }
    })
  }
}
const HIDDEN: readonly Op[] = [
  { op: 'sync', node: 0 },
  { op: 'sync', node: 1 },
  { op: 'carry', from: 0, to: 1 },
  { op: 'carry', from: 1, to: 0 },
]

describe('the surprises that the paper found', () => {
  test('a file that was deleted and made again at once is not deleted by its own old deletion', async () => {
    await inEveryOrder(HIDDEN, async (mystery, turn) => {
      mystery.write(0)
      await mystery.stabilize()
      mystery.write(0, true)
      await turn()
      const { value } = mystery.write(0)
      await turn()
      assert.equal(mystery.read(0), value, 'the new file is gone from the disk of the one who made it')
      assert.deepEqual(await mystery.stabilize(), { value, conflicts: [] })
    })
  })

  test('a deleted file is not made again by a node that had it', async () => {
    await inEveryOrder(HIDDEN, async (mystery, turn) => {
      mystery.write(0)
      await mystery.stabilize()
      mystery.write(1, true)
      await turn()
      assert.equal(mystery.read(1), null, 'the file is back on the disk of the one who deleted it')
      await turn()
      assert.deepEqual(await mystery.stabilize(), { value: null, conflicts: [] })
    })
  })

  test('no value is lost where one node deletes and makes anew what another writes', async () => {
    await inEveryOrder(HIDDEN, async (mystery, turn) => {
      mystery.write(0)
      await mystery.stabilize()
      mystery.write(0, true)
      mystery.write(1)
      await turn()
      mystery.write(0)
      await turn()
      await mystery.stabilize(false)
    })
  })
})

describe('what the model says of single cases', () => {
  test('two who write apart: one value stays, the other is in a conflict file', async () => {
    const mystery = new Mystery(2)
    await mystery.begin()
    const left = mystery.write(0).value
    const right = mystery.write(1).value
    const { value, conflicts } = await mystery.stabilize()
    assert.deepEqual(new Set([value, ...conflicts]), new Set([left, right]))
  })

  test('a deletion gives way to a value that it has not seen', async () => {
    const mystery = new Mystery(2)
    await mystery.begin()
    mystery.write(0)
    await mystery.stabilize()
    const { value } = mystery.write(1)
    mystery.write(0, true)
    assert.deepEqual(await mystery.stabilize(), { value, conflicts: [] })
  })

  test('writing over what was observed is no conflict, on whichever node', async () => {
    const mystery = new Mystery(3)
    await mystery.begin()
    for (const node of [0, 1, 2, 1, 0]) {
      const { value } = mystery.write(node)
      assert.deepEqual(await mystery.stabilize(), { value, conflicts: [] })
    }
  })
})
