/** A kept folder's side on disk: the disk folder, the loop that keeps it in step, and its trash. */
import type { FolderMode } from '@hyper-store/client/contract'
import { PRIVATE_DIR } from '../core/paths.ts'
import type { Clock, DiskFolder } from '../core/ports.ts'
import { openDiskFolder } from '../disk/disk-folder.ts'
import type { MergedDrives } from '../hyper/folder-drives.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { FolderRecord } from '../state/records.ts'
import type { SyncedTree } from '../state/synced.ts'
import { FolderLoop } from '../sync/folder-loop.ts'
import type { LoopChange, LoopState } from '../sync/loop-options.ts'
import { forgetDeletions } from '../sync/mode-change.ts'
import type { DriveSet } from './drive-set.ts'
import { DAY_MS, TRASH_DAYS } from './trash-pruning.ts'

/** The folder around it. */
export interface FolderOnDiskOptions {
  /** Absolute path of the folder, and of its area for staging and trash in the home. */
  readonly path: string
  readonly area: string
  readonly drives: MergedDrives
  readonly set: DriveSet
  readonly synced: SyncedTree
  readonly replication: Replication
  readonly clock: Clock
  readonly deviceName: () => string
  readonly record: () => FolderRecord
  readonly save: (change: Partial<FolderRecord>) => Promise<void>
  /** False while the loop shall stand still. */
  readonly mayRun: () => boolean
  readonly onState: (state: LoopState) => void
  readonly onChanges: (changes: readonly LoopChange[]) => void
  /** The disk shows what the drives had, whole or but for some paths. */
  readonly onApplied: (complete: boolean) => void
  readonly onBytes: (bytes: number) => void
}

/** Owns disk and loop of one folder, from `open` to `close`. */
export class FolderOnDisk {
  readonly disk: DiskFolder
  readonly #o: FolderOnDiskOptions
  readonly #daily: NodeJS.Timeout
  #loop: FolderLoop | null = null
  #closed = false

  private constructor(disk: DiskFolder, options: FolderOnDiskOptions) {
    this.disk = disk
    this.#o = options
    this.#daily = setInterval(() => this.#pruneTrash(), DAY_MS)
    this.#daily.unref()
    this.#pruneTrash()
  }

  /** Opens the disk; the loop comes with `start`. */
  static async open(options: FolderOnDiskOptions): Promise<FolderOnDisk> {
    return new FolderOnDisk(await openDiskFolder(options.path, { privateDir: PRIVATE_DIR, area: options.area }), options)
  }

  /** Null before `start` and after `close`. */
  get loop(): FolderLoop | null {
    return this.#loop
  }

  /** Makes a loop for the folder as its record is now, and starts it unless it shall stand still. */
  async start(): Promise<void> {
    if (this.#closed) return
    const { set, synced, drives } = this.#o
    const record = this.#o.record()
    const applied = await synced.applied()
    for (const { drive, shared } of set.all) shared.applied = applied?.[drive.id] ?? 0
    this.#loop = new FolderLoop({
      disk: this.disk,
      drives,
      synced,
      mode: record.mode,
      exclude: record.exclude,
      drive: set.own?.writer ?? set.root.writer,
      deviceName: this.#o.deviceName(),
      clock: this.#o.clock,
      rootIdentity: record.rootIdentity,
      safetyStop: record.safetyStop,
      events: {
        onState: (state) => this.#o.onState(state),
        onChanges: (changes) => this.#o.onChanges(changes),
        onApplied: (complete) => {
          if (complete) this.#announce()
          this.#o.onApplied(complete)
        },
        onBytes: (bytes) => this.#o.onBytes(bytes),
        onSafetyStop: (safetyStop) => void this.#o.save({ safetyStop }),
        onRootIdentity: (rootIdentity) => void this.#o.save({ rootIdentity }),
      },
    })
    this.#loop.start({ paused: !this.#o.mayRun() })
  }

  /** The mode, or the drive that this device writes, is another one now. */
  async restart(): Promise<void> {
    await this.#loop?.close()
    await this.start()
  }

  /** To be called before another mode is stored, and followed by `restart`: what the user cleared while only receiving is no deletion for others. */
  async leaveMode(next: FolderMode): Promise<void> {
    if (this.#o.record().mode !== 'receive-only' || next === 'receive-only') return
    await this.#loop?.close()
    try {
      await forgetDeletions({ disk: this.disk, synced: this.#o.synced })
    } catch (error) {
      await this.start()
      throw error
    }
  }

  /** Ends the loop; the disk stays open until `close`. */
  async stop(): Promise<void> {
    this.#closed = true
    clearInterval(this.#daily)
    await this.#loop?.close()
    this.#loop = null
  }
  /** Ends the loop and gives the disk back. */
  async close(): Promise<void> {
    await this.stop()
    await this.disk[Symbol.asyncDispose]()
  }

  /** Tells peers which version of each drive this disk shows. */
  #announce(): void {
    const version = this.#o.drives.version()
    for (const { drive, shared } of this.#o.set.all) {
      const length = version[drive.id] ?? 0
      if (shared.applied === length) continue
      shared.applied = length
      this.#o.replication.announce(shared)
    }
  }

  /** Best effort: a disk that is away is pruned when it is back, or the next day. */
  #pruneTrash(): void {
    void this.disk.pruneTrash(this.#o.clock.now() - TRASH_DAYS * DAY_MS).catch(() => undefined)
  }
}
