/** People and devices that write roster commands and hear of each other's, without cryptography: for tests of the rules. */
import type { MemberRole } from '@hyper-store/client/contract'
import type { CommandBody, CommandId, OpenedCommand, RosterName } from '../../src/core/roster/commands.ts'
import { foldRoster } from '../../src/core/roster/fold.ts'
import type { RosterState } from '../../src/core/roster/roster-state.ts'

export const FOLDER = 'root'.padEnd(52, 'y')
export const NOW = 1_000_000

/** A small generator of numbers; the same seed gives the same row. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const nameOf = (plain: string): RosterName => ({ plain })

/** One device: what it has heard, and what it says on top of that. */
export class Desk {
  readonly key: string
  readonly world: RosterWorld
  readonly heard = new Map<CommandId, OpenedCommand>()
  #list: readonly OpenedCommand[] | null = null

  constructor(world: RosterWorld, name: string) {
    this.world = world
    this.key = name.padEnd(52, 'y')
  }

  get commands(): readonly OpenedCommand[] {
    this.#list ??= [...this.heard.values()]
    return this.#list
  }
  get state(): RosterState {
    return foldRoster(this.commands, NOW)
  }

  /** The epoch that this device seals with. */
  get epoch(): { readonly epoch: number; readonly mark: string | null } {
    if (!this.world.quick) return this.state
    const begun = [...this.heard.values()].flatMap(({ body }) => (body?.op === 'remove' && body.next !== null ? [body.next] : []))
    return begun.reduce<{ epoch: number; mark: string | null }>((a, b) => (b.epoch > a.epoch ? b : a), { epoch: 1, mark: null })
  }

  hear(commands: Iterable<OpenedCommand>): void {
    for (const command of commands) this.heard.set(command.id, command)
    this.#list = null
  }

  /** Says something on top of all that it knows, or of `prev`. */
  say(body: CommandBody, options: { prev?: readonly CommandId[]; proven?: boolean; at?: number; id?: CommandId } = {}): OpenedCommand {
    const prev = options.prev ?? (this.world.quick ? this.#heads() : this.state.heads)
    const command: OpenedCommand = {
      id: options.id ?? this.world.id(),
      folder: FOLDER,
      author: this.key,
      prev,
      epoch: 1,
      at: options.at ?? NOW,
      body,
      proven: options.proven ?? true,
    }
    this.hear([command])
    return command
  }

  /** All that nobody has built on yet: what `heads` of the state says but for strangers' commands, without a fold. */
  #heads(): CommandId[] {
    const named = new Set([...this.heard.values()].flatMap((command) => command.prev))
    return [...this.heard.keys()].filter((id) => !named.has(id)).slice(-16)
  }

  create(options: { private?: boolean } = {}): OpenedCommand {
    const person = { id: 'owner', name: nameOf('Owner') }
    return this.say(
      { op: 'create', person, deviceName: nameOf(this.key), private: options.private ?? true, rootSignature: '' },
      { prev: [] },
    )
  }

  invite(facts: { id: string; role?: MemberRole; uses?: number; expiresAt?: number; approve?: boolean; mine?: string }): OpenedCommand {
    return this.say({
      op: 'invite',
      invite: facts.id,
      role: facts.role ?? 'writer',
      uses: facts.uses ?? 1,
      expiresAt: facts.expiresAt ?? NOW + 1000,
      approve: facts.approve ?? false,
      mine: facts.mine ?? null,
      seeds: {},
    })
  }

  /** A guest's request; without `drive` it will not write. */
  request(invite: string, options: { drive?: string; proven?: boolean } = {}): OpenedCommand {
    const drive = options.drive === undefined ? null : options.drive.padEnd(52, 'y')
    return this.say(
      { op: 'request', invite, drive, driveProof: null, name: '', deviceName: '', inviteSignature: '' },
      { proven: options.proven ?? true },
    )
  }

  admit(request: CommandId, options: { person?: string; role?: MemberRole; prev?: readonly CommandId[]; at?: number } = {}): OpenedCommand {
    const { epoch, mark } = this.epoch
    const person = { id: options.person ?? this.world.id(), name: nameOf('Guest') }
    const body = {
      op: 'admit' as const,
      request,
      person,
      deviceName: nameOf('guest'),
      role: options.role ?? 'writer',
      epoch,
      mark,
      box: 'box',
    }
    return this.say(body, {
      ...(options.prev === undefined ? {} : { prev: options.prev }),
      ...(options.at === undefined ? {} : { at: options.at }),
    })
  }

  /** Removes people, with a new epoch unless `next` is false. */
  remove(
    people: readonly string[],
    options: {
      devices?: readonly string[]
      frozen?: Record<string, number>
      next?: boolean
      prev?: readonly CommandId[]
      id?: CommandId
    } = {},
  ): OpenedCommand {
    const devices = options.devices ?? []
    const stay = (this.world.quick ? [] : this.state.people)
      .filter((person) => !people.includes(person.id))
      .flatMap((person) => person.devices.map((device) => device.key))
      .filter((key) => !devices.includes(key))
    const boxes = Object.fromEntries(stay.map((key) => [key, 'box']))
    const next = options.next === false ? null : { epoch: this.epoch.epoch + 1, mark: this.world.id(), boxes }
    return this.say(
      { op: 'remove', people, devices, frozen: options.frozen ?? {}, next },
      { ...(options.prev === undefined ? {} : { prev: options.prev }), ...(options.id === undefined ? {} : { id: options.id }) },
    )
  }

  role(person: string, role: MemberRole, frozen: Record<string, number> = {}): OpenedCommand {
    return this.say({ op: 'role', person, role, frozen })
  }

  drive(name: string, options: { epoch?: number; mark?: string | null; proven?: boolean } = {}): OpenedCommand {
    const { epoch, mark } = this.epoch
    const body = {
      op: 'drive' as const,
      drive: name.padEnd(52, 'y'),
      driveProof: '',
      epoch: options.epoch ?? epoch,
      mark: options.mark === undefined ? mark : options.mark,
    }
    return this.say(body, { proven: options.proven ?? true })
  }
}

/** Desks that can meet. */
export class RosterWorld {
  readonly random: () => number
  readonly desks: Desk[] = []
  /** True in long rows of histories: no fold for each command. */
  readonly quick: boolean

  constructor(seed: number, options: { quick?: boolean } = {}) {
    this.quick = options.quick ?? false
    this.random = numbers(seed)
  }

  id(): CommandId {
    let id = ''
    for (let at = 0; at < 4; at++)
      id += Math.floor(this.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0')
    return id
  }

  desk(name: string): Desk {
    const desk = new Desk(this, name)
    this.desks.push(desk)
    return desk
  }

  /** All of these hear all that any of them knows. */
  meet(...desks: readonly Desk[]): void {
    const all = new Map(desks.flatMap((desk) => [...desk.heard]))
    for (const desk of desks) desk.hear(all.values())
  }

  /** A new person by invite; all given desks meet before and after. */
  join(by: Desk, name: string, options: { role?: MemberRole; drive?: string } = {}): Desk {
    const guest = this.desk(name)
    const invite = `invite-${name}`
    by.invite({ id: invite, role: options.role ?? 'writer' })
    this.meet(by, guest)
    const request = guest.request(invite, options.drive === undefined ? {} : { drive: options.drive })
    this.meet(by, guest)
    by.admit(request.id, { person: name, role: options.role ?? 'writer' })
    this.meet(by, guest)
    return guest
  }
}
