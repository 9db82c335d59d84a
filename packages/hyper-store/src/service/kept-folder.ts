/** One folder that this store keeps: its drives, its loop when it has files on disk, and its receipts. */
import { join } from 'node:path'
import { AppError, type ChangeFolder, type FolderMode, type FolderSpace, type Item } from '@hyper-store/client/contract'
import type { DriveId } from '../core/entries.ts'
import { PRIVATE_DIR } from '../core/paths.ts'
import { parseExclude } from '../core/selection.ts'
import { formatLink } from '../core/links.ts'
import { createRate } from '../core/progress.ts'
import type { Clock, DiskFolder, RootIdentity } from '../core/ports.ts'
import { openDiskFolder } from '../disk/disk-folder.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import { MergedDrives } from '../hyper/folder-drives.ts'
import { isConfirmed } from './recovery.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { forgetDeletions } from '../sync/mode-change.ts'
import { FolderLoop, type LoopChange, type LoopState } from '../sync/folder-loop.ts'
import { encodeZ32 } from '../core/links.ts'
import type { DriveSet, HeldDrive } from './drive-set.ts'
import { membersOf, takeOver } from './taking-over.ts'
import { DAY_MS, TRASH_DAYS } from './trash-pruning.ts'
import { Watches } from './watches.ts'
import { DriveTotals } from './drive-totals.ts'
import { refuseMode } from './folder-modes.ts'
import { ItemView, type ViewContext } from './item-view.ts'
import type { Membership } from './membership.ts'
import type { KnownReceipt } from './receipt-book.ts'
import { Retainer } from './retainer.ts'

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
  readonly #context: KeptFolderContext
  readonly #totals: DriveTotals
  readonly #view: ItemView
  readonly #rate = createRate()
  #membership: Membership
  #disk: DiskFolder | null = null
  #loop: FolderLoop | null = null
  #closed = false
  readonly #watches: Watches
  #held: AppError | null = null
  readonly #stop: (() => void)[] = []
  readonly #stopByDrive = new Map<string, (() => void)[]>()
  #following: Promise<void> = Promise.resolve()

  private constructor(record: FolderRecord, set: DriveSet, membership: Membership, context: KeptFolderContext) {
    this.record = record
    this.set = set
    this.#membership = membership
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
    this.#stop.push(this.drives.onVersion(() => this.#onWhole()))
    this.#totals = new DriveTotals(this.drives)
    this.#view = new ItemView(this, context)
    this.#watches = new Watches({
      set,
      blind: record.blind,
      paused: () => this.record.paused,
      signReceipt: async () => this.#signReceipt(),
      recovering: () => this.recovering,
      tryRecover: async () => this.#tryRecover(),
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
    for (const held of set.all) folder.#listen(held)
    // Else the first pass would compare everything with a merge that is not open yet.
    await folder.drives.settled()
    await folder.#takeOver()
    if (record.path !== null) await folder.#startLoop(record.path)
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
    return this.#membership
  }
  /** Version that this device shows. */
  get version(): number {
    return this.#view.shownVersion
  }
  /** True unless it stands still by choice, for the store's disk, or because this device was removed. */
  get #isOn(): boolean {
    return !this.record.paused && this.#held === null && !this.#closed
  }

  /** The roster says something new: drives come and go, and this device's role may change. */
  async followRoster(membership: Membership): Promise<void> {
    const work = this.#following.then(async () => this.#follow(membership))
    this.#following = work.catch(() => undefined)
    return work
  }

  async #follow(membership: Membership): Promise<void> {
    if (this.#closed) return
    const before = this.#membership
    this.#membership = membership
    this.set.refuse(membership.refused)
    if (membership.removed) {
      this.#loop?.pause()
      this.#context.onItem(this)
      return
    }
    if (membership.drives !== null) {
      const wasOwn = this.set.own
      const { changed, gone } = await this.set.follow(this.record, membership.drives)
      if (changed) {
        this.#context.onDrives(this)
        for (const held of this.set.all) this.#listen(held)
        await this.#useDrives()
        for (const held of gone) await this.#drop(held)
        if (wasOwn?.listed.key !== this.set.own?.listed.key) await this.#restartLoop()
      }
    }
    if (before.removed) this.#loop?.resume({ confirm: false })
    this.#watches.gaps()
    this.#watches.recovery()
    this.scheduleReceipt()
    this.#context.onItem(this)
  }

  /** A writer wrote its log in two ways. The others go on; of its drive, what is here stays. */
  async #onForked(held: HeldDrive): Promise<void> {
    const work = this.#following.then(async () => {
      if (this.#closed || this.record.forked.includes(held.listed.key)) return
      await this.#save({ ...this.record, forked: [...this.record.forked, held.listed.key] })
      if (held.own) {
        this.#loop?.pause()
        return
      }
      for (const stop of this.#stopByDrive.get(held.shared.id) ?? []) stop()
      this.#stopByDrive.delete(held.shared.id)
      await this.set.setApart(this.record, held)
      for (const one of this.set.all) this.#listen(one)
      await this.#useDrives()
    })
    this.#following = work.catch(() => undefined)
    await work
    this.#context.onItem(this)
  }

  async #takeOver(): Promise<void> {
    const over = await takeOver(this.drives, this.set, { record: this.record, epoch: this.#membership.epoch })
    if (over.length === 0) return
    await this.#save({ ...this.record, frozen: [...this.record.frozen, ...over] })
    await this.#setMembers()
  }

  async #useDrives(): Promise<void> {
    await this.#setMembers()
    await this.#takeOver()
    this.#onWhole()
  }

  async #setMembers(): Promise<void> {
    const { own } = this.set
    await this.drives.setMembers(
      membersOf(this.set, this.record),
      own === null ? null : { drive: own.drive, chunks: this.#context.state.chunks(own.listed.key), writer: own.writer },
    )
  }

  async #drop(held: HeldDrive): Promise<void> {
    for (const stop of this.#stopByDrive.get(held.shared.id) ?? []) stop()
    this.#stopByDrive.delete(held.shared.id)
    await held.drive.close()
  }

  #listen(held: HeldDrive): void {
    const { drive, shared } = held
    if (this.#stopByDrive.has(shared.id)) return
    this.#stopByDrive.set(shared.id, [
      drive.onForked(() => void this.#onForked(held).catch(() => undefined)),
      drive.db.onGrown(() => this.#onGrown()),
      drive.blobs?.onGrown(() => this.#onGrown()) ?? (() => undefined),
    ])
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
    return this.record.recovering && this.set.own !== null
  }
  get blind(): boolean {
    return this.record.blind
  }

  bytesMoved(bytes: number): void {
    this.#rate.add(this.#context.clock.now(), bytes)
    this.#watches.moved()
    this.#context.onItem(this)
  }

  async pause(): Promise<void> {
    await this.#save({ ...this.record, paused: true })
    this.#loop?.pause()
    await this.set.unshare()
    this.#context.onItem(this)
  }

  async resume(options: { confirm: boolean }): Promise<void> {
    const wasPaused = this.record.paused
    await this.#save({ ...this.record, paused: false })
    if (options.confirm && this.recovering) await this.#recovered()
    if (this.#held !== null) return
    if (wasPaused) await this.set.share()
    if (!this.recovering && !this.#membership.removed) this.#loop?.resume(options)
    this.#context.onItem(this)
  }

  /** Stands still because of the store's own disk; null goes on. */
  async hold(problem: AppError | null): Promise<void> {
    if ((problem === null) === (this.#held === null)) return
    this.#held = problem
    if (problem !== null) {
      this.#loop?.pause()
      await this.set.unshare()
    } else if (!this.record.paused && !this.#closed) {
      await this.set.share()
      if (!this.recovering && !this.#membership.removed) this.#loop?.resume({ confirm: false })
    }
    this.#context.onItem(this)
  }

  async rescan(): Promise<void> {
    if (this.#held !== null) throw this.#held
    if (this.recovering) throw this.#view.recoveringProblem()
    if (this.record.paused) throw new AppError('BAD_REQUEST', { reason: `${this.record.title} is paused; resume it first` })
    if (this.#membership.removed) throw new AppError('REMOVED_MEMBER', { title: this.record.title })
    if (this.#loop === null) for (const { drive } of this.set.all) await drive.settled()
    else await this.#loop.rescan()
  }

  /** Changes how this device keeps it. Throws BAD_REQUEST, FORBIDDEN. */
  async change(change: ChangeFolder): Promise<void> {
    const { title, mode, exclude, lend } = change
    if (mode !== undefined) refuseMode(mode, { path: this.record.path, blind: this.record.blind, mayWrite: this.set.own !== null })
    const list = exclude === undefined ? undefined : parseExclude(exclude)
    if (mode !== undefined) await this.#beforeMode(mode)
    await this.#save({
      ...this.record,
      ...(title === undefined ? {} : { title }),
      ...(mode === undefined ? {} : { mode }),
      ...(list === undefined ? {} : { exclude: list }),
      ...(lend === undefined ? {} : { lend }),
    })
    if (mode !== undefined) await this.#restartLoop()
    else if (list !== undefined) this.#loop?.setExclude(list)
  }

  /** What the user cleared while only receiving is no deletion for others. */
  async #beforeMode(mode: FolderMode): Promise<void> {
    const disk = this.#disk
    if (disk === null || this.record.mode !== 'receive-only' || mode === 'receive-only') return
    await this.#loop?.close()
    try {
      await forgetDeletions({ disk, synced: this.#context.state.synced(this.key) })
    } catch (error) {
      await this.#restartLoop()
      throw error
    }
  }

  /** The role of this device became another one. */
  async useMode(mode: FolderMode): Promise<void> {
    if (this.record.mode === mode) return
    await this.#beforeMode(mode)
    await this.#save({ ...this.record, mode })
    await this.#restartLoop()
  }

  /** Remembers keys, drives and what else sharing decides about this folder. */
  async remember(
    change: Partial<Pick<FolderRecord, 'shared' | 'epochs' | 'drives' | 'mode' | 'encryptionKey' | 'blind' | 'private'>>,
  ): Promise<void> {
    await this.#save({ ...this.record, ...change })
  }

  async rename(title: string): Promise<void> {
    await this.#save({ ...this.record, title })
  }

  async addProvider(name: string, options: { blind?: boolean } = {}): Promise<void> {
    const { providers, blindProviders } = this.record
    const blind = blindProviders.filter((other) => other !== name)
    await this.#save({
      ...this.record,
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
    await this.#loop?.close()
    this.#loop = null
    await this.set.unshare()
    for (const { drive } of this.set.all) await drive.dropBlocks()
  }

  /** Signs a receipt soon, when this device holds all that it knows of. */
  scheduleReceipt(): void {
    this.#watches.receiptSoon()
  }

  async item(): Promise<Item> {
    const stored = this.set.all.reduce((sum, { drive }) => sum + (drive.blobs?.raw.byteLength ?? 0), 0)
    const totals = this.blind ? { files: 0, bytes: stored } : await this.#totals.of(this.drives.total())
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
    const trusted = new Set([...this.#context.providerKeys(this.record.providers), ...this.#membership.devices])
    for (const refused of this.#membership.refused) trusted.delete(refused)
    return this.receipts().filter(({ device, receipt }) => !receipt.applied && trusted.has(device) && this.holdsNewest(device))
  }

  /** How many old versions this device keeps from now on. */
  async setRetention(retention: FolderRecord['retention']): Promise<void> {
    await this.#save({ ...this.record, retention })
  }
  /** What the folder occupies on this device. */
  async space(): Promise<FolderSpace> {
    return this.retainer.space((await this.item()).bytes)
  }

  /** True when `device` is known to hold all of the newest version known here. */
  holdsNewest(deviceKey: string): boolean {
    return this.#view.holdsNewest(deviceKey)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watches.close()
    await this.#following
    await this.retainer.close()
    for (const stop of [...this.#stop, ...[...this.#stopByDrive.values()].flat()]) stop()
    await this.#loop?.close()
    await this.set.unshare()
    await this.#disk?.[Symbol.asyncDispose]()
    await this.drives[Symbol.asyncDispose]()
  }

  async #startLoop(path: string): Promise<void> {
    this.#disk = await openDiskFolder(path, { privateDir: PRIVATE_DIR, area: join(this.#context.diskFolder, this.key) })
    await this.retainer.attach(this.#disk)
    this.#loop = await this.#makeLoop()
    this.#pruneTrash()
    const daily = setInterval(() => this.#pruneTrash(), DAY_MS)
    daily.unref()
    this.#stop.push(() => clearInterval(daily))
  }

  /** The mode, or the drive that this device writes, is another one now. */
  async #restartLoop(): Promise<void> {
    if (this.#loop === null || this.#closed) return
    await this.#loop.close()
    this.#loop = await this.#makeLoop()
    this.#context.onItem(this)
  }

  async #makeLoop(): Promise<FolderLoop> {
    const { state, clock } = this.#context
    const disk = this.#disk
    if (disk === null) throw new Error('a loop needs a disk')
    const applied = await state.synced(this.key).applied()
    for (const { drive, shared } of this.set.all) shared.applied = applied?.[drive.id] ?? 0
    const loop = new FolderLoop({
      disk,
      drives: this.drives,
      synced: state.synced(this.key),
      mode: this.record.mode,
      exclude: this.record.exclude,
      drive: this.set.own?.writer ?? this.drive.writer,
      deviceName: this.#context.deviceName(),
      clock,
      rootIdentity: this.record.rootIdentity,
      safetyStop: this.record.safetyStop,
      events: {
        onState: (loopState) => this.#onLoopState(loopState),
        onChanges: (changes) => {
          this.retainer.changed(changes)
          this.#context.onChanges(this, changes)
        },
        onApplied: (complete) => this.#onApplied(complete),
        onBytes: (bytes) => this.bytesMoved(bytes),
        onSafetyStop: (safetyStop) => void this.#save({ ...this.record, safetyStop }),
        onRootIdentity: (rootIdentity: RootIdentity) => void this.#save({ ...this.record, rootIdentity }),
      },
    })
    loop.start({ paused: !this.#isOn || this.recovering || this.#membership.removed })
    return loop
  }

  /** Best effort: a disk that is away is pruned when it is back, or the next day. */
  #pruneTrash(): void {
    void this.#disk?.pruneTrash(this.#context.clock.now() - TRASH_DAYS * DAY_MS).catch(() => undefined)
  }

  #onWhole(): void {
    this.#loop?.remoteChanged()
    this.retainer.soon()
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

  async #tryRecover(): Promise<void> {
    const { ownShared } = this
    const providers = this.#context.providerKeys(this.record.providers)
    const confirmed = ownShared !== null && !this.record.paused && isConfirmed(ownShared, this.#context.replication, providers, this.shared)
    if (confirmed) await this.#recovered()
  }

  /**
   * A provider holds more of what this device writes than the device itself: it lost the end of its log, or another store writes
   * with its identity. Nothing is written until that is cleared.
   */
  async recoverIfBehind(): Promise<void> {
    const { ownShared } = this
    if (ownShared === null || this.record.recovering || this.#closed) return
    const more = this.#context.replication
      .peersOf(ownShared)
      .some((session) => this.#context.isProvider(session.deviceKey) && (session.statusOf(ownShared)?.db ?? 0) > ownShared.drive.db.length)
    if (!more) return
    await this.#save({ ...this.record, recovering: true })
    this.#loop?.pause()
    await this.set.unshare()
    ownShared.fetches = true
    await this.set.share()
    this.#watches.recovery()
  }

  /** What is here is the newest: from now on this device writes and nobody else is asked. */
  async #recovered(): Promise<void> {
    if (!this.recovering) return
    await this.set.unshare()
    for (const { own, shared } of this.set.all) if (own) shared.fetches = false
    await this.#save({ ...this.record, recovering: false })
    for (const { drive } of this.set.all) await drive.settled()
    if (!this.#isOn) return
    await this.set.share()
    this.#loop?.resume({ confirm: false })
    this.scheduleReceipt()
  }

  #onGrown(): void {
    this.#watches.moved()
    this.#watches.gaps()
    if (this.#loop === null) this.scheduleReceipt()
    this.#context.onItem(this)
  }

  #onApplied(complete: boolean): void {
    if (complete) {
      const version = this.drives.version()
      for (const { drive, shared } of this.set.all) {
        const length = version[drive.id] ?? 0
        if (shared.applied === length) continue
        shared.applied = length
        this.#context.replication.announce(shared)
      }
      this.scheduleReceipt()
    }
    this.#context.onItem(this)
  }

  #onLoopState(state: LoopState): void {
    if (state === 'idle') this.scheduleReceipt()
    if (state === 'idle') this.retainer.soon()
    this.#context.onItem(this)
  }

  async #signReceipt(): Promise<void> {
    for (const { drive } of this.set.all) await drive.settled()
    const { drive } = this
    if (this.#closed || this.#view.state !== 'up-to-date' || drive.db.contiguous === 0) return
    const totals = this.blind ? { files: 0, bytes: 0 } : await this.#totals.of(this.drives.total())
    const held = this.set.all
    const known = await this.#context.receipts.sign(
      this.key,
      {
        drive: this.shared.id,
        fork: drive.db.fork,
        version: this.#view.shownVersion,
        blobsFork: drive.blobs?.fork ?? 0,
        blobs: drive.heldBlobs,
        applied: this.#loop !== null,
        at: this.#context.clock.now(),
        ...(held.length === 1
          ? {}
          : { drives: Object.fromEntries(held.map((h) => [h.shared.id, [h.drive.db.contiguous, h.drive.heldBlobs] as const])) }),
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
