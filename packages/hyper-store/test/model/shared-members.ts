/** Who belongs to the folder of the shared model: each device folds the roster commands that it has, and follows the drives that they list. */
import type { FolderMode, MemberRole } from '@hyper-store/client/contract'
import { planAdopt } from '../../src/core/conflicts-settle.ts'
import type { DriveId, EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import { drivesOf, mayInvite, mayRemove, mayWrite, memberOf, wasRemoved, type RosterState } from '../../src/core/roster/roster-state.ts'
import { FOLDER, NOW, RosterWorld, type Desk } from './roster-world.ts'
import type { SharedDevice } from './shared-device.ts'
import { DeviceLog, type Followed } from './shared-drives.ts'

const LETTERS = 'ybndrfg8ejkmcpqxot1uwisza345h769'
const YEAR_MS = 31_557_600_000

/** The role that a device is let in with. */
function roleFor(index: number, mode: FolderMode): MemberRole {
  if (mode === 'keep' || mode === 'keep-blind') return 'keeper'
  return index === 1 ? 'admin' : 'writer'
}

/** The roster as each device knows it. */
export class Members {
  readonly #devices: readonly SharedDevice[]
  readonly #desks: readonly Desk[]
  readonly #skews: readonly number[]
  readonly #world: RosterWorld
  readonly #logs = new Map<string, DeviceLog>()
  readonly #states = new Map<number, { readonly commands: number; readonly state: RosterState }>()
  /** Number of commands that a device last looked at. */
  readonly #seen = new Map<number, number>()
  /** Called when a device adopts what a removed one wrote last: all that its disk shows stays. */
  readonly #onRemoval: (device: SharedDevice) => void

  constructor(
    devices: readonly SharedDevice[],
    options: { seed: number; skewYears: readonly number[]; onRemoval: (device: SharedDevice) => void },
  ) {
    this.#devices = devices
    this.#skews = options.skewYears
    this.#onRemoval = options.onRemoval
    this.#world = new RosterWorld(options.seed)
    this.#desks = devices.map(({ options: { name } }) => this.#world.desk(name))
    const owner = this.#desks[0]
    if (owner === undefined) throw new Error('somebody makes the folder')
    owner.create()
  }

  /** What a device's commands come to. They only become more, so that their number tells whether it was asked before. */
  stateOf(index: number): RosterState {
    const desk = this.#desks[index]
    if (desk === undefined) throw new Error('each device has a desk')
    const known = this.#states.get(index)
    if (known?.commands === desk.heard.size) return known.state
    const { state } = desk
    this.#states.set(index, { commands: desk.heard.size, state })
    return state
  }
  keyOf(index: number): string {
    return this.#desks[index]?.key ?? ''
  }

  /** True when a device takes itself for a member. */
  isMember(index: number): boolean {
    return memberOf(this.stateOf(index), this.keyOf(index)) !== null
  }

  /** True when `by` knows that a device was removed. */
  knowsRemoved(by: number, index: number): boolean {
    return wasRemoved(this.stateOf(by), this.keyOf(index))
  }

  /** Whether `from` sends what it holds to `to`. */
  sendsTo(from: number, to: number): boolean {
    return memberOf(this.stateOf(from), this.keyOf(to)) !== null && this.isMember(to)
  }

  /** Two devices tell each other all commands, unless one knows that the other was removed. */
  async gossip(a: number, b: number): Promise<boolean> {
    const [left, right] = [this.#desks[a], this.#desks[b]]
    if (left === undefined || right === undefined || this.knowsRemoved(a, b) || this.knowsRemoved(b, a)) return false
    const before = left.heard.size + right.heard.size
    if (left.heard.size !== right.heard.size || [...left.heard.keys()].some((id) => !right.heard.has(id))) this.#world.meet(left, right)
    await this.look(a)
    await this.look(b)
    return left.heard.size + right.heard.size !== before
  }

  /** `by` lets a device in. */
  async join(by: number, index: number): Promise<void> {
    const [host, guest, device] = [this.#desks[by], this.#desks[index], this.#devices[index]]
    if (host === undefined || guest === undefined || device === undefined || this.knowsRemoved(by, index)) return
    const role = roleFor(index, device.mode)
    if (memberOf(host.state, guest.key) !== null || !mayInvite(host.state, host.key, { role, mine: false })) return
    const at = this.#now(by)
    const invite = `invite-${guest.key.slice(0, 10)}-${host.heard.size}`
    host.invite({ id: invite, role, expiresAt: at + 1000 })
    await this.#admit({ host, guest, invite, index }, role, at)
    await this.look(by)
    await this.look(index)
  }

  /** Two admins who do not know of each other let a guest in each, with one invite for one. Gives the guests. */
  async race(by: readonly [number, number], guests: readonly [number, number]): Promise<void> {
    const hosts = by.map((index) => this.#desks[index])
    const [first, second] = hosts
    if (first === undefined || second === undefined || first === second || guests[0] === guests[1]) return
    const desks = guests.map((index) => this.#desks[index])
    for (const host of [first, second]) {
      if (!mayInvite(host.state, host.key, { role: 'writer', mine: false })) return
      if (desks.some((guest) => guest === undefined || memberOf(host.state, guest.key) !== null || wasRemoved(host.state, guest.key)))
        return
    }
    const invite = `race-${first.heard.size}-${by.join('-')}-${guests.join('-')}`
    first.invite({ id: invite, role: 'writer', expiresAt: NOW + 100 * YEAR_MS })
    this.#world.meet(first, second)
    for (const [at, host] of [first, second].entries()) {
      const index = guests[at] ?? -1
      const guest = desks[at]
      if (guest !== undefined) await this.#admit({ host, guest, invite, index }, 'writer', NOW)
    }
    for (const index of [...by, ...guests]) await this.look(index)
  }

  async #admit(who: { host: Desk; guest: Desk; invite: string; index: number }, role: MemberRole, at: number): Promise<void> {
    const { host, guest, invite, index } = who
    this.#world.meet(host, guest)
    const writes = role !== 'keeper' && role !== 'reader'
    const request = guest.request(invite, writes ? { drive: this.#newLog(index).drive } : {})
    this.#world.meet(host, guest)
    host.admit(request.id, { person: `${guest.key.slice(0, 10)}${host.heard.size}`.replace(/\W/gu, ''), role, at })
    this.#world.meet(host, guest)
  }

  /** `by` removes a device's person: what it holds of their drives stays, and a new epoch begins. */
  async remove(by: number, index: number): Promise<void> {
    const [desk, device] = [this.#desks[by], this.#devices[by]]
    const person = desk === undefined ? undefined : memberOf(desk.state, this.keyOf(index))?.person
    if (desk === undefined || device === undefined || person === undefined || by === index) return
    if (!mayRemove(desk.state, desk.key, person.id)) return
    const frozen: Record<string, number> = {}
    for (const { drive, frozenAt } of person.devices.flatMap((each) => each.drives)) {
      const log = this.#logs.get(drive)
      if (log !== undefined && frozenAt === null) frozen[drive] = device.options.held.length(log)
    }
    desk.remove([person.id], { frozen })
    await this.look(by)
  }

  /** A member says what it has no right to say, and a drive that nobody let in is filled. */
  async forge(index: number): Promise<void> {
    const [desk, device] = [this.#desks[index], this.#devices[index]]
    if (desk === undefined || device === undefined || !this.isMember(index)) return
    const owner = desk.state.people[0]?.id ?? ''
    const me = memberOf(desk.state, desk.key)?.person
    if (me === undefined || me.id === owner || me.role === 'admin') return
    desk.role(me.id, 'owner')
    desk.remove([owner], { next: false })
    desk.invite({ id: `forged-${desk.key.slice(0, 10)}-${desk.heard.size}`, role: 'admin', expiresAt: NOW + YEAR_MS })
    // A second drive of the same epoch, as if a reader or a stranger wrote.
    const { drive, log } = this.#newLog(index)
    desk.drive(drive)
    device.logs.pop()
    const vector = Object.fromEntries(this.#devices.flatMap(({ logs }) => logs.map(({ writer }) => [writer, 1e9])))
    log.append([
      { path: 'a' as FolderPath, entry: { kind: 'tombstone', mtimeMs: 1e15, vector } },
      { path: 'forged' as FolderPath, entry: { kind: 'symlink', target: 'forged', mtimeMs: 1e15, vector } },
    ])
    device.options.held.take(log, log.records.length)
    await this.look(index)
  }

  /** A device looks at what it has heard: it makes its drive of a new epoch, takes over what would be lost, and follows what counts. */
  async look(index: number): Promise<void> {
    const [desk, device] = [this.#desks[index], this.#devices[index]]
    if (desk === undefined || device === undefined || this.#seen.get(index) === desk.heard.size) return
    const state = this.stateOf(index)
    const me = memberOf(state, desk.key)
    if (me === null) return
    if (device.hasDisk && mayWrite(state, desk.key)) {
      const { epoch, mark } = state
      if (!me.device.drives.some((drive) => drive.epoch === epoch && drive.mark === mark && drive.frozenAt === null && !drive.lost)) {
        desk.drive(this.#newLog(index).drive)
      }
    } else if (device.hasDisk) device.mode = 'receive-only'
    this.#seen.set(index, desk.heard.size)
    await this.#follow(device, this.stateOf(index))
  }

  async #follow(device: SharedDevice, state: RosterState): Promise<void> {
    const { held } = device.options
    const next: Followed[] = []
    for (const { drive, frozenAt } of drivesOf(state)) {
      const log = this.#logs.get(drive)
      if (log !== undefined) next.push({ log, limit: frozenAt ?? Number.POSITIVE_INFINITY })
    }
    const shorter = held.followed.flatMap(({ log, limit }) => {
      const now = next.find((each) => each.log === log)
      const had = Math.min(held.length(log), limit)
      // A drive of an epoch that lost: its own device writes its content again.
      if (now === undefined) return device.logs.includes(log) ? [{ log, from: 0, to: had }] : []
      return now.limit < had ? [{ log, from: now.limit, to: had }] : []
    })
    if (shorter.length > 0 && device.hasDisk && device.mode !== 'receive-only') {
      this.#onRemoval(device)
      const author = { writer: device.log.writer, drive: device.log.id }
      const tree = await held.tree()
      for (const { log, from, to } of shorter) {
        const told = new Map<FolderPath, EntryOrTombstone>(log.records.slice(from, to).map(({ path, entry }) => [path, entry]))
        const adopted = await planAdopt(tree, { drive: log.id, writer: log.writer }, told, author)
        held.append(device.log, adopted)
      }
    }
    held.follow(next)
  }

  #newLog(index: number): { drive: string; log: DeviceLog } {
    const device = this.#devices[index]
    if (device === undefined) throw new Error('each drive has a device')
    const drive = driveKey(index, device.options.drives.made++)
    const log = new DeviceLog(drive.slice(0, 10) as DriveId, device.logs[0]?.writer ?? (drive.slice(0, 10) as DriveId), device.options.name)
    device.logs.push(log)
    this.#logs.set(drive, log)
    return { drive, log }
  }

  /** The root drive is the first of the device that made the folder. */
  addRoot(): void {
    this.#newLog(0)
  }

  #now(index: number): number {
    return NOW + (this.#skews[index] ?? 0) * YEAR_MS
  }
}

/** The key of a device's drive; which of two is greater has nothing to do with their numbers. */
function driveKey(index: number, count: number): string {
  if (index === 0 && count === 0) return FOLDER
  return ((LETTERS[(index * 11 + 5) % 32] ?? 'y').repeat(9) + (LETTERS[count % 32] ?? 'y')).padEnd(52, 'y')
}
