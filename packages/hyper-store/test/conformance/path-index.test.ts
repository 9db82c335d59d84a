/** Conformance of the path index: the real table, on disk and in its database in memory, and the twin of the tests. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { DriveId, FolderPath } from '../../src/core/entries.ts'
import { MergedTree } from '../../src/core/merged-tree.ts'
import type { PathIndex, PathTable, PathWrite } from '../../src/core/path-index.ts'
import { openState } from '../../src/state/state.ts'
import { createMemoryPathIndex } from '../fixtures/memory-paths.ts'

interface Subject extends AsyncDisposable {
  readonly index: PathIndex
  /** Of another folder, in the same place. */
  readonly other: PathIndex
}

const subjects: readonly { name: string; open: () => Promise<Subject> }[] = [
  {
    name: 'twin',
    open: async () => ({ index: createMemoryPathIndex(), other: createMemoryPathIndex(), [Symbol.asyncDispose]: async () => undefined }),
  },
  { name: 'database in memory', open: () => openReal(null) },
  { name: 'database on disk', open: async () => openReal(await mkdtemp(path.join(tmpdir(), 'hyper-store-index-'))) },
]

async function openReal(dir: string | null): Promise<Subject> {
  const state = await openState(dir)
  return {
    index: state.paths('first'),
    other: state.paths('second'),
    async [Symbol.asyncDispose]() {
      await state.close()
      if (dir !== null) await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function keys(index: PathIndex, table: PathTable, after?: string): Promise<string[]> {
  const found: string[] = []
  for await (const [key] of index.rows(table, { after })) found.push(key)
  return found
}
const put = (table: PathTable, key: string, row: readonly unknown[] | null): PathWrite => ({ table, key, row })

for (const { name, open } of subjects) {
  describe(`path index: ${name}`, () => {
    test('rows come back as they were written, table by table and folder by folder', async () => {
      await using subject = await open()
      const row = [1, 'two', null, { three: [3.5] }, [[]]]
      await subject.index.write([put('path', 'a', row), put('name', 'a', [0]), put('meta', '', ['m']), put('path', 'gone', null)])
      await subject.other.write([put('path', 'a', ['other'])])
      assert.deepEqual(await subject.index.getMany('path', ['b', 'a', 'gone']), [null, row, null])
      assert.deepEqual(await subject.index.getMany('name', ['a']), [[0]])
      assert.deepEqual(await subject.index.getMany('meta', ['']), [['m']])
      assert.deepEqual(await subject.index.getMany('folder', ['a']), [null])
      assert.deepEqual(await subject.index.getMany('path', []), [])
    })

    test('rows are in order of UTF-8 bytes, after a key or from the start', async () => {
      await using subject = await open()
      const names = ['a', 'a!b', 'a"', 'a/b', 'a-b', 'é', '\uffff', '\u{1f600}', 'z', 'folder!path!x']
      const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      await subject.index.write(names.map((key) => put('path', key, [key])))
      await subject.index.write([put('name', 'b', []), put('conflict', 'c', [])])
      assert.deepEqual(await keys(subject.index, 'path'), sorted)
      for (const [i, key] of sorted.entries()) assert.deepEqual(await keys(subject.index, 'path', key), sorted.slice(i + 1), key)
    })

    test('the last write to a key counts, and a walk sees what was there when it began', async () => {
      await using subject = await open()
      await subject.index.write([
        put('path', 'a', [1]),
        put('path', 'a', null),
        put('path', 'b', null),
        put('path', 'b', [2]),
        put('path', 'c', [3]),
      ])
      const seen: string[] = []
      for await (const [key] of subject.index.rows('path')) {
        seen.push(key)
        await subject.index.write([put('path', 'd', [4]), put('path', 'c', null)])
      }
      assert.deepEqual(seen, ['b', 'c'])
      assert.deepEqual(await keys(subject.index, 'path'), ['b', 'd'])
    })

    test('clear() forgets one folder whole', async () => {
      await using subject = await open()
      for (const index of [subject.index, subject.other])
        await index.write([put('path', 'a', [1]), put('meta', '', [1]), put('change', '1', [])])
      await subject.index.clear()
      for (const table of ['path', 'meta', 'change'] as const) assert.deepEqual(await keys(subject.index, table), [])
      assert.deepEqual(await keys(subject.other, 'path'), ['a'])
    })

    test('a tree goes on where it was, and forgets the older changes when there are too many', async () => {
      await using subject = await open()
      const drive = 'aaaaaaaaaa' as DriveId
      const tree = await MergedTree.open(subject.index, 7)
      await tree.setDrives([{ drive, writer: drive, device: 'desk' }])
      const many = (mtimeMs: number) =>
        Array.from({ length: 20_000 }, (_, i) => [`d/${i}` as FolderPath, { kind: 'folder', mtimeMs, vector: { [drive]: 1 } }] as const)
      const first = tree.change
      for (const time of [1, 2, 3]) await tree.apply({ drive, length: time, records: many(time) })
      const again = await MergedTree.open(subject.index, 8)
      assert.equal(again.life, 7)
      assert.equal(again.lengths.get(drive), 3)
      assert.equal(await again.changedSince(first), null)
      assert.equal((await again.changedSince(again.change - 20))?.size, 20_000)
      assert.deepEqual(await again.changedSince(again.change), new Set())
      assert.equal((await again.get(at('d/77')))?.entry.mtimeMs, 3)
    })
  })
}

function at(text: string): FolderPath {
  return text as FolderPath
}
