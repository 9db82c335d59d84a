/** Properties of chunking: bounds, coverage, locality, and that cuts and names never change. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { averageOfHash, chunkParameters, contentHash, createChunker, type ChunkParameters } from './chunking.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB
const SMALL: ChunkParameters = { average: KIB, min: 256, max: 4 * KIB }

/** Reproducible noise. */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed | 1
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[index] = state >>> 24
  }
  return bytes
}

function cutsOf(data: Uint8Array, parameters: ChunkParameters): number[] {
  const chunker = createChunker(parameters)
  const cuts: number[] = []
  for (let at = 0; at < data.length;) cuts.push((at = chunker.nextCut(data, at, data.length, true)))
  return cuts
}
const hash = (data: Uint8Array) => Uint8Array.from(createHash('sha256').update(data).digest())

test('nextCut() covers the data with chunks inside the bounds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40_000 }), fc.nat(), (length, seed) => {
      const cuts = cutsOf(noise(length, seed), SMALL)
      assert.equal(cuts.at(-1), length)
      for (const [index, cut] of cuts.entries()) {
        const size = cut - (cuts[index - 1] ?? 0)
        assert(size > 0 && size <= SMALL.max)
        if (index < cuts.length - 1) assert(size >= SMALL.min)
      }
    }),
  )
})

test('nextCut() finds the same cuts however the data comes in', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.nat(), fc.integer({ min: 1, max: 5000 }), (length, seed, step) => {
      const data = noise(length, seed)
      const chunker = createChunker(SMALL)
      const cuts: number[] = []
      let start = 0
      for (let end = Math.min(step, length); start < length; end = Math.min(end + step, length)) {
        for (;;) {
          const cut = start === end ? -1 : chunker.nextCut(data, start, end, end === length)
          if (cut === -1) break
          cuts.push((start = cut))
        }
      }
      assert.deepEqual(cuts, cutsOf(data, SMALL))
    }),
  )
})

test('an insert moves only the cuts around it', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 1, max: 3000 }), (seed, at, length) => {
      const data = noise(200_000, seed)
      const edited = new Uint8Array([...data.subarray(0, at), ...noise(length, seed + 1), ...data.subarray(at)])
      const namesOf = (bytes: Uint8Array) => {
        const cuts = cutsOf(bytes, SMALL)
        return cuts.map((cut, index) => Buffer.from(hash(bytes.subarray(cuts[index - 1] ?? 0, cut))).toString('hex'))
      }
      const known = new Set(namesOf(data))
      const fresh = namesOf(edited).filter((name) => !known.has(name))
      assert(fresh.length <= 16, `${fresh.length} new chunks`)
    }),
    { numRuns: 30 },
  )
})

test('cuts of known data are as they were in the first release', () => {
  const cuts = cutsOf(noise(1_000_000, 42), boundsOf(64 * KIB))
  assert.deepEqual(cuts, PINNED_CUTS)
  const sizes = cutsOf(noise(8 * MIB, 7), boundsOf(64 * KIB)).length
  assert(sizes > 80 && sizes < 200, `${sizes} chunks of 64 KiB in 8 MiB`)
})

test('data without variety is cut at the longest chunk', () => {
  assert.deepEqual(cutsOf(new Uint8Array(10_000), SMALL), [4096, 8192, 10_000])
})

test('chunkParameters() grows with the file, and keeps what the last version had while that is near enough', () => {
  assert.deepEqual(chunkParameters(0), boundsOf(64 * KIB))
  assert.deepEqual(chunkParameters(256 * MIB), boundsOf(64 * KIB))
  assert.deepEqual(chunkParameters(256 * MIB + 1), boundsOf(256 * KIB))
  assert.deepEqual(chunkParameters(8 * GIB + 1), boundsOf(MIB))
  assert.deepEqual(chunkParameters(GIB, 64 * KIB), boundsOf(64 * KIB))
  assert.deepEqual(chunkParameters(GIB + 1, 64 * KIB), boundsOf(256 * KIB))
  assert.deepEqual(chunkParameters(64 * MIB, 256 * KIB), boundsOf(256 * KIB))
  assert.deepEqual(chunkParameters(63 * MIB, 256 * KIB), boundsOf(64 * KIB))
  assert.deepEqual(chunkParameters(2 * GIB, MIB), boundsOf(MIB))
  assert.deepEqual(chunkParameters(10, 12_345), boundsOf(64 * KIB))
})

test('contentHash() names one chunk by its own hash and several by the hash of their hashes', () => {
  const a = hash(Uint8Array.of(1))
  const b = hash(Uint8Array.of(2))
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  assert.equal(contentHash([], 64 * KIB, hash), `b${hex(hash(new Uint8Array(0)))}`)
  assert.equal(contentHash([a], 64 * KIB, hash), `b${hex(a)}`)
  assert.equal(contentHash([a, b], 256 * KIB, hash), `c256${hex(hash(new Uint8Array([...a, ...b])))}`)
  assert.equal(averageOfHash(contentHash([a, b], 256 * KIB, hash)), 256 * KIB)
  assert.equal(averageOfHash(contentHash([a], 256 * KIB, hash)), null)
  for (const text of ['', 'b', `c65${hex(a)}`, `x${hex(a)}`, `b${hex(a)}0`]) assert.equal(averageOfHash(text), undefined)
})

function boundsOf(average: number): ChunkParameters {
  return { average, min: average / 4, max: average * 4 }
}

const PINNED_CUTS = [26899, 105304, 160416, 251763, 303001, 393225, 497972, 578199, 645985, 700938, 724786, 822764, 945014, 1000000]
