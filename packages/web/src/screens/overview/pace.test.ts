/** Time left of what goes to another device. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './pace.ts'

test('the time left follows from how the share grew, and is unknown until it has grown for a while', () => {
  const pace = new Pace()
  assert.equal(pace.secondsLeft(0), null)
  pace.note(0, 0)
  pace.note(0.1, 1000)
  assert.equal(pace.secondsLeft(1000), null)
  pace.note(0.2, 2000)
  assert.equal(pace.secondsLeft(2000), 8)
  pace.note(0.2, 3000)
  assert.equal(pace.secondsLeft(3000), 8)
  assert.equal(pace.secondsLeft(60_000), null, 'what stands still for long has no time')
})

test('new content begins the measure anew', () => {
  const pace = new Pace()
  pace.note(0.5, 0)
  pace.note(0.9, 4000)
  pace.note(0.3, 5000)
  assert.equal(pace.secondsLeft(5000), null)
  pace.note(0.4, 7000)
  assert.equal(Math.round(pace.secondsLeft(7000) ?? 0), 12)
})
