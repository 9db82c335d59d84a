/** Samples of transfer. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { peakOf, plotDataOf, spansOf } from './transfer.ts'

const at = (seconds: number) => new Date(seconds * 1000).toISOString()
const samples = [1, 2, 3, 4, 5].map((n) => ({ at: at(n * 10), received: n, sent: 10 - n }))

test('samples become columns, a peak, and means of spans from the newest back', () => {
  assert.deepEqual(plotDataOf(samples), [
    [10, 20, 30, 40, 50],
    [1, 2, 3, 4, 5],
    [9, 8, 7, 6, 5],
  ])
  assert.deepEqual(peakOf(samples), { received: 5, sent: 9 })
  assert.deepEqual(spansOf(samples, 3), [
    { at: at(50), received: 4.5, sent: 5.5 },
    { at: at(30), received: 2.5, sent: 7.5 },
    { at: at(10), received: 1, sent: 9 },
  ])
  assert.deepEqual([plotDataOf([]), peakOf([]), spansOf([], 3)], [[[], [], []], { received: 0, sent: 0 }, []])
})
