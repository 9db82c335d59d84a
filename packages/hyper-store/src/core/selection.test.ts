/** The list of what is left out: its one form, hostile input, and which paths it covers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { FolderPath } from './entries.ts'
import { createSelection, parseExclude } from './selection.ts'

const p = (text: string) => text as FolderPath

test('parseExclude() gives a list its one form', () => {
  assert.deepEqual(parseExclude([]), [])
  assert.deepEqual(parseExclude(['b/', './a', 'a/x', 'b', 'a-b', './/c//']), ['a', 'a-b', 'b', 'c'])
  assert.deepEqual(parseExclude(['a/b/c', 'a/b', 'a']), ['a'])
})

test('parseExclude() refuses what is no sub-folder, naming it', () => {
  for (const bad of [
    '',
    '/',
    '.',
    './',
    '..',
    '../a',
    'a/../b',
    '/etc',
    'a//b',
    'a\0b',
    '\ud800',
    'x'.repeat(5000),
    '.hyper-store',
    '.HYPER-store/x',
  ]) {
    assert.throws(() => parseExclude(['fine', bad]), { code: 'BAD_REQUEST' }, JSON.stringify(bad.slice(0, 20)))
  }
  assert.throws(() => parseExclude(Array.from({ length: 1001 }, (_, n) => `f${n}`)), { code: 'BAD_REQUEST' })
  assert.throws(() => parseExclude(['../a']), { message: /"\.\.\/a" is no sub-folder/ })
})

test('isExcluded() covers a sub-folder and all below it, and no name that only begins like it', () => {
  const selection = createSelection(['a/b', 'c'])
  const isExcluded = (path: FolderPath) => selection.isExcluded(path)
  const holdsExcluded = (path: FolderPath) => selection.holdsExcluded(path)
  for (const path of ['a/b', 'a/b/x', 'a/b/x/y', 'c', 'c/d']) assert.ok(isExcluded(p(path)), path)
  for (const path of ['a', 'a/bc', 'a/c', 'b', 'cc', 'C', 'd/c']) assert.ok(!isExcluded(p(path)), path)
  assert.ok(holdsExcluded(p('a')))
  for (const path of ['a/b', 'c', 'd']) assert.ok(!holdsExcluded(p(path)), path)
})

test('on a disk that ignores case, so does the selection', () => {
  const selection = createSelection(['Raw/\u00dcber'], { caseInsensitive: true })
  assert.ok(selection.isExcluded(p('raw/u\u0308ber/x')))
  assert.ok(!createSelection(['Raw/\u00dcber']).isExcluded(p('raw/\u00dcber/x')))
})

test('a stored list that was damaged leaves out what is still a path, and throws nothing', () => {
  assert.deepEqual(createSelection(['../x', '', 'a', 'a/b', '/']).excluded, ['a'])
})

test('parseExclude() is stable, and no input gets past it but as paths', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 8 }), { maxLength: 6 }), (list) => {
      let first: FolderPath[]
      try {
        first = parseExclude(list)
      } catch {
        return
      }
      assert.deepEqual(parseExclude(first), first)
      const selection = createSelection(first)
      for (const path of first) assert.ok(selection.isExcluded(path))
    }),
  )
})
