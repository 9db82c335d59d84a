/** How a kept folder looks to users: its state, its problem, and who holds how much of it. */
import { AppError, errorCode, type Item, type ItemDevice } from '@hyper-store/client/contract'
import type { Rate } from '../core/progress.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { MayFetch } from '../hyper/replication/shared-drive.ts'
import type { FolderRecord } from '../state/records.ts'
import type { FolderLoop } from '../sync/folder-loop.ts'
import { wrongKind } from './wrong-kind.ts'
import type { DriveSet, HeldDrive } from './drive-set.ts'
import type { Totals } from './drive-totals.ts'
import type { Membership } from './membership.ts'
import type { ReceiptBook } from './receipt-book.ts'

/** The folder that is looked at. */
export interface Viewed {
  readonly record: FolderRecord
  readonly link: string
  readonly set: DriveSet
  readonly membership: Membership
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
  /** False for logs of which nothing more is fetched, for the limit of a device. */
  mayFetch(key: string, ...wish: Parameters<MayFetch>): boolean
  /** Why not all of a folder is fetched; null when no device's limit is in its way. */
  overQuota(key: string): AppError | null
}

/** Looks at a folder and changes nothing. */
export class ItemView {
  readonly #folder: Viewed
  readonly #context: ViewContext

  constructor(folder: Viewed, context: ViewContext) {
    this.#folder = folder
    this.#context = context
  }

  get #all(): readonly HeldDrive[] {
    return this.#folder.set.all
  }
  get #root(): HeldDrive {
    return this.#folder.set.root
  }
  /** This device writes to the folder. */
  get #writes(): boolean {
    return this.#folder.set.own !== null
  }

  /** Newest length of a drive that is known to exist, of which not all may be here. */
  #newestOf({ drive, shared, own, frozenAt }: HeldDrive): number {
    let newest = drive.db.length
    // Nobody knows more of what this device writes than itself, whatever they claim.
    if (!own) for (const session of this.#context.replication.peersOf(shared)) newest = Math.max(newest, session.statusOf(shared)?.db ?? 0)
    return Math.min(newest, frozenAt ?? Infinity)
  }

  /** Length of a drive that this device shows: on disk when it keeps files, else in its store. */
  #shownOf({ drive, shared, own, frozenAt }: HeldDrive): number {
    const { record, loop } = this.#folder
    const shown = record.blind ? drive.db.contiguous : loop === null || own ? drive.whole.db : (shared.applied ?? 0)
    return Math.min(shown, frozenAt ?? Infinity)
  }

  /** Version that this device shows. */
  get shownVersion(): number {
    return this.#all.reduce((sum, held) => sum + this.#shownOf(held), 0)
  }

  /** The state in one word; up to date means that nothing known is missing here. */
  get state(): Item['state'] {
    const { record, loop, held, membership } = this.#folder
    if (record.paused) return 'paused'
    if (held !== null || membership.removed) return 'error'
    if (record.recovering && this.#writes) return 'waiting'
    if (loop?.problem != null || this.#forked?.own === true || this.#forked === this.#root) return 'error'
    const { drive: root } = this.#root
    if (this.#atQuota !== null) return 'waiting'
    if (root.db.contiguous === 0) return 'waiting'
    if (this.#wrongKind !== null || (root.kind === 'unknown' && !record.blind)) return 'error'
    const others = this.#all.filter((h) => !h.own)
    if (others.some((h) => !h.drive.gaps && this.#isMissing(h))) return this.#peers.length > 0 ? 'syncing' : 'waiting'
    const unapplied = others.some((h) => this.#shownOf(h) < Math.min(h.drive.whole.db, h.frozenAt ?? Infinity))
    if (loop !== null && (loop.state !== 'idle' || unapplied)) return loop.state === 'idle' && loop.unsettled.size > 0 ? 'error' : 'syncing'
    if (others.some((h) => h.drive.gaps) && (loop === null || loop.unsettled.size > 0)) return loop === null ? 'waiting' : 'error'
    return loop !== null && this.#all.some((h) => h.drive.leftOut.size > 0) ? 'error' : 'up-to-date'
  }

  /** Why what is missing does not come; null unless a device's limit is in its way. */
  get #atQuota(): AppError | null {
    const problem = this.#context.overQuota(this.#folder.record.key)
    if (problem === null) return null
    const { replication } = this.#context
    const boards = this.#folder.set.boards.all.filter(({ own }) => !own)
    const isMissing =
      this.#all.some((held) => !held.own && this.#isMissing(held)) ||
      boards.some(({ shared, log: { db } }) => db.contiguous < db.length || replication.behind(shared))
    return isMissing ? problem : null
  }

  /** A drive that its writer wrote in two ways. */
  get #forked(): HeldDrive | undefined {
    return this.#all.find((h) => this.#folder.record.forked.includes(h.listed.key))
  }

  /** What it is, as far as is known. */
  get kind(): FolderRecord['kind'] {
    const { kind } = this.#root.drive
    return kind === null || kind === 'unknown' ? this.#folder.record.kind : kind
  }
  /** What a user counts in a table or a plain core, which is one log; null for a folder. */
  get logTotals(): Totals | null {
    return this.kind === 'folder' ? null : { files: 0, bytes: this.#root.drive.db.raw.byteLength }
  }
  /** The kind of what can't lie in a folder on disk, though it shall. */
  get #wrongKind(): 'table' | 'core' | null {
    return this.#folder.record.path === null || this.kind === 'folder' ? null : this.kind
  }

  /** Something of a drive that others write is known and not here. */
  #isMissing(held: HeldDrive): boolean {
    const { drive, shared, frozenAt } = held
    if (frozenAt !== null && drive.whole.db >= frozenAt) return false
    if (this.#folder.record.forked.includes(held.listed.key)) return false
    const { db, blobs, whole } = drive
    const missing =
      db.contiguous < db.length ||
      (blobs !== null && !drive.lacksOld && blobs.contiguous < blobs.length) ||
      (!this.#folder.record.blind && whole.db < db.contiguous)
    return missing || this.#context.replication.behind(shared)
  }

  /** True when `device` is known to hold all of the newest version known here. */
  holdsNewest(deviceKey: string): boolean {
    if (deviceKey === this.#context.deviceKey) return this.state === 'up-to-date'
    const known = this.#context.receipts.of(this.#folder.record.key, deviceKey)
    if (known === null) return false
    const { receipt } = known
    const said = receipt.drives ?? { [this.#root.shared.id]: [receipt.version, receipt.blobs] as const }
    let any = false
    for (const held of this.#all) {
      const newest = this.#newestOf(held)
      if (newest === 0) continue
      any = true
      const [db, blobs] = said[held.shared.id] ?? [0, 0]
      const { whole } = held.drive
      if (db < newest || !(this.#folder.record.blind || blobs >= whole.need || whole.db < newest)) return false
    }
    return any
  }

  /** All that users see of it. `nowMs` is the time of `rate`. */
  item(totals: Totals, rate: Rate, nowMs: number): Item {
    const { record, link, membership } = this.#folder
    const { state } = this
    const problem = this.#problem(state)
    const own = this.#all.length === 1 && this.#writes
    return {
      kind: this.kind,
      link,
      key: record.key,
      path: record.path,
      title: record.title,
      mode: record.mode,
      version: own ? this.#root.drive.db.contiguous : this.shownVersion,
      files: totals.files,
      bytes: totals.bytes,
      state,
      progress: state === 'up-to-date' ? 1 : this.#share(),
      peers: Math.max(this.#peers.length, this.#root.drive.db.raw.peers.length),
      private: record.private,
      role: membership.role ?? (this.#writes ? 'owner' : record.mode === 'keep' || record.mode === 'keep-blind' ? 'keeper' : 'reader'),
      shared: record.shared,
      conflicts: totals.conflicts ?? 0,
      exclude: record.exclude,
      ...(record.listed === true ? { listed: true } : {}),
      ...(record.lend ? {} : { lend: false }),
      devices: this.#devices(state),
      bytesPerSecond: Math.round(rate.bytesPerSecond(nowMs)),
      secondsLeft: state === 'syncing' ? rate.secondsLeft(nowMs, this.#bytesLeft()) : null,
      problem: problem === null ? null : { code: errorCode(problem) ?? 'DEFECT', message: problem.message },
    }
  }

  /** Devices connected now that have the folder. */
  get #peers(): readonly PeerSession[] {
    return this.#context.replication.peersOf(this.#root.shared)
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
    const { drive: root } = this.#root
    if (state === 'waiting' && this.#folder.record.recovering && this.#writes) return this.recoveringProblem()
    const atQuota = state === 'waiting' ? this.#atQuota : null
    if (atQuota !== null) return atQuota
    if (state === 'waiting')
      return root.db.contiguous === 0 || this.#all.some((h) => h.drive.gaps) || this.#peers.length === 0 ? new AppError('NO_PEER') : null
    const forked = this.#forked
    if (forked !== undefined && (state === 'error' || state === 'up-to-date'))
      return new AppError('FORKED_LOG', { device: forked.device === '' ? 'its writer' : forked.device })
    if (state !== 'error') return null
    if (this.#folder.held !== null) return this.#folder.held
    if (this.#folder.membership.removed) return new AppError('REMOVED_MEMBER', { title: this.#folder.record.title })
    if (this.#wrongKind !== null) return wrongKind(this.#folder.link, this.#wrongKind)
    if (root.kind === 'unknown')
      return new AppError('FOLDER_UNREADABLE', {
        path: this.#folder.record.title,
        reason: 'the link names a private folder or table without the key that opens it; use the whole link',
      })
    const problem = this.#folder.loop?.problem ?? null
    if (problem !== null) return problem
    const [first] = [...(this.#folder.loop?.unsettled ?? []), ...this.#all.flatMap((h) => [...h.drive.leftOut])]
    return first === undefined ? null : new AppError('FOLDER_UNREADABLE', { path: first[0], reason: first[1] })
  }

  #bytesLeft(): number {
    let left = 0
    for (const { drive, shared } of this.#all) {
      let more = 0
      for (const session of this.#context.replication.peersOf(shared)) {
        const status = session.statusOf(shared)
        if (status !== undefined) more = Math.max(more, status.blobsBytes - (drive.blobs?.raw.byteLength ?? 0))
      }
      left += more
    }
    return left
  }

  #devices(state: Item['state']): ItemDevice[] {
    const { receipts, deviceKey, deviceName } = this.#context
    const { membership } = this.#folder
    const out: ItemDevice[] = []
    const mine = receipts.of(this.#folder.record.key, deviceKey)
    const upToDate = state === 'up-to-date'
    const me = membership.personOf(deviceKey)
    out.push({
      name: deviceName(),
      key: deviceKey,
      role: 'this',
      ...(me === null ? {} : { person: me }),
      version: this.shownVersion,
      complete: upToDate,
      at: mine === null ? null : new Date(mine.receipt.at).toISOString(),
      live: true,
      progress: upToDate ? 1 : this.#share(),
    })
    const keys = new Set([
      ...membership.devices,
      ...receipts.list(this.#folder.record.key).map((r) => r.device),
      ...this.#peers.map((s) => s.deviceKey),
      ...this.#context.providerKeys(this.#folder.record.providers),
    ])
    keys.delete(deviceKey)
    for (const key of keys) if (!membership.refused.has(key)) out.push(this.#device(key))
    return out
  }

  #device(key: string): ItemDevice {
    const { membership } = this.#folder
    const known = this.#context.receipts.of(this.#folder.record.key, key)
    const session = this.#peers.find((s) => s.deviceKey === key)
    const complete = this.holdsNewest(key)
    const person = membership.personOf(key)
    let total = 0
    let heard = 0
    for (const { drive, shared } of this.#all) {
      total += drive.db.length + (drive.blobs?.length ?? 0)
      const status = session?.statusOf(shared)
      heard += status === undefined ? 0 : status.db + status.blobs
    }
    return {
      name: this.#context.nameOf(key) ?? membership.nameOf(key) ?? known?.record.name ?? session?.name ?? key.slice(0, 8),
      key,
      role: this.#context.isProvider(key) ? 'provider' : 'device',
      ...(person === null ? {} : { person }),
      version: known?.receipt.version ?? 0,
      complete,
      at: known === null ? null : new Date(known.receipt.at).toISOString(),
      live: session !== undefined,
      progress: complete ? 1 : total === 0 ? 0 : Math.min(0.999, heard / total),
    }
  }

  #share(): number {
    let held = 0
    let known = 0
    for (const { shared } of this.#all) {
      const lengths = this.#context.replication.lengths(shared)
      held += lengths.held
      known += lengths.known
    }
    return known === 0 ? 0 : Math.min(0.999, held / known)
  }
}
