/** Tests of names for versions that give way. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { FolderPath } from './entries.ts'
import { conflictName, keptName, readConflictName, settledName } from './kept-names.ts'
import { parsePath } from './paths.ts'

const AT = Date.UTC(2026, 10, 22, 10, 32)
const name = (path: string, device = 'laptop') => conflictName(path as FolderPath, device, AT)

test('conflictName() puts device and minute before the extension', () => {
  assert.equal(name('a/photo.jpg'), 'a/photo (conflict laptop 2026-11-22 10-32).jpg')
  assert.equal(name('.profile'), '.profile (conflict laptop 2026-11-22 10-32)')
  assert.equal(name('archive.tar.gz'), 'archive.tar (conflict laptop 2026-11-22 10-32).gz')
  assert.equal(name('a.this is no extension at all'), 'a.this is no extension at all (conflict laptop 2026-11-22 10-32)')
  assert.equal(keptName('x' as FolderPath, 'laptop', AT, 2), 'x (kept laptop 2026-11-22 10-32 2)')
})

test('conflictName() keeps out of the name what a device is called to do harm', () => {
  assert.equal(name('a/x', '../../etc\0\u0007'), 'a/x (conflict .. .. etc 2026-11-22 10-32)')
  assert.equal(name('x', '\ud800'), 'x (conflict device 2026-11-22 10-32)')
  assert.equal(conflictName('x' as FolderPath, 'd', Number.NaN), 'x (conflict d 1970-01-01 00-00)')
})

test('names that are cut, or go to a folder above, stay apart', () => {
  const long = 'n'.repeat(250)
  assert.notEqual(name(`${long}1`), name(`${long}2`))
  const deep = `${'d/'.repeat(2000)}x`
  assert.notEqual(name(`${deep}/a`), name(`${deep}/b/a`))
  assert.equal(name('photo.jpg').includes('~'), false)
})

test('readConflictName() finds the file that a name was made for, and nothing in other names', () => {
  for (const path of ['a/photo.jpg', '.profile', 'archive.tar.gz', 'a b', 'x (conflict y).txt']) {
    for (const attempt of [1, 12]) {
      const made = conflictName(path as FolderPath, 'my laptop', AT, attempt)
      assert.deepEqual(readConflictName(made), { path, device: 'my laptop' }, made)
    }
    assert.equal(readConflictName(settledName(path as FolderPath, 'laptop', AT)), null)
    assert.equal(readConflictName(keptName(path as FolderPath, 'laptop', AT)), null)
    assert.equal(readConflictName(path as FolderPath), null)
  }
})

test('conflictName() is a path that every disk takes, for every path and device', () => {
  const segmentArb = fc
    .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }), fc.constantFrom(1, 20, 60))
    .map(([text, times]) => text.repeat(times))
    .filter((text) => !text.includes('/') && parsePath(text) !== null)
  const pathArb = fc.array(segmentArb, { minLength: 1, maxLength: 20 }).map((segments) => parsePath(segments.join('/')))
  fc.assert(
    fc.property(
      pathArb.filter((path) => path !== null),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1, max: 999 }),
      (path, device, attempt) => {
        const made = conflictName(path, device, AT, attempt)
        assert.equal(parsePath(made), made)
        assert.notEqual(made, path)
      },
    ),
  )
})
