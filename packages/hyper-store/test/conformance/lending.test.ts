/** Lending on real cores and a real folder: what is dropped is served from the files, checked, and given up when they change. A release of Hypercore that breaks it fails here first. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContentRef, DriveId, FileEntry, FolderPath } from '../../src/core/entries.ts'
import type { DiskFolder } from '../../src/core/ports.ts'
import { openDiskFolder } from '../../src/disk/disk-folder.ts'
import { blocksOf, readRange } from '../../src/hyper/content-read.ts'
import { ContentStore } from '../../src/hyper/content-store.ts'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import type { DeviceDrive } from '../../src/hyper/device-drive.ts'
import { type FileOnDisk, Lending, rangesIn } from '../../src/hyper/lending.ts'
import type { LogCore } from '../../src/hyper/log-core.ts'
import type { PeerConnection } from '../../src/hyper/transports/noise-connection.ts'
import { dropCachedBlocks } from '../../src/hyper/block-cache.ts'
import { openState, type State } from '../../src/state/state.ts'
import { linkedStreams } from '../fixtures/stock-links.ts'

const CHANGED = 'Changed in this release of the Hypercore packages: '
const MIB = 1024 * 1024
const all = () => Number.MAX_SAFE_INTEGER

interface World extends AsyncDisposable {
  readonly root: string
  readonly state: State
  readonly disk: DiskFolder
  readonly drive: DeviceDrive
  readonly blobs: LogCore
  readonly content: ContentStore
  readonly lending: Lending
  /** Puts a file into the folder and its content into the drive. */
  publish(name: string, bytes: Uint8Array, base?: FileEntry | null): Promise<FileOnDisk>
  read(entry: FileEntry): Promise<Buffer>
  /** Opens a second store with the same folder key and connects it. */
  peer(): Promise<{ drive: DeviceDrive; disconnect(): void }>
  /** A new lending on the same table, as after a restart. */
  again(): Promise<Lending>
  /** Bytes of blocks that are stored. */
  stored(): Promise<number>
}

async function openWorld(key: Uint8Array | null): Promise<World> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-lending-'))
  const root = path.join(dir, 'folder')
  await mkdir(root)
  const state = await openState(path.join(dir, 'state'))
  const disk = await openDiskFolder(root, { privateDir: '.hyper-store', area: path.join(dir, 'area') })
  const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
  const drive = await storage.openOwn('own', key)
  await drive.start(0)
  const blobs = drive.blobs
  assert.ok(blobs !== null)
  const coreOf = (id: DriveId): LogCore => {
    assert.equal(id, drive.id)
    return blobs
  }
  const content = new ContentStore(drive.id, blobs, state.chunks(drive.id), { coreOf })
  const table = state.lent('folder')
  const lending = new Lending({ table, disk, coreOf })
  await lending.attach(blobs)
  const closers: (() => Promise<void>)[] = []
  return {
    root,
    state,
    disk,
    drive,
    blobs,
    content,
    lending,
    async publish(name, bytes, base = null) {
      const at = name as FolderPath
      await mkdir(path.dirname(path.join(root, name)), { recursive: true })
      await writeFile(path.join(root, name), bytes)
      await using file = await disk.openFile(at)
      const stored = await content.storeFile(file, base)
      const entry: FileEntry = { kind: 'file', executable: false, mtimeMs: file.seen.mtimeMs, vector: { [drive.id]: 1 }, ...stored }
      await drive.write([{ path: at, entry, before: null }])
      dropCachedBlocks()
      return { path: at, entry, local: file.seen }
    },
    async read(entry) {
      const pieces: Uint8Array[] = []
      if (entry.content !== null)
        for await (const piece of readRange(coreOf, entry.content, { start: 0, end: entry.size }, { wait: false })) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    async peer() {
      const other = await CoreStorage.open(path.join(dir, `peer-${closers.length}`), { checkpoints: state.checkpoints })
      const copy = await other.openOther(drive.key, key)
      await copy.start(0)
      const streams = linkedStreams()
      storage.replicate({ stream: streams[0] } as unknown as PeerConnection)
      other.replicate({ stream: streams[1] } as unknown as PeerConnection)
      copy.db.followByStock(true)
      copy.db.raw.download({ start: 0, end: -1 })
      closers.push(async () => {
        streams[0].destroy()
        await copy.close()
        await other.close()
      })
      return { drive: copy, disconnect: () => streams[0].destroy() }
    },
    async again() {
      const next = new Lending({ table, disk, coreOf })
      await next.attach(blobs)
      return next
    },
    async stored() {
      let bytes = 0
      for (let i = 0; i < blobs.length; i++) {
        if (blobs.holds(i) && (await blobs.absent.isStored(i))) bytes += (await blobs.raw.get(i, { wait: false }))?.byteLength ?? 0
      }
      return bytes
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close()
      await lending.close()
      await drive.close()
      await storage.close()
      await disk[Symbol.asyncDispose]()
      await state.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000
  while (!(await isSo())) {
    if (Date.now() > end) assert.fail(what)
    await sleep(10)
  }
}

/** Everything of the drive at a second store, by stock replication. */
async function wholeAt(copy: DeviceDrive, length: number): Promise<void> {
  await until('the copy learns of the content', async () => (await copy.ensureBlobs()) !== null)
  const { blobs } = copy
  assert.ok(blobs !== null)
  blobs.followByStock(true)
  blobs.raw.download({ start: 0, end: -1 })
  await until('all blocks arrive', () => blobs.contiguous === length)
}

for (const [name, key] of [
  ['an open folder', null],
  ['a private folder', Buffer.alloc(32, 9)],
] as const) {
  test(`${name}: the bytes of a lent file are dropped, the log goes on to hold and serve them`, async () => {
    await using world = await openWorld(key)
    const bytes = randomBytes(3 * MIB)
    const file = await world.publish('large.bin', bytes)
    const small = await world.publish('dir/small.txt', randomBytes(5000))
    const { length, contiguous } = world.blobs
    assert.equal(contiguous, length)
    const freed = (await world.lending.lend(file, all)) + (await world.lending.lend(small, all))
    assert.equal(freed, 3 * MIB + 5000)
    assert.ok((await world.stored()) < 3000, 'only the map of the file is stored')
    assert.equal(world.blobs.contiguous, length, `${CHANGED}deleting the bytes of blocks alone changes what a log counts as held`)
    assert.equal(await world.lending.lend(file, all), 0, 'lent already')
    assert.deepEqual(await world.read(file.entry), bytes, `${CHANGED}storage.read().getBlock is not what a session reads blocks by`)
    assert.equal((await world.blobs.readRaw(0, length)).length, length)
    assert.equal((await world.blobs.readMany([0, 1])).length, 2)
    const peer = await world.peer()
    await wholeAt(peer.drive, length)
    await assertSame(peer.drive, world.blobs)
  })

  test(`${name}: a range beyond what the keeper holds is not lent`, async () => {
    await using world = await openWorld(key)
    const file = await world.publish('large.bin', randomBytes(3 * MIB))
    const freed = await world.lending.lend(file, () => 10)
    assert.ok(freed > 0 && freed < 2.9 * MIB)
    assert.equal(await world.lending.lend({ ...file, local: { ...file.local, mtimeMs: 7 } }, all), 0, 'a file that changed is not lent')
  })

  test(`${name}: of a lent file that changed, what is the same is served, and the rest is no longer held`, async () => {
    await using world = await openWorld(key)
    const bytes = randomBytes(2 * MIB)
    const file = await world.publish('large.bin', bytes)
    const keeper = await world.peer()
    await wholeAt(keeper.drive, world.blobs.length)
    keeper.disconnect()
    await world.lending.lend(file, all)
    const changed = Buffer.from(bytes)
    changed.fill(1, MIB, MIB + 1000)
    await writeFile(path.join(world.root, 'large.bin'), changed)
    await assert.rejects(world.read(file.entry), { code: 'NO_PEER' })
    await until('the block is no longer held', () => world.blobs.contiguous < world.blobs.length)
    assert.equal(await world.blobs.absent.isStored(0), false)
    assert.ok((await world.blobs.read(0, { wait: false })) !== null, 'the first block is as it was')
  })

  test(`${name}: a file that its user deleted right after lending comes back from the keeper`, async () => {
    await using world = await openWorld(key)
    const bytes = randomBytes(MIB)
    const file = await world.publish('large.bin', bytes)
    const keeper = await world.peer()
    await wholeAt(keeper.drive, world.blobs.length)
    await world.lending.lend(file, all)
    await rm(path.join(world.root, 'large.bin'))
    await world.lending.settle(file.path, null)
    assert.ok(world.blobs.contiguous < world.blobs.length)
    const missing = Array.from({ length: world.blobs.length }, (_, i) => i)
    const fetched = await Promise.all(missing.map(async (i) => world.blobs.read(i, { wait: true, timeout: 10_000 })))
    assert.equal(fetched.includes(null), false)
    assert.deepEqual(await world.read(file.entry), bytes)
  })

  test(`${name}: an edit of a lent file finds the chunks that stayed, and lends them again`, async () => {
    await using world = await openWorld(key)
    const bytes = randomBytes(4 * MIB)
    const first = await world.publish('large.bin', bytes)
    await world.lending.lend(first, all)
    const before = world.blobs.raw.byteLength
    const edited = Buffer.concat([bytes.subarray(0, MIB), randomBytes(50_000), bytes.subarray(MIB)])
    const second = await world.publish('large.bin', edited, first.entry)
    assert.ok(world.blobs.raw.byteLength - before < 700_000, 'what stayed is not stored again')
    await world.lending.settle(second.path, second)
    assert.deepEqual(await world.read(second.entry), edited)
    await world.lending.lend(second, all)
    assert.deepEqual(await world.read(second.entry), edited)
    await assert.rejects(world.read(first.entry), { code: 'NO_PEER' }, 'what the file lost comes from the keeper')
  })

  test(`${name}: after a restart the table is believed; without it what is missing is found and no longer held`, async () => {
    await using world = await openWorld(key)
    const bytes = randomBytes(MIB)
    const file = await world.publish('large.bin', bytes)
    await world.lending.lend(file, all)
    await world.again()
    assert.deepEqual(await world.read(file.entry), bytes)
    await world.state.lent('folder').clear()
    await world.again()
    assert.equal(world.blobs.contiguous, 0)
    await assert.rejects(world.read(file.entry), { code: 'NO_PEER' })
  })
}

async function assertSame(copy: DeviceDrive, blobs: LogCore): Promise<void> {
  for (let i = 0; i < blobs.length; i++) {
    assert.deepEqual(await copy.blobs?.raw.get(i, { raw: true, wait: false }), await blobs.raw.get(i, { raw: true, wait: false }))
  }
}

test('two files with the same content: one lends for both, and either may go', async () => {
  await using world = await openWorld(null)
  const bytes = randomBytes(MIB)
  const one = await world.publish('one.bin', bytes)
  const two = await world.publish('two.bin', bytes)
  await world.lending.lend(one, all)
  await world.lending.lend(two, all)
  await rm(path.join(world.root, 'one.bin'))
  assert.deepEqual(await world.read(two.entry), bytes, 'before the loop saw it')
  await world.lending.settle(one.path, null)
  assert.equal(world.blobs.contiguous, world.blobs.length)
  assert.deepEqual(await world.read(one.entry), bytes)
})

test('a renamed file goes on to lend', async () => {
  await using world = await openWorld(null)
  const bytes = randomBytes(MIB)
  const file = await world.publish('old.bin', bytes)
  await world.lending.lend(file, all)
  await rename(path.join(world.root, 'old.bin'), path.join(world.root, 'new.bin'))
  const at = 'new.bin' as FolderPath
  const local = await world.disk.look(at)
  assert.ok(local?.kind === 'file')
  await world.lending.settle(at, { path: at, entry: file.entry, local })
  await world.lending.settle(file.path, null)
  assert.equal(world.blobs.contiguous, world.blobs.length)
  assert.deepEqual(await world.read(file.entry), bytes)
})

test('a stop between the record and the dropping leaves both; the next turn drops', async () => {
  await using world = await openWorld(null)
  const bytes = randomBytes(MIB)
  const file = await world.publish('large.bin', bytes)
  await world.lending.lend(file, all)
  await world.lending.end()
  assert.ok((await world.stored()) > MIB)
  const table = world.state.lent('folder')
  await world.lending.lend(file, all)
  const record = await table.get(file.path)
  assert.ok(record !== null)
  await world.lending.end()
  await table.put({ ...record, dropped: false })
  const next = await world.again()
  assert.deepEqual(await world.read(file.entry), bytes)
  assert.ok((await next.lend(file, all)) > 0)
  assert.ok((await world.stored()) < 3000)
})

test('a cleared block is filled from a file again, without a peer', async () => {
  for (const key of [null, Buffer.alloc(32, 5)]) {
    await using world = await openWorld(key)
    const bytes = randomBytes(MIB)
    const file = await world.publish('large.bin', bytes)
    await world.blobs.clear([{ start: 3, end: 6 }])
    assert.equal(world.blobs.contiguous, 3)
    assert.equal(await world.blobs.absent.put(3, Buffer.from('something else')), false)
    assert.equal(await world.lending.refill(file), 3, `${CHANGED}core.verify() no longer takes a block that the tree proves`)
    assert.equal(world.blobs.contiguous, world.blobs.length)
    assert.deepEqual(await world.read(file.entry), bytes)
  }
})

test('clearing a block leaves its neighbours provable to peers', async () => {
  await using world = await openWorld(null)
  await world.publish('large.bin', randomBytes(2 * MIB))
  const gone = [3, 4, 7, 11]
  for (const index of gone) await world.blobs.clear([{ start: index, end: index + 1 }])
  const peer = await world.peer()
  await until('the copy learns of the content', async () => (await peer.drive.ensureBlobs()) !== null)
  const copy = peer.drive.blobs
  assert.ok(copy !== null)
  copy.followByStock(true)
  copy.raw.download({ start: 0, end: -1 })
  const held = () => Array.from({ length: copy.length }, (_, i) => i).filter((i) => copy.holds(i)).length
  await until('all blocks but those that are gone arrive', () => copy.length > 0 && held() === world.blobs.length - gone.length)
})

test('a newcomer to a log that lost old versions is whole with the newest one, and knows that only old ones are missing', async () => {
  await using world = await openWorld(null)
  const old = await world.publish('large.bin', randomBytes(2 * MIB))
  const now = await world.publish('large.bin', randomBytes(2 * MIB), old.entry)
  const need = now.entry.content?.blockOffset ?? 0
  const kept = new Set([...(await blocksOf(() => world.blobs, now.entry.content as ContentRef)).map((b) => b.index), need])
  const loose = Array.from({ length: world.blobs.length }, (_, i) => i).filter((i) => !kept.has(i))
  await world.blobs.letGo(rangesIn(loose))
  assert.equal(world.drive.whole.db, world.drive.db.length)
  const peer = await world.peer()
  await until('the copy learns of the content', async () => (await peer.drive.ensureBlobs()) !== null)
  const { blobs } = peer.drive
  assert.ok(blobs !== null)
  blobs.followByStock(true)
  blobs.raw.download({ start: 0, end: -1 })
  await until('the newest version is whole', () => peer.drive.whole.db === world.drive.db.length)
  assert.ok(peer.drive.lacksOld)
  assert.equal(peer.drive.gaps, false)
  assert.equal(peer.drive.heldBlobs, peer.drive.whole.need)
})

test('end() stores all that was lent again', async () => {
  await using world = await openWorld(Buffer.alloc(32, 3))
  const bytes = randomBytes(2 * MIB)
  const file = await world.publish('large.bin', bytes)
  await world.lending.lend(file, all)
  await world.lending.end()
  await rm(path.join(world.root, 'large.bin'))
  assert.deepEqual(await world.read(file.entry), bytes)
  for await (const lent of world.lending.files()) assert.fail(lent.path)
})
