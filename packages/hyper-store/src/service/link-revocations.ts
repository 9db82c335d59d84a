/**
 * Where the revocation of a gateway link is kept: a record in the drive of the device that revokes. The drive's log signs it, and replication
 * takes it to every store that can check links. The one place that knows.
 */
import { AppError } from '@hyper-store/client/contract'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { KeptFolder } from './kept-folder.ts'

const keyOf = (id: string): string => `revoked/${id}`

/** Revokes a link for everybody; the record says its format and when the link ends by itself, seconds since 1970. Throws FORBIDDEN on a device that doesn't write. */
export async function writeRevocation(folder: KeptFolder, link: { readonly id: string; readonly expiresAtS: number }): Promise<void> {
  await ownOf(folder).writeExtra(keyOf(link.id), { f: 1, e: link.expiresAtS })
}

/** Removes the record of a link that has expired anyway. */
export async function takeBackRevocation(folder: KeptFolder, id: string): Promise<void> {
  const own = ownOf(folder)
  if ((await own.viewNow().extra(keyOf(id))) !== undefined) await own.writeExtra(keyOf(id), null)
}

/** True when a drive of the folder says so, as far as it came here. */
export async function isRevoked(folder: KeptFolder, id: string): Promise<boolean> {
  for (const { drive } of folder.set.all) {
    const found = await recordIn(drive, keyOf(id))
    // Malformed is as good as revoked: a door that can't be understood stays closed.
    if (found !== undefined && found !== null) return true
  }
  return false
}

/** Looks at the newest records that are here, whole content or not: a revocation does not wait for files. */
async function recordIn(drive: DeviceDrive, key: string): Promise<unknown> {
  if (drive.unreadable) return undefined
  if (drive.writable || drive.whole.db === drive.db.length || drive.db.contiguous < drive.db.length) return drive.view().extra(key)
  const view = drive.viewOf(drive.db.length)
  try {
    return await view.extra(key)
  } finally {
    await view.close()
  }
}

function ownOf(folder: KeptFolder): DeviceDrive {
  if (folder.own === null) throw new AppError('FORBIDDEN', { reason: 'this device does not write to the folder' })
  return folder.own
}
