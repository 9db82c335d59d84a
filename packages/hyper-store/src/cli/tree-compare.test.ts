/** Tests of comparing trees. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowedChanges, asPathChange, compareTrees, pairRenames } from './tree-compare.ts'
import type { Tree, TreeEntry } from './tree-compare.ts'

const ALL = { add: true, overwrite: true, delete: true }
const file = (path: string, size: number, mtimeMs: number | null = 1000, executable: boolean | null = false): TreeEntry => ({
  path,
  kind: 'file',
  size,
  mtimeMs,
  executable,
  target: null,
})
const folder = (path: string): TreeEntry => ({ ...file(path, 0, null, null), kind: 'folder' })
const symlink = (path: string, target: string): TreeEntry => ({ ...file(path, 0, null, null), kind: 'symlink', target })
const tree = (...entries: TreeEntry[]): Tree => new Map(entries.map((entry) => [entry.path, entry]))
const words = (changes: readonly { op: string; path: string; from: string | null }[]) =>
  changes.map(({ op, path, from }) => [op, ...(from === null ? [] : [from]), path].join(' '))

test('compareTrees() tells what is new, gone and changed, by path', () => {
  const changes = compareTrees(tree(file('b', 1), file('new', 5), file('same', 3)), tree(file('b', 2), file('gone', 4), file('same', 3)))
  assert.deepEqual(words(changes), ['change b', 'delete gone', 'add new'])
  assert.ok(changes.every(({ certain }) => certain))
})

test('compareTrees() takes files of one size and time as the same, to the millisecond, and doubts those of another time', () => {
  assert.deepEqual(compareTrees(tree(file('a', 1, 1000.7)), tree(file('a', 1, 1000))), [])
  const [doubt] = compareTrees(tree(file('a', 1, 2000)), tree(file('a', 1, 1000)))
  assert.deepEqual([doubt?.op, doubt?.certain], ['change', false])
  const [unknown] = compareTrees(tree(file('a', 1, null)), tree(file('a', 1, 1000)))
  assert.equal(unknown?.certain, false)
  const [mode] = compareTrees(tree(file('a', 1, 1000, true)), tree(file('a', 1, 1000, false)))
  assert.deepEqual([mode?.op, mode?.certain], ['change', true])
  assert.deepEqual(compareTrees(tree(file('a', 1, 1000, true)), tree(file('a', 1, 1000, null))), [])
})

test('compareTrees() counts folders where they are empty, and symlinks by their target', () => {
  const source = tree(folder('full'), file('full/a', 1), folder('empty'), symlink('to', 'a'))
  assert.deepEqual(words(compareTrees(source, tree())), ['add empty', 'add full/a', 'add to'])
  assert.deepEqual(words(compareTrees(tree(), source)), ['delete empty', 'delete full/a', 'delete to'])
  assert.deepEqual(words(compareTrees(source, tree(file('full/a', 1), folder('empty'), symlink('to', 'b')))), ['change to'])
  assert.deepEqual(compareTrees(tree(file('x/a', 1)), tree(folder('x'), file('x/a', 1))), [])
})

test('compareTrees() clears what stands in the way of another kind first', () => {
  assert.deepEqual(words(compareTrees(tree(file('x', 1)), tree(folder('x'), file('x/y', 1)))), ['add x', 'delete x/y'])
  assert.deepEqual(words(compareTrees(tree(file('x', 1)), tree(folder('x')))), ['delete x', 'add x'])
  assert.deepEqual(words(compareTrees(tree(folder('x'), file('x/y', 1)), tree(file('x', 1)))), ['delete x', 'add x/y'])
  assert.deepEqual(words(compareTrees(tree(folder('x')), tree(symlink('x', '/etc')))), ['delete x', 'add x'])
})

test('pairRenames() finds a file that came back elsewhere, and guesses nothing', () => {
  const pairs = (source: Tree, target: Tree) => words(pairRenames(compareTrees(source, target)))
  assert.deepEqual(pairs(tree(file('new', 5, 77)), tree(file('old', 5, 77.4))), ['rename old new'])
  assert.deepEqual(pairs(tree(file('new', 5, 79)), tree(file('old', 5, 77))), ['add new', 'delete old'])
  assert.deepEqual(pairs(tree(file('new', 5, 78.2)), tree(file('old', 5, 77.9999))), ['rename old new'])
  assert.deepEqual(pairs(tree(file('n', 5), file('m', 5)), tree(file('old', 5))), ['add m', 'add n', 'delete old'])
  assert.deepEqual(pairs(tree(file('new', 0)), tree(file('old', 0))), ['add new', 'delete old'])
})

test('allowedChanges() leaves out what is not wanted, and what can only be done with it', () => {
  const changes = compareTrees(tree(file('a', 1), file('b', 1), file('x/y', 1)), tree(file('b', 2), file('c', 3), file('x', 9)))
  assert.deepEqual(words(allowedChanges(changes, ALL)), ['add a', 'change b', 'delete c', 'delete x', 'add x/y'])
  assert.deepEqual(words(allowedChanges(changes, { ...ALL, add: false })), ['change b', 'delete c', 'delete x'])
  assert.deepEqual(words(allowedChanges(changes, { ...ALL, overwrite: false })), ['add a', 'delete c', 'delete x', 'add x/y'])
  assert.deepEqual(words(allowedChanges(changes, { ...ALL, delete: false })), ['add a', 'change b'])
  const over = compareTrees(tree(file('x', 1)), tree(file('x/y', 1)))
  assert.deepEqual(words(allowedChanges(over, { ...ALL, delete: false })), [])
})

test('asPathChange() gives sizes of files alone, and a slash to folders', () => {
  const [one] = compareTrees(tree(folder('x')), tree())
  assert.deepEqual(one === undefined ? null : asPathChange(one), { op: 'add', path: 'x/', from: null, sizeBefore: null, sizeAfter: null })
  const [two] = compareTrees(tree(file('a', 4)), tree(file('a', 3)))
  assert.deepEqual(two === undefined ? null : asPathChange(two), { op: 'change', path: 'a', from: null, sizeBefore: 3, sizeAfter: 4 })
})
