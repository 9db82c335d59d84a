/** Whole loops that leave sub-folders out and bring them back, with crashes and faults between any two steps: nothing is ever deleted by it. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId, EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import { createSelection } from '../../src/core/selection.ts'
import { openState } from '../../src/state/state.ts'
import { createMemoryFolder } from '../fixtures/memory-drives.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'
import '../fixtures/property-seed.ts'
import { LoopDevice } from './loop-device.ts'
import { runLoops, settleLoops } from './loop-play.ts'
import { deedArb, LoopUser, type LoopDeed } from './loop-user.ts'

const DRIVE = 'writer1111' as DriveId
const state = await openState(null)
after(async () => state.close())
let worlds = 0

type Who = 'writer' | 'reader'
const NAMES = ['writer', 'reader'] as const
type Act =
  | { act: 'user'; deed: LoopDeed; told: boolean }
  | { act: 'exclude'; who: Who; exclude: readonly string[] }
  | { act: 'excludeLater'; who: Who; after: number; exclude: readonly string[] }
  | { act: 'trouble'; who: Who; after: number; kind: 'crash' | 'fail' }
  | { act: 'run'; ms: number }
  | { act: 'deliver' }
  | { act: 'held'; held: boolean }

const whoArb = fc.constantFrom<Who>('writer', 'reader')
const excludeArb = fc.subarray(['a', 'b', 'a/b', 'b/c', 'c/a', 'c'])
const after_ = fc.integer({ min: 0, max: 60 })
const historyArb: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 7, arbitrary: fc.record({ act: fc.constant('user' as const), deed: deedArb, told: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ act: fc.constant('exclude' as const), who: whoArb, exclude: excludeArb }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('excludeLater' as const), who: whoArb, after: after_, exclude: excludeArb }) },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('trouble' as const),
        who: whoArb,
        after: after_,
        kind: fc.constantFrom('crash' as const, 'fail' as const),
      }),
    },
    { weight: 5, arbitrary: fc.record({ act: fc.constant('run' as const), ms: fc.constantFrom(0, 20, 150, 5000) }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('deliver' as const) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('held' as const), held: fc.boolean() }) },
  ),
  { minLength: 1, maxLength: 20, size: 'max' },
)

class World {
  readonly clock = new VirtualClock()
  readonly folder = createMemoryFolder([DRIVE])
  readonly devices: Readonly<Record<Who, LoopDevice>>
  readonly user: LoopUser
  readonly keys: Readonly<Record<Who, string>>
  held = true
  /** Where each text was last that the user saved and did not take away. */
  get #saved(): [path: string, text: string][] {
    return [...this.user.saved].map((text) => [this.#places.get(text) ?? '', text])
  }
  readonly #places = new Map<string, string>()

  constructor() {
    const world = worlds++
    this.keys = { writer: `${world}-sw`, reader: `${world}-sr` }
    const make = (name: Who) =>
      new LoopDevice({
        name,
        folder: this.folder,
        drive: DRIVE,
        mode: name === 'writer' ? 'send-receive' : 'receive-only',
        clock: this.clock,
        synced: state.synced(this.keys[name]),
        heldElsewhere: () => this.held,
      })
    this.devices = { writer: make('writer'), reader: make('reader') }
    this.user = new LoopUser('w', this.devices.writer.disk)
  }

  async run(ms: number): Promise<void> {
    await runLoops(this.clock, ms, async () => settleLoops(Object.values(this.devices)))
  }

  deed(deed: LoopDeed, told = true): void {
    const { writer } = this.devices
    writer.note(this.user.perform(deed))
    for (const [path, text] of Object.entries(writer.disk.snapshot())) if (text !== null) this.#places.set(text, path)
    if (told) writer.deliverEvents()
  }

  async perform(act: Act): Promise<void> {
    if (act.act === 'run') await this.run(act.ms)
    else if (act.act === 'user') this.deed(act.deed, act.told)
    else if (act.act === 'deliver') this.folder.deliver('reader')
    else if (act.act === 'held') this.held = act.held
    else if (act.act === 'exclude') this.devices[act.who].setExclude(act.exclude)
    else {
      const device = this.devices[act.who]
      const run = () => {
        if (act.act === 'trouble') return act.kind
        device.setExclude(act.exclude)
        return null
      }
      device.armed.push({ after: act.after, run })
    }
  }

  async rest(): Promise<void> {
    this.held = true
    for (const who of NAMES) {
      const device = this.devices[who]
      device.armed = []
      if (device.crashed) device.restart()
      device.loop.resume({ confirm: true })
    }
    for (let round = 0; round < 3; round++) {
      this.devices.writer.deliverEvents()
      this.folder.deliver('reader')
      for (const who of NAMES) void this.devices[who].loop.rescan().catch(() => undefined)
      await this.run(5000)
    }
  }

  async entries(): Promise<Map<FolderPath, EntryOrTombstone>> {
    const entries = new Map<FolderPath, EntryOrTombstone>()
    for await (const { path, entry } of this.folder.open('judge', DRIVE).entries()) if (entry !== null) entries.set(path, entry)
    return entries
  }

  /** What is left out is not on disk, but for what the user made there. */
  async checkLeftOut(): Promise<void> {
    const entries = await this.entries()
    for (const who of NAMES) {
      const device = this.devices[who]
      assert.deepEqual(device.violations, [])
      assert.equal(device.loop.problem, null)
      const selection = createSelection(device.exclude)
      const shown = device.disk.snapshot()
      for (const [path, text] of Object.entries(shown)) {
        if (text === null || !selection.isExcluded(path as FolderPath)) continue
        assert.equal(who, 'writer', `${path} is left out at the reader and on its disk`)
        assert.ok(device.loop.leftOut.has(path), `${path} is left out, on disk, and nothing says why`)
      }
      for (const [path, entry] of entries) {
        if (entry.kind === 'folder' || selection.isExcluded(path)) continue
        if (who === 'reader' || !this.user.touched.has(path)) assert.ok(path in shown, `${path} is missing at ${who}`)
      }
    }
  }

  async checkAll(): Promise<void> {
    const [writer, reader] = NAMES.map((who) => this.devices[who].disk.snapshot())
    assert.ok(writer !== undefined && reader !== undefined)
    // In a folder of one drive, a file that was left out while the user made a folder in its place is told, not shown.
    const hidden = [...this.devices.writer.loop.unsettled].filter(([, reason]) => reason.includes('a file and a folder of this name'))
    const told = new Set<string>(hidden.map(([path]) => path))
    for (const [path, text] of this.#saved) {
      assert.ok(told.has(path) || Object.values(writer).includes(text), `${text.slice(0, 20)} is gone from the writer`)
    }
    const files = (shown: Record<string, string | null>) => Object.fromEntries(Object.entries(shown).filter(([, text]) => text !== null))
    assert.deepEqual(files(reader), files(writer))
    for (const who of NAMES) {
      assert.deepEqual(
        [...this.devices[who].loop.unsettled.keys()].filter((path) => !told.has(path)),
        [],
      )
      assert.deepEqual([...this.devices[who].loop.leftOut], [])
    }
  }

  async play(acts: readonly Act[]): Promise<void> {
    await this.run(0)
    for (const act of acts) await this.perform(act)
    await this.rest()
    await this.checkLeftOut()
    for (const who of NAMES) this.devices[who].setExclude([])
    await this.rest()
    await this.checkAll()
    for (const who of NAMES) {
      this.devices[who].crash()
      await state.synced(this.keys[who]).clear()
    }
  }
}

test('whatever is left out, whenever, and wherever the program stops: no file is deleted for others, all comes back', async () => {
  await fc.assert(
    fc.asyncProperty(historyArb, (acts) => new World().play(acts)),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 800), includeErrorInReport: true },
  )
})

describe('leaving out', () => {
  const write = (path: string): LoopDeed => ({ do: 'write', path, length: 0, replace: false, keepTime: false })

  test('what nobody else holds stays with a reason, and leaves once somebody does', async () => {
    const world = new World()
    const { writer } = world.devices
    world.held = false
    world.deed(write('a/b'))
    await world.run(200)
    writer.setExclude(['a'])
    await world.run(1000)
    assert.ok('a/b' in writer.disk.snapshot())
    assert.match(writer.loop.leftOut.get('a/b') ?? '', /as soon as another device/)
    assert.deepEqual([...writer.loop.unsettled], [])
    world.held = true
    await world.run(40_000)
    assert.deepEqual(writer.disk.snapshot(), {})
    assert.deepEqual([...writer.loop.leftOut], [])
    assert.deepEqual(writer.disk.trash(), [])
    assert.equal(world.folder.history().filter(({ entry }) => entry === null).length, 0)
  })

  test('an edit that was not published yet is published before it leaves', async () => {
    const world = new World()
    const { writer, reader } = world.devices
    world.deed(write('a/b'))
    await world.run(200)
    world.deed(write('a/b'), false)
    const [text] = Object.values(writer.disk.snapshot()).filter((value) => value !== null)
    writer.setExclude(['a'])
    await world.run(1000)
    assert.deepEqual(writer.disk.snapshot(), {})
    world.folder.deliver('reader')
    await world.run(1000)
    assert.equal(reader.disk.snapshot()['a/b'], text)
  })

  test('a file made below what is left out stays, is not shared, and is shared once its folder is back', async () => {
    const world = new World()
    const { writer, reader } = world.devices
    world.deed(write('a/b'))
    await world.run(200)
    writer.setExclude(['a'])
    await world.run(200)
    world.deed(write('a/c'))
    await world.run(1000)
    assert.deepEqual(Object.keys(writer.disk.snapshot()), ['a', 'a/c'])
    assert.match(writer.loop.leftOut.get('a/c') ?? '', /left out on this device; it stays/)
    assert.equal(world.folder.history().length, 1)
    writer.setExclude([])
    await world.run(1000)
    world.folder.deliver('reader')
    await world.run(1000)
    assert.deepEqual(Object.keys(reader.disk.snapshot()), ['a', 'a/b', 'a/c'])
    assert.deepEqual(writer.disk.snapshot(), reader.disk.snapshot())
  })

  test('a folder with many files left out is no mass deletion, and one emptied by the user beside it still is', async () => {
    const world = new World()
    const { writer } = world.devices
    for (let n = 0; n < 20; n++) world.deed(write(`a/f${n}`))
    for (let n = 0; n < 12; n++) world.deed(write(`b/f${n}`))
    await world.run(200)
    writer.setExclude(['a'])
    await world.run(1000)
    const isStopped = () => writer.loop.problem?.code === 'STOPPED_FOR_SAFETY'
    assert.ok(!isStopped())
    assert.equal(Object.keys(writer.disk.snapshot()).length, 13)
    for (let n = 0; n < 8; n++) world.deed({ do: 'delete', path: `b/f${n}` }, n === 7)
    await world.run(1000)
    assert.ok(isStopped())
    assert.equal(world.folder.history().filter(({ entry }) => entry === null).length, 0)
  })
})
