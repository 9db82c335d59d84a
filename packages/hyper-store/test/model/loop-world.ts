/** The loop model's world: a writer and two readers with whole loops, one network, one virtual clock, and what must hold in the end. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { remoteChangeOf } from '../../src/core/decide.ts'
import type { DriveId, EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import { sameNode } from '../../src/core/content.ts'
import type { State } from '../../src/state/state.ts'
import { createMemoryFolder, type MemoryFolder } from '../fixtures/memory-drives.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'
import { LoopDevice } from './loop-device.ts'
import { armDeed, runLoops, settleLoops, textOf, textsEverIn } from './loop-play.ts'
import { deedArb, LoopUser, type LoopDeed } from './loop-user.ts'

const DRIVE = 'writer1111' as DriveId

export type Who = 'writer' | 'reader1' | 'reader2'
const NAMES = ['writer', 'reader1', 'reader2'] as const

/** One event of a history. */
export type LoopAct =
  | { act: 'user'; who: Who; deed: LoopDeed; told: boolean }
  | { act: 'meanwhile'; who: Who; after: number; deed: LoopDeed; told: boolean }
  | { act: 'trouble'; who: Who; after: number; kind: 'crash' | 'fail' }
  | { act: 'run'; ms: number }
  | { act: 'deliver'; who: Who; versions: number }
  | { act: 'cut'; who: Who; off: boolean }
  | { act: 'pause'; who: Who; on: boolean }
  | { act: 'root'; who: Who; missing: boolean }
  | { act: 'lose'; who: Who }
  | { act: 'rescan'; who: Who }

const whoArb = fc.oneof(
  { weight: 3, arbitrary: fc.constant('writer' as const) },
  { weight: 2, arbitrary: fc.constant('reader1' as const) },
  { weight: 1, arbitrary: fc.constant('reader2' as const) },
)
const told = fc.integer({ min: 0, max: 5 }).map((n) => n > 0)
const after = fc.integer({ min: 0, max: 60 })

/** Any history. */
export const historyArb: fc.Arbitrary<LoopAct[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ act: fc.constant('user' as const), who: whoArb, deed: deedArb, told }) },
    { weight: 4, arbitrary: fc.record({ act: fc.constant('meanwhile' as const), who: whoArb, after, deed: deedArb, told }) },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('trouble' as const),
        who: whoArb,
        after,
        kind: fc.constantFrom('crash' as const, 'fail' as const),
      }),
    },
    { weight: 6, arbitrary: fc.record({ act: fc.constant('run' as const), ms: fc.constantFrom(0, 20, 150, 5000) }) },
    { weight: 3, arbitrary: fc.record({ act: fc.constant('deliver' as const), who: whoArb, versions: fc.constantFrom(1, 2, 1000) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('cut' as const), who: whoArb, off: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('pause' as const), who: whoArb, on: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('root' as const), who: whoArb, missing: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('lose' as const), who: whoArb }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('rescan' as const), who: whoArb }) },
  ),
  { minLength: 1, maxLength: 24, size: 'max' },
)

let worlds = 0

/** Three devices in one process. */
export class LoopWorld {
  readonly clock = new VirtualClock()
  readonly folder: MemoryFolder = createMemoryFolder([DRIVE])
  readonly devices: Readonly<Record<Who, LoopDevice>>
  readonly users: Readonly<Record<Who, LoopUser>>
  readonly #state: State
  readonly #keys: Readonly<Record<Who, string>>
  /** What the writer's disk showed after the last deed of its user: no program may touch that. */
  #writerShown: Readonly<Record<string, string | null>> = {}

  constructor(state: State) {
    this.#state = state
    const world = worlds++
    const make = (name: Who) =>
      new LoopDevice({
        name,
        folder: this.folder,
        drive: DRIVE,
        mode: name === 'writer' ? 'send-receive' : 'receive-only',
        clock: this.clock,
        synced: state.synced(this.#keys[name]),
        onCommit: (device, deletes) => {
          if (deletes > 0 && device.rootMissing) device.violations.push(`${deletes} deletions were published while the folder was missing`)
        },
      })
    this.#keys = { writer: `${world}-w`, reader1: `${world}-1`, reader2: `${world}-2` }
    this.devices = { writer: make('writer'), reader1: make('reader1'), reader2: make('reader2') }
    const user = (who: Who) => new LoopUser(who === 'writer' ? 'w' : who.slice(-1), this.devices[who].disk)
    this.users = { writer: user('writer'), reader1: user('reader1'), reader2: user('reader2') }
  }

  /** Plays a history, then lets all come to rest and checks what must hold. */
  async play(history: readonly LoopAct[]): Promise<void> {
    await this.#settle()
    for (const act of history) await this.#perform(act)
    await this.rest()
    await this.check()
    await this.#end()
  }

  /** Troubles end, everybody is on, everything is delivered and looked at again. */
  async rest(): Promise<void> {
    for (const who of NAMES) {
      const device = this.devices[who]
      device.armed = []
      device.setRoot(false)
      if (device.crashed) device.restart()
      this.folder.cut(who, false)
      device.paused = false
      device.loop.resume({ confirm: true })
    }
    for (let round = 0; round < 3; round++) {
      for (const who of NAMES) {
        this.devices[who].deliverEvents()
        this.folder.deliver(who)
        void this.devices[who].loop.rescan().catch(() => undefined)
      }
      await this.run(5000)
    }
  }

  /** Lets the loops work for so long. */
  async run(ms: number): Promise<void> {
    await runLoops(this.clock, ms, () => this.#settle())
  }

  /** Lets everything run that does not wait for time. */
  async #settle(): Promise<void> {
    await settleLoops(Object.values(this.devices))
    this.#checkWriterUntouched()
  }

  async #perform(act: LoopAct): Promise<void> {
    if (act.act === 'run') {
      await this.run(act.ms)
      return
    }
    const device = this.devices[act.who]
    switch (act.act) {
      case 'user':
        this.deed(act.who, act.deed, act.told)
        break
      case 'meanwhile':
        armDeed(device, act.after, () => this.deed(act.who, act.deed, act.told))
        break
      case 'trouble':
        device.armed.push({ after: act.after, run: () => act.kind })
        break
      case 'deliver':
        this.folder.deliver(act.who, { versions: act.versions })
        break
      case 'cut':
        this.folder.cut(act.who, act.off)
        break
      case 'pause':
        device.paused = act.on
        if (act.on) device.loop.pause()
        else device.loop.resume({ confirm: false })
        break
      case 'root':
        device.setRoot(act.missing)
        device.deliverEvents()
        break
      case 'lose':
        device.deliverEvents(true)
        break
      case 'rescan':
        void device.loop.rescan().catch(() => undefined)
        break
    }
  }

  /** A deed of a user, now; `told` is whether the watcher tells of it at once. */
  deed(who: Who, deed: LoopDeed, told = true): void {
    const device = this.devices[who]
    if (device.rootMissing) return
    if (who === 'writer') this.#checkWriterUntouched()
    device.note(this.users[who].perform(deed))
    if (who === 'writer') this.#writerShown = device.disk.snapshot()
    if (told) device.deliverEvents()
  }

  #checkWriterUntouched(): void {
    const shown = this.devices.writer.disk.snapshot()
    for (const [path, text] of Object.entries(this.#writerShown)) {
      if (text !== null && shown[path] !== text) this.devices.writer.violations.push(`${path} of the writer was touched`)
    }
  }

  /** Everything that must hold at rest. */
  async check(): Promise<void> {
    for (const who of NAMES) {
      const device = this.devices[who]
      assert.deepEqual(device.violations, [], who)
      assert.equal(device.loop.problem, null, `${who} stands still: ${device.loop.problem?.message ?? ''}`)
      assert.deepEqual([...device.loop.unsettled], [], `${who} left paths unsettled`)
    }
    const entries = await this.#entries()
    await this.#checkWriter(entries)
    for (const who of ['reader1', 'reader2'] as const) await this.#checkReader(who, entries)
  }

  async #entries(): Promise<Map<FolderPath, EntryOrTombstone>> {
    const entries = new Map<FolderPath, EntryOrTombstone>()
    for await (const { path, entry } of this.folder.open('judge', DRIVE).entries()) if (entry !== null) entries.set(path, entry)
    return entries
  }

  async #checkWriter(entries: ReadonlyMap<FolderPath, EntryOrTombstone>): Promise<void> {
    const { disk } = this.devices.writer
    const shown = disk.snapshot()
    for (const text of this.users.writer.saved) assert.ok(Object.values(shown).includes(text), `${text.slice(0, 20)} of the writer is lost`)
    for (const [path, entry] of entries) {
      // A folder that got content may keep the entry that it had when it was empty.
      if (entry.kind === 'folder' && shown[path] === null) continue
      await this.#assertShows('writer', path, entry)
    }
    for (const [path, text] of Object.entries(shown)) {
      const isOccupied = text === null && Object.keys(shown).some((other) => other.startsWith(`${path}/`))
      assert.ok(isOccupied || entries.has(path as FolderPath), `${path} is missing in the drive`)
    }
  }

  async #checkReader(who: 'reader1' | 'reader2', entries: ReadonlyMap<FolderPath, EntryOrTombstone>): Promise<void> {
    const device = this.devices[who]
    const user = this.users[who]
    const synced = this.#state.synced(this.#keys[who])
    const shown = device.disk.snapshot()
    for (const [path, entry] of entries) {
      const record = await synced.get(path)
      assert.ok(record !== null, `${path} is not on record at ${who}`)
      const change = remoteChangeOf(entry, record)
      const node = await device.disk.folder.look(path)
      // This user changed or deleted it since: that stays until the path changes remotely.
      if ((change === 'same' || change === 'touched') && !sameNode(node, record.local) && user.touched.has(path)) continue
      if (entry.kind === 'folder' && shown[path] === null) continue
      await this.#assertShows(who, path, entry)
    }
    for await (const [path] of synced.entries()) assert.ok(entries.has(path), `${path} is on record at ${who} and not in the drive`)
    for (const [path, text] of Object.entries(shown)) {
      if (text === null || entries.has(path as FolderPath)) continue
      assert.ok(user.saved.has(text) || user.touched.has(path) || path.includes('(kept '), `${path} should be gone at ${who}`)
    }
    const left = new Set<string>(Object.values(shown).filter((text) => text !== null))
    for (const { node } of device.disk.trash()) {
      if (node.kind === 'file') left.add(Buffer.from(node.bytes).toString())
      if (node.kind === 'symlink') left.add(`-> ${node.target}`)
    }
    const lost = [...user.saved].filter((text) => !left.has(text))
    if (lost.length === 0) return
    const history = await textsEverIn(this.folder, this.folder.open('judge', DRIVE))
    for (const text of lost) assert.ok(history.has(text), `${text.slice(0, 20)} of ${who} is lost`)
  }

  async #assertShows(who: Who, path: FolderPath, entry: EntryOrTombstone): Promise<void> {
    const { disk } = this.devices[who]
    const node = await disk.folder.look(path)
    assert.ok(node !== null, `${path} is missing on the disk of ${who}`)
    assert.equal(node.kind, entry.kind, `${path} at ${who}`)
    if (entry.kind === 'symlink') assert.equal(disk.snapshot()[path], `-> ${entry.target}`)
    if (entry.kind !== 'file' || node.kind !== 'file') return
    assert.equal(node.executable, entry.executable, `${path} at ${who}`)
    assert.equal(node.mtimeMs, entry.mtimeMs, `${path} at ${who}`)
    const text = await textOf(this.folder.open('judge', DRIVE), entry)
    assert.ok(disk.snapshot()[path] === text, `${path} at ${who} has other bytes`)
  }

  async #end(): Promise<void> {
    for (const who of NAMES) {
      this.devices[who].crash()
      await this.#state.synced(this.#keys[who]).clear()
    }
  }
}
