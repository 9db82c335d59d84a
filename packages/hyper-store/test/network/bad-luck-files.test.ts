/** Files of every size and kind, files that change while they are read, and what a reader does to its copy. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, chmod, mkdir, open, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { cloneTo, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { treeFacts } from '../fixtures/trees.ts'

const MB = 1_000_000
let stores: Stores
let a: TestStore
let b: TestStore

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  b = await runningStore(stores, 'b')
  await pairWith(b, a)
})
after(async () => stores[Symbol.asyncDispose]())

/** Shares a filled folder and clones it; waits until both have the same. */
async function synced(
  name: string,
  fill: (root: string) => Promise<void>,
  timeoutMs = 20_000,
): Promise<{ root: string; copy: string; key: string }> {
  const root = path.join(a.dir, name)
  const copy = path.join(b.dir, name)
  await mkdir(root, { recursive: true })
  await fill(root)
  const item = await share(a, name)
  const { version } = await whole(a, item.key, 1, timeoutMs)
  await cloneTo(b, name, item.link)
  await whole(b, item.key, version, timeoutMs)
  return { root, copy, key: item.key }
}

async function same(root: string, copy: string): Promise<void> {
  const equal = async () => isDeepStrictEqual(await treeFacts(copy), await treeFacts(root))
  await until('the same trees', equal).catch(() => undefined)
  assert.deepEqual(await treeFacts(copy), await treeFacts(root))
}

test('empty files, empty folders, links of all kinds, bits, times, both compositions and 300-character paths come as they are', async () => {
  const { root, copy } = await synced('kinds', async (at) => {
    await writeFile(path.join(at, 'zero'), '')
    await mkdir(path.join(at, 'empty/deeper'), { recursive: true })
    await symlink('nowhere', path.join(at, 'dangling'))
    await symlink('/etc/passwd', path.join(at, 'absolute'))
    await symlink('../../outside', path.join(at, 'outside'))
    await writeFile(path.join(at, 'run'), 'x')
    await chmod(path.join(at, 'run'), 0o755)
    await utimes(path.join(at, 'zero'), new Date(0), new Date('1999-12-31T23:59:59.123Z'))
    await writeFile(path.join(at, 'caf\u00e9'), 'nfc')
    await writeFile(path.join(at, 'cafe\u0301'), 'nfd')
    const deep = path.join(at, ...Array.from({ length: 5 }, (_, i) => `${i}`.repeat(60)))
    await mkdir(deep, { recursive: true })
    await writeFile(path.join(deep, 'leaf'), 'deep')
    await writeFile(path.join(at, 'n'.repeat(255)), 'long name')
    await writeFile(path.join(at, 'new\nline and "quotes"'), 'odd')
  })
  await same(root, copy)
})

test('a file that changes while it is read ends up right at the reader', async () => {
  const { root, copy, key } = await synced('changing', async (at) => writeFile(path.join(at, 'log'), randomBytes(3 * MB)))
  for (let i = 0; i < 25; i++) {
    await appendFile(path.join(root, 'log'), randomBytes(200_000))
    if (i % 8 === 7) await truncate(path.join(root, 'log'), MB)
    await sleep(15)
  }
  await a.ok(['rescan', key])
  await same(root, copy)
})

test('local edits of a reader are kept aside when the file changes, and never reach the writer', async () => {
  const { root, copy } = await synced('aside', async (at) => {
    await writeFile(path.join(at, 'doc.txt'), 'first')
    await writeFile(path.join(at, 'other.txt'), 'other')
  })
  await writeFile(path.join(copy, 'doc.txt'), 'edited by the reader')
  await writeFile(path.join(copy, 'own.txt'), 'own')
  await sleep(300)
  await writeFile(path.join(root, 'doc.txt'), 'second of the writer')
  // For a moment the edit has its new name and the new version has not come yet.
  const shown = async () => readFile(path.join(copy, 'doc.txt'), 'utf8').catch(() => null)
  await until('the new version', async () => (await shown()) === 'second of the writer')
  const texts = await Promise.all(
    (await readdir(copy)).filter((n) => n.startsWith('doc')).map(async (n) => readFile(path.join(copy, n), 'utf8')),
  )
  assert.ok(texts.includes('edited by the reader'))
  assert.equal(await readFile(path.join(copy, 'own.txt'), 'utf8'), 'own')
  assert.deepEqual((await readdir(root)).filter((n) => n !== '.hyper-store').sort(), ['doc.txt', 'other.txt'])
})

test('a deletion by a reader is not propagated', async () => {
  const { root, copy, key } = await synced('reader deletes', async (at) => {
    for (let i = 0; i < 4; i++) await writeFile(path.join(at, `${i}`), `${i}`)
  })
  await rm(path.join(copy, '1'))
  await b.run(['rescan', key])
  await writeFile(path.join(root, 'new'), 'new')
  await until('the new file', async () => (await readdir(copy)).includes('new'))
  assert.ok((await readdir(root)).includes('1'))
  await itemOf(a, key, (i) => i.files === 5)
})

test('a large sparse file streams with flat memory on both sides', { timeout: 180_000 }, async () => {
  const gib = Number(process.env['HYPER_STORE_TEST_SPARSE_GIB'] ?? 1)
  const { root, copy } = await synced(
    'sparse',
    async (at) => {
      await using file = await open(path.join(at, 'sparse.bin'), 'w')
      await file.truncate(gib * 1024 ** 3)
      await file.write('the end', gib * 1024 ** 3 - 7)
    },
    150_000,
  )
  assert.equal(await hashOf(path.join(copy, 'sparse.bin')), await hashOf(path.join(root, 'sparse.bin')))
  for (const store of [a, b]) {
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pidOf(store)}/status`, 'utf8'))?.[1]) / 1024
    assert.ok(peak < 350, `${store.name} needed ${peak} MB`)
  }
})

test('a file of 20 MB written in one go grows the store by about itself', async () => {
  const c = await runningStore(stores, 'c')
  await mkdir(path.join(c.dir, 'one go'))
  const item = await share(c, 'one go')
  await whole(c, item.key)
  const before = diskUse(c)
  await writeFile(path.join(c.dir, 'one go', 'file.bin'), randomBytes(20 * MB))
  await itemOf(c, item.key, (i) => i.state === 'up-to-date' && i.bytes === 20 * MB)
  await c.stop()
  const grown = diskUse(c) - before
  assert.ok(grown < 24 * MB, `it grew by ${grown}`)
})

test('200 MB written in 50 steps grow the store to at most 1.2 times that', { timeout: 120_000 }, async () => {
  const c = await runningStore(stores, 'd')
  await mkdir(path.join(c.dir, 'steps'))
  const item = await share(c, 'steps')
  await whole(c, item.key)
  for (let i = 0; i < 50; i++) {
    await appendFile(path.join(c.dir, 'steps', 'file.bin'), randomBytes(4 * MB))
    await sleep(40)
  }
  await itemOf(c, item.key, (i) => i.state === 'up-to-date' && i.bytes === 200 * MB, 60_000)
  await c.stop()
  const use = diskUse(c)
  assert.ok(use < 240 * MB, `it uses ${use}`)
})

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha1')
  for await (const piece of createReadStream(file, { highWaterMark: MB })) hash.update(piece as Uint8Array)
  return hash.digest('hex')
}

function diskUse(store: TestStore): number {
  return Number(
    execFileSync('du', ['-s', '-B1', path.join(store.home, 'cores')])
      .toString()
      .split('\t')[0],
  )
}

function pidOf(store: TestStore): number {
  const ready = store.events.findLast((e) => e.event === 'ready')
  if (ready?.event !== 'ready') throw new Error('never ready')
  return ready.pid
}
