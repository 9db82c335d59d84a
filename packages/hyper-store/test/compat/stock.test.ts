/** Stock Hyperdrive 13 reads the folders of real stores, and real stores read drives that stock Hyperdrive made. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Item } from '@hyper-store/client/contract'
import { createStores } from '../fixtures/stores.ts'
import { createTestnet } from '../fixtures/testnet.ts'
import { openStockPeer, type StockDrive, type StockEntry } from './stock-drive.ts'

const WAIT_MS = 30_000

/** Asks again until the answer is yes. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + WAIT_MS
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > end) assert.fail(`not in time: ${what}`)
    await sleep(30)
  }
}

async function entriesOf(drive: StockDrive): Promise<Map<string, StockEntry>> {
  const entries = new Map<string, StockEntry>()
  for await (const entry of drive.list('/')) entries.set(entry.key, entry)
  return entries
}

test('a stock Hyperdrive opens the link of an open folder and reads every file byte for byte', { timeout: 120_000 }, async () => {
  await using stores = await createStores('hyper-store-stock-')
  const a = await stores.add('a')
  await a.serve(['--port', '0', '--lan-only', '--no-lan'])
  const folder = path.join(a.dir, 'docs')
  await mkdir(path.join(folder, 'sub/deep'), { recursive: true })
  await mkdir(path.join(folder, 'nothing in it'))
  const files = new Map<string, Buffer>([
    ['/small.txt', Buffer.from('small')],
    ['/empty', Buffer.alloc(0)],
    ['/sub/one chunk', randomBytes(60_000)],
    ['/sub/deep/several chunks.bin', randomBytes(3_000_000)],
    ['/größe – 日本.txt', Buffer.from('ünïcödé')],
    ['/tool.sh', Buffer.from('#!/bin/sh\n')],
  ])
  for (const [name, bytes] of files) await writeFile(path.join(folder, name), bytes)
  await chmod(path.join(folder, 'tool.sh'), 0o755)
  await symlink('sub/one chunk', path.join(folder, 'link'))
  await a.ok(['add', 'docs'])
  await a.ok(['wait', 'docs', '--timeout', '30'])
  const [item] = await a.json<Item>(['list'])
  assert.ok(item !== undefined)

  await using peer = await openStockPeer(item.link)
  const { drive } = peer
  await peer.connectByUpgrade(a.url)
  await until('the drive is here', async () => (await drive.update({ wait: true })) || drive.version > 1)
  await until('all entries are here', async () => (await entriesOf(drive)).size === files.size + 1)
  const entries = await entriesOf(drive)
  for (const [name, bytes] of files) {
    const got = await drive.get(name, { timeout: WAIT_MS })
    assert.ok(got?.equals(bytes), name)
    assert.equal(entries.get(name)?.value.executable, name === '/tool.sh', name)
    assert.equal(entries.get(name)?.value.linkname ?? null, null, name)
  }
  assert.equal(entries.get('/link')?.value.linkname, 'sub/one chunk')
  assert.equal(entries.get('/sub/deep/several chunks.bin')?.value.blob?.blockMap, true, 'large files are stored as block maps')

  // It follows what changes later, by an edit in the middle and a deletion.
  const edited = Buffer.from(files.get('/sub/deep/several chunks.bin') ?? [])
  randomBytes(1000).copy(edited, 1_500_000)
  await writeFile(path.join(folder, 'sub/deep/several chunks.bin'), edited)
  await a.shell('rm docs/small.txt')
  await until('the edit is at the stock peer', async () => {
    await drive.update({ wait: false })
    return (await drive.get('/sub/deep/several chunks.bin', { timeout: 2000 }))?.equals(edited) === true
  })
  await until('the deletion is at the stock peer', async () => (await drive.entry('/small.txt')) === null)
})

test('clone reads a drive that a stock Hyperdrive made and serves, and follows it', { timeout: 180_000 }, async () => {
  await using testnet = await createTestnet()
  await using peer = await openStockPeer(null)
  await using stores = await createStores('hyper-store-stock-')
  const { drive } = peer
  const mapped = randomBytes(5_000_000)
  const files = new Map<string, Buffer>([
    ['small.txt', Buffer.from('from a stock drive')],
    ['empty', Buffer.alloc(0)],
    ['dir/plain blocks.bin', randomBytes(300_000)],
    ['dir/tool', Buffer.from('#!/bin/sh\n')],
  ])
  for (const [name, bytes] of files) await drive.put(`/${name}`, bytes, { executable: name === 'dir/tool' })
  await drive.symlink('/dir/link', 'tool')
  const stream = drive.createWriteStream('/dir/mapped.bin', { dedup: true })
  stream.end(mapped)
  await once(stream, 'close')
  assert.equal((await drive.entry('/dir/mapped.bin'))?.value.blob?.blockMap, true, 'stock dedup writes a block map')
  files.set('dir/mapped.bin', mapped)
  await peer.serve(testnet.createNode())

  const b = await stores.add('b')
  await b.serve(['--port', '0', '--no-lan', '--bootstrap', testnet.bootstrap.join(',')])
  await b.ok(['clone', 'copy', peer.link])
  await b.ok(['wait', 'copy', '--timeout', '60'])
  const shown = async (name: string) => readFile(path.join(b.dir, 'copy', name))
  for (const [name, bytes] of files) {
    assert.ok((await shown(name)).equals(bytes), name)
    const isExecutable = ((await lstat(path.join(b.dir, 'copy', name))).mode & 0o100) !== 0
    assert.equal(isExecutable, name === 'dir/tool', name)
  }
  assert.equal(await readlink(path.join(b.dir, 'copy/dir/link')), 'tool')
  const [item] = await b.json<Item>(['list'])
  assert.equal(
    item?.bytes,
    [...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0),
    'sizes are those of the files and not of their maps',
  )

  await drive.put('/small.txt', Buffer.from('changed'))
  await drive.put('/new/file', randomBytes(10))
  await drive.del('/empty')
  const again = Buffer.concat([mapped.subarray(0, 2_000_000), Buffer.from('inserted'), mapped.subarray(2_000_000)])
  const rewritten = drive.createWriteStream('/dir/mapped.bin', { dedup: true })
  rewritten.end(again)
  await once(rewritten, 'close')
  await until(
    'the changes are on disk',
    async () => (await shown('dir/mapped.bin')).equals(again) && (await shown('small.txt')).toString() === 'changed',
  )
  await until('the new file is on disk', async () => (await shown('new/file')).byteLength === 10)
  await until('the deleted file is gone', async () => !(await readdir(path.join(b.dir, 'copy'))).includes('empty'))
})
