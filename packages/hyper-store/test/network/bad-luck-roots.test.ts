/** A folder whose disk goes away, is emptied or swapped: it stops with exit code 7 and a sentence, nothing is deleted anywhere, and it comes back by itself. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Item } from '@hyper-store/client'
import { apiOf, cloneTo, itemOf, pairWith, runningStore, sentenceOf, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { treeFacts } from '../fixtures/trees.ts'

let stores: Stores
let a: TestStore
let b: TestStore
let count = 0

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  b = await runningStore(stores, 'b')
  await pairWith(b, a)
})
after(async () => stores[Symbol.asyncDispose]())

/** A folder of twelve files at A, and its copy at B. */
async function pair(files = 12): Promise<{ item: Item; root: string; copy: string }> {
  const name = `folder ${++count}`
  const root = path.join(a.dir, name)
  await mkdir(path.join(root, 'sub'), { recursive: true })
  for (let i = 0; i < files; i++) await writeFile(path.join(root, i % 2 === 0 ? `${i}.txt` : `sub/${i}.txt`), `file ${i}`)
  const item = await share(a, name)
  await whole(a, item.key)
  await cloneTo(b, name, item.link)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === files)
  return { item, root, copy: path.join(b.dir, name) }
}

const visible = async (root: string) => (await readdir(root, { recursive: true })).filter((n) => !n.startsWith('.hyper-store')).sort()

async function stopped(store: TestStore, key: string): Promise<Item> {
  return itemOf(store, key, (i) => i.problem?.code === 'STOPPED_FOR_SAFETY')
}

test('a vanished root of a writer stops with exit code 7 and deletes nothing at the reader; it goes on by itself when it is back', async () => {
  const { item, root, copy } = await pair()
  const before = await visible(copy)
  await rename(root, `${root} away`)
  const ended = await a.run(['rescan', item.key])
  assert.equal(ended.code, 7)
  assert.match(sentenceOf(ended), /missing; nothing was deleted/)
  await stopped(a, item.key)
  assert.deepEqual(await visible(copy), before)
  await rename(`${root} away`, root)
  await writeFile(path.join(root, 'after.txt'), 'after')
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 13)
  assert.deepEqual(await treeFacts(copy), await treeFacts(root))
})

test('a vanished root of a reader is never made anew, and goes on by itself when it is back', async () => {
  const { item, root, copy } = await pair()
  await rename(copy, `${copy} away`)
  await writeFile(path.join(root, 'while away.txt'), 'x')
  await stopped(b, item.key)
  await assert.rejects(readdir(copy))
  assert.equal((await visible(root)).length, 14)
  await rename(`${copy} away`, copy)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 13)
  assert.deepEqual(await treeFacts(copy), await treeFacts(root))
})

test('an emptied root stops, wait ends with exit code 7, and resume --confirm deletes at the reader, with a way back', async () => {
  const { item, root, copy } = await pair(4)
  await a.shell(`rm -r '${root}'/*.txt '${root}/sub'`)
  await stopped(a, item.key)
  const ended = await a.run(['wait', root, '--timeout', '10'])
  assert.equal(ended.code, 7)
  assert.match(sentenceOf(ended), /All 4 files .* gone.*resume --confirm/)
  assert.equal((await visible(copy)).length, 5)
  assert.equal((await a.run(['resume', root])).code, 0)
  await stopped(a, item.key)
  assert.equal((await visible(copy)).length, 5)
  assert.equal((await a.run(['resume', root, '--confirm'])).code, 0)
  await until('the deletion', async () => (await visible(copy)).length === 0)
  const kept = (await Promise.all([b.home, copy].map(async (at) => readdir(at, { recursive: true })))).flat()
  for (const name of ['0.txt', '2.txt', 'sub/1.txt', 'sub/3.txt'])
    assert.ok(
      kept.some((at) => at.includes('trash') && at.endsWith(path.basename(name))),
      name,
    )
})

test('files put back after an emptied root let it go on by itself, with nothing deleted', async () => {
  const { item, root, copy } = await pair(4)
  await mkdir(`${root} aside`)
  await a.shell(`mv '${root}'/* '${root} aside'`)
  await stopped(a, item.key)
  for (const name of await readdir(`${root} aside`)) await rename(path.join(`${root} aside`, name), path.join(root, name))
  await whole(a, item.key)
  assert.equal((await visible(copy)).length, 5)
})

test('a root swapped for another folder stops and neither side takes anything from it', async () => {
  const { item, root, copy } = await pair(4)
  await rename(root, `${root} away`)
  await mkdir(root)
  await writeFile(path.join(root, 'stranger.txt'), 'not of this folder')
  await stopped(a, item.key)
  const ended = await a.run(['rescan', root])
  assert.equal(ended.code, 7)
  assert.match(sentenceOf(ended), /Another folder or disk/)
  assert.equal((await visible(copy)).includes('stranger.txt'), false)
  assert.equal((await visible(copy)).length, 5)
  await rm(root, { recursive: true })
  await rename(`${root} away`, root)
  await whole(a, item.key)
})

test('a swapped root of a reader is not filled', async () => {
  const { item, copy } = await pair(4)
  await rename(copy, `${copy} away`)
  await mkdir(copy)
  await stopped(b, item.key)
  assert.deepEqual(await readdir(copy), [])
})

test('a stop lasts over a restart, and so does what was on record', async () => {
  const { item, root, copy } = await pair(4)
  await rename(root, `${root} away`)
  await stopped(a, item.key)
  await a.stop()
  await a.serve()
  await stopped(a, item.key)
  assert.equal((await visible(copy)).length, 5)
  await rename(`${root} away`, root)
  await whole(a, item.key)
  // B finds the new port by the provider's name: A has another one now.
  await pairWith(b, a)
})

test('most files gone at once stop the writer; fewer than half are a normal edit', async () => {
  const { item, root, copy } = await pair(20)
  for (let i = 0; i < 4; i += 2) await rm(path.join(root, `${i}.txt`))
  await itemOf(b, item.key, (i) => i.files === 18)
  await rm(path.join(root, 'sub'), { recursive: true })
  await rm(path.join(root, '4.txt'))
  await rm(path.join(root, '6.txt'))
  await stopped(a, item.key)
  assert.equal((await visible(copy)).length, 19)
  assert.equal(await readFile(path.join(copy, '4.txt'), 'utf8'), 'file 4')
  await (await apiOf(a)).resumeFolder(item.key, { confirm: true })
  await itemOf(b, item.key, (i) => i.problem?.code === 'STOPPED_FOR_SAFETY' || i.files === 6)
})

test('a folder of 1,000 files deleted at once during live sync ends neither side, and is asked for', async () => {
  const name = 'thousand'
  const root = path.join(a.dir, name)
  await mkdir(path.join(root, 'many'), { recursive: true })
  await Promise.all(Array.from({ length: 1000 }, async (_, i) => writeFile(path.join(root, 'many', `${i}`), `${i}`)))
  for (let i = 0; i < 1100; i++) await writeFile(path.join(root, `stays ${i}`), `${i}`)
  const item = await share(a, name)
  await cloneTo(b, name, item.link)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 2100, 40_000)
  await rm(path.join(root, 'many'), { recursive: true })
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 1100, 40_000)
  assert.equal((await visible(path.join(b.dir, name))).length, 1100)
})
