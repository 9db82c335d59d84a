/** Tests of rate and time left. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRate } from './progress.ts'

test('createRate() shows a steady rate and the time left at it', () => {
  const rate = createRate()
  for (let now = 0; now <= 10_000; now += 10) rate.add(now, 1000)
  const speed = rate.bytesPerSecond(10_000)
  assert(Math.abs(speed - 100_000) < 6000, String(speed))
  assert(Math.abs((rate.secondsLeft(10_000, 200_000) ?? 0) - 2) < 0.2)
})

test('createRate() forgets what is older than five seconds', () => {
  const rate = createRate()
  rate.add(0, 1_000_000)
  assert(rate.bytesPerSecond(4000) > 0)
  assert.equal(rate.bytesPerSecond(6000), 0)
  assert.equal(rate.secondsLeft(6000, 1), null)
  rate.add(20_000, 1000)
  assert.equal(rate.bytesPerSecond(20_000), 4000)
})

test('createRate() has nothing to say before the first byte, and nothing left is no time', () => {
  const rate = createRate()
  assert.equal(rate.bytesPerSecond(0), 0)
  assert.equal(rate.secondsLeft(0, 10), null)
  assert.equal(rate.secondsLeft(0, 0), 0)
  rate.add(5, Number.NaN)
  assert.equal(rate.bytesPerSecond(5), 0)
})
