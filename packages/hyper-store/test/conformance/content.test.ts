/** Content over several drives: parts, references, wholeness, and history by batches, on real cores. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { DriveId, FileEntry, FolderPath, LocalFile } from '../../src/core/entries.ts'
import type { OpenFile } from '../../src/core/ports.ts'
import { blocksOf, partsOf, readRange } from '../../src/hyper/content-read.ts'
import { ContentStore } from '../../src/hyper/content-store.ts'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import type { DeviceDrive } from '../../src/hyper/device-drive.ts'
import { linkDrives } from '../../src/hyper/held-elsewhere.ts'
import type { LogCore } from '../../src/hyper/log-core.ts'
import { encodePartsMap } from '../../src/hyper/parts-map.ts'
import { openState, type State } from '../../src/state/state.ts'

const MIB = 1024 * 1024

function fileOf(bytes: Uint8Array): OpenFile {
  const seen: LocalFile = { kind: 'file', size: bytes.byteLength, mtimeMs: 1, ctimeMs: 1, ino: 1, executable: false }
  return {
    seen,
    async read(buffer, position) {
      const piece = bytes.subarray(position, position + buffer.byteLength)
      buffer.set(piece)
      return piece.byteLength
    },
    lookAgain: async () => seen,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

interface TwoWriters extends AsyncDisposable {
  readonly state: State
  readonly storage: CoreStorage
  readonly a: DeviceDrive
  readonly b: DeviceDrive
  readonly inA: ContentStore
  readonly inB: ContentStore
  readonly coreOf: (drive: DriveId) => LogCore
  read(entry: FileEntry): Promise<Buffer>
}

/** Two drives of one folder on one device: what lies in A is here for B, as after replication. */
async function twoWriters(key: Uint8Array | null, mayPointTo?: (drive: DriveId) => boolean): Promise<TwoWriters> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-content-'))
  const state = await openState(path.join(dir, 'state'))
  const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
  const [a, b] = [await storage.openOwn('a', key), await storage.openOwn('b', key)]
  for (const drive of [a, b]) await drive.start(0)
  const coreOf = (id: DriveId): LogCore => {
    const blobs = [a, b].find((d) => d.id === id)?.blobs
    assert.ok(blobs != null)
    return blobs
  }
  const unlink = linkDrives([a, b])
  return {
    state,
    storage,
    a,
    b,
    coreOf,
    inA: new ContentStore(a.id, coreOf(a.id), state.chunks(a.id), { coreOf }),
    inB: new ContentStore(b.id, coreOf(b.id), state.chunks(b.id), { coreOf, mayPointTo }),
    async read(entry) {
      const pieces: Uint8Array[] = []
      if (entry.content !== null)
        for await (const piece of readRange(coreOf, entry.content, { start: 0, end: entry.size }, { wait: false })) pieces.push(piece)
      return Buffer.concat(pieces)
    },
    async [Symbol.asyncDispose]() {
      unlink()
      for (const drive of [a, b]) await drive.close()
      await storage.close()
      await state.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function entryOf(stored: Awaited<ReturnType<ContentStore['storeFile']>>, by: DeviceDrive): FileEntry {
  return { kind: 'file', executable: false, mtimeMs: 5, vector: { [by.id]: 1 }, ...stored }
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bytesIn = (drive: DeviceDrive) => drive.blobs?.raw.byteLength ?? 0

for (const [name, key] of [
  ['an open folder', null],
  ['a private folder', Buffer.alloc(32, 7)],
] as const) {
  test(`${name}: an edit of another device's file stores what changed and a map`, async () => {
    await using two = await twoWriters(key)
    const before = randomBytes(8 * MIB)
    const first = entryOf(await two.inA.storeFile(fileOf(before), null), two.a)
    const after = Buffer.from(before)
    after.set(randomBytes(100_000), 3 * MIB)
    const second = entryOf(await two.inB.storeFile(fileOf(after), first), two.b)
    assert.equal(second.content?.parts, true)
    assert.equal(second.content.drive, two.b.id)
    assert.deepEqual(Object.keys(second.content.needs ?? {}), [two.a.id])
    assert.ok(bytesIn(two.b) < 900_000, `${bytesIn(two.b)} bytes were stored`)
    assert.equal(sha(await two.read(second)), sha(after))

    const shifted = Buffer.concat([randomBytes(11), after])
    const held = bytesIn(two.b)
    const third = entryOf(await two.inB.storeFile(fileOf(shifted), second), two.b)
    assert.ok(bytesIn(two.b) - held < 600_000, 'bytes that moved are found again')
    assert.equal(sha(await two.read(third)), sha(shifted))

    const parts = await partsOf(third, second, two.coreOf)
    const reused = parts.reduce((n, p) => n + (p.from === 'base' ? p.length : 0), 0)
    assert.ok(reused > 7 * MIB, 'the disk takes from the old file what both have')

    const back = entryOf(await two.inA.storeFile(fileOf(before), third), two.a)
    assert.equal(back.content?.blockMap, true, 'what lies wholly in the own drive has a stock map')
    assert.equal(back.hash, first.hash)
  })

  test(`${name}: inserting at the front of another device's file stores little`, async () => {
    await using two = await twoWriters(key)
    const before = randomBytes(8 * MIB)
    const first = entryOf(await two.inA.storeFile(fileOf(before), null), two.a)
    const after = Buffer.concat([randomBytes(1000), before])
    const second = entryOf(await two.inB.storeFile(fileOf(after), first), two.b)
    assert.ok(bytesIn(two.b) < 600_000, `${bytesIn(two.b)} bytes were stored`)
    assert.equal(sha(await two.read(second)), sha(after))
  })

  test(`${name}: refer() costs a map, and adopt() brings every byte over`, async () => {
    await using two = await twoWriters(key)
    const large = randomBytes(3 * MIB)
    const big = entryOf(await two.inA.storeFile(fileOf(large), null), two.a)
    const small = entryOf((await two.inA.storeSmall([Buffer.from('a small file')]))[0] as never, two.a)
    for (const [entry, bytes] of [
      [big, large],
      [small, Buffer.from('a small file')],
    ] as const) {
      const was = bytesIn(two.b)
      const content = await two.inB.refer(entry)
      assert.ok(bytesIn(two.b) - was < 400)
      assert.equal(content?.parts, true)
      assert.deepEqual(await two.read({ ...entry, content }), bytes)
      assert.deepEqual(await two.inB.refer(entry), content, 'the same map again costs nothing')
      const own = await two.inB.adopt(entry)
      assert.equal(own?.parts, undefined)
      assert.equal(own?.drive, two.b.id)
      assert.deepEqual(await two.read({ ...entry, content: own }), bytes)
      const mixed = await two.inB.adopt({ ...entry, content })
      assert.equal(mixed?.parts, undefined)
    }
    assert.deepEqual(await two.inB.refer({ ...big, content: null }), null)
  })
}

test('chunks of a drive that must not be pointed to are stored again', async () => {
  await using two = await twoWriters(null, () => false)
  const bytes = randomBytes(2 * MIB)
  const first = entryOf(await two.inA.storeFile(fileOf(bytes), null), two.a)
  const second = entryOf(await two.inB.storeFile(fileOf(bytes), first), two.b)
  assert.equal(second.content?.blockMap, true)
  assert.ok(bytesIn(two.b) >= bytes.byteLength)
})

test('an entry of parts is written in a newer format, which a stock Hyperdrive sees as no content', async () => {
  await using two = await twoWriters(null)
  const first = entryOf(await two.inA.storeFile(fileOf(randomBytes(300_000)), null), two.a)
  const content = await two.inB.refer(first)
  const entry: FileEntry = { ...first, content, writer: 'ybndrfg8ej' as DriveId }
  const at = 'file' as FolderPath
  await two.b.write([{ path: at, entry, before: null }], { at: 1234 })
  assert.deepEqual(JSON.parse(JSON.stringify(await two.b.get(at))), JSON.parse(JSON.stringify(entry)))
  await assert.rejects(two.b.write([{ path: at, entry: first, before: null }]), { code: 'DEFECT' })
})

test('a version is whole when the blocks that it needs in other drives are here', async () => {
  await using two = await twoWriters(null)
  const first = entryOf(await two.inA.storeFile(fileOf(randomBytes(300_000)), null), two.a)
  const content = await two.inB.refer(first)
  await two.b.write([{ path: 'x' as FolderPath, entry: { ...first, content }, before: null }])
  // The same drives as a device that writes neither opens them, with A's content missing at first.
  let heldOfA = 0
  const reader = await two.storage.openOther(two.b.key, null)
  reader.askOthers((drive) => (drive === two.a.id ? heldOfA : 0))
  await reader.start(0)
  assert.equal(reader.whole.db, 0)
  heldOfA = two.a.blobs?.contiguous ?? 0
  reader.recheck()
  await reader.settled()
  assert.equal(reader.whole.db, two.b.db.length)
  assert.deepEqual([...(reader.whole.needs ?? [])], [[two.a.id, content?.needs?.[two.a.id]]])
  await reader.close()
})

test('two drives that need each other become whole together', async () => {
  await using two = await twoWriters(null)
  const inA = entryOf(await two.inA.storeFile(fileOf(randomBytes(200_000)), null), two.a)
  const inB = entryOf(await two.inB.storeFile(fileOf(randomBytes(200_000)), null), two.b)
  await two.a.write([{ path: 'b' as FolderPath, entry: { ...inB, content: await two.inA.refer(inB) }, before: null }])
  await two.b.write([{ path: 'a' as FolderPath, entry: { ...inA, content: await two.inB.refer(inA) }, before: null }])
  const others = [await two.storage.openOther(two.a.key, null), await two.storage.openOther(two.b.key, null)]
  const unlink = linkDrives(others)
  for (const drive of others) await drive.start(0)
  for (const drive of others) await drive.settled()
  assert.deepEqual(
    others.map((d) => d.whole.db),
    others.map((d) => d.db.length),
  )
  unlink()
  for (const drive of others) await drive.close()
})

test('a map of parts that points outside its own log is damaged, one that points beyond another log waits for a peer', async () => {
  await using two = await twoWriters(null)
  const core = two.coreOf(two.b.id)
  for (const [drive, code] of [
    [two.b.id, 'DEFECT'],
    [two.a.id, 'NO_PEER'],
  ] as const) {
    const map = encodePartsMap([{ drive, index: 99, byteLength: 5 }])
    const blockOffset = await core.append(map)
    const range = { drive: two.b.id, byteOffset: 0, blockOffset, blockLength: 1, byteLength: map[0]?.byteLength ?? 0 }
    await assert.rejects(blocksOf(two.coreOf, { ...range, blockMap: false, parts: true, needs: {} }), { code })
  }
})

test('batches() gives history by what was written at once, with its time', async () => {
  await using two = await twoWriters(null)
  const stored = await two.inA.storeSmall(['1', '2', '3'].map((text) => Buffer.from(text)))
  const entries = stored.map((s) => entryOf(s, two.a))
  const put = (name: string, i: number) => ({ path: name as FolderPath, entry: entries[i] ?? null, before: null })
  await two.a.write([put('x', 0), put('y', 1)], { at: 1000 })
  const first = two.a.db.length
  await two.a.writeInfo({ title: 'T' })
  await two.a.write([put('z', 2)])
  const second = two.a.db.length
  await two.a.write([{ path: 'x' as FolderPath, entry: null, before: entries[0] ?? null }], { at: 3000 })
  const seen = []
  for await (const batch of two.a.batches(0, two.a.db.length))
    seen.push([batch.version, batch.at, batch.records.map((r) => `${r.path}${r.entry === null ? ' gone' : ''}`)])
  assert.deepEqual(seen, [
    [first, 1000, ['x', 'y']],
    [second, null, ['z']],
    [two.a.db.length, 3000, ['x gone']],
  ])
  const later = []
  for await (const batch of two.a.batches(first, second)) later.push(batch.version)
  assert.deepEqual(later, [second])
})

test('what was shown before stays shown while the content of a newer version is on its way', async () => {
  await using two = await twoWriters(null)
  const write = async (name: string, bytes: Uint8Array) => {
    const stored = await two.inA.storeFile(fileOf(bytes), null)
    const entry: FileEntry = {
      kind: 'file',
      size: stored.size,
      mtimeMs: 1,
      executable: false,
      hash: stored.hash,
      vector: { [two.a.id]: 1 },
      content: stored.content,
    }
    await two.a.write([{ path: name as FolderPath, entry, before: null }])
  }
  await write('old', randomBytes(1000))
  const shown = two.a.db.length
  const heldBlobs = two.a.blobs?.length ?? 0
  await write('new', randomBytes(MIB))
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-content-'))
  const state = await openState(path.join(dir, 'state'))
  const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
  try {
    const before = await storage.openOther(two.a.key, null)
    const take = async (from: LogCore | null, to: LogCore | null, length: number) => {
      assert.ok(from !== null && to !== null)
      await to.adoptManifest(from.raw.manifest)
      const [checkpoint] = (await from.checkpointsAfter(0, 100)).filter((c) => c.length === length)
      assert.ok(checkpoint !== undefined)
      await to.receive(0, await from.readRaw(0, length), checkpoint)
    }
    await take(two.a.db, before.db, two.a.db.length)
    await take(two.a.blobs, await before.ensureBlobs(), heldBlobs)
    await before.close()
    const copy = await storage.openOther(two.a.key, null)
    await copy.start(shown)
    assert.equal(copy.whole.db, shown)
    assert.equal((await copy.get('old' as FolderPath))?.kind, 'file')
    assert.equal(await copy.get('new' as FolderPath), null)
    await copy.close()
  } finally {
    await storage.close()
    await state.close()
    await rm(dir, { recursive: true, force: true })
  }
})
