/** Tests of what stays out of a comparison. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectionOf } from './tree-ignore.ts'

test('selectionOf() leaves out what the patterns say, with what is in it, and always the store’s own', () => {
  const select = selectionOf(['*.tmp', '!keep.tmp', 'build/'], '')
  for (const name of ['a.tmp', 'x/a.tmp', 'build/x', '.hyper-store/x', '.dat', 'x/.DS_Store'])
    assert.equal(select(name, false), 'out', name)
  for (const name of ['a', 'keep.tmp', 'build', '.hyperignore', 'x/.dat']) assert.equal(select(name, false), 'in', name)
  assert.equal(select('build', true), 'out')
})

test('selectionOf() goes through to the path that is meant', () => {
  const select = selectionOf([], 'a/b')
  assert.deepEqual([select('a', true), select('a/b', true), select('a/b/c', false), select('a/b', false)], ['through', 'in', 'in', 'in'])
  assert.deepEqual([select('a', false), select('a/bc', true), select('b', true)], ['out', 'out', 'out'])
})

test('selectionOf() takes no pattern that takes for ever', () => {
  const select = selectionOf([`${'*a'.repeat(20)}b`, `${'**/'.repeat(9)}x`, '*.log'], '')
  assert.equal(select('a'.repeat(255), false), 'in')
  assert.equal(select('a.log', false), 'out')
})
