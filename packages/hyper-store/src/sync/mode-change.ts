/** What is to be done before a device that only received begins to publish. */
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath, Synced } from '../core/entries.ts'
import type { DiskFolder, SyncedStore } from '../core/ports.ts'

/**
 * Records what the user deleted on disk while this device only received as not on disk, so that it comes back and is not deleted for all:
 * nobody who clears a copy expects that. To be called before the new mode is stored, and when the loop of the old mode has ended. Gives the count.
 * Throws FOLDER_UNREADABLE when the root is not there: then everything would look deleted.
 */
export async function forgetDeletions({ disk, synced }: { disk: DiskFolder; synced: SyncedStore }): Promise<number> {
  const gone: [FolderPath, Synced][] = []
  await mustBePresent(disk)
  for await (const [path, record] of synced.entries()) {
    if (record.local !== null && (await disk.look(path)) === null) gone.push([path, { entry: record.entry, local: null }])
  }
  // A disk that went away meanwhile left nothing to be seen.
  await mustBePresent(disk)
  if (gone.length > 0) await synced.apply({ put: gone }, { sync: true })
  return gone.length
}

async function mustBePresent(disk: DiskFolder): Promise<void> {
  const { state } = await disk.rootState()
  if (state !== 'present') throw new AppError('FOLDER_UNREADABLE', { path: disk.root, reason: 'the folder is not there' })
}
