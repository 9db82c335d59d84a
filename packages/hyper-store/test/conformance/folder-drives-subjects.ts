/** The drives that the conformance suite runs on: real cores in a temporary folder, and the twin in memory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { DriveId } from '../../src/core/entries.ts'
import type { FolderDrives } from '../../src/core/ports.ts'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import type { DeviceDrive } from '../../src/hyper/device-drive.ts'
import { MergedDrives, type MemberDrive } from '../../src/hyper/folder-drives.ts'
import { openState } from '../../src/state/state.ts'
import { createMemoryFolder } from '../fixtures/memory-drives.ts'

/** A folder under test. */
export interface DrivesSubject extends AsyncDisposable {
  /** Ids of the writer's drive and of a second device's. */
  readonly ids: readonly [DriveId, DriveId]
  /** A folder of one drive, on the device that writes it. */
  readonly writer: FolderDrives
  /** The same folder on a device that only reads, with all that was written so far. */
  reader(): Promise<FolderDrives>
  /** A folder of two drives as the first and the second device see it; `exchange` brings each what the other wrote. */
  second(): Promise<{ readonly first: FolderDrives; readonly writer: FolderDrives; exchange(): Promise<void> }>
  /** Bytes in the content logs. */
  contentBytes(): number
}

/** The twin in memory. */
export async function openMemorySubject(): Promise<DrivesSubject> {
  const ids = ['writeraaaa' as DriveId, 'secondbbbb' as DriveId] as const
  const alone = createMemoryFolder([ids[0]])
  const shared = createMemoryFolder(ids)
  return {
    ids,
    writer: alone.open('writer', ids[0]),
    async reader() {
      const drives = alone.open('reader', null)
      alone.deliver('reader')
      return drives
    },
    async second() {
      const first = shared.open('writer', ids[0])
      const writer = shared.open('second', ids[1])
      const exchange = async () => {
        shared.deliver('writer')
        shared.deliver('second')
      }
      return { first, writer, exchange }
    },
    contentBytes: () => alone.contentBytes() + shared.contentBytes(),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** Real cores on disk; `encryptionKey` is 32 bytes, or null for an open folder. */
export async function openRealSubject(encryptionKey: Uint8Array | null): Promise<DrivesSubject> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-drives-'))
  const state = await openState(path.join(dir, 'state'))
  const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
  const open: DeviceDrive[] = []
  const ready = async (drive: DeviceDrive) => {
    await drive.start(0)
    open.push(drive)
    return drive
  }
  const a = await ready(await storage.openOwn('first', encryptionKey))
  const b = await ready(await storage.openOwn('second', encryptionKey))
  const chunksOf = (drive: DeviceDrive) => state.chunks(drive.id)
  return {
    ids: [a.id, b.id],
    writer: new MergedDrives({ members: [memberOf(a)], own: a, writer: a.writer, chunks: chunksOf(a) }),
    async reader() {
      const other = await ready(await storage.openOther(a.key, encryptionKey))
      return new MergedDrives({ members: [memberOf(other)], own: null, writer: null, chunks: null })
    },
    async second() {
      const first = new MergedDrives({
        members: [memberOf(a), memberOf(b)],
        own: a,
        writer: a.writer,
        chunks: chunksOf(a),
        index: state.paths('a'),
      })
      const writer = new MergedDrives({
        members: [memberOf(a), memberOf(b)],
        own: b,
        writer: b.writer,
        chunks: chunksOf(b),
        index: state.paths('b'),
      })
      const exchange = async () => {
        await first.settled()
        await writer.settled()
      }
      return { first, writer, exchange }
    },
    contentBytes: () => (a.blobs?.raw.byteLength ?? 0) + (b.blobs?.raw.byteLength ?? 0),
    async [Symbol.asyncDispose]() {
      for (const drive of open) await drive.close()
      await storage.close()
      await state.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function memberOf(drive: DeviceDrive): MemberDrive {
  return { drive, writer: drive.writer, device: drive.id, frozenAt: null }
}
