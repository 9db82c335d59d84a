/** A device's identity: one ed25519 key pair that names it, opens Noise connections and signs receipts. */
import hypercoreCrypto from 'hypercore-crypto'
import z32 from 'z32'

/** Bytes of the seed that an identity is made from. */
const SEED_BYTES = 32

/** Who a device is. The secret key stays in here: never log an identity. */
export interface Identity {
  readonly keyPair: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }
  /** z-base-32 text of the public key, 52 characters. */
  readonly deviceKey: string
  /** A signature of 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

/** The identity of a seed; the same seed always gives the same one. Throws a RangeError unless it has 32 bytes. */
export function loadIdentity(seed: Uint8Array): Identity {
  if (seed.byteLength !== SEED_BYTES) throw new RangeError(`An identity seed has ${SEED_BYTES} bytes, this one ${seed.byteLength}`)
  const keyPair = hypercoreCrypto.keyPair(seed)
  return {
    keyPair,
    deviceKey: encodeDeviceKey(keyPair.publicKey),
    sign: (bytes) => hypercoreCrypto.sign(bytes, keyPair.secretKey),
  }
}

/** True when the device signed exactly these bytes; false for every malformed input. */
export function verifySignature(bytes: Uint8Array, signature: Uint8Array, deviceKey: string): boolean {
  const publicKey = decodeDeviceKey(deviceKey)
  return publicKey !== null && signature.byteLength === 64 && hypercoreCrypto.verify(bytes, signature, publicKey)
}

/** Text form of a public key. */
export function encodeDeviceKey(publicKey: Uint8Array): string {
  return z32.encode(publicKey)
}

/** Public key of a device key as text; null unless it is the one spelling of 32 bytes. */
export function decodeDeviceKey(deviceKey: string): Uint8Array | null {
  if (!/^[13-9a-km-uw-z]{52}$/.test(deviceKey)) return null
  const publicKey = z32.decode(deviceKey).slice(0, 32)
  return z32.encode(publicKey) === deviceKey ? publicKey : null
}
