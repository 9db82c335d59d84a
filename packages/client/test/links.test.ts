/** What counts as a link and what one says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looksLikeLink, parseLink } from '@hyper-store/client'

const zero = 'y'.repeat(52)

test('looksLikeLink() knows links and bare keys from paths and titles', () => {
  for (const link of ['hyper://x', 'HYPER://x', zero, '0'.repeat(64), `${zero}+7/a b`, `${'aF'.repeat(32)}/x`])
    assert.ok(looksLikeLink(link), link)
  for (const other of ['./photos', 'photos', '/a/b', '', 'y'.repeat(51), `./${zero}`, 'C:\\x', `${zero}y`])
    assert.ok(!looksLikeLink(other), other)
})

test('parseLink() reads version and path, and gives hex keys as z-base-32', () => {
  assert.deepEqual(parseLink(`hyper://${zero}+12/a%20b/c`), {
    link: `hyper://${zero}`,
    key: zero,
    version: 12,
    path: 'a b/c',
    secret: null,
  })
  const secret = parseLink(`hyper://${zero}/a/#${'0'.repeat(64)}`)
  assert.deepEqual(secret, { link: `hyper://${zero}`, key: zero, version: null, path: 'a', secret: zero })
  assert.equal(parseLink(zero.toUpperCase()).key, zero)
  assert.deepEqual(parseLink('0'.repeat(64)).key, zero)
  assert.equal(parseLink(`hyper://${'f'.repeat(64)}`).key, `${'9'.repeat(51)}o`)
  // As the z32 package of the Hypercore stack spells it.
  const hex = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
  assert.equal(parseLink(hex).key, 'yyyoryarywdyqnyjbefoadeqbhebnrounoktcfaadrpbs8y7daxo')
  assert.equal(parseLink(`hyper://${zero}/100%`).path, '100%')
  assert.equal(parseLink(`  hyper://${zero}/  `).path, '')
})

test('parseLink() refuses what is no link with BAD_LINK', () => {
  const bad = [
    'hyper://',
    'hyper://abc',
    `hyper://${zero}?a`,
    `hyper://${zero}+x`,
    `hyper://${zero}+`,
    'photos',
    `${zero}l`,
    'x'.repeat(5000),
  ]
  for (const link of bad) assert.throws(() => parseLink(link), { code: 'BAD_LINK' }, link)
})

test('BAD_LINK does not repeat the secret of a private link', () => {
  assert.throws(() => parseLink(`hyper://${'y'.repeat(50)}#secret`), { code: 'BAD_LINK', message: /^(?!.*secret)/ })
})
