/** Signed links to parts of private folders: served by every store that can read, by nobody else, and ended for all of them by one. */
import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { GatewayLink, Item } from '@hyper-store/client'
import { freePort } from '../cli/world.ts'
import { apiOf, cloneTo, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import { invite, join, sameTrees } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

let stores: Stores
let a: TestStore
/** A trusted keeper. */
let pi: TestStore
let blind: TestStore
let folder: Item

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  pi = await runningStore(stores, 'raspberry', ['--port', String(await freePort())])
  blind = await runningStore(stores, 'blind', ['--port', String(await freePort())])
  for (const keeper of [pi, blind]) await pairWith(a, keeper)
  await mkdir(path.join(a.dir, 'private/album/sub'), { recursive: true })
  await writeFile(path.join(a.dir, 'private/secret.txt'), 'secret')
  await writeFile(path.join(a.dir, 'private/album/one.txt'), 'one')
  await writeFile(path.join(a.dir, 'private/album/sub/two.txt'), 'two')
  await symlink('../secret.txt', path.join(a.dir, 'private/album/out'))
  folder = await share(a, 'private', { private: true, provider: 'raspberry' })
  await (await apiOf(a)).addFolder({ link: folder.link, provider: 'blind', blind: true })
  const { version } = await whole(a, folder.key)
  for (const keeper of [pi, blind]) await whole(keeper, folder.key, version)
})
after(async () => stores[Symbol.asyncDispose]())

/** Path and query of an address, at another store. */
async function ask(store: TestStore, url: string, init?: RequestInit): Promise<Response> {
  return fetch(store.url + url.slice(url.indexOf('/s/')), { redirect: 'manual', ...init })
}
async function create(at = '', expiresS = 3600): Promise<GatewayLink & { url: string }> {
  const link = await (await apiOf(a)).createGatewayLink(folder.key, { path: at, expiresS })
  assert.equal(link.state, 'good')
  assert.ok(link.url !== null)
  return { ...link, url: link.url }
}
const tokenOf = (url: string): string => /\/s\/([^/]+)/.exec(url)?.[1] ?? ''

test('a keeper that can read serves what a link of another store opens, and nothing else; a blind one serves nothing', async () => {
  const link = await create('album')
  for (const store of [a, pi]) {
    assert.equal(await (await ask(store, `${link.url}one.txt`)).text(), 'one')
    assert.equal(await (await ask(store, `${link.url}sub/two.txt`, { headers: { range: 'bytes=1-1' } })).text(), 'w')
    const names = (await (await ask(store, link.url, { headers: { accept: 'application/json' } })).json()) as { name: string }[]
    assert.deepEqual(names.map(({ name }) => name).sort(), ['one.txt', 'out', 'sub'])
    for (const wrong of ['secret.txt', 'out', 'album/one.txt', '%2e%2e%2fsecret.txt'])
      assert.ok([400, 404].includes((await ask(store, link.url + wrong)).status), wrong)
  }
  assert.equal((await ask(blind, `${link.url}one.txt`)).status, 404)
  // Without the link it is private as ever.
  assert.equal((await fetch(`${pi.url}/gateway/${folder.key}/album/one.txt`)).status, 401)
})

test('a link to a file has its name in the address', async () => {
  const { url } = await create('/album/one.txt')
  assert.match(url, /\/one\.txt$/)
  const response = await ask(pi, url)
  assert.equal(await response.text(), 'one')
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
})

test('a token that was changed anywhere, or is of another folder, opens nothing and tells nothing', async () => {
  const { url } = await create('album')
  const token = tokenOf(url)
  const bytes = Buffer.from(token, 'base64url')
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    const response = await ask(pi, `/s/${changed.toString('base64url')}/one.txt`)
    assert.equal(response.status, 404, `byte ${at}`)
    assert.doesNotMatch(await response.text(), /album|expired/)
  }
  assert.equal((await ask(pi, `/s/${token.slice(0, -1)}/one.txt`)).status, 404)
  // Longer than any head that Node takes, and as long as it takes.
  assert.equal((await ask(pi, `/s/${'A'.repeat(12_000)}/one.txt`)).status, 404)
  const long = await ask(pi, `/s/${'A'.repeat(1_000_000)}/one.txt`).then(
    ({ status }) => status,
    () => 431,
  )
  assert.equal(long, 431)
  await mkdir(path.join(a.dir, 'other'))
  await writeFile(path.join(a.dir, 'other/one.txt'), 'other')
  const other = await share(a, 'other', { private: true })
  await whole(a, other.key)
  assert.equal((await ask(pi, `/s/${tokenOf((await (await apiOf(a)).createGatewayLink(other.key, {})).url ?? '')}/one.txt`)).status, 404)
})

test('an expired link says so, at every store', async () => {
  const link = await create('album', 1)
  await until('the end of the link', async () => (await ask(pi, `${link.url}one.txt`)).status === 410)
  assert.equal((await ask(a, `${link.url}one.txt`)).status, 410)
  const listed = (await (await apiOf(a)).listGatewayLinks(folder.key)).find(({ id }) => id === link.id)
  assert.deepEqual([listed?.state, listed?.url], ['expired', null])
})

test('a revoked link ends at the store that made it at once, at keepers when they hear of it, and with its maker off', async () => {
  const [link, kept] = [await create('album'), await create('album')]
  assert.equal((await ask(pi, `${link.url}one.txt`)).status, 200)
  await (await apiOf(a)).revokeGatewayLink(folder.key, link.id)
  assert.equal((await ask(a, `${link.url}one.txt`)).status, 410)
  await until('the keeper to hear of it', async () => (await ask(pi, `${link.url}one.txt`)).status === 410)
  // By its address too.
  const third = await create()
  await (await apiOf(a)).revokeGatewayLink(folder.key, third.url)
  await until('the keeper to hear of it', async () => (await ask(pi, `${third.url}secret.txt`)).status === 410)
  await assert.rejects((await apiOf(a)).revokeGatewayLink(folder.key, 'y'.repeat(16)), { code: 'NOT_FOUND' })
  const states = new Map((await (await apiOf(a)).listGatewayLinks(folder.key)).map(({ id, state }) => [id, state]))
  assert.deepEqual([states.get(link.id), states.get(third.id), states.get(kept.id)], ['revoked', 'revoked', 'good'])
  await a.stop()
  assert.equal((await ask(pi, `${link.url}one.txt`)).status, 410)
  assert.equal(await (await ask(pi, `${kept.url}one.txt`)).text(), 'one')
  await pi.stop()
  await pi.serve()
  assert.equal((await ask(pi, `${link.url}one.txt`)).status, 410)
  await a.serve()
})

test('only who writes makes links, only to what is there, and only where one is needed', async () => {
  const api = await apiOf(a)
  await assert.rejects((await apiOf(pi)).createGatewayLink(folder.key, {}), { code: 'FORBIDDEN' })
  await assert.rejects((await apiOf(blind)).createGatewayLink(folder.key, {}), { code: 'FORBIDDEN' })
  await assert.rejects(api.createGatewayLink(folder.key, { path: 'none' }), { code: 'NOT_FOUND' })
  await assert.rejects(api.createGatewayLink(folder.key, { path: 'album/out' }), { code: 'NOT_FOUND' })
  for (const wrong of ['../up', 'a//b', 'a/../b'])
    await assert.rejects(api.createGatewayLink(folder.key, { path: wrong }), { code: 'BAD_REQUEST' })
  await mkdir(path.join(a.dir, 'open'))
  await writeFile(path.join(a.dir, 'open/x'), 'x')
  const open = await share(a, 'open')
  await assert.rejects(api.createGatewayLink(open.key, { path: 'x' }), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'BAD_REQUEST')
    assert.match(error.message, new RegExp(`/gateway/${open.key}/x`))
    return true
  })
  // A reader's clone has the key, and serves; it makes none.
  const b = await runningStore(stores, 'b')
  await pairWith(b, pi)
  await cloneTo(b, 'copy', folder.link)
  await whole(b, folder.key)
  await assert.rejects((await apiOf(b)).createGatewayLink(folder.key, {}), { code: 'FORBIDDEN' })
  assert.equal(await (await ask(b, `${(await create('album')).url}one.txt`)).text(), 'one')
})

test(
  'in a shared folder every writer’s link is served by every member, and ends for all when somebody is removed',
  { timeout: 120_000 },
  async () => {
    const c = await runningStore(stores, 'c')
    await pairWith(c, pi)
    await mkdir(path.join(a.dir, 'ours'))
    await writeFile(path.join(a.dir, 'ours/one.txt'), 'one')
    const ours = await share(a, 'ours', { private: true, provider: 'raspberry' })
    await whole(a, ours.key)
    await join(c, (await invite(a, ours.key)).code, 'ours')
    await writeFile(path.join(c.dir, 'ours/two.txt'), 'two')
    const places = [a, c].map((store) => ({ store, name: 'ours', ref: ours.key }))
    await sameTrees(places, (tree) => 'two.txt' in tree)
    const [byA, byC] = [await (await apiOf(a)).createGatewayLink(ours.key, {}), await (await apiOf(c)).createGatewayLink(ours.key, {})]
    for (const link of [byA, byC]) {
      for (const store of [a, c, pi]) await until('the file', async () => (await (await ask(store, `${link.url}two.txt`)).text()) === 'two')
    }
    // Revoked by another member than the one who made it.
    const extra = await (await apiOf(c)).createGatewayLink(ours.key, { path: 'one.txt' })
    await (await apiOf(a)).revokeGatewayLink(ours.key, extra.url ?? '')
    for (const store of [a, c, pi]) await until('the end of the link', async () => (await ask(store, extra.url ?? '')).status === 410)

    await (await apiOf(a)).removeMember(ours.key, c.deviceKey)
    // The one who was removed knows the old key, and could make as many of these as they like.
    for (const link of [byA, byC])
      for (const store of [a, pi]) await until('the end of the link', async () => (await ask(store, `${link.url}one.txt`)).status === 410)
    const anew = await (await apiOf(a)).createGatewayLink(ours.key, {})
    for (const store of [a, pi]) await until('the new link', async () => (await ask(store, `${anew.url}one.txt`)).status === 200)
    assert.equal((await ask(c, `${anew.url}one.txt`)).status, 404)
  },
)
