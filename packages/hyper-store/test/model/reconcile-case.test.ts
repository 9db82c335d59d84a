/** Whole loops where one disk ignores case and the other does not: renames of case alone arrive, and nothing is ever published by mistake. */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId, FolderPath } from '../../src/core/entries.ts'
import { openState } from '../../src/state/state.ts'
import { createMemoryFolder } from '../fixtures/memory-drives.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'
import '../fixtures/property-seed.ts'
import { LoopDevice } from './loop-device.ts'

const LINUX = 'linuxdrive' as DriveId
const MAC = 'othermacdr' as DriveId
const state = await openState(null)
after(async () => state.close())
let worlds = 0

class World {
  readonly clock = new VirtualClock()
  readonly folder = createMemoryFolder([LINUX, MAC])
  readonly linux: LoopDevice
  readonly mac: LoopDevice

  constructor() {
    const world = worlds++
    const make = (name: string, drive: DriveId, caseInsensitive: boolean) =>
      new LoopDevice({
        name,
        folder: this.folder,
        drive,
        mode: 'send-receive',
        clock: this.clock,
        synced: state.synced(`${world}-${name}`),
        caseInsensitive,
      })
    this.linux = make('linux', LINUX, false)
    this.mac = make('mac', MAC, true)
  }

  async run(ms: number): Promise<void> {
    const until = this.clock.now + ms
    do await this.#settle()
    while (this.clock.step(until))
    await this.#settle()
  }

  async #settle(): Promise<void> {
    const steps = () => this.linux.steps + this.mac.steps
    for (let before = -1; before !== steps();) {
      before = steps()
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  /** Everything is seen, told and done. */
  async rest(): Promise<void> {
    for (let round = 0; round < 4; round++) {
      for (const device of [this.linux, this.mac]) {
        device.deliverEvents()
        device.loop.resume({ confirm: true })
        this.folder.deliver(device.options.name)
        void device.loop.rescan().catch(() => undefined)
      }
      await this.run(40_000)
    }
  }

  /** What the device with the disk that ignores case has written. */
  macWrote(): string[] {
    return this.folder.history().flatMap(({ drive, path, entry }) => (drive === MAC ? [`${entry?.kind ?? 'nothing'} ${path}`] : []))
  }
}

const files = (device: LoopDevice) => Object.entries(device.disk.snapshot()).filter(([, text]) => text !== null)

const pathArb = fc.constantFrom('a', 'A', 'b', 'B', 'd/x', 'D/x', 'd/X', 'D/y', 'e\u0301', '\u00e9')
const deedArb = fc.oneof(
  fc.record({ do: fc.constant('write' as const), path: pathArb }),
  fc.record({ do: fc.constant('rename' as const), path: pathArb, to: pathArb }),
  fc.record({ do: fc.constant('delete' as const), path: pathArb }),
  fc.record({ do: fc.constant('run' as const), ms: fc.constantFrom(20, 200, 5000) }),
  fc.record({ do: fc.constant('deliver' as const), versions: fc.constantFrom(1, 100) }),
)

test('whatever a device with another disk calls its files, the one that ignores case publishes nothing and shows each file or says why not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deedArb, { maxLength: 16, size: 'max' }), async (deeds) => {
      const world = new World()
      let count = 0
      for (const deed of deeds) {
        const { disk } = world.linux
        const shown = disk.snapshot()
        if (deed.do === 'run') await world.run(deed.ms)
        else if (deed.do === 'deliver') world.folder.deliver('mac', { versions: deed.versions })
        else if (deed.do === 'write') disk.write(deed.path, `text${count++}`)
        else if (deed.do === 'delete') disk.delete(deed.path)
        else if (typeof shown[deed.path] === 'string' && shown[deed.to] === undefined) disk.rename(deed.path, deed.to)
        else continue
        if ('path' in deed) world.linux.note('to' in deed ? [deed.path, deed.to] : [deed.path])
        world.linux.deliverEvents()
      }
      await world.rest()
      assert.deepEqual(world.macWrote(), [])
      const mac = new Map(files(world.mac))
      for (const [path, text] of files(world.linux)) {
        if (!world.mac.loop.unsettled.has(path)) assert.equal(mac.get(path), text, path)
      }
      const linux = world.linux.disk.snapshot()
      for (const [path, text] of mac) assert.equal(linux[path], text, `${path} should be gone`)
    }),
    { numRuns: Number(process.env['MODEL_RUNS'] ?? 500), includeErrorInReport: true },
  )
})

describe('a disk that ignores case', () => {
  test('a rename of case alone arrives as one, costs no content, and is not published back', async () => {
    const world = new World()
    world.linux.disk.write('Readme.md', 'hello')
    await world.rest()
    world.linux.disk.rename('Readme.md', 'README.md')
    await world.rest()
    assert.deepEqual(files(world.mac), [['README.md', 'hello']])
    assert.deepEqual(world.mac.disk.trash(), [])
    assert.deepEqual(world.macWrote(), [])
  })

  test('a folder that is renamed in case alone arrives with all that is in it', async () => {
    const world = new World()
    for (const name of ['a', 'b', 'c']) world.linux.disk.write(`docs/${name}`, name)
    await world.rest()
    world.linux.disk.rename('docs', 'Docs')
    await world.rest()
    assert.deepEqual(Object.keys(world.mac.disk.snapshot()), ['Docs', 'Docs/a', 'Docs/b', 'Docs/c'])
    assert.deepEqual(world.macWrote(), [])
  })

  test('of two files that differ in case one is shown, the other told, and neither is overwritten or deleted', async () => {
    const world = new World()
    world.linux.disk.write('a', 'small')
    await world.rest()
    world.linux.disk.write('A', 'large')
    world.linux.disk.write('D/x', 'one')
    world.linux.disk.write('d/y', 'two')
    await world.rest()
    assert.equal(world.mac.disk.snapshot()['a'], 'small')
    assert.match(world.mac.loop.unsettled.get('A') ?? '', /case/)
    const told = ['D/x', 'd/y'].filter((path) => world.mac.loop.unsettled.has(path))
    assert.equal(told.length, 1)
    assert.deepEqual(world.macWrote(), [])
    world.linux.disk.delete('a')
    await world.rest()
    assert.equal(world.mac.disk.snapshot()['A'], 'large')
    assert.deepEqual(world.macWrote(), [])
  })

  test('a rename of case alone by its own user is published as a rename', async () => {
    const world = new World()
    world.linux.disk.write('Readme.md', 'hello')
    await world.rest()
    const node = await world.mac.disk.folder.look('Readme.md' as FolderPath)
    assert.ok(node !== null)
    await world.mac.disk.folder.rename('Readme.md' as FolderPath, 'README.md' as FolderPath, node)
    world.mac.note(['Readme.md', 'README.md'])
    await world.rest()
    assert.deepEqual(files(world.linux), [['README.md', 'hello']])
    assert.deepEqual(files(world.mac), [['README.md', 'hello']])
  })
})
