/** Members who are removed from a folder: they get nothing from then on, what they wrote stays, and those who were off come along. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { apiOf, itemOf, pairWith } from '../fixtures/lab.ts'
import { beginJoin, invite, joinIn, membersOf, placesOf, put, sameTrees, shareWith, storesOnPorts, treeOf } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'

const TIMEOUT = { timeout: 150_000 }

let stores: Stores
let ana: TestStore
let ben: TestStore
let cleo: TestStore
let sam: TestStore
let pi: TestStore

before(async () => {
  stores = await createStores()
  ;({ ana, ben, cleo, sam, raspberry: pi } = await storesOnPorts(stores, ['ana', 'ben', 'cleo', 'sam', 'raspberry']))
  await pairWith(ana, pi)
})
after(async () => stores[Symbol.asyncDispose]())

/** A folder of ana with a box that keeps it, joined by the others; all have all. */
async function shared(name: string, guests: readonly TestStore[], how: { blind: boolean }): Promise<string> {
  return shareWith(ana, name, guests, { private: true, keeper: { provider: 'raspberry', ...how }, guestsWrite: true })
}

for (const blind of [false, true]) {
  test(`a removed member gets nothing from then on, and what it wrote stays (${blind ? 'blind' : 'trusted'} box)`, TIMEOUT, async () => {
    const name = blind ? 'gone-blind' : 'gone'
    const key = await shared(name, [ben, sam], { blind })
    await (await apiOf(ana)).removeMember(key, 'sam')
    await membersOf(ben, key, (m) => m.people.every((p) => p.name !== 'sam') && m.epoch === 2)
    await put(ana, `${name}/later.txt`, 'not for sam')
    await put(ben, `${name}/later-too.txt`, 'not for sam either')
    const tree = await sameTrees(placesOf([ana, ben], name, key), (t) => Object.keys(t).length === 5)
    assert.ok('sam.txt' in tree)
    const mine = await itemOf(ana, key, (i) => i.state === 'up-to-date' && i.devices.some((d) => d.name === 'raspberry' && d.complete))
    await itemOf(pi, key, (i) => i.state === 'up-to-date' && i.version === mine.version)
    const out = await itemOf(sam, key, (i) => i.problem?.code === 'REMOVED_MEMBER')
    assert.equal(out.state, 'error')
    assert.deepEqual(Object.keys(await treeOf(path.join(sam.dir, name))).sort(), ['ana.txt', 'ben.txt', 'sam.txt'])
    await put(sam, `${name}/from-outside.txt`, 'nobody sees it')
    await put(ben, `${name}/last.txt`, 'last')
    await sameTrees(placesOf([ana, ben], name, key), (t) => 'last.txt' in t)
    assert.ok(!('from-outside.txt' in (await treeOf(path.join(ana.dir, name)))))
    assert.equal(await readFile(path.join(sam.dir, name, 'from-outside.txt'), 'utf8'), 'nobody sees it')
  })
}

test('a member that was off during the removal comes along with what it wrote meanwhile', TIMEOUT, async () => {
  const key = await shared('asleep', [ben, cleo, sam], { blind: true })
  await ben.stop()
  await put(ben, 'asleep/while-off.txt', 'written while off')
  await (await apiOf(ana)).removeMember(key, 'sam')
  await put(ana, 'asleep/new.txt', 'after the removal')
  await itemOf(cleo, key, (i) => i.state === 'up-to-date' && i.files === 5)
  await ben.serve()
  await sameTrees(placesOf([ana, ben, cleo], 'asleep', key), (t) => 'while-off.txt' in t && 'new.txt' in t)
  await put(ben, 'asleep/again.txt', 'in the new epoch')
  await sameTrees(placesOf([ana, ben, cleo], 'asleep', key), (t) => 'again.txt' in t)
})

test('what one member had from the removed one, and the remover had not, stays for all', TIMEOUT, async () => {
  const key = await shared('seen', [ben, sam], { blind: false })
  await ana.stop()
  await put(sam, 'seen/sam.txt', 'sam, second version')
  await put(sam, 'seen/only-ben-saw.txt', 'seen by ben')
  await sameTrees(placesOf([ben, sam], 'seen', key), (t) => 'only-ben-saw.txt' in t)
  await ben.stop()
  await pi.stop()
  await sam.stop()
  await ana.serve()
  await (await apiOf(ana)).removeMember(key, 'sam')
  await pi.serve()
  await ben.serve()
  const tree = await sameTrees(placesOf([ana, ben], 'seen', key), (t) => 'only-ben-saw.txt' in t)
  assert.equal(Object.keys(tree).length, 4)
  assert.equal(await readFile(path.join(ana.dir, 'seen/sam.txt'), 'utf8'), 'sam, second version')
  await sam.serve()
})

test('a removed member comes back with a new invite', TIMEOUT, async () => {
  const key = await shared('back', [sam], { blind: false })
  await (await apiOf(ana)).removeMember(key, 'sam')
  await itemOf(sam, key, (i) => i.problem?.code === 'REMOVED_MEMBER')
  await put(ana, 'back/meanwhile.txt', 'meanwhile')
  await put(sam, 'back/kept.txt', 'kept here')
  const begun = await beginJoin(sam, (await invite(ana, key)).code, 'back')
  await joinIn(sam, begun.id, ['joined'])
  await sameTrees(placesOf([ana, sam], 'back', key), (t) => 'meanwhile.txt' in t && 'kept.txt' in t)
})

test('who leaves is no member any more, and the last owner can not', TIMEOUT, async () => {
  const key = await shared('leave', [ben], { blind: false })
  await assert.rejects((await apiOf(ana)).removeMember(key, 'ana'), { code: 'LAST_OWNER' })
  await assert.rejects((await apiOf(ben)).removeMember(key, 'ana'), { code: 'FORBIDDEN' })
  await assert.rejects((await apiOf(ana)).removeMember(key, 'nobody'), { code: 'UNKNOWN_MEMBER' })
  await (await apiOf(ben)).removeMember(key, 'ben')
  await membersOf(ana, key, (m) => m.people.every((p) => p.name !== 'ben') && m.epoch === 2)
})
