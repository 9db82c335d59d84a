/** What a roster says at a moment: people, devices, drives, invites, requests and epochs; and the questions that the store asks it. */
import type { MemberRole } from '@hyper-store/client/contract'
import type { DriveId } from '../entries.ts'
import type { CommandId, RosterName } from './commands.ts'

/** A drive that is part of the folder. */
export interface RosterDrive {
  /** z-base-32 key. */
  readonly drive: string
  readonly epoch: number
  readonly mark: string | null
  /** The name in version vectors of who wrote it. */
  readonly writer: DriveId
  /** Length of its db log that counts; null: all of it. */
  readonly frozenAt: number | null
  /** True when its epoch lost against another of the same number: it is no part of the folder, its device writes its content again. */
  readonly lost: boolean
}
export interface RosterDevice {
  /** z-base-32 device key. */
  readonly key: string
  readonly name: RosterName
  readonly addedAtMs: number
  readonly drives: readonly RosterDrive[]
  /** The device's name in version vectors: first 10 characters of the first drive that is not frozen; null while it has none. */
  readonly writer: DriveId | null
}
export interface RosterPerson {
  readonly id: string
  readonly name: RosterName
  readonly role: MemberRole
  readonly blind: boolean
  readonly devices: readonly RosterDevice[]
}
/** A device that was removed, with the person it belonged to. Its drives stay in the folder up to `frozenAt`. */
export interface RemovedDevice extends RosterDevice {
  readonly person: string
  readonly personName: RosterName
  /** The command that removed it. */
  readonly by: CommandId
  readonly removedAtMs: number
}
export interface RosterInvite {
  /** z-base-32 public key. */
  readonly id: string
  readonly role: MemberRole
  readonly uses: number
  readonly used: number
  readonly expiresAtMs: number
  readonly approve: boolean
  readonly mine: boolean
  readonly state: 'open' | 'used' | 'expired' | 'cancelled'
  /** Person id and device key of who made it. */
  readonly person: string
  readonly device: string
  readonly seeds: Readonly<Record<string, string>>
}
export interface RosterRequest {
  readonly id: CommandId
  readonly invite: string
  readonly device: string
  readonly drive: string | null
  /** Base64, sealed with the invite's name key. */
  readonly name: string
  readonly deviceName: string
  /** The epoch whose gate seals the request: the answer is sealed with the same. */
  readonly epoch: number
  readonly atMs: number
  readonly outcome: 'waiting' | 'admitted' | 'refused' | 'used' | 'expired' | 'cancelled'
  /** Who admitted or refused: person id; null while nobody did. */
  readonly by: string | null
  /** The box of the admission that counts; null without one. */
  readonly box: string | null
}
export interface RosterEpoch {
  readonly epoch: number
  /** Null for the first. */
  readonly mark: string | null
  /** Keys boxed for each device, oldest first. */
  readonly boxes: ReadonlyMap<string, readonly string[]>
  /** True when another of the same number counts. Its boxes still open what was sealed in it. */
  readonly lost: boolean
  readonly atMs: number
}
export interface RosterProblem {
  /** A command's id. */
  readonly about: CommandId
  /** Device key of its author. */
  readonly author: string
  readonly reason: string
}

/** What a set of commands comes to. The same set gives the same state. */
export interface RosterState {
  /** False until the command that begins the roster is there. */
  readonly shared: boolean
  readonly private: boolean
  /** 1 at first. */
  readonly epoch: number
  /** Tells the current epoch from a lost one of the same number; null for the first. */
  readonly mark: string | null
  /** True when somebody who is no member (any more) has the keys of the current epoch: a device that may remove begins a new one. Always false in open folders. */
  readonly needsEpoch: boolean
  /** Devices of members that have no keys of the current epoch: one that may remove sends them with `keys`. */
  readonly lacking: readonly { readonly device: string; readonly blind: boolean }[]
  /** In order of admission. */
  readonly people: readonly RosterPerson[]
  readonly removed: readonly RemovedDevice[]
  readonly invites: readonly RosterInvite[]
  readonly requests: readonly RosterRequest[]
  readonly epochs: readonly RosterEpoch[]
  /** What the next command of this device names as `prev`, at most 16. */
  readonly heads: readonly CommandId[]
  /** Commands that others name and that are not here: those that name them wait. At most 1,000. */
  readonly missing: readonly CommandId[]
  /** Commands that were ignored, and why; at most 100, the newest in the fold's order. */
  readonly problems: readonly RosterProblem[]
}

/** A member's device with its person. */
export interface Membership {
  readonly person: RosterPerson
  readonly device: RosterDevice
}

/** A drive of the merge. */
export interface MergeDrive {
  readonly drive: string
  readonly device: string
  readonly person: string
  readonly writer: DriveId
  readonly epoch: number
  readonly mark: string | null
  readonly frozenAt: number | null
}

/** The member that a device key belongs to; null for strangers and removed devices. */
export function memberOf(state: RosterState, device: string): Membership | null {
  for (const person of state.people) for (const found of person.devices) if (found.key === device) return { person, device: found }
  return null
}

/** Role of a device; null when it is no member. */
export function roleOf(state: RosterState, device: string): MemberRole | null {
  return memberOf(state, device)?.person.role ?? null
}

/** True for devices of owners and admins. */
export function leads(state: RosterState, device: string): boolean {
  const role = roleOf(state, device)
  return role !== null && rankOf(role) >= rankOf('admin')
}

/** True when the device was a member and is none now. */
export function wasRemoved(state: RosterState, device: string): boolean {
  return memberOf(state, device) === null && state.removed.some((gone) => gone.key === device)
}

/** Every drive that is part of the folder, the root drive first; lost ones are left out. */
export function drivesOf(state: RosterState): MergeDrive[] {
  const found: MergeDrive[] = []
  const add = (device: RosterDevice, person: string) => {
    for (const { drive, writer, epoch, mark, frozenAt, lost } of device.drives)
      if (!lost) found.push({ drive, device: device.key, person, writer, epoch, mark, frozenAt })
  }
  for (const person of state.people) for (const device of person.devices) add(device, person.id)
  for (const device of state.removed) add(device, device.person)
  // Sorted, so that all devices agree on the order whatever theirs was; the fold puts no drive in twice.
  return found.sort((a, b) => a.epoch - b.epoch || (a.drive < b.drive ? -1 : 1))
}

/** True when the device may read content: every member but blind keepers. */
export function mayRead(state: RosterState, device: string): boolean {
  const member = memberOf(state, device)
  return member !== null && !member.person.blind
}

/** True for writers, admins and owners. */
export function mayWrite(state: RosterState, device: string): boolean {
  const role = roleOf(state, device)
  return role !== null && rankOf(role) >= rankOf('writer')
}

/** True when the device may open an invite with that role: owners any, admins up to writer; for another device of its own person everybody but blind keepers. */
export function mayInvite(state: RosterState, device: string, invite: { readonly role: MemberRole; readonly mine: boolean }): boolean {
  const member = memberOf(state, device)
  return member !== null && inviteAllowed(member.person, invite)
}

/** True when the device may let that request in now. */
export function mayAdmit(state: RosterState, device: string, request: RosterRequest): boolean {
  const member = memberOf(state, device)
  const invite = state.invites.find((found) => found.id === request.invite)
  if (member === null || invite === undefined || invite.state !== 'open' || request.outcome !== 'waiting') return false
  return admitAllowed(member.person, { approve: invite.approve, mine: invite.mine ? invite.person : null })
}

/** True when the device may remove that person: itself, anybody as an owner, and as an admin all but owners and admins. Not the last owner. */
export function mayRemove(state: RosterState, device: string, person: string): boolean {
  const member = memberOf(state, device)
  const target = state.people.find((found) => found.id === person)
  if (member === null || target === undefined) return false
  if (target.role === 'owner' && state.people.filter((found) => found.role === 'owner').length === 1) return false
  return removeAllowed(member.person, target)
}

/** True when the device may give that person that role. */
export function mayChangeRole(state: RosterState, device: string, change: { readonly person: string; readonly role: MemberRole }): boolean {
  const member = memberOf(state, device)
  const target = state.people.find((found) => found.id === change.person)
  if (member === null || target === undefined) return false
  if (target.role === 'owner' && change.role !== 'owner' && state.people.filter((found) => found.role === 'owner').length === 1)
    return false
  return roleChangeAllowed(member.person.role, target.role, change.role)
}

/** Every box that was made for a device, oldest first: of its admission, of epochs, and of later `keys`. Each is a base64 `KeyBox`. */
export function boxesFor(state: RosterState, device: string): string[] {
  const admitted = state.requests.filter((request) => request.device === device && request.box !== null).map((request) => request.box ?? '')
  const ofEpochs = state.epochs.flatMap((epoch) => epoch.boxes.get(device) ?? [])
  return [...admitted, ...ofEpochs]
}

const RANKS: Readonly<Record<MemberRole, number>> = { keeper: 0, reader: 1, writer: 2, admin: 3, owner: 4 }

/** How much a role may do: 0 for a keeper to 4 for an owner. */
export function rankOf(role: MemberRole): number {
  return RANKS[role]
}

/** The rule of `mayInvite`, for a person. */
export function inviteAllowed(
  by: { readonly role: MemberRole; readonly blind: boolean },
  invite: { readonly role: MemberRole; readonly mine: boolean },
): boolean {
  // A device of one's own gives nobody more than they have; a blind keeper has no keys to hand on.
  if (invite.mine) return !by.blind
  if (invite.role === 'owner') return false
  return by.role === 'owner' || (by.role === 'admin' && invite.role !== 'admin')
}

/** The rule of `mayAdmit`, for a person; `mine` is the person that the invite is for. */
export function admitAllowed(
  by: { readonly id: string; readonly role: MemberRole; readonly blind: boolean },
  invite: { readonly approve: boolean; readonly mine: string | null },
): boolean {
  if (by.role === 'owner' || by.role === 'admin' || invite.mine === by.id) return true
  return !invite.approve && by.role === 'keeper' && !by.blind
}

/** The rule of `mayRemove`, for two people; the last owner is looked after elsewhere. */
export function removeAllowed(
  by: { readonly id: string; readonly role: MemberRole },
  target: { readonly id: string; readonly role: MemberRole },
): boolean {
  if (by.id === target.id || by.role === 'owner') return true
  return by.role === 'admin' && rankOf(target.role) < rankOf('admin')
}

/** The rule of `mayChangeRole`: owners anything, admins among writer, reader and keeper; the last owner is looked after elsewhere. */
export function roleChangeAllowed(by: MemberRole, from: MemberRole, to: MemberRole): boolean {
  if (by === 'owner') return true
  return by === 'admin' && rankOf(from) < rankOf('admin') && rankOf(to) < rankOf('admin')
}
