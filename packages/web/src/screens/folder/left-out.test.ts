/** What ticks leave out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holdsLeftOut, isLeftOut, withTick } from './left-out.ts'

test('a folder without a tick is out with all that is in it, and comes back so', () => {
  let out = withTick(['a/b'], 'c', false)
  assert.deepEqual(out, ['a/b', 'c'])
  out = withTick(out, 'a', false)
  assert.deepEqual(out, ['a', 'c'], 'what is in it needs no line of its own')
  assert.deepEqual([isLeftOut('a/b/d', out), isLeftOut('ab', out), holdsLeftOut('x', out)], [true, false, false])
  assert.deepEqual(withTick(out, 'a/b', false), ['a', 'c'])
  assert.deepEqual(withTick(out, 'a', true), ['c'])
  assert.deepEqual(withTick(out, 'a/b', true), ['c'], 'nothing comes without the folder that it lies in')
  assert.equal(holdsLeftOut('a', ['a/b']), true)
})
