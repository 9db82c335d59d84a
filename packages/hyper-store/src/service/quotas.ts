/** How much this store keeps for a device at most: counts what is here, and says what may still be fetched. */
import { AppError } from '@hyper-store/client/contract'
import type { Caller } from '../core/store-api.ts'
import type { LogCore } from '../hyper/log-core.ts'
import type { LogName } from '../hyper/replication/messages.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { State } from '../state/state.ts'
import { heldOf } from './held-bytes.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'

/** A log with holes is counted again at most this often. */
const COUNT_MS = 1000

/** What quotas need from the store around them. */
export interface QuotasOptions {
  readonly state: State
  readonly replication: () => Replication
  readonly folders: () => Pick<KeptFolders, 'all' | 'get'>
  /** What may be fetched of a folder changed. */
  readonly onChanged: (folder: KeptFolder) => void
}

interface Limit {
  readonly name: string
  readonly bytes: number
}
/** What is known to be missing of a folder, in bytes. */
interface Coming {
  readonly records: number
  readonly content: number
}
/** Something written by one device that a folder consists of: a drive, or a log of boards. */
interface Counted {
  readonly shared: SharedDrive
  readonly drive: DeviceDrive
}
/** Folders of one device that go beyond its limit: with their records already, or with their content only. */
interface Verdict {
  readonly records: ReadonlySet<KeptFolder>
  readonly content: ReadonlySet<KeptFolder>
}

/**
 * The limits of devices. A device uses the bytes that the logs of its things occupy here, with their history, but without what was let
 * go; a thing that several devices asked for counts for each of them, and is fetched as long as one of them has room.
 */
export class Quotas {
  readonly #o: QuotasOptions
  #limits = new Map<string, Limit>()
  readonly #counted = new WeakMap<LogCore, { bytes: number; at: number; counting: boolean }>()
  /** Verdicts of this turn of the event loop, as long as no peer said anything new. */
  readonly #verdicts = new Map<string, { readonly heard: number; readonly verdict: Verdict }>()
  /** Logs that were refused last, by folder and kind. */
  readonly #standing = new Set<string>()
  #forgetting = false

  constructor(options: QuotasOptions) {
    this.#o = options
  }

  /** Reads the limits of all devices, at the start and when one was changed. */
  async load(): Promise<void> {
    const rows = await this.#o.state.devices.list()
    this.#limits = new Map(rows.flatMap(({ key, name, quotaBytes }) => (quotaBytes == null ? [] : [[key, { name, bytes: quotaBytes }]])))
    this.#verdicts.clear()
    for (const folder of this.#o.folders().all) if ((folder.record.askedBy ?? []).length > 0) this.#o.onChanged(folder)
  }

  /** Bytes that this store keeps of what a device asked for. */
  usedBytes(device: string): number {
    return this.#thingsOf(device).reduce((sum, folder) => sum + this.#bytesOf(folder), 0)
  }

  /** True when the caller is a device with a limit. */
  isLimited({ deviceKey }: Caller): boolean {
    return deviceKey !== null && this.#limits.has(deviceKey)
  }

  /** Throws QUOTA_EXCEEDED when the caller has no room for one thing more. */
  refuseMore(caller: Caller, title: string): void {
    const limit = caller.deviceKey === null ? undefined : this.#limits.get(caller.deviceKey)
    if (limit === undefined || caller.deviceKey === null || this.usedBytes(caller.deviceKey) < limit.bytes) return
    throw exceeded(title, limit)
  }

  /**
   * False while a folder of this key stands still for a limit, or when `pending` bytes, which came and are not stored yet, go beyond.
   * Quick: asked before each fetch of a log, and for each part of a run.
   */
  mayFetch(key: string, log: LogName, pending: number): boolean {
    const fits = this.#exceededBy(key, log === 'db' ? 'records' : 'content', pending) === null
    const about = `${key} ${log}`
    if (pending === 0 && fits === this.#standing.has(about)) {
      if (fits) this.#standing.delete(about)
      else this.#standing.add(about)
      const folder = this.#o.folders().get(key)
      // Nothing else tells of boards that come no more while the files are all here.
      if (folder !== undefined) this.#o.onChanged(folder)
    }
    return fits
  }

  /** Why not all of a folder is fetched; null when no limit is in its way. */
  problemOf(key: string): AppError | null {
    const found = this.#exceededBy(key, 'content')
    return found === null ? null : exceeded(found.folder.record.title, found.limit)
  }

  /** The limit that a folder goes beyond, for every device that asked for it. */
  #exceededBy(key: string, what: keyof Verdict, pending = 0): { folder: KeptFolder; limit: Limit } | null {
    if (this.#limits.size === 0) return null
    const folder = this.#o.folders().get(key)
    let first: Limit | null = null
    for (const device of folder?.record.askedBy ?? []) {
      const limit = this.#limits.get(device)
      if (limit === undefined || folder === undefined) return null
      const fits = pending === 0 || this.usedBytes(device) + pending <= limit.bytes
      if (fits && !this.#verdictOf(device, limit)[what].has(folder)) return null
      first ??= limit
    }
    return first === null || folder === undefined ? null : { folder, limit: first }
  }

  /** What is older has its room first: else several things would be begun, and none of them be whole. */
  #verdictOf(device: string, limit: Limit): Verdict {
    const heard = this.#o.replication().heard
    const known = this.#verdicts.get(device)
    if (known !== undefined && known.heard === heard) return known.verdict
    let room = limit.bytes - this.usedBytes(device)
    const verdict = { records: new Set<KeptFolder>(), content: new Set<KeptFolder>() }
    for (const folder of this.#thingsOf(device)) {
      const { records, content } = this.#comingOf(folder)
      if (records > room) verdict.records.add(folder)
      if (records + content > room) verdict.content.add(folder)
      else room -= records + content
    }
    this.#verdicts.set(device, { heard, verdict })
    this.#forgetSoon()
    return verdict
  }

  #forgetSoon(): void {
    if (this.#forgetting) return
    this.#forgetting = true
    setImmediate(() => {
      this.#forgetting = false
      this.#verdicts.clear()
    })
  }

  #thingsOf(device: string): KeptFolder[] {
    const things = this.#o.folders().all.filter(({ record }) => record.askedBy?.includes(device) === true)
    return things.sort((a, b) => a.record.addedAtMs - b.record.addedAtMs || (a.key < b.key ? -1 : 1))
  }

  #bytesOf(folder: KeptFolder): number {
    return countedOf(folder).reduce(
      (sum, { drive: { db, blobs } }) => sum + this.#heldOf(db) + (blobs === null ? 0 : this.#heldOf(blobs)),
      0,
    )
  }

  /** Bytes of a log that are here. Where it has holes they are counted beside, and until then it counts whole. */
  #heldOf(log: LogCore): number {
    const { byteLength } = log.raw
    if (log.contiguous === log.length) return byteLength
    const now = performance.now()
    const counted = this.#counted.get(log) ?? { bytes: byteLength, at: -Infinity, counting: false }
    this.#counted.set(log, counted)
    if (!counted.counting && now - counted.at >= COUNT_MS) {
      counted.counting = true
      void heldOf(log)
        .then(({ bytes }) => Object.assign(counted, { bytes, at: performance.now() }))
        .catch(() => undefined)
        .finally(() => {
          counted.counting = false
        })
    }
    return Math.min(counted.bytes, byteLength)
  }

  #comingOf(folder: KeptFolder): Coming {
    const others = countedOf(folder).filter(({ shared }) => shared.fetches)
    return {
      records: others.reduce((sum, held) => sum + this.#missing(held, 'db'), 0),
      content: others.reduce((sum, held) => sum + this.#missing(held, 'blobs'), 0),
    }
  }

  /** What peers say that there is, and what is signed, less what is here; what old versions alone had, and was let go, does not come. */
  #missing({ shared, drive }: Counted, name: LogName): number {
    const log = shared.log(name)
    const here = log?.raw.byteLength ?? 0
    let known = here
    for (const session of this.#o.replication().peersOf(shared)) {
      const status = session.statusOf(shared)
      const fork = name === 'db' ? status?.fork : status?.blobsFork
      if (status === undefined || (log !== null && fork !== log.fork)) continue
      known = Math.max(known, name === 'db' ? status.dbBytes : status.blobsBytes)
    }
    if (log === null || log.contiguous === log.length || drive.lacksOld) return known - here
    return known - this.#heldOf(log)
  }
}

function countedOf({ set }: KeptFolder): Counted[] {
  return [...set.all, ...set.boards.all.map(({ shared, log }) => ({ shared, drive: log }))]
}

function exceeded(title: string, { name, bytes }: Limit): AppError {
  return new AppError('QUOTA_EXCEEDED', { title, limit: bytes, device: name })
}
