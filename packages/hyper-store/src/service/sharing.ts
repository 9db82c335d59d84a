/** Members, invites and joins of shared folders, as people ask for them. */
import { randomBytes } from 'node:crypto'
import {
  AppError,
  CreateInvite,
  type Invite,
  type Join,
  type JoinFolder,
  type MemberRole,
  type Members,
} from '@hyper-store/client/contract'
import * as v from 'valibot'
import { MAX_BOXES, type NextEpoch } from '../core/roster/commands.ts'
import { encodeInvite } from '../core/roster/invite-code.ts'
import {
  leads,
  mayAdmit,
  mayChangeRole,
  mayInvite,
  mayRemove,
  memberOf,
  type RosterPerson,
  type RosterRequest,
  type RosterState,
} from '../core/roster/roster-state.ts'
import type { Clock } from '../core/ports.ts'
import type { SharingApi } from '../core/store-api.ts'
import { inviteKeyPair, newInviteSeed, rootMessage, sealFor } from '../hyper/roster-crypto.ts'
import { proveRoot } from '../hyper/root-proof.ts'
import type { Identity } from '../hyper/transports/identity.ts'
import type { State } from '../state/state.ts'
import type { Joining } from './joining.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import { guestOf, showInvite, showMembers, showUnshared } from './member-view.ts'
import type { RosterDuties } from './roster-duties.ts'
import type { FolderRoster, Rosters } from './rosters.ts'
import { wrongKind } from './wrong-kind.ts'

/** What sharing needs from the store around it. */
export interface SharingOptions {
  readonly state: State
  readonly clock: Clock
  readonly identity: Identity
  readonly folders: KeptFolders
  readonly rosters: Rosters
  readonly duties: RosterDuties
  readonly joining: Joining
  readonly deviceName: () => string
  /** Addresses at which a guest may find this folder, best first. */
  readonly addresses: (folder: KeptFolder) => readonly string[]
}

/** The members of the folders of this store. */
export class Sharing implements SharingApi {
  readonly #o: SharingOptions

  constructor(options: SharingOptions) {
    this.#o = options
  }

  /** Members, guests who wait, and invites. Throws UNKNOWN_FOLDER, AMBIGUOUS, BAD_LINK, as all calls with a `ref`. */
  async members(ref: string): Promise<Members> {
    return this.#show(this.#o.folders.find(ref))
  }

  /** Gives a person another role; `member` is a name, an id or a device's key. Throws FORBIDDEN, LAST_OWNER, UNKNOWN_MEMBER, AMBIGUOUS. */
  async changeMember(ref: string, member: string, role: MemberRole): Promise<Members> {
    const { folder, roster, state } = this.#shared(ref)
    const { person } = findMember(state, this.#shownNames(roster), member)
    if (!mayChangeRole(state, this.#o.identity.deviceKey, { person: person.id, role })) throw this.#notAllowed(state, person)
    const frozen =
      role === 'reader' || role === 'keeper'
        ? this.#lengths(
            folder,
            person.devices.map((d) => d.key),
          )
        : {}
    await this.#o.rosters.write(roster, { op: 'role', person: person.id, role, frozen })
    await this.#o.duties.settled(folder.key)
    return this.#show(folder)
  }

  /** Removes a person, or one of several devices of theirs, with a new epoch in private folders. Throws as `changeMember`. */
  async removeMember(ref: string, member: string): Promise<Members> {
    const { folder, roster, state } = this.#shared(ref)
    const { person, device } = findMember(state, this.#shownNames(roster), member)
    const self = memberOf(state, this.#o.identity.deviceKey)
    const whole = device === null || person.devices.length === 1
    // Everybody may part with a device of their own.
    const isOwnDevice = !whole && self?.person.id === person.id
    if (!isOwnDevice && !mayRemove(state, this.#o.identity.deviceKey, person.id)) throw this.#notAllowed(state, person)
    const gone = whole ? person.devices.map((d) => d.key) : [device]
    const leaving = gone.includes(this.#o.identity.deviceKey)
    const next: NextEpoch | null = state.private && !leaving ? this.#o.duties.nextEpoch(state, gone) : null
    await this.#o.rosters.write(roster, {
      op: 'remove',
      people: whole ? [person.id] : [],
      devices: whole ? [] : gone,
      frozen: this.#lengths(folder, gone),
      next,
    })
    await this.#o.duties.settled(folder.key)
    return this.#show(folder)
  }

  /** Makes an invite; a folder that was not shared becomes so with it. Throws FORBIDDEN. */
  async createInvite(ref: string, request: CreateInvite): Promise<Invite> {
    const { state: store, identity, rosters } = this.#o
    const folder = this.#o.folders.find(ref)
    if (folder.kind !== 'folder') throw wrongKind(ref, folder.kind, { cure: 'a table in a shared folder has many writers' })
    const wanted = v.parse(CreateInvite, request)
    const roster = await this.#share(folder)
    const state = roster.state
    const me = memberOf(state, identity.deviceKey)
    if (me === null || !mayInvite(state, identity.deviceKey, { role: wanted.role, mine: wanted.mine }))
      throw new AppError('FORBIDDEN', {
        reason: me === null ? 'this device is no member of the folder' : `a ${me.person.role} may not invite a ${wanted.role}`,
      })
    const seed = newInviteSeed()
    const pair = inviteKeyPair(seed)
    const answering = state.people
      .filter(
        (p) => p.role === 'owner' || p.role === 'admin' || (p.role === 'keeper' && !p.blind) || (wanted.mine && p.id === me.person.id),
      )
      .flatMap((p) => p.devices.map((d) => d.key))
      .slice(0, MAX_BOXES)
    await rosters.write(roster, {
      op: 'invite',
      invite: pair.id,
      role: wanted.mine ? me.person.role : wanted.role,
      uses: wanted.uses,
      expiresAt: this.#o.clock.now() + Math.round(wanted.expiresS * 1000),
      approve: wanted.approve,
      mine: wanted.mine ? me.person.id : null,
      seeds: Object.fromEntries(answering.map((device) => [device, sealFor(device, seed)])),
    })
    const { epoch, gate } = roster.newestKeys
    const code = encodeInvite({
      folder: folder.key,
      seed,
      role: wanted.mine ? me.person.role : wanted.role,
      gate: epoch > 1 ? { epoch, gate } : null,
      hints: this.#o.addresses(folder),
    })
    await store.invites.put({ id: pair.id, folder: folder.key, code })
    const made = roster.state.invites.find((i) => i.id === pair.id)
    if (made === undefined) throw new AppError('FORBIDDEN', { reason: 'the invite was not accepted by the roster' })
    return showInvite(made, code, this.#o.deviceName())
  }

  /** Takes an invite back; `invite` is its id or the beginning of that. Throws FORBIDDEN, NOT_FOUND. */
  async cancelInvite(ref: string, invite: string): Promise<void> {
    const { roster, state } = this.#shared(ref)
    const found = state.invites.find((i) => i.id === invite || i.id.startsWith(invite))
    if (found === undefined) throw new AppError('NOT_FOUND', { what: `The invite ${invite}` })
    await this.#o.rosters.write(roster, { op: 'cancel-invite', invite: found.id })
    await this.#o.state.invites.remove(found.id)
  }

  /** Lets a guest in who waits; `request` is its id or the beginning of that, the guest's name or device key. Throws FORBIDDEN, NOT_FOUND, AMBIGUOUS. */
  async approve(ref: string, request: string): Promise<Members> {
    const { folder, roster, state } = this.#shared(ref)
    const found = this.#request(roster, request)
    if (!mayAdmit(state, this.#o.identity.deviceKey, found))
      throw new AppError('FORBIDDEN', { reason: 'only owners and admins let guests in' })
    await this.#o.duties.admit(roster, found)
    await this.#o.duties.settled(folder.key)
    return this.#show(folder)
  }

  /** Turns a guest away who waits. Throws as `approve`. */
  async refuse(ref: string, request: string): Promise<Members> {
    const { folder, roster, state } = this.#shared(ref)
    const found = this.#request(roster, request)
    if (!leads(state, this.#o.identity.deviceKey)) throw new AppError('FORBIDDEN', { reason: 'only owners and admins refuse guests' })
    await this.#o.rosters.write(roster, { op: 'refuse', request: found.id })
    return this.#show(folder)
  }

  /** As `Joining.join`; the next three likewise. */
  async join(request: JoinFolder): Promise<Join> {
    return this.#o.joining.join(request)
  }
  async joins(): Promise<Join[]> {
    return this.#o.joining.list()
  }
  async getJoin(id: string): Promise<Join> {
    return this.#o.joining.get(id)
  }
  async cancelJoin(id: string): Promise<void> {
    await this.#o.joining.cancel(id)
  }

  /** Makes a plain folder of this device a shared one: its roster begins with this device as owner, and its providers as keepers. */
  async #share(folder: KeptFolder): Promise<FolderRoster> {
    const { rosters, identity, duties } = this.#o
    const roster = await rosters.open(folder.key, duties.keysOf(folder.record))
    if (roster.state.shared) return roster
    if (folder.record.ownDrive === null) throw new AppError('FORBIDDEN', { reason: 'only the owner of a folder may begin to share it' })
    const proof = proveRoot(folder.drive.db.plain, rootMessage(folder.key, identity.deviceKey))
    if (proof === null) throw new AppError('DEFECT', { reason: 'the root drive has no key to sign with' })
    await rosters.write(roster, {
      op: 'create',
      person: { id: randomBytes(8).toString('hex'), name: duties.sealName(roster, this.#o.deviceName()) },
      deviceName: duties.sealName(roster, this.#o.deviceName()),
      private: folder.record.private,
      rootSignature: proof,
    })
    await folder.remember({ shared: true })
    await duties.settled(folder.key)
    return roster
  }

  /** A folder with its roster. Throws FORBIDDEN when it is not shared. */
  #shared(ref: string): { folder: KeptFolder; roster: FolderRoster; state: RosterState } {
    const folder = this.#o.folders.find(ref)
    const roster = this.#o.rosters.of(folder.key)
    const state = roster?.state
    if (roster === undefined || state?.shared !== true)
      throw new AppError('FORBIDDEN', { reason: 'the folder is not shared; hyper-store invite begins it' })
    return { folder, roster, state }
  }

  #shownNames(roster: FolderRoster): (person: RosterPerson) => string | null {
    return (person) => this.#o.duties.openName(roster, person.name)
  }

  #request(roster: FolderRoster, ref: string): RosterRequest {
    const waiting = roster.state.requests.filter((r) => r.outcome === 'waiting')
    const isMeant = (r: RosterRequest) =>
      r.id.startsWith(ref) || r.device === ref || guestOf(roster.state, r, this.#o.identity).name === ref
    const found = waiting.filter(isMeant)
    const [only] = found
    if (only === undefined) throw new AppError('NOT_FOUND', { what: `A guest "${ref}" who waits` })
    if (found.length > 1) throw new AppError('AMBIGUOUS', { ref })
    return only
  }

  /** What of the drives of these devices is here: it stays in the folder. */
  #lengths(folder: KeptFolder, devices: readonly string[]): Record<string, number> {
    const lengths: Record<string, number> = {}
    for (const { listed, drive } of folder.set.all) {
      if (listed.deviceKey !== null && devices.includes(listed.deviceKey))
        lengths[listed.key] = folder.blind ? drive.db.contiguous : drive.whole.db
    }
    return lengths
  }

  #notAllowed(state: RosterState, person: RosterPerson): AppError {
    const owners = state.people.filter((p) => p.role === 'owner')
    const role = memberOf(state, this.#o.identity.deviceKey)?.person.role ?? 'stranger'
    if (person.role === 'owner' && owners.length === 1 && role === 'owner') return new AppError('LAST_OWNER')
    return new AppError('FORBIDDEN', { reason: `a ${role} may not change ${person.role === 'owner' ? 'an' : 'a'} ${person.role}` })
  }

  async #show(folder: KeptFolder): Promise<Members> {
    const { identity, state: store } = this.#o
    const item = await folder.item()
    const roster = this.#o.rosters.of(folder.key)
    const state = roster?.state
    if (roster === undefined || state?.shared !== true) return showUnshared(item, this.#o.deviceName())
    const codes = new Map((await store.invites.list()).map((row) => [row.id, row.code] as const))
    return showMembers({ state, keys: roster.keys, identity, item, codes })
  }
}

/** A person or a device of theirs by id, name or device key. Throws UNKNOWN_MEMBER, AMBIGUOUS. */
function findMember(
  state: RosterState,
  nameOf: (person: RosterPerson) => string | null,
  ref: string,
): { person: RosterPerson; device: string | null } {
  for (const person of state.people) {
    const device = person.devices.find((d) => d.key === ref)
    if (device !== undefined) return { person, device: device.key }
  }
  const people = state.people.filter((p) => p.id === ref || nameOf(p) === ref)
  const [person] = people
  if (person === undefined) throw new AppError('UNKNOWN_MEMBER', { name: ref })
  if (people.length > 1) throw new AppError('AMBIGUOUS', { ref })
  return { person, device: null }
}
