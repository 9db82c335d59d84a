/** Cases of what may go. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DriveId } from './entries.ts'
import { KeptBlocks, oldestKept, statesToKeep } from './reclaim.ts'

const DAY = 86_400_000
const steps = [1, 2, 3, 10].map((day) => ({ at: day * DAY }))

test('a retention by number keeps that many versions, the newest always', () => {
  assert.equal(oldestKept(steps, { keep: 'all' }, 20 * DAY), -1)
  assert.equal(oldestKept(steps, { keep: 'versions', versions: 1 }, 20 * DAY), 3)
  assert.equal(oldestKept(steps, { keep: 'versions', versions: 3 }, 20 * DAY), 1)
  assert.equal(oldestKept(steps, { keep: 'versions', versions: 9 }, 20 * DAY), -1)
  assert.equal(oldestKept([], { keep: 'versions', versions: 1 }, 0), -1)
})

test('a retention by days keeps what was shown at any time within them', () => {
  assert.equal(oldestKept(steps, { keep: 'days', days: 0 }, 20 * DAY), 3)
  assert.equal(oldestKept(steps, { keep: 'days', days: 8 }, 11 * DAY), 2, 'the version of day 3 was shown until day 10')
  assert.equal(oldestKept(steps, { keep: 'days', days: 10 }, 11 * DAY), 0)
  assert.equal(oldestKept(steps, { keep: 'days', days: 100 }, 11 * DAY), -1)
  assert.equal(oldestKept([{ at: null }, { at: null }], { keep: 'days', days: 1 }, 11 * DAY), -1, 'without times nothing is old')
})

test('states of receipts are clipped to what is known, and told once', () => {
  const newest = { a: 10, b: 5 }
  assert.equal(statesToKeep({ newest, oldest: null, receipts: [] }), null)
  assert.deepEqual(statesToKeep({ newest, oldest: newest, receipts: [{ a: 99, b: 99 }, { a: 3 }, { a: 3, b: 0 }] }), {
    always: [newest],
    inOwnDrive: [{ a: 3, b: 0 }],
  })
  assert.equal(statesToKeep({ newest: { a: 100 }, oldest: { a: 50 }, receipts: Array.from({ length: 70 }, (_, i) => ({ a: i })) }), null)
})

test('blocks that nothing keeps, and that are held, are loose', () => {
  const kept = new KeptBlocks()
  const a = 'aaaaaaaaaa' as DriveId
  kept.keep(a, 2)
  kept.keep(a, 5, 7)
  kept.keep(a, 5000)
  assert.deepEqual(
    kept.loose(a, 9, (i) => i !== 3),
    [
      { start: 0, end: 2 },
      { start: 4, end: 5 },
      { start: 7, end: 9 },
    ],
  )
  assert.deepEqual(
    kept.loose('bbbbbbbbbb' as DriveId, 1, () => true),
    [{ start: 0, end: 1 }],
  )
  assert.ok(kept.keeps(a, 5000))
})
