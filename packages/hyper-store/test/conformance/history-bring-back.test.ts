/** Bringing a folder back to an earlier state, on a real disk and in memory: all kinds, all swaps, and nothing lost on the way. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { Entry, FileEntry, FolderPath } from '../../src/core/entries.ts'
import { comparePaths, isBelow } from '../../src/core/paths.ts'
import { diffTrees } from '../../src/core/tree-diff.ts'
import { bringBack, type BringBackOptions } from '../../src/service/bring-back.ts'
import { readPast, type ReadableFolder } from '../../src/service/past-reading.ts'
import { openHomedSubject, openMemorySubject, scanAll, type DiskSubject } from './disk-subjects.ts'

const at = (text: string) => text as FolderPath
const MTIME = 1_600_000_000_000

/** A tree by path: text of a file, `-> target`, or null for an empty folder. */
type Tree = Readonly<Record<string, string | null>>

function entryOf(text: string | null): Entry {
  if (text === null) return { kind: 'folder', mtimeMs: 0, vector: {} }
  if (text.startsWith('-> ')) return { kind: 'symlink', target: text.slice(3), mtimeMs: 0, vector: {} }
  return {
    kind: 'file',
    size: Buffer.byteLength(text),
    mtimeMs: MTIME,
    executable: text.startsWith('#!'),
    hash: text,
    content: null,
    vector: {},
  }
}

function changesOf(before: Tree, after: Tree) {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)])
  const side = (tree: Tree, path: string) => (path in tree ? entryOf(tree[path] ?? null) : null)
  return diffTrees([...paths].map((path) => ({ path: at(path), before: side(before, path), after: side(after, path) })))
}

function optionsFor(subject: DiskSubject, after: Tree): BringBackOptions {
  return {
    disk: subject.folder,
    async *read(_path: FolderPath, entry: FileEntry) {
      yield Buffer.from(entry.hash)
    },
    // Half of the small contents are not here and are read one by one.
    readSmall: async (entries) => entries.map((entry, i) => (i % 2 === 0 ? Buffer.from(entry.hash) : null)),
    isFolder: async (path) => Object.keys(after).some((other) => (other === path ? after[other] === null : isBelow(at(other), path))),
    synced: null,
  }
}

/** Puts a tree on the disk by the hands of the user. */
function fill(subject: DiskSubject, tree: Tree): void {
  for (const path of Object.keys(tree).sort((a, b) => comparePaths(at(a), at(b)))) {
    const text = tree[path]
    if (text == null) subject.mkdir(path)
    else if (text.startsWith('-> ')) subject.symlink(path, text.slice(3))
    else subject.write(path, text)
  }
}

async function shown(subject: DiskSubject): Promise<Tree> {
  const tree: Record<string, string | null> = {}
  for (const [path, node] of await scanAll(subject.folder)) {
    if (node.kind === 'file') tree[path] = subject.read(path)
    else if (node.kind === 'symlink') tree[path] = `-> ${node.target}`
    else if (node.empty) tree[path] = null
  }
  return sorted(tree)
}

function sorted(tree: Tree): Tree {
  return Object.fromEntries(
    Object.keys(tree)
      .sort()
      .map((path) => [path, tree[path] ?? null]),
  )
}

const TREES: readonly Tree[] = [
  {},
  { a: 'one', 'd/b': 'two', 'd/e/c': 'three', link: '-> a', empty: null },
  { a: 'one, changed', 'd/b': 'two', new: 'n', 'd/e': 'a file now', link: '-> d/b' },
  { 'a/inside': 'a folder now', d: 'a file now', link: 'no link any more', 'empty/full': 'x' },
  { d: null, a: '-> empty', 'link/x': 'y', run: '#!/bin/sh' },
  { 'x/y/z/w': 'deep', 'x/y/v': 'less deep', d: '-> x' },
  Object.fromEntries(Array.from({ length: 1200 }, (_, i) => [`many/${i % 7}/${i}`, `number ${i}`])),
]

for (const [name, open] of [
  ['on disk', openHomedSubject],
  ['in memory', openMemorySubject],
] as const) {
  describe(`bringing back ${name}`, () => {
    test('gives the earlier state from any other, and all that was replaced or removed is in the trash', async () => {
      for (const before of TREES) {
        for (const after of TREES) {
          await using subject = await open()
          fill(subject, before)
          await subject.folder.rootState()
          const changes = changesOf(before, after)
          const failed = await bringBack(changes, optionsFor(subject, after))
          assert.deepEqual([...failed], [])
          assert.deepEqual(await shown(subject), sorted(after))
          const lost = changes.flatMap(({ op, path, from, before: was }) => {
            if (op === 'add' || was === null || was.kind === 'folder') return []
            return [from ?? path]
          })
          assert.deepEqual((await subject.trashed()).sort(), lost.sort())
        }
      }
    })

    test('changes nothing when some content can not be had', async () => {
      await using subject = await open()
      const [, before = {}, after = {}] = TREES
      fill(subject, before)
      await subject.folder.rootState()
      const options: BringBackOptions = {
        ...optionsFor(subject, after),
        readSmall: async (entries) => entries.map(() => null),
        async *read(path) {
          if (path === 'new') throw new AppError('VERSION_GONE', { what: path })
          yield Buffer.from('x')
        },
      }
      await assert.rejects(bringBack(changesOf(before, after), options), (error) => errorCode(error) === 'VERSION_GONE')
      assert.deepEqual(await shown(subject), sorted(before))
      assert.deepEqual(await subject.trashed(), [])
    })

    test('leaves what is not of the folder where it is, and says so', async () => {
      await using subject = await open()
      fill(subject, { 'd/known': 'x', 'd/ignored.tmp': 'nobody may touch this' })
      await subject.folder.rootState()
      const after = { d: 'a file' }
      const failed = await bringBack(changesOf({ 'd/known': 'x' }, after), optionsFor(subject, after))
      assert.deepEqual([...failed.keys()], ['d'])
      assert.equal(subject.read('d/ignored.tmp'), 'nobody may touch this')
    })
  })
}

test('content that this device let go is told as such, and only where versions are let go', async () => {
  const entry = entryOf('x') as FileEntry
  const folderOf = (retention: ReadableFolder['record']['retention']): ReadableFolder => ({
    record: { retention },
    drives: {
      drives: [],
      read: () => ({
        [Symbol.asyncIterator]: () => ({ next: async () => Promise.reject(new AppError('NO_PEER')) }),
      }),
    },
  })
  const codeOf = async (folder: ReadableFolder) => {
    try {
      for await (const _ of readPast(folder, entry, { what: '"a" in version 3' }));
      return 'read'
    } catch (error) {
      return errorCode(error)
    }
  }
  assert.equal(await codeOf(folderOf({ keep: 'all' })), 'NO_PEER')
  assert.equal(await codeOf(folderOf({ keep: 'versions', versions: 1 })), 'VERSION_GONE')
  assert.equal(await codeOf(folderOf({ keep: 'days', days: 3 })), 'VERSION_GONE')
})
