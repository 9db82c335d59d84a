/** Tests of addresses of boards. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardAddress, parseAddress } from './address.ts'

const KEY = 'y'.repeat(52)

test('what is copied is understood when it is pasted, with or without a board, scheme and spaces', () => {
  assert.deepEqual(parseAddress(` ${boardAddress(KEY, 'ab'.repeat(8))}\n`), { folder: KEY, board: 'ab'.repeat(8) })
  assert.deepEqual(parseAddress(`hyper://${KEY}/`), { folder: KEY, board: null })
  assert.deepEqual(parseAddress(KEY), { folder: KEY, board: null })
})

test('other text is no address', () => {
  for (const text of ['', 'https://example.org', 'hyper://short', `hyper://${KEY}?board=zz`, `hyper://${KEY}/a`, `${KEY} ${KEY}`])
    assert.equal(parseAddress(text), null, text)
})
