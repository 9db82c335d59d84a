/** Pairing codes: once, in time, and not by guessing. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createPairing, normalizeCode, pairProofBytes } from './pairing.ts'

function world() {
  const clock = { ms: 1_000_000 }
  const pairing = createPairing({ now: () => clock.ms, random: (count) => new Uint8Array(randomBytes(count)) })
  const wrong = (n: number) => pairing.redeem(mistyped(n), { from: '10.0.0.9' })
  return { clock, pairing, wrong }
}

/** A well-formed code that nobody made. */
function mistyped(n: number): string {
  for (const last of '0123456789ABCDEFGHJKMNPQRSTVWXYZ') {
    const code = `0000-0000-${String(n).padStart(4, '0')}${last}`
    if (normalizeCode(code) !== null) return code
  }
  throw new Error('no check letter fits')
}

test('a code is redeemed once and gives its role', () => {
  const { pairing } = world()
  const made = pairing.create({ role: 'member', expiresS: 600 })
  assert.match(made.code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}$/)
  assert.equal(made.expiresAtMs, 1_600_000)
  assert.equal(pairing.redeem(made.code, { from: '10.0.0.1' }), 'member')
  assert.throws(() => pairing.redeem(made.code, { from: '10.0.0.1' }), { code: 'WRONG_CODE' })
})

test('a code may be typed in small letters, with spaces, and with the letters that are mistaken', () => {
  const pairing = createPairing({ now: () => 0, random: (count) => new Uint8Array(count).fill(33) })
  const { code } = pairing.create({ role: 'owner', expiresS: 60 })
  assert.match(code, /^1111-1111-1111/)
  const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replace('1', 'l').replace('1', 'I')}`
  assert.equal(normalizeCode(typed), normalizeCode(code))
  assert.deepEqual(pairProofBytes(typed, 'key'), pairProofBytes(code, 'key'))
  assert.equal(pairing.redeem(typed, { from: '::1' }), 'owner')
})

test('the check letter finds one wrong letter and two exchanged ones', () => {
  const { pairing } = world()
  for (let round = 0; round < 20; round++) {
    const code = normalizeCode(pairing.create({ role: 'reader', expiresS: 1 }).code) as string
    for (let place = 0; place < 11; place++) {
      const letter = code.charAt(place)
      const other = letter === '5' ? '6' : '5'
      assert.equal(normalizeCode(code.slice(0, place) + other + code.slice(place + 1)), null)
      const next = code.charAt(place + 1)
      if (letter === next || `${letter}${next}`.replace('Z', '0') === '00' || /0Z|Z0/.test(letter + next)) continue
      assert.equal(normalizeCode(code.slice(0, place) + next + letter + code.slice(place + 2)), null)
    }
  }
  for (const bad of ['', 'x', '0'.repeat(12), 'U000-0000-00000', 'ä'.repeat(13), '0'.repeat(5000)]) assert.equal(normalizeCode(bad), null)
})

test('an expired code says so, and later is simply wrong', () => {
  const { clock, pairing } = world()
  const { code } = pairing.create({ role: 'owner', expiresS: 10 })
  clock.ms += 10_000
  assert.throws(() => pairing.redeem(code, { from: 'a' }), { code: 'EXPIRED_CODE' })
  clock.ms += 2 * 60 * 60_000
  pairing.create({ role: 'owner', expiresS: 10 })
  assert.throws(() => pairing.redeem(code, { from: 'a' }), { code: 'WRONG_CODE' })
})

test('five wrong codes in a minute close the door for that address, even for the right one, and for a minute only', () => {
  const { clock, pairing, wrong } = world()
  const { code } = pairing.create({ role: 'owner', expiresS: 600 })
  for (let n = 0; n < 5; n++) {
    assert.throws(() => wrong(n), { code: 'WRONG_CODE' })
    clock.ms += 1000
  }
  assert.throws(() => wrong(9), { code: 'TOO_MANY_TRIES', data: { seconds: 55 } })
  assert.throws(() => pairing.redeem(code, { from: '::ffff:10.0.0.9' }), { code: 'TOO_MANY_TRIES' })
  assert.equal(pairing.redeem(pairing.create({ role: 'reader', expiresS: 9 }).code, { from: '10.0.0.8' }), 'reader')
  clock.ms += 55_000
  assert.equal(pairing.redeem(code, { from: '10.0.0.9' }), 'owner')
})

test('a guesser with many addresses is stopped by the limit of all, an IPv6 network counts as one address', () => {
  const { pairing } = world()
  for (let n = 0; n < 5; n++) assert.throws(() => pairing.redeem('x', { from: `2001:db8:1:2::${n}` }), { code: 'WRONG_CODE' })
  assert.throws(() => pairing.redeem('x', { from: '2001:db8:1:2:ffff::1' }), { code: 'TOO_MANY_TRIES' })
  for (let n = 0; n < 45; n++) assert.throws(() => pairing.redeem('x', { from: `10.1.${n}.1` }), { code: 'WRONG_CODE' })
  assert.throws(() => pairing.redeem('x', { from: '10.9.9.9' }), { code: 'TOO_MANY_TRIES' })
})

test('a failed proof of the device key leaves the code open and counts as a wrong try', () => {
  const { pairing } = world()
  const { code } = pairing.create({ role: 'owner', expiresS: 600 })
  for (let n = 0; n < 5; n++) assert.throws(() => pairing.redeem(code, { from: 'a', proven: () => false }), { code: 'FORBIDDEN' })
  assert.throws(() => pairing.redeem(code, { from: 'a', proven: () => true }), { code: 'TOO_MANY_TRIES' })
  assert.equal(pairing.redeem(code, { from: 'b', proven: () => true }), 'owner')
})

test('at most 32 codes are open', () => {
  const { clock, pairing } = world()
  for (let n = 0; n < 32; n++) pairing.create({ role: 'owner', expiresS: 60 })
  assert.throws(() => pairing.create({ role: 'owner', expiresS: 60 }), { code: 'BAD_REQUEST' })
  clock.ms += 60_000
  pairing.create({ role: 'owner', expiresS: 60 })
})
