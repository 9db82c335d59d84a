/** The device drives of one folder: which there are, opened with the keys that this device has, and shared with peers. */
import type { DriveId } from '../core/entries.ts'
import { decodeZ32, encodeZ32 } from '../core/links.ts'
import type { CoreStorage } from '../hyper/core-storage.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { MemberDrive } from '../hyper/folder-drives.ts'
import { keysOfEpoch } from '../hyper/roster-crypto.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import { SharedDrive, type MayFetch } from '../hyper/replication/shared-drive.ts'
import type { FolderRecord } from '../state/records.ts'
import { BoardLogs } from './board-logs.ts'

/** A drive that belongs to a folder, as its roster says. */
export interface ListedDrive {
  /** z-base-32 key. */
  readonly key: string
  /** Name in version vectors of the device that writes it. */
  readonly writer: DriveId
  /** Name of that device as conflict copies show it. */
  readonly device: string
  /** Key of that device; null for the writer of a folder that was never shared by a roster. */
  readonly deviceKey: string | null
  readonly epoch: number
  /** Tells its epoch from another of the same number; null for the first. */
  readonly mark: string | null
  /** Length at which it was frozen; null while its device is a member. */
  readonly frozenAt: number | null
}

/** One open drive of a folder. */
export interface HeldDrive extends MemberDrive {
  readonly shared: SharedDrive
  readonly own: boolean
  readonly listed: ListedDrive
}

/** The store around a set of drives. */
export interface DriveSetOptions {
  readonly cores: CoreStorage
  readonly replication: Replication
  /** Length of a drive that this device's disk shows, out of its records; 0 for none. */
  readonly shownOf: (drive: DeviceDrive) => Promise<number>
  /** Only what is asked for is read: what is here whole is not found out. Default false. */
  readonly sparse?: boolean
  /** False for logs of which nothing more is fetched for now. Default: always true. */
  readonly mayFetch?: MayFetch
}

/** Key of an epoch's content: hex, or null where the content is open or this device can't read. */
export function contentKeyOf(record: FolderRecord, { epoch, mark }: Pick<ListedDrive, 'epoch' | 'mark'>): string | null {
  return epoch === 1 ? record.encryptionKey : (keysOfEpoch(record.epochs, { epoch, mark })?.key ?? null)
}

/** The name in vectors of the device whose first drive this is. */
function writerOf(key: string): DriveId {
  return key.slice(0, 10) as DriveId
}

/** Opens, shares and closes the drives of a folder; the root drive comes first and stays open. */
export class DriveSet {
  readonly #o: DriveSetOptions
  #held: HeldDrive[]
  /** The logs of boards, one beside each drive. */
  readonly boards: BoardLogs
  #sharing = false
  #refused: ReadonlySet<string> = new Set()

  private constructor(options: DriveSetOptions, root: HeldDrive) {
    this.#o = options
    this.#held = [root]
    const { cores, replication, mayFetch = () => true } = options
    this.boards = new BoardLogs({ cores, replication, mayFetch })
  }

  /** Opens the root drive of a folder. */
  static async open(record: FolderRecord, options: DriveSetOptions): Promise<DriveSet> {
    const secret = secretOf(record.encryptionKey)
    const writer = writerOf(record.key)
    const root = decodeZ32(record.key)
    if (root === null) throw new RangeError('the key of a folder does not parse')
    const drive = await openRoot(record, { root, secret, writer, cores: options.cores })
    const own = record.ownDrive !== null
    const listed: ListedDrive = { key: record.key, writer, device: '', deviceKey: null, epoch: 1, mark: null, frozenAt: null }
    const fetches = own ? record.recovering : !record.forked.includes(record.key)
    const shared = new SharedDrive(drive, { fetches, mayFetch: options.mayFetch ?? (() => true) })
    if (options.sparse === true) await drive.readSparse()
    else await drive.start(await options.shownOf(drive))
    const set = new DriveSet(options, { drive, shared, own, listed, writer, device: '', frozenAt: null })
    await set.#holdBoards(record, set.root)
    return set
  }

  /** The root drive first. */
  get all(): readonly HeldDrive[] {
    return this.#held
  }
  get root(): HeldDrive {
    const [root] = this.#held
    if (root === undefined) throw new Error('a drive set has a root drive')
    return root
  }
  /** The drive that this device writes now: its newest one that was not frozen; null for readers and keepers. */
  get own(): HeldDrive | null {
    return this.#held
      .filter((h) => h.own && h.frozenAt === null)
      .reduce<HeldDrive | null>((a, b) => (a === null || b.listed.epoch > a.listed.epoch ? b : a), null)
  }

  /**
   * Makes the set what the roster says. Drives whose key this device lacks are left out until it comes. True when something
   * changed; the caller then gives the members to the merge, and closes `gone` after that.
   */
  async follow(record: FolderRecord, listed: readonly ListedDrive[]): Promise<{ changed: boolean; gone: readonly HeldDrive[] }> {
    const next: HeldDrive[] = []
    let changed = false
    for (const one of [...listed].sort((a, b) => Number(b.key === record.key) - Number(a.key === record.key))) {
      const before = this.#held.find((h) => h.listed.key === one.key)
      if (before !== undefined) {
        if (before.device === one.device && before.frozenAt === one.frozenAt && before.listed.deviceKey === one.deviceKey) next.push(before)
        else {
          changed = true
          next.push({ ...before, listed: one, device: one.device, frozenAt: one.frozenAt })
        }
        continue
      }
      const opened = await this.#open(record, one)
      if (opened === null) continue
      changed = true
      next.push(opened)
    }
    const gone = this.#held.filter((h) => !next.some((n) => n.listed.key === h.listed.key))
    // The root drive carries the roster itself.
    if (!next.some((h) => h.listed.key === record.key)) next.unshift(this.root)
    this.#held = next
    for (const held of next) await this.#holdBoards(record, held)
    for (const held of gone) await this.boards.drop(held.listed.key)
    for (const held of gone) if (held.listed.key !== record.key) await this.#o.replication.remove(held.shared)
    return { changed: changed || gone.length > 0, gone: gone.filter((h) => h.listed.key !== record.key) }
  }

  /** Opens a drive anew that its writer wrote in two ways: what is here stays, nothing more of it comes. */
  async setApart(record: FolderRecord, held: HeldDrive): Promise<void> {
    await this.#o.replication.remove(held.shared)
    await held.drive.close().catch(() => undefined)
    const opened = await this.#open(record, held.listed)
    if (opened !== null) this.#held = this.#held.map((h) => (h.listed.key === held.listed.key ? opened : h))
  }

  /** Shares all drives with peers, now and as they come. */
  async share(): Promise<void> {
    this.#sharing = true
    for (const held of this.#held) await this.#add(held)
    await this.boards.share()
  }
  /** Shares none of them any more, until `share`. */
  async unshare(): Promise<void> {
    this.#sharing = false
    for (const held of this.#held) await this.#o.replication.remove(held.shared)
    await this.boards.unshare()
  }

  /** Devices that get nothing of this folder. */
  refuse(devices: ReadonlySet<string>): void {
    if (devices.size === this.#refused.size && [...devices].every((d) => this.#refused.has(d))) return
    this.#refused = devices
    for (const held of this.#held) this.#o.replication.refuse(held.shared, devices)
    this.boards.refuse(devices)
  }

  /** What a removed member writes on boards is read no more: what the others had of it is in their own logs. */
  async #holdBoards(record: FolderRecord, held: HeldDrive): Promise<void> {
    if (this.#o.sparse === true || record.kind !== 'folder') return
    const { drive, own, listed, frozenAt } = held
    const fetches = own ? record.recovering : !record.forked.includes(listed.key)
    await this.boards.hold({ drive, own, listed, fetches, secret: secretOf(contentKeyOf(record, listed)) })
    if (frozenAt !== null) await this.boards.freeze(listed.key)
  }

  async #open(record: FolderRecord, listed: ListedDrive): Promise<HeldDrive | null> {
    const key = decodeZ32(listed.key)
    if (key === null) return null
    const text = contentKeyOf(record, listed)
    // Without its key a private drive could only be kept, and this device is to read.
    if (text === null && record.private && !record.blind) return null
    const secret = secretOf(text)
    for (const name of record.drives) {
      if (encodeZ32(await this.#o.cores.keyOfOwn(name)) !== listed.key) continue
      const drive = await this.#o.cores.openOwn(name, secret, { writer: listed.writer })
      return this.#hold(drive, { listed, own: true, fetches: record.recovering })
    }
    const forked = record.forked.includes(listed.key)
    return this.#hold(await this.#o.cores.openOther(key, secret, { writer: listed.writer, forked }), {
      listed,
      own: false,
      fetches: !forked,
    })
  }

  async #hold(drive: DeviceDrive, as: { listed: ListedDrive; own: boolean; fetches: boolean }): Promise<HeldDrive> {
    const { listed, own } = as
    const shared = new SharedDrive(drive, { fetches: as.fetches, mayFetch: this.#o.mayFetch ?? (() => true) })
    shared.refused = this.#refused
    const held: HeldDrive = { drive, shared, own, listed, writer: listed.writer, device: listed.device, frozenAt: listed.frozenAt }
    await drive.start(await this.#o.shownOf(drive))
    if (this.#sharing) await this.#add(held)
    return held
  }

  async #add(held: HeldDrive): Promise<void> {
    // One that was set apart would prove its two histories again to everybody who meets it.
    if (!held.own && !held.shared.fetches) return
    if (!this.#o.replication.has(held.shared)) await this.#o.replication.add(held.shared)
  }
}

async function openRoot(
  record: FolderRecord,
  at: { root: Uint8Array; secret: Uint8Array | null; writer: DriveId; cores: CoreStorage },
): Promise<DeviceDrive> {
  const { root, secret, writer, cores } = at
  const { ownDrive, kind, title } = record
  if (ownDrive !== null)
    return kind === 'table' ? cores.openOwnTable(ownDrive, secret, { writer, title }) : cores.openOwn(ownDrive, secret, { writer })
  const sealed = record.private || record.blind
  return cores.openOther(root, secret, { writer, forked: record.forked.includes(record.key), kind, sealed })
}

function secretOf(key: string | null): Uint8Array | null {
  return key === null ? null : Buffer.from(key, 'hex')
}
