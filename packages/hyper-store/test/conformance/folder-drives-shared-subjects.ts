/** Shared folders for the conformance suite: several devices that each hold what reached them, on real logs and in memory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import type { DriveId } from '../../src/core/entries.ts'
import type { Keep } from '../../src/core/conflicts-settle.ts'
import type { TreeConflict, TreeTotals } from '../../src/core/merged-tree.ts'
import type { FolderDrives } from '../../src/core/ports.ts'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import type { DeviceDrive } from '../../src/hyper/device-drive.ts'
import { MergedDrives, type MemberDrive } from '../../src/hyper/folder-drives.ts'
import type { LogCore } from '../../src/hyper/log-core.ts'
import { openState, type State } from '../../src/state/state.ts'
import { createMemoryFolder } from '../fixtures/memory-drives.ts'

/** What the suite asks of the drives of a shared folder besides their port. */
export interface SharedDrives extends FolderDrives {
  conflicts(): AsyncIterable<TreeConflict>
  settle(path: FolderPath, keep: Keep): Promise<unknown>
  totals(): Promise<TreeTotals | null>
  total(): number
  onVersion(listener: () => void): () => void
}

/** One device of the folder. */
export interface SharedDevice {
  readonly name: string
  readonly writer: DriveId
  readonly drives: SharedDrives
}

/** A folder of several writing devices. */
export interface SharedSubject extends AsyncDisposable {
  readonly devices: readonly SharedDevice[]
  /** Brings all that `from` wrote to `to`. */
  bring(from: number, to: number): Promise<void>
  /** Length of a device's log as it has it itself. */
  lengthOf(device: number): number
  /** Lets a device's drive count up to a length only, on the device `at`. */
  freeze(device: number, length: number | null, at: number): Promise<void>
  /** `by` takes over what the end of a device's log tells from a length on. */
  adopt(by: number, device: number, length: number): Promise<number>
  /** Closes a device and opens it again on what it stored; without its index when `forget`. */
  reopen(device: number, options?: { forget: boolean }): Promise<void>
  /** Writes records to a device's log that no honest program writes; null where the subject has no such border. */
  readonly forge: ((device: number, path: string, entry: EntryOrTombstone) => Promise<void>) | null
}

const NAMES = ['desk', 'couch', 'phone', 'pi']

/** The twin in memory. */
export async function openMemoryShared(count: number): Promise<SharedSubject> {
  const ids = NAMES.slice(0, count).map((name) => name.padEnd(10, 'x').replace(/[lv2]/g, 'y') as DriveId)
  const folder = createMemoryFolder(ids, new Map(ids.map((id, i) => [id, NAMES[i] ?? ''])))
  const idOf = (i: number): DriveId => {
    const id = ids[i]
    if (id === undefined) throw new Error('the folder has that device')
    return id
  }
  const open = (i: number) => ({ name: NAMES[i] ?? '', writer: idOf(i), drives: folder.open(NAMES[i] ?? '', idOf(i)) })
  const devices = ids.map((_, i) => open(i))
  return {
    devices,
    async bring(from, to) {
      folder.deliver(NAMES[to] ?? '', { drive: idOf(from) })
      await devices[to]?.drives.totals()
    },
    lengthOf: (i) => folder.lengthOf(idOf(i)),
    freeze: async (i, length) => folder.freeze(idOf(i), length),
    adopt: async (by, i, length) => devices[by]?.drives.adopt(idOf(i), length) ?? 0,
    async reopen(i, { forget } = { forget: false }) {
      if (forget) folder.forget(NAMES[i] ?? '')
      devices[i] = open(i)
    },
    forge: null,
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** A device on disk. */
class RealDevice {
  readonly name: string
  readonly #key: Uint8Array | null
  readonly #dir: string
  state!: State
  storage!: CoreStorage
  own!: DeviceDrive
  others = new Map<DriveId, DeviceDrive>()
  frozen = new Map<DriveId, number>()
  drives!: MergedDrives

  constructor(name: string, dir: string, key: Uint8Array | null) {
    this.name = name
    this.#dir = dir
    this.#key = key
  }

  async open(): Promise<void> {
    this.state = await openState(path.join(this.#dir, 'state'))
    this.storage = await CoreStorage.open(path.join(this.#dir, 'cores'), { checkpoints: this.state.checkpoints })
    this.own = await this.storage.openOwn('own', this.#key)
    await this.own.start(0)
  }

  async join(all: readonly RealDevice[]): Promise<void> {
    for (const { own } of all) {
      if (own.id === this.own.id) continue
      const drive = await this.storage.openOther(own.key, this.#key)
      await drive.start(0)
      this.others.set(own.id, drive)
    }
    const { id } = this.own
    this.drives = new MergedDrives({
      members: this.members(all),
      own: this.own,
      writer: id,
      chunks: this.state.chunks(id),
      index: this.state.paths('folder'),
    })
    await this.drives.settled()
  }

  members(all: readonly RealDevice[]): MemberDrive[] {
    return all.map(({ own, name }) => {
      const drive = own.id === this.own.id ? this.own : this.others.get(own.id)
      if (drive === undefined) throw new Error('each device knows all drives')
      return { drive, writer: own.id, device: name, frozenAt: this.frozen.get(own.id) ?? null }
    })
  }

  async close(): Promise<void> {
    await this.drives[Symbol.asyncDispose]()
    this.others.clear()
    await this.storage.close()
    await this.state.close()
  }
}

/** Real logs on disk; `encryptionKey` is 32 bytes, or null for an open folder. */
export async function openRealShared(count: number, encryptionKey: Uint8Array | null): Promise<SharedSubject> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-shared-'))
  const real = NAMES.slice(0, count).map((name) => new RealDevice(name, path.join(dir, name), encryptionKey))
  for (const device of real) await device.open()
  for (const device of real) await device.join(real)
  const at = (i: number): RealDevice => {
    const device = real[i]
    if (device === undefined) throw new Error('the folder has that device')
    return device
  }
  const shown = (device: RealDevice): SharedDevice => ({ name: device.name, writer: device.own.id, drives: device.drives })
  const devices = real.map(shown)
  return {
    devices,
    async bring(from, to) {
      const { own } = at(from)
      const copy = at(to).others.get(own.id)
      if (copy === undefined) throw new Error('a device brings nothing to itself')
      await bringLog(own.db, copy.db)
      const blobs = await copy.ensureBlobs()
      if (own.blobs !== null && blobs !== null) await bringLog(own.blobs, blobs)
      await at(to).drives.settled()
    },
    lengthOf: (i) => at(i).own.db.length,
    async freeze(i, length, where) {
      const device = at(where)
      if (length === null) device.frozen.delete(at(i).own.id)
      else device.frozen.set(at(i).own.id, length)
      const { own, state } = device
      await device.drives.setMembers(device.members(real), { drive: own, chunks: state.chunks(own.id), writer: own.id })
    },
    async adopt(by, i, length) {
      const drive = at(by).others.get(at(i).own.id)
      return drive === undefined ? 0 : at(by).drives.adopt(drive, length)
    },
    async reopen(i, { forget } = { forget: false }) {
      const device = at(i)
      if (forget) await device.state.paths('folder').clear()
      await device.close()
      await device.open()
      await device.join(real)
      devices[i] = shown(device)
    },
    forge: async (i, name, entry) => at(i).own.write([{ path: name as FolderPath, entry, before: null }]),
    async [Symbol.asyncDispose]() {
      for (const device of real) await device.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Copies what is new of a log, as replication does: signed by its writer. */
async function bringLog(from: LogCore, to: LogCore): Promise<void> {
  if (!to.hasManifest) await to.adoptManifest(from.raw.manifest)
  const start = to.length
  if (from.length <= start) return
  const [head] = (await from.checkpointsAfter(from.length - 1, 1)).slice(-1)
  if (head === undefined) throw new Error('a log has a signed end')
  await to.receive(start, await from.readRaw(start, from.length), head)
}
