/** The loop model for several writers: whole loops over disks in memory, one network in parts, one virtual clock, and what must hold in the end. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import type { DriveId } from '../../src/core/entries.ts'
import type { State } from '../../src/state/state.ts'
import { createMemoryFolder, type MemoryFolder } from '../fixtures/memory-drives.ts'
import { VirtualClock } from '../fixtures/virtual-clock.ts'
import { LoopDevice } from './loop-device.ts'
import { armDeed, runLoops, settleLoops, textsEverIn } from './loop-play.ts'
import { deedArb, LoopUser, type LoopDeed } from './loop-user.ts'

const DRIVES = ['firstfirst', 'otherother', 'thirdthird', 'fourthyyyy'] as DriveId[]

/** One event of a history; `who` beyond the devices is nobody. */
export type SharedLoopAct =
  | { act: 'user'; who: number; deed: LoopDeed; told: boolean }
  | { act: 'meanwhile'; who: number; after: number; deed: LoopDeed }
  | { act: 'trouble'; who: number; after: number; kind: 'crash' | 'fail' }
  | { act: 'run'; ms: number }
  | { act: 'deliver'; who: number; drive: number | null; versions: number }
  | { act: 'cut'; who: number; off: boolean }
  | { act: 'pause'; who: number; on: boolean }
  | { act: 'rescan'; who: number }
  /** The index of the merge is lost, and made again from the drives. */
  | { act: 'forget'; who: number }

const who = fc.nat({ max: DRIVES.length - 1 })
const after = fc.integer({ min: 0, max: 60 })

/** Any history of two to four devices. */
export const sharedHistoryArb: fc.Arbitrary<{ devices: number; acts: SharedLoopAct[] }> = fc.record({
  devices: fc.integer({ min: 2, max: DRIVES.length }),
  acts: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ act: fc.constant('user' as const), who, deed: deedArb, told: fc.boolean() }) },
      { weight: 3, arbitrary: fc.record({ act: fc.constant('meanwhile' as const), who, after, deed: deedArb }) },
      {
        weight: 2,
        arbitrary: fc.record({
          act: fc.constant('trouble' as const),
          who,
          after,
          kind: fc.constantFrom('crash' as const, 'fail' as const),
        }),
      },
      { weight: 6, arbitrary: fc.record({ act: fc.constant('run' as const), ms: fc.constantFrom(0, 20, 150, 5000) }) },
      {
        weight: 6,
        arbitrary: fc.record({
          act: fc.constant('deliver' as const),
          who,
          drive: fc.option(fc.nat({ max: DRIVES.length - 1 })),
          versions: fc.constantFrom(1, 2, 1000),
        }),
      },
      { weight: 1, arbitrary: fc.record({ act: fc.constant('cut' as const), who, off: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ act: fc.constant('pause' as const), who, on: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ act: fc.constant('rescan' as const), who }) },
      { weight: 1, arbitrary: fc.record({ act: fc.constant('forget' as const), who }) },
    ),
    { minLength: 1, maxLength: 30, size: 'max' },
  ),
})

let worlds = 0

/** Several devices that all write. */
export class SharedLoopWorld {
  readonly clock = new VirtualClock()
  readonly folder: MemoryFolder
  readonly devices: readonly LoopDevice[]
  readonly users: readonly LoopUser[]
  /** Texts that somebody took away who had them on disk. */
  readonly superseded = new Set<string>()
  readonly #state: State
  readonly #keys: readonly string[]

  constructor(state: State, devices: number) {
    const world = worlds++
    const drives = DRIVES.slice(0, devices)
    this.#state = state
    this.#keys = drives.map((drive) => `shared-${world}-${drive}`)
    this.folder = createMemoryFolder(drives, new Map(drives.map((drive, index) => [drive, `device${index}`])))
    this.devices = drives.map((drive, index) => {
      const synced = state.synced(this.#keys[index] ?? '')
      return new LoopDevice({ name: `device${index}`, folder: this.folder, drive, mode: 'send-receive', clock: this.clock, synced })
    })
    this.users = this.devices.map(({ disk }, index) => new LoopUser(String(index), disk))
  }

  /** Plays a history, then lets all come to rest and checks what must hold. */
  async play(acts: readonly SharedLoopAct[]): Promise<void> {
    await this.#settle()
    for (const act of acts) await this.#perform(act)
    const written = await this.rest()
    await this.check()
    assert.ok(written < 400, `${written} versions were written although no user did anything any more`)
    for (const [index, device] of this.devices.entries()) {
      device.crash()
      await this.#state.synced(this.#keys[index] ?? '').clear()
    }
  }

  /** Troubles end, everybody is on, everything is delivered until nothing is new. Gives the versions written meanwhile. */
  async rest(): Promise<number> {
    const before = this.folder.history().length
    for (const device of this.devices) {
      device.armed = []
      if (device.crashed) device.restart()
      this.folder.cut(device.options.name, false)
      device.paused = false
      device.loop.resume({ confirm: true })
    }
    for (let round = 0, quiet = 0; quiet < 2; round++) {
      assert.ok(round < 30, 'the devices never come to rest')
      const length = this.folder.history().length
      for (const device of this.devices) {
        device.deliverEvents()
        this.folder.deliver(device.options.name)
        // A deletion of most files waits for its user's word.
        if (device.loop.problem !== null) device.loop.resume({ confirm: true })
        void device.loop.rescan().catch(() => undefined)
      }
      await this.run(5000)
      quiet = this.folder.history().length === length ? quiet + 1 : 0
    }
    return this.folder.history().length - before
  }

  /** Lets the loops work for so long. */
  async run(ms: number): Promise<void> {
    await runLoops(this.clock, ms, () => this.#settle())
  }

  async #settle(): Promise<void> {
    await settleLoops(this.devices)
  }

  async #perform(act: SharedLoopAct): Promise<void> {
    if (act.act === 'run') {
      await this.run(act.ms)
      return
    }
    const device = this.devices[act.who]
    if (device === undefined) return
    const { name } = device.options
    switch (act.act) {
      case 'user':
        this.deed(act.who, act.deed, act.told)
        break
      case 'meanwhile':
        armDeed(device, act.after, () => this.deed(act.who, act.deed))
        break
      case 'trouble':
        device.armed.push({ after: act.after, run: () => act.kind })
        break
      case 'deliver': {
        const drive = act.drive === null ? undefined : DRIVES[act.drive]
        this.folder.deliver(name, { versions: act.versions, ...(drive === undefined ? {} : { drive }) })
        break
      }
      case 'cut':
        this.folder.cut(name, act.off)
        break
      case 'pause':
        device.paused = act.on
        if (act.on) device.loop.pause()
        else device.loop.resume({ confirm: false })
        break
      case 'rescan':
        void device.loop.rescan().catch(() => undefined)
        break
      case 'forget':
        this.folder.forget(name)
        device.restart()
        break
    }
  }

  /** A deed of a user, now; `told` is whether the watcher tells of it at once. */
  deed(who: number, deed: LoopDeed, told = true): void {
    const device = this.devices[who]
    const user = this.users[who]
    if (device === undefined || user === undefined) return
    const before = device.disk.snapshot()
    device.note(user.perform(deed))
    const left = new Set(Object.values(device.disk.snapshot()))
    for (const text of Object.values(before)) if (text !== null && !left.has(text)) this.superseded.add(text)
    if (told) device.deliverEvents()
  }

  /** Everything that must hold at rest. */
  async check(): Promise<void> {
    const [first] = this.devices
    assert.ok(first !== undefined)
    for (const device of this.devices) {
      const { name } = device.options
      assert.deepEqual(device.violations, [], name)
      assert.equal(device.loop.problem, null, `${name} stands still: ${device.loop.problem?.message ?? ''}`)
      assert.deepEqual([...device.loop.unsettled], [], `${name} left paths unsettled`)
      assert.deepEqual(device.disk.snapshot(), first.disk.snapshot(), `${name} shows another folder`)
    }
    const shown = new Set(Object.values(first.disk.snapshot()))
    const history = await textsEverIn(this.folder, this.folder.open('judge', null))
    for (const text of this.users.flatMap((user) => [...user.saved])) {
      const known = text.slice(0, 20)
      assert.ok(shown.has(text) || history.has(text), `${known} is neither shown nor in the history`)
      assert.ok(shown.has(text) || this.superseded.has(text), `${known}, which nobody took away, is shown nowhere`)
    }
  }
}
