/** Drives of removed members: what this device showed beyond the removal, it writes itself from then on. */
import type { MergedDrives, MemberDrive } from '../hyper/folder-drives.ts'
import { takeOverRows } from '../hyper/folder-table.ts'
import type { FolderRecord } from '../state/records.ts'
import type { DriveSet } from './drive-set.ts'

/** The drives of the merge. One that was frozen just now counts whole until what was shown of it is taken over. */
export function membersOf(set: DriveSet, record: FolderRecord): MemberDrive[] {
  return set.all.map((held) => (record.frozen.includes(held.listed.key) ? held : { ...held, frozenAt: null }))
}

/**
 * Writes what this device showed of freshly frozen drives beyond their end to its own drive. Gives the keys of drives that count up to
 * their frozen length from now on; empty while there is nothing to do, or the drive of the epoch is still missing.
 */
export async function takeOver(drives: MergedDrives, set: DriveSet, options: { record: FolderRecord; epoch: number }): Promise<string[]> {
  const { own } = set
  const fresh = set.all.filter((h) => h.frozenAt !== null && !options.record.frozen.includes(h.listed.key))
  // The old drive is not the place for it: who was removed has its key.
  if (own !== null && own.listed.epoch < options.epoch) return []
  for (const { drive, frozenAt } of fresh) {
    if (own === null || frozenAt === null) continue
    if (drive.whole.db > frozenAt) await drives.adopt(drive, frozenAt)
    // Rows of tables are shown before the files that were written with them.
    await takeOverRows(drives, drive, frozenAt)
  }
  return fresh.map((h) => h.listed.key)
}
