/** Takes what is old out of the trash of folders that are no longer kept: their own loop does not run. */
import { join } from 'node:path'
import { PRIVATE_DIR } from '../core/paths.ts'
import type { Clock } from '../core/ports.ts'
import { openDiskFolder } from '../disk/disk-folder.ts'
import type { FolderRecord } from '../state/records.ts'

/** What the store replaced or removed on disk can be brought back for so long. */
export const TRASH_DAYS = 30
/** A day in milliseconds. */
export const DAY_MS = 24 * 3_600_000

/** Prunes now and daily; gives how to stop that. */
export function pruneDaily(prune: () => Promise<void>): () => void {
  const once = () => void prune().catch(() => undefined)
  once()
  const daily = setInterval(once, DAY_MS)
  daily.unref()
  return () => clearInterval(daily)
}

/**
 * Deletes what has been in the trash of removed folders for 30 days. Best effort: a disk that is away is looked at the next time.
 * `home`: the one with the areas of folders; `records`: all folders, of which those that are kept are left alone.
 */
export async function pruneRemovedTrash(
  home: { readonly diskFolder: string },
  records: readonly Pick<FolderRecord, 'key' | 'path' | 'removedAtMs'>[],
  clock: Pick<Clock, 'now'>,
): Promise<void> {
  for (const { key, path, removedAtMs } of records) {
    if (removedAtMs === null || path === null) continue
    try {
      await using disk = await openDiskFolder(path, { privateDir: PRIVATE_DIR, area: join(home.diskFolder, key) })
      await disk.pruneTrash(clock.now() - TRASH_DAYS * DAY_MS)
    } catch {
      // The next day will do.
    }
  }
}
