/** Several writers of one folder who work apart and meet now and then: the world of the models of modes and of selective sync. */
import assert from 'node:assert/strict'
import type { DriveId, EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import { mergeFolder, type DriveVersion, type MergedEntry } from '../../src/core/merge.ts'
import { compareVectors } from '../../src/core/vectors.ts'
import { runPass, User, type PassAct, type UserAct } from './reconcile-user.ts'
import { ModelDevice, type ModelMode } from './reconcile-world.ts'

type Drive = ReadonlyMap<FolderPath, EntryOrTombstone>

const DEVICES = [
  { id: 'deskdrive1' as DriveId, name: 'desk' },
  { id: 'couchdrive' as DriveId, name: 'couch' },
  { id: 'poolsdrive' as DriveId, name: 'pool' },
] as const
const NAMES = new Map<DriveId, string>(DEVICES.map(({ id, name }) => [id, name]))

/** One device and its user, with the last copies of the drives of the others. */
export interface Side {
  readonly device: ModelDevice
  readonly user: User
  readonly held: Map<DriveId, Drive>
}

/** One event of a history. */
export type SideAct =
  | { who: number; act: 'user' | 'pass'; meet: boolean; what: UserAct | PassAct }
  | { who: number; act: 'mode'; mode: ModelMode }
  | { who: number; act: 'exclude'; exclude: readonly FolderPath[] }

/** All devices of a folder. */
export class Sides {
  readonly history = new Set<string>()
  readonly all: readonly Side[]
  readonly #modes: readonly ModelMode[]

  /** `modes`: what each device does once all comes to rest. */
  constructor(modes: readonly ModelMode[]) {
    this.#modes = modes
    this.all = modes.map((mode, index) => this.#createSide(index, mode))
  }

  #createSide(index: number, mode: ModelMode): Side {
    const own = DEVICES[index]
    if (own === undefined) throw new Error('too many devices')
    const held = new Map<DriveId, Drive>()
    const merged = (): ReadonlyMap<FolderPath, MergedEntry> => {
      const versions = new Map<FolderPath, DriveVersion[]>()
      const add = (drive: DriveId, entries: Drive) => {
        for (const [path, entry] of entries) versions.set(path, [...(versions.get(path) ?? []), { drive, entry }])
      }
      add(own.id, device.own)
      for (const [drive, entries] of held) add(drive, entries)
      return mergeFolder(versions, NAMES)
    }
    const device: ModelDevice = new ModelDevice({
      name: own.name,
      drive: own.id,
      mode,
      history: this.history,
      remote: () => new Map([...merged()].map(([path, { entry }]) => [path, entry])),
      derived: () => new Set([...merged()].filter(([, { conflictOf }]) => conflictOf !== null).map(([path]) => path)),
      onTombstone: (path) =>
        assert(!device.left.has(path), `${path} was deleted for all by ${own.name}, which left it out or only received`),
    })
    return { device, user: new User(own.name, device.disk), held }
  }

  /** Brings all drives to one device, as of now. */
  meet(side: Side): void {
    for (const [index, other] of this.all.entries()) {
      const { id } = DEVICES[index] ?? {}
      if (other !== side && id !== undefined) side.held.set(id, new Map(other.device.own))
    }
  }

  perform(act: SideAct): void {
    const side = this.all[act.who % this.all.length]
    if (side === undefined) return
    if (act.act === 'mode') setMode(side.device, act.mode)
    else if (act.act === 'exclude') side.device.exclude = act.exclude
    else {
      if (act.meet) this.meet(side)
      const { device, user } = side
      const before = new Set(user.touched)
      const shown = new Set(device.disk.nodes.keys())
      user.touched.clear()
      if (act.what.act === 'pass') runPass(device, user, act.what)
      else user.perform(act.what)
      // What the user made or deleted there again is the user's affair.
      for (const path of user.touched) device.left.delete(path)
      // What a user clears from a copy that only receives is never deleted for the others.
      if (device.mode === 'receive-only')
        for (const path of shown) if (user.touched.has(path) && !device.disk.nodes.has(path)) device.left.add(path)
      for (const path of before) user.touched.add(path)
    }
  }

  /** Everybody meets and passes until nobody has anything to do. */
  rest(): void {
    for (let round = 0; round < 14; round++) {
      for (const side of this.all) {
        this.meet(side)
        for (const step of side.device.plan().steps) side.device.execute(step)
        side.device.endPass()
      }
    }
    for (const { device } of this.all) {
      // A file of the user below what is left out, with the very size and time of the entry there: read again, and left alone again.
      const left = device.plan().steps.filter((step) => step.op !== 'compare' || step.differs !== 'stay')
      assert.deepEqual(left, [], `the plan of ${device.options.name} becomes empty`)
    }
  }

  /** Back to the modes of the beginning, with nothing left out. */
  includeAll(): void {
    for (const [index, { device }] of this.all.entries()) {
      setMode(device, this.#modes[index] ?? 'send-receive')
      device.exclude = []
    }
  }

  /** What each user saved is on their disk, or in history. */
  assertNothingLost(): void {
    for (const { device, user } of this.all) {
      const texts = device.disk.texts()
      for (const text of user.saved) assert(texts.has(text) || this.history.has(text), `${text} is lost`)
    }
  }

  /** All disks show the same, with every version that no other has seen. */
  assertOneFolder(): void {
    const [first, ...others] = this.all
    if (first === undefined) return
    for (const side of others) assert.deepEqual(shownBy(side), shownBy(first))
    for (const text of this.#standingTexts()) assert(first.device.disk.texts().has(text), `${text} stands and is not shown`)
  }

  #standingTexts(): string[] {
    const texts: string[] = []
    for (const { device } of this.all) {
      for (const [path, entry] of device.own) {
        const isSeen = this.all.some((other) => {
          const rival = other.device.own.get(path)
          return rival !== undefined && compareVectors(entry.vector, rival.vector) === 'before'
        })
        if (entry.kind === 'file' && !isSeen) texts.push(entry.hash.slice(1))
      }
    }
    return texts
  }
}

/** As `forgetDeletions` does it. */
function setMode(device: ModelDevice, mode: ModelMode): void {
  if (device.mode === 'receive-only' && mode !== 'receive-only') {
    for (const [path, { entry, local }] of device.synced) {
      if (local !== null && device.disk.look(path) === null) device.synced.set(path, { entry, local: null })
    }
  }
  device.mode = mode
}

function shownBy({ device }: Side): string[] {
  return [...device.disk.nodes]
    .map(([path, node]) => `${path} ${node.kind} ${node.text} ${node.executable}`)
    .sort((a, b) => (a < b ? -1 : 1))
}
