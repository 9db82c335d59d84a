/** What stores occupy: retention that gives the disk back, newcomers after it, and folders that lend what a keeper holds too. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Item } from '@hyper-store/client'
import { freePort } from '../cli/world.ts'
import { apiOf, cloneTo, codeOf, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const MIB = 1024 * 1024
/** A file of this size is one block without a map: it is here whole or not at all. */
const ONE_BLOCK = 60_000

let stores: Stores
let a: TestStore
let pi: TestStore

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  pi = await runningStore(stores, 'raspberry', ['--port', String(await freePort())])
  await pairWith(a, pi)
})
after(async () => stores[Symbol.asyncDispose]())

const spaceOf = async (store: TestStore, key: string) => {
  const space = (await (await apiOf(store)).getSpace()).folders.find((f) => f.key === key)
  assert.ok(space)
  return space
}
const retain = async (store: TestStore, key: string, versions: number) =>
  (await apiOf(store)).setRetention(key, { keep: 'versions', versions })

/** Waits until the other store holds the newest version of the first. */
async function keptBy(keeper: TestStore, folder: Item): Promise<Item> {
  const here = await whole(a, folder.key)
  const there = await whole(keeper, folder.key, here.version)
  await itemOf(a, folder.key, (item) => item.devices.some((d) => d.name === keeper.name && d.complete))
  return there
}

test('a retention frees the disk, the newest version stays whole, and a newcomer gets all of it with a receipt', async () => {
  const at = path.join(a.dir, 'edited')
  await mkdir(at, { recursive: true })
  let bytes = randomBytes(6 * MIB)
  await writeFile(path.join(at, 'large.bin'), bytes)
  await writeFile(path.join(at, 'stays.txt'), 'as it was')
  const folder = await share(a, 'edited', { provider: 'raspberry' })
  let version = (await keptBy(pi, folder)).version
  const save = async (next: Uint8Array) => {
    bytes = Buffer.from(next)
    await writeFile(path.join(a.dir, 'next'), bytes)
    await rename(path.join(a.dir, 'next'), path.join(at, 'large.bin'))
    const size = bytes.byteLength + 9
    version = (await itemOf(a, folder.key, (item) => item.state === 'up-to-date' && item.bytes === size && item.version > version)).version
  }
  for (let i = 1; i <= 4; i++) await save(randomBytes(6 * MIB + i))
  await keptBy(pi, folder)
  const before = await spaceOf(pi, folder.key)
  assert.ok(before.history >= 23 * MIB, `${before.history} bytes of history`)
  assert.equal(before.reclaimable, 0)
  for (const store of [pi, a]) {
    const done = await retain(store, folder.key, 1)
    assert.ok(done.freed >= 23 * MIB, `${store.name} freed ${done.freed}`)
    assert.ok(done.before - done.after >= 20 * MIB, `${store.name}: ${done.before} before, ${done.after} after`)
    assert.ok(done.space.history < MIB)
    assert.equal(done.space.content, bytes.byteLength + 9)
  }
  await whole(a, folder.key, version)
  await whole(pi, folder.key, version)
  assert.equal(
    await codeOf((await apiOf(a)).restoreFolder(folder.key, { version: 6, path: 'large.bin', to: path.join(a.dir, 'old') })),
    'VERSION_GONE',
  )

  const late = await runningStore(stores, 'late')
  await pairWith(late, pi)
  await cloneTo(late, 'clone', folder.link)
  await whole(late, folder.key, version)
  assert.deepEqual(await readFile(path.join(late.dir, 'clone', 'large.bin')), bytes)
  const keeper = await runningStore(stores, 'keeper', ['--port', String(await freePort())])
  await pairWith(a, keeper)
  await (await apiOf(a)).addFolder({ link: folder.link, provider: 'keeper' })
  await itemOf(a, folder.key, (item) => item.devices.some((d) => d.name === 'keeper' && d.complete))

  await save(Buffer.concat([bytes, randomBytes(100_000)]))
  await keptBy(keeper, folder)
  await whole(late, folder.key, version)
  assert.deepEqual(await readFile(path.join(late.dir, 'clone', 'large.bin')), bytes)
})

for (const isPrivate of [false, true]) {
  const kind = isPrivate ? 'a private folder' : 'an open folder'
  test(`${kind} that a keeper holds is lent: nearly no second copy, and all goes on`, async () => {
    const name = `lent-${isPrivate}`
    const at = path.join(a.dir, name)
    await mkdir(path.join(at, 'sub'), { recursive: true })
    const bytes = randomBytes(12 * MIB)
    await writeFile(path.join(at, 'large.bin'), bytes)
    await writeFile(path.join(at, 'twin.bin'), bytes)
    for (let i = 0; i < 50; i++) await writeFile(path.join(at, 'sub', `${i}.bin`), randomBytes(20_000))
    const folder = await share(a, name, { provider: 'raspberry', private: isPrivate })
    const alone = await spaceOf(a, folder.key)
    assert.equal(alone.lent, 0)
    await keptBy(pi, folder)
    const { version } = await whole(a, folder.key)
    const lentNow = async () => (await (await apiOf(a)).setRetention(folder.key, { keep: 'all' })).space
    await until('the folder is lent', async () => (await lentNow()).lent >= 12.9 * MIB)
    const space = await lentNow()
    assert.ok(space.stored < 0.1 * MIB, `${space.stored} bytes are stored`)
    assert.equal(space.reason, null)

    // A newcomer that meets only this store gets everything from its files.
    await pi.stop()
    const late = await runningStore(stores, `late-${name}`)
    await pairWith(late, a)
    await cloneTo(late, 'clone', folder.link)
    await whole(late, folder.key, version)
    assert.deepEqual(await readFile(path.join(late.dir, 'clone', 'large.bin')), bytes)
    await late.stop()

    // An edit and a deletion while the keeper is off, a stop without warning, and back.
    const edited = Buffer.from(bytes)
    edited.set(randomBytes(1000), 5 * MIB)
    await writeFile(path.join(at, 'large.bin'), edited)
    await rm(path.join(at, 'sub', '7.bin'))
    await until('both are published', async () => (await (await apiOf(a)).getFolder(folder.key)).version >= version + 2)
    await a.kill()
    await a.serve()
    await pi.serve()
    await keptBy(pi, folder)
    const there = await fetch(`${pi.url}/gateway/${folder.key}/large.bin`)
    if (!isPrivate) assert.deepEqual(Buffer.from(await there.arrayBuffer()), edited)
    else await there.body?.cancel()
    const to = path.join(a.dir, `${name}-back`)
    await (await apiOf(a)).restoreFolder(folder.key, { version, path: 'sub/7.bin', to })
    const back = await apiOf(a)
    await back.restoreFolder(folder.key, { version, path: 'large.bin', to: `${to}-large` })
  })
}

for (const isBlind of [false, true]) {
  test(`what an edit and a deletion took from lent files is fetched back from ${isBlind ? 'a blind keeper' : 'a keeper'}: history rests on it no longer`, async () => {
    const name = `fetched-back-${isBlind}`
    const at = path.join(a.dir, name)
    await mkdir(at, { recursive: true })
    const files = new Map(['edited.bin', 'deleted.bin', 'stays.bin'].map((file) => [file, randomBytes(ONE_BLOCK)]))
    for (const [file, bytes] of files) await writeFile(path.join(at, file), bytes)
    const folder = await share(a, name, { provider: 'raspberry', private: true, ...(isBlind ? { blind: true } : {}) })
    const { version } = await keptBy(pi, folder)
    const lentNow = async () => (await (await apiOf(a)).setRetention(folder.key, { keep: 'all' })).space.lent
    await until('the folder is lent', async () => (await lentNow()) >= 3 * ONE_BLOCK)
    // The keeper is off while the bytes go, and the service ends in between.
    await pi.stop()
    await writeFile(path.join(at, 'edited.bin'), randomBytes(ONE_BLOCK))
    await rm(path.join(at, 'deleted.bin'))
    await itemOf(a, folder.key, (item) => item.state === 'up-to-date' && item.files === 2 && item.version >= version + 2)
    await a.kill()
    await a.serve()
    await pi.serve()
    await keptBy(pi, folder)
    await until('the old versions are here again', async () => (await spaceOf(a, folder.key)).history >= 2 * ONE_BLOCK)

    if (isBlind) await pi.stop()
    else await retain(pi, folder.key, 1)
    for (const file of ['edited.bin', 'deleted.bin']) {
      const to = path.join(a.dir, `${name}-${file}`)
      await (await apiOf(a)).restoreFolder(folder.key, { version, path: file, to })
      assert.deepEqual(await readFile(to), files.get(file))
    }
    if (isBlind) await pi.serve()
  })
}

for (const how of ['while it is connected', 'while this store is off', 'through this store'] as const) {
  test(`a box that stops keeping a folder ${how} counts as holding no more, until it keeps it again`, async () => {
    const name = `let-go-${how.replaceAll(' ', '-')}`
    const at = path.join(a.dir, name)
    await mkdir(at, { recursive: true })
    await writeFile(path.join(at, 'one.txt'), 'one')
    const folder = await share(a, name, { provider: 'raspberry' })
    await keptBy(pi, folder)
    const isComplete = (item: Item) => item.devices.some((d) => d.name === 'raspberry' && d.complete)
    if (how === 'while this store is off') await a.stop()
    if (how === 'through this store') await (await apiOf(a)).provider('raspberry').removeFolder(folder.key)
    else await (await apiOf(pi)).removeFolder(folder.key)
    if (how === 'while this store is off') await a.serve()
    if (how === 'through this store') assert.equal(isComplete(await (await apiOf(a)).getFolder(folder.key)), false)
    await itemOf(a, folder.key, (item) => !isComplete(item))
    const api = await apiOf(a)
    const { devices } = await api.getHolders(folder.key, { path: 'one.txt' })
    assert.notEqual(devices.find((d) => d.name === 'raspberry')?.holds, 'all')
    // The mark stays over a stop without warning.
    await a.kill()
    await a.serve()
    assert.equal(isComplete(await whole(a, folder.key)), false)
    await share(a, name, { provider: 'raspberry' })
    await keptBy(pi, folder)
  })
}

test('a folder that lends and is kept by nobody any more is stored again', async () => {
  const at = path.join(a.dir, 'unkept')
  await mkdir(at, { recursive: true })
  await writeFile(path.join(at, 'one.bin'), randomBytes(MIB))
  const folder = await share(a, 'unkept', { provider: 'raspberry' })
  await keptBy(pi, folder)
  const lentNow = async () => (await (await apiOf(a)).setRetention(folder.key, { keep: 'all' })).space.lent
  await until('the folder is lent', async () => (await lentNow()) >= 0.9 * MIB)
  await (await apiOf(a)).unsetProvider('raspberry')
  await until('nothing is lent', async () => (await lentNow()) === 0)
  assert.ok((await spaceOf(a, folder.key)).stored >= 0.9 * MIB)
})
