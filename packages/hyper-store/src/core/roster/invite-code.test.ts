/** Tests of invite codes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { encodeZ32 } from '../links.ts'
import { decodeInvite, encodeInvite, type InviteCode, inviteLink, looksLikeInvite } from './invite-code.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const hexOf = (length: number) => bytes(length).map((some) => Buffer.from(some).toString('hex'))
const codes: fc.Arbitrary<InviteCode> = fc.record(
  {
    folder: bytes(32).map(encodeZ32),
    seed: bytes(16),
    role: fc.constantFrom('admin' as const, 'writer' as const, 'reader' as const, 'keeper' as const, 'owner' as const),
    gate: fc.option(fc.record({ epoch: fc.integer({ min: 2, max: 60_000 }), gate: hexOf(32) }, { noNullPrototype: true })),
    hints: fc.array(
      fc.webUrl().filter((url) => Buffer.byteLength(url) <= 100),
      { maxLength: 3 },
    ),
  },
  { noNullPrototype: true },
)
const SAMPLE: InviteCode = {
  folder: encodeZ32(new Uint8Array(32).fill(7)),
  seed: new Uint8Array(16).fill(9),
  role: 'writer',
  gate: null,
  hints: [],
}

test('a code gives back what was put in, as text, as link, in capitals, and broken over lines', () => {
  fc.assert(
    fc.property(codes, (code) => {
      const text = encodeInvite(code)
      for (const way of [
        text,
        inviteLink(text),
        text.toUpperCase(),
        ` ${text.slice(0, 20)}\n  ${text.slice(20, 50)}\t${text.slice(50)} \n`,
      ]) {
        assert.deepEqual(decodeInvite(way), code)
        assert.equal(looksLikeInvite(way), true)
      }
    }),
  )
})

test('a plain code has 90 characters', () => {
  assert.equal(encodeInvite(SAMPLE).length, 90)
})

test('a mistyped, swapped, cut or lengthened code is told at once', () => {
  const alphabet = 'ybndrfg8ejkmcpqxot1uwisza345h769'
  const text = encodeInvite({ ...SAMPLE, gate: { epoch: 3, gate: 'ab'.repeat(32) }, hints: ['http://pi.local:3472'] })
  for (let at = 3; at < text.length; at++) {
    for (const character of alphabet) {
      if (character !== text[at]) assert.equal(decodeInvite(text.slice(0, at) + character + text.slice(at + 1)), null, `${at} ${character}`)
    }
    const swapped = text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2)
    if (swapped !== text) assert.equal(decodeInvite(swapped), null)
    assert.equal(decodeInvite(text.slice(0, at)), null)
  }
  assert.equal(decodeInvite(`${text}y`), null)
})

test('what is no code is null and never an error', () => {
  for (const text of ['', 'hsi', 'hyper-store://join/', `hyper://${SAMPLE.folder}`, 'x'.repeat(1_000_000), 'hsi\u{1F600}'.repeat(30)]) {
    assert.equal(decodeInvite(text), null)
  }
  fc.assert(fc.property(fc.string(), (text) => assert.equal(decodeInvite(text), null)))
  assert.equal(looksLikeInvite('./hsi'), false)
})

test('hints that are too long or too many are left out', () => {
  const code = encodeInvite({ ...SAMPLE, hints: ['x'.repeat(101), 'a', '', 'b', 'c', 'd'] })
  assert.deepEqual(decodeInvite(code)?.hints, ['a', 'b', 'c'])
  assert.throws(() => encodeInvite({ ...SAMPLE, seed: new Uint8Array(15) }), RangeError)
})
