/** Range headers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRange } from './ranges.ts'

const part = (start: number, end: number) => ({ kind: 'part', range: { start, end } })

test('readRange() reads single, open and suffix ranges', () => {
  assert.deepEqual(readRange('bytes=0-0', 10), part(0, 1))
  assert.deepEqual(readRange('bytes=2-5', 10), part(2, 6))
  assert.deepEqual(readRange('Bytes=2-', 10), part(2, 10))
  assert.deepEqual(readRange('bytes=-3', 10), part(7, 10))
  assert.deepEqual(readRange('bytes=-30', 10), part(0, 10))
  assert.deepEqual(readRange('bytes=5-99999999999999999999999', 10), part(5, 10))
})

test('readRange() covers several ranges by one, leaving out what the file has none of', () => {
  assert.deepEqual(readRange('bytes=0-1, 4-5', 10), part(0, 6))
  assert.deepEqual(readRange('bytes=-2,1-1', 10), part(1, 10))
  assert.deepEqual(readRange('bytes=3-4,50-60,', 10), part(3, 5))
})

test('readRange() says unsatisfiable when the file has nothing of any range', () => {
  for (const header of ['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=50-60,70-']) {
    assert.deepEqual(readRange(header, 10), { kind: 'unsatisfiable' }, header)
  }
  assert.deepEqual(readRange('bytes=0-', 0), { kind: 'unsatisfiable' })
})

test('readRange() ignores headers that are not valid', () => {
  for (const header of [
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=5-2',
    'bytes=a-b',
    'bytes=1-2-3',
    'bytes=0x1-',
    'lines=0-1',
    'bytes=0-1,x',
    'bytes=1.5-',
  ]) {
    assert.deepEqual(readRange(header, 10), { kind: 'whole' }, header)
  }
})
