/** Tests of links and z-base-32. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decodeZ32, encodeZ32, formatLink, looksLikeLink, parseLink } from './links.ts'
import { parsePath } from './paths.ts'

const keyArb = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(encodeZ32)
const KEY = encodeZ32(new Uint8Array(32).fill(7))

test('z-base-32 gives every byte string back, and only one spelling of it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const text = encodeZ32(bytes)
      assert.equal(text.length, Math.ceil((bytes.length * 8) / 5))
      assert.deepEqual(decodeZ32(text), bytes)
    }),
  )
  assert.equal(encodeZ32(Uint8Array.of(0xf0, 0xbf, 0xc7)), '6n9hq')
  assert.equal(encodeZ32(Uint8Array.of(0xd4, 0x7a, 0x04)), '4t7ye')
  assert.equal(decodeZ32('4t7yb'), null, 'filling bits are not zero')
  assert.equal(decodeZ32('y'), null, 'no bytes have this length')
  assert.equal(decodeZ32('l2'), null, 'foreign characters')
})

test('parseLink() gives the parts of every link that formatLink() made', () => {
  const pathArb = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 4 }).map((names) => names.join('/'))
  fc.assert(
    fc.property(
      fc.record(
        {
          key: keyArb,
          version: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
          path: pathArb.filter((path) => path === '' || parsePath(path) !== null),
          secret: fc.option(keyArb),
        },
        { noNullPrototype: true },
      ),
      (link) => {
        assert.deepEqual(parseLink(formatLink(link)), link)
      },
    ),
  )
})

test('parseLink() reads bare keys, hex keys and upper case as one key', () => {
  const hex = '07'.repeat(32)
  for (const text of [KEY, hex, hex.toUpperCase(), `hyper://${hex}`, `HYPER://${KEY}/`, ` hyper://${KEY} `]) {
    assert.deepEqual(parseLink(text), { key: KEY, version: null, path: '', secret: null }, text)
  }
  assert.equal(parseLink(`hyper://${KEY}+12/a%20b/100%.txt`)?.path, 'a%20b/100%.txt')
  assert.equal(parseLink(`${KEY}+12/a%20b/c/`)?.path, 'a b/c')
  assert.equal(parseLink(`hyper://${KEY}#${KEY}`)?.secret, KEY)
})

test('parseLink() refuses what is cut, overlong or leads out of the folder', () => {
  const refused = [
    '',
    'hyper://',
    'hyper://short',
    `hyper://${KEY.slice(1)}`,
    `hyper://${KEY}y`,
    `hyper://${'l'.repeat(52)}`,
    `hyper://${KEY}+0`,
    `hyper://${KEY}+99999999999999999`,
    `hyper://${KEY}+9007199254740993`,
    `hyper://${KEY}/../x`,
    `hyper://${KEY}/%2e%2e/x`,
    `hyper://${KEY}/a//b`,
    `hyper://${KEY}/a%00`,
    `hyper://${KEY}#short`,
    `hyper://${KEY}/${'x/'.repeat(10_000)}x`,
    `https://${KEY}`,
  ]
  for (const text of refused) assert.equal(parseLink(text), null, text.slice(0, 80))
  fc.assert(fc.property(fc.string(), (text) => parseLink(text) === null || text.length >= 52))
})

test('looksLikeLink() tells links from paths on the command line', () => {
  for (const text of [`hyper://${KEY}`, 'hyper://broken', KEY, 'ab'.repeat(32), `${KEY}/docs`, `${KEY}+4`])
    assert.equal(looksLikeLink(text), true, text)
  for (const text of ['docs', './docs', `./${KEY}`, `${KEY}x`, `x/${KEY}`, 'hyper', 'https://example.org'])
    assert.equal(looksLikeLink(text), false, text)
})
