/** The synced tree of a folder: what disk and drives last agreed on, per path, with its count and the version it belongs to. */
import { AppError } from '@hyper-store/client/contract'
import type { IteratorOptions } from 'classic-level'
import type { FolderPath, Synced } from '../core/entries.ts'
import type { FolderVersion } from '../core/ports.ts'
import { rangeOf, tablePrefix, writeBatch } from './level.ts'
import type { Durability, Level, Write } from './level.ts'
import { safeJson } from './record-table.ts'
import { createSerial } from '../lib/serial.ts'
import { decodeSynced, encodeSynced } from './synced-codec.ts'

/** Changes that become visible together. A path that is in both `del` and `put` is put. */
export interface SyncedBatch {
  readonly put?: Iterable<readonly [FolderPath, Synced]> | undefined
  readonly del?: Iterable<FolderPath> | undefined
  /** The version of the drives that the tree has caught up with by this batch. */
  readonly applied?: FolderVersion | undefined
}

/** One folder's synced tree. */
export interface SyncedTree {
  get(path: FolderPath): Promise<Synced | null>
  /** In the order of `paths`; null where nothing is. */
  getMany(paths: readonly FolderPath[]): Promise<(Synced | null)[]>
  /**
   * Records in path order (bytes of the UTF-8 text, as drives order theirs), as they are when the walk begins.
   * `prefix` is plain text: end it with `/` to mean what is below a folder.
   */
  entries(options?: { readonly prefix?: string | undefined }): AsyncIterable<readonly [FolderPath, Synced]>
  /** Number of paths; kept, not counted. */
  count(): Promise<number>
  /** The version that `apply` named last; null when none yet. */
  applied(): Promise<FolderVersion | null>
  /** One atomic step; steps of a folder follow each other. Not waited for on the disk unless `sync` says so. */
  apply(batch: SyncedBatch, durability?: Durability): Promise<void>
  /** Forgets everything, the version too. */
  clear(): Promise<void>
}

const WALK_STEP = 1000

interface Totals {
  readonly count: number
  readonly applied: FolderVersion | null
}

/** Makes the synced tree of a folder. One object per folder and process: it holds the count between steps. */
export function createSyncedTree(level: Level, folderKey: string): SyncedTree {
  const prefix = tablePrefix('synced', folderKey)
  const totalsKey = tablePrefix('synced-totals', folderKey)
  const serial = createSerial()
  let known: Totals | null = null

  const totals = async (): Promise<Totals> => {
    if (known === null) {
      const text = await level.get(totalsKey)
      known ??= text === undefined ? { count: 0, applied: null } : parseTotals(text)
    }
    return known
  }
  const present = async (paths: readonly string[]): Promise<number> => {
    if (paths.length === 0) return 0
    // Not `hasMany`, which seeks with an iterator for each key: ten times slower, more so over deleted records.
    const found = await level.getMany<string, Uint8Array>(
      paths.map((path) => prefix + path),
      { valueEncoding: 'view' },
    )
    return found.reduce((sum, value) => sum + (value === undefined ? 0 : 1), 0)
  }
  const applyNow = async (batch: SyncedBatch, durability: Durability): Promise<void> => {
    const before = await totals()
    const puts = new Map<string, Synced>(batch.put ?? [])
    const deletes = [...new Set<string>(batch.del ?? [])].filter((path) => !puts.has(path))
    // An empty tree is the first import: nothing to look up, every put is new.
    const replaced = before.count === 0 ? 0 : await present([...puts.keys()])
    const removed = before.count === 0 ? 0 : await present(deletes)
    const after: Totals = { count: before.count + puts.size - replaced - removed, applied: batch.applied ?? before.applied }
    const writes: Write[] = []
    for (const path of deletes) writes.push({ type: 'del', key: prefix + path })
    for (const [path, synced] of puts) writes.push({ type: 'put', key: prefix + path, value: encodeSynced(synced) })
    writes.push({ type: 'put', key: totalsKey, value: JSON.stringify([after.count, after.applied]) })
    await writeBatch(level, writes, durability)
    known = after
  }

  return {
    async get(path) {
      const text = await level.get(prefix + path)
      return text === undefined ? null : decodeSynced(text)
    },
    async getMany(paths) {
      if (paths.length === 0) return []
      const found = await level.getMany(paths.map((path) => prefix + path))
      return found.map((text) => (text === undefined ? null : decodeSynced(text)))
    },
    async *entries(options = {}) {
      const wanted = prefix + (options.prefix ?? '')
      // Read by the thousand: one step of the database per record would cost more than reading it.
      const rows = level.iterator({ gte: wanted, lt: rangeOf(prefix).lt, highWaterMarkBytes: 256 * 1024 } as IteratorOptions<
        string,
        string
      >)
      try {
        for (;;) {
          const some = await rows.nextv(WALK_STEP)
          if (some.length === 0) return
          for (const [key, text] of some) {
            if (!key.startsWith(wanted)) return
            yield [key.slice(prefix.length) as FolderPath, decodeSynced(text)] as const
          }
        }
      } finally {
        await rows.close()
      }
    },
    count: async () => (await totals()).count,
    applied: async () => (await totals()).applied,
    apply: (batch, durability = {}) => serial.run(() => applyNow(batch, durability)),
    clear: () =>
      serial.run(async () => {
        // The totals go first: a crash in between leaves records that the next clear or first sync meets again.
        await writeBatch(level, [{ type: 'del', key: totalsKey }])
        known = null
        await level.clear(rangeOf(prefix))
      }),
  }
}

function parseTotals(text: string): Totals {
  const row = safeJson(text)
  if (Array.isArray(row) && Number.isSafeInteger(row[0]) && (row[1] === null || typeof row[1] === 'object')) {
    return { count: row[0] as number, applied: row[1] as FolderVersion | null }
  }
  throw new AppError('STATE_DAMAGED', { path: 'the state (synced totals)', reason: 'a record has another shape' })
}
