/** Adding, cloning and removing what should not be, or again: refused with one sentence, or gone on with the same drive. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { apiOf, cloneTo, codeOf, itemOf, pairWith, runningStore, sentenceOf, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { treeFacts } from '../fixtures/trees.ts'

let stores: Stores
let a: TestStore
let b: TestStore

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  b = await runningStore(stores, 'b')
  await pairWith(b, a)
  await pairWith(a, b)
})
after(async () => stores[Symbol.asyncDispose]())

async function folder(store: TestStore, name: string, text = name): Promise<string> {
  const root = path.join(store.dir, name)
  await mkdir(root, { recursive: true })
  await writeFile(path.join(root, 'file.txt'), text)
  return root
}

test('cloning your own link into an empty folder is refused with exit code 7 and leaves both folders as they were', async () => {
  const root = await folder(a, 'own')
  const item = await share(a, 'own')
  const before = await whole(a, item.key)
  const ended = await a.run(['clone', './own copy', item.link])
  assert.equal(ended.code, 7)
  assert.match(sentenceOf(ended), /belongs to/)
  assert.equal(await readFile(path.join(root, 'file.txt'), 'utf8'), 'own')
  assert.equal((await (await apiOf(a)).getFolder(item.key)).version, before.version)
  await assert.rejects(readdir(path.join(a.dir, 'own copy')))
})

test('cloning into a folder that holds files is refused and leaves them', async () => {
  const root = await folder(a, 'to clone')
  const item = await share(a, 'to clone')
  const taken = await folder(b, 'taken', 'mine')
  const ended = await b.run(['clone', taken, item.link])
  assert.equal(ended.code, 1)
  assert.match(sentenceOf(ended), /is not empty/)
  assert.equal(await readFile(path.join(taken, 'file.txt'), 'utf8'), 'mine')
  assert.equal(await readFile(path.join(root, 'file.txt'), 'utf8'), 'to clone')
})

test('cloning to a place that is a file, and below one, is refused as such', async () => {
  await folder(a, 'c3')
  const item = await share(a, 'c3')
  await writeFile(path.join(b.dir, 'a file'), '')
  assert.equal(await codeOf(cloneTo(b, 'a file', item.link)), 'NOT_A_FOLDER')
  assert.equal(await codeOf(cloneTo(b, 'a file/below', item.link)), 'NOT_A_FOLDER')
})

test('folders with alike names get different drives', async () => {
  const names = ['my-docs', 'my docs', 'my_docs', 'My Docs', '文档', '文檔', '🙂', 'caf\u00e9', 'cafe\u0301']
  for (const name of names) await folder(a, `alike/${name}`)
  const links = new Set<string>()
  for (const name of names) links.add((await share(a, `alike/${name}`)).link)
  assert.equal(links.size, names.length)
})

test('adding the same folder again, also through a symlink and at the same time, gives the same drive', async () => {
  const root = await folder(a, 'twice')
  await symlink(root, path.join(a.dir, 'twice by link'))
  const items = await Promise.all([share(a, 'twice'), share(a, 'twice'), share(a, 'twice by link')])
  assert.equal(new Set(items.map((i) => i.link)).size, 1)
})

test('overlapping folders are refused: inside, around, and the home of the store', async () => {
  await folder(a, 'outer/inner/deep')
  await folder(a, 'outer/..data')
  await share(a, 'outer/inner')
  assert.equal(await codeOf(share(a, 'outer')), 'FOLDER_OVERLAP')
  assert.equal(await codeOf(share(a, 'outer/inner/deep')), 'FOLDER_OVERLAP')
  assert.equal(await codeOf((await apiOf(a)).addFolder({ path: a.home })), 'FOLDER_OVERLAP')
  assert.equal(await codeOf((await apiOf(a)).addFolder({ path: path.join(a.home, 'state') })), 'FOLDER_OVERLAP')
  await symlink(a.home, path.join(a.dir, 'home by link'))
  assert.equal(await codeOf(share(a, 'home by link')), 'FOLDER_OVERLAP')
})

test('a folder whose name begins with two dots still overlaps the one around it', async () => {
  await folder(a, 'dots/..data')
  await share(a, 'dots')
  assert.equal(await codeOf(share(a, 'dots/..data')), 'FOLDER_OVERLAP')
})

test('adding a file ends with exit code 2, a missing path with 6, a relative one of the API with BAD_REQUEST', async () => {
  await writeFile(path.join(a.dir, 'just a file'), '')
  const file = await a.run(['add', './just a file'])
  assert.equal(file.code, 2)
  assert.match(sentenceOf(file), /not a folder/)
  const missing = await a.run(['add', './not there'])
  assert.equal(missing.code, 6)
  assert.match(sentenceOf(missing), /not found/)
  assert.equal(await codeOf((await apiOf(a)).addFolder({ path: 'relative' })), 'BAD_REQUEST')
})

test('remove and add again go on with the same drive: same link, the version grows, and the reader gets further changes', async () => {
  const root = await folder(a, 'again')
  const first = await share(a, 'again')
  const before = await whole(a, first.key)
  await cloneTo(b, 'again', first.link)
  await whole(b, first.key, before.version)
  assert.equal((await a.run(['remove', root])).code, 0)
  assert.equal(await readFile(path.join(root, 'file.txt'), 'utf8'), 'again')
  assert.equal((await a.run(['status', root])).code, 6)
  await writeFile(path.join(root, 'while removed.txt'), 'new')
  const second = await share(a, 'again')
  assert.equal(second.link, first.link)
  const after = await itemOf(a, first.key, (i) => i.state === 'up-to-date' && i.files === 2)
  assert.ok(after.version > before.version)
  await whole(b, first.key, after.version)
  assert.deepEqual(await treeFacts(path.join(b.dir, 'again')), await treeFacts(root))
})

test('remove --delete-data and add again syncs again, also to a reader that never had it', async () => {
  const root = await folder(a, 'deleted data')
  await writeFile(path.join(root, 'big.bin'), randomBytes(3_000_000))
  await writeFile(path.join(root, 'gone later.txt'), 'x')
  const first = await share(a, 'deleted data')
  await whole(a, first.key)
  await (await apiOf(a)).removeFolder(first.key, { deleteData: true })
  assert.equal((await readdir(root)).length >= 3, true)
  execFileSync('rm', [path.join(root, 'gone later.txt')])
  const second = await share(a, 'deleted data')
  assert.equal(second.link, first.link)
  await itemOf(a, first.key, (i) => i.state === 'up-to-date' && i.files === 2)
  await cloneTo(b, 'deleted data', first.link)
  await itemOf(b, first.key, (i) => i.state === 'up-to-date' && i.files === 2)
  assert.deepEqual(await treeFacts(path.join(b.dir, 'deleted data')), await treeFacts(root))
})

test('remove --delete-data at a reader keeps the files, gives the disk space back, and a new clone completes', async () => {
  const root = await folder(a, 'reader data')
  await writeFile(path.join(root, 'big.bin'), randomBytes(24_000_000))
  const item = await share(a, 'reader data')
  await whole(a, item.key)
  await cloneTo(b, 'reader data', item.link)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 2)
  const full = diskUse(b)
  await (await apiOf(b)).removeFolder(item.key, { deleteData: true })
  assert.deepEqual(await treeFacts(path.join(b.dir, 'reader data')), await treeFacts(root))
  await until('the space', () => diskUse(b) < full - 20_000_000)
  await cloneTo(b, 'reader data anew', item.link)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 2)
  assert.deepEqual(await treeFacts(path.join(b.dir, 'reader data anew')), await treeFacts(root))
})

test('a folder that was a clone once and is another clone now is still found by its path', async () => {
  await folder(a, 'one')
  await folder(a, 'two')
  const one = await share(a, 'one')
  const two = await share(a, 'two')
  await cloneTo(b, 'place', one.link)
  await (await apiOf(b)).removeFolder(one.key)
  execFileSync('rm', ['-rf', path.join(b.dir, 'place')])
  await cloneTo(b, 'place', two.link)
  assert.equal((await share(b, 'place')).link, two.link)
})

test('a keeper learns the title that the folder has, by link alone', async () => {
  await folder(a, 'Holiday pictures')
  const item = await share(a, 'Holiday pictures')
  await (await apiOf(b)).addFolder({ link: item.link })
  await itemOf(b, item.key, (i) => i.title === 'Holiday pictures')
})

test('add of a link that this store shares itself, with a provider, makes wait without names wait for that one', async () => {
  await folder(a, 'to b')
  const item = await share(a, 'to b')
  assert.equal((await a.run(['add', item.link, 'b'])).code, 0)
  const own = await itemOf(a, item.key, (i) => i.devices.some((d) => d.role === 'provider'))
  assert.deepEqual(
    own.devices.filter((d) => d.role === 'provider').map((d) => d.name),
    ['b'],
  )
  const waited = await a.run(['wait', item.link, '--timeout', '15', '--json'])
  assert.equal(waited.code, 0)
  assert.equal(waited.stdout.trim().split('\n').length, 2)
})

function diskUse(store: TestStore): number {
  return Number(
    execFileSync('du', ['-sb', path.join(store.home, 'cores')])
      .toString()
      .split('\t')[0],
  )
}
