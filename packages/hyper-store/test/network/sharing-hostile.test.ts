/** Members who lie: forged entries, commands beyond their role, clocks years ahead, races for one invite. Others go on, and the reason is to be seen. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { encodeZ32 } from '../../src/core/links.ts'
import { HostileMember } from '../fixtures/hostile-member.ts'
import { HostileWriter } from '../fixtures/hostile-writer.ts'
import { apiOf, itemOf, share } from '../fixtures/lab.ts'
import {
  alikeOnDisk,
  beginJoin,
  invite,
  join,
  joinIn,
  membersOf,
  placesOf,
  put,
  sameTrees,
  shareWith,
  storesOnPorts,
} from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'

const TIMEOUT = { timeout: 150_000 }
const TEN_YEARS_MS = 10 * 365 * 86_400_000

let stores: Stores
let ana: TestStore
let ben: TestStore
let cleo: TestStore
let dan: TestStore

before(async () => {
  stores = await createStores()
  ;({ ana, ben, cleo, dan } = await storesOnPorts(stores, ['ana', 'ben', 'cleo', 'dan']))
})
after(async () => stores[Symbol.asyncDispose]())

/** An open folder of ana that ben joined; both have its one file. */
const shared = async (name: string): Promise<string> => shareWith(ana, name, [ben])

async function bothHave(name: string, key: string, file: string): Promise<Record<string, string>> {
  return sameTrees(placesOf([ana, ben], name, key), (tree) => file in tree)
}

test(
  'a writer who forges records spoils nothing: paths out of the folder, huge vectors, maps that point outside, oversize entries',
  TIMEOUT,
  async () => {
    const key = await shared('forged')
    await using sam = await HostileMember.join((await invite(ana, key)).code, ana.url, { writes: true })
    const { writer } = sam
    const me = encodeZ32(writer.drive.key).slice(0, 10)
    const ours = { f: 1, s: 5, m: 1_700_000_000_000, h: '' }
    const blob = await writer.blob('forged')
    const entry = (metadata: unknown, more: object = {}) => ({ executable: false, linkname: null, blob, metadata, ...more })
    await writer.put('/../out.txt', entry({ ...ours, v: { [me]: 1 } }))
    await writer.put('/a/../../out.txt', entry({ ...ours, v: { [me]: 1 } }))
    const million = Object.fromEntries(
      Array.from({ length: 1_000_000 }, (_, i) => [encodeZ32(Buffer.from(String(i).padStart(8, '0'))).slice(0, 10), 1]),
    )
    await writer.put('/million.txt', entry({ ...ours, v: million }))
    await writer.put('/outside.txt', entry({ ...ours, v: { [me]: 1 } }, { blob: { ...blob, blockOffset: 1e9, blockMap: true } }))
    await writer.put('/long.txt', { executable: false, linkname: 'x'.repeat(200_000), blob: null, metadata: { ...ours, v: { [me]: 1 } } })
    await writer.put('/ana.txt', entry({ ...ours, s: 6, m: Date.now() + TEN_YEARS_MS, v: { [me]: Number.MAX_SAFE_INTEGER } }))
    await writer.put('/honest.txt', entry({ ...ours, s: 6, v: { [me]: 1 } }))
    await put(ben, 'forged/ben.txt', 'ben goes on')
    await put(ana, 'forged/later.txt', 'ana goes on')
    const tree = await alikeOnDisk(placesOf([ana, ben], 'forged', key), (t) => 'ben.txt' in t && 'later.txt' in t && 'honest.txt' in t)
    assert.deepEqual(Object.keys(tree).sort(), ['ana.txt', 'ben.txt', 'honest.txt', 'later.txt'])
    assert.equal(await readFile(path.join(ana.dir, 'forged/ana.txt'), 'utf8'), 'ana')
    const item = await itemOf(ana, key, (i) => i.problem !== null)
    assert.match(item.problem?.message ?? '', /million|out|long|ana/)
  },
)

test(
  'a reader who lists a drive of its own, and a writer who gives commands of an owner, change nothing and are told of',
  TIMEOUT,
  async () => {
    const key = await shared('commands')
    await using reader = await HostileMember.join((await invite(ana, key, { role: 'reader' })).code, ana.url, { writes: false })
    await reader.writer.put('/from-reader.txt', {
      executable: false,
      linkname: null,
      blob: await reader.writer.blob('not allowed'),
      metadata: { f: 1, s: 11, m: 1, h: '', v: {} },
    })
    await reader.send({ op: 'drive', epoch: 1, mark: null, drive: encodeZ32(reader.writer.drive.key), driveProof: reader.proof() })
    await using writer = await HostileMember.join((await invite(ana, key, { role: 'writer' })).code, ana.url, { writes: true })
    const owner = writer.state().people.find((p) => p.role === 'owner')
    const self = writer.state().people.find((p) => p.devices.some((d) => d.key === writer.writer.identity.deviceKey))
    await writer.send({ op: 'role', person: self?.id ?? '', role: 'owner', frozen: {} })
    await writer.send({ op: 'remove', people: [owner?.id ?? ''], devices: [], frozen: {}, next: null })
    writer.sendRaw([null, 7, { v: 1 }, { ...writer.state(), body: 'x'.repeat(100_000) }])
    const members = await membersOf(ben, key, (m) => m.problems.length >= 3 && m.people.length === 4)
    assert.equal(members.people.filter((p) => p.role === 'owner').length, 1)
    assert.equal(members.people.find((p) => p.role === 'owner')?.name, 'ana')
    await put(ben, 'commands/after.txt', 'after')
    const tree = await bothHave('commands', key, 'after.txt')
    assert.ok(!('from-reader.txt' in tree))
  },
)

test('a member whose clock is ten years ahead neither locks others out nor wins for ever', TIMEOUT, async () => {
  const key = await shared('clock')
  await using sam = await HostileMember.join((await invite(ana, key)).code, ana.url, { writes: true })
  const me = encodeZ32(sam.writer.drive.key).slice(0, 10)
  const content = await sam.writer.blob('from the future')
  const metadata = { f: 1, s: 15, m: Date.now() + TEN_YEARS_MS, h: '', v: { [me]: 1 } }
  await sam.writer.put('/future.txt', { executable: false, linkname: null, blob: content, metadata })
  await bothHave('clock', key, 'future.txt')
  await put(ben, 'clock/future.txt', 'edited now')
  const tree = await sameTrees(placesOf([ana, ben], 'clock', key), (t) => 'future.txt' in t)
  assert.deepEqual(Object.keys(tree).sort(), ['ana.txt', 'future.txt'])
  const { code } = await invite(ana, key)
  await join(cleo, code, 'clock')
  await sameTrees(placesOf([ana, ben, cleo], 'clock', key), (t) => 'future.txt' in t)
  assert.equal(await readFile(path.join(cleo.dir, 'clock/future.txt'), 'utf8'), 'edited now')
})

test('a member whose drive was written in two ways is set apart with the reason, and the others go on', TIMEOUT, async () => {
  const key = await shared('forked')
  const [first, second] = await HostileWriter.twins()
  await using sam = await HostileMember.join((await invite(ana, key)).code, ana.url, { writes: true, writer: first })
  await using _twin = second
  const me = encodeZ32(sam.writer.drive.key).slice(0, 10)
  const metadata = { f: 1, s: 5, m: 1_700_000_000_000, h: '', v: { [me]: 1 } }
  await first.file('/first.txt', 'first', metadata)
  await bothHave('forked', key, 'first.txt')
  await second.file('/other.txt', 'other', metadata)
  await second.file('/more.txt', 'other', metadata)
  await second.connect(ana.url)
  const item = await itemOf(ana, key, (i) => i.problem?.code === 'FORKED_LOG')
  assert.match(item.problem?.message ?? '', /sam/)
  await put(ben, 'forked/ben.txt', 'ben goes on')
  await put(ana, 'forked/later.txt', 'ana goes on')
  const tree = await alikeOnDisk(placesOf([ana, ben], 'forked', key), (t) => 'ben.txt' in t && 'later.txt' in t)
  assert.deepEqual(Object.keys(tree).sort(), ['ana.txt', 'ben.txt', 'first.txt', 'later.txt'])
  await ana.stop()
  await ana.serve()
  await put(ben, 'forked/again.txt', 'after a restart')
  await alikeOnDisk(placesOf([ana, ben], 'forked', key), (t) => 'again.txt' in t)
})

test('two admins let in two guests on the last use of one invite: one is in, the other reads that it was used', TIMEOUT, async () => {
  await put(ana, 'race/ana.txt', 'ana')
  const { key } = await share(ana, 'race', { private: true })
  await join(ben, (await invite(ana, key, { role: 'admin' })).code, 'race')
  const { code } = await invite(ana, key, { approve: true })
  const guests = [
    { store: cleo, begun: await beginJoin(cleo, code, 'race') },
    { store: dan, begun: await beginJoin(dan, code, 'race') },
  ]
  for (const { store, begun } of guests) await joinIn(store, begun.id, ['waiting'])
  const requests = (await membersOf(ben, key, (m) => m.requests.length === 2)).requests
  const of = (name: string) => requests.find((r) => r.name === name)?.id ?? ''
  await ana.stop()
  await (await apiOf(ben)).approveRequest(key, of('cleo'))
  await ben.stop()
  await ana.serve()
  await (await apiOf(ana)).approveRequest(key, of('dan'))
  await ben.serve()
  // Both have heard of both.
  await membersOf(ben, key, (m) => m.problems.length > 0)
  const members = await membersOf(ana, key, (m) => m.problems.length > 0 && m.people.length === 3)
  const winner = members.people.find((p) => p.role === 'writer')?.name
  const loser = guests.find((guest) => guest.store.name !== winner)
  assert.ok(winner === 'cleo' || winner === 'dan')
  assert.ok(loser)
  assert.equal((await joinIn(loser.store, loser.begun.id, ['refused'])).problem?.code, 'INVITE_USED')
  await membersOf(ben, key, (m) => m.people.length === 3 && m.people.some((p) => p.name === winner))
})
