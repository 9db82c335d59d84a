/** Keeps the merged tree of a folder in step with its drives: what they newly tell goes in, in steps that follow each other. */
import { randomBytes } from 'node:crypto'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { MergedTree, type PathIndex } from '../core/merged-tree.ts'
import type { FolderVersion } from '../core/ports.ts'
import { createSerial } from '../lib/serial.ts'
import type { DeviceDrive } from './device-drive.ts'
import type { ReadRecord } from './entry-codec.ts'

/** A drive of a folder in its merge. */
export interface MemberDrive {
  readonly drive: DeviceDrive
  /** Name of its device in version vectors. */
  readonly writer: DriveId
  /** Name of its device in conflict names. */
  readonly device: string
  /** Length of its db log up to which it counts, for drives of removed members; null for all of it. */
  readonly frozenAt: number | null
}

/** Records taken in as one step. */
const FEED_BATCH = 10_000

/** Names in a folder's version that no drive has: the number of the newest change, and the index that counts it. */
export const CHANGE_KEY = '~'
export const LIFE_KEY = '~life'

/** Gives an entry its true size where its record does not tell it. */
export type SizeEntry = (entry: EntryOrTombstone) => Promise<EntryOrTombstone>

/** Length of a member's log that counts. */
export function countedOf({ drive, frozenAt }: MemberDrive): number {
  return Math.min(drive.whole.db, frozenAt ?? Infinity)
}

/** The merged tree with the drives that feed it. */
export class MergedFeed {
  readonly #index: PathIndex
  readonly #sized: SizeEntry
  readonly #serial = createSerial()
  #members: readonly MemberDrive[] = []
  #tree: MergedTree | null = null

  constructor(index: PathIndex, sized: SizeEntry) {
    this.#index = index
    this.#sized = sized
  }

  /** What the tree stands at; null before it is open. */
  get tree(): MergedTree | null {
    return this.#tree
  }

  /** The version that the tree shows, with the number of its newest change. */
  version(): FolderVersion {
    const tree = this.#tree
    const lengths = this.#members.map(({ drive }) => [drive.id, tree?.lengths.get(drive.id) ?? 0] as const)
    return { ...Object.fromEntries(lengths), [CHANGE_KEY]: tree?.change ?? 0, [LIFE_KEY]: tree?.life ?? 0 }
  }

  /** Sum of the lengths that the tree shows. */
  total(): number {
    return this.#members.reduce((sum, { drive }) => sum + (this.#tree?.lengths.get(drive.id) ?? 0), 0)
  }

  /** Changes the drives; what went, or counts no longer, is taken out, and all that is new goes in. */
  async setMembers(members: readonly MemberDrive[]): Promise<void> {
    this.#members = members
    await this.#serial.run(async () => {
      // 48 bits: never the same by chance, and a whole number in JSON.
      this.#tree ??= await MergedTree.open(this.#index, randomBytes(6).readUIntBE(0, 6))
      await this.#leaveOut(this.#tree, members)
      const drives = members.map(({ drive, writer, device }) => ({ drive: drive.id, writer, device }))
      await this.#tree.setDrives(drives)
      await this.#feedAll(this.#tree)
    })
  }

  /** Takes in what the drives have whole by now. Gives true when something was new. */
  async catchUp(): Promise<boolean> {
    return this.#serial.run(async () => (this.#tree === null ? false : this.#feedAll(this.#tree)))
  }

  /** Runs a step while nothing else changes the tree, and takes in what it wrote. */
  async run<Result>(step: (tree: MergedTree) => Promise<Result>): Promise<Result> {
    return this.#serial.run(async () => {
      const tree = this.#open()
      await this.#feedAll(tree)
      const result = await step(tree)
      await this.#feedAll(tree)
      return result
    })
  }

  /** The tree, when all news heard so far are in it. */
  async settled(): Promise<MergedTree> {
    return this.#serial.run(async () => this.#open())
  }

  #open(): MergedTree {
    if (this.#tree === null) throw new Error('the members of a merge are set before it is used')
    return this.#tree
  }

  /** Takes out drives that went, and those of which more was taken in than counts now. */
  async #leaveOut(tree: MergedTree, members: readonly MemberDrive[]): Promise<void> {
    for (const [id, length] of tree.lengths) {
      const member = members.find(({ drive }) => drive.id === id)
      const counts = member === undefined ? 0 : Math.min(member.drive.db.length, member.frozenAt ?? Infinity)
      if (length <= counts) continue
      if (member === undefined) await this.#empty(tree, id, new Set())
      else await this.#again(tree, member, counts)
    }
  }

  /** What a drive tells up to a shorter length goes in first, so that nothing vanishes that is only told again. */
  async #again(tree: MergedTree, { drive }: MemberDrive, length: number): Promise<void> {
    const kept = new Map<FolderPath, Told>()
    for await (const record of drive.told(0, length)) take(kept, record)
    const records: [FolderPath, EntryOrTombstone | null][] = []
    for (const [path, { entry }] of kept) if (entry !== null) records.push([path, await this.#sized(entry)])
    for (let at = 0; at < records.length; at += FEED_BATCH)
      await tree.apply({ drive: drive.id, length: 0, records: records.slice(at, at + FEED_BATCH) })
    await this.#empty(tree, drive.id, new Set(records.map(([path]) => path)))
    await tree.apply({ drive: drive.id, length, records: [] })
  }

  async #empty(tree: MergedTree, drive: DriveId, but: ReadonlySet<FolderPath>): Promise<void> {
    const gone: FolderPath[] = []
    for await (const path of tree.pathsOf(drive)) if (!but.has(path)) gone.push(path)
    for (let at = 0; at < gone.length; at += FEED_BATCH) {
      const records = gone.slice(at, at + FEED_BATCH).map((path) => [path, null] as const)
      await tree.apply({ drive, length: 0, records })
    }
  }

  async #feedAll(tree: MergedTree): Promise<boolean> {
    let fed = false
    for (const member of this.#members) if (await this.#feed(tree, member)) fed = true
    return fed
  }

  async #feed(tree: MergedTree, member: MemberDrive): Promise<boolean> {
    const { drive } = member
    const from = tree.lengths.get(drive.id) ?? 0
    const to = drive.unreadable ? 0 : countedOf(member)
    if (to <= from) return false
    const records = drive.told(from, to)[Symbol.asyncIterator]()
    let told = new Map<FolderPath, Told>()
    for (;;) {
      const next = await records.next().catch(() => null)
      // A log that can't be read holds back its own news only: they are tried again when something comes.
      if (next === null) return false
      if (next.done === true) break
      take(told, next.value)
      if (told.size < FEED_BATCH) continue
      // A step in between stands at the old length: after a stop it is all told again, which changes nothing.
      await this.#apply(tree, drive.id, { told, length: from })
      told = new Map()
    }
    await this.#apply(tree, drive.id, { told, length: to })
    return true
  }

  async #apply(tree: MergedTree, drive: DriveId, news: { told: ReadonlyMap<FolderPath, Told>; length: number }): Promise<void> {
    const unclear = [...news.told].filter(([, { entry, isNew }]) => entry === null && !isNew).map(([path]) => path)
    const before = new Map<FolderPath, EntryOrTombstone | null>()
    for (const [i, entry] of (await tree.toldBy(drive, unclear)).entries()) before.set(unclear[i] as FolderPath, entry)
    const records: [FolderPath, EntryOrTombstone | null][] = []
    for (const [path, { entry, isNew, emptied }] of news.told) {
      if (entry !== null) records.push([path, entry.kind === 'file' ? await this.#sized(entry) : entry])
      else if (isNew || emptied.has(slotOf(before.get(path) ?? null))) records.push([path, null])
    }
    await tree.apply({ drive, length: news.length, records })
  }
}

/** What records told of a path, read in order: the last thing that was put counts, until its own place is emptied. */
interface Told {
  entry: EntryOrTombstone | null
  /** True when something was put, so that what was told before no longer counts. */
  isNew: boolean
  readonly emptied: Set<ReadRecord['slot'] | null>
}

function take(told: Map<FolderPath, Told>, { path, slot, entry }: ReadRecord): void {
  let known = told.get(path)
  if (known === undefined) {
    known = { entry: null, isNew: false, emptied: new Set() }
    told.set(path, known)
  }
  if (entry !== null) {
    known.entry = entry
    known.isNew = true
  } else {
    if (slotOf(known.entry) === slot) known.entry = null
    known.emptied.add(slot)
  }
}

function slotOf(entry: EntryOrTombstone | null): ReadRecord['slot'] | null {
  if (entry === null) return null
  return entry.kind === 'folder' || entry.kind === 'tombstone' ? entry.kind : 'file'
}
