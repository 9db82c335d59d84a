/** Tokens of gateway links. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkClaim } from './gateway-link.ts'
import { formatLinkToken, linkBody, linkId, parseLinkToken } from './gateway-link.ts'

const SEAL = new Uint8Array(32).fill(9)
const CLAIM: LinkClaim = {
  folder: 'y'.repeat(52),
  epoch: 3,
  id: linkId(new Uint8Array(10).fill(7)),
  path: 'photos/2026/å b',
  expiresAtS: 2 ** 33 + 5,
}

test('a token says what the claim says, in letters that a URL takes as they are', () => {
  for (const claim of [CLAIM, { ...CLAIM, path: '' }, { ...CLAIM, path: `${'a'.repeat(255)}/`.repeat(15) + 'b' }]) {
    const token = formatLinkToken(linkBody(claim), SEAL)
    assert.match(token, /^[\w-]+$/)
    const parsed = parseLinkToken(token)
    assert.deepEqual(parsed?.claim, claim)
    assert.deepEqual(new Uint8Array(parsed?.seal ?? []), SEAL)
    assert.deepEqual(new Uint8Array(parsed?.body ?? []), linkBody(claim))
  }
  assert.equal(CLAIM.id.length, 16)
})

test('what no store ever made is no token: wrong letters, lengths, fields, or another spelling of one', () => {
  const token = formatLinkToken(linkBody(CLAIM), SEAL)
  const tokenOf = (change: Partial<LinkClaim>) => formatLinkToken(linkBody({ ...CLAIM, ...change }), SEAL)
  const wrong = [
    '',
    'a',
    token.slice(0, 40),
    `${token}=`,
    token.replace(/.$/, '/'),
    'A'.repeat(1_000_000),
    `B${token.slice(1)}`,
    tokenOf({ epoch: 0 }),
    tokenOf({ path: '../up' }),
    tokenOf({ path: '/absolute' }),
    tokenOf({ path: 'a//b' }),
    tokenOf({ path: 'nul\0' }),
    tokenOf({ path: 'a'.repeat(300) }),
    // A byte that begins no UTF-8.
    formatLinkToken(new Uint8Array([...linkBody(CLAIM), 0xff]), SEAL),
  ]
  for (const text of wrong) assert.equal(parseLinkToken(text), null, text.slice(0, 60))
  for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    const other = token.slice(0, -1) + last
    if (other !== token) assert.notDeepEqual(parseLinkToken(other)?.seal, SEAL, 'two spellings of one token')
  }
})
