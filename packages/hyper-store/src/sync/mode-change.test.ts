/** Leaving the receive-only mode. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DriveId, Entry, FolderPath, Synced } from '../core/entries.ts'
import type { SyncedStore } from '../core/ports.ts'
import { openMemoryDisk } from '../disk/memory-disk.ts'
import { forgetDeletions } from './mode-change.ts'

const entry: Entry = { kind: 'folder', mtimeMs: 0, vector: { ['him' as DriveId]: 1 } }

function store(records: Map<FolderPath, Synced>): SyncedStore {
  return {
    get: async (path) => records.get(path) ?? null,
    getMany: async (paths) => paths.map((path) => records.get(path) ?? null),
    async *entries() {
      yield* records
    },
    count: async () => records.size,
    applied: async () => null,
    apply: async ({ put = [] }) => {
      for (const [path, record] of put) records.set(path, record)
    },
  }
}

test('forgetDeletions() marks what is gone from the disk and nothing else, and nothing at all when the root is gone', async () => {
  const disk = openMemoryDisk()
  disk.write('a', 'x')
  disk.mkdir('d')
  const local = { kind: 'folder', empty: true } as const
  const records = new Map<FolderPath, Synced>(['a', 'b', 'd', 'd/x'].map((path) => [path as FolderPath, { entry, local }]))
  records.set('out' as FolderPath, { entry, local: null })
  disk.setRoot('missing')
  await assert.rejects(forgetDeletions({ disk: disk.folder, synced: store(records) }), { code: 'FOLDER_UNREADABLE' })
  assert.equal([...records.values()].filter((record) => record.local === null).length, 1)
  disk.setRoot('present')
  assert.equal(await forgetDeletions({ disk: disk.folder, synced: store(records) }), 2)
  assert.deepEqual(
    [...records].flatMap(([path, record]) => (record.local === null ? [path] : [])),
    ['b', 'd/x', 'out'],
  )
})
