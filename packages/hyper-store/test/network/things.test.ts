/** Things by their link without a copy: what is read comes and no more, own folders are written, plain cores are read and followed. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { access, chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Client, Item } from '@hyper-store/client'
import { freePort } from '../cli/world.ts'
import { openStockCore } from '../compat/stock-core.ts'
import { apiOf, codeOf, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { put } from '../fixtures/sharing.ts'
import { createStores } from '../fixtures/stores.ts'
import { until as untilTrue } from '../fixtures/transports.ts'

const MIB = 1024 * 1024

let stores: Stores
let a: TestStore
let b: TestStore
let pi: TestStore
let open: Item
let sealed: Item
/** Waits while the others run. */
let nobody: Promise<string>
const large = randomBytes(6 * MIB)

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  b = await runningStore(stores, 'b')
  pi = await runningStore(stores, 'raspberry', ['--port', String(await freePort())])
  const lonely = await runningStore(stores, 'lonely')
  nobody = codeOf((await apiOf(lonely)).getThing(`hyper://${'ab'.repeat(32)}`))
  await pairWith(a, pi)
  await pairWith(b, pi)
  for (const name of ['open', 'sealed']) {
    await mkdir(path.join(a.dir, name, 'sub/deep'), { recursive: true })
    await writeFile(path.join(a.dir, name, 'large.bin'), large)
    await writeFile(path.join(a.dir, name, 'sub/note.txt'), 'first words')
    await writeFile(path.join(a.dir, name, 'sub/deep/x.txt'), 'x')
    await writeFile(path.join(a.dir, name, 'sub-b.txt'), 'beside')
    await symlink('sub/note.txt', path.join(a.dir, name, 'to-note'))
  }
  open = await share(a, 'open', { provider: 'raspberry' })
  sealed = await share(a, 'sealed', { provider: 'raspberry', private: true })
  for (const { key } of [open, sealed]) await whole(pi, key, (await whole(a, key)).version)
})
after(async () => stores[Symbol.asyncDispose]())

/** What can't be answered yet is asked again. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  await untilTrue(what, async () => isSo().catch(() => false), 15_000)
}

async function bytesOf(
  api: Client,
  thing: string,
  query: { path?: string; version?: number },
  range: { start?: number; end?: number } = {},
): Promise<Buffer> {
  return Buffer.from(await (await api.readContent(thing, query, range)).arrayBuffer())
}

test('an open folder that is not kept is listed, looked up and read in part, and little more than that comes', async () => {
  const api = await apiOf(b)
  const [top] = await Promise.all([api.listEntries(open.link, {}), api.getEntry(open.link, { path: 'sub' }), api.getThing(open.link)])
  assert.deepEqual(
    top.entries.map(({ path: at, kind }) => [at, kind]),
    [
      ['large.bin', 'file'],
      ['sub', 'folder'],
      ['sub-b.txt', 'file'],
      ['to-note', 'symlink'],
    ],
  )
  assert.equal(top.more, false)
  assert.equal(top.entries[0]?.size, large.byteLength)
  assert.equal(top.entries[3]?.target, 'sub/note.txt')
  const walked: string[] = []
  for (let page: { entries: { path: string }[]; more: boolean } = { entries: [], more: true }; page.more;) {
    const last = walked.at(-1)
    page = await api.listEntries(open.link, { recursive: true, limit: '2', ...(last === undefined ? {} : { after: last }) })
    walked.push(...page.entries.map((e) => e.path))
  }
  assert.deepEqual(walked, ['large.bin', 'sub', 'sub/deep', 'sub/deep/x.txt', 'sub/note.txt', 'sub-b.txt', 'to-note'])
  const entry = await api.getEntry(open.link, { path: 'sub/note.txt' })
  assert.deepEqual([entry.kind, entry.size], ['file', 11])
  assert.equal((await bytesOf(api, `${open.link}/sub/note.txt`, {})).toString(), 'first words')
  const part = await bytesOf(api, open.link, { path: 'large.bin' }, { start: 3 * MIB, end: 3 * MIB + 1000 })
  assert.ok(part.equals(large.subarray(3 * MIB, 3 * MIB + 1000)))
  const info = await api.getThing(open.link)
  assert.equal(info.kind, 'folder')
  assert.equal(info.title, 'open')
  assert.equal(info.kept, false)
  assert.equal(info.writable, false)
  assert.equal(info.entries, 5)
  assert.ok(info.bytes > large.byteLength, String(info.bytes))
  assert.ok(info.heldBytes < large.byteLength / 4, `${info.heldBytes} of ${info.bytes} bytes came`)
  assert.deepEqual(await api.listFolders(), [], 'nothing is kept by it')
  assert.equal(await codeOf(api.getFolder(open.key)), 'UNKNOWN_FOLDER')
  assert.equal((await fetch(`${b.url}/gateway/${open.key}/`)).status, 404)
})

test('a private folder is read by its whole link alone', async () => {
  const api = await apiOf(b)
  assert.equal(await codeOf(api.listEntries(`hyper://${sealed.key}`, {})), 'FORBIDDEN')
  assert.equal((await api.getThing(`hyper://${sealed.key}`)).kind, 'unknown')
  assert.equal((await api.listEntries(sealed.link, { path: 'sub' })).entries.length, 2)
  const part = await bytesOf(api, sealed.link, { path: 'large.bin' }, { start: MIB - 10, end: MIB + 10 })
  assert.ok(part.equals(large.subarray(MIB - 10, MIB + 10)))
  const info = await api.getThing(sealed.link)
  assert.deepEqual([info.kind, info.private, info.title], ['folder', true, 'sealed'])
  assert.ok(info.heldBytes < large.byteLength / 4, String(info.heldBytes))
})

test('a version in the link or beside it is read as it was, and one that never was is told of', async () => {
  const api = await apiOf(b)
  const was = (await itemOf(a, open.key, () => true)).version
  await writeFile(path.join(a.dir, 'open/sub/note.txt'), 'second words')
  const now = (await whole(a, open.key, was + 1)).version
  await whole(pi, open.key, now)
  await until('the newest', async () => (await bytesOf(api, open.link, { path: 'sub/note.txt' })).toString() === 'second words')
  assert.equal((await bytesOf(api, open.link, { path: 'sub/note.txt', version: was })).toString(), 'first words')
  assert.equal((await bytesOf(api, `hyper://${open.key}+${was}/sub/note.txt`, {})).toString(), 'first words')
  assert.equal(await codeOf(api.getEntry(open.link, { path: 'sub/note.txt', version: String(now + 1000) })), 'UNKNOWN_VERSION')
})

test('what is not there, is no path, or is another kind of thing is told in its own words', async () => {
  const api = await apiOf(b)
  assert.equal(await codeOf(api.getEntry(open.link, { path: 'nothing' })), 'NOT_FOUND')
  assert.equal(await codeOf(api.getEntry(open.link, { path: '../x' })), 'NOT_FOUND')
  assert.equal(await codeOf(api.readContent(open.link, { path: 'sub' })), 'WRONG_KIND')
  assert.equal(await codeOf(api.getBlocks(open.link, {})), 'WRONG_KIND')
  assert.equal(await codeOf(api.listEntries('hyper://short', {})), 'BAD_LINK')
  assert.equal(await codeOf(api.listEntries('no such title', {})), 'UNKNOWN_FOLDER')
  assert.equal(await codeOf(api.writeContent(open.link, { path: 'x' }, Buffer.from('x'))), 'NOT_WRITER')
  assert.equal(await codeOf(api.removeEntry(open.link, { path: 'sub-b.txt' })), 'NOT_WRITER')
  assert.equal(await codeOf(api.makeFolder(open.link, { path: 'new' })), 'NOT_WRITER')
})

test('files of a folder on disk are put, removed and made there, and another store sees it', async () => {
  const mine = await apiOf(a)
  const theirs = await apiOf(b)
  const put = await mine.writeContent(
    open.key,
    { path: 'new/put.txt', mtimeMs: 1_700_000_000_000, executable: true },
    Buffer.from('by link'),
  )
  assert.deepEqual([put.path, put.kind, put.size, put.mtimeMs, put.executable], ['new/put.txt', 'file', 7, 1_700_000_000_000, true])
  assert.equal(await readFile(path.join(a.dir, 'open/new/put.txt'), 'utf8'), 'by link')
  await until('it is seen', async () => (await bytesOf(theirs, open.link, { path: 'new/put.txt' })).toString() === 'by link')
  const big = randomBytes(2 * MIB)
  await mine.writeContent(open.key, { path: 'new/put.txt' }, big)
  await until('the new one is seen', async () => (await bytesOf(theirs, open.link, { path: 'new/put.txt' })).equals(big))
  await mine.makeFolder(open.key, { path: 'new/empty/inner' })
  await until('the folder is seen', async () => (await theirs.getEntry(open.link, { path: 'new/empty/inner' })).kind === 'folder')
  assert.equal(await codeOf(mine.removeEntry(open.key, { path: 'new' })), 'BAD_REQUEST')
  assert.equal((await mine.removeEntry(open.key, { path: 'new', recursive: true })).removed, 4)
  await assert.rejects(access(path.join(a.dir, 'open/new')))
  await until('it is gone', async () => (await codeOf(theirs.getEntry(open.link, { path: 'new' }))) === 'NOT_FOUND')
  for (const bad of ['../x', '.hyper-store/x', 'a//b'])
    assert.equal(await codeOf(mine.writeContent(open.key, { path: bad }, Buffer.from('x'))), 'BAD_REQUEST', bad)
  assert.equal(await codeOf(mine.writeContent(open.key, { path: 'sub' }, Buffer.from('x'))), 'BAD_REQUEST')
  assert.equal(await codeOf(mine.writeContent(open.key, { path: 'sub-b.txt/x' }, Buffer.from('x'))), 'BAD_REQUEST')
  assert.equal(await codeOf(mine.removeEntry(open.key, { path: 'nothing' })), 'NOT_FOUND')
})

test('what somebody tells the store to delete is no mishap: most files of a folder go without a safety stop', async () => {
  for (let i = 0; i < 24; i++) await put(a, `many/${i % 2 === 0 ? 'even' : 'odd'}/${i}.txt`, `text ${i}`)
  const { key } = await share(a, 'many')
  await whole(a, key)
  const api = await apiOf(a)
  assert.equal((await api.removeEntry(key, { path: 'even', recursive: true })).removed, 13)
  for (let i = 1; i < 22; i += 2) await api.removeEntry(key, { path: `odd/${i}.txt` })
  const left = await itemOf(a, key, (item) => item.files === 1 && item.state !== 'syncing')
  assert.deepEqual([left.state, left.problem], ['up-to-date', null])
})

test('a folder that lies in the store alone is made, written and read, kept by a provider, and seen by another store', async () => {
  const mine = await apiOf(a)
  const theirs = await apiOf(b)
  const made = await mine.createThing({ kind: 'folder', title: 'in the store', private: true })
  assert.deepEqual([made.kind, made.title, made.kept, made.writable, made.private], ['folder', 'in the store', true, true, true])
  const big = randomBytes(3 * MIB)
  await mine.writeContent(made.link, { path: 'a/small.txt' }, Buffer.from('one'))
  await mine.writeContent('in the store', { path: 'a/big.bin' }, big)
  await mine.makeFolder(made.link, { path: 'b/empty' })
  assert.deepEqual(
    (await mine.listEntries(made.link, { recursive: true })).entries.map((e) => e.path),
    ['a', 'a/big.bin', 'a/small.txt', 'b', 'b/empty'],
  )
  await mine.addFolder({ link: made.link, provider: 'raspberry' })
  await until('it is read elsewhere', async () => (await bytesOf(theirs, made.link, { path: 'a/big.bin' })).equals(big))
  assert.ok((await bytesOf(mine, made.link, { path: 'a/big.bin' }, { start: 5, end: 10 })).equals(big.subarray(5, 10)))
  await mine.writeContent(made.link, { path: 'b/empty/now.txt' }, Buffer.from('not empty'))
  await mine.writeContent(made.link, { path: 'a/small.txt' }, Buffer.from('two'))
  await until('the change is read', async () => (await bytesOf(theirs, made.link, { path: 'a/small.txt' })).toString() === 'two')
  assert.equal((await mine.removeEntry(made.link, { path: 'b', recursive: true })).removed, 3)
  assert.equal((await mine.removeEntry(made.link, { path: 'a/small.txt' })).removed, 1)
  assert.deepEqual(
    (await mine.listEntries(made.link, { recursive: true })).entries.map((e) => e.path),
    ['a', 'a/big.bin'],
  )
  assert.equal(await codeOf(mine.writeContent(made.link, { path: 'a' }, Buffer.from('x'))), 'BAD_REQUEST')
  assert.equal(await codeOf(mine.removeEntry(made.link, { path: 'b' })), 'NOT_FOUND')
  assert.equal(await codeOf(theirs.writeContent(made.link, { path: 'x' }, Buffer.from('x'))), 'NOT_WRITER')
  const item = await itemOf(a, made.key, ({ state }) => state === 'up-to-date')
  assert.deepEqual([item.path, item.files], [null, 1])
  await mine.removeFolder(made.key)
  await mine.addFolder({ link: made.link })
  await mine.writeContent(made.link, { path: 'again.txt' }, Buffer.from('again'))
  assert.equal((await bytesOf(mine, made.link, { path: 'again.txt' })).toString(), 'again')
})

test('names are searched at any depth, in any case and composition, page by page and as they were', async () => {
  const mine = await apiOf(a)
  const made = await mine.createThing({ kind: 'folder', title: 'searched' })
  const put = async (at: string) => mine.writeContent(made.link, { path: at }, Buffer.from(at))
  for (const at of ['Cafe\u0301/CAF\u00c9 menu.txt', 'b/deep/my caf\u00e9.md', 'b-caf\u00e9', 'caf\u00e9.old/x.txt', 'b/other.txt'])
    await put(at)
  const { version } = await mine.listEntries(made.link, {})
  await mine.removeEntry(made.link, { path: 'b/deep/my caf\u00e9.md' })
  const found = async (query: Record<string, string>) =>
    (await mine.listEntries(made.link, { match: 'CAF\u00e9', ...query })).entries.map((e) => e.path.normalize('NFC'))
  assert.deepEqual(await found({}), ['Caf\u00e9', 'Caf\u00e9/CAF\u00c9 menu.txt', 'b-caf\u00e9', 'caf\u00e9.old'])
  const all: string[] = []
  for (let page = await mine.listEntries(made.link, { match: 'caf\u00e9', limit: '1', version: String(version) }); ;) {
    all.push(...page.entries.map((e) => e.path.normalize('NFC')))
    if (!page.more) break
    const after = page.entries.at(-1)?.path ?? ''
    page = await mine.listEntries(made.link, { match: 'caf\u00e9', limit: '1', version: String(version), after })
  }
  assert.deepEqual(all, ['Caf\u00e9', 'Caf\u00e9/CAF\u00c9 menu.txt', 'b/deep/my caf\u00e9.md', 'b-caf\u00e9', 'caf\u00e9.old'])
  assert.deepEqual(await found({ path: 'b' }), [])
  assert.deepEqual(await found({ path: 'b', version: String(version) }), ['b/deep/my caf\u00e9.md'])
  assert.deepEqual(await found({ match: '/' }), [], 'names are searched, not paths')
  await mine.removeFolder(made.key)
})

test('a file and a folder of a folder on disk get another path, with their history, and nothing is overwritten', async () => {
  const mine = await apiOf(a)
  const theirs = await apiOf(b)
  await mine.writeContent(open.key, { path: 'move/one.txt' }, Buffer.from('first'))
  await mine.writeContent(open.key, { path: 'move/one.txt' }, Buffer.from('moved'))
  await mine.writeContent(open.key, { path: 'move/dir/in/two.txt' }, Buffer.from('two'))
  await mine.makeFolder(open.key, { path: 'move/dir/empty' })
  await symlink('in/two.txt', path.join(a.dir, 'open/move/dir/link'))
  await mine.rescanFolder(open.key)
  const moved = await mine.moveEntry(open.key, { from: 'move/one.txt', to: 'move/new/place.txt' })
  assert.deepEqual([moved.path, moved.kind, moved.size], ['move/new/place.txt', 'file', 5])
  assert.equal(await readFile(path.join(a.dir, 'open/move/new/place.txt'), 'utf8'), 'moved')
  const { versions } = await mine.getHistory(open.key, { path: 'move/new/place.txt', limit: '1' })
  assert.deepEqual(
    versions[0]?.changes.map(({ op, path: at, from }) => [op, at, from]),
    [['rename', 'move/new/place.txt', 'move/one.txt']],
  )
  await mine.moveEntry(open.key, { from: 'move/new/place.txt', to: 'move/new/PLACE.txt' })
  assert.deepEqual(await readdir(path.join(a.dir, 'open/move/new')), ['PLACE.txt'])
  assert.equal((await mine.moveEntry(open.key, { from: 'move/dir', to: 'move/was dir' })).kind, 'folder')
  await until('all of it is seen', async () => (await bytesOf(theirs, open.link, { path: 'move/was dir/in/two.txt' })).toString() === 'two')
  assert.deepEqual(
    (await theirs.listEntries(open.link, { path: 'move', recursive: true })).entries.map((e) => e.path.slice('move/'.length)),
    ['new', 'new/PLACE.txt', 'was dir', 'was dir/empty', 'was dir/in', 'was dir/in/two.txt', 'was dir/link'],
  )
  const code = async (from: string, to: string) => codeOf(mine.moveEntry(open.key, { from: `move/${from}`, to: `move/${to}` }))
  assert.equal(await code('new/PLACE.txt', 'was dir/in/two.txt'), 'ALREADY_THERE')
  assert.equal(await code('was dir', 'new'), 'ALREADY_THERE')
  assert.equal(await code('new', 'new'), 'ALREADY_THERE')
  assert.equal(await code('was dir', 'was dir/in/deeper/self'), 'BAD_REQUEST')
  assert.equal(await code('new', 'new/PLACE.txt/x'), 'BAD_REQUEST')
  assert.equal(await code('was dir', 'new/PLACE.txt/x'), 'BAD_REQUEST')
  assert.equal(await code('nothing', 'x'), 'NOT_FOUND')
  await writeFile(path.join(a.dir, 'open/.hyperignore'), '*.part\nout/\n')
  await mine.rescanFolder(open.key)
  assert.equal(await code('new/PLACE.txt', 'new/x.part'), 'BAD_REQUEST')
  assert.equal(await code('new', 'out'), 'BAD_REQUEST')
  assert.equal(await code('new', 'out/new'), 'BAD_REQUEST')
  assert.equal(await codeOf(mine.moveEntry(open.key, { from: 'move/new', to: '.hyper-store/x' })), 'BAD_REQUEST')
  assert.equal(await codeOf(theirs.moveEntry(open.link, { from: 'move/new', to: 'x' })), 'NOT_WRITER')
  assert.equal(await readFile(path.join(a.dir, 'open/move/new/PLACE.txt'), 'utf8'), 'moved')
  await mine.removeEntry(open.key, { path: '.hyperignore' })
})

test('what is moved in a folder of the store alone keeps its content, of which nothing is stored again', async () => {
  const mine = await apiOf(a)
  const made = await mine.createThing({ kind: 'folder', title: 'moved in the store' })
  const big = randomBytes(2 * MIB)
  await mine.writeContent(made.link, { path: 'a/big.bin', mtimeMs: 1_700_000_000_000, executable: true }, big)
  await mine.writeContent(made.link, { path: 'a/sub/small.txt' }, Buffer.from('small'))
  await mine.makeFolder(made.link, { path: 'a/empty' })
  const blobs = async () => (await mine.getThing(made.link)).cores.find(({ name }) => name === 'blobs')?.length
  const was = await blobs()
  assert.ok((was ?? 0) > 0)
  const file = await mine.moveEntry(made.link, { from: 'a/big.bin', to: 'A/b/big.bin' })
  assert.deepEqual([file.path, file.mtimeMs, file.executable], ['A/b/big.bin', 1_700_000_000_000, true])
  await mine.moveEntry(made.link, { from: 'a', to: 'A/a' })
  await mine.moveEntry(made.link, { from: 'A', to: 'B' })
  assert.deepEqual(
    (await mine.listEntries(made.link, { recursive: true })).entries.map((e) => e.path),
    ['B', 'B/a', 'B/a/empty', 'B/a/sub', 'B/a/sub/small.txt', 'B/b', 'B/b/big.bin'],
  )
  assert.ok((await bytesOf(mine, made.link, { path: 'B/b/big.bin' })).equals(big))
  assert.equal(await blobs(), was)
  const code = async (from: string, to: string) => codeOf(mine.moveEntry(made.link, { from, to }))
  assert.equal(await code('B/a', 'B/b'), 'ALREADY_THERE')
  assert.equal(await code('B/a/sub/small.txt', 'B/b/big.bin'), 'ALREADY_THERE')
  assert.equal(await code('B/a', 'B/a/sub/in'), 'BAD_REQUEST')
  assert.equal(await code('B/a', 'B/b/big.bin/x'), 'BAD_REQUEST')
  assert.equal(await code('gone', 'x'), 'NOT_FOUND')
  const before = await mine.listEntries(made.link, {})
  await mine.moveEntry(made.link, { from: 'B/b', to: 'B/c' })
  const { versions } = await mine.getHistory(made.key, { limit: '1' })
  assert.deepEqual([versions[0]?.count, versions[0]?.changes[0]?.op], [1, 'rename'])
  assert.ok((versions[0]?.version ?? 0) > before.version)
  await mine.removeFolder(made.key)
})

test('who holds a file is told as far as it is known, from receipts and from who is connected', async () => {
  const mine = await apiOf(a)
  const box = await apiOf(pi)
  const heldBy = async (file: string) => {
    const { devices, version } = await mine.getHolders(open.key, { path: file })
    const said = devices.map(({ name, you, live, holds, at }) => [name, you, live, holds, at !== null])
    return { version, said: said.toSorted(([x], [y]) => String(x).localeCompare(String(y))) }
  }
  const both = [
    ['a', true, true, 'all', true],
    ['raspberry', false, true, 'all', true],
  ]
  await until('the receipt', async () => (await heldBy('large.bin')).said[1]?.[3] === 'all')
  const { version, said } = await heldBy('large.bin')
  assert.deepEqual(said, both)
  assert.ok(version > 0 && version < (await itemOf(a, open.key, () => true)).version, 'the version of its content, not the newest')
  assert.equal(await codeOf(mine.getHolders(open.key, { path: 'sub' })), 'NOT_FOUND')
  assert.equal(await codeOf(mine.getHolders(open.key, { path: '../x' })), 'NOT_FOUND')
  await box.pauseFolder(open.key)
  await mine.writeContent(open.key, { path: 'held.bin' }, randomBytes(3 * MIB))
  const [, paused] = (await heldBy('held.bin')).said
  assert.deepEqual(paused, ['raspberry', false, true, 'none', true])
  assert.equal((await heldBy('large.bin')).said[1]?.[3], 'all', 'what it said before still holds')
  await box.resumeFolder(open.key, {})
  await until('it has the new one', async () => (await heldBy('held.bin')).said[1]?.[3] === 'all')
  // Another execute bit is no other content.
  const was = (await heldBy('held.bin')).version
  await chmod(path.join(a.dir, 'open/held.bin'), 0o755)
  await mine.rescanFolder(open.key)
  await until('it is published', async () => (await mine.getEntry(open.key, { path: 'held.bin' })).executable === true)
  assert.equal((await heldBy('held.bin')).version, was)
  await mine.removeEntry(open.key, { path: 'held.bin' })
  assert.equal(await codeOf(mine.getHolders(open.key, { path: 'held.bin' })), 'NOT_FOUND')
})

test('through a store a provider gives parts of a file, says what did not change, and takes bytes of any length', async () => {
  const through = (await apiOf(a)).provider('raspberry')
  const part = await through.readContent(open.link, { path: 'large.bin' }, { start: MIB, end: MIB + 5 })
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes ${MIB}-${MIB + 4}/${large.byteLength}`])
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(large.subarray(MIB, MIB + 5)))
  const token = (await readFile(path.join(a.home, 'token'), 'utf8')).trim()
  const ask = async (headers: Record<string, string>) => {
    const url = `${a.url}/api/v1/providers/raspberry/api/things/${open.key}/content?path=large.bin`
    return await fetch(url, { headers: { authorization: `Bearer ${token}`, ...headers } })
  }
  const etag = part.headers.get('etag') ?? ''
  assert.equal((await ask({ 'if-none-match': etag })).status, 304)
  assert.equal((await ask({ range: 'bytes=0-4', 'if-range': etag })).status, 206)
  const other = await ask({ range: 'bytes=0-4', 'if-range': '"other"' })
  assert.equal(other.status, 200)
  await other.body?.cancel()
  const made = await through.createThing({ kind: 'folder', title: 'through' })
  const put = await through.writeContent(made.key, { path: 'blob.bin' }, new Blob([large]))
  assert.equal(put.size, large.byteLength)
  const rows = await through.createTable({ title: 'rows through' })
  const lines = Array.from({ length: 15_000 }, (_, i) => JSON.stringify({ key: `k${i}`, type: 'text', value: 'v'.repeat(80) }))
  assert.equal((await through.importRows(rows.key, new Blob([lines.join('\n')]).stream())).changed, 15_000)
  assert.equal(await codeOf(through.writeContent(made.key, { path: 'blob.bin/x' }, new Blob([large]))), 'BAD_REQUEST')
  const refused = async (type: string | undefined) => {
    const url = `${a.url}/api/v1/providers/raspberry/api/things/${made.key}/content?path=x`
    const headers = { authorization: `Bearer ${token}`, ...(type === undefined ? {} : { 'content-type': type }) }
    return (await fetch(url, { method: 'PUT', headers, body: Buffer.from('x') })).status
  }
  assert.deepEqual([await refused('text/plain'), await refused(undefined)], [415, 415])
  const socket = connect(Number(new URL(a.url).port), '127.0.0.1')
  const head = [`PUT /api/v1/providers/raspberry/api/things/${made.key}/content?path=cut.txt HTTP/1.1`, `host: ${new URL(a.url).host}`]
  head.push(`authorization: Bearer ${token}`, 'content-type: application/octet-stream', 'content-length: 1000', '', 'too little')
  socket.end(head.join('\r\n'))
  await new Promise((resolve) => socket.on('close', resolve).on('error', resolve).resume())
  assert.deepEqual(
    (await through.listEntries(made.key, {})).entries.map((e) => e.path),
    ['blob.bin'],
  )
  await through.removeFolder(made.key)
  await through.removeFolder(rows.key)
})

test('reading waits for a peer that went away and goes on when it is back; what came is still here', async () => {
  const api = await apiOf(b)
  const wanted = { path: 'large.bin' }
  const first = await bytesOf(api, sealed.link, wanted, { start: 0, end: 1000 })
  await a.stop()
  await pi.stop()
  assert.ok((await bytesOf(api, sealed.link, wanted, { start: 0, end: 1000 })).equals(first), 'what came before needs nobody')
  const rest = bytesOf(api, sealed.link, wanted, { start: 2 * MIB, end: 5 * MIB })
  await pi.serve()
  assert.ok((await rest).equals(large.subarray(2 * MIB, 5 * MIB)))
  await a.serve()
})

test('what was read of a link goes when the store ends, well or by a power cut, and stays when the link is added', async () => {
  const api = await apiOf(b)
  const wanted = { path: 'large.bin' }
  assert.ok((await api.getThing(sealed.link)).heldBytes > MIB)
  await b.stop()
  await b.serve()
  assert.ok((await (await apiOf(b)).getThing(sealed.link)).heldBytes < MIB / 4)
  await bytesOf(await apiOf(b), sealed.link, wanted)
  await b.kill()
  await b.serve()
  assert.ok((await (await apiOf(b)).getThing(sealed.link)).heldBytes < MIB / 4)
  await bytesOf(await apiOf(b), sealed.link, wanted, { start: 0, end: MIB })
  const item = await (await apiOf(b)).addFolder({ link: sealed.link })
  await whole(b, item.key, (await whole(a, sealed.key)).version)
  const kept = await (await apiOf(b)).getThing(sealed.link)
  assert.deepEqual([kept.kept, kept.title, kept.heldBytes], [true, 'sealed', kept.bytes])
  assert.ok((await bytesOf(await apiOf(b), 'sealed', wanted)).equals(large))
  assert.equal((await (await apiOf(b)).listEntries('sealed', { path: 'sub' })).entries.length, 2)
})

test('a body that ends before its length is no file', async () => {
  const token = (await readFile(path.join(a.home, 'token'), 'utf8')).trim()
  const { hostname, port } = new URL(a.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const at = `/api/v1/things/${open.key}/content?path=cut.bin`
  socket.write(
    `PUT ${at} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/octet-stream\r\ncontent-length: 1000000\r\n\r\n`,
  )
  await new Promise((resolve) => socket.write(randomBytes(200_000), resolve))
  await until('it is being written', async () =>
    (await readdir(path.join(a.home, 'disk'), { recursive: true })).some((f) => f.includes('staging')),
  )
  socket.destroy()
  const api = await apiOf(a)
  // Changes of one folder come one after the other.
  await api.writeContent(open.key, { path: 'after.txt' }, Buffer.from('after'))
  assert.equal(await codeOf(api.getEntry(open.key, { path: 'cut.bin' })), 'NOT_FOUND')
})

test('content of others is never run by a browser from the address of the store', async () => {
  await (await apiOf(a)).writeContent(open.key, { path: 'page.html' }, Buffer.from('<script>x</script>'))
  const { headers } = await (await apiOf(a)).readContent(open.key, { path: 'page.html' })
  assert.match(headers.get('content-security-policy') ?? '', /sandbox/)
  assert.equal(headers.get('content-disposition'), 'attachment')
  const token = (await readFile(path.join(a.home, 'token'), 'utf8')).trim()
  const address = `${a.url}/api/v1/things/${open.key}/content?path=page.html`
  const head = await fetch(address, { method: 'HEAD', headers: { authorization: `Bearer ${token}` } })
  assert.deepEqual([head.status, head.headers.get('content-length'), head.headers.get('etag')], [200, '18', headers.get('etag')])
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
})

test('a link that nobody has is given up after a while', async () => {
  assert.equal(await nobody, 'NO_PEER')
})

test('a plain core of another program is read, followed as it grows, and kept', async () => {
  const api = await apiOf(b)
  await using peer = await openStockCore()
  await peer.core.append([Buffer.from('one '), Buffer.from('two '), Buffer.from('three')])
  await peer.connectByUpgrade(b.url)
  const info = await api.getThing(peer.link)
  assert.deepEqual([info.kind, info.version, info.kept, info.writable], ['core', 3, false, false])
  assert.equal((await bytesOf(api, peer.link, {})).toString(), 'one two three')
  assert.equal((await bytesOf(api, peer.link, {}, { start: 2, end: 6 })).toString(), 'e tw')
  const { blocks, length } = await api.getBlocks(peer.link, { from: '1', limit: '1' })
  assert.deepEqual([blocks.map((x) => [x.index, Buffer.from(x.bytes, 'base64').toString()]), length], [[[1, 'two ']], 3])
  assert.equal(await codeOf(api.listEntries(peer.link, {})), 'WRONG_KIND')
  assert.equal(await codeOf(api.writeContent(peer.link, { path: 'x' }, Buffer.from('x'))), 'WRONG_KIND')
  assert.equal(await codeOf(api.watchBlocks(open.link, { since: 0 }).next()), 'WRONG_KIND')
  const stop = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    for await (const event of api.watchBlocks(peer.link, { since: 2, signal: stop.signal }))
      seen.push(`${event.index} ${Buffer.from(event.bytes, 'base64').toString()}`)
  })()
  await until('the old block', async () => seen.length === 1)
  await peer.core.append([Buffer.from('four')])
  await until('the new block', async () => seen.length === 2)
  stop.abort()
  await watching.catch(() => undefined)
  assert.deepEqual(seen, ['2 three', '3 four'])
  await api.addFolder({ link: peer.link })
  await itemOf(b, peer.link, ({ state, version }) => state === 'up-to-date' && version === 4)
  assert.deepEqual([(await api.getThing(peer.link)).kept, (await api.getThing(peer.link)).kind], [true, 'core'])
  assert.equal((await bytesOf(api, peer.link, {})).toString(), 'one two threefour')
})
