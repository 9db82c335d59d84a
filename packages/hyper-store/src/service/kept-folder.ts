/** One folder that this store keeps: its drives, its loop when it has files on disk, its receipts, and how it looks to users. */
import { join } from 'node:path'
import { AppError, errorCode, type Item, type ItemDevice } from '@hyper-store/client/contract'
import { PRIVATE_DIR } from '../core/paths.ts'
import { formatLink } from '../core/links.ts'
import { createRate } from '../core/progress.ts'
import type { Clock, DiskFolder, RootIdentity } from '../core/ports.ts'
import { openDiskFolder } from '../disk/disk-folder.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import { MergedDrives } from '../hyper/folder-drives.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { FolderLoop, type LoopChange, type LoopState } from '../sync/folder-loop.ts'
import { encodeZ32 } from '../core/links.ts'
import { DriveTotals } from './drive-totals.ts'
import type { KnownReceipt, ReceiptBook } from './receipt-book.ts'

/** What a kept folder needs from the store around it. */
export interface KeptFolderContext {
  readonly state: State
  readonly replication: Replication
  readonly receipts: ReceiptBook
  readonly clock: Clock
  readonly deviceName: () => string
  readonly deviceKey: string
  /** Folder of the home in which each folder has an area for staging and trash, by its key. */
  readonly diskFolder: string
  /** Names of devices by key: providers first, then what they called themselves. */
  nameOf(deviceKey: string): string | null
  isProvider(deviceKey: string): boolean
  providerKeys(names: readonly string[]): string[]
  onItem(folder: KeptFolder): void
  onChanges(folder: KeptFolder, changes: readonly LoopChange[]): void
  onReceipt(folder: KeptFolder, known: KnownReceipt): void
  saveRecord(record: FolderRecord): Promise<void>
}

/** A receipt is signed at most this often while a version grows. */
const RECEIPT_MS = 100

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
  readonly #rate = createRate()
  #disk: DiskFolder | null = null
  #loop: FolderLoop | null = null
  #receiptTimer: NodeJS.Timeout | null = null
  #closed = false
  #gapTimer: NodeJS.Timeout | null = null
  #movedAt = 0
  #held: AppError | null = null
  readonly #stop: (() => void)[] = []

  private constructor(record: FolderRecord, drive: DeviceDrive, context: KeptFolderContext) {
    this.record = record
    this.drive = drive
    this.#context = context
    const own = drive.writable ? drive : null
    this.drives = new MergedDrives([drive], own, own === null ? null : context.state.chunks(record.key))
    this.shared = new SharedDrive(drive, { fetches: own === null })
    this.link = formatLink({
      key: record.key,
      ...(record.encryptionKey === null ? {} : { secret: encodeZ32(Buffer.from(record.encryptionKey, 'hex')) }),
    })
    this.#totals = new DriveTotals(this.drives)
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
  get blind(): boolean {
    return this.record.blind
  }

  /** Newest version known to exist, of which not all may be here. */
  get newestKnown(): number {
    let newest = this.drive.db.length
    // Nobody knows more of what this device writes than itself, whatever they claim.
    if (this.drive.writable) return newest
    for (const session of this.#context.replication.peersOf(this.shared)) newest = Math.max(newest, session.statusOf(this.shared)?.db ?? 0)
    return newest
  }

  /** Version that this device shows: on disk when it keeps files, else in its store. */
  get shownVersion(): number {
    return this.#loop === null || this.drive.writable ? this.drive.whole.db : (this.shared.applied ?? 0)
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
    if (this.#held !== null) return
    if (wasPaused) await this.#context.replication.add(this.shared)
    this.#loop?.resume(options)
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
      this.#loop?.resume({ confirm: false })
    }
    this.#context.onItem(this)
  }

  async rescan(): Promise<void> {
    if (this.#held !== null) throw this.#held
    if (this.record.paused) throw new AppError('BAD_REQUEST', { reason: `${this.record.title} is paused; resume it first` })
    if (this.#loop === null) await this.drive.settled()
    else await this.#loop.rescan()
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
    const state = this.#itemState()
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
    const { record } = this
    const totals = this.blind ? { files: 0, bytes: this.drive.blobs?.raw.byteLength ?? 0 } : await this.#totals.of(this.drive.whole.db)
    const state = this.#itemState()
    const { held, known } = this.#context.replication.lengths(this.shared)
    const progress = state === 'up-to-date' ? 1 : known === 0 ? 0 : Math.min(0.999, held / known)
    const now = this.#context.clock.now()
    const problem = this.#problem(state)
    return {
      kind: 'folder',
      link: this.link,
      key: record.key,
      path: record.path,
      title: record.title,
      mode: record.mode,
      version: this.drive.writable || this.blind ? this.drive.db.contiguous : this.shownVersion,
      files: totals.files,
      bytes: totals.bytes,
      state,
      progress,
      peers: this.#peers,
      private: record.private,
      role: this.drive.writable ? 'owner' : record.mode === 'keep' || record.mode === 'keep-blind' ? 'keeper' : 'reader',
      devices: this.#devices(state),
      bytesPerSecond: Math.round(this.#rate.bytesPerSecond(now)),
      secondsLeft: state === 'syncing' ? this.#rate.secondsLeft(now, this.#bytesLeft()) : null,
      problem: problem === null ? null : { code: errorCode(problem) ?? 'DEFECT', message: problem.message },
    }
  }

  /** True when `device` is known to hold all of the newest version known here. */
  holdsNewest(deviceKey: string): boolean {
    if (deviceKey === this.#context.deviceKey) return this.#itemState() === 'up-to-date'
    const known = this.#context.receipts.of(this.key, deviceKey)
    const newest = this.newestKnown
    return (
      known !== null &&
      newest > 0 &&
      known.receipt.version >= newest &&
      (this.blind || known.receipt.blobs >= this.drive.whole.need || this.drive.whole.db < newest)
    )
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#receiptTimer !== null) clearTimeout(this.#receiptTimer)
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
    this.#loop.start({ paused: this.record.paused })
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
    if (this.#closed || this.#itemState() !== 'up-to-date' || drive.db.contiguous === 0) return
    const totals = this.blind ? { files: 0, bytes: 0 } : await this.#totals.of(drive.whole.db)
    const known = await this.#context.receipts.sign(
      this.key,
      {
        drive: this.shared.id,
        fork: drive.db.fork,
        version: this.blind ? drive.db.contiguous : this.shownVersion,
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

  /** Devices connected now that have the folder, those that run other programs among them. */
  get #peers(): number {
    return Math.max(this.#context.replication.peersOf(this.shared).length, this.drive.db.raw.peers.length)
  }

  #itemState(): Item['state'] {
    if (this.record.paused) return 'paused'
    const loop = this.#loop
    if (this.#held !== null || loop?.problem != null) return 'error'
    if (this.drive.db.contiguous === 0) return 'waiting'
    if (this.drive.unreadable && !this.blind) return 'error'
    const { db, blobs, whole } = this.drive
    const missing =
      db.contiguous < db.length || (blobs !== null && blobs.contiguous < blobs.length) || (!this.blind && whole.db < db.contiguous)
    if (!this.drive.writable && !this.drive.gaps && (this.#context.replication.behind(this.shared) || missing))
      return this.#peers > 0 ? 'syncing' : 'waiting'
    if (loop !== null && (loop.state !== 'idle' || (!this.drive.writable && (this.shared.applied ?? 0) < whole.db)))
      return loop.state === 'idle' && loop.unsettled.size > 0 ? 'error' : 'syncing'
    if (this.drive.gaps && (loop === null || loop.unsettled.size > 0)) return loop === null ? 'waiting' : 'error'
    return loop !== null && this.drive.leftOut.size > 0 ? 'error' : 'up-to-date'
  }

  #problem(state: Item['state']): AppError | null {
    if (state === 'waiting') return this.drive.db.contiguous === 0 || this.drive.gaps || this.#peers === 0 ? new AppError('NO_PEER') : null
    if (state !== 'error') return null
    if (this.#held !== null) return this.#held
    if (this.drive.unreadable)
      return new AppError('FOLDER_UNREADABLE', {
        path: this.record.title,
        reason: 'the link names no folder, or a private one without the key that opens it; use the whole link',
      })
    const problem = this.#loop?.problem ?? null
    if (problem !== null) return problem
    const [first] = [...(this.#loop?.unsettled ?? []), ...this.drive.leftOut]
    return first === undefined ? null : new AppError('FOLDER_UNREADABLE', { path: first[0], reason: first[1] })
  }

  #bytesLeft(): number {
    let left = 0
    for (const session of this.#context.replication.peersOf(this.shared)) {
      const status = session.statusOf(this.shared)
      if (status !== undefined) left = Math.max(left, status.blobsBytes - (this.drive.blobs?.raw.byteLength ?? 0))
    }
    return left
  }

  #devices(state: Item['state']): ItemDevice[] {
    const { receipts, replication, deviceKey, deviceName } = this.#context
    const out: ItemDevice[] = []
    const mine = receipts.of(this.key, deviceKey)
    const upToDate = state === 'up-to-date'
    out.push({
      name: deviceName(),
      key: deviceKey,
      role: 'this',
      version: this.blind ? this.drive.db.contiguous : this.shownVersion,
      complete: upToDate,
      at: mine === null ? null : new Date(mine.receipt.at).toISOString(),
      live: true,
      progress: upToDate ? 1 : this.#share(),
    })
    const keys = new Set([
      ...receipts.list(this.key).map((r) => r.device),
      ...replication.peersOf(this.shared).map((s) => s.deviceKey),
      ...this.#context.providerKeys(this.record.providers),
    ])
    keys.delete(deviceKey)
    for (const key of keys) out.push(this.#device(key))
    return out
  }

  #device(key: string): ItemDevice {
    const known = this.#context.receipts.of(this.key, key)
    const session = this.#context.replication.peersOf(this.shared).find((s) => s.deviceKey === key)
    const status = session?.statusOf(this.shared)
    const complete = this.holdsNewest(key)
    const total = this.drive.db.length + (this.drive.blobs?.length ?? 0)
    const heard = status === undefined ? 0 : status.db + status.blobs
    return {
      name: this.#context.nameOf(key) ?? known?.record.name ?? session?.name ?? key.slice(0, 8),
      key,
      role: this.#context.isProvider(key) ? 'provider' : 'device',
      version: known?.receipt.version ?? 0,
      complete,
      at: known === null ? null : new Date(known.receipt.at).toISOString(),
      live: session !== undefined,
      progress: complete ? 1 : total === 0 ? 0 : Math.min(0.999, heard / total),
    }
  }

  #share(): number {
    const { held, known } = this.#context.replication.lengths(this.shared)
    return known === 0 ? 0 : Math.min(0.999, held / known)
  }

  async #save(record: FolderRecord): Promise<void> {
    this.record = record
    await this.#context.saveRecord(record)
    this.#context.onItem(this)
  }
}
