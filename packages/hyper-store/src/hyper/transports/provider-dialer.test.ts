/** Shows the waits between the tries of a dialer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitAfterFailures } from './provider-dialer.ts'

test('waitAfterFailures() doubles from a quarter of a second', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((failures) => waitAfterFailures(failures, 0.5)),
    [250, 500, 1_000, 2_000, 4_000],
  )
})

test('waitAfterFailures() stays between 0.25 s and 30 s whatever the chance and the number of failures', () => {
  for (const failures of [1, 2, 3, 7, 8, 9, 100, 1e6]) {
    for (const random of [0, 0.3, 0.999]) {
      const ms = waitAfterFailures(failures, random)
      assert.ok(ms >= 250 && ms <= 30_000, `${failures} failures, ${random}: ${ms}`)
    }
  }
})

test('waitAfterFailures() spreads devices that lost the same store', () => {
  assert.ok(waitAfterFailures(5, 0.9) - waitAfterFailures(5, 0.1) >= 3_000)
})
