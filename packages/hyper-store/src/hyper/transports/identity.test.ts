/** Shows that identities are stable and that signatures are only good for what was signed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeDeviceKey, encodeDeviceKey, loadIdentity, verifySignature } from './identity.ts'

const seed = new Uint8Array(32).fill(7)

test('loadIdentity() gives the same key for the same seed', () => {
  assert.equal(loadIdentity(seed).deviceKey, loadIdentity(seed.slice()).deviceKey)
  assert.notEqual(loadIdentity(seed).deviceKey, loadIdentity(new Uint8Array(32)).deviceKey)
  assert.match(loadIdentity(seed).deviceKey, /^[a-z0-9]{52}$/)
})

test('loadIdentity() refuses a seed of another length', () => {
  assert.throws(() => loadIdentity(new Uint8Array(31)), RangeError)
})

test('verifySignature() holds for the signer and its bytes alone', () => {
  const identity = loadIdentity(seed)
  const bytes = new TextEncoder().encode('raspberry holds version 812')
  const signature = identity.sign(bytes)
  assert.equal(verifySignature(bytes, signature, identity.deviceKey), true)
  assert.equal(verifySignature(bytes.subarray(1), signature, identity.deviceKey), false)
  assert.equal(verifySignature(bytes, signature, loadIdentity(new Uint8Array(32)).deviceKey), false)
})

test('verifySignature() is false for malformed input', () => {
  const identity = loadIdentity(seed)
  const bytes = new Uint8Array(4)
  for (const signature of [new Uint8Array(0), new Uint8Array(63), new Uint8Array(65), new Uint8Array(64)]) {
    assert.equal(verifySignature(bytes, signature, identity.deviceKey), false)
  }
  for (const key of ['', 'x', '0'.repeat(52), 'é'.repeat(52), `${identity.deviceKey}y`]) {
    assert.equal(verifySignature(bytes, identity.sign(bytes), key), false)
  }
})

test('decodeDeviceKey() takes the one spelling of a key', () => {
  const { deviceKey, keyPair } = loadIdentity(seed)
  assert.deepEqual(Buffer.from(decodeDeviceKey(deviceKey) ?? []), Buffer.from(keyPair.publicKey))
  assert.equal(decodeDeviceKey(deviceKey.toUpperCase()), null)
  // The last character carries one bit of the key and four that must be nothing.
  const twisted = `${deviceKey.slice(0, 51)}${deviceKey.endsWith('y') ? 'b' : '9'}`
  assert.equal(decodeDeviceKey(twisted), null)
  assert.equal(encodeDeviceKey(keyPair.publicKey), deviceKey)
})
