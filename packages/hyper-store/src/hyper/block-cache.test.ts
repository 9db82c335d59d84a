/** The block cache gives back what it was given, up to its limit, oldest out first. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { cacheBlock, cachedBlock, dropCachedBlocks } from './block-cache.ts'

afterEach(dropCachedBlocks)

test('a block is found by its log and index', () => {
  const block = Buffer.from('block')
  cacheBlock('one', 3, block)
  assert.equal(cachedBlock('one', 3), block)
  assert.equal(cachedBlock('one', 4), undefined)
  assert.equal(cachedBlock('two', 3), undefined)
})

test('when it is full the oldest blocks go, and the memory stays within bounds', () => {
  const block = Buffer.alloc(1024 * 1024)
  for (let index = 0; index < 100; index++) cacheBlock('log', index, block)
  const held = Array.from({ length: 100 }, (_, index) => cachedBlock('log', index) !== undefined)
  const first = held.indexOf(true)
  assert.ok(first > 50 && held.slice(first).every(Boolean))
  assert.ok(held.filter(Boolean).length <= 16)
})

test('a block larger than the cache is not kept, and dropping empties it', () => {
  cacheBlock('log', 0, Buffer.alloc(40 * 1024 * 1024))
  assert.equal(cachedBlock('log', 0), undefined)
  cacheBlock('log', 1, Buffer.alloc(10))
  cacheBlock('log', 1, Buffer.alloc(10))
  dropCachedBlocks()
  assert.equal(cachedBlock('log', 1), undefined)
})
