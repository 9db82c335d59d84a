/** The device drives of one folder, merged: what the sync loop reads from and writes to. */
import { AppError } from '@hyper-store/client/contract'
import { planCommit, toldEntry, type Author, type PlannedRecord } from '../core/conflicts.ts'
import { planAdopt, planSettle, type Keep } from '../core/conflicts-settle.ts'
import type { DriveId, Entry, EntryOrTombstone, FileEntry, FolderPath } from '../core/entries.ts'
import type { MergedEntry } from '../core/merge.ts'
import type { MergedTree, PathIndex, TreeConflict, TreeTotals } from '../core/merged-tree.ts'
import type {
  ChunkIndex,
  DriveChange,
  FilePart,
  FolderDrives,
  FolderVersion,
  OnBytes,
  OpenFile,
  RemoteChange,
  StoredContent,
  WaitOptions,
} from '../core/ports.ts'
import { ContentStore } from './content-store.ts'
import type { DeviceDrive } from './device-drive.ts'
import { linkDrives } from './held-elsewhere.ts'
import { MergedContent } from './merged-content.ts'
import { CHANGE_KEY, countedOf, LIFE_KEY, MergedFeed, type MemberDrive } from './merged-feed.ts'
import { storedFile } from './stored-file.ts'

export type { MemberDrive } from './merged-feed.ts'

/** Paths read together. */
const READ_STEP = 1000
/** Entries whose contents are referred to with one append: their maps are in memory together. */
const REFER_STEP = 256

/** What a merged view is made of. */
export interface MergedDrivesOptions {
  readonly members: readonly MemberDrive[]
  /** The drive that this device writes now, one of the members; null for a reader. */
  readonly own: DeviceDrive | null
  /** Name of this device in version vectors; null for a reader. */
  readonly writer: DriveId | null
  /** Chunks of the own drive; null for a reader. */
  readonly chunks: ChunkIndex | null
  /** Where the merge of several drives is kept; null or left out: the folder has one drive, and must never get another. */
  readonly index?: PathIndex | null | undefined
  /** Time of what is written, milliseconds since 1970; default: none is told. */
  readonly now?: (() => number) | undefined
}

/**
 * Merged view over one or more device drives. The first is the root drive; `own` is the one that this device writes, if any. One drive is
 * read as it is; several are merged in an index, which follows what is here whole before anybody is told of it.
 */
export class MergedDrives implements FolderDrives {
  #members: readonly MemberDrive[]
  #own: DeviceDrive | null
  #writerName: DriveId | null
  #content: ContentStore | null
  readonly #contents = new MergedContent(() => this.drives)
  readonly #index: PathIndex | null
  #feed: MergedFeed | null = null
  #opening: Promise<void> = Promise.resolve()
  /** Drives that new content must not point to. */
  readonly #avoided = new Set<DriveId>()
  readonly #stopByDrive = new Map<DeviceDrive, () => void>()
  readonly #now: (() => number) | null
  #unlink: () => void
  readonly #listeners = new Set<() => void>()

  constructor(options: MergedDrivesOptions) {
    this.#members = options.members
    this.#own = options.own
    this.#writerName = options.writer
    this.#index = options.index ?? null
    this.#content = this.#contentOf(options.own, options.chunks)
    this.#now = options.now ?? null
    this.#unlink = linkDrives(this.drives)
    for (const { drive } of options.members) this.#listen(drive)
    this.#opening = this.#openFeed()
    // Reported to whoever reads next.
    this.#opening.catch(() => undefined)
  }

  /** The drives of the merge; the root drive first. */
  get members(): readonly MemberDrive[] {
    return this.#members
  }
  get drives(): readonly DeviceDrive[] {
    return this.#members.map((m) => m.drive)
  }

  /**
   * Drives come, go, and are frozen while the folder is in use. `members` must be all drives that count: what is not among them, or lies
   * beyond `frozenAt`, is taken out of the merge. Resolves when the merge is that of the new drives.
   */
  async setMembers(
    members: readonly MemberDrive[],
    own: { drive: DeviceDrive; chunks: ChunkIndex; writer: DriveId } | null,
  ): Promise<void> {
    const before = new Set(this.drives)
    this.#members = members
    this.#own = own?.drive ?? null
    this.#writerName = own?.writer ?? null
    this.#content = this.#contentOf(this.#own, own?.chunks ?? null)
    this.#unlink()
    this.#unlink = linkDrives(this.drives)
    for (const drive of before) if (!this.drives.includes(drive)) this.#leave(drive)
    for (const { drive } of members) if (!before.has(drive)) this.#listen(drive)
    this.#opening = this.#openFeed()
    await this.#opening
    this.#tell()
  }

  /** Version of the folder as users see it: the sum of what counts of all drives. Grows by any change. */
  total(): number {
    const lengths = this.#feed?.tree?.lengths ?? null
    // What can't be read is in no tree.
    return this.#members.reduce(
      (sum, member) => sum + (lengths === null || member.drive.unreadable ? countedOf(member) : (lengths.get(member.drive.id) ?? 0)),
      0,
    )
  }

  /** Files, bytes and open conflicts of the newest version, as they are known without counting; null when they are not. */
  async totals(): Promise<TreeTotals | null> {
    if (this.#feed !== null) return (await this.#tree()).totals
    const [only] = this.drives
    const told = (await only?.view().totals()) ?? null
    return told === null ? null : { files: told.files, bytes: told.bytes, conflicts: 0 }
  }

  /** Waits until all that is here whole is in the merge. */
  async settled(): Promise<void> {
    for (const drive of this.drives) await drive.settled()
    await this.#opening
    await this.#feed?.catchUp()
  }

  /** The merge of several drives; null for one drive, whose records need none. */
  async #openFeed(): Promise<void> {
    if (this.#members.length < 2) {
      this.#feed = null
      return
    }
    if (this.#index === null) throw new AppError('DEFECT', { reason: 'a folder of several drives needs an index' })
    this.#feed ??= new MergedFeed(this.#index, async (entry) => this.#contents.sized(entry))
    await this.#feed.setMembers(this.#members)
  }

  async #tree(): Promise<MergedTree> {
    await this.#opening
    if (this.#feed === null) throw new AppError('DEFECT', { reason: 'a folder of one drive has no merge' })
    return this.#feed.settled()
  }

  #listen(drive: DeviceDrive): void {
    this.#stopByDrive.set(
      drive,
      drive.onWhole(() => void this.#grown().catch(() => undefined)),
    )
  }
  #leave(drive: DeviceDrive): void {
    this.#stopByDrive.get(drive)?.()
    this.#stopByDrive.delete(drive)
  }

  /** Listeners hear of what the merge shows already. */
  async #grown(): Promise<void> {
    if (this.#feed === null) this.#tell()
    else await this.#feed.catchUp().finally(() => this.#tell())
  }
  #tell(): void {
    for (const listener of this.#listeners) listener()
  }

  get writable(): boolean {
    return this.#content !== null
  }
  /** Id of the drive that this device writes; null for a reader. */
  get ownId(): DriveId | null {
    return this.#own?.id ?? null
  }
  /** Name of this device in version vectors; null for a reader. */
  get writer(): DriveId | null {
    return this.#writerName
  }
  /** Name of a writer's device, as in conflict names; null for an unknown one. */
  deviceOf(writer: DriveId): string | null {
    return this.#members.find((member) => member.writer === writer)?.device ?? null
  }

  /** Calls back when a newer version is here whole. */
  onVersion(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  version(): FolderVersion {
    return this.#feed?.version() ?? Object.fromEntries(this.drives.map((d) => [d.id, d.whole.db]))
  }

  async get(path: FolderPath): Promise<EntryOrTombstone | null> {
    const only = this.#only()
    if (only === null) return toldEntry(await (await this.#tree()).get(path))
    const entry = await only.get(path)
    return entry === null ? null : this.#contents.sized(entry)
  }

  async *entries(): AsyncIterable<RemoteChange> {
    this.#refuseNewer()
    const only = this.#only()
    if (only === null) {
      for await (const [path, shown] of (await this.#tree()).entries()) if (shown !== null) yield changeOf(path, shown)
      return
    }
    for await (const record of only.view().records())
      if (record.entry !== null) yield { path: record.path, entry: await this.#contents.sized(record.entry) }
  }

  async *changesSince(from: FolderVersion): AsyncIterable<RemoteChange> {
    this.#refuseNewer()
    const only = this.#only()
    if (only !== null) {
      for await (const { path, entry } of changesOfOne(only, from[only.id] ?? 0))
        yield { path, entry: entry === null ? null : await this.#contents.sized(entry) }
      return
    }
    const tree = await this.#tree()
    const known = from[LIFE_KEY] === tree.life ? await tree.changedSince(from[CHANGE_KEY] ?? 0) : null
    if (known === null) {
      yield* this.#allSince(tree, from)
      return
    }
    const paths = [...known]
    for (let at = 0; at < paths.length; at += READ_STEP) {
      const part = paths.slice(at, at + READ_STEP)
      for (const [i, shown] of (await tree.getMany(part)).entries()) yield changeOf(part[i] as FolderPath, shown)
    }
  }

  /** From a version that this index knows nothing of: all paths, and those of which nothing is left but in the logs. */
  async *#allSince(tree: MergedTree, from: FolderVersion): AsyncIterable<RemoteChange> {
    const told = new Set<FolderPath>()
    for await (const [path, shown] of tree.entries()) {
      told.add(path)
      yield changeOf(path, shown)
    }
    for (const member of this.#members) {
      const start = from[member.drive.id]
      if (start === undefined) continue
      for await (const { path } of member.drive.told(start, countedOf(member))) {
        if (told.has(path)) continue
        told.add(path)
        yield changeOf(path, await tree.get(path))
      }
    }
  }

  /** The versions that stand side by side, by path; none in a folder of one drive. */
  async *conflicts(): AsyncIterable<TreeConflict> {
    if (this.#only() === null) yield* (await this.#tree()).conflicts()
  }

  /** Settles a conflict for all devices, as `planSettle` says. Throws NOT_FOUND, FORBIDDEN. */
  async settle(path: FolderPath, keep: Keep): Promise<FolderVersion> {
    const author = this.#author()
    if (this.#only() !== null || this.#feed === null) throw new AppError('NOT_FOUND', { path })
    await this.#opening
    await this.#feed.run(async (tree) => this.#writePlan(tree, await planSettle(tree, path, keep, author)))
    return this.version()
  }

  /**
   * Takes over what only the end of a drive tells that stops counting: records from length `from` of its log on are written to the own
   * drive with their vectors and writer, their content copied. Gives how many. Throws FORBIDDEN, NO_PEER for content that is not here.
   */
  async adopt(drive: DeviceDrive, from: number): Promise<number> {
    const author = this.#author()
    await this.#opening
    if (this.#feed === null) return 0
    const told = new Map<FolderPath, EntryOrTombstone>()
    for await (const { path, entry } of drive.told(from, drive.whole.db))
      if (entry !== null) told.set(path, await this.#contents.sized(entry))
    this.#avoided.add(drive.id)
    try {
      return await this.#feed.run(async (tree) => {
        const plan = await planAdopt(tree, { drive: drive.id, writer: drive.writer }, told, author)
        const records: PlannedRecord[] = []
        for (const { path, entry } of plan) records.push({ path, entry: entry.kind === 'file' ? await this.#copied(entry) : entry })
        await this.#writePlan(tree, records)
        return records.length
      })
    } finally {
      this.#avoided.delete(drive.id)
    }
  }

  async storeFile(file: OpenFile, base: FileEntry | null, options?: WaitOptions & { onBytes?: OnBytes }): Promise<StoredContent> {
    return this.#writer().storeFile(file, base, options)
  }
  async storeSmall(contents: readonly Uint8Array[]): Promise<StoredContent[]> {
    return this.#writer().storeSmall(contents)
  }

  async commit(changes: readonly DriveChange[]): Promise<FolderVersion> {
    const own = this.#own
    if (own === null) throw new AppError('FORBIDDEN', { reason: 'this device may not write to the folder' })
    if (this.#only() === null) {
      const author = this.#author()
      const tree = await this.#tree()
      if (this.#feed !== null && changes.length > 0)
        await this.#feed.run(async () => this.#writePlan(tree, await planCommit(tree, changes, author)))
      return this.version()
    }
    const records: { path: FolderPath; entry: EntryOrTombstone | null; before: EntryOrTombstone | null }[] = []
    for (const change of changes) {
      const before = change.before === undefined ? await own.get(change.path) : change.before
      if (change.op === 'put') records.push({ path: change.path, entry: await this.#inOwn(change.entry), before })
      // A folder of one writer needs no tombstones: what its only drive does not have is deleted.
      else records.push({ path: change.path, entry: null, before })
    }
    await own.write(records, this.#writtenAt())
    return this.version()
  }

  /** The time of what is written now, milliseconds since 1970. */
  get nowMs(): number {
    return (this.#now ?? Date.now)()
  }

  #writtenAt(): { at?: number } {
    return this.#now === null ? {} : { at: this.#now() }
  }

  #author(): Author {
    if (this.#own === null || this.#writerName === null || this.#content === null)
      throw new AppError('FORBIDDEN', { reason: 'this device may not write to the folder' })
    return { drive: this.#own.id, writer: this.#writerName }
  }

  /** Writes planned records to the own drive as one version. */
  async #writePlan(tree: MergedTree, plan: readonly PlannedRecord[]): Promise<void> {
    const own = this.#own
    if (own === null || plan.length === 0) return
    const before = await tree.toldBy(
      own.id,
      plan.map(({ path }) => path),
    )
    const entries = await this.#allInOwn(plan.map(({ entry }) => entry))
    const records = plan.map(({ path }, i) => ({ path, entry: entries[i] as EntryOrTombstone, before: before[i] ?? null }))
    await own.write(records, this.#writtenAt())
  }

  /** The entry with its content in the own drive. */
  async #copied(entry: FileEntry): Promise<FileEntry> {
    if (entry.content === null) return entry
    const read = (range: { start: number; end: number }) => this.read(entry, range)
    // Cut as it was, so that all who take it over come to one hash.
    return { ...entry, ...(await this.#writer().storeFile(storedFile(entry, read), entry)) }
  }

  /** An entry of another drive is written to the own one as a reference to the content where it lies. */
  async #inOwn(entry: Entry): Promise<Entry> {
    const [own] = await this.#allInOwn([entry])
    return own ?? entry
  }

  async #allInOwn<Told extends EntryOrTombstone>(entries: readonly Told[]): Promise<Told[]> {
    const own = [...entries]
    const isElsewhere = ([, entry]: [number, Told]) =>
      entry.kind === 'file' && entry.content !== null && entry.content.drive !== this.#own?.id
    const elsewhere = [...entries.entries()].filter(isElsewhere)
    for (let at = 0; at < elsewhere.length; at += REFER_STEP) {
      const part = elsewhere.slice(at, at + REFER_STEP)
      const contents = await this.#writer().referAll(part.map(([, entry]) => entry as FileEntry))
      for (const [n, [i, entry]] of part.entries()) own[i] = { ...entry, content: contents[n] ?? null }
    }
    return own
  }

  async parts(entry: FileEntry, base: FileEntry | null): Promise<FilePart[]> {
    return this.#contents.parts(entry, base)
  }
  async readSmall(entries: readonly FileEntry[]): Promise<(Uint8Array | null)[]> {
    return this.#contents.readSmall(entries)
  }
  read(
    entry: FileEntry,
    range?: { start: number; end: number },
    options: WaitOptions & { wait?: boolean; timeoutMs?: number } = {},
  ): AsyncIterable<Uint8Array> {
    return this.#contents.read(entry, range, options)
  }
  /** True size of a file, asked from its block map where the entry does not tell it. */
  async sizeOf(entry: FileEntry): Promise<number> {
    return this.#contents.sizeOf(entry)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlink()
    this.#listeners.clear()
    for (const drive of this.drives) this.#leave(drive)
    await this.#opening.catch(() => undefined)
    await this.#feed?.catchUp().catch(() => undefined)
    for (const drive of this.drives) await drive.close()
  }

  /** What can't be read must not look deleted. Throws NEWER_FORMAT. */
  #refuseNewer(): void {
    for (const { newerFormat } of this.drives) if (newerFormat !== null) throw new AppError('NEWER_FORMAT', { found: newerFormat })
  }

  /** The drive of a folder that has only one; null for several, which are merged. */
  #only(): DeviceDrive | null {
    const [only] = this.drives
    return this.drives.length === 1 && only !== undefined ? only : null
  }

  #writer(): ContentStore {
    if (this.#content === null) throw new AppError('FORBIDDEN', { reason: 'this device may not write to the folder' })
    return this.#content
  }

  #contentOf(own: DeviceDrive | null, chunks: ChunkIndex | null): ContentStore | null {
    const blobs = own?.blobs ?? null
    // What a removed member wrote may end nowhere: new content does not rest on it.
    const mayPointTo = (id: DriveId) =>
      !this.#avoided.has(id) && this.#members.some(({ drive, frozenAt }) => drive.id === id && frozenAt === null)
    const others = { coreOf: (id: DriveId) => this.#contents.blobsOf(id), mayPointTo }
    return own === null || blobs === null || chunks === null ? null : new ContentStore(own.id, blobs, chunks, others)
  }
}

function changeOf(path: FolderPath, shown: MergedEntry | null): RemoteChange {
  return { path, entry: toldEntry(shown), ...(shown?.conflictOf == null ? {} : { conflictOf: shown.conflictOf }) }
}

/** In one drive a record's newest state is its last one; a path moves between slots, and a deleted slot may hide a newer one. */
async function* changesOfOne(drive: DeviceDrive, from: number): AsyncIterable<RemoteChange> {
  const latest = new Map<FolderPath, Map<string, EntryOrTombstone | null>>()
  for await (const record of drive.history(from, drive.whole.db)) {
    const slots = latest.get(record.path) ?? new Map<string, EntryOrTombstone | null>()
    slots.set(record.slot, record.entry)
    latest.set(record.path, slots)
  }
  for (const [path, slots] of latest) {
    const standing = slots.get('file') ?? slots.get('folder') ?? slots.get('tombstone') ?? null
    // When a slot that history did not touch could still hold something, the tree is asked.
    const entry = standing === null && slots.size === 1 && !slots.has('file') ? await drive.get(path) : standing
    yield { path, entry }
  }
}
