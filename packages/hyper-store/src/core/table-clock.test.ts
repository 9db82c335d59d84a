/** Clocks of rows: every later write is above what it saw, and rows come back from their bytes as they went in. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId } from './entries.ts'
import { compareClocks, decodeRow, encodeRow, MAX_COUNTER, MAX_MS, nextClock, type RowClock, type RowRecord } from './table-clock.ts'

const clock = fc.record({ ms: fc.integer({ min: 0, max: MAX_MS }), counter: fc.integer({ min: 0, max: MAX_COUNTER }) })
const end: RowClock = { ms: MAX_MS, counter: MAX_COUNTER }

test('the clock of a write is above what the writer sees, and not below its own time', () => {
  fc.assert(
    fc.property(clock, fc.integer({ min: 0, max: MAX_MS }), (seen, now) => {
      const next = nextClock(seen, now)
      assert.ok(compareClocks(next, seen) > 0 || compareClocks(seen, end) === 0)
      assert.ok(next.ms >= now || next.ms === MAX_MS)
    }),
  )
  assert.deepEqual(nextClock(null, 5.7), { ms: 5, counter: 0 })
  assert.deepEqual(nextClock({ ms: 9, counter: MAX_COUNTER }, 5), { ms: 10, counter: 0 })
  for (const now of [Number.NaN, -1, Infinity]) assert.deepEqual(nextClock(null, now), { ms: 0, counter: 0 })
})

test('a clock ten years ahead is left behind by the next write of anybody', () => {
  const now = 1_800_000_000_000
  const ahead = nextClock(null, now + 10 * 365 * 24 * 3600 * 1000)
  assert.ok(compareClocks(nextClock(ahead, now), ahead) > 0)
})

test('a row is read as it was written', () => {
  const record = fc.record({
    clock,
    value: fc.option(fc.uint8Array({ maxLength: 50 }), { nil: null }),
    at: fc.integer({ min: 0, max: MAX_MS }),
    writer: fc.constantFrom(null, 'ybndrfg8ej' as DriveId),
    repeated: fc.boolean(),
  })
  const plain = (row: RowRecord | null) =>
    row === null ? null : { ...row, clock: { ...row.clock }, value: row.value === null ? null : Buffer.from(row.value) }
  fc.assert(fc.property(record, (row) => assert.deepEqual(plain(decodeRow(encodeRow(row))), plain(row))))
})

test('what is no row gives null, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = decodeRow(bytes)
      if (read === null) return
      assert.ok(read.clock.ms <= MAX_MS && read.clock.counter <= MAX_COUNTER)
    }),
  )
  const row = encodeRow({ clock: { ms: 5, counter: 1 }, value: null, at: 5, writer: null, repeated: false })
  assert.equal(decodeRow(Buffer.concat([row, Buffer.from('x')])), null, 'a deletion has no value')
  assert.equal(decodeRow(Buffer.concat([Buffer.from([2]), row.subarray(1)])), null, 'a newer format')
  assert.equal(decodeRow(Buffer.concat([Buffer.from([1, 16]), row.subarray(2)])), null, 'a flag of a newer format')
  assert.equal(decodeRow(Buffer.concat([Buffer.from([1, 2]), row.subarray(2), Buffer.from('no letters')])), null, 'a writer that is none')
})
