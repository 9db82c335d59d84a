/** Records that no honest writer writes: malformed, huge, pointing outside, of a newer format. Others go on, and the reason is to be seen. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import c from 'compact-encoding'
import { errorCode } from '@hyper-store/client'
import { ENTRY_FORMAT } from '../../src/hyper/entry-codec.ts'
import { HostileWriter } from '../fixtures/hostile-writer.ts'
import { apiOf, cloneTo, itemOf, runningStore } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

let stores: Stores
let b: TestStore
let count = 0

before(async () => {
  stores = await createStores()
  b = await runningStore(stores, 'b')
})
after(async () => stores[Symbol.asyncDispose]())

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

/** Clones what a hostile writer wrote; the folder of the copy. */
async function copyOf(writer: HostileWriter): Promise<string> {
  await writer.connect(b.url)
  const name = `copy ${++count}`
  await cloneTo(b, name, writer.link)
  return path.join(b.dir, name)
}

async function honestArrives(root: string): Promise<void> {
  await until('the honest file', async () => (await textOf(path.join(root, 'zz honest.txt'))) === 'honest', 9_000)
}

const OURS = { f: 1, s: 5, m: 1_700_000_000_000, h: '', v: { aaaaaaaaaa: 1 } }

test('malformed records of every shape are left out, and the others come', async () => {
  await using writer = await HostileWriter.open()
  const values: unknown[] = [
    null,
    7,
    'text',
    [],
    {},
    { blob: 'x' },
    { blob: { blockOffset: -1, blockLength: 1, byteOffset: 0, byteLength: 1 } },
    { blob: { blockOffset: 0.5, blockLength: 1, byteOffset: 0, byteLength: 1 } },
    { linkname: 5 },
    { executable: 'yes', blob: null },
    { blob: { blockOffset: 1e300, blockLength: 1e300, byteOffset: 0, byteLength: 1e300 } },
    { metadata: { f: 'x' } },
  ]
  for (const [i, value] of values.entries()) await writer.put(`/bad-${i}`, value)
  for (const [i, value] of values.entries()) await writer.putExtra(`d/bad folder ${i}`, value)
  for (const [i, value] of values.entries()) await writer.putExtra(`t/bad tombstone ${i}`, value)
  await writer.putExtra('info', { title: { evil: true } })
  await writer.putExtra('unknown/x', { any: 'thing' })
  await writer.file('/zz honest.txt', 'honest')
  const root = await copyOf(writer)
  await honestArrives(root)
  assert.deepEqual(
    (await readdir(root)).filter((n) => n.startsWith('bad-')),
    [],
  )
})

test('a record that is not JSON, and a block that is no record at all, do not stop the folder', async () => {
  await using writer = await HostileWriter.open()
  await writer.file('/zz honest.txt', 'honest')
  await writer.drive.db.core.append([randomBytes(500)])
  const root = await copyOf(writer)
  await honestArrives(root).catch(async (error: unknown) => {
    throw new Error(JSON.stringify(await (await apiOf(b)).getFolder(writer.link)), { cause: error })
  })
})

test('content that points behind the end of the blobs log holds back that file alone, with a reason', async () => {
  await using writer = await HostileWriter.open()
  await writer.put('/outside.bin', {
    executable: false,
    linkname: null,
    metadata: null,
    blob: { byteOffset: 0, blockOffset: 1_000_000, blockLength: 3, byteLength: 100 },
  })
  await writer.file('/zz honest.txt', 'honest')
  const root = await copyOf(writer)
  await honestArrives(root)
  const item = await itemOf(b, writer.link, (i) => i.state === 'error')
  assert.match(item.problem?.message ?? '', /outside\.bin/)
})

test('a block map that points outside, is cut short or has the wrong lengths holds back its files alone', async () => {
  await using writer = await HostileWriter.open()
  const mapOf = (pairs: readonly (readonly [number, number])[], n = pairs.length) => {
    const numbers = [0, n, ...pairs.flat()]
    return Buffer.concat(numbers.map((x) => c.encode(c.uint, x)))
  }
  const good = await writer.blob('good ')
  const maps = {
    'outside.bin': mapOf([[50_000_000, 5]]),
    'short.bin': mapOf([[good.blockOffset, 5]], 9),
    'lengths.bin': mapOf([[good.blockOffset, 4_000_000_000]]),
    'newer.bin': Buffer.from([9, 9, 9]),
    'itself.bin': mapOf([[good.blockOffset + 1, 5]]),
    'random.bin': randomBytes(5000),
  }
  for (const [name, map] of Object.entries(maps)) {
    const blob = await writer.blob(map)
    await writer.put(`/${name}`, { executable: false, linkname: null, blob: { ...blob, blockMap: true }, metadata: OURS })
    await writer.put(`/stock ${name}`, { executable: false, linkname: null, blob: { ...blob, blockMap: true }, metadata: null })
  }
  await writer.file('/zz honest.txt', 'honest')
  const root = await copyOf(writer)
  await honestArrives(root).catch(async (error: unknown) => {
    throw new Error(JSON.stringify(await (await apiOf(b)).getFolder(writer.link)), { cause: error })
  })
  const item = await itemOf(b, writer.link, (i) => i.state === 'error')
  assert.match(item.problem?.message ?? '', /\.bin/)
})

test('entries that lie about their size are held back alone', async () => {
  await using writer = await HostileWriter.open()
  for (const [name, s] of [
    ['more', 6],
    ['less', 4],
    ['huge', 2 ** 50],
    ['large', 10_000_000],
  ] as const) {
    await writer.file(`/${name}.txt`, 'hello', { ...OURS, s })
  }
  await writer.file('/zz honest.txt', 'honest')
  const root = await copyOf(writer)
  await honestArrives(root).catch(async (error: unknown) => {
    throw new Error(JSON.stringify(await (await apiOf(b)).getFolder(writer.link)), { cause: error })
  })
  const item = await itemOf(b, writer.link, (i) => i.state === 'error')
  assert.match(item.problem?.message ?? '', /\.txt/)
})

test('a version vector of absurd counters or size does not stop the others', async () => {
  await using writer = await HostileWriter.open()
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`d${i}`, 1]))
  for (const [i, v] of [{ x: 2 ** 53 }, { x: -1 }, { x: 'a' }, wide, [], 'v', { ['__proto__']: 5 }].entries())
    await writer.file(`/v${i}`, 'hello', { ...OURS, v })
  await writer.file('/zz honest.txt', 'honest')
  await honestArrives(await copyOf(writer))
})

test('a newer format stops the folder with one sentence, and deletes nothing that came before', async () => {
  await using writer = await HostileWriter.open()
  await writer.file('/kept.txt', 'kept', { ...OURS, s: 4 })
  await writer.file('/zz honest.txt', 'honest')
  const root = await copyOf(writer)
  await honestArrives(root)
  await writer.file('/kept.txt', 'newer', { ...OURS, f: ENTRY_FORMAT + 1, s: 5, v: { aaaaaaaaaa: 2 } })
  const item = await itemOf(b, writer.link, (i) => i.state === 'error')
  assert.equal(item.problem?.code, 'NEWER_FORMAT')
  assert.equal(await textOf(path.join(root, 'kept.txt')), 'kept')
})

test('ten thousand names in one record after another and a key of 60 KB do not stop the others', async () => {
  await using writer = await HostileWriter.open()
  await writer.file(`/${'deep/'.repeat(700)}end`, 'deep')
  await writer.file(`/${'x'.repeat(60_000)}`, 'long')
  await writer.file(`/${'very/'.repeat(3000)}end`, 'deeper')
  await writer.file('/zz honest.txt', 'honest')
  await honestArrives(await copyOf(writer))
})

test('a link to a log that is no folder is kept as what it is, and can not be cloned into a folder', async () => {
  await using writer = await HostileWriter.open()
  const text = await writer.core([Buffer.from('just'), Buffer.from('text'), randomBytes(100)])
  await writer.connect(b.url)
  const api = await apiOf(b)
  await api.addFolder({ link: text })
  await until('the blocks', async () => (await api.listFolders()).some((i) => i.link === text && i.state === 'up-to-date'))
  assert.equal((await api.getFolder(text)).kind, 'core')
  await api.removeFolder(text)
  const root = path.join(b.dir, 'no folder')
  await assert.rejects(api.addFolder({ link: text, path: root }), (error) => errorCode(error) === 'WRONG_KIND')
  assert.deepEqual(await readdir(root).catch(() => []), [])
})

test('a private folder without its key never looks complete and empty', async () => {
  await using writer = await HostileWriter.open(randomBytes(32))
  await writer.file('/zz honest.txt', 'honest')
  const root = await copyOf(writer)
  const item = await itemOf(b, writer.link, (i) => i.state === 'error')
  assert.match(item.problem?.message ?? '', /private|key/)
  assert.deepEqual(
    (await readdir(root)).filter((n) => n !== '.hyper-store'),
    [],
  )
})
