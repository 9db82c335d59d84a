/** Full and read-only disks, of a folder and of a home: a pause with one clear sentence, and it goes on by itself. Needs the right to mount. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { apiOf, cloneTo, itemOf, pairWith, runningStore, sentenceOf, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { treeFacts } from '../fixtures/trees.ts'

let stores: Stores
let a: TestStore
const mounted: string[] = []

function mayMount(): string | false {
  try {
    execFileSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d" && rmdir "$d"'], { stdio: 'ignore' })
    return false
  } catch {
    return 'no right to mount here'
  }
}
const skip = mayMount()
if (skip !== false) console.log(`# skipped: ${skip}`)

async function mount(folder: string, size: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder])
  mounted.push(folder)
}

before(async () => {
  stores = await createStores()
  if (skip === false) a = await runningStore(stores, 'a')
})
after(async () => {
  for (const folder of mounted) execFileSync('umount', ['-l', folder])
  await stores[Symbol.asyncDispose]()
})

test('a full disk of the folder pauses the reader with one sentence, and it goes on by itself when there is room', { skip }, async () => {
  const b = await runningStore(stores, 'b')
  await pairWith(b, a)
  const copy = path.join(b.dir, 'small')
  await mount(copy, '8m')
  await mkdir(path.join(a.dir, 'small'))
  await writeFile(path.join(a.dir, 'small', 'first.bin'), randomBytes(3_000_000))
  await writeFile(path.join(a.dir, 'small', 'second.bin'), randomBytes(4_000_000))
  const item = await share(a, 'small')
  await whole(a, item.key)
  await cloneTo(b, 'small', item.link)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date')
  await writeFile(path.join(a.dir, 'small', 'third.bin'), randomBytes(5_000_000))
  const full = await itemOf(b, item.key, (i) => i.problem?.code === 'DISK_FULL')
  assert.match(full.problem?.message ?? '', /disk of .*small is full; free some space/)
  execFileSync('mount', ['-o', 'remount,size=40m', copy])
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 3)
  assert.deepEqual(await treeFacts(copy), await treeFacts(path.join(a.dir, 'small')))
})

test('a disk that becomes read-only pauses the reader, and it goes on by itself when it can be written', { skip }, async () => {
  const b = await runningStore(stores, 'ro')
  await pairWith(b, a)
  const copy = path.join(b.dir, 'ro')
  await mount(copy, '20m')
  await mkdir(path.join(a.dir, 'ro'))
  await writeFile(path.join(a.dir, 'ro', 'x'), 'x')
  const item = await share(a, 'ro')
  await cloneTo(b, 'ro', item.link)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 1)
  execFileSync('mount', ['-o', 'remount,ro', copy])
  await writeFile(path.join(a.dir, 'ro', 'y'), 'y')
  const stopped = await itemOf(b, item.key, (i) => i.problem?.code === 'READ_ONLY_DISK')
  assert.match(stopped.problem?.message ?? '', /cannot be written; make it writable/)
  execFileSync('mount', ['-o', 'remount,rw', copy])
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 2)
})

test('a read-only folder can be shared: nothing has to be written into it', { skip }, async () => {
  const root = path.join(a.dir, 'shared ro')
  await mount(root, '20m')
  await writeFile(path.join(root, 'x'), 'x')
  execFileSync('mount', ['-o', 'remount,ro', root])
  const item = await share(a, 'shared ro')
  await itemOf(a, item.key, (i) => i.state === 'up-to-date' && i.files === 1)
})

test('a disk that is taken out and put back goes on by itself', { skip }, async () => {
  const root = path.join(a.dir, 'stick')
  const place = path.join(stores.dir, 'the stick itself')
  await mount(place, '20m')
  await mkdir(path.join(place, 'x'))
  await mkdir(root)
  execFileSync('mount', ['--bind', path.join(place, 'x'), root])
  mounted.push(root)
  await writeFile(path.join(root, 'file'), 'x')
  const item = await share(a, 'stick')
  await whole(a, item.key)
  execFileSync('umount', [root])
  mounted.pop()
  assert.equal((await a.run(['rescan', item.key])).code, 7)
  await itemOf(a, item.key, (i) => i.problem?.code === 'STOPPED_FOR_SAFETY')
  execFileSync('mount', ['--bind', path.join(place, 'x'), root])
  mounted.push(root)
  await whole(a, item.key)
})

test('a home on a read-only disk is told in one sentence with exit code 1', { skip }, async () => {
  const store = await stores.add('ro home')
  await mount(store.home, '40m')
  execFileSync('mount', ['-o', 'remount,ro', store.home])
  const ended = await store.run(['run-service', '--port', '0', '--lan-only', '--no-lan'])
  assert.equal(ended.code, 1, ended.stderr)
  assert.match(sentenceOf(ended), /cannot be written; make it writable/)
})

test(
  'a full disk of the home pauses the folders with one sentence, and they go on by themselves when there is room',
  { skip },
  async () => {
    const pi = await stores.add('tight')
    await mount(pi.home, '200m')
    await pi.serve(['--port', '0', '--lan-only', '--no-lan', '--name', 'tight'])
    await pairWith(a, pi)
    await mkdir(path.join(a.dir, 'too much'))
    for (let i = 0; i < 18; i++) await writeFile(path.join(a.dir, 'too much', `${i}.bin`), randomBytes(10_000_000))
    const item = await share(a, 'too much', { provider: 'tight' })
    const full = await itemOf(pi, item.key, (i) => i.problem?.code === 'DISK_FULL', 30_000)
    assert.match(full.problem?.message ?? '', /is full; free some space/)
    await (await apiOf(pi)).listFolders()
    execFileSync('mount', ['-o', 'remount,size=900m', pi.home])
    await itemOf(pi, item.key, (i) => i.state === 'up-to-date' && i.files === 18, 40_000)
    await rm(path.join(a.dir, 'too much'), { recursive: true })
  },
)
