/** Tables in shared folders on real logs: several devices that each hold what was brought to them. */
import { MergedDrives } from '../../src/hyper/folder-drives.ts'
import { folderTable, type FolderTable } from '../../src/hyper/folder-table.ts'
import type { LogCore } from '../../src/hyper/log-core.ts'
import { openRealShared, type SharedSubject } from './folder-drives-shared-subjects.ts'

/** A folder of several devices with tables in it. */
export interface SharedTables extends AsyncDisposable {
  readonly folder: SharedSubject
  drives(device: number): MergedDrives
  table(device: number, name?: string): FolderTable
  /** Brings all that `from` wrote to `to`. */
  bring(from: number, to: number): Promise<void>
  /** Brings only records and rows: content of files stays where it is. */
  bringRecords(from: number, to: number): Promise<void>
  /** Brings everything of everybody to everybody. */
  bringAll(): Promise<void>
}

/** `encryptionKey` is 32 bytes, or null for an open folder. */
export async function openSharedTables(count: number, encryptionKey: Uint8Array | null = null): Promise<SharedTables> {
  const folder = await openRealShared(count, encryptionKey)
  const drives = (device: number): MergedDrives => {
    const found = folder.devices[device]?.drives
    if (!(found instanceof MergedDrives)) throw new Error('the folder has that device')
    return found
  }
  return {
    folder,
    drives,
    table: (device, name = 'birds') => folderTable(drives(device), name),
    bring: async (from, to) => folder.bring(from, to),
    async bringRecords(from, to) {
      const id = drives(from).ownId
      const [own, copy] = [from, to].map((at) => drives(at).members.find(({ drive }) => drive.id === id)?.drive.db)
      if (own === undefined || copy === undefined) throw new Error('each device knows all drives')
      await bringLog(own, copy)
    },
    async bringAll() {
      for (let from = 0; from < count; from++) for (let to = 0; to < count; to++) if (from !== to) await folder.bring(from, to)
    },
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  }
}

async function bringLog(from: LogCore, to: LogCore): Promise<void> {
  if (!to.hasManifest) await to.adoptManifest(from.raw.manifest)
  const [head] = (await from.checkpointsAfter(from.length - 1, 1)).slice(-1)
  if (head === undefined || to.length >= from.length) return
  await to.receive(to.length, await from.readRaw(to.length, from.length), head)
}
