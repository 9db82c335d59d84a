/** Tests of receipts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isComplete, parseReceipt, receiptBytes, type Receipt } from './receipts.ts'

const hexArb = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''))
const countArb = fc.maxSafeNat()
const receiptArb: fc.Arbitrary<Receipt> = fc.record(
  {
    drive: hexArb,
    fork: countArb,
    version: countArb,
    blobsFork: countArb,
    blobs: countArb,
    applied: fc.boolean(),
    device: hexArb,
    at: countArb,
  },
  { noNullPrototype: true },
)
const SAMPLE: Receipt = {
  drive: 'a'.repeat(64),
  fork: 0,
  version: 5,
  blobsFork: 0,
  blobs: 9,
  applied: false,
  device: 'b'.repeat(64),
  at: 1,
}

test('parseReceipt() gives every receipt back and drops unknown fields', () => {
  fc.assert(fc.property(receiptArb, (receipt) => assert.deepEqual(parseReceipt({ ...receipt, extra: 1 }), receipt)))
})

test('parseReceipt() refuses a wrong field', () => {
  const wrong: Record<string, unknown>[] = [
    { drive: 'A'.repeat(64) },
    { drive: 'a' },
    { device: 1 },
    { fork: -1 },
    { version: 1.5 },
    { blobs: '9' },
    { applied: 1 },
    { at: 2 ** 53 },
    { blobsFork: null },
  ]
  for (const change of wrong) assert.equal(parseReceipt({ ...SAMPLE, ...change }), null, JSON.stringify(change))
  for (const value of [null, undefined, 'x', []]) assert.equal(parseReceipt(value), null)
})

test('receiptBytes() differs whenever a receipt differs', () => {
  const text = (receipt: Receipt) => new TextDecoder().decode(receiptBytes(receipt))
  fc.assert(fc.property(receiptArb, receiptArb, (a, b) => assert.equal(text(a) === text(b), JSON.stringify(a) === JSON.stringify(b))))
  assert.equal(text(SAMPLE), `hyper-store receipt 1\n${'a'.repeat(64)}\n0\n5\n0\n9\n0\n${'b'.repeat(64)}\n1`)
})

test('isComplete() wants both cores whole, of the same forks', () => {
  const need = { drive: SAMPLE.drive, fork: 0, version: 5, blobsFork: 0, blobs: 9 }
  assert.equal(isComplete(SAMPLE, need), true)
  assert.equal(isComplete({ ...SAMPLE, version: 6, blobs: 12 }, need), true)
  const short: Partial<Receipt>[] = [{ version: 4 }, { blobs: 8 }, { fork: 1 }, { blobsFork: 1 }, { drive: 'c'.repeat(64) }]
  for (const change of short) assert.equal(isComplete({ ...SAMPLE, ...change }, need), false)
  assert.equal(isComplete(SAMPLE, { ...need, applied: true }), false)
  assert.equal(isComplete({ ...SAMPLE, applied: true }, { ...need, applied: true }), true)
})
