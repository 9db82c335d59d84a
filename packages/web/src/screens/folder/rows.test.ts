/** How entries become rows in order. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ThingEntry } from '@hyper-store/client'
import { assert as holds, property, string } from 'fast-check'
import { changedChildren, freeName, joinPath, nameOf, orderOf, parentOf, rowOf, rowsOf, sortRows, withChanges } from './rows.ts'

const file = (path: string, size = 1, mtimeMs = 0): ThingEntry => ({ path, kind: 'file', size, mtimeMs, etag: `${path}${size}` })
const folder = (path: string): ThingEntry => ({ path, kind: 'folder', size: 0, mtimeMs: null })
const names = (entries: readonly ThingEntry[], by: 'name' | 'size' | 'time' = 'name', down = false) =>
  sortRows(entries.map(rowOf), { by, down }).map(({ name }) => name)

test('names go by number, without case and accents, folders first', () => {
  assert.deepEqual(names([file('img10'), file('img9'), file('Img1'), folder('z'), file('Äpfel'), file('banane'), folder('B')]), [
    'B',
    'z',
    'Äpfel',
    'banane',
    'Img1',
    'img9',
    'img10',
  ])
})

test('sizes and times go up and down, equal ones by name', () => {
  const entries = [file('b', 5, 1), file('a', 5, 3), file('c', 1, 2), folder('x')]
  assert.deepEqual(names(entries, 'size'), ['x', 'c', 'a', 'b'])
  assert.deepEqual(names(entries, 'time', true), ['x', 'a', 'c', 'b'])
})

test('two different names never have the same order', () => {
  holds(
    property(string(), string(), (a, b) => {
      assert.equal(orderOf(a) === orderOf(b), a === b)
    }),
  )
})

test('100,000 names are put in order', () => {
  const rows = Array.from({ length: 100_000 }, (_, n) => rowOf(file(`photo ${(n * 7919) % 100_000}.jpg`)))
  assert.equal(sortRows(rows, { by: 'name', down: false })[99_999]?.name, 'photo 99999.jpg')
})

test('changes move rows along, and what did not change stays the same object', () => {
  const rows = [file('a'), file('b'), file('c')].map(rowOf)
  const next = withChanges(
    rows,
    new Map([
      ['a', file('a')],
      ['b', null],
      ['c', file('c', 9)],
      ['d', file('d')],
    ]),
  )
  assert.deepEqual(
    next.map(({ path, entry }) => [path, entry.size]),
    [
      ['a', 1],
      ['c', 9],
      ['d', 1],
    ],
  )
  assert.equal(next[0], rows[0])
  assert.equal(withChanges(rows, new Map([['a', file('a')]])), rows)
  const again = rowsOf([file('a'), file('b', 2)], new Map(rows.map((row) => [row.path, row])))
  assert.deepEqual([again[0] === rows[0], again[1] === rows[1]], [true, false])
})

test('a change below a folder is a change of that folder', () => {
  assert.deepEqual([...changedChildren('', ['a/b/c', 'd'])], ['a', 'd'])
  assert.deepEqual([...changedChildren('a', ['a/b/c', 'a/x', 'ab/c', 'd', 'a'])], ['a/b', 'a/x'])
})

test('paths are taken apart and joined, and a free name keeps its ending', () => {
  assert.deepEqual(
    [nameOf('a/b'), nameOf('b'), parentOf('a/b'), parentOf('b'), joinPath('', 'x'), joinPath('a', 'x')],
    ['b', 'b', 'a', '', 'x', 'a/x'],
  )
  const taken = new Set(['a (2).txt', '.rc (2)'])
  assert.deepEqual([freeName('a.txt', (name) => taken.has(name)), freeName('.rc', (name) => taken.has(name))], ['a (3).txt', '.rc (3)'])
})
