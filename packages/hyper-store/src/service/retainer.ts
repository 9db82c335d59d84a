/** Keeps a folder's store as small as it may be: lets old versions go by its retention, and lends what a keeper and the files hold. */
import type { FolderSpace } from '@hyper-store/client/contract'
import { createSerial } from '../lib/serial.ts'
import type { DriveId, FolderPath } from '../core/entries.ts'
import type { DiskFolder, FolderVersion } from '../core/ports.ts'
import type { LentTable } from '../core/lent.ts'
import type { MergedDrives } from '../hyper/folder-drives.ts'
import { type FileOnDisk, Lending } from '../hyper/lending.ts'
import { coreIn, Reclaim, type ReclaimPlan } from '../hyper/reclaim.ts'
import type { FolderRecord } from '../state/records.ts'
import type { SyncedTree } from '../state/synced.ts'
import type { DriveSet } from './drive-set.ts'
import type { KnownReceipt } from './receipt-book.ts'

/** After a version settled it is left alone for so long; versions that come quickly are looked at once. */
const SETTLE_MS = 60_000
/** So much at least must have been freed before the database is rewritten without being asked, and this share of what it occupies. */
const COMPACT_BYTES = 64 * 1024 * 1024
const COMPACT_SHARE = 0.1

/** The folder as the retainer sees it. */
export interface RetainedFolder {
  readonly record: FolderRecord
  readonly drives: MergedDrives
  readonly set: Pick<DriveSet, 'boards'>
  readonly disk: DiskFolder | null
  readonly blind: boolean
  readonly recovering: boolean
  readonly settled: 'syncing' | 'complete' | 'off'
  readonly version: number
  /** Discovery key of a drive, hex. */
  discoveryKeyOf(drive: DriveId): string | null
  /** Devices that hold all of the newest version and keep no folder on disk: providers and members. */
  keepers(): readonly KnownReceipt[]
  /** True while some provider or member that keeps no folder on disk has said what it holds, be it of an older version. */
  readonly isKept: boolean
  /** Newest receipts of all other devices. */
  receipts(): readonly KnownReceipt[]
}

/** What it needs around the folder. */
export interface RetainerContext {
  readonly synced: SyncedTree
  readonly lent: LentTable
  now(): number
  /** Bytes that the cores occupy on disk. */
  coresBytes(): Promise<number>
  /** Gives the disk back what was let go. */
  compact(): Promise<void>
}

/** Retention and lending of one folder. */
export class Retainer {
  readonly #folder: RetainedFolder
  readonly #context: RetainerContext
  readonly #reclaim: Reclaim
  readonly #serial = createSerial()
  #lending: Lending | null = null
  /** False while no file lends anything: changes of files then mean nothing here. */
  #mayLend = true
  #timer: NodeJS.Timeout | null = null
  #freed = 0
  #closed = false
  /** What is asked of peers of logs that this device writes. */
  #asked: readonly { destroy(): void }[] = []

  constructor(folder: RetainedFolder, context: RetainerContext) {
    this.#folder = folder
    this.#context = context
    this.#reclaim = new Reclaim(folder.drives)
  }

  /** To be called once the disk folder is known, before logs are read or shared: what is lent is read from the files from then on. */
  async attach(disk: Pick<DiskFolder, 'openFile'>): Promise<void> {
    const { drives } = this.#folder
    if (this.#lending === null) {
      // Unless something is lent from earlier runs, changes of files mean nothing here until a file is lent.
      this.#mayLend = false
      for await (const _ of this.#context.lent.files()) {
        this.#mayLend = true
        break
      }
      this.#lending = new Lending({ table: this.#context.lent, disk, coreOf: (id) => coreIn(drives, id) })
    }
    for (const { blobs } of drives.drives) if (blobs !== null) await this.#lending.attach(blobs)
    // A stop may have come between a change and what follows from it here: until then the log says that it holds what no file has.
    void this.#serial
      .run(async () => {
        await this.#settleStale()
        this.#fetchBack()
      })
      .catch(() => undefined)
  }

  /** The loop changed or published these paths: what they lent is looked at again. */
  changed(changes: readonly { readonly path: string; readonly from?: string }[]): void {
    if (this.#lending === null || this.#closed) return
    this.soon()
    if (!this.#mayLend) return
    const paths = new Set(changes.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from])))
    void this.#serial.run(async () => this.#settle([...paths] as FolderPath[])).catch(() => undefined)
  }

  /** Something settled: retention and lending are applied after a while. */
  soon(): void {
    if (this.#timer !== null || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.apply({ compact: false }).catch(() => undefined)
    }, SETTLE_MS)
    this.#timer.unref()
  }

  /**
   * Applies retention and lending now. `compact` rewrites the database whatever was freed, else only when it is worth it. Resolves to
   * the bytes of blocks that were let go.
   */
  async apply(options: { compact: boolean }): Promise<number> {
    return this.#serial.run(async () => {
      if (!this.#mayAct) return 0
      const before = this.#freed
      if (this.#folder.record.retention.keep !== 'all') this.#freed += await this.#reclaim.carryOut(await this.#plan())
      this.#freed += await this.#lend()
      this.#fetchBack()
      const freed = this.#freed - before
      if (options.compact || (await this.#isWorthCompacting())) {
        this.#freed = 0
        await this.#context.compact()
      }
      return freed
    })
  }

  /** What the folder occupies, by what it is for. `content`: bytes of the newest version as users count them. */
  async space(content: number): Promise<FolderSpace> {
    return this.#serial.run(async () => this.#space(content))
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const asked of this.#asked) asked.destroy()
    await this.#serial.run(async () => undefined)
    await this.#lending?.close()
  }

  get #mayAct(): boolean {
    const { blind, recovering, drives } = this.#folder
    return !this.#closed && !blind && !recovering && drives.drives.every((d) => !d.unreadable && d.newerFormat === null)
  }

  async #plan(): Promise<ReclaimPlan> {
    await this.#folder.drives.settled()
    const receipts = this.#folder.receipts().map((known) => this.#stateOf(known))
    return this.#reclaim.plan({ retention: this.#folder.record.retention, now: this.#context.now(), receipts })
  }

  #stateOf({ receipt }: KnownReceipt): FolderVersion {
    const said = receipt.drives ?? { [receipt.drive]: [receipt.version, receipt.blobs] as const }
    return Object.fromEntries(this.#folder.drives.drives.map(({ id }) => [id, said[this.#folder.discoveryKeyOf(id) ?? '']?.[0] ?? 0]))
  }

  /** Blocks of each drive that a keeper is known to hold. */
  #coveredBy(keepers: readonly KnownReceipt[]): (drive: DriveId) => number {
    return (drive) => {
      const key = this.#folder.discoveryKeyOf(drive) ?? ''
      return keepers.reduce(
        (most, { receipt }) => Math.max(most, (receipt.drives?.[key] ?? [0, receipt.drive === key ? receipt.blobs : 0])[1]),
        0,
      )
    }
  }

  async #lend(): Promise<number> {
    const lending = this.#lending
    const { record, disk } = this.#folder
    if (lending === null || disk === null) return 0
    // Where nobody keeps the folder any more, its files alone hold what they lend: an edit would be the end of it.
    if (!record.lend || !this.#folder.isKept) {
      await lending.end()
      return 0
    }
    await this.#sweep(lending)
    const keepers = this.#folder.keepers()
    if (keepers.length === 0 || this.#folder.settled !== 'complete') return 0
    this.#mayLend = true
    const covered = this.#coveredBy(keepers)
    const lent = new Map<string, string>()
    for await (const file of lending.files()) if (file.dropped) lent.set(file.path, `${file.seen.ino} ${file.seen.ctimeMs}`)
    let bytes = 0
    for await (const [path, { entry, local }] of this.#context.synced.entries()) {
      if (this.#closed) break
      if (entry.kind !== 'file' || local?.kind !== 'file' || lent.get(path) === `${local.ino} ${local.ctimeMs}`) continue
      bytes += await lending.lend({ path, entry, local }, covered).catch(() => 0)
    }
    return bytes
  }

  /** After a crash, or when a change was missed: what is lent is what the folder shows. What was given up and is on disk is filled. */
  async #sweep(lending: Lending): Promise<void> {
    await this.#settleStale()
    // Holes of old versions are nothing to fill.
    const hasHoles = this.#folder.drives.drives.some(
      ({ blobs, whole, lacksOld }) => blobs !== null && !lacksOld && blobs.contiguous < Math.min(whole.need, blobs.length),
    )
    if (!hasHoles) return
    for await (const [path, { entry, local }] of this.#context.synced.entries()) {
      if (this.#closed) return
      if (entry.kind === 'file' && local?.kind === 'file') await lending.refill({ path, entry, local }).catch(() => 0)
    }
  }

  /** Looks again at files that the folder shows otherwise than they were when they were lent. */
  async #settleStale(): Promise<void> {
    const stale: FolderPath[] = []
    let isLending = false
    for await (const { path, seen } of this.#context.lent.files()) {
      if (this.#closed) return
      isLending = true
      const local = (await this.#context.synced.get(path))?.local
      if (local?.kind !== 'file' || local.ino !== seen.ino || local.ctimeMs !== seen.ctimeMs || local.size !== seen.size) stale.push(path)
    }
    if (stale.length > 0) await this.#settle(stale)
    this.#mayLend = isLending
  }

  /** Files first, then what is gone: a renamed file goes on to lend. */
  async #settle(paths: readonly FolderPath[]): Promise<void> {
    const lending = this.#lending
    if (lending === null) return
    const gone: FolderPath[] = []
    for (const path of paths) {
      const file = await this.#fileAt(path)
      if (file === null) gone.push(path)
      else await lending.settle(path, file)
    }
    for (const path of gone) await lending.settle(path, null)
    this.#fetchBack()
  }

  /**
   * What files lent and no file has any more is fetched back from the keeper: this device keeps all versions, and the keeper may let them
   * go. Logs of others are fetched without that. Holes that a retention made stay.
   */
  #fetchBack(): void {
    const { record, recovering, drives } = this.#folder
    for (const asked of this.#asked) asked.destroy()
    this.#asked = []
    if (this.#closed || recovering || record.retention.keep !== 'all') return
    this.#asked = drives.drives.flatMap(({ writable, blobs }) => {
      if (!writable || blobs === null || blobs.filled >= blobs.length) return []
      return blobs.gone.wanted().flatMap(({ start, end }) => {
        const to = end === -1 ? blobs.length : Math.min(end, blobs.length)
        return start < to ? [blobs.raw.download({ start, end: to })] : []
      })
    })
  }

  async #fileAt(path: FolderPath): Promise<FileOnDisk | null> {
    const synced = await this.#context.synced.get(path)
    if (synced?.entry.kind !== 'file' || synced.local?.kind !== 'file') return null
    return { path, entry: synced.entry, local: synced.local }
  }

  async #isWorthCompacting(): Promise<boolean> {
    if (this.#freed < COMPACT_BYTES) return false
    return this.#freed >= (await this.#context.coresBytes()) * COMPACT_SHARE
  }

  async #space(content: number): Promise<FolderSpace> {
    const { record, drives, disk, set } = this.#folder
    const plan = this.#folder.blind || drives.drives.some((d) => d.unreadable) ? null : await this.#plan().catch(() => null)
    let lent = 0
    for await (const file of this.#context.lent.files()) if (file.dropped) lent += file.bytes
    const held = drives.drives.reduce((sum, d) => sum + (d.blobs?.raw.byteLength ?? 0), 0)
    const newest = plan?.use.newest ?? held
    lent = Math.min(lent, newest)
    const trash = (await disk?.listTrash().catch(() => []))?.reduce((sum, { size }) => sum + size, 0) ?? 0
    return {
      key: record.key,
      title: record.title,
      path: record.path,
      content,
      stored: newest - lent,
      lent,
      history: plan?.use.history ?? 0,
      reclaimable: plan?.use.loose ?? 0,
      records: [...drives.drives, ...set.boards.all.map(({ log }) => log)].reduce((sum, { db }) => sum + db.raw.byteLength, 0),
      trash,
      retention: record.retention,
      reason: this.#reason(plan, lent),
    }
  }

  /** Why no more is let go; null when nothing is in the way. */
  #reason(plan: ReclaimPlan | null, lent: number): string | null {
    const { record, disk, blind } = this.#folder
    if (blind) return 'this store keeps the folder without being able to read it'
    if (plan === null) return 'not all of the newest version is here'
    if (plan.hindered !== null) return plan.hindered
    if (record.retention.keep === 'all' && plan.use.history > 0) return 'the retention keeps all versions'
    if (disk === null || lent > 0) return null
    if (!record.lend) return 'the folder is set to keep a whole copy in the store'
    return this.#folder.keepers().length === 0 ? `no keeper's receipt covers version ${this.#folder.version}` : null
  }
}
