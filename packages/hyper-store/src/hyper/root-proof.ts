/** Proves that a roster was begun by the writer of the folder's root drive: its log's key pair signs, and the folder's key names that key pair. */
import c from 'compact-encoding'
import Hypercore, { type Session } from 'hypercore'
import hypercoreCrypto from 'hypercore-crypto'
import { manifest as manifestEncoding } from 'hypercore/lib/messages.js'
import { hex } from './hash.ts'

/** Longest manifest of a log with one signer, in bytes. */
const MANIFEST_LIMIT = 2048

/** Signs with the log's own key pair: hex of the manifest's length (4 digits), the manifest, and the signature. Null for a log that others write. */
export function proveRoot(log: Session, message: Uint8Array): string | null {
  const { manifest, keyPair } = log
  if (manifest === null || keyPair?.secretKey == null) return null
  const bytes = c.encode(manifestEncoding, manifest)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.byteLength)
  return hex(Buffer.concat([length, bytes, hypercoreCrypto.sign(message, keyPair.secretKey)]))
}

/** True when `proof` was made by the writer of the log `key` over these bytes; false for everything malformed. */
export function isRootProof(key: Uint8Array, message: Uint8Array, proof: string): boolean {
  try {
    const bytes = Buffer.from(proof, 'hex')
    if (bytes.byteLength < 2) return false
    const length = bytes.readUInt16BE(0)
    if (length > MANIFEST_LIMIT || bytes.byteLength !== 2 + length + 64) return false
    const manifest = c.decode(manifestEncoding, bytes.subarray(2, 2 + length)) as { signers: readonly { publicKey: Uint8Array }[] }
    const [signer] = manifest.signers
    if (signer === undefined || manifest.signers.length !== 1 || !Buffer.from(Hypercore.key(manifest)).equals(key)) return false
    return hypercoreCrypto.verify(message, bytes.subarray(2 + length), signer.publicKey)
  } catch {
    return false
  }
}
