import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HistoryVersion } from '@hyper-store/client'
import { barsOf, dayOfVersion, dayWords, fieldMoment, stopAt, stopOf } from './moments.ts'

const version = (number: number, at: string | null, count = 1): HistoryVersion => ({
  version: number,
  at,
  device: 'ana',
  changes: [],
  count,
})
const local = (...[year, month, day, hour = 0]: [number, number, number, number?]): string =>
  new Date(year, month - 1, day, hour).toISOString()
const STOPS = [version(2, local(2026, 11, 1)), version(5, local(2026, 11, 3)), version(9, local(2026, 11, 3, 8))]

test('a day is told with its weekday, and with the year when it is not this one', () => {
  const now = new Date(2026, 10, 20)
  assert.equal(dayWords(new Date(2026, 10, 3), now), 'Tuesday 3 Nov')
  assert.equal(dayWords(new Date(2025, 10, 3), now), 'Monday 3 Nov 2025')
})

test('the days since a version are counted from midnight to midnight', () => {
  assert.equal(dayOfVersion(version(1, local(2026, 11, 3, 23)), new Date(2026, 10, 4, 1))?.ago, 1)
  assert.equal(dayOfVersion(version(1, local(2026, 11, 3, 1)), new Date(2026, 10, 3, 23))?.ago, 0)
  assert.equal(dayOfVersion(version(1, null), new Date()), null)
})

test('a number or a moment means the newest version up to it', () => {
  assert.deepEqual(
    [1, 2, 4, 5, 8, 100].map((number) => stopOf(STOPS, number)),
    [0, 0, 0, 1, 1, 2],
  )
  assert.equal(stopOf([], 3), -1)
  assert.equal(stopAt(STOPS, new Date(2026, 9, 1).getTime()), -1)
  assert.equal(stopAt(STOPS, new Date(2026, 10, 2).getTime()), 0)
  assert.equal(stopAt(STOPS, new Date(2026, 10, 3, 9).getTime()), 2)
})

test('bars stand where their versions are, and are never too many', () => {
  assert.deepEqual(
    barsOf(STOPS, 10).map(({ at }) => at),
    [0, 0.5, 1],
  )
  const many = barsOf(
    Array.from({ length: 1000 }, (_, index) => version(index + 1, null, index)),
    100,
  )
  assert.equal(many.length, 100)
  assert.equal(many.at(-1)?.height, 1)
  assert.ok(many.every(({ at, height }) => at >= 0 && at <= 1 && height > 0))
})

test('a field shows the time of the reader', () => assert.equal(fieldMoment(new Date(2026, 10, 3, 7, 5)), '2026-11-03T07:05'))
