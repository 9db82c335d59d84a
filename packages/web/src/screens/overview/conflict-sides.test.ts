/** Which word keeps which version. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Conflict } from '@hyper-store/client'
import { sidesOf } from './conflict-sides.ts'

const conflict: Conflict = {
  path: 'plan.md',
  copy: 'plan (conflict phone 2026-11-23 10-32).md',
  device: 'laptop',
  copyDevice: 'phone',
  mtimeMs: 1000,
  copyMtimeMs: 2000,
  size: 10,
  copySize: 20,
}
const keeps = (one: Conflict, own: string) => sidesOf(one, own).sides.map(({ keep }) => keep)

test('mine is what the store itself wrote, wherever it stands; of two versions of others it is the one at the path', () => {
  assert.deepEqual(keeps(conflict, 'laptop'), ['mine', 'theirs'])
  assert.deepEqual(keeps(conflict, 'phone'), ['theirs', 'mine'])
  assert.deepEqual(keeps(conflict, 'raspberry'), ['mine', 'theirs'])
  assert.deepEqual(keeps({ ...conflict, copyDevice: 'laptop' }, 'raspberry'), ['mine', 'theirs'])
})

test('two devices with the name of this store, or a folder in the place of the file: only both can be kept', () => {
  const same = sidesOf({ ...conflict, copyDevice: 'laptop' }, 'laptop')
  assert.equal(same.isClear, false)
  assert.deepEqual(
    same.sides.map(({ keep }) => keep),
    [null, null],
  )
  assert.deepEqual(keeps({ ...conflict, device: '' }, 'laptop'), [null, null])
})

test('the newer one is marked', () =>
  assert.deepEqual(
    sidesOf(conflict, 'laptop').sides.map(({ isNewer, isOwn }) => [isNewer, isOwn]),
    [
      [false, true],
      [true, false],
    ],
  ))
