/** Conformance of the drives of a folder: every behaviour on real cores on disk, plain and encrypted, and on the twin in memory. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { FileEntry, FolderPath, LocalFile, VersionVector } from '../../src/core/entries.ts'
import { FileChanged, type FilePart, type FolderDrives, type OpenFile, type StoredContent } from '../../src/core/ports.ts'
import { openMemorySubject, openRealSubject, type DrivesSubject } from './folder-drives-subjects.ts'

const KIB = 1024
const MIB = 1024 * KIB
const at = (path: string) => path as FolderPath

/** Bytes that look random and are the same in every run. */
function content(size: number, seed: string): Buffer {
  const bytes = Buffer.alloc(size)
  const block = createHash('sha512').update(seed).digest()
  let state = block.readUInt32LE(0) | 1
  for (let i = 0; i + 4 <= size; i += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeInt32LE(state, i)
  }
  return bytes
}

let inodes = 1
/** An open file over bytes in memory; `change` is called before each read. */
function openBytes(bytes: Uint8Array, change?: () => void): OpenFile {
  let seen: LocalFile = { kind: 'file', size: bytes.byteLength, mtimeMs: 1000, ctimeMs: 1000, ino: inodes++, executable: false }
  const opened = seen
  return {
    seen: opened,
    async read(buffer, position) {
      if (change !== undefined) {
        change()
        seen = { ...seen, mtimeMs: seen.mtimeMs + 1 }
      }
      const part = bytes.subarray(position, position + buffer.byteLength)
      buffer.set(part)
      return part.byteLength
    },
    lookAgain: async () => seen,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function fileEntry(stored: StoredContent, vector: VersionVector, mtimeMs = 1000): FileEntry {
  return { kind: 'file', ...stored, mtimeMs, executable: false, vector }
}

/** Stores a file and puts it; gives the entry as the drives then tell it. */
async function put(drives: FolderDrives, path: string, bytes: Uint8Array, base: FileEntry | null = null): Promise<FileEntry> {
  const stored = await drives.storeFile(openBytes(bytes), base)
  const own = Object.keys(drives.version())[0] ?? ''
  await drives.commit([{ op: 'put', path: at(path), entry: fileEntry(stored, { [own]: 1 }) }])
  const entry = await drives.get(at(path))
  assert.equal(entry?.kind, 'file')
  return entry as FileEntry
}

async function readAll(drives: FolderDrives, entry: FileEntry, range?: { start: number; end: number }): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of drives.read(entry, range)) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = []
  for await (const value of values) all.push(value)
  return all
}

/** Puts a file together as the loop does. */
async function assemble(parts: readonly FilePart[], base: Uint8Array): Promise<{ bytes: Buffer; fromStore: number }> {
  const pieces: Uint8Array[] = []
  let length = 0
  let fromStore = 0
  for (const part of parts) {
    assert.equal(part.offset, length, 'parts follow each other')
    if (part.from === 'base') pieces.push(base.subarray(part.baseOffset, part.baseOffset + part.length))
    else {
      fromStore += part.length
      for await (const piece of part.read()) pieces.push(piece)
    }
    length += part.length
  }
  return { bytes: Buffer.concat(pieces), fromStore }
}

const subjects: readonly { name: string; open: () => Promise<DrivesSubject> }[] = [
  { name: 'in memory', open: openMemorySubject },
  { name: 'on disk', open: () => openRealSubject(null) },
  { name: 'on disk, encrypted', open: () => openRealSubject(randomBytes(32)) },
]

for (const { name, open } of subjects) {
  describe(`the drives of a folder ${name}`, () => {
    test('a committed file is told and read back whole and in ranges, by the writer and by a reader', async () => {
      await using subject = await open()
      const bytes = content(3 * MIB + 17, 'whole')
      const entry = await put(subject.writer, 'a/big.bin', bytes)
      assert.equal(entry.size, bytes.byteLength)
      const reader = await subject.reader()
      assert.equal(reader.writable, false)
      for (const drives of [subject.writer, reader]) {
        const told = await drives.get(at('a/big.bin'))
        assert.deepEqual(told, entry)
        assert.ok((await readAll(drives, entry)).equals(bytes))
        for (const [start, end] of [
          [0, 1],
          [70_000, 200_003],
          [bytes.byteLength - 5, bytes.byteLength],
        ] as const) {
          assert.ok((await readAll(drives, entry, { start, end })).equals(bytes.subarray(start, end)), `${start} to ${end}`)
        }
        assert.equal(await drives.get(at('a')), null)
      }
      await assert.rejects(reader.commit([]), { code: 'FORBIDDEN' })
      await assert.rejects(reader.storeSmall([]), { code: 'FORBIDDEN' })
    })

    test('small contents are stored together, each once, and an empty one needs nothing', async () => {
      await using subject = await open()
      const contents = [Buffer.from('one'), Buffer.alloc(0), Buffer.from('two'), Buffer.from('one')]
      const stored = await subject.writer.storeSmall(contents)
      assert.deepEqual(
        stored.map((s) => s.size),
        [3, 0, 3, 3],
      )
      assert.equal(stored[1]?.content, null)
      assert.deepEqual(stored[0], stored[3])
      const before = subject.contentBytes()
      assert.deepEqual(await subject.writer.storeSmall(contents), stored)
      assert.equal(subject.contentBytes(), before)
      for (const [i, s] of stored.entries())
        assert.ok((await readAll(subject.writer, fileEntry(s, {}))).equals(contents[i] ?? Buffer.alloc(1)))
    })

    test('every kind of entry comes back as it was written', async () => {
      await using subject = await open()
      const { writer } = subject
      const vector = { [subject.ids[0]]: 1 }
      const empty = await writer.storeFile(openBytes(Buffer.alloc(0)), null)
      const entries = {
        empty: fileEntry(empty, vector, 12.5),
        link: { kind: 'symlink', target: '../else/where', mtimeMs: 5, vector },
        'folder/of nothing': { kind: 'folder', mtimeMs: 0, vector },
        'tool.sh': { ...fileEntry(empty, vector), executable: true },
      } as const
      await writer.commit(Object.entries(entries).map(([path, entry]) => ({ op: 'put', path: at(path), entry })))
      const reader = await subject.reader()
      for (const drives of [writer, reader]) {
        for (const [path, entry] of Object.entries(entries)) assert.deepEqual(await drives.get(at(path)), entry, path)
        const walked = await collect(drives.entries())
        assert.deepEqual(walked.map((c) => c.path).sort(), Object.keys(entries).sort())
        assert.equal((await readAll(drives, entries.empty)).byteLength, 0)
        assert.deepEqual(await drives.parts(entries.empty, null), [])
      }
    })

    test('a commit is one version; changes since a version come once each with the entry now', async () => {
      await using subject = await open()
      const { writer } = subject
      const before = writer.version()
      const one = await put(writer, 'one', Buffer.from('1'))
      const middle = await writer.commit([{ op: 'put', path: at('two'), entry: one }])
      const after = await writer.commit([
        { op: 'put', path: at('one'), entry: { ...one, mtimeMs: 77 } },
        { op: 'delete', path: at('two'), tombstone: { vector: { [subject.ids[0]]: 2 }, mtimeMs: 78 } },
        { op: 'put', path: at('dir'), entry: { kind: 'folder', mtimeMs: 0, vector: { [subject.ids[0]]: 1 } } },
      ])
      assert.deepEqual(after, writer.version())
      const since = async (from: Parameters<FolderDrives['changesSince']>[0]) =>
        Object.fromEntries((await collect(writer.changesSince(from))).map((c) => [c.path, c.entry === null ? null : c.entry.mtimeMs]))
      assert.deepEqual(await since(middle), { one: 77, two: null, dir: 0 })
      assert.deepEqual(await since(before), { one: 77, two: null, dir: 0 })
      assert.deepEqual(await since({}), { one: 77, two: null, dir: 0 })
      assert.deepEqual(await since(after), {})
      assert.equal(await writer.get(at('two')), null)
    })

    test('a path changes between file, link and empty folder, and only the last is told', async () => {
      await using subject = await open()
      const { writer } = subject
      const file = await put(writer, 'x', Buffer.from('file'))
      const v = { [subject.ids[0]]: 2 }
      for (const entry of [
        { kind: 'folder', mtimeMs: 0, vector: v },
        { kind: 'symlink', target: 't', mtimeMs: 1, vector: v },
        file,
      ] as const) {
        const from = writer.version()
        const before = await writer.get(at('x'))
        await writer.commit([{ op: 'put', path: at('x'), entry, before: before as FileEntry }])
        assert.deepEqual(await writer.get(at('x')), entry)
        assert.deepEqual(await collect(writer.changesSince(from)), [{ path: 'x', entry }])
        assert.deepEqual(await collect(writer.entries()), [{ path: 'x', entry }])
      }
    })

    test(
      'an edit of 1 MiB in 64 MiB adds less than 2.5 MiB, and a base gives the cuts of a fresh import',
      { timeout: 120_000 },
      async () => {
        await using subject = await open()
        const { writer } = subject
        const bytes = content(64 * MIB, 'large')
        const base = await put(writer, 'large', bytes)
        const edited = Buffer.from(bytes)
        content(MIB, 'edit').copy(edited, 20 * MIB + 123)
        const first = subject.contentBytes()
        const withBase = await writer.storeFile(openBytes(edited), base)
        const added = subject.contentBytes() - first
        assert.ok(added < 2.5 * MIB, `${added} bytes were added`)
        await using other = await open()
        const fresh = await other.writer.storeFile(openBytes(edited), null)
        assert.equal(withBase.hash, fresh.hash)
        const entry = fileEntry(withBase, {})
        const parts = await writer.parts(entry, base)
        const { bytes: assembled, fromStore } = await assemble(parts, bytes)
        assert.ok(assembled.equals(edited))
        assert.ok(fromStore < 2.5 * MIB, `${fromStore} bytes are fetched`)
      },
    )

    test('bytes inserted or removed move the rest without storing it again', async () => {
      await using subject = await open()
      const { writer } = subject
      const bytes = content(8 * MIB, 'moving')
      const base = await put(writer, 'f', bytes)
      for (const edited of [
        Buffer.concat([bytes.subarray(0, 3 * MIB), Buffer.from('inserted'), bytes.subarray(3 * MIB)]),
        Buffer.concat([bytes.subarray(0, MIB), bytes.subarray(MIB + 5000)]),
        Buffer.concat([Buffer.from('before'), bytes]),
        bytes.subarray(0, 5 * MIB + 7),
      ]) {
        const before = subject.contentBytes()
        const stored = await writer.storeFile(openBytes(edited), base)
        const added = subject.contentBytes() - before
        assert.ok(added < MIB, `${added} bytes were added`)
        assert.equal(stored.hash, (await writer.storeFile(openBytes(edited), null)).hash)
        assert.ok((await readAll(writer, fileEntry(stored, {}))).equals(edited))
        assert.ok((await assemble(await writer.parts(fileEntry(stored, {}), base), bytes)).bytes.equals(edited))
      }
    })

    test('known content is not stored twice: a copy, a rename and the same file again add nothing', async () => {
      await using subject = await open()
      const { writer } = subject
      const bytes = content(2 * MIB, 'copy')
      const entry = await put(writer, 'original', bytes)
      const before = subject.contentBytes()
      const again = await writer.storeFile(openBytes(bytes), null)
      assert.deepEqual(
        { content: again.content, hash: again.hash, size: again.size },
        { content: entry.content, hash: entry.hash, size: entry.size },
      )
      await writer.commit([
        { op: 'put', path: at('renamed'), entry },
        { op: 'delete', path: at('original'), tombstone: { vector: {}, mtimeMs: 0 } },
      ])
      assert.equal(subject.contentBytes(), before)
      const moved = await writer.get(at('renamed'))
      assert.ok(moved?.kind === 'file' && (await readAll(writer, moved)).equals(bytes))
    })

    test('a file that grows step by step adds little more than its bytes', { timeout: 60_000 }, async () => {
      await using subject = await open()
      const { writer } = subject
      const bytes = content(16 * MIB, 'growing')
      let base: FileEntry | null = null
      for (let size = MIB; size <= bytes.byteLength; size += MIB) base = await put(writer, 'log', bytes.subarray(0, size), base)
      const share = subject.contentBytes() / bytes.byteLength
      assert.ok(share < 1.2, `${share.toFixed(2)} times the bytes of the file`)
      assert.ok(base !== null && (await readAll(writer, base)).equals(bytes))
    })

    test('a file that changes while it is read, or ends early, is refused', async () => {
      await using subject = await open()
      const { writer } = subject
      for (const size of [1000, 3 * MIB]) {
        const bytes = content(size, 'changing')
        await assert.rejects(
          writer.storeFile(
            openBytes(bytes, () => bytes.fill(1)),
            null,
          ),
          FileChanged,
        )
        const short: OpenFile = { ...openBytes(bytes), seen: { ...openBytes(bytes).seen, size: size + 10 } }
        await assert.rejects(writer.storeFile(short, null), FileChanged)
      }
    })

    test('a stopped import ends with its signal, and goes on with what it has', async () => {
      await using subject = await open()
      const { writer } = subject
      const bytes = content(20 * MIB, 'stopped')
      const stop = new AbortController()
      let told = 0
      await assert
        .rejects(
          writer.storeFile(openBytes(bytes), null, {
            signal: stop.signal,
            onBytes: (n) => {
              told += n
              stop.abort(new Error('enough'))
            },
          }),
        )
        .catch((error: unknown) => assert.ok(told >= bytes.byteLength, String(error)))
      const entry = await put(writer, 'f', bytes)
      assert.ok((await readAll(writer, entry)).equals(bytes))
      assert.ok(subject.contentBytes() < 1.02 * bytes.byteLength)
    })

    test('two drives: a deletion is a tombstone that hides the other version, and an edit beats it', async () => {
      await using subject = await open()
      const { writer } = subject
      const [a, b] = subject.ids
      const second = await subject.second()
      const stored = (await second.writer.storeSmall([Buffer.from('text')]))[0]
      assert.ok(stored !== undefined)
      const entry = fileEntry(stored, { [b]: 1 })
      await second.writer.commit([{ op: 'put', path: at('f'), entry }])
      await second.exchange()
      const shared = second.first
      assert.deepEqual(await shared.get(at('f')), entry)
      await shared.commit([{ op: 'delete', path: at('f'), tombstone: { vector: { [a]: 1, [b]: 1 }, mtimeMs: 9 } }])
      await second.exchange()
      for (const drives of [shared, second.writer]) {
        assert.deepEqual(await drives.get(at('f')), { kind: 'tombstone', vector: { [a]: 1, [b]: 1 }, mtimeMs: 9 })
        const walked = await collect(drives.entries())
        assert.deepEqual(
          walked.map((c) => [c.path, c.entry?.kind]),
          [['f', 'tombstone']],
        )
      }
      const edit = { ...entry, mtimeMs: 20, vector: { [b]: 2 } }
      const from = shared.version()
      await second.writer.commit([{ op: 'put', path: at('f'), entry: edit }])
      await second.exchange()
      // The edit is told to have seen the deletion, which it beats anyway.
      const told = { ...edit, vector: { [a]: 1, [b]: 2 } }
      assert.deepEqual(await shared.get(at('f')), told)
      assert.deepEqual(
        (await collect(shared.changesSince(from))).map((c) => c.entry),
        [told],
      )
      assert.ok((await readAll(shared, edit)).equals(Buffer.from('text')))
      assert.equal(writer.writable, true)
    })
  })
}
