/** The local state of a store: one database with a table for each thing that the program remembers between runs. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { LentTable } from '../core/lent.ts'
import { createCheckpoints } from './checkpoints.ts'
import type { StoredCheckpoints } from './checkpoints.ts'
import { createChunkIndex } from './chunks.ts'
import type { StoredChunkIndex } from './chunks.ts'
import { createLentTable } from './lent.ts'
import { openLevel, rangeOf, tablePrefix } from './level.ts'
import type { Level } from './level.ts'
import type { PathIndex } from '../core/path-index.ts'
import { createPathIndex } from './paths.ts'
import { createReceipts } from './receipts.ts'
import type { Receipts } from './receipts.ts'
import { createRecordTable, createSettings } from './record-table.ts'
import type { RecordTable, Settings } from './record-table.ts'
import { DeviceRecord, FolderRecord, InviteRecord, JoinRecord, ProviderRecord } from './records.ts'
import { createRosterTable } from './roster.ts'
import type { RosterTable } from './roster.ts'
import { migrate, MIGRATIONS, refuseNewerState } from './schema.ts'
import type { Migration } from './schema.ts'
import { createSyncedTree } from './synced.ts'
import type { SyncedTree } from './synced.ts'

/** The tables. Calls after `close` fail. */
export interface State extends AsyncDisposable {
  /** True when the database was damaged and repaired by this open; everything rebuildable was dropped then. */
  readonly repaired: boolean
  readonly settings: Settings
  readonly folders: RecordTable<FolderRecord>
  readonly providers: RecordTable<ProviderRecord>
  readonly devices: RecordTable<DeviceRecord>
  readonly joins: RecordTable<JoinRecord>
  readonly invites: RecordTable<InviteRecord>
  readonly receipts: Receipts
  /** Signed lengths of logs. */
  readonly checkpoints: StoredCheckpoints
  /** The synced tree of a folder; the same object for the same key. */
  synced(folderKey: string): SyncedTree
  /** The path index of a shared folder. */
  paths(folderKey: string): PathIndex
  /** The chunk index of a drive. */
  chunks(driveKey: string): StoredChunkIndex
  /** Which files of a folder lend their bytes to the store. */
  lent(folderKey: string): LentTable
  /** The signed commands of a folder's roster. */
  roster(folderKey: string): RosterTable
  /** Waits for running work and closes; closing twice is fine. */
  close(): Promise<void>
}

/**
 * Opens the state in `folder` (made when missing), or in memory for null.
 * @throws NEWER_STATE, before anything is touched; HOME_LOCKED; STATE_DAMAGED; FOLDER_UNREADABLE
 */
export async function openState(folder: string | null, migrations: readonly Migration[] = MIGRATIONS): Promise<State> {
  if (folder !== null) {
    await refuseNewerState(folder, migrations.at(-1)?.version ?? 0)
    await mkdir(folder, { recursive: true, mode: 0o700 })
  }
  // The mark outlives a crash between the repair and the end of the clearing after it.
  const mark = folder === null ? null : join(folder, 'repaired')
  const level = await openLevel(folder === null ? null : join(folder, 'level'), async () => {
    if (mark !== null) await writeFileAtomic(mark, '', { mode: 0o600 })
  })
  try {
    await migrate(level, folder, migrations)
    const repaired = mark !== null && existsSync(mark)
    if (repaired) {
      await dropRebuildable(level)
      await rm(mark)
    }
    return tablesOf(level, repaired)
  } catch (error) {
    await level.close()
    throw error
  }
}

/** Hex SHA-256 of a token: what devices' tokens are kept and found as. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** A repair can bring old records back. An old synced record would read as "the user deleted this": all of them go. */
async function dropRebuildable(level: Level): Promise<void> {
  for (const table of ['synced', 'synced-totals', 'path', 'chunk', 'chunk-mark', 'lent-mark', 'lent-file', 'lent-block'])
    await level.clear(rangeOf(tablePrefix(table)))
}

function tablesOf(level: Level, repaired: boolean): State {
  const syncedByFolder = new Map<string, SyncedTree>()
  const close = () => level.close()
  return {
    repaired,
    settings: createSettings(level),
    folders: createRecordTable(level, { name: 'folder', schema: FolderRecord, keyOf: (row) => row.key }),
    providers: createRecordTable(level, { name: 'provider', schema: ProviderRecord, keyOf: (row) => row.name }),
    devices: createRecordTable(level, { name: 'device', schema: DeviceRecord, keyOf: (row) => row.key }),
    joins: createRecordTable(level, { name: 'join', schema: JoinRecord, keyOf: (row) => row.id }),
    invites: createRecordTable(level, { name: 'invite', schema: InviteRecord, keyOf: (row) => row.id }),
    receipts: createReceipts(level),
    checkpoints: createCheckpoints(level),
    synced(folderKey) {
      let tree = syncedByFolder.get(folderKey)
      if (tree === undefined) {
        tree = createSyncedTree(level, folderKey)
        syncedByFolder.set(folderKey, tree)
      }
      return tree
    },
    paths: (folderKey) => createPathIndex(level, folderKey),
    chunks: (driveKey) => createChunkIndex(level, driveKey),
    lent: (folderKey) => createLentTable(level, folderKey),
    roster: (folderKey) => createRosterTable(level, folderKey),
    close,
    [Symbol.asyncDispose]: close,
  }
}
