/** One folder that this store keeps: its drives, its loop when it has files on disk, and its receipts. */
import { join } from 'node:path'
import { AppError, type ChangeFolder, type Item } from '@hyper-store/client/contract'
import { PRIVATE_DIR } from '../core/paths.ts'
import { formatLink } from '../core/links.ts'
import { createRate } from '../core/progress.ts'
import type { Clock, DiskFolder, RootIdentity } from '../core/ports.ts'
import { openDiskFolder } from '../disk/disk-folder.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import { MergedDrives } from '../hyper/folder-drives.ts'
import { isConfirmed } from './recovery.ts'
import { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { FolderLoop, type LoopChange, type LoopState } from '../sync/folder-loop.ts'
import { encodeZ32 } from '../core/links.ts'
import { DriveTotals } from './drive-totals.ts'
import { ItemView, type ViewContext } from './item-view.ts'
import type { KnownReceipt } from './receipt-book.ts'

/** What a kept folder needs from the store around it. */
export interface KeptFolderContext extends ViewContext {
  readonly state: State
  readonly clock: Clock
  /** Folder of the home in which each folder has an area for staging and trash, by its key. */
  readonly diskFolder: string
  onItem(folder: KeptFolder): void
  onChanges(folder: KeptFolder, changes: readonly LoopChange[]): void
  onReceipt(folder: KeptFolder, known: KnownReceipt): void
  saveRecord(record: FolderRecord): Promise<void>
}

/** A receipt is signed at most this often while a version grows. */
const RECEIPT_MS = 100
/** While a folder recovers, its peers are asked this often. */
const RECOVERY_MS = 500

/** What the store replaced or removed on disk can be brought back for so long. */
const TRASH_DAYS = 30
const DAY_MS = 24 * 3_600_000

/** Content that nobody brought for this long, while somebody was there, is taken as lost for now. */
const GAPS_AFTER_MS = 5_000

/** A folder while the store is open. */
export class KeptFolder {
  record: FolderRecord
  readonly drive: DeviceDrive
  readonly drives: MergedDrives
  readonly shared: SharedDrive
  readonly link: string
  readonly #context: KeptFolderContext
  readonly #totals: DriveTotals
  readonly #view: ItemView
  readonly #rate = createRate()
  #disk: DiskFolder | null = null
  #loop: FolderLoop | null = null
  #receiptTimer: NodeJS.Timeout | null = null
  #closed = false
  #gapTimer: NodeJS.Timeout | null = null
  #recoveryTimer: NodeJS.Timeout | null = null
  #movedAt = 0
  #held: AppError | null = null
  readonly #stop: (() => void)[] = []

  private constructor(record: FolderRecord, drive: DeviceDrive, context: KeptFolderContext) {
    this.record = record
    this.drive = drive
    this.#context = context
    const own = drive.writable ? drive : null
    this.drives = new MergedDrives([drive], own, own === null ? null : context.state.chunks(record.key))
    this.shared = new SharedDrive(drive, { fetches: own === null || record.recovering })
    this.link = formatLink({
      key: record.key,
      ...(record.encryptionKey === null ? {} : { secret: encodeZ32(Buffer.from(record.encryptionKey, 'hex')) }),
    })
    this.#totals = new DriveTotals(this.drives)
    this.#view = new ItemView(this, context)
  }

  /** Opens a folder; `onMade` registers it before anything may be heard about it. */
  static async open(
    record: FolderRecord,
    drive: DeviceDrive,
    context: KeptFolderContext,
    onMade: (folder: KeptFolder) => void,
  ): Promise<KeptFolder> {
    const folder = new KeptFolder(record, drive, context)
    onMade(folder)
    await context.receipts.load(record.key)
    await drive.start(null)
    if (record.path === null && record.title === record.key.slice(0, 8)) void folder.#takeTitle().catch(() => undefined)
    folder.#stop.push(drive.onWhole(() => folder.#onWhole()))
    folder.#stop.push(drive.db.onGrown(() => folder.#onGrown()))
    folder.#stop.push(drive.blobs?.onGrown(() => folder.#onGrown()) ?? (() => undefined))
    if (record.path !== null) await folder.#startLoop(record.path)
    if (!record.paused) await context.replication.add(folder.shared)
    folder.scheduleReceipt()
    folder.#watchGaps()
    folder.#watchRecovery()
    return folder
  }

  get key(): string {
    return this.record.key
  }
  get loop(): FolderLoop | null {
    return this.#loop
  }
  get disk(): DiskFolder | null {
    return this.#disk
  }
  /** Why it stands still because of the store's own disk; null when it does not. */
  get held(): AppError | null {
    return this.#held
  }
  /** True while it waits for a peer to confirm its newest state, and writes nothing. */
  get recovering(): boolean {
    return this.record.recovering && this.drive.writable
  }
  get blind(): boolean {
    return this.record.blind
  }

  bytesMoved(bytes: number): void {
    this.#rate.add(this.#context.clock.now(), bytes)
    this.#movedAt = performance.now()
    this.#context.onItem(this)
  }

  async pause(): Promise<void> {
    await this.#save({ ...this.record, paused: true })
    this.#loop?.pause()
    await this.#context.replication.remove(this.shared)
    this.#context.onItem(this)
  }

  async resume(options: { confirm: boolean }): Promise<void> {
    const wasPaused = this.record.paused
    await this.#save({ ...this.record, paused: false })
    if (options.confirm && this.recovering) await this.#recovered()
    if (this.#held !== null) return
    if (wasPaused) await this.#context.replication.add(this.shared)
    if (!this.recovering) this.#loop?.resume(options)
    this.#context.onItem(this)
  }

  /** Stands still because of the store's own disk; null goes on. */
  async hold(problem: AppError | null): Promise<void> {
    if ((problem === null) === (this.#held === null)) return
    this.#held = problem
    if (problem !== null) {
      this.#loop?.pause()
      await this.#context.replication.remove(this.shared)
    } else if (!this.record.paused && !this.#closed) {
      await this.#context.replication.add(this.shared)
      if (!this.recovering) this.#loop?.resume({ confirm: false })
    }
    this.#context.onItem(this)
  }

  async rescan(): Promise<void> {
    if (this.#held !== null) throw this.#held
    if (this.recovering) throw this.#view.recoveringProblem()
    if (this.record.paused) throw new AppError('BAD_REQUEST', { reason: `${this.record.title} is paused; resume it first` })
    if (this.#loop === null) await this.drive.settled()
    else await this.#loop.rescan()
  }

  /** Changes how this device keeps it. */
  async change(change: ChangeFolder): Promise<void> {
    if (change.title !== undefined) await this.rename(change.title)
  }

  async rename(title: string): Promise<void> {
    await this.#save({ ...this.record, title })
  }

  async addProvider(name: string): Promise<void> {
    if (!this.record.providers.includes(name)) await this.#save({ ...this.record, providers: [...this.record.providers, name] })
    this.#context.onItem(this)
  }

  /** State for people who only want to know whether all is well. */
  get settled(): 'syncing' | 'complete' | 'off' {
    const state = this.#view.state
    return state === 'syncing' ? 'syncing' : state === 'up-to-date' ? 'complete' : 'off'
  }

  /** Lets the stored blocks go; the log stays, so that adding again goes on with it. */
  async dropData(): Promise<void> {
    await this.#loop?.close()
    this.#loop = null
    await this.#context.replication.remove(this.shared)
    await this.drive.dropBlocks()
  }

  /** Signs a receipt soon, when this device holds all that it knows of. */
  scheduleReceipt(): void {
    if (this.#receiptTimer !== null || this.#closed) return
    this.#receiptTimer = setTimeout(() => {
      this.#receiptTimer = null
      void this.#signReceipt().catch(() => undefined)
    }, RECEIPT_MS)
    this.#receiptTimer.unref()
  }

  async item(): Promise<Item> {
    const totals = this.blind ? { files: 0, bytes: this.drive.blobs?.raw.byteLength ?? 0 } : await this.#totals.of(this.drive.whole.db)
    return this.#view.item(totals, this.#rate, this.#context.clock.now())
  }

  /** True when `device` is known to hold all of the newest version known here. */
  holdsNewest(deviceKey: string): boolean {
    return this.#view.holdsNewest(deviceKey)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#receiptTimer !== null) clearTimeout(this.#receiptTimer)
    if (this.#recoveryTimer !== null) clearTimeout(this.#recoveryTimer)
    if (this.#gapTimer !== null) clearTimeout(this.#gapTimer)
    for (const stop of this.#stop) stop()
    await this.#loop?.close()
    await this.#context.replication.remove(this.shared)
    await this.#disk?.[Symbol.asyncDispose]()
    await this.drives[Symbol.asyncDispose]()
  }

  async #startLoop(path: string): Promise<void> {
    const { state, clock } = this.#context
    this.#disk = await openDiskFolder(path, { privateDir: PRIVATE_DIR, area: join(this.#context.diskFolder, this.key) })
    this.shared.applied = (await state.synced(this.key).applied())?.[this.drive.id] ?? 0
    this.#loop = new FolderLoop({
      disk: this.#disk,
      drives: this.drives,
      synced: state.synced(this.key),
      mode: this.record.mode,
      drive: this.drive.id,
      deviceName: this.#context.deviceName(),
      clock,
      rootIdentity: this.record.rootIdentity,
      safetyStop: this.record.safetyStop,
      events: {
        onState: (loopState) => this.#onLoopState(loopState),
        onChanges: (changes) => this.#context.onChanges(this, changes),
        onApplied: (complete) => this.#onApplied(complete),
        onBytes: (bytes) => this.bytesMoved(bytes),
        onSafetyStop: (safetyStop) => void this.#save({ ...this.record, safetyStop }),
        onRootIdentity: (rootIdentity: RootIdentity) => void this.#save({ ...this.record, rootIdentity }),
      },
    })
    this.#loop.start({ paused: this.record.paused || this.recovering })
    this.#pruneTrash()
    const daily = setInterval(() => this.#pruneTrash(), DAY_MS)
    daily.unref()
    this.#stop.push(() => clearInterval(daily))
  }

  /** Best effort: a disk that is away is pruned when it is back, or the next day. */
  #pruneTrash(): void {
    void this.#disk?.pruneTrash(this.#context.clock.now() - TRASH_DAYS * DAY_MS).catch(() => undefined)
  }

  #onWhole(): void {
    this.#loop?.remoteChanged()
    if (this.#loop === null) {
      this.scheduleReceipt()
      if (this.record.title === this.key.slice(0, 8)) void this.#takeTitle().catch(() => undefined)
    }
    this.#context.onItem(this)
  }

  /** Kept by its link alone: the title is the one that its writer gave it, as soon as that can be read. */
  async #takeTitle(): Promise<void> {
    if (this.blind || this.#closed) return
    const title = await this.drive.view().title()
    if (title !== null && !this.#closed) await this.rename(title)
  }

  #watchRecovery(): void {
    if (!this.recovering || this.#closed) return
    this.#recoveryTimer = setTimeout(() => {
      const providers = this.#context.providerKeys(this.record.providers)
      const confirmed = !this.record.paused && isConfirmed(this.shared, this.#context.replication, providers)
      void (confirmed ? this.#recovered().catch(() => undefined) : Promise.resolve()).then(() => this.#watchRecovery())
    }, RECOVERY_MS)
    this.#recoveryTimer.unref()
  }

  /** What is here is the newest: from now on this device writes and nobody else is asked. */
  async #recovered(): Promise<void> {
    if (!this.recovering) return
    await this.#context.replication.remove(this.shared)
    this.shared.fetches = false
    await this.#save({ ...this.record, recovering: false })
    await this.drive.settled()
    if (this.record.paused || this.#held !== null || this.#closed) return
    await this.#context.replication.add(this.shared)
    this.#loop?.resume({ confirm: false })
    this.scheduleReceipt()
  }

  /** After a while without news, goes on without content that is in nobody's reach. */
  #watchGaps(): void {
    const { drive } = this
    if (this.#gapTimer !== null || this.#closed || drive.writable || this.blind) return
    if (drive.db.contiguous === 0 || drive.whole.db >= drive.db.contiguous) return
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = null
      const present = drive.db.raw.peers.length > 0 && !this.record.paused
      if (present && performance.now() - this.#movedAt >= GAPS_AFTER_MS) drive.goOnWithGaps()
      this.#watchGaps()
    }, GAPS_AFTER_MS / 5)
    this.#gapTimer.unref()
  }

  #onGrown(): void {
    this.#movedAt = performance.now()
    this.#watchGaps()
    if (this.#loop === null) this.scheduleReceipt()
    this.#context.onItem(this)
  }

  #onApplied(complete: boolean): void {
    if (complete) {
      const version = this.drives.version()[this.drive.id] ?? 0
      if (this.shared.applied !== version) {
        this.shared.applied = version
        this.#context.replication.announce(this.shared)
      }
      this.scheduleReceipt()
    }
    this.#context.onItem(this)
  }

  #onLoopState(state: LoopState): void {
    if (state === 'idle') this.scheduleReceipt()
    this.#context.onItem(this)
  }

  async #signReceipt(): Promise<void> {
    const { drive } = this
    await drive.settled()
    if (this.#closed || this.#view.state !== 'up-to-date' || drive.db.contiguous === 0) return
    const totals = this.blind ? { files: 0, bytes: 0 } : await this.#totals.of(drive.whole.db)
    const known = await this.#context.receipts.sign(
      this.key,
      {
        drive: this.shared.id,
        fork: drive.db.fork,
        version: this.blind ? drive.db.contiguous : this.#view.shownVersion,
        blobsFork: drive.blobs?.fork ?? 0,
        // With gaps and nothing unsettled, all that the newest version shows is here; what is missing is of older ones.
        blobs: drive.gaps ? drive.whole.need : (drive.blobs?.contiguous ?? 0),
        applied: this.#loop !== null,
        at: this.#context.clock.now(),
      },
      { name: this.#context.deviceName(), files: totals.files, bytes: totals.bytes },
    )
    if (known !== null) this.#context.onReceipt(this, known)
  }

  async #save(record: FolderRecord): Promise<void> {
    this.record = record
    await this.#context.saveRecord(record)
    this.#context.onItem(this)
  }
}
