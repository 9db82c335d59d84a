/** What a roster looks like: to a kept folder as its membership, and to people as members, guests and invites. */
import type { Invite, Item, Member, Members } from '@hyper-store/client/contract'
import type { EpochKeys, RosterName } from '../core/roster/commands.ts'
import {
  drivesOf,
  memberOf,
  roleOf,
  type RosterDevice,
  type RosterInvite,
  type RosterPerson,
  type RosterRequest,
  type RosterState,
  wasRemoved,
} from '../core/roster/roster-state.ts'
import { fourWords, openGuestName, openName, openSealed } from '../hyper/roster-crypto.ts'
import type { Identity } from '../hyper/transports/identity.ts'
import type { ListedDrive } from './drive-set.ts'
import { type Membership, UNSHARED } from './membership.ts'

/** Reads the names of a roster with the keys that this device has; what it can't read is shown as `fallback`. */
function nameIn(name: RosterName, keys: readonly EpochKeys[], fallback: string): string {
  const opened = openName(name, keys)
  return opened === null || opened === '' ? fallback : opened.slice(0, 100)
}

/** The roster as a kept folder sees it. */
export function membershipOf(state: RosterState, device: string, keys: readonly EpochKeys[]): Membership {
  if (!state.shared) return UNSHARED
  const names = new Map<string, { person: string; device: string }>()
  for (const person of state.people) {
    for (const one of person.devices)
      names.set(one.key, { person: nameIn(person.name, keys, person.id.slice(0, 8)), device: nameIn(one.name, keys, one.key.slice(0, 8)) })
  }
  for (const gone of state.removed)
    names.set(gone.key, {
      person: nameIn(gone.personName, keys, gone.person.slice(0, 8)),
      device: nameIn(gone.name, keys, gone.key.slice(0, 8)),
    })
  const drives: ListedDrive[] = drivesOf(state).map((d) => ({
    key: d.drive,
    writer: d.writer,
    device: names.get(d.device)?.device ?? d.writer,
    deviceKey: d.device,
    epoch: d.epoch,
    mark: d.mark,
    frozenAt: d.frozenAt,
  }))
  return {
    role: roleOf(state, device),
    removed: wasRemoved(state, device) || wasLetInInVain(state, device),
    epoch: state.epoch,
    mark: state.mark,
    drives,
    refused: new Set(state.removed.filter((gone) => memberOf(state, gone.key) === null).map((gone) => gone.key)),
    devices: state.people.flatMap((person) => person.devices.map((d) => d.key)),
    personOf: (key) => names.get(key)?.person ?? null,
    nameOf: (key) => names.get(key)?.device ?? null,
  }
}

/** Let in by somebody who did not know that the invite's last use was gone: the others came to another end. */
function wasLetInInVain(state: RosterState, device: string): boolean {
  if (memberOf(state, device) !== null) return false
  const mine = state.requests.filter((request) => request.device === device)
  return mine.length > 0 && mine.every(({ outcome }) => outcome !== 'waiting' && outcome !== 'admitted')
}

/** What people are shown of a roster. */
export interface ShownRoster {
  readonly state: RosterState
  readonly keys: readonly EpochKeys[]
  readonly identity: Identity
  readonly item: Item
  /** Codes of the invites that this device made. */
  readonly codes: ReadonlyMap<string, string>
}

/** Members, guests and invites for people. */
export function showMembers(shown: ShownRoster): Members {
  const { state, keys } = shown
  const personName = (id: string) => {
    const person = state.people.find((p) => p.id === id)
    return person === undefined ? id.slice(0, 8) : nameIn(person.name, keys, id.slice(0, 8))
  }
  return {
    shared: state.shared,
    epoch: state.epoch,
    people: state.people.map((person) => showPerson(shown, person)),
    requests: state.requests.filter((r) => r.outcome === 'waiting').map((request) => showRequest(shown, request)),
    invites: state.invites.map((invite) => showInvite(invite, shown.codes.get(invite.id) ?? null, personName(invite.person))),
    problems: state.problems.map((problem) => ({
      about: memberOf(state, problem.author) === null ? problem.author.slice(0, 8) : personNameOfDevice(shown, problem.author),
      reason: problem.reason,
    })),
  }
}

/** The members of a folder that was never shared: its one writer. */
export function showUnshared(item: Item, name: string): Members {
  return {
    shared: false,
    epoch: 1,
    people: [
      {
        id: 'you',
        name,
        role: item.role,
        you: true,
        blind: item.mode === 'keep-blind',
        devices: item.devices
          .filter((d) => d.role === 'this')
          .map((d) => ({ ...deviceFacts(d), addedAt: new Date(0).toISOString(), you: true })),
      },
    ],
    requests: [],
    invites: [],
    problems: [],
  }
}

/** An invite for people. */
export function showInvite(invite: RosterInvite, code: string | null, by: string): Invite {
  return {
    id: invite.id,
    code: invite.state === 'open' ? code : null,
    role: invite.role,
    uses: invite.uses,
    used: invite.used,
    expiresAt: new Date(invite.expiresAtMs).toISOString(),
    approve: invite.approve,
    mine: invite.mine,
    state: invite.state,
    by,
  }
}

function showPerson(shown: ShownRoster, person: RosterPerson): Member {
  return {
    id: person.id,
    name: nameIn(person.name, shown.keys, person.id.slice(0, 8)),
    role: person.role,
    you: person.devices.some((d) => d.key === shown.identity.deviceKey),
    blind: person.blind,
    devices: person.devices.map((device) => showDevice(shown, device)),
  }
}

function showDevice({ item, keys, identity }: ShownRoster, device: RosterDevice): Member['devices'][number] {
  const known = item.devices.find((d) => d.key === device.key)
  const facts = known === undefined ? { live: false, version: 0, complete: false, at: null } : deviceFacts(known)
  return {
    ...facts,
    name: nameIn(device.name, keys, device.key.slice(0, 8)),
    key: device.key,
    addedAt: new Date(device.addedAtMs).toISOString(),
    you: device.key === identity.deviceKey,
  }
}

function deviceFacts(d: Item['devices'][number]): Pick<Item['devices'][number], 'name' | 'key' | 'live' | 'version' | 'complete' | 'at'> {
  return { name: d.name, key: d.key, live: d.live, version: d.version, complete: d.complete, at: d.at }
}

/** The names that a guest gave, as far as this device has the invite's seed; else the beginning of the device's key. */
export function guestOf(
  state: RosterState,
  request: RosterRequest,
  identity: Identity,
): { readonly name: string; readonly deviceName: string } {
  const box = state.invites.find((i) => i.id === request.invite)?.seeds[identity.deviceKey]
  const seed = box === undefined ? null : openSealed(identity, box)
  const nameOf = (sealed: string) => (seed === null ? null : openGuestName(seed, sealed)) ?? request.device.slice(0, 8)
  return { name: nameOf(request.name), deviceName: nameOf(request.deviceName) }
}

function showRequest({ state, identity }: ShownRoster, request: RosterRequest): Members['requests'][number] {
  const invite = state.invites.find((i) => i.id === request.invite)
  return {
    id: request.id,
    name: guestOf(state, request, identity).name,
    device: request.device,
    role: invite?.role ?? 'reader',
    words: fourWords(request.device, invite?.device ?? '', request.id),
    invite: request.invite,
  }
}

function personNameOfDevice({ state, keys }: ShownRoster, device: string): string {
  const found = memberOf(state, device)
  return found === null ? device.slice(0, 8) : nameIn(found.person.name, keys, found.person.id.slice(0, 8))
}
