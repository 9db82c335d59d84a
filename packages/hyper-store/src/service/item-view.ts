/** How a kept folder looks to users: its state, its problem, and who holds how much of it. */
import { AppError, errorCode, type Item, type ItemDevice } from '@hyper-store/client/contract'
import type { Rate } from '../core/progress.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { FolderRecord } from '../state/records.ts'
import type { FolderLoop } from '../sync/folder-loop.ts'
import type { Totals } from './drive-totals.ts'
import type { ReceiptBook } from './receipt-book.ts'

/** The folder that is looked at. */
export interface Viewed {
  readonly record: FolderRecord
  readonly link: string
  readonly drive: DeviceDrive
  readonly shared: SharedDrive
  /** Null when it has no files on disk. */
  readonly loop: FolderLoop | null
  /** Why it stands still because of the store's own disk. */
  readonly held: AppError | null
}

/** What is known around a folder about the devices that have it. */
export interface ViewContext {
  readonly replication: Replication
  readonly receipts: ReceiptBook
  readonly deviceName: () => string
  readonly deviceKey: string
  /** Names of devices by key: providers first, then what they called themselves. */
  nameOf(deviceKey: string): string | null
  isProvider(deviceKey: string): boolean
  providerKeys(names: readonly string[]): string[]
}

/** Looks at a folder and changes nothing. */
export class ItemView {
  readonly #folder: Viewed
  readonly #drive: DeviceDrive
  readonly #shared: SharedDrive
  readonly #context: ViewContext

  constructor(folder: Viewed, context: ViewContext) {
    this.#folder = folder
    this.#drive = folder.drive
    this.#shared = folder.shared
    this.#context = context
  }

  /** Newest version known to exist, of which not all may be here. */
  get #newestKnown(): number {
    const drive = this.#drive
    const shared = this.#shared
    let newest = drive.db.length
    // Nobody knows more of what this device writes than itself, whatever they claim.
    if (drive.writable) return newest
    for (const session of this.#context.replication.peersOf(shared)) newest = Math.max(newest, session.statusOf(shared)?.db ?? 0)
    return newest
  }

  /** Version that this device shows: on disk when it keeps files, else in its store. */
  get shownVersion(): number {
    return this.#folder.loop === null || this.#drive.writable ? this.#drive.whole.db : (this.#shared.applied ?? 0)
  }

  /** The state in one word; up to date means that nothing known is missing here. */
  get state(): Item['state'] {
    const { record, loop, held, drive } = this.#folder
    if (record.paused) return 'paused'
    if (held !== null) return 'error'
    if (record.recovering && drive.writable) return 'waiting'
    if (loop?.problem != null) return 'error'
    if (drive.db.contiguous === 0) return 'waiting'
    if (drive.unreadable && !record.blind) return 'error'
    const { db, blobs, whole } = drive
    const missing =
      db.contiguous < db.length || (blobs !== null && blobs.contiguous < blobs.length) || (!record.blind && whole.db < db.contiguous)
    if (!drive.writable && !drive.gaps && (this.#context.replication.behind(this.#shared) || missing))
      return this.#peers > 0 ? 'syncing' : 'waiting'
    if (loop !== null && (loop.state !== 'idle' || (!drive.writable && (this.#shared.applied ?? 0) < whole.db)))
      return loop.state === 'idle' && loop.unsettled.size > 0 ? 'error' : 'syncing'
    if (drive.gaps && (loop === null || loop.unsettled.size > 0)) return loop === null ? 'waiting' : 'error'
    return loop !== null && drive.leftOut.size > 0 ? 'error' : 'up-to-date'
  }

  /** True when `device` is known to hold all of the newest version known here. */
  holdsNewest(deviceKey: string): boolean {
    if (deviceKey === this.#context.deviceKey) return this.state === 'up-to-date'
    const known = this.#context.receipts.of(this.#folder.record.key, deviceKey)
    const newest = this.#newestKnown
    return (
      known !== null &&
      newest > 0 &&
      known.receipt.version >= newest &&
      (this.#folder.record.blind || known.receipt.blobs >= this.#drive.whole.need || this.#drive.whole.db < newest)
    )
  }

  /** All that users see of it. `nowMs` is the time of `rate`. */
  item(totals: Totals, rate: Rate, nowMs: number): Item {
    const { record, drive, link } = this.#folder
    const { state } = this
    const problem = this.#problem(state)
    return {
      kind: 'folder',
      link,
      key: record.key,
      path: record.path,
      title: record.title,
      mode: record.mode,
      version: drive.writable || record.blind ? drive.db.contiguous : this.shownVersion,
      files: totals.files,
      bytes: totals.bytes,
      state,
      progress: state === 'up-to-date' ? 1 : this.#share(),
      peers: this.#peers,
      private: record.private,
      role: drive.writable ? 'owner' : record.mode === 'keep' || record.mode === 'keep-blind' ? 'keeper' : 'reader',
      devices: this.#devices(state),
      bytesPerSecond: Math.round(rate.bytesPerSecond(nowMs)),
      secondsLeft: state === 'syncing' ? rate.secondsLeft(nowMs, this.#bytesLeft()) : null,
      problem: problem === null ? null : { code: errorCode(problem) ?? 'DEFECT', message: problem.message },
    }
  }

  /** Devices connected now that have the folder, those that run other programs among them. */
  get #peers(): number {
    return Math.max(this.#context.replication.peersOf(this.#shared).length, this.#drive.db.raw.peers.length)
  }

  /** Who is waited for while the folder recovers. */
  recoveringProblem(): AppError {
    const { record } = this.#folder
    return new AppError('RECOVERING', {
      title: record.title,
      devices: record.providers.length > 0 ? record.providers.join(', ') : 'a device that holds it',
    })
  }

  #problem(state: Item['state']): AppError | null {
    if (state === 'waiting' && this.#folder.record.recovering && this.#drive.writable) return this.recoveringProblem()
    if (state === 'waiting')
      return this.#drive.db.contiguous === 0 || this.#drive.gaps || this.#peers === 0 ? new AppError('NO_PEER') : null
    if (state !== 'error') return null
    if (this.#folder.held !== null) return this.#folder.held
    if (this.#drive.unreadable)
      return new AppError('FOLDER_UNREADABLE', {
        path: this.#folder.record.title,
        reason: 'the link names no folder, or a private one without the key that opens it; use the whole link',
      })
    const problem = this.#folder.loop?.problem ?? null
    if (problem !== null) return problem
    const [first] = [...(this.#folder.loop?.unsettled ?? []), ...this.#drive.leftOut]
    return first === undefined ? null : new AppError('FOLDER_UNREADABLE', { path: first[0], reason: first[1] })
  }

  #bytesLeft(): number {
    let left = 0
    for (const session of this.#context.replication.peersOf(this.#shared)) {
      const status = session.statusOf(this.#shared)
      if (status !== undefined) left = Math.max(left, status.blobsBytes - (this.#drive.blobs?.raw.byteLength ?? 0))
    }
    return left
  }

  #devices(state: Item['state']): ItemDevice[] {
    const { receipts, replication, deviceKey, deviceName } = this.#context
    const out: ItemDevice[] = []
    const mine = receipts.of(this.#folder.record.key, deviceKey)
    const upToDate = state === 'up-to-date'
    out.push({
      name: deviceName(),
      key: deviceKey,
      role: 'this',
      version: this.#folder.record.blind ? this.#drive.db.contiguous : this.shownVersion,
      complete: upToDate,
      at: mine === null ? null : new Date(mine.receipt.at).toISOString(),
      live: true,
      progress: upToDate ? 1 : this.#share(),
    })
    const keys = new Set([
      ...receipts.list(this.#folder.record.key).map((r) => r.device),
      ...replication.peersOf(this.#shared).map((s) => s.deviceKey),
      ...this.#context.providerKeys(this.#folder.record.providers),
    ])
    keys.delete(deviceKey)
    for (const key of keys) out.push(this.#device(key))
    return out
  }

  #device(key: string): ItemDevice {
    const known = this.#context.receipts.of(this.#folder.record.key, key)
    const session = this.#context.replication.peersOf(this.#shared).find((s) => s.deviceKey === key)
    const status = session?.statusOf(this.#shared)
    const complete = this.holdsNewest(key)
    const total = this.#drive.db.length + (this.#drive.blobs?.length ?? 0)
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
    const { held, known } = this.#context.replication.lengths(this.#shared)
    return known === 0 ? 0 : Math.min(0.999, held / known)
  }
}
