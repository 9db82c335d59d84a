/** Order of steps, and that a failed step stops nobody. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSerial } from './serial.ts'

test('createSerial() runs steps in order, one at a time, and goes on after a failure', async () => {
  const serial = createSerial()
  const seen: string[] = []
  const step = (name: string, fails = false) =>
    serial.run(async () => {
      seen.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    })
  const results = await Promise.allSettled([step('a'), step('b', true), step('c')])
  assert.deepEqual(seen, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})
