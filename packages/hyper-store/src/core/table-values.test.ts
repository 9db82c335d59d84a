/** Properties of the values of tables. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TABLE_LIMITS } from '@hyper-store/client/contract'
import * as fc from 'fast-check'
import { bytesOfRaw, bytesOfValue, checkedKey, shownValue } from './table-values.ts'

const json = fc.jsonValue()

test('JSON comes back as it was put', () => {
  fc.assert(
    fc.property(json, (value) => {
      const shown = shownValue(bytesOfValue({ type: 'json', value }))
      assert.equal(shown.type, 'json')
      assert.equal(JSON.stringify(shown.value), JSON.stringify(value))
    }),
  )
})

test('bytes come back as what they are, and putting what is shown gives the same bytes, or the same JSON', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30_000 }), (bytes) => {
      const shown = shownValue(bytes)
      if (shown.type === 'json') assert.deepEqual(shownValue(bytesOfValue(shown)), shown)
      else assert.deepEqual(new Uint8Array(bytesOfValue(shown)), bytes)
    }),
  )
})

test('a value on the command line is JSON where it is some, and else a string', () => {
  const put = (text: string) => shownValue(bytesOfRaw('json', Buffer.from(text)))
  assert.deepEqual(put('{"a":1}'), { type: 'json', value: { a: 1 } })
  assert.deepEqual(put('5'), { type: 'json', value: 5 })
  assert.deepEqual(put('hello'), { type: 'json', value: 'hello' })
  assert.deepEqual(shownValue(bytesOfRaw('text', Buffer.from('hello'))), { type: 'text', value: 'hello' })
  assert.deepEqual(shownValue(bytesOfRaw('bytes', Buffer.from([255, 0]))), { type: 'bytes', value: '/wA=' })
})

test('what is not of its type, or over a limit, is refused', () => {
  const refused = { code: 'BAD_VALUE' }
  assert.throws(() => bytesOfValue({ type: 'json', value: undefined }), refused)
  assert.throws(() => bytesOfValue({ type: 'text', value: 5 }), refused)
  assert.throws(() => bytesOfValue({ type: 'bytes', value: 'not base64!' }), refused)
  assert.throws(() => bytesOfRaw('text', Buffer.from([255])), refused)
  assert.throws(() => bytesOfRaw('json', Buffer.from([255])), refused)
  assert.throws(() => bytesOfRaw('bytes', new Uint8Array(TABLE_LIMITS.valueBytes + 1)), refused)
  assert.throws(() => checkedKey(new Uint8Array(65_536)), refused)
  assert.throws(() => checkedKey(new Uint8Array()), refused)
})

test('JSON that is nested without end is shown as text', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const shown = shownValue(Buffer.from(deep))
  assert.equal(shown.type, 'text')
  assert.equal(shownValue(Buffer.from(JSON.stringify('['.repeat(1000)))).type, 'json')
})
