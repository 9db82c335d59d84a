/** The commands of sharing between two real stores, as people type them. */
import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Conflict, GatewayLink, HistoryVersion, Item, Members } from '@hyper-store/client'
import { itemOf, whole } from '../fixtures/lab.ts'
import { placesOf, put, sameTrees, storesOnPorts, treeOf } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const TIMEOUT = { timeout: 150_000 }

let stores: Stores
let ana: TestStore
let ben: TestStore
let key: string

before(async () => {
  stores = await createStores()
  ;({ ana, ben } = await storesOnPorts(stores, ['ana', 'ben']))
  await put(ana, 'photos/one.txt', 'one')
  await put(ana, 'photos/videos/long.mp4', 'a video')
  const code = await ana.ok(['invite', 'photos'])
  const [item] = await ben.json<Item>(['join', code, 'photos', '--name', 'Ben'])
  assert.ok(item)
  key = item.key
})
after(async () => stores[Symbol.asyncDispose]())

const places = () => placesOf([ana, ben], 'photos', key)

test('invite makes a private folder of one that was not kept, join ends when it is in, and wait takes a person', TIMEOUT, async () => {
  const item = await whole(ana, key)
  assert.equal(item.private, true)
  await put(ana, 'photos/two.txt', 'two')
  await ana.ok(['wait', 'photos', 'Ben', '--timeout', '30'])
  assert.equal(await readFile(path.join(ben.dir, 'photos/two.txt'), 'utf8'), 'two')
  const [members] = await ana.json<Members>(['members', 'photos'])
  assert.deepEqual(members?.people.map((p) => [p.name, p.role]).sort(), [
    ['Ben', 'writer'],
    ['ana', 'owner'],
  ])
})

test('conflicts are listed and settled on both sides', TIMEOUT, async () => {
  await sameTrees(places())
  await ana.stop()
  await put(ben, 'photos/one.txt', 'one, by ben')
  await itemOf(ben, key, (i) => i.state === 'up-to-date' || i.state === 'waiting')
  await ben.ok(['rescan', 'photos'])
  await ben.stop()
  await put(ana, 'photos/one.txt', 'one, by ana')
  await ana.serve()
  await ana.ok(['rescan', 'photos'])
  await ben.serve()
  let listed: Conflict[] = []
  await until('the conflict', async () => (listed = await ana.json<Conflict>(['conflicts', 'photos'])).length === 1)
  assert.equal(listed[0]?.path, 'one.txt')
  await sameTrees(places(), (tree) => Object.keys(tree).some((name) => name.includes('conflict')))
  await ana.ok(['conflicts', 'photos', 'keep', 'mine', 'one.txt'])
  await sameTrees(places(), (tree) => !Object.keys(tree).some((name) => name.includes('conflict')))
  assert.equal(await readFile(path.join(ben.dir, 'photos/one.txt'), 'utf8'), 'one, by ana')
})

test('history tells who wrote what, and restore brings it back for all', TIMEOUT, async () => {
  await put(ben, 'photos/by-ben.txt', 'first')
  await sameTrees(places(), (tree) => 'by-ben.txt' in tree)
  const before = await whole(ana, key)
  await rm(path.join(ben.dir, 'photos/by-ben.txt'))
  await sameTrees(places(), (tree) => !('by-ben.txt' in tree))
  const versions = await ana.json<HistoryVersion>(['history', 'photos', 'by-ben.txt'])
  assert.deepEqual(
    versions.map((version) => version.device),
    ['ben', 'ben'],
  )
  await ana.ok(['restore', 'photos', 'by-ben.txt', '--version', String(before.version)])
  await sameTrees(places(), (tree) => 'by-ben.txt' in tree)
})

test('a sub-folder that is left out leaves this disk alone, and comes back', TIMEOUT, async () => {
  await ben.ok(['select', 'photos', '--exclude', 'videos'])
  await until('the videos to go', async () => !('videos/long.mp4' in (await treeOf(path.join(ben.dir, 'photos')))))
  await put(ana, 'photos/after.txt', 'after')
  await until('what came after', async () => 'after.txt' in (await treeOf(path.join(ben.dir, 'photos'))))
  assert.ok('videos/long.mp4' in (await treeOf(path.join(ana.dir, 'photos'))))
  await ben.ok(['select', 'photos', '--include', 'videos'])
  await sameTrees(places(), (tree) => 'videos/long.mp4' in tree)
})

test('a link opens a part to a browser, until it is revoked', TIMEOUT, async () => {
  const [link] = await ana.json<GatewayLink>(['links', 'photos', 'create', '--path', 'videos', '--expires', '1h'])
  assert.ok(link?.url)
  const url = `${link.url.replace(/\/?$/, '/')}long.mp4`
  assert.equal(await (await fetch(url)).text(), 'a video')
  await ana.ok(['links', 'photos', 'revoke', link.id])
  assert.equal((await fetch(url)).status, 410)
})

test('verify finds nothing wrong, and a member is removed', TIMEOUT, async () => {
  await ana.ok(['verify', 'photos'])
  await ana.ok(['members', 'remove', 'photos', 'Ben', '--yes'])
  await itemOf(ben, key, (i) => i.problem?.code === 'REMOVED_MEMBER')
  const out = await ben.run(['rescan', 'photos'])
  assert.equal(out.code, 4)
})
