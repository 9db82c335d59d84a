/** The shared model's world: devices with disks and drives, a network in parts, and users whose every text is remembered. Pure and quick. */
import assert from 'node:assert/strict'
import type { FolderMode } from '@hyper-store/client/contract'
import type { FolderPath } from '../../src/core/entries.ts'
import { reconcile } from '../../src/core/reconcile.ts'
import { seeded } from '../fixtures/versions.ts'
import type { DiskNode } from './reconcile-world.ts'
import { performDeed, type CopyOnDisk, type SharedDeed } from './shared-deeds.ts'
import { SharedDevice, WHOLE_PASS, type PassShape } from './shared-device.ts'
import { HeldDrives, REAL_DRIVES, type DriveParts } from './shared-drives.ts'
import { memberOf } from '../../src/core/roster/roster-state.ts'
import { Members } from './shared-members.ts'

/** How a device of a history begins. */
export interface DeviceSetup {
  readonly mode: FolderMode
  /** How far its clock is off. */
  readonly skewYears: number
  /** Top-level names that are not on its disk. */
  readonly exclude: readonly string[]
  /** False: it joins by a step. */
  readonly member: boolean
}

/** One event of a history. Numbers of devices that are not there are nobody. */
export type SharedStep =
  | { readonly do: 'deed'; readonly who: number; readonly deed: SharedDeed }
  | {
      readonly do: 'pass'
      readonly who: number
      readonly shape: PassShape
      readonly meanwhile: readonly { after: number; deed: SharedDeed }[]
    }
  /** What one device holds comes to another: all drives, or one of them; so many whole versions. */
  | { readonly do: 'carry'; readonly from: number; readonly to: number; readonly drive: number | null; readonly versions: number }
  /** The network falls into parts: the part of each device. */
  | { readonly do: 'part'; readonly parts: readonly number[] }
  | { readonly do: 'heal' }
  /** All meet and come to rest; then everything is judged. */
  | { readonly do: 'meet' }
  | { readonly do: 'mode'; readonly who: number; readonly mode: FolderMode }
  | { readonly do: 'exclude'; readonly who: number; readonly name: string; readonly on: boolean }
  | { readonly do: 'join'; readonly who: number; readonly by: number }
  /** Two admins spend one invite at once. */
  | { readonly do: 'race'; readonly by: readonly [number, number]; readonly who: readonly [number, number] }
  | { readonly do: 'remove'; readonly who: number; readonly by: number }
  /** A member without the right to does as if it were the owner, and writes a drive that nobody listed. */
  | { readonly do: 'forge'; readonly who: number }
  /** The device never comes back. */
  | { readonly do: 'lose'; readonly who: number }

/** A history: everything that happens follows from it. */
export interface SharedHistory {
  readonly seed: number
  readonly devices: readonly DeviceSetup[]
  readonly steps: readonly SharedStep[]
}

/** What the world runs on; a test plants its defects here. */
export interface WorldParts {
  readonly drives: DriveParts
  readonly reconcile: typeof reconcile
}
export const REAL_PARTS: WorldParts = { drives: REAL_DRIVES, reconcile }

/** A text that a user saved. */
export interface SavedText {
  readonly author: number
  /** Somebody who had it before them took it away, or wrote over it. */
  superseded: boolean
  /** What a device that never came back had a hand in may have been told in part. */
  open: boolean
  /** A device that stays showed it when it heard that its author was removed. */
  kept: boolean
}

const YEAR_MS = 31_557_600_000
const START_MS = 1_700_000_000_000

/** The world of one history. */
export class SharedWorld {
  readonly devices: readonly SharedDevice[]
  readonly history = new Set<string>()
  readonly texts = new Map<string, SavedText>()
  readonly lost = new Set<number>()
  /** Devices that were lost, or that somebody removed. */
  readonly ended = new Set<number>()
  readonly members: Members
  /** Since the last meeting: who changed a path by hand. */
  readonly touched = new Map<FolderPath, Set<number>>()
  /** Since the last meeting: paths of which no single user can say what must become of them. */
  readonly contested = new Set<FolderPath>()
  /** Since the last meeting: what a path was after the last deed that changed it; undefined for gone. */
  readonly wishes = new Map<FolderPath, string | undefined>()
  /** Paths that users of devices which only receive ever changed. */
  readonly ownChanges = new Map<number, Set<FolderPath>>()
  /** Texts that a user of a device ever had a hand in. */
  readonly handled = new Map<number, Set<string>>()
  /** Longest rest so far: rounds until nothing happened, and versions written in them. */
  readonly rest = { rounds: 0, writes: 0 }
  readonly random: () => number
  readonly #setups: readonly DeviceSetup[]
  #part: readonly number[] = []
  #count = 0

  constructor(history: Pick<SharedHistory, 'seed' | 'devices'>, parts: WorldParts = REAL_PARTS) {
    this.random = seeded(history.seed ^ 0x5bd1e995)
    this.devices = history.devices.map((setup, index) => {
      const device = new SharedDevice({
        index,
        name: `device${index}`,
        drives: { made: 0 },
        held: new HeldDrives(parts.drives),
        // Apart by an odd number too, so that equal times are as rare as in life, and not absent.
        clock: START_MS + setup.skewYears * YEAR_MS,
        history: this.history,
        reconcile: parts.reconcile,
      })
      device.mode = setup.mode
      for (const name of setup.exclude) device.excluded.add(name)
      this.ownChanges.set(index, new Set())
      this.handled.set(index, new Set())
      return device
    })
    this.#setups = history.devices
    const skewYears = history.devices.map((setup) => setup.skewYears)
    this.members = new Members(this.devices, { seed: history.seed, skewYears, onRemoval: (device) => this.#keepShown(device) })
  }

  /** The first device makes the folder and lets the others in. To be called once, before all else. */
  async begin(): Promise<void> {
    this.members.addRoot()
    await this.members.look(0)
    for (const [index, { member }] of this.#setups.entries()) if (index > 0 && member) await this.members.join(0, index)
    for (const a of this.devices.keys()) if (this.members.isMember(a)) await this.members.gossip(0, a)
  }

  /** Devices that are members and may still come back, as the owner sees it. */
  active(): SharedDevice[] {
    const state = this.members.stateOf(0)
    return this.devices.filter(({ options: { index } }) => !this.lost.has(index) && memberOf(state, this.members.keyOf(index)) !== null)
  }

  /** Writes of all logs so far. */
  writes(): number {
    return this.devices.reduce((sum, device) => sum + device.logs.reduce((all, log) => all + log.records.length, 0), 0)
  }

  async step(step: SharedStep): Promise<void> {
    switch (step.do) {
      case 'deed':
        await this.deed(step.who, step.deed)
        return
      case 'pass':
        await this.pass(step)
        return
      case 'carry':
        await this.carry(step)
        return
      case 'part':
        this.#part = step.parts
        return
      case 'heal':
        this.#part = []
        return
      case 'meet':
        await this.meet()
        return
      case 'mode':
        this.#changeMode(step.who, step.mode)
        return
      case 'exclude':
        this.#exclude(step.who, step.name, step.on)
        return
      case 'join':
        if (this.#canMeet(step.who, step.by)) await this.members.join(step.by, step.who)
        return
      case 'race':
        if ([...step.by, ...step.who].every((index) => this.devices[index]?.hasDisk === true && !this.lost.has(index))) {
          await this.members.race(step.by, step.who)
        }
        return
      case 'remove':
        if (this.#present(step.by) !== null) await this.#remove(step.by, step.who)
        return
      case 'forge':
        if (this.#present(step.who) !== null) await this.members.forge(step.who)
        return
      case 'lose':
        this.#lose(step.who)
    }
  }

  /** A user changes the disk of a device by hand. */
  async deed(who: number, deed: SharedDeed): Promise<void> {
    const device = this.#present(who)
    if (device !== null && device.hasDisk) this.#deed(device, deed, await this.#copies(device))
  }

  async #copies({ options: { held } }: SharedDevice): Promise<CopyOnDisk[]> {
    const copies: CopyOnDisk[] = []
    for (const [path, { conflictOf }] of await held.shown()) if (conflictOf !== null) copies.push({ path, main: conflictOf })
    return copies
  }

  #deed(device: SharedDevice, deed: SharedDeed, copies: readonly CopyOnDisk[]): void {
    const who = device.options.index
    const { disk } = device
    const had = textsOf(device)
    const shown = new Map([...disk.nodes].map(([path, node]) => [path, lookOf(node)]))
    performDeed(disk, deed, {
      copies,
      newText: () => `${who}.${this.#count++}`,
    })
    this.#account(device, { shown, had })
  }

  /** What changed, and whose texts are whose. */
  #account(device: SharedDevice, { shown, had }: { shown: ReadonlyMap<FolderPath, string>; had: ReadonlyMap<string, number> }): void {
    const { index } = device.options
    const { disk } = device
    const changed = new Set<FolderPath>()
    for (const path of new Set([...shown.keys(), ...disk.nodes.keys()])) {
      const node = disk.nodes.get(path)
      if ((node === undefined ? undefined : lookOf(node)) !== shown.get(path)) changed.add(path)
    }
    const publishes = device.mode !== 'receive-only'
    for (const path of changed) {
      this.ownChanges.get(index)?.add(path)
      if (!publishes) continue
      const users = this.touched.get(path) ?? new Set()
      this.touched.set(path, users.add(index))
      const node = disk.nodes.get(path)
      this.wishes.set(path, node === undefined ? undefined : `${node.kind} "${node.text}"${node.executable ? ' x' : ''}`)
      if (device.mode === 'send-only' || device.isExcluded(path)) this.contested.add(path)
    }
    const has = textsOf(device)
    const handled = this.handled.get(index)
    for (const [text, count] of had) {
      if ((has.get(text) ?? 0) !== count) handled?.add(text)
      const saved = this.texts.get(text)
      if ((has.get(text) ?? 0) < count && saved !== undefined && (publishes || saved.author === index)) saved.superseded = true
    }
    for (const path of changed) {
      const text = disk.nodes.get(path)?.text ?? ''
      handled?.add(text)
    }
    for (const text of has.keys())
      if (!had.has(text) && !this.texts.has(text)) this.texts.set(text, { author: index, superseded: false, open: false, kept: false })
  }

  async pass({ who, shape, meanwhile }: Omit<Extract<SharedStep, { do: 'pass' }>, 'do'>): Promise<void> {
    const device = this.#present(who)
    if (device === null) return
    const copies = meanwhile.length === 0 ? [] : await this.#copies(device)
    await device.pass(shape, (index) => {
      for (const { after, deed } of meanwhile) if (after === index) this.#deed(device, deed, copies)
    })
    // Of what was done and not recorded, nothing says afterwards whether the user or the program did it.
    for (const path of device.unrecorded) this.contested.add(path)
    device.unrecorded.clear()
  }

  /** What `from` holds comes to `to`; before that they tell each other who belongs to the folder. */
  async carry({ from, to, drive, versions }: Omit<Extract<SharedStep, { do: 'carry' }>, 'do'>): Promise<boolean> {
    const source = this.#present(from)
    const target = this.#present(to)
    if (source === null || target === null || !this.#canMeet(from, to)) return false
    let came = await this.members.gossip(from, to)
    if (!this.members.sendsTo(from, to)) return came
    const logs = source.options.held.followed.map(({ log }) => log)
    const chosen = drive === null ? logs : logs.filter((_, index) => index === Math.floor(drive * logs.length))
    for (const log of chosen) {
      const followed = target.options.held.followed.find((each) => each.log === log)
      if (followed === undefined) continue
      const have = target.options.held.length(log)
      const limit = Math.min(source.options.held.length(log), followed.limit)
      if (target.options.held.take(log, log.lengthAfter(have, versions, limit))) came = true
    }
    return came
  }

  #canMeet(a: number, b: number): boolean {
    const isThere = (index: number) => this.devices[index] !== undefined && !this.lost.has(index)
    return a !== b && isThere(a) && isThere(b) && (this.#part[a] ?? 0) === (this.#part[b] ?? 0)
  }

  /** The network is whole, and all go on until nothing happens any more. */
  async meet(): Promise<void> {
    this.#part = []
    const before = this.writes()
    for (let round = 1; ; round++) {
      let busy = false
      const active = shuffled([...this.devices], this.random).filter(({ options }) => this.#present(options.index) !== null)
      for (const { options: from } of active) {
        for (const { options: to } of active) {
          if (await this.carry({ from: from.index, to: to.index, drive: null, versions: Number.POSITIVE_INFINITY })) busy = true
        }
      }
      for (const device of active) if ((await device.pass(WHOLE_PASS)) > 0) busy = true
      this.rest.rounds = Math.max(this.rest.rounds, round)
      if (!busy) break
      assert(round < 40, 'the devices never come to rest')
    }
    this.rest.writes = Math.max(this.rest.writes, this.writes() - before)
  }

  #present(who: number): SharedDevice | null {
    const device = this.devices[who]
    return device !== undefined && !this.lost.has(who) && this.members.isMember(who) ? device : null
  }

  async #remove(by: number, who: number): Promise<void> {
    if (who === 0) return
    await this.members.remove(by, who)
    if (this.members.knowsRemoved(by, who)) this.#endsUnheard(who)
  }

  /** What a device that stays showed when it heard of a removal is there for good. */
  #keepShown(device: SharedDevice): void {
    for (const { text } of device.disk.nodes.values()) {
      const saved = this.texts.get(text)
      if (saved !== undefined) saved.kept = true
    }
  }

  #changeMode(who: number, mode: FolderMode): void {
    const device = this.#present(who)
    if (device === null || !device.hasDisk || mode === 'keep' || mode === 'keep-blind') return
    for (const [path, users] of this.touched) if (users.has(who)) this.contested.add(path)
    // What a device that only received has of its own becomes everybody's.
    if (device.mode === 'receive-only' && mode !== 'receive-only') {
      for (const path of this.ownChanges.get(who) ?? []) this.contested.add(path)
      this.#leaveOpen(who)
    }
    for (const path of device.disk.nodes.keys()) if (device.mode !== 'send-receive' || mode !== 'send-receive') this.contested.add(path)
    device.mode = mode
  }

  #exclude(who: number, name: string, on: boolean): void {
    const device = this.#present(who)
    if (device === null || !device.hasDisk || on === device.excluded.has(name)) return
    if (on) device.excluded.add(name)
    else device.excluded.delete(name)
    // What only this user knew of there may stay with this device, or come to all.
    for (const path of [...device.disk.nodes.keys(), ...this.touched.keys()]) if (path.split('/')[0] === name) this.contested.add(path)
  }

  /** Whether the texts that a user had a hand in are still shown is not asked any more. */
  #leaveOpen(who: number): void {
    for (const text of this.handled.get(who) ?? []) {
      const saved = this.texts.get(text)
      if (saved !== undefined) saved.open = true
    }
  }

  /** Nobody can say what has come of the last words of a device. */
  #endsUnheard(who: number): void {
    this.#leaveOpen(who)
    this.ended.add(who)
  }

  #lose(who: number): void {
    if (who === 0 || this.#present(who) === null || this.active().length < 3) return
    this.lost.add(who)
    this.#endsUnheard(who)
  }
}

function lookOf({ kind, text, executable, mtimeMs }: DiskNode): string {
  return kind === 'folder' ? kind : `${kind} ${text} ${executable} ${mtimeMs}`
}

/** How often each text is on a disk; empty files are no texts. */
export function textsOf(device: SharedDevice): Map<string, number> {
  const texts = new Map<string, number>()
  for (const { kind, text } of device.disk.nodes.values()) {
    if (kind !== 'folder' && text !== '') texts.set(text, (texts.get(text) ?? 0) + 1)
  }
  return texts
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
