/** Properties of version vectors. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId, VersionVector } from './entries.ts'
import { bumpVector, compareVectors, joinVectors, parseVector } from './vectors.ts'

const driveArb = fc.constantFrom('aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc').map((id) => id as DriveId)
const vectorArb: fc.Arbitrary<VersionVector> = fc.dictionary(driveArb, fc.integer({ min: 1, max: 3 }), { noNullPrototype: true })
const MIRROR = { equal: 'equal', before: 'after', after: 'before', concurrent: 'concurrent' } as const

test('compareVectors() is a partial order', () => {
  fc.assert(
    fc.property(vectorArb, vectorArb, vectorArb, (a, b, c) => {
      assert.equal(compareVectors(a, a), 'equal')
      assert.equal(compareVectors(b, a), MIRROR[compareVectors(a, b)])
      if (compareVectors(a, b) === 'before' && compareVectors(b, c) === 'before') assert.equal(compareVectors(a, c), 'before')
    }),
  )
})

test('joinVectors() is the least vector that has seen both', () => {
  fc.assert(
    fc.property(vectorArb, vectorArb, vectorArb, (a, b, c) => {
      const joined = joinVectors(a, b)
      assert.deepEqual(joined, joinVectors(b, a))
      assert.deepEqual(joinVectors(joined, c), joinVectors(a, joinVectors(b, c)))
      assert.deepEqual(joinVectors(a, a), a)
      for (const each of [a, b]) assert(['equal', 'after'].includes(compareVectors(joined, each)))
      const isUpper = [a, b].every((each) => ['equal', 'after'].includes(compareVectors(c, each)))
      if (isUpper) assert(['equal', 'after'].includes(compareVectors(c, joined)))
    }),
  )
})

test('bumpVector() makes a version that comes after what it was made from', () => {
  fc.assert(
    fc.property(vectorArb, driveArb, (vector, drive) => {
      assert.equal(compareVectors(bumpVector(vector, drive), vector), 'after')
    }),
  )
})

test('parseVector() takes vectors and nothing else', () => {
  fc.assert(fc.property(vectorArb, (vector) => assert.deepEqual(parseVector(JSON.parse(JSON.stringify(vector))), vector)))
  const id = 'aaaaaaaaaa'
  const refused = [
    null,
    1,
    'x',
    [],
    [1],
    { [id]: 0 },
    { [id]: -1 },
    { [id]: 1.5 },
    { [id]: '1' },
    { [id]: 2 ** 53 },
    { short: 1 },
    { ['l'.repeat(10)]: 1 },
  ]
  for (const value of refused) assert.equal(parseVector(value), null, JSON.stringify(value))
  assert.equal(parseVector(JSON.parse('{"__proto__": 1}')), null)
  const alphabet = 'ybndrfg8ejkmcpqxot1uwisza345h769'
  const many = Object.fromEntries(
    Array.from({ length: 1001 }, (_, n) => [`yyyyyyy${alphabet[(n >> 10) & 31]}${alphabet[(n >> 5) & 31]}${alphabet[n & 31]}`, 1]),
  )
  assert.equal(Object.keys(many).length, 1001)
  assert.equal(parseVector(many), null)
})
