/** Numbers, sizes, times and durations as people read and write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatFiles, formatMoment, formatSeconds, formatShare, parseBytes, parseSeconds } from './format.ts'

test('formatBytes() changes the unit before a number gets four digits', () => {
  const sizes: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_499, '999 kB'],
    [999_999, '1.0 MB'],
    [1_200_000_000, '1.2 GB'],
    [5e15, '5 PB'],
  ]
  for (const [bytes, text] of sizes) assert.equal(formatBytes(bytes), text)
})

test('counts are grouped, and a share is 100 % only when whole', () => {
  assert.equal(formatFiles(1_234_567), '1,234,567 files')
  assert.equal(formatFiles(1), '1 file')
  assert.equal(formatFiles(0), '0 files')
  assert.deepEqual([0, 0.009, 0.9999, 1].map(formatShare), ['0 %', '0 %', '99 %', '100 %'])
})

test('formatSeconds() gives the two largest units that matter', () => {
  assert.deepEqual([0.2, 59, 130, 7500, 86_400, 250_000].map(formatSeconds), ['1 s', '59 s', '2 min', '2 h 5 min', '1 day', '3 days'])
})

test('formatMoment() says less the longer ago it was', () => {
  const now = new Date(2026, 10, 22, 18, 0, 0)
  const at = (...parts: [number, number, number, number, number, number]) => formatMoment(new Date(...parts).toISOString(), now)
  assert.equal(at(2026, 10, 22, 9, 5, 7), '09:05:07')
  assert.equal(at(2026, 10, 3, 10, 32, 5), '3 Nov, 10:32')
  assert.equal(at(2025, 0, 9, 1, 1, 1), '9 Jan 2025')
  assert.equal(formatMoment('never', now), 'never')
})

test('parseSeconds() reads seconds and units, and refuses the rest with USAGE', () => {
  assert.deepEqual(
    ['90', '90s', '10m', '10 min', '2h', '1d', '0.5'].map((text) => parseSeconds(text, '--timeout')),
    [90, 90, 600, 600, 7200, 86_400, 0.5],
  )
  for (const text of ['', 'soon', '-1', '1w', '1e3', '10m5s']) {
    assert.throws(() => parseSeconds(text, '--timeout'), { code: 'USAGE', message: /--timeout/ }, text)
  }
})

test('parseBytes() reads sizes as people write them', () => {
  const sizes = ['0', '1000', '500MB', '500 mb', '1.5 GB', '2GiB', '1Ti', '7k'].map((text) => parseBytes(text, 'The limit'))
  assert.deepEqual(sizes, [0, 1000, 5e8, 5e8, 1.5e9, 2 * 1024 ** 3, 1024 ** 4, 7000])
  for (const wrong of ['', 'much', '-1', '10 apples', '1e9', '1iB', '9999999PB'])
    assert.throws(() => parseBytes(wrong, 'The limit'), { code: 'USAGE' }, wrong)
})
