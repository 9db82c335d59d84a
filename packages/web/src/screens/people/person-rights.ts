/** What one may do with the people of a folder, as the store will judge it: so that a page offers nothing that is refused. */
import type { Member, MemberRole, Members } from '@hyper-store/client'

const RANKS: Readonly<Record<MemberRole, number>> = { keeper: 0, reader: 1, writer: 2, admin: 3, owner: 4 }

/** The person that the store asked belongs to; null when it is no member any more. */
export function selfOf(members: Members): Member | null {
  return members.people.find(({ you }) => you) ?? null
}

/** True for the one owner of a folder. */
function isLastOwner(members: Members, person: Member): boolean {
  return person.role === 'owner' && members.people.filter(({ role }) => role === 'owner').length === 1
}

/** Roles that one may give a person, highest first; none when that is not one's business. */
export function rolesFor(members: Members, person: Member): MemberRole[] {
  const self = selfOf(members)
  if (self === null || isLastOwner(members, person) || person.blind) return []
  if (self.role === 'owner') return ['owner', 'admin', 'writer', 'reader', 'keeper']
  if (self.role !== 'admin' || RANKS[person.role] >= RANKS.admin) return []
  return ['writer', 'reader', 'keeper']
}

/** True when one may remove a person; oneself is `mayLeave`. */
export function mayRemove(members: Members, person: Member): boolean {
  const self = selfOf(members)
  if (self === null || person.you || isLastOwner(members, person)) return false
  return self.role === 'owner' || (self.role === 'admin' && RANKS[person.role] < RANKS.admin)
}

/** True when one may remove a single device of a person with several; one's own too. */
export function mayRemoveDevice(members: Members, person: Member): boolean {
  return person.devices.length > 1 && (person.you || mayRemove(members, person))
}

/** True when one may leave. The last owner stays. */
export function mayLeave(members: Members): boolean {
  const self = selfOf(members)
  return members.shared && self !== null && !isLastOwner(members, self)
}

/** Roles that one may invite others with, the usual one first; none when one may not. */
export function inviteRoles(members: Members): ('admin' | 'writer' | 'reader' | 'keeper')[] {
  const role = selfOf(members)?.role
  if (role === 'owner') return ['writer', 'reader', 'admin', 'keeper']
  return role === 'admin' ? ['writer', 'reader', 'keeper'] : []
}

/** True when one may invite another device of one's own. */
export function mayInviteOwn(members: Members): boolean {
  const self = selfOf(members)
  return self !== null && !self.blind
}

/** True when one may let guests in. */
export function mayDecide(members: Members): boolean {
  const role = selfOf(members)?.role
  return role === 'owner' || role === 'admin'
}
