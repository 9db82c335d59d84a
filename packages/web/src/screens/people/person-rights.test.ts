import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Member, MemberRole, Members } from '@hyper-store/client'
import { inviteRoles, mayLeave, mayRemove, mayRemoveDevice, rolesFor } from './person-rights.ts'

function person(name: string, role: MemberRole, more: Partial<Member> = {}): Member {
  const device = {
    name,
    key: name,
    addedAt: '2026-01-01T00:00:00.000Z',
    you: more.you ?? false,
    live: true,
    version: 1,
    complete: true,
    at: null,
  }
  return { id: name, name, role, you: false, blind: false, devices: [device], ...more }
}
const members = (...people: Member[]): Members => ({ shared: true, epoch: 1, people, requests: [], invites: [], problems: [] })

test('the last owner can neither leave, nor be removed, nor be made less', () => {
  const ada = person('Ada', 'owner', { you: true })
  const ben = person('Ben', 'admin')
  assert.equal(mayLeave(members(ada, ben)), false)
  assert.deepEqual(rolesFor(members(ada, ben), ada), [])
  assert.equal(mayLeave(members(ada, person('Cleo', 'owner'))), true)
  const seenByBen = members({ ...ada, you: false }, { ...ben, you: true })
  assert.equal(mayRemove(seenByBen, seenByBen.people[0] ?? ada), false)
})

test('an admin decides about writers, readers and keepers alone', () => {
  const dora = person('Dora', 'writer')
  const eve = person('Eve', 'admin')
  const all = members(person('Ada', 'owner'), person('Ben', 'admin', { you: true }), dora, eve)
  assert.deepEqual(rolesFor(all, dora), ['writer', 'reader', 'keeper'])
  assert.deepEqual(rolesFor(all, eve), [])
  assert.equal(mayRemove(all, dora), true)
  assert.equal(mayRemove(all, eve), false)
  assert.deepEqual(inviteRoles(all), ['writer', 'reader', 'keeper'])
})

test('a writer may part with a device of their own, and with nobody else', () => {
  const mine = person('Ben', 'writer', { you: true })
  const two = { ...mine, devices: [...mine.devices, ...person('phone', 'writer').devices] }
  const all = members(person('Ada', 'owner'), two)
  assert.equal(mayRemoveDevice(all, two), true)
  assert.equal(mayRemove(all, all.people[0] ?? mine), false)
  assert.deepEqual(inviteRoles(all), [])
  assert.equal(mayLeave(all), true)
})

test('who was removed may do nothing any more', () => {
  const all = members(person('Ada', 'owner'))
  assert.deepEqual([mayLeave(all), inviteRoles(all), mayRemove(all, all.people[0] ?? person('x', 'reader'))], [false, [], false])
})
