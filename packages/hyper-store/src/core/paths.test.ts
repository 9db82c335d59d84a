/** Tests of paths: what is refused at the border, and that folders are compared by segments. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { FolderPath } from './entries.ts'
import { ancestorsOf, caseKey, comparePaths, isBelow, joinPath, nameOf, parentOf, parsePath, parseRemotePath, utf8Length } from './paths.ts'

const segmentArb = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((text) => parsePath(text) !== null && !text.includes('/'))
const pathArb = fc.array(segmentArb, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('/') as FolderPath)

test('parsePath() refuses what is no path inside a folder', () => {
  const refused = ['', '/', '/etc/passwd', '.', '..', '../x', 'a/..', 'a/../b', './a', 'a/.', 'a//b', 'a/', 'a\0b', '\ud800', 'a/\udc00b']
  for (const text of refused) assert.equal(parsePath(text), null, JSON.stringify(text))
})

test('parsePath() keeps names that only look odd', () => {
  for (const text of ['a', '...', '.hidden', 'a\\b', 'C:', 'con', 'a b', 'ä/ö', '😀', '-rf', ' ', '\n']) assert.equal(parsePath(text), text)
})

test('parsePath() takes 255 bytes a segment and 4,096 bytes in all, counted in UTF-8', () => {
  assert.notEqual(parsePath('x'.repeat(255)), null)
  assert.equal(parsePath('x'.repeat(256)), null)
  assert.notEqual(parsePath('ä'.repeat(127)), null)
  assert.equal(parsePath('ä'.repeat(128)), null)
  assert.equal(parsePath('😀'.repeat(64)), null)
  const long = Array.from({ length: 16 }, () => 'x'.repeat(255)).join('/')
  assert.equal(long.length, 4095)
  assert.notEqual(parsePath(long), null)
  assert.equal(parsePath(`${long}/y`), null)
})

test('parseRemotePath() refuses the private folder in any spelling that a disk may take for it', () => {
  for (const text of ['.hyper-store', '.hyper-store/x', '/.hyper-store/x', '.HYPER-Store/x', '.hyper\u200b-store', '\ufeff.hyper-store/x'])
    assert.equal(parseRemotePath(text), null, text)
  assert.equal(parseRemotePath('a/.hyper-store'), 'a/.hyper-store')
  assert.equal(parseRemotePath('/a/b'), 'a/b')
  assert.equal(parseRemotePath('//a'), null)
})

test('utf8Length() agrees with the encoder, and finds lone surrogates', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(utf8Length(text), new TextEncoder().encode(text).length)
    }),
  )
  assert.equal(utf8Length('a\ud800b'), -1)
  assert.equal(utf8Length('\udfff'), -1)
})

test('isBelow() goes by segments and not by prefix', () => {
  assert.equal(isBelow('a/b' as FolderPath, 'a' as FolderPath), true)
  assert.equal(isBelow('ab' as FolderPath, 'a' as FolderPath), false)
  assert.equal(isBelow('a' as FolderPath, 'a' as FolderPath), false)
  assert.equal(isBelow('a-b/c' as FolderPath, 'a' as FolderPath), false)
})

test('parents, names and ancestors put a path together again', () => {
  fc.assert(
    fc.property(pathArb, (path) => {
      assert.equal(joinPath(parentOf(path), nameOf(path)), path)
      const ancestors = ancestorsOf(path)
      assert.equal(ancestors.length, path.split('/').length - 1)
      for (const above of ancestors) assert(isBelow(path, above) && comparePaths(above, path) < 0)
    }),
  )
  assert.equal(joinPath('a' as FolderPath, '..'), null)
})

test('comparePaths() sorts parents first and keeps the content of a folder together', () => {
  const sorted = (['a-b', 'a/b/c', 'a', 'b', 'a/b', 'a b'] as FolderPath[]).sort(comparePaths)
  assert.deepEqual(sorted, ['a', 'a/b', 'a/b/c', 'a b', 'a-b', 'b'])
  fc.assert(
    fc.property(pathArb, pathArb, pathArb, (a, b, c) => {
      assert.equal(Math.sign(comparePaths(a, b)), -Math.sign(comparePaths(b, a)) + 0)
      assert.equal(comparePaths(a, b) === 0, a === b)
      if (comparePaths(a, b) < 0 && comparePaths(b, c) < 0) assert(comparePaths(a, c) < 0)
    }),
  )
})

test('caseKey() is equal for twins by case and by normalisation', () => {
  assert.equal(caseKey('Ärger'), caseKey('A\u0308RGER'))
  assert.notEqual(caseKey('a'), caseKey('b'))
})
