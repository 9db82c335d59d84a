/** Cases and properties of the map of parts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId } from '../core/entries.ts'
import { decodePartsMap, encodePartsMap, needsOf, type PlacedBlock } from './parts-map.ts'

const A = 'aaaaaaaaaa' as DriveId
const B = 'bbbbbbbbbb' as DriveId

const anyBlock: fc.Arbitrary<PlacedBlock> = fc.record({
  drive: fc.constantFrom(A, B),
  index: fc.oneof(fc.nat(300), fc.nat(2 ** 31 - 1)),
  byteLength: fc.integer({ min: 1, max: 4 * 1024 * 1024 }),
})

test('any list of blocks comes back from its map', () => {
  fc.assert(
    fc.property(fc.array(anyBlock, { maxLength: 200 }), (blocks) =>
      assert.deepEqual(
        decodePartsMap(encodePartsMap(blocks)),
        blocks.map((b) => ({ ...b })),
      ),
    ),
  )
})

test('a long file takes several blocks of map, and about three bytes a chunk', () => {
  const blocks = Array.from({ length: 20_000 }, (_, i) => ({ drive: i === 7000 ? B : A, index: i, byteLength: 262_144 }))
  const map = encodePartsMap(blocks)
  assert.equal(map.length, 3)
  assert.ok(map.reduce((n, b) => n + b.byteLength, 0) < 61_000)
  assert.deepEqual(decodePartsMap(map), blocks)
})

test('hostile maps are read as null and never throw', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 3 }), (buffers) => void decodePartsMap(buffers)))
  const good = encodePartsMap([{ drive: A, index: 1, byteLength: 5 }])[0] as Uint8Array
  const changed = (at: number, byte: number) => Uint8Array.from(good, (b, i) => (i === at ? byte : b))
  assert.equal(decodePartsMap([]), null)
  assert.equal(decodePartsMap([changed(0, 2)]), null, 'a newer version')
  assert.equal(decodePartsMap([changed(1, 9)]), null, 'more drives than there are')
  assert.equal(decodePartsMap([changed(2, 0)]), null, 'no drive id')
  assert.equal(decodePartsMap([changed(13, 5)]), null, 'an unknown drive')
  assert.equal(decodePartsMap([changed(16, 0)]), null, 'an empty block')
  assert.equal(decodePartsMap([good.subarray(0, -1)]), null, 'cut short')
  assert.equal(decodePartsMap([Buffer.concat([good, good])]), null, 'something behind it')
  assert.equal(decodePartsMap(Array.from({ length: 65 }, () => good)), null, 'too many blocks')
  const huge = Buffer.from([1, 1, ...Buffer.from(A), 1, 0, 255, 255, 255, 255, 255, 255, 255, 15, 1, 1])
  assert.equal(decodePartsMap([huge]), null, 'a first block beyond 2^53')
})

test('needs are told per other drive, as a length', () => {
  const blocks = [
    { drive: A, index: 9, byteLength: 1 },
    { drive: B, index: 4, byteLength: 1 },
    { drive: B, index: 2, byteLength: 1 },
  ]
  assert.deepEqual(needsOf(blocks, A), { [B]: 5 })
})
