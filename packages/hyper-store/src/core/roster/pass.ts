/** One pass over the commands in their order: what each does given what was before it, and given the restrictions chosen so far. */
import type { MemberRole } from '@hyper-store/client/contract'
import type { DriveId } from '../entries.ts'
import type { CommandGraph } from './command-graph.ts'
import { type AdmitBody, type CommandId, MAX_DEVICES, type OpenedCommand, type RemoveBody, type RosterName } from './commands.ts'
import type {
  Pass,
  PassBoxes,
  PassDevice,
  PassDrive,
  PassEpoch,
  PassInvite,
  PassPerson,
  PassRemoved,
  PassRequest,
  Restriction,
} from './pass-shapes.ts'
import { admitAllowed, inviteAllowed, rankOf, removeAllowed, roleChangeAllowed } from './roster-state.ts'

interface Author {
  readonly person: PassPerson
  readonly device: PassDevice
  /** Its role, or what a restriction left of it. */
  readonly role: MemberRole
}

/** Goes once over all commands. `voided`: positions of removals and demotions that were overruled. */
export function runPass(graph: CommandGraph, restrictions: Iterable<Restriction>, voided: ReadonlySet<number>): Pass {
  return new Passing(graph, restrictions, voided).run()
}

class Passing {
  readonly #graph: CommandGraph
  readonly #voided: ReadonlySet<number>
  readonly #byDevice = new Map<string, Restriction[]>()
  #begun = false
  #private = false
  #seniority = 0
  readonly #people = new Map<string, PassPerson>()
  readonly #owners = new Set<PassPerson>()
  readonly #personOf = new Map<string, PassPerson>()
  /** Ids of people that are or were here. */
  readonly #usedIds = new Set<string>()
  readonly #usedDrives = new Set<string>()
  readonly #removed: PassRemoved[] = []
  readonly #invites = new Map<string, PassInvite>()
  readonly #requests = new Map<CommandId, PassRequest>()
  readonly #epochs = new Map<string, PassEpoch>()
  readonly #firstBoxes: PassBoxes = new Map()
  readonly #restrictions: Restriction[] = []
  readonly #contested: Restriction[] = []
  readonly #ownersTakenAt: number[] = []
  readonly #exposures: number[] = []
  readonly #applied = new Set<number>()
  readonly #problems: { at: number; reason: string }[] = []
  readonly #wereMembers = new Set<string>()

  constructor(graph: CommandGraph, restrictions: Iterable<Restriction>, voided: ReadonlySet<number>) {
    this.#graph = graph
    this.#voided = voided
    for (const restriction of restrictions) {
      for (const device of restriction.devices) {
        const own = this.#byDevice.get(device)
        if (own === undefined) this.#byDevice.set(device, [restriction])
        else own.push(restriction)
      }
    }
  }

  run(): Pass {
    for (const [at, command] of this.#graph.order.entries()) {
      const reason = this.#apply(command, at)
      if (reason === null) this.#applied.add(at)
      // What strangers send is no news to anybody: they could drown everything else in it.
      else if (this.#wereMembers.has(command.author)) this.#problems.push({ at, reason })
    }
    return {
      begun: this.#begun,
      private: this.#private,
      people: this.#people,
      removed: this.#removed,
      invites: this.#invites,
      requests: this.#requests,
      epochs: this.#epochs,
      firstBoxes: this.#firstBoxes,
      restrictions: this.#restrictions,
      contested: this.#contested,
      exposures: this.#exposures,
      applied: this.#applied,
      problems: this.#problems,
    }
  }

  /** Null when it did what it says, else why not. */
  #apply(command: OpenedCommand, at: number): string | null {
    const { body } = command
    if (body === null) return 'unreadable'
    if (body.op === 'create') return this.#create(command, at)
    if (body.op === 'request') return this.#request(command, at)
    const author = this.#author(command, at)
    if (typeof author === 'string') {
      if (body.op === 'admit') this.#exposedByDemoted(command, at)
      return author
    }
    if (this.#voided.has(at)) return 'overruled'
    switch (body.op) {
      case 'invite': {
        const { invite, uses, expiresAt, approve, seeds } = body
        const mine = body.mine !== null
        if (this.#invites.has(invite)) return 'invite-taken'
        if (mine && body.mine !== author.person.id) return 'not-yours'
        if (!inviteAllowed({ role: author.role, blind: author.person.blind }, { role: body.role, mine })) return 'not-allowed'
        const facts = { id: invite, at, role: body.role, uses, expiresAtMs: expiresAt, approve, mine, seeds }
        this.#invites.set(invite, { ...facts, person: author.person.id, device: command.author, used: 0, closedBy: [] })
        return null
      }
      case 'cancel-invite': {
        const invite = this.#invites.get(body.invite)
        if (invite === undefined) return 'unknown-invite'
        if (!mayManage(author) && invite.person !== author.person.id) return 'not-allowed'
        invite.closedBy.push(at)
        return null
      }
      case 'admit':
        return this.#admit(command, body, { at, author })
      case 'refuse': {
        const request = this.#requests.get(body.request)
        const invite = this.#invites.get(request?.invite ?? '')
        if (request === undefined || invite === undefined) return 'unknown-request'
        if (!mayManage(author) && !(invite.mine && invite.person === author.person.id)) return 'not-allowed'
        request.refused.push({ at, by: author.person.id })
        return null
      }
      case 'keeper': {
        if (!mayManage(author)) return 'not-allowed'
        const refused = this.#refusal(body.device, body.person.id)
        if (refused !== null) return refused
        const device = this.#device({ key: body.device, name: body.deviceName, addedAtMs: command.at, invite: null, admittedAt: at })
        this.#join({ id: body.person.id, name: body.person.name, role: 'keeper', blind: body.blind }, device)
        const known = body.mark === null ? undefined : this.#epochs.get(body.mark)
        if (body.box !== null) this.#handOut({ [body.device]: body.box }, known?.boxes ?? this.#firstBoxes, body.mark)
        // The first gate follows from the folder's key, and an open folder has no other keys.
        else if (body.mark === null && (body.blind || !this.#private)) device.keyed.add('')
        return null
      }
      case 'role':
        return this.#changeRole(author, body, at)
      case 'drive': {
        if (rankOf(author.role) < rankOf('writer')) return 'not-allowed'
        if (!command.proven) return 'unproven'
        return this.#addDrive(author.device, { ...body, at })
      }
      case 'remove':
        return this.#remove(command, body, { at, author })
      case 'keys': {
        if (!mayManage(author)) return 'not-allowed'
        const epoch = body.mark === null ? null : this.#epochs.get(body.mark)
        if (epoch === undefined || (epoch !== null && epoch.epoch !== body.epoch)) return 'unknown-epoch'
        this.#handOut(body.boxes, epoch?.boxes ?? this.#firstBoxes, body.mark)
        return null
      }
    }
  }

  /**
   * Who wrote a command, with the rights that they knew of: what was done beside it, promotions too, is left to the restrictions. Else the
   * order of two removals would decide which of them counts.
   */
  #author(command: OpenedCommand, at: number): Author | string {
    const membership = this.#membership(command.author, at)
    if (membership === undefined) {
      // A member who wrote it before knowing of being let in, or whose membership ended before it.
      if (this.#personOf.has(command.author)) return 'not-joined-then'
      return this.#wereMembers.has(command.author) ? 'removed' : 'no-member'
    }
    const { person, device } = membership
    let role = person.roles.findLast((given) => given.at === at || this.#graph.knew(at, given.at))?.role ?? 'keeper'
    for (const restriction of this.#byDevice.get(command.author) ?? []) {
      if (!this.#beside(restriction.at, at)) continue
      if (restriction.role === null) return 'removed'
      if (rankOf(restriction.role) < rankOf(role)) role = restriction.role
    }
    return { person, device, role }
  }

  #membership(key: string, at: number): { person: PassPerson; device: PassDevice } | undefined {
    const person = this.#personOf.get(key)
    const device = person?.devices.get(key)
    if (person !== undefined && device !== undefined && this.#graph.knew(at, device.admittedAt)) return { person, device }
    return this.#removed.find(
      (gone) => gone.device.key === key && this.#beside(gone.at, at) && this.#graph.knew(at, gone.device.admittedAt),
    )
  }

  /** True when neither of two commands knew of the other. */
  #beside(a: number, b: number): boolean {
    return a !== b && !this.#graph.knew(a, b) && !this.#graph.knew(b, a)
  }

  #create(command: OpenedCommand, at: number): string | null {
    const { body } = command
    if (body?.op !== 'create' || !command.proven) return 'unproven'
    if (this.#begun) return 'begun-already'
    this.#begun = true
    this.#private = body.private
    const device = this.#device({ key: command.author, name: body.deviceName, addedAtMs: command.at, invite: null, admittedAt: at })
    this.#join({ id: body.person.id, name: body.person.name, role: 'owner', blind: false }, device)
    device.keyed.add('')
    return this.#addDrive(device, { drive: command.folder, epoch: 1, mark: null, at })
  }

  #request(command: OpenedCommand, at: number): string | null {
    const { body } = command
    if (body?.op !== 'request' || !command.proven) return 'unproven'
    const { invite, drive, name, deviceName } = body
    this.#requests.set(command.id, { at, invite, drive, name, deviceName, admitted: null, refused: [], lostUse: false })
    return null
  }

  #admit(command: OpenedCommand, body: AdmitBody, by: { at: number; author: Author }): string | null {
    const { at, author } = by
    const request = this.#requests.get(body.request)
    if (request === undefined) return 'unknown-request'
    const invite = this.#invites.get(request.invite)
    if (invite === undefined || !this.#graph.knew(at, invite.at)) return 'unknown-invite'
    const who = { id: author.person.id, role: author.role, blind: author.person.blind }
    if (!admitAllowed(who, { approve: invite.approve, mine: invite.mine ? invite.person : null })) {
      this.#exposedByDemoted(command, at)
      return 'not-allowed'
    }
    if (request.admitted !== null) return 'admitted-already'
    // What closed the invite counts when the one who admits knew it: a guest who was given the keys before is shown, not hidden.
    if (invite.closedBy.some((closing) => this.#graph.knew(at, closing))) return 'cancelled'
    if (request.refused.some((refusal) => this.#graph.knew(at, refusal.at))) return 'refused'
    if (command.at > invite.expiresAtMs) return 'expired'
    if (!invite.mine && body.role !== invite.role) return 'wrong-role'
    const guest = this.#graph.order[request.at]?.author ?? ''
    const inviter = invite.mine ? this.#people.get(invite.person) : undefined
    if (invite.mine && inviter === undefined) {
      this.#exposures.push(at)
      return 'inviter-removed'
    }
    const refused = this.#refusal(guest, inviter === undefined ? body.person.id : null)
    if (refused !== null) return refused
    if (invite.used >= invite.uses) {
      // The guest holds a box with the keys, and is no member.
      this.#exposures.push(at)
      request.lostUse = true
      return 'used'
    }
    invite.used++
    const device = this.#device({ key: guest, name: body.deviceName, addedAtMs: command.at, invite: invite.id, admittedAt: at })
    if (inviter === undefined) this.#join({ id: body.person.id, name: body.person.name, role: invite.role, blind: false }, device)
    else this.#join(inviter, device)
    if (body.mark === null || this.#epochs.get(body.mark)?.epoch === body.epoch) device.keyed.add(body.mark ?? '')
    request.admitted = { at, by: author.person.id, box: body.box }
    const role = inviter?.role ?? invite.role
    if (request.drive !== null && rankOf(role) >= rankOf('writer')) {
      this.#addDrive(device, { drive: request.drive, epoch: body.epoch, mark: body.mark, at })
    }
    return null
  }

  /** Why a device can't join as that person; `person` null: one that is here. */
  #refusal(device: string, person: string | null): string | null {
    if (this.#personOf.has(device)) return 'member-already'
    if (person !== null && this.#usedIds.has(person)) return 'person-taken'
    return this.#personOf.size >= MAX_DEVICES ? 'too-many-devices' : null
  }

  #device(facts: Pick<PassDevice, 'key' | 'name' | 'addedAtMs' | 'invite' | 'admittedAt'>): PassDevice {
    // Field by field: thousands of these are made, and a spread costs several times as much.
    const { key, name, addedAtMs, invite, admittedAt } = facts
    return { key, name, addedAtMs, invite, admittedAt, seniority: this.#seniority++, drives: [], keyed: new Set(), writer: null }
  }

  #join(facts: { id: string; name: RosterName; role: MemberRole; blind: boolean }, device: PassDevice): void {
    const { id, name, role, blind } = facts
    const roles = [{ at: device.admittedAt, role }]
    const person: PassPerson = this.#people.get(id) ?? { id, name, role, roles, blind, devices: new Map() }
    person.devices.set(device.key, device)
    this.#people.set(person.id, person)
    this.#usedIds.add(person.id)
    this.#personOf.set(device.key, person)
    this.#wereMembers.add(device.key)
    if (person.role === 'owner') this.#owners.add(person)
  }

  #addDrive(device: PassDevice, facts: { drive: string; epoch: number; mark: string | null; at: number }): string | null {
    const { drive, epoch, mark } = facts
    if (this.#usedDrives.has(drive)) return 'drive-taken'
    const known =
      mark === null ? epoch === 1 : this.#epochs.get(mark)?.epoch === epoch && this.#graph.knew(facts.at, this.#epochs.get(mark)?.at ?? 0)
    if (!known) return 'unknown-epoch'
    if (device.drives.some((other) => other.mark === mark && other.frozenAt === null)) return 'drive-of-epoch-taken'
    this.#usedDrives.add(drive)
    device.writer ??= drive.slice(0, 10) as DriveId
    device.drives.push({ drive, epoch, mark, writer: device.writer, frozenAt: null })
    return null
  }

  #changeRole(
    author: Author,
    change: { person: string; role: MemberRole; frozen: Readonly<Record<string, number>> },
    at: number,
  ): string | null {
    const target = this.#people.get(change.person)
    if (target === undefined) return 'unknown-person'
    if (!roleChangeAllowed(author.role, target.role, change.role)) return 'not-allowed'
    const before = target.role
    if (before === change.role) return null
    if (before === 'owner' && this.#owners.size === 1) {
      this.#contest(author, { at, devices: new Set(target.devices.keys()), role: change.role })
      return 'last-owner'
    }
    target.role = change.role
    target.roles.push({ at, role: change.role })
    if (this.#owners.delete(target)) this.#ownersTakenAt.push(at)
    if (change.role === 'owner') this.#owners.add(target)
    if (target.blind && change.role !== 'keeper') {
      // It never had the content keys: all its devices lack those of this epoch now.
      target.blind = false
      if (this.#private) for (const device of target.devices.values()) device.keyed.clear()
    }
    if (rankOf(change.role) >= rankOf(before)) return null
    if (rankOf(change.role) < rankOf('writer')) {
      for (const device of target.devices.values()) {
        freeze(device, change.frozen)
        // Writing again one day is a new life: what it wrote unseen must not share counters with that.
        device.writer = null
      }
    }
    for (const invite of this.#invites.values()) {
      if (invite.person === target.id && !inviteAllowed(target, invite)) invite.closedBy.push(at)
    }
    this.#restrict(author, { at, devices: new Set(target.devices.keys()), role: change.role })
    return null
  }

  #remove(command: OpenedCommand, body: RemoveBody, by: { at: number; author: Author }): string | null {
    const { at, author } = by
    const gone = new Set<string>()
    let reason: string | null = null
    for (const id of body.people) {
      const person = this.#people.get(id)
      if (person === undefined) reason ??= 'unknown-person'
      else reason = this.#take(person, [...person.devices.keys()], { author, body, at, gone }) ?? reason
    }
    for (const key of body.devices) {
      const person = this.#personOf.get(key)
      if (person === undefined) reason ??= 'unknown-device'
      else reason = this.#take(person, [key], { author, body, at, gone }) ?? reason
    }
    const raised = this.#raise(author, body, at)
    if (gone.size > 0) this.#restrict(author, { at, devices: gone, role: null })
    const renewed = this.#renew(body, { at, author: command.author, allowed: mayManage(author) && !gone.has(command.author) })
    if (gone.size > 0 || raised || renewed) return null
    return reason ?? 'nothing-to-do'
  }

  /** Removes devices of a person if that is allowed. */
  #take(
    person: PassPerson,
    keys: readonly string[],
    by: { author: Author; body: RemoveBody; at: number; gone: Set<string> },
  ): string | null {
    const { author, body, at, gone } = by
    // A person who removes themselves in the same command has their role until its end.
    if (!removeAllowed({ id: author.person.id, role: author.role }, person)) return 'not-allowed'
    if (person.role === 'owner' && this.#owners.size === 1 && keys.length >= person.devices.size) {
      this.#contest(author, { at, devices: new Set(keys), role: null })
      return 'last-owner'
    }
    for (const key of keys) {
      const device = person.devices.get(key)
      if (device === undefined) continue
      gone.add(key)
      person.devices.delete(key)
      this.#personOf.delete(key)
      this.#removed.push({ device, person, at, frozenHere: freeze(device, body.frozen) })
      if (this.#private && !person.blind && this.#exposures.at(-1) !== at) this.#exposures.push(at)
      for (const invite of this.#invites.values()) {
        // The code that it came with may still have uses; the codes that it made are in hands that nobody knows.
        if (invite.device === key || invite.id === device.invite) invite.closedBy.push(at)
      }
    }
    if (person.devices.size > 0) return null
    this.#people.delete(person.id)
    if (this.#owners.delete(person)) this.#ownersTakenAt.push(at)
    for (const invite of this.#invites.values()) if (invite.person === person.id) invite.closedBy.push(at)
    return null
  }

  /** Two who removed the same device without knowing of each other: the longer length stays, so that neither loses what it showed. */
  #raise(author: Author, body: RemoveBody, at: number): boolean {
    let raised = false
    for (const removed of this.#removed) {
      const named = body.people.includes(removed.person.id) || body.devices.includes(removed.device.key)
      if (!named || !this.#beside(removed.at, at) || !removeAllowed({ id: author.person.id, role: author.role }, removed.person)) continue
      raised = true
      for (const drive of removed.frozenHere) drive.frozenAt = Math.max(drive.frozenAt ?? 0, body.frozen[drive.drive] ?? 0)
    }
    return raised
  }

  #renew(body: RemoveBody, by: { at: number; author: string; allowed: boolean }): boolean {
    const { next } = body
    if (next === null || !by.allowed || this.#epochs.has(next.mark)) return false
    const epoch: PassEpoch = { at: by.at, epoch: next.epoch, mark: next.mark, boxes: new Map() }
    this.#epochs.set(next.mark, epoch)
    this.#handOut(next.boxes, epoch.boxes, next.mark)
    this.#personOf.get(by.author)?.devices.get(by.author)?.keyed.add(next.mark)
    return true
  }

  #handOut(boxes: Readonly<Record<string, string>>, into: PassBoxes, mark: string | null): void {
    for (const [key, box] of Object.entries(boxes)) {
      const device = this.#personOf.get(key)?.devices.get(key)
      if (device === undefined) continue
      const boxed = into.get(key)
      if (boxed === undefined) into.set(key, [box])
      else boxed.push(box)
      device.keyed.add(mark ?? '')
    }
  }

  #restrict(author: Author, what: { at: number; devices: ReadonlySet<string>; role: MemberRole | null }): void {
    this.#restrictions.push({ ...what, rank: rankOf(author.role), seniority: author.device.seniority })
  }

  // Where an owner was taken away beside it, it may be this one that counts and not that.
  #contest(author: Author, what: { at: number; devices: ReadonlySet<string>; role: MemberRole | null }): void {
    if (this.#ownersTakenAt.some((taken) => this.#beside(taken, what.at))) {
      this.#contested.push({ ...what, rank: rankOf(author.role), seniority: author.device.seniority })
    }
  }

  // A removal brings new keys of itself; a demotion does not, and the guest of a demoted admin has the old ones.
  #exposedByDemoted(command: OpenedCommand, at: number): void {
    const known = this.#byDevice.get(command.author) ?? []
    if (known.some((restriction) => restriction.role !== null && this.#beside(restriction.at, at))) this.#exposures.push(at)
  }
}

function mayManage(author: Author): boolean {
  return rankOf(author.role) >= rankOf('admin')
}

/** Sets the length of each drive that still grew; a drive that is not named stays out. */
function freeze(device: PassDevice, lengths: Readonly<Record<string, number>>): PassDrive[] {
  const frozen = device.drives.filter((drive) => drive.frozenAt === null)
  for (const drive of frozen) drive.frozenAt = Object.hasOwn(lengths, drive.drive) ? (lengths[drive.drive] ?? 0) : 0
  return frozen
}
