/** Waiting no longer than a while. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { within } from './deadline.ts'

const never = new Promise<never>(() => undefined)

test('work that is done in time gives what it gives, its failure too', async () => {
  assert.equal(await within(Promise.resolve(1), 60_000, () => 2), 1)
  await assert.rejects(
    within(Promise.reject(new RangeError()), 60_000, () => 2),
    RangeError,
  )
})

test('work that is late gives what is made of that, be it an error', async () => {
  assert.equal(await within(never, 1, () => 2), 2)
  await assert.rejects(
    within(never, 1, () => {
      throw new RangeError()
    }),
    RangeError,
  )
})
