/** What a pass sees below a folder that is gone, in small trees and in large ones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DriveId, FolderPath, Synced } from '../core/entries.ts'
import type { FolderDrives, SyncedStore } from '../core/ports.ts'
import { openMemoryDisk } from '../disk/memory-disk.ts'
import { observe } from './observe.ts'

const NONE = { kind: 'symlink', target: 'x', mtimeMs: 1, vector: { ['him' as DriveId]: 1 } } as const
const record: Synced = { entry: NONE, local: { kind: 'symlink', target: 'x', mtimeMs: 1, ctimeMs: 1, ino: 1 } }

function store(paths: readonly string[]): SyncedStore {
  const records = new Map(paths.map((path) => [path as FolderPath, record]))
  return {
    get: async (path) => records.get(path) ?? null,
    getMany: async (some) => some.map((path) => records.get(path) ?? null),
    async *entries({ prefix = '' } = {}) {
      for (const [path, value] of records) if (path.startsWith(prefix)) yield [path, value] as const
    },
    count: async () => records.size,
    applied: async () => ({}),
    apply: async () => undefined,
  }
}

for (const others of [0, 1000]) {
  test(`all that was agreed on below a folder that is gone is seen as gone, among ${others} other paths`, async () => {
    const disk = openMemoryDisk()
    disk.write('stays/a', 'x')
    const gone = ['gone/a', 'gone/c', 'gone/deep/b']
    const beside = ['gone-not/a', ...Array.from({ length: others }, (_, i) => `zz/${i}`)]
    const drives = {
      version: () => ({}),
      async *changesSince() {
        // the drives tell nothing new
      },
    } as unknown as FolderDrives
    const seen = await observe(
      { disk: disk.folder, drives, synced: store([...gone, ...beside]), ignored: () => false },
      { everything: false, dirty: new Set(['gone', 'never/was']), unsettled: new Set(), allRemote: false },
    )
    const missing = seen.views.filter(({ local, synced }) => local === null && synced !== null)
    assert.deepEqual(missing.map(({ path }) => path).sort(), gone)
  })
}
