/** What becomes of names that are taken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clashesOf, settle } from './clashes.ts'

const file = (path: string) => ({ path, file: new File(['x'], 'x') })
const taken = new Map([
  ['a.txt', 'file'],
  ['a (2).txt', 'file'],
  ['d', 'folder'],
  ['d/b.txt', 'file'],
] as const)
const paths = (entries: readonly { path: string }[]) => entries.map(({ path }) => path)

test('only files whose very path is taken clash; folders go together', () => {
  assert.deepEqual(paths(clashesOf([file('a.txt'), file('c'), file('d/b.txt'), file('d/c'), { path: 'd', file: null }], taken)), [
    'a.txt',
    'd/b.txt',
  ])
})

test('both keeps the old one and finds a free name, skip leaves out, replace replaces files only', () => {
  const entries = [file('a.txt'), file('new'), file('d/b.txt')]
  assert.deepEqual(paths(settle(entries, taken, 'both')), ['a (3).txt', 'new', 'd/b (2).txt'])
  assert.deepEqual(paths(settle(entries, taken, 'skip')), ['new'])
  assert.deepEqual(paths(settle(entries, taken, 'replace')), ['a.txt', 'new', 'd/b.txt'])
  assert.deepEqual(paths(settle([file('d')], taken, 'replace')), ['d (2)'])
})
