/** Rate and time left, from shares over time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './pace.ts'

test('rate and time left follow from the shares of the last five seconds', () => {
  const pace = createPace()
  const at = (share: number, seconds: number) => pace({ share }, { bytes: 1000, nowMs: seconds * 1000 })
  assert.deepEqual(at(0, 0), { share: 0 })
  assert.deepEqual(at(0.01, 0.1), { share: 0.01 })
  assert.deepEqual(at(0.1, 1), { share: 0.1, bytesPerSecond: 100, secondsLeft: 9 })
  assert.deepEqual(at(0.5, 5), { share: 0.5, bytesPerSecond: 100, secondsLeft: 5 })
  // Stalled: nothing is promised once the window holds no advance.
  assert.deepEqual(at(0.5, 20), { share: 0.5 })
  assert.deepEqual(at(0.5, 21), { share: 0.5 })
  assert.deepEqual(at(1, 22), { share: 1 })
})

test('a store that tells its own rate is believed, and a newer version starts anew', () => {
  const pace = createPace()
  const known = { share: 0.5, bytesPerSecond: 7, secondsLeft: 3 }
  assert.equal(pace(known, { bytes: 1000, nowMs: 0 }), known)
  assert.equal(pace({ ...known, share: 0.6 }, { bytes: 1000, nowMs: 1000 }).bytesPerSecond, 7)
  assert.deepEqual(pace({ share: 0.1 }, { bytes: 1000, nowMs: 2000 }), { share: 0.1 })
  assert.equal(pace({ share: null }, { bytes: 1000, nowMs: 2000 }).share, null)
})
