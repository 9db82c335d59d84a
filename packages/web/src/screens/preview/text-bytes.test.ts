import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText, hexLines } from './text-bytes.ts'

test('text is read as what it says it is', () => {
  assert.equal(decodeText(new TextEncoder().encode('für'), false), 'für')
  assert.equal(decodeText(new Uint8Array([0xff, 0xfe, 0x61, 0, 0xfc, 0]), false), 'aü')
})

test('a sign that was cut off is left away', () => {
  const cut = new TextEncoder().encode('für').subarray(0, 2)
  assert.equal(decodeText(cut, true), 'f')
  assert.equal(decodeText(cut, false), 'f\ufffd')
})

test('bytes stand in lines of sixteen', () => {
  const lines = hexLines(new Uint8Array([...Array.from({ length: 16 }, (_, index) => index + 0x41), 0xff])).split('\n')
  assert.equal(lines[0], '0000  41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP')
  assert.equal(lines[1], `0010  ff${' '.repeat(47)}·`)
})
