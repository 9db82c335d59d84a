/** The board log of a device drive: a third log with the same writer, whose key follows from the drive's, as that of the blobs log does. */
import Hypercore, { type Manifest } from 'hypercore'
import sodium from 'sodium-universal'

/** Keeps the keys of board logs apart from those of all others. */
const PURPOSE = Buffer.from('hyper-store board log 1')

interface Signer {
  readonly namespace: Uint8Array
}

/** Manifest and key of the board log of the drive whose db log has this manifest and key; null for a drive of an old format. */
export function boardLogOf(manifest: Manifest, key: Uint8Array): { readonly manifest: Manifest; readonly key: Uint8Array } | null {
  if (manifest.version < 1) return null
  const signers = manifest.signers.map((signer) => {
    const namespace = Buffer.alloc(32)
    sodium.crypto_generichash_batch(namespace, [PURPOSE, key, (signer as Signer).namespace])
    return { ...(signer as Signer), namespace }
  })
  const companion = { ...manifest, hash: 'blake2b', signers, prologue: null }
  return { manifest: companion, key: Hypercore.key(companion) }
}
