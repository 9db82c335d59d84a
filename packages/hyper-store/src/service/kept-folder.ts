/** One folder that this store keeps: its drives, its loop when it has files on disk, and its receipts. */
import { join } from 'node:path'
import { AppError, type ChangeFolder, type FolderMode, type FolderSpace, type Item } from '@hyper-store/client/contract'
import type { DriveId } from '../core/entries.ts'
import { parseExclude } from '../core/selection.ts'
import { encodeZ32, formatLink } from '../core/links.ts'
import { createRate } from '../core/progress.ts'
import type { Clock, DiskFolder } from '../core/ports.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import { MergedDrives } from '../hyper/folder-drives.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { DecidedField, FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import type { FolderLoop } from '../sync/folder-loop.ts'
import type { LoopChange, LoopState } from '../sync/loop-options.ts'
import { DriveFollowing } from './drive-following.ts'
import type { DriveSet } from './drive-set.ts'
import { Watches } from './watches.ts'
import { DriveTotals } from './drive-totals.ts'
import { refuseMode } from './folder-modes.ts'
import { FolderOnDisk } from './folder-on-disk.ts'
import { ItemView, type ViewContext } from './item-view.ts'
import type { Membership } from './membership.ts'
import { heldOf, type KnownReceipt } from './receipt-book.ts'
import { Recovery } from './recovery.ts'
import { Retainer } from './retainer.ts'
import { membersOf } from './taking-over.ts'

/** What a kept folder needs from the store around it. */
export interface KeptFolderContext extends ViewContext {
  readonly state: State
  readonly clock: Clock
  /** Folder of the home in which each folder has an area for staging and trash, by its key. */
  readonly diskFolder: string
  onItem(folder: KeptFolder): void
  onChanges(folder: KeptFolder, changes: readonly LoopChange[]): void
  onReceipt(folder: KeptFolder, known: KnownReceipt): void
  /** Drives came or went. */
  onDrives(folder: KeptFolder): void
  /** It is open; and it is about to be closed. */
  onOpen(folder: KeptFolder): void
  onClosing(folder: KeptFolder): Promise<void>
  saveRecord(record: FolderRecord): Promise<void>
  /** Bytes that the cores of the store occupy on disk; and gives the disk back what was let go. */
  coresBytes(): Promise<number>
  compact(): Promise<void>
}

/** A folder while the store is open. */
export class KeptFolder {
  record: FolderRecord
  readonly set: DriveSet
  readonly drives: MergedDrives
  readonly link: string
  /** Lets old versions go, and lends. */
  readonly retainer: Retainer
  /** Waits for the newest of its own logs when the device may have lost their end. */
  readonly recovery: Recovery
  readonly #context: KeptFolderContext
  readonly #totals: DriveTotals
  readonly #view: ItemView
  readonly #rate = createRate()
  readonly #following: DriveFollowing
  readonly #watches: Watches
  readonly #stopHearing: () => void
  #onDisk: FolderOnDisk | null = null
  #held: AppError | null = null
  #closed = false

  private constructor(record: FolderRecord, set: DriveSet, membership: Membership, context: KeptFolderContext) {
    this.record = record
    this.set = set
    this.#context = context
    const { own } = set
    this.drives = new MergedDrives({
      members: membersOf(set, record),
      own: own?.drive ?? null,
      writer: own?.writer ?? null,
      chunks: own === null ? null : context.state.chunks(own.listed.key),
      index: context.state.paths(record.key),
      now: () => context.clock.now(),
    })
    this.link = formatLink({
      key: record.key,
      ...(record.encryptionKey === null ? {} : { secret: encodeZ32(Buffer.from(record.encryptionKey, 'hex')) }),
    })
    this.#stopHearing = this.drives.onVersion(() => this.#onWhole())
    this.#totals = new DriveTotals(this.drives)
    this.#view = new ItemView(this, context)
    this.recovery = new Recovery(this, {
      replication: context.replication,
      providerKeys: (names) => context.providerKeys(names),
      isProvider: (deviceKey) => context.isProvider(deviceKey),
      save: async (change) => this.#save(change),
      mayBegin: () => !this.#closed,
      onBegin: () => this.#watches.recovery(),
      onEnd: async () => {
        if (!this.#isOn) return
        await set.share()
        this.loop?.resume({ confirm: false })
        this.scheduleReceipt()
      },
    })
    this.#watches = new Watches({
      set,
      blind: record.blind,
      paused: () => this.record.paused || context.overQuota(record.key) !== null,
      signReceipt: async () => this.#signReceipt(),
      recovering: () => this.recovering,
      tryRecover: async () => this.recovery.endIfConfirmed(),
    })
    this.#following = new DriveFollowing(membership, {
      set,
      drives: this.drives,
      state: context.state,
      record: () => this.record,
      save: async (change) => this.#save(change),
      onGrown: () => this.#onGrown(),
      onSet: () => context.onDrives(this),
      onMerged: async (ownChanged) => {
        if (ownChanged && !this.#closed) await this.#onDisk?.restart()
        this.#onWhole()
      },
      onOwnForked: () => this.loop?.pause(),
    })
    this.retainer = new Retainer(this, {
      synced: context.state.synced(record.key),
      lent: context.state.lent(record.key),
      now: () => context.clock.now(),
      coresBytes: () => context.coresBytes(),
      compact: () => context.compact(),
    })
  }

  /** Opens a folder over its root drive; `onMade` registers it before anything may be heard about it. */
  static async open(
    record: FolderRecord,
    drives: { readonly set: DriveSet; readonly membership: Membership },
    context: KeptFolderContext,
    onMade: (folder: KeptFolder) => void,
  ): Promise<KeptFolder> {
    const { set, membership } = drives
    if (membership.drives !== null) await set.follow(record, membership.drives)
    set.refuse(membership.refused)
    const folder = new KeptFolder(record, set, membership, context)
    onMade(folder)
    await context.receipts.load(record.key)
    if (record.path === null && record.title === record.key.slice(0, 8)) void folder.#takeTitle().catch(() => undefined)
    // Else the first pass would compare everything with a merge that is not open yet.
    await folder.drives.settled()
    await folder.#following.start()
    if (record.path !== null) await folder.#startOnDisk(record.path)
    context.onOpen(folder)
    if (folder.#isOn) await set.share()
    folder.scheduleReceipt()
    folder.#watches.gaps()
    folder.#watches.recovery()
    return folder
  }

  /** The root drive. */
  get drive(): DeviceDrive {
    return this.set.root.drive
  }
  get shared(): SharedDrive {
    return this.set.root.shared
  }
  /** The drive that this device writes now; null for readers and keepers. */
  get own(): DeviceDrive | null {
    return this.set.own?.drive ?? null
  }
  get ownShared(): SharedDrive | null {
    return this.set.own?.shared ?? null
  }
  get membership(): Membership {
    return this.#following.membership
  }
  /** Version that this device shows. */
  get version(): number {
    return this.#view.shownVersion
  }
  /** True unless it stands still by choice or for the store's disk, or is closed. */
  get #isOn(): boolean {
    return !this.record.paused && this.#held === null && !this.#closed
  }

  /** True when its loop may run: it is on, does not recover, and this device was not removed. */
  get #mayRun(): boolean {
    return this.#isOn && !this.recovering && !this.membership.removed
  }

  /** The roster says something new: drives come and go, and this device's role may change. */
  async followRoster(membership: Membership): Promise<void> {
    const before = await this.#following.follow(membership)
    if (this.#closed) return
    if (membership.removed) this.loop?.pause()
    else if (before.removed && this.#mayRun) this.loop?.resume({ confirm: false })
    this.#watches.gaps()
    this.#watches.recovery()
    this.scheduleReceipt()
    this.#context.onItem(this)
  }

  get key(): string {
    return this.record.key
  }
  get loop(): FolderLoop | null {
    return this.#onDisk?.loop ?? null
  }
  get disk(): DiskFolder | null {
    return this.#onDisk?.disk ?? null
  }
  /** Why it stands still because of the store's own disk; null when it does not. */
  get held(): AppError | null {
    return this.#held
  }
  /** True while it waits for a peer to confirm its newest state, and writes nothing. */
  get recovering(): boolean {
    return this.recovery.isOn
  }
  /** Throws why nothing can be written now: RECOVERING, or what is wrong with the store's own disk. */
  refuseHalted(): void {
    if (this.recovering) throw this.#view.recoveringProblem()
    if (this.#held !== null) throw this.#held
  }
  /** What it is, as far as is known: `folder` until its first block says otherwise. */
  get kind(): FolderRecord['kind'] {
    return this.#view.kind
  }
  get blind(): boolean {
    return this.record.blind
  }

  /** Bytes were moved just now, over the network or by the loop. */
  bytesMoved(bytes: number): void {
    this.#rate.add(this.#context.clock.now(), bytes)
    this.#watches.moved()
    this.#context.onItem(this)
  }

  /** Stands still by choice, over restarts too. */
  async pause(): Promise<void> {
    await this.#save({ paused: true })
    this.loop?.pause()
    await this.set.unshare()
    this.#context.onItem(this)
  }

  /** Goes on; with `confirm` the loop may do what a safety stop refused, and a recovery ends without a peer's word. */
  async resume(options: { confirm: boolean; bringBack?: boolean }): Promise<void> {
    const wasPaused = this.record.paused
    await this.#save({ paused: false })
    if (options.confirm) await this.recovery.end()
    if (this.#held !== null) return
    if (wasPaused) await this.set.share()
    if (this.#mayRun) this.loop?.resume(options)
    this.#context.onItem(this)
  }

  /** Stands still because of the store's own disk; null goes on. */
  async hold(problem: AppError | null): Promise<void> {
    if ((problem === null) === (this.#held === null)) return
    this.#held = problem
    if (problem !== null) {
      this.loop?.pause()
      await this.set.unshare()
    } else if (!this.record.paused && !this.#closed) {
      await this.set.share()
      if (this.#mayRun) this.loop?.resume({ confirm: false })
    }
    this.#context.onItem(this)
  }

  /** Compares disk and drives whole, and resolves after that. Throws what makes it stand still. */
  async rescan(): Promise<void> {
    this.refuseHalted()
    if (this.record.paused) throw new AppError('BAD_REQUEST', { reason: `${this.record.title} is paused; resume it first` })
    if (this.membership.removed) throw new AppError('REMOVED_MEMBER', { title: this.record.title })
    if (this.loop === null) for (const { drive } of this.set.all) await drive.settled()
    else await this.loop.rescan()
  }

  /** Changes how this device keeps it. Throws BAD_REQUEST, FORBIDDEN. */
  async change(change: ChangeFolder): Promise<void> {
    const { title, mode, exclude, lend, listed } = change
    if (listed === true && this.record.private)
      throw new AppError('BAD_REQUEST', { reason: `${this.record.title} is private; its link is not for a public list` })
    if (mode !== undefined) refuseMode(mode, { path: this.record.path, blind: this.record.blind, mayWrite: this.set.own !== null })
    const list = exclude === undefined ? undefined : parseExclude(exclude)
    await this.#keepAs({
      ...(title === undefined ? {} : { title }),
      ...(mode === undefined ? {} : { mode }),
      ...(list === undefined ? {} : { exclude: list }),
      ...(lend === undefined ? {} : { lend }),
      ...(listed === undefined ? {} : { listed }),
    })
    if (mode === undefined && list !== undefined) this.loop?.setExclude(list)
  }

  /** The role of this device became another one, and with it what it may do. */
  async useMode(mode: FolderMode): Promise<void> {
    if (this.record.mode !== mode) await this.#keepAs({ mode })
  }

  async #keepAs(change: Partial<Pick<FolderRecord, 'title' | 'mode' | 'exclude' | 'lend' | 'listed'>>): Promise<void> {
    if (change.mode !== undefined) await this.#onDisk?.leaveMode(change.mode)
    await this.#save(change)
    if (change.mode !== undefined) await this.#onDisk?.restart()
  }

  /** Remembers keys, drives and what else sharing decides about this folder. */
  async remember(change: Partial<Pick<FolderRecord, DecidedField>>): Promise<void> {
    await this.#save(change)
  }

  /** Gives it another title on this device. */
  async rename(title: string): Promise<void> {
    await this.#save({ title })
  }

  /** A provider keeps it from now on; `blind`: without the key. */
  async addProvider(name: string, options: { blind?: boolean } = {}): Promise<void> {
    const { providers, blindProviders } = this.record
    const blind = blindProviders.filter((other) => other !== name)
    await this.#save({
      providers: providers.includes(name) ? providers : [...providers, name],
      blindProviders: options.blind === true ? [...blind, name] : blind,
    })
    this.#context.onItem(this)
  }

  /** State for people who only want to know whether all is well. */
  get settled(): 'syncing' | 'complete' | 'off' {
    const state = this.#view.state
    return state === 'syncing' ? 'syncing' : state === 'up-to-date' ? 'complete' : 'off'
  }

  /** Lets the stored blocks go; the log stays, so that adding again goes on with it. */
  async dropData(): Promise<void> {
    await this.#onDisk?.stop()
    await this.set.unshare()
    for (const { drive } of this.set.all) await drive.dropBlocks()
    for (const { log } of this.set.boards.all) await log.dropBlocks()
  }

  /** Signs a receipt soon, when this device holds all that it knows of. */
  scheduleReceipt(): void {
    this.#watches.receiptSoon()
  }

  /** All that users see of it. */
  async item(): Promise<Item> {
    const stored = this.set.all.reduce((sum, { drive }) => sum + (drive.blobs?.raw.byteLength ?? 0), 0)
    const totals = this.#view.logTotals ?? (this.blind ? { files: 0, bytes: stored } : await this.#totals.of(this.drives.total()))
    return this.#view.item(totals, this.#rate, this.#context.clock.now())
  }

  /** Hex discovery key of a drive of the folder; null for an unknown one. */
  discoveryKeyOf(drive: DriveId): string | null {
    return this.set.all.find((held) => held.drive.id === drive)?.shared.id ?? null
  }
  /** Newest receipts of all other devices. */
  receipts(): KnownReceipt[] {
    return this.#context.receipts.list(this.key).filter(({ device }) => device !== this.#context.deviceKey)
  }
  /** Receipts of providers and members that hold the newest version and keep no files on disk, so that they do not lend. */
  keepers(): KnownReceipt[] {
    return this.#keeping().filter(({ device }) => this.holdsNewest(device))
  }
  /** True while some provider or member that keeps no files on disk has said what it holds. */
  get isKept(): boolean {
    return this.#keeping().length > 0
  }
  #keeping(): KnownReceipt[] {
    const trusted = new Set([...this.#context.providerKeys(this.record.providers), ...this.membership.devices])
    for (const refused of this.membership.refused) trusted.delete(refused)
    return this.receipts().filter(({ device, receipt }) => !receipt.applied && trusted.has(device))
  }

  /** How many old versions this device keeps from now on. */
  async setRetention(retention: FolderRecord['retention']): Promise<void> {
    await this.#save({ retention })
  }
  /** What the folder occupies on this device. */
  async space(): Promise<FolderSpace> {
    return this.retainer.space((await this.item()).bytes)
  }

  /** True when `device` is known to hold all of the newest version known here. */
  holdsNewest(deviceKey: string): boolean {
    return this.#view.holdsNewest(deviceKey)
  }

  /** Ends timers, loop and sharing, and closes disk and drives. */
  async close(): Promise<void> {
    await this.#context.onClosing(this)
    this.#closed = true
    this.#watches.close()
    await this.#following.close()
    await this.retainer.close()
    this.#stopHearing()
    await this.#onDisk?.stop()
    await this.set.unshare()
    await this.#onDisk?.close()
    await this.set.boards.close()
    await this.drives[Symbol.asyncDispose]()
  }

  async #startOnDisk(path: string): Promise<void> {
    const { state, clock, replication, deviceName, diskFolder } = this.#context
    this.#onDisk = await FolderOnDisk.open({
      path,
      area: join(diskFolder, this.key),
      drives: this.drives,
      set: this.set,
      synced: state.synced(this.key),
      replication,
      clock,
      deviceName,
      record: () => this.record,
      save: async (change) => this.#save(change),
      mayRun: () => this.#mayRun,
      onState: (loopState) => this.#onLoopState(loopState),
      onChanges: (changes) => {
        this.retainer.changed(changes)
        this.#context.onChanges(this, changes)
      },
      onApplied: (complete) => {
        if (complete) this.scheduleReceipt()
        this.#context.onItem(this)
      },
      onBytes: (bytes) => this.bytesMoved(bytes),
    })
    await this.retainer.attach(this.#onDisk.disk)
    await this.#onDisk.start()
  }

  #onWhole(): void {
    if (this.kind !== this.record.kind && !this.#closed) void this.#save({ kind: this.kind }).catch(() => undefined)
    this.loop?.remoteChanged()
    this.retainer.soon()
    if (this.loop === null) {
      this.scheduleReceipt()
      if (this.record.title === this.key.slice(0, 8)) void this.#takeTitle().catch(() => undefined)
    }
    this.#context.onItem(this)
  }

  /** Kept by its link alone: the title is the one that its writer gave it, as soon as that can be read. */
  async #takeTitle(): Promise<void> {
    if (this.blind || this.#closed) return
    const title = this.kind === 'folder' ? await this.drive.view().title() : this.drive.tableTitle
    if (title !== null && !this.#closed) await this.rename(title)
  }

  #onGrown(): void {
    this.#watches.moved()
    this.#watches.gaps()
    if (this.loop === null) this.scheduleReceipt()
    this.#context.onItem(this)
  }

  #onLoopState(state: LoopState): void {
    if (state === 'idle') {
      this.scheduleReceipt()
      this.retainer.soon()
    }
    this.#context.onItem(this)
  }

  async #signReceipt(): Promise<void> {
    for (const { drive } of this.set.all) await drive.settled()
    const { drive } = this
    if (this.#closed || this.#view.state !== 'up-to-date' || drive.db.contiguous === 0) return
    const totals = this.#view.logTotals ?? (this.blind ? { files: 0, bytes: 0 } : await this.#totals.of(this.drives.total()))
    const { receipts, clock, deviceName } = this.#context
    const said = heldOf(this.set, { version: this.#view.shownVersion, applied: this.loop !== null, at: clock.now() })
    const known = await receipts.sign(this.key, said, { name: deviceName(), files: totals.files, bytes: totals.bytes })
    if (known !== null) this.#context.onReceipt(this, known)
  }

  async #save(change: Partial<FolderRecord>): Promise<void> {
    this.record = { ...this.record, ...change }
    await this.#context.saveRecord(this.record)
    this.#context.onItem(this)
  }
}
