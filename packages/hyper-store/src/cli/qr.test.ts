/** QR codes on terminals. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qrLines } from './qr.ts'

test('qrLines() draws a square of half blocks in black on white, with its quiet border', () => {
  const lines = qrLines('y'.repeat(112), 80)
  assert.ok(lines !== null)
  const rows = lines.map((line) => /^\p{Cc}\[30;107m([█▀▄ ]+)\p{Cc}\[0m$/u.exec(line)?.[1] ?? '')
  const [first = ''] = rows
  assert.ok(first.length > 40 && first.length <= 80)
  assert.equal(rows.length, Math.ceil(first.length / 2))
  for (const row of rows) assert.equal(row.length, first.length)
  assert.equal(first.trim(), '', 'the border')
  // The finder pattern in the upper left corner.
  assert.equal(rows[1]?.slice(0, 9), '  █▀▀▀▀▀█')
})

test('qrLines() draws nothing on a terminal that is too narrow for it', () => {
  assert.equal(qrLines('y'.repeat(112), 40), null)
})
