/** Tests of the rules of a roster, one by one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldCommands, foldRoster, isWorthKeeping } from '../../src/core/roster/fold.ts'
import {
  boxesFor,
  drivesOf,
  mayAdmit,
  mayChangeRole,
  mayInvite,
  mayRead,
  mayRemove,
  mayWrite,
  memberOf,
  roleOf,
  wasRemoved,
} from '../../src/core/roster/roster-state.ts'
import { type Desk, FOLDER, nameOf, NOW, RosterWorld } from './roster-world.ts'

function begin(options: { private?: boolean } = {}): { world: RosterWorld; owner: Desk } {
  const world = new RosterWorld(1)
  const owner = world.desk('owner')
  owner.create(options)
  return { world, owner }
}
const reasons = (desk: Desk) => desk.state.problems.map((problem) => problem.reason)
const full = (name: string) => name.padEnd(52, 'y')

test('a roster begins with a proven create and its author as owner of the root drive', () => {
  const { owner } = begin()
  const { state } = owner
  assert.equal(state.shared, true)
  assert.equal(state.private, true)
  assert.equal(roleOf(state, owner.key), 'owner')
  assert.deepEqual(
    drivesOf(state).map(({ drive, writer, frozenAt }) => ({ drive, writer, frozenAt })),
    [{ drive: FOLDER, writer: FOLDER.slice(0, 10), frozenAt: null }],
  )
  assert.equal(state.needsEpoch, false)
  assert.deepEqual(state.lacking, [])
})

test('a create without proof begins nothing, and a second one changes nothing', () => {
  const world = new RosterWorld(2)
  const thief = world.desk('thief')
  const body = { op: 'create' as const, person: { id: 'x', name: nameOf('x') }, deviceName: nameOf('x'), private: true, rootSignature: '' }
  thief.say(body, { prev: [], proven: false })
  assert.equal(thief.state.shared, false)
  const { owner } = begin()
  owner.say({ ...body, person: { id: 'again', name: nameOf('x') } }, { prev: [] })
  assert.equal(owner.state.people.length, 1)
})

test('a guest joins by invite, with role, person, first drive and box', () => {
  const { world, owner } = begin()
  const guest = world.join(owner, 'ana', { role: 'writer', drive: 'anadrive' })
  const { state } = guest
  const member = memberOf(state, guest.key)
  assert.equal(member?.person.role, 'writer')
  assert.equal(member?.device.writer, 'anadriveyy')
  assert.deepEqual(
    drivesOf(state).map((drive) => drive.drive),
    [full('anadrive'), FOLDER].sort(),
  )
  assert.deepEqual(boxesFor(state, guest.key), ['box'])
  assert.equal(state.requests[0]?.outcome, 'admitted')
  assert.equal(state.invites[0]?.state, 'used')
  assert.deepEqual(state, owner.state)
})

test('requests wait, and are refused, expired, cancelled and used up', () => {
  const { world, owner } = begin()
  owner.invite({ id: 'i', uses: 1, expiresAt: NOW + 10 })
  const [a, b] = [world.desk('a'), world.desk('b')]
  world.meet(owner, a, b)
  const first = a.request('i')
  const second = b.request('i')
  world.meet(owner, a, b)
  assert.deepEqual(
    owner.state.requests.map((request) => request.outcome),
    ['waiting', 'waiting'],
  )
  assert.deepEqual(
    foldRoster(owner.commands, NOW + 11).requests.map((request) => request.outcome),
    ['expired', 'expired'],
  )
  owner.say({ op: 'refuse', request: first.id })
  assert.equal(owner.state.requests.find((request) => request.id === first.id)?.outcome, 'refused')
  owner.admit(first.id)
  assert.deepEqual(reasons(owner), ['refused'])
  owner.say({ op: 'cancel-invite', invite: 'i' })
  assert.equal(owner.state.requests.find((request) => request.id === second.id)?.outcome, 'cancelled')
  owner.admit(second.id)
  assert.equal(owner.state.people.length, 1)
})

test('an admission after the invite expired is ignored, by whatever clock it was made', () => {
  const { world, owner } = begin()
  owner.invite({ id: 'i', expiresAt: NOW + 10 })
  const guest = world.desk('g')
  world.meet(owner, guest)
  const request = guest.request('i')
  world.meet(owner, guest)
  owner.admit(request.id, { at: NOW + 11 })
  assert.equal(owner.state.people.length, 1)
  assert.deepEqual(reasons(owner), ['expired'])
})

test('a request with a wrong signature, or for no invite, is nothing', () => {
  const { world, owner } = begin()
  owner.invite({ id: 'i' })
  const guest = world.desk('g')
  world.meet(owner, guest)
  const forged = guest.request('i', { proven: false })
  const lost = guest.request('elsewhere')
  world.meet(owner, guest)
  owner.admit(forged.id)
  owner.admit(lost.id)
  assert.equal(owner.state.people.length, 1)
  assert.deepEqual(owner.state.requests, [])
  assert.deepEqual(reasons(owner).sort(), ['unknown-invite', 'unknown-request'])
})

test('the role of an admission must be that of the invite, and its person must be new', () => {
  const { world, owner } = begin()
  owner.invite({ id: 'i', role: 'reader', uses: 3 })
  const guest = world.desk('g')
  world.meet(owner, guest)
  const request = guest.request('i')
  world.meet(owner, guest)
  owner.admit(request.id, { role: 'admin' })
  owner.admit(request.id, { role: 'reader', person: 'owner' })
  assert.deepEqual(reasons(owner).sort(), ['person-taken', 'wrong-role'])
  owner.admit(request.id, { role: 'reader', person: 'fine' })
  assert.equal(roleOf(owner.state, guest.key), 'reader')
})

test('two admins who spend the last use apart: one guest is in, the other reads "used", and a new epoch is needed', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  owner.invite({ id: 'i' })
  const [a, b] = [world.desk('a'), world.desk('b')]
  world.meet(owner, admin, a, b)
  const first = a.request('i')
  const second = b.request('i')
  world.meet(owner, admin, a, b)
  owner.admit(first.id, { person: 'a' })
  admin.admit(second.id, { person: 'b' })
  world.meet(owner, admin, a, b)
  const { state } = owner
  assert.deepEqual(state, admin.state)
  assert.deepEqual(
    state.requests
      .filter((request) => request.invite === 'i')
      .map((request) => request.outcome)
      .sort(),
    ['admitted', 'used'],
  )
  assert.equal(state.invites.find((invite) => invite.id === 'i')?.used, 1)
  // The one who lost holds a box with the keys.
  assert.equal(state.needsEpoch, true)
  owner.remove([])
  assert.equal(owner.state.needsEpoch, false)
  assert.equal(owner.state.epoch, 2)
})

test('only owners and admins invite, admins no admins; everybody but blind keepers invites devices of their own', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  const writer = world.join(admin, 'writer', { role: 'writer' })
  world.meet(owner, admin, writer)
  writer.invite({ id: 'w', role: 'reader' })
  admin.invite({ id: 'a', role: 'admin' })
  owner.invite({ id: 'o', role: 'owner' })
  writer.invite({ id: 'theirs', mine: 'owner' })
  world.meet(owner, admin, writer)
  assert.deepEqual(reasons(owner).sort(), ['not-allowed', 'not-allowed', 'not-allowed', 'not-yours'])
  const { state } = owner
  assert.equal(mayInvite(state, admin.key, { role: 'admin', mine: false }), false)
  assert.equal(mayInvite(state, owner.key, { role: 'admin', mine: false }), true)
  assert.equal(mayInvite(state, writer.key, { role: 'writer', mine: true }), true)
})

test('a device of one’s own joins the person, with the role that the person has', () => {
  const { world, owner } = begin()
  const writer = world.join(owner, 'writer', { role: 'writer' })
  writer.invite({ id: 'own', role: 'reader', mine: 'writer' })
  const second = world.desk('second')
  world.meet(owner, writer, second)
  const request = second.request('own', { drive: 'second' })
  world.meet(owner, writer, second)
  assert.equal(mayAdmit(owner.state, writer.key, owner.state.requests.find((r) => r.id === request.id) ?? assert.fail()), true)
  writer.admit(request.id, { person: 'ignored' })
  world.meet(owner, writer, second)
  assert.equal(owner.state.people.length, 2)
  assert.deepEqual(
    owner.state.people.find((person) => person.id === 'writer')?.devices.map((device) => device.key),
    [writer.key, second.key],
  )
  assert.equal(mayWrite(owner.state, second.key), true)
})

test('a keeper that reads lets guests in only where no approval is wanted; writers never', () => {
  const { world, owner } = begin()
  const keeper = world.join(owner, 'keeper', { role: 'keeper' })
  const writer = world.join(owner, 'writer', { role: 'writer' })
  owner.invite({ id: 'open', role: 'writer' })
  owner.invite({ id: 'asked', role: 'writer', approve: true })
  const [a, b] = [world.desk('a'), world.desk('b')]
  world.meet(owner, keeper, writer, a, b)
  const open = a.request('open')
  const asked = b.request('asked')
  world.meet(owner, keeper, writer, a, b)
  keeper.admit(asked.id)
  writer.admit(open.id)
  keeper.admit(open.id, { person: 'a' })
  world.meet(owner, keeper, writer)
  assert.equal(roleOf(owner.state, a.key), 'writer')
  assert.equal(roleOf(owner.state, b.key), null)
  assert.deepEqual(reasons(owner), ['not-allowed', 'not-allowed'])
})

test('a blind keeper carries the roster and may do nothing', () => {
  const { world, owner } = begin()
  const pi = world.desk('pi')
  owner.say({
    op: 'keeper',
    device: pi.key,
    person: { id: 'pi', name: nameOf('pi') },
    deviceName: nameOf('pi'),
    blind: true,
    epoch: 1,
    mark: null,
    box: null,
  })
  world.meet(owner, pi)
  assert.equal(roleOf(pi.state, pi.key), 'keeper')
  assert.equal(mayRead(pi.state, pi.key), false)
  pi.invite({ id: 'i', mine: 'pi' })
  pi.drive('pidrive')
  pi.remove(['owner'])
  assert.deepEqual(reasons(pi), ['not-allowed', 'not-allowed', 'not-allowed'])
  assert.deepEqual(pi.state.lacking, [])
  // Let to read, it lacks the content key.
  owner.role('pi', 'reader')
  assert.deepEqual(owner.state.lacking, [{ device: pi.key, blind: false }])
  owner.say({ op: 'keys', epoch: 1, mark: null, boxes: { [pi.key]: 'late' } })
  assert.deepEqual(owner.state.lacking, [])
  assert.deepEqual(boxesFor(owner.state, pi.key), ['late'])
})

test('roles: owners change all but the last owner, admins only those below them', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  const writer = world.join(owner, 'writer', { role: 'writer', drive: 'w' })
  world.meet(owner, admin, writer)
  admin.role('writer', 'reader', { [full('w')]: 7 })
  assert.equal(mayWrite(admin.state, writer.key), false)
  assert.equal(drivesOf(admin.state).find((drive) => drive.drive === full('w'))?.frozenAt, 7)
  admin.role('writer', 'admin')
  admin.role('owner', 'reader')
  owner.role('owner', 'admin')
  writer.role('writer', 'owner')
  world.meet(owner, admin, writer)
  assert.deepEqual(reasons(owner).sort(), ['last-owner', 'not-allowed', 'not-allowed', 'not-allowed'])
  assert.equal(mayChangeRole(owner.state, owner.key, { person: 'owner', role: 'writer' }), false)
  assert.equal(mayChangeRole(owner.state, owner.key, { person: 'writer', role: 'owner' }), true)
  assert.equal(mayChangeRole(owner.state, admin.key, { person: 'writer', role: 'owner' }), false)
})

test('who writes again after having been a reader begins a new drive and a new name in vectors', () => {
  const { world, owner } = begin()
  const writer = world.join(owner, 'writer', { role: 'writer', drive: 'one' })
  owner.role('writer', 'reader', { [full('one')]: 3 })
  world.meet(owner, writer)
  writer.drive('nothing')
  owner.role('writer', 'writer')
  world.meet(owner, writer)
  writer.drive('two')
  world.meet(owner, writer)
  const drives = drivesOf(owner.state).filter((drive) => drive.device === writer.key)
  assert.deepEqual(
    drives.map(({ drive, writer: name, frozenAt }) => [drive, name, frozenAt]),
    [
      [full('one'), 'oneyyyyyyy', 3],
      [full('two'), 'twoyyyyyyy', null],
    ],
  )
})

test('drives: one for each epoch, proven, nobody else’s, by writers only', () => {
  const { world, owner } = begin()
  const reader = world.join(owner, 'reader', { role: 'reader', drive: 'readers' })
  const writer = world.join(owner, 'writer', { role: 'writer' })
  world.meet(owner, reader, writer)
  reader.drive('r')
  writer.drive('forged', { proven: false })
  writer.say({ op: 'drive', drive: FOLDER, driveProof: '', epoch: 1, mark: null })
  writer.drive('future', { epoch: 2, mark: 'm'.repeat(32) })
  writer.drive('w')
  writer.drive('w2')
  world.meet(owner, reader, writer)
  assert.deepEqual(reasons(owner).sort(), ['drive-of-epoch-taken', 'drive-taken', 'not-allowed', 'unknown-epoch', 'unproven'])
  assert.deepEqual(
    drivesOf(owner.state)
      .map((drive) => drive.drive)
      .sort(),
    [FOLDER, full('w')].sort(),
  )
})

test('a removal ends a membership, freezes its drives and begins an epoch; its commands from then on are nothing', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  const writer = world.join(owner, 'writer', { role: 'writer', drive: 'w' })
  world.meet(owner, admin, writer)
  admin.remove(['writer'], { frozen: { [full('w')]: 42 } })
  world.meet(owner, admin, writer)
  const { state } = owner
  assert.equal(memberOf(state, writer.key), null)
  assert.equal(wasRemoved(state, writer.key), true)
  assert.equal(state.epoch, 2)
  assert.equal(state.needsEpoch, false)
  assert.deepEqual(state.lacking, [])
  assert.equal(drivesOf(state).find((drive) => drive.drive === full('w'))?.frozenAt, 42)
  writer.drive('later')
  writer.invite({ id: 'x', mine: 'writer' })
  world.meet(owner, writer)
  assert.equal(drivesOf(owner.state).length, 2)
  assert.deepEqual(reasons(owner), ['removed', 'removed'])
})

test('a removed device’s commands that did not know of the removal count no more', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  owner.remove(['admin'])
  admin.invite({ id: 'i', uses: 9 })
  const guest = world.desk('g')
  world.meet(admin, guest)
  const request = guest.request('i')
  world.meet(admin, guest)
  admin.admit(request.id)
  assert.equal(roleOf(admin.state, guest.key), 'writer')
  world.meet(owner, admin)
  assert.equal(roleOf(owner.state, guest.key), null)
  assert.equal(
    owner.state.invites.some((invite) => invite.id === 'i'),
    false,
  )
})

test('what a removed device did before the remover knew it stays', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  const guest = world.join(admin, 'guest', { role: 'writer' })
  world.meet(owner, admin)
  owner.remove(['admin'])
  assert.equal(roleOf(owner.state, guest.key), 'writer')
})

test('two who remove each other apart: the owner beats the admin, whatever the ids', () => {
  for (const [high, low] of [
    ['f'.repeat(32), '0'.repeat(32)],
    ['0'.repeat(32), 'f'.repeat(32)],
  ] as const) {
    const { world, owner } = begin()
    const second = world.join(owner, 'second', { role: 'admin' })
    owner.role('second', 'owner')
    const admin = world.join(owner, 'admin', { role: 'admin' })
    world.meet(owner, second, admin)
    // The junior owner and the senior one; and an admin who tries both.
    owner.remove(['second'], { id: high })
    second.remove(['owner'], { id: low })
    admin.remove(['second'])
    world.meet(owner, second, admin)
    assert.deepEqual(
      owner.state.people.map((person) => person.id),
      ['owner', 'admin'],
    )
    assert.deepEqual(owner.state, second.state)
    assert.deepEqual(owner.state, admin.state)
  }
})

test('three who remove each other in a ring: the strongest removal stands', () => {
  const { world, owner } = begin()
  const b = world.join(owner, 'b', { role: 'admin' })
  owner.role('b', 'owner')
  const c = world.join(owner, 'c', { role: 'admin' })
  owner.role('c', 'owner')
  world.meet(owner, b, c)
  owner.remove(['c'])
  b.remove(['owner'])
  c.remove(['b'])
  world.meet(owner, b, c)
  assert.deepEqual(
    owner.state.people.map((person) => person.id),
    ['owner', 'b'],
  )
  assert.deepEqual(reasons(owner).sort(), ['overruled', 'removed'])
})

test('a demoted admin’s commands that did not know of it are judged by the new role, and a guest of theirs costs an epoch', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  admin.invite({ id: 'i' })
  const guest = world.desk('g')
  world.meet(owner, admin, guest)
  const request = guest.request('i')
  world.meet(owner, admin, guest)
  owner.role('admin', 'writer')
  admin.admit(request.id)
  admin.drive('a')
  world.meet(owner, admin)
  assert.equal(roleOf(owner.state, guest.key), null)
  assert.equal(owner.state.needsEpoch, true)
  assert.equal(
    drivesOf(owner.state).some((drive) => drive.drive === full('a')),
    true,
  )
  assert.equal(owner.state.invites.find((invite) => invite.id === 'i')?.state, 'cancelled')
})

test('nobody removes or demotes the last owner; leaving is for everybody else', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  admin.remove(['owner'])
  owner.remove(['owner'])
  owner.remove([], { devices: [owner.key], next: false })
  world.meet(owner, admin)
  assert.equal(mayRemove(owner.state, owner.key, 'owner'), false)
  assert.equal(mayRemove(owner.state, admin.key, 'owner'), false)
  assert.equal(mayRemove(owner.state, admin.key, 'admin'), true)
  // Without anybody in it, a removal of an owner is a new epoch only.
  assert.equal(owner.state.people.length, 2)
  admin.remove(['admin'])
  world.meet(owner, admin)
  assert.equal(owner.state.people.length, 1)
  assert.equal(owner.state.needsEpoch, true)
})

test('one who leaves begins no epoch: they would know its keys', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  admin.remove(['admin'], { next: true })
  world.meet(owner, admin)
  assert.equal(owner.state.epoch, 1)
  assert.equal(owner.state.needsEpoch, true)
})

test('in an open folder a removal needs no epoch', () => {
  const { world, owner } = begin({ private: false })
  const writer = world.join(owner, 'writer', { role: 'writer' })
  owner.remove(['writer'], { next: false })
  assert.equal(memberOf(owner.state, writer.key), null)
  assert.equal(owner.state.needsEpoch, false)
  assert.equal(owner.state.epoch, 1)
})

test('two epochs begun apart: one counts, both removals hold, the other’s drives are lost, and a third epoch mends it', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin', drive: 'a' })
  world.join(owner, 'x', { role: 'writer' })
  world.join(owner, 'y', { role: 'writer' })
  world.meet(owner, admin)
  owner.remove(['x'])
  admin.remove(['y'])
  owner.drive('o2')
  admin.drive('a2')
  world.meet(owner, admin)
  const { state } = owner
  assert.deepEqual(state, admin.state)
  assert.deepEqual(
    state.people.map((person) => person.id),
    ['owner', 'admin'],
  )
  assert.equal(state.epoch, 2)
  assert.equal(state.epochs.filter((epoch) => epoch.lost).length, 1)
  assert.equal(state.needsEpoch, true)
  assert.equal(drivesOf(state).filter((drive) => drive.epoch === 2).length, 1)
  assert.equal(state.people.flatMap((person) => person.devices.flatMap((device) => device.drives)).filter((drive) => drive.lost).length, 1)
  admin.remove([])
  world.meet(owner, admin)
  assert.equal(owner.state.epoch, 3)
  assert.equal(owner.state.needsEpoch, false)
  assert.deepEqual(owner.state.lacking, [])
})

test('an admin who was away long can’t undo the epochs that were built since', () => {
  const { world, owner } = begin()
  const away = world.join(owner, 'away', { role: 'admin' })
  world.join(owner, 'x', { role: 'writer' })
  world.meet(owner, away)
  for (let epoch = 2; epoch <= 4; epoch++) owner.remove([])
  away.remove(['x'])
  world.meet(owner, away)
  assert.equal(owner.state.epoch, 4)
  assert.equal(memberOf(owner.state, full('x')), null)
  assert.equal(owner.state.needsEpoch, true)
})

test('a guest who was admitted while an epoch began lacks its keys until they are handed on', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  world.join(owner, 'x', { role: 'writer' })
  world.meet(owner, admin)
  owner.remove(['x'])
  const guest = world.join(admin, 'guest', { role: 'writer', drive: 'g' })
  world.meet(owner, admin, guest)
  assert.deepEqual(owner.state.lacking, [{ device: guest.key, blind: false }])
  const { epoch, mark } = owner.state
  owner.say({ op: 'keys', epoch, mark, boxes: { [guest.key]: 'new' } })
  assert.deepEqual(owner.state.lacking, [])
  assert.deepEqual(boxesFor(owner.state, guest.key), ['box', 'new'])
  world.meet(owner, guest)
  guest.drive('g2')
  assert.deepEqual(
    memberOf(guest.state, guest.key)?.device.drives.map((drive) => [drive.epoch, drive.writer]),
    [
      [1, 'gyyyyyyyyy'],
      [2, 'gyyyyyyyyy'],
    ],
  )
})

test('removing a person closes the invites that they made, and the one that they came with', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  admin.invite({ id: 'made', uses: 5 })
  world.meet(owner, admin)
  owner.invite({ id: 'many', uses: 5 })
  const [a, b] = [world.desk('a'), world.desk('b')]
  world.meet(owner, admin, a, b)
  const first = a.request('many')
  world.meet(owner, a)
  owner.admit(first.id, { person: 'a' })
  owner.remove(['admin', 'a'])
  assert.deepEqual(
    owner.state.invites.filter((invite) => invite.id !== 'invite-admin').map((invite) => [invite.id, invite.state]),
    [
      ['made', 'cancelled'],
      ['many', 'cancelled'],
    ],
  )
})

test('a removed device may come back by a new invite, as a new person with a new drive and name', () => {
  const { world, owner } = begin()
  const writer = world.join(owner, 'writer', { role: 'writer', drive: 'one' })
  owner.remove(['writer'], { frozen: { [full('one')]: 5 } })
  world.meet(owner, writer)
  owner.invite({ id: 'again' })
  world.meet(owner, writer)
  const request = writer.request('again', { drive: 'two' })
  world.meet(owner, writer)
  owner.admit(request.id, { person: 'writer' })
  assert.deepEqual(reasons(owner), ['person-taken'])
  owner.admit(request.id, { person: 'writer2' })
  world.meet(owner, writer)
  assert.equal(wasRemoved(owner.state, writer.key), false)
  const member = memberOf(owner.state, writer.key)
  assert.equal(member?.device.writer, 'twoyyyyyyy')
  assert.deepEqual(
    drivesOf(owner.state)
      .filter((drive) => drive.device === writer.key)
      .map((drive) => [drive.drive, drive.frozenAt]),
    [
      [full('one'), 5],
      [full('two'), null],
    ],
  )
  writer.invite({ id: 'mine2', mine: 'writer2' })
  world.meet(owner, writer)
  assert.equal(
    owner.state.invites.some((invite) => invite.id === 'mine2'),
    true,
  )
})

test('one device of several is removed; the person stays', () => {
  const { world, owner } = begin()
  owner.invite({ id: 'own', mine: 'owner' })
  const laptop = world.desk('laptop')
  world.meet(owner, laptop)
  const request = laptop.request('own')
  world.meet(owner, laptop)
  owner.admit(request.id)
  world.meet(owner, laptop)
  laptop.remove([], { devices: [owner.key], frozen: { [FOLDER]: 9 } })
  assert.deepEqual(
    laptop.state.people.map((person) => person.devices.map((device) => device.key)),
    [[laptop.key]],
  )
  assert.equal(drivesOf(laptop.state)[0]?.frozenAt, 9)
  laptop.remove([], { devices: [laptop.key], next: false })
  assert.equal(laptop.state.people.length, 1)
})

test('two who remove the same device apart keep the longer length of its drive', () => {
  const { world, owner } = begin()
  const admin = world.join(owner, 'admin', { role: 'admin' })
  const writer = world.join(owner, 'writer', { role: 'writer', drive: 'w' })
  world.meet(owner, admin, writer)
  owner.remove(['writer'], { frozen: { [full('w')]: 5 } })
  admin.remove(['writer'], { frozen: { [full('w')]: 8 } })
  world.meet(owner, admin)
  assert.equal(drivesOf(owner.state).find((drive) => drive.drive === full('w'))?.frozenAt, 8)
  // Who knows of it can't change it any more.
  admin.remove(['writer'], { frozen: { [full('w')]: 80 }, next: false })
  assert.equal(drivesOf(admin.state).find((drive) => drive.drive === full('w'))?.frozenAt, 8)
})

test('a command waits for its causes, and says which are missing', () => {
  const { world, owner } = begin()
  const a = owner.invite({ id: 'a' })
  const b = owner.invite({ id: 'b' })
  const far = world.desk('far')
  const [create] = owner.commands
  far.hear([create ?? assert.fail(), b])
  assert.deepEqual(far.state.missing, [a.id])
  assert.deepEqual(far.state.invites, [])
  far.hear([a])
  assert.deepEqual(far.state, owner.state)
  assert.deepEqual(far.state.missing, [])
})

test('what can’t be read keeps its place and does nothing until it can', () => {
  const { world, owner } = begin()
  const hidden = owner.invite({ id: 'a' })
  const after = owner.invite({ id: 'b' })
  const far = world.desk('far')
  far.hear(owner.commands.map((command) => (command.id === hidden.id ? { ...command, body: null } : command)))
  assert.deepEqual(
    far.state.invites.map((invite) => invite.id),
    ['b'],
  )
  assert.deepEqual(far.state.heads, [after.id])
  far.hear([hidden])
  assert.deepEqual(far.state, owner.state)
})

test('strangers’ commands change nothing, fill no heads, and are not worth keeping', () => {
  const { world, owner } = begin()
  const stranger = world.desk('stranger')
  world.meet(owner, stranger)
  const before = owner.state
  const junk = [
    stranger.invite({ id: 'x' }),
    stranger.remove(['owner']),
    stranger.role('owner', 'reader'),
    stranger.drive('d'),
    stranger.request('unknown'),
  ]
  world.meet(owner, stranger)
  assert.deepEqual(owner.state, before)
  for (const command of junk) assert.equal(isWorthKeeping(command, owner.state), false)
  for (const command of foldCommands(owner.commands).applied) assert.notEqual(command, junk[0]?.id)
  // A member who builds on such a command makes it worth keeping for those who lack it.
  const built = owner.say({ op: 'cancel-invite', invite: 'none' }, { prev: [junk[0]?.id ?? ''] })
  const [create] = owner.commands
  const fresh = world.desk('fresh')
  fresh.hear([create ?? assert.fail(), built])
  assert.equal(isWorthKeeping(junk[0] ?? assert.fail(), fresh.state), true)
  assert.equal(isWorthKeeping(built, fresh.state), true)
})

test('a right counts from when its holder knew of it: what was tried before does not spring to life', () => {
  const { world, owner } = begin()
  const writer = world.join(owner, 'writer', { role: 'writer' })
  world.join(owner, 'x', { role: 'reader' })
  world.meet(owner, writer)
  writer.remove(['x'])
  owner.role('writer', 'admin')
  const guest = world.desk('guest')
  world.meet(owner, guest)
  guest.drive('early')
  owner.invite({ id: 'i' })
  world.meet(owner, guest)
  const request = guest.request('i')
  guest.drive('early2')
  owner.hear([request])
  owner.admit(request.id)
  world.meet(owner, writer, guest)
  assert.equal(roleOf(owner.state, full('x')), 'reader')
  assert.equal(drivesOf(owner.state).length, 1)
  assert.deepEqual(new Set(reasons(owner)), new Set(['not-allowed', 'not-joined-then']))
})
