/** Block maps survive the way to bytes and back, and malformed ones of a hostile writer are refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeBlockMap, encodeBlockMap } from './block-map.ts'

test('a map reads back as it was written, whatever its size', () => {
  const block = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 0, max: 2 ** 22 }))
    .map(([index, byteLength]) => ({ index, byteLength }))
  fc.assert(
    fc.property(fc.array(block, { maxLength: 50 }), (blocks) => assert.deepEqual(decodeBlockMap(encodeBlockMap(blocks), 2 ** 41), blocks)),
  )
  const many = Array.from({ length: 20_000 }, (_, index) => ({ index, byteLength: 65_536 }))
  const encoded = encodeBlockMap(many)
  assert.equal(encoded.length, 3)
  assert.deepEqual(decodeBlockMap(encoded, 20_000), many)
})

test('a map that points outside the log is refused', () => {
  const map = encodeBlockMap([{ index: 9, byteLength: 1 }])
  assert.equal(decodeBlockMap(map, 9), null)
  assert.notEqual(decodeBlockMap(map, 10), null)
})

test('cut off, of a newer version, longer than it may be: refused, never an exception', () => {
  const [map] = encodeBlockMap(Array.from({ length: 40 }, (_, index) => ({ index: index + 1000, byteLength: 70_000 })))
  assert.ok(map !== undefined)
  for (let end = 0; end < map.byteLength; end++) assert.equal(decodeBlockMap([map.subarray(0, end)], 2000), null)
  assert.equal(decodeBlockMap([Uint8Array.of(1, 0)], 1), null)
  assert.equal(decodeBlockMap([Uint8Array.of(0, 254, 255, 255, 255, 127)], 1), null)
  assert.equal(
    decodeBlockMap(
      Array.from({ length: 65 }, () => Uint8Array.of(0, 0)),
      1,
    ),
    null,
  )
})

test('random bytes never throw', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (buffers) => void decodeBlockMap(buffers, 100)))
})
