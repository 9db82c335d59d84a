/** Moments as people write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCode } from '@hyper-store/client/contract'
import { parseMoment } from './moment.ts'

const NOW = new Date(2026, 10, 3, 10, 32, 5)
const at = (text: string) => parseMoment(text, '--at', NOW)
const local = (...parts: [number, number, number, number?, number?, number?]) =>
  new Date(parts[0], parts[1] - 1, parts[2], parts[3] ?? 0, parts[4] ?? 0, parts[5] ?? 0).toISOString()

test('ISO 8601 is taken with its zone, everything else is local time', () => {
  assert.equal(at('2026-11-03T10:32:00Z'), '2026-11-03T10:32:00.000Z')
  assert.equal(at('2026-11-03T10:32:00+02:00'), '2026-11-03T08:32:00.000Z')
  assert.equal(at('2026-11-03 10:32'), local(2026, 11, 3, 10, 32))
  assert.equal(at('2026-11-03T10:32:07'), local(2026, 11, 3, 10, 32, 7))
  assert.equal(at('9:15'), local(2026, 11, 3, 9, 15))
  assert.equal(at('yesterday 9:15'), local(2026, 11, 2, 9, 15))
})

test('a date alone is the end of that day', () => {
  assert.equal(at('2026-11-02'), local(2026, 11, 2, 23, 59, 59))
})

test('how long ago', () => {
  const ago = (ms: number) => new Date(NOW.getTime() - ms).toISOString()
  assert.equal(at('2h'), ago(7_200_000))
  assert.equal(at('90 min ago'), ago(5_400_000))
  assert.equal(at('3 days'), ago(259_200_000))
  assert.equal(at('1w'), ago(604_800_000))
  assert.equal(at('yesterday'), local(2026, 11, 2, 10, 32, 5))
  assert.equal(at('now'), NOW.toISOString())
})

test('what is no time is a usage error that names the option', () => {
  for (const text of ['', 'soon', '2026-13-01', '2026-04-31', '25:00', '2026-11-03 10:99', '-2h', '2 moons']) {
    assert.throws(
      () => at(text),
      (error) => errorCode(error) === 'USAGE' && (error as Error).message.includes('--at'),
      text,
    )
  }
})
