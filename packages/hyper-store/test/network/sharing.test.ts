/** Shared folders of real stores: inviting, joining, writing on all sides, roles, approval, and the box that answers while others sleep. */
import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { apiOf, cloneTo, itemOf, pairWith, share, whole } from '../fixtures/lab.ts'
import { beginJoin, invite, join, joinIn, membersOf, placesOf, put, sameTrees, storesOnPorts } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'

const TIMEOUT = { timeout: 120_000 }

let stores: Stores
let ana: TestStore
let ben: TestStore
let cleo: TestStore
let pi: TestStore

before(async () => {
  stores = await createStores()
  ;({ ana, ben, cleo, raspberry: pi } = await storesOnPorts(stores, ['ana', 'ben', 'cleo', 'raspberry']))
  await pairWith(ana, pi)
})
after(async () => stores[Symbol.asyncDispose]())

test('a guest joins with the code, and both write', TIMEOUT, async () => {
  await put(ana, 'both/one.txt', 'one')
  const { key } = await share(ana, 'both')
  const { code } = await invite(ana, key)
  const joined = await join(ben, code, 'both')
  assert.equal(joined.role, 'writer')
  await put(ben, 'both/two.txt', 'two')
  await put(ana, 'both/three.txt', 'three')
  const places = placesOf([ana, ben], 'both', key)
  await sameTrees(places, (tree) => Object.keys(tree).length === 3)
  await rm(path.join(ben.dir, 'both/one.txt'))
  await put(ana, 'both/two.txt', 'two, by ana')
  const tree = await sameTrees(places, (t) => !('one.txt' in t))
  assert.deepEqual(Object.keys(tree), ['three.txt', 'two.txt'])
  await sameTrees(places)
  assert.equal(await readFile(path.join(ben.dir, 'both/two.txt'), 'utf8'), 'two, by ana')
  const [a, b] = [await whole(ana, key), await whole(ben, key)]
  assert.equal(a.version, b.version)
  assert.equal(a.files, 2)
})

test('a private folder is shared with its keys, and a box that keeps it blind holds both drives without them', TIMEOUT, async () => {
  await put(ana, 'diary/one.txt', 'a secret of ana')
  const { key } = await share(ana, 'diary', { private: true })
  await share(ana, 'diary', { provider: 'raspberry', blind: true })
  const { code } = await invite(ana, key)
  await join(ben, code, 'diary')
  await put(ben, 'diary/two.txt', 'a secret of ben')
  await sameTrees(placesOf([ana, ben], 'diary', key), (tree) => Object.keys(tree).length === 2)
  const mine = await itemOf(ana, key, (item) => item.devices.some((d) => d.name === 'raspberry' && d.complete))
  const kept = await itemOf(pi, key, (item) => item.state === 'up-to-date' && item.version === mine.version)
  assert.equal(kept.mode, 'keep-blind')
  assert.equal(kept.files, 0)
})

test('while the inviter sleeps, a trusted box lets the guest in', TIMEOUT, async () => {
  await put(ana, 'asleep/one.txt', 'one')
  const { key } = await share(ana, 'asleep', { private: true })
  await share(ana, 'asleep', { provider: 'raspberry' })
  const { code } = await invite(ana, key)
  await membersOf(ana, key, (m) => m.people.some((p) => p.role === 'keeper'))
  await itemOf(ana, key, (item) => item.devices.some((d) => d.name === 'raspberry' && d.complete))
  await membersOf(pi, key, (m) => m.invites.length === 1 && m.people.length === 2)
  await ana.stop()
  await join(cleo, code, 'asleep')
  await put(cleo, 'asleep/two.txt', 'two')
  await itemOf(cleo, key, (item) => item.files === 2 && item.state === 'up-to-date')
  await ana.serve()
  await sameTrees(placesOf([ana, cleo], 'asleep', key), (tree) => Object.keys(tree).length === 2)
})

test('with a blind box alone the guest waits for a device that can answer', TIMEOUT, async () => {
  await put(ana, 'blind/one.txt', 'one')
  const { key } = await share(ana, 'blind', { private: true })
  await share(ana, 'blind', { provider: 'raspberry', blind: true })
  const { code } = await invite(ana, key)
  await membersOf(pi, key, (m) => m.invites.length === 1 && m.people.length === 2)
  await ana.stop()
  const begun = await beginJoin(cleo, code, 'blind')
  await joinIn(cleo, begun.id, ['waiting'])
  await ana.serve()
  await joinIn(cleo, begun.id, ['joined'])
  await sameTrees(placesOf([ana, cleo], 'blind', key), (tree) => Object.keys(tree).length === 1)
})

test('approval: both sides see the same four words, and only then the guest is in', TIMEOUT, async () => {
  await put(ana, 'careful/one.txt', 'one')
  const { key } = await share(ana, 'careful', { private: true })
  const { code } = await invite(ana, key, { approve: true, role: 'reader' })
  const begun = await beginJoin(ben, code, 'careful')
  const waiting = await joinIn(ben, begun.id, ['waiting'])
  const members = await membersOf(ana, key, (m) => m.requests.length === 1)
  assert.equal(members.requests[0]?.words, waiting.words)
  assert.equal(waiting.words?.split(' ').length, 4)
  assert.equal(members.requests[0]?.name, 'ben')
  assert.equal((await (await apiOf(ben)).getJoin(begun.id)).state, 'waiting')
  await (await apiOf(ana)).approveRequest(key, members.requests[0]?.id ?? '')
  await joinIn(ben, begun.id, ['joined'])
  const item = await itemOf(ben, key, (i) => i.state === 'up-to-date' && i.files === 1)
  assert.equal(item.role, 'reader')
  assert.equal(item.mode, 'receive-only')
})

test('a refused guest is told so', TIMEOUT, async () => {
  await put(ana, 'closed/one.txt', 'one')
  const { key } = await share(ana, 'closed')
  const { code } = await invite(ana, key, { approve: true })
  const begun = await beginJoin(ben, code, 'closed')
  const members = await membersOf(ana, key, (m) => m.requests.length === 1)
  await (await apiOf(ana)).refuseRequest(key, members.requests[0]?.id ?? '')
  const ended = await joinIn(ben, begun.id, ['refused'])
  assert.equal(ended.problem?.code, 'JOIN_REFUSED')
})

test('an invite that was used, taken back or has expired says so', TIMEOUT, async () => {
  await put(ana, 'once/one.txt', 'one')
  const { key } = await share(ana, 'once')
  const used = await invite(ana, key)
  await join(ben, used.code, 'once')
  const late = await beginJoin(cleo, used.code, 'once')
  assert.equal((await joinIn(cleo, late.id, ['refused'])).problem?.code, 'INVITE_USED')
  const back = await invite(ana, key)
  await (await apiOf(ana)).cancelInvite(key, back.id)
  const cancelled = await beginJoin(cleo, back.code, 'once')
  assert.equal((await joinIn(cleo, cancelled.id, ['refused'])).problem?.code, 'INVITE_CANCELLED')
  const short = await invite(ana, key, { expiresS: 1 })
  await membersOf(ana, key, (m) => m.invites.some((i) => i.id === short.id && i.state === 'expired'))
  const expired = await beginJoin(cleo, short.code, 'once')
  assert.equal((await joinIn(cleo, expired.id, ['refused'])).problem?.code, 'INVITE_EXPIRED')
  await assert.rejects(beginJoin(cleo, `${short.code.slice(0, -3)}yyy`, 'once'), { code: 'BAD_INVITE' })
})

test('two devices of one person have one role and are told apart', TIMEOUT, async () => {
  await put(ana, 'mine/one.txt', 'one')
  const { key } = await share(ana, 'mine', { private: true })
  const { code } = await invite(ana, key, { mine: true })
  await join(cleo, code, 'mine')
  const members = await membersOf(ana, key, (m) => m.people.length === 1 && m.people[0]?.devices.length === 2)
  assert.equal(members.people[0]?.role, 'owner')
  const next = await invite(cleo, key, { role: 'admin' })
  await join(ben, next.code, 'mine')
  await membersOf(ana, key, (m) => m.people.length === 2 && m.people.some((p) => p.role === 'admin'))
  await put(ben, 'mine/ben.txt', 'ben')
  await sameTrees(placesOf([ana, ben, cleo], 'mine', key), (tree) => 'ben.txt' in tree)
})

test('a reader by link follows all writers, and a writer who becomes a reader keeps its edits aside', TIMEOUT, async () => {
  await put(ana, 'open/one.txt', 'one')
  const { key, link } = await share(ana, 'open')
  await share(ana, 'open', { provider: 'raspberry' })
  const { code } = await invite(ana, key)
  await join(ben, code, 'open')
  await put(ben, 'open/two.txt', 'two')
  await (await apiOf(cleo)).setProvider('raspberry', { target: `${pi.url}#${(await (await apiOf(pi)).createPair({})).code}` })
  await cloneTo(cleo, 'open', link)
  const places = placesOf([ana, ben, cleo], 'open', key)
  await sameTrees(places, (tree) => Object.keys(tree).length === 2)
  const members = await membersOf(ana, key, (m) => m.people.some((p) => p.name === 'ben'))
  const person = members.people.find((p) => p.name === 'ben')
  await (await apiOf(ana)).changeMember(key, person?.id ?? '', { role: 'reader' })
  await itemOf(ben, key, (item) => item.role === 'reader' && item.mode === 'receive-only')
  await put(ben, 'open/one.txt', 'not allowed')
  await itemOf(ben, key, (item) => item.state === 'up-to-date')
  await put(ana, 'open/three.txt', 'three')
  await itemOf(cleo, key, (item) => item.files === 3)
  assert.equal(await readFile(path.join(cleo.dir, 'open/one.txt'), 'utf8'), 'one')
})
