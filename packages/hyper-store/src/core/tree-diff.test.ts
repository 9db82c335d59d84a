/** What differs between two states: complete, in order, and with renames told as such. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Entry, FolderPath } from './entries.ts'
import { comparePaths } from './paths.ts'
import { diffTrees, type PathPair } from './tree-diff.ts'

const at = (text: string) => text as FolderPath
const file = (hash: string, mtimeMs = 0): Entry => ({
  kind: 'file',
  size: hash.length,
  hash,
  executable: false,
  content: null,
  mtimeMs,
  vector: {},
})
const link = (target: string): Entry => ({ kind: 'symlink', target, mtimeMs: 0, vector: {} })

const entryArb = fc.oneof(
  fc.constantFrom('x', 'y', 'zz', '').map((hash) => file(hash)),
  fc.constantFrom('t', 'u').map((target) => link(target)),
)
const treeArb = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'e/f/g'), entryArb, { noNullPrototype: true })

function pairsOf(before: Record<string, Entry>, after: Record<string, Entry>): PathPair[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...paths].map((path) => ({ path: at(path), before: before[path] ?? null, after: after[path] ?? null }))
}

test('carrying out the changes on the one state gives the other', () => {
  fc.assert(
    fc.property(treeArb, treeArb, (before, after) => {
      const tree = new Map(Object.entries(before))
      const changes = diffTrees(pairsOf(before, after))
      for (const { op, path, from } of changes) {
        if (op === 'delete') tree.delete(path)
        if (from !== null) tree.delete(from)
      }
      for (const { path, after: entry } of changes) if (entry !== null) tree.set(path, entry)
      assert.deepEqual(Object.fromEntries([...tree].sort(byName)), Object.fromEntries(Object.entries(after).sort(byName)))
    }),
  )
})

test('there is no change between a state and itself, and changes come in path order', () => {
  fc.assert(
    fc.property(treeArb, treeArb, (before, after) => {
      assert.deepEqual(diffTrees(pairsOf(before, before)), [])
      const paths = diffTrees(pairsOf(before, after)).map(({ path }) => path)
      assert.deepEqual(paths, paths.toSorted(comparePaths))
    }),
  )
})

test('a rename has the same bytes on both sides, and each file is renamed once', () => {
  fc.assert(
    fc.property(treeArb, treeArb, (before, after) => {
      const renames = diffTrees(pairsOf(before, after)).filter(({ op }) => op === 'rename')
      assert.equal(new Set(renames.map(({ from }) => from)).size, renames.length)
      for (const { path, from, before: was, after: is } of renames) {
        assert.deepEqual(was, before[from ?? ''])
        assert.ok(was?.kind === 'file' && is?.kind === 'file' && was.hash === is.hash && was.size > 0)
        assert.equal(after[from ?? ''], undefined)
        assert.equal(before[path], undefined)
      }
    }),
  )
})

test('of equal files the one with the same name is the one that moved; empty files are not taken for each other', () => {
  const before = { 'a/one': file('x'), 'a/two': file('x'), 'a/empty': file('') }
  const after = { 'b/two': file('x'), 'b/one': file('x'), 'b/empty': file('') }
  assert.deepEqual(
    diffTrees(pairsOf(before, after)).map(({ op, path, from }) => [op, path, from]),
    [
      ['delete', 'a/empty', null],
      ['add', 'b/empty', null],
      ['rename', 'b/one', 'a/one'],
      ['rename', 'b/two', 'a/two'],
    ],
  )
})

test('a time alone is a change only when asked for', () => {
  const pairs = pairsOf({ a: file('x', 1) }, { a: file('x', 2) })
  assert.deepEqual(diffTrees(pairs), [])
  assert.equal(diffTrees(pairs, { times: true })[0]?.op, 'change')
})

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
