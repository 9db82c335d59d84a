/** The device drives of one folder, merged: what the sync loop reads from and writes to. */
import { AppError } from '@hyper-store/client/contract'
import type { DriveId, Entry, EntryOrTombstone, FileEntry, FolderPath } from '../core/entries.ts'
import { mergePath, type DriveVersion } from '../core/merge.ts'
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
import { blocksOf, partsOf, readRange } from './content-read.ts'
import { ContentStore } from './content-store.ts'
import type { DeviceDrive } from './device-drive.ts'
import { linkDrives } from './held-elsewhere.ts'
import type { LogCore } from './log-core.ts'

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

/** What a merged view is made of. */
export interface MergedDrivesOptions {
  readonly members: readonly MemberDrive[]
  /** The drive that this device writes now, one of the members; null for a reader. */
  readonly own: DeviceDrive | null
  /** Name of this device in version vectors; null for a reader. */
  readonly writer: DriveId | null
  /** Chunks of the own drive; null for a reader. */
  readonly chunks: ChunkIndex | null
  /** Time of what is written, milliseconds since 1970; default: none is told. */
  readonly now?: (() => number) | undefined
}

/** Merged view over one or more device drives. The first is the root drive; `own` is the one that this device writes, if any. */
export class MergedDrives implements FolderDrives {
  #members: readonly MemberDrive[]
  #own: DeviceDrive | null
  #content: ContentStore | null
  readonly #now: (() => number) | null
  #unlink: () => void
  readonly #listeners = new Set<() => void>()

  constructor(options: MergedDrivesOptions) {
    this.#members = options.members
    this.#own = options.own
    this.#content = this.#contentOf(options.own, options.chunks)
    this.#now = options.now ?? null
    this.#unlink = linkDrives(this.drives)
    for (const { drive } of options.members) this.#listen(drive)
  }

  /** The drives of the merge; the root drive first. */
  get members(): readonly MemberDrive[] {
    return this.#members
  }
  get drives(): readonly DeviceDrive[] {
    return this.#members.map((m) => m.drive)
  }

  /** Drives come, go, and are frozen while the folder is in use. */
  async setMembers(members: readonly MemberDrive[], own: { drive: DeviceDrive; chunks: ChunkIndex; writer: DriveId } | null): Promise<void> {
    const before = new Set(this.drives)
    this.#members = members
    this.#own = own?.drive ?? null
    this.#content = this.#contentOf(this.#own, own?.chunks ?? null)
    this.#unlink()
    this.#unlink = linkDrives(this.drives)
    for (const { drive } of members) if (!before.has(drive)) this.#listen(drive)
    for (const listener of this.#listeners) listener()
  }

  /** Version of the folder as users see it: the sum of what counts of all drives. Grows by any change. */
  total(): number {
    return this.#members.reduce((sum, { drive, frozenAt }) => sum + Math.min(drive.whole.db, frozenAt ?? Infinity), 0)
  }

  #listen(drive: DeviceDrive): void {
    drive.onWhole(() => {
      for (const listener of this.#listeners) listener()
    })
  }

  get writable(): boolean {
    return this.#content !== null
  }
  /** Id of the drive that this device writes; null for a reader. */
  get ownId(): DriveId | null {
    return this.#own?.id ?? null
  }

  /** Calls back when a newer version is here whole. */
  onVersion(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  version(): FolderVersion {
    return Object.fromEntries(this.drives.map((d) => [d.id, d.whole.db]))
  }

  async get(path: FolderPath): Promise<EntryOrTombstone | null> {
    const versions: DriveVersion[] = []
    for (const drive of this.drives) {
      const entry = await drive.get(path)
      if (entry !== null) versions.push({ drive: drive.id, entry: await this.#sized(entry) })
    }
    return mergePath(versions).winner
  }

  async *entries(): AsyncIterable<RemoteChange> {
    this.#refuseNewer()
    const [only] = this.drives
    if (this.drives.length === 1 && only !== undefined) {
      for await (const record of only.view().records())
        if (record.entry !== null) yield { path: record.path, entry: await this.#sized(record.entry) }
      return
    }
    const paths = new Set<FolderPath>()
    for (const drive of this.drives) for await (const record of drive.view().records()) paths.add(record.path)
    for (const path of [...paths].sort()) yield { path, entry: await this.get(path) }
  }

  async *changesSince(from: FolderVersion): AsyncIterable<RemoteChange> {
    this.#refuseNewer()
    const [only] = this.drives
    if (this.drives.length === 1 && only !== undefined) {
      yield* this.#changesOfOne(only, from[only.id] ?? 0)
      return
    }
    const paths = new Set<FolderPath>()
    for (const drive of this.drives) for await (const record of drive.history(from[drive.id] ?? 0, drive.whole.db)) paths.add(record.path)
    for (const path of paths) yield { path, entry: await this.get(path) }
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
    const shared = this.drives.length > 1
    const records: { path: FolderPath; entry: EntryOrTombstone | null; before: EntryOrTombstone | null }[] = []
    for (const change of changes) {
      const before = shared || change.before === undefined ? await own.get(change.path) : change.before
      if (change.op === 'put') records.push({ path: change.path, entry: await this.#inOwn(change.entry), before })
      // A folder of one writer needs no tombstones: what its only drive does not have is deleted.
      else records.push({ path: change.path, entry: shared ? { kind: 'tombstone', ...change.tombstone } : null, before })
    }
    await own.write(records, this.#now === null ? {} : { at: this.#now() })
    return this.version()
  }

  /** An entry of another drive is written to the own one as a reference to the content where it lies. */
  async #inOwn(entry: Entry): Promise<Entry> {
    if (entry.kind !== 'file' || entry.content === null || entry.content.drive === this.#own?.id) return entry
    return { ...entry, content: await this.#writer().refer(entry) }
  }

  async parts(entry: FileEntry, base: FileEntry | null): Promise<FilePart[]> {
    return partsOf(entry, base, (drive) => this.#blobsOf(drive))
  }

  async readSmall(entries: readonly FileEntry[]): Promise<(Uint8Array | null)[]> {
    const out: (Uint8Array | null)[] = entries.map(() => null)
    const byDrive = new Map<DriveId, { slot: number; index: number }[]>()
    for (const [slot, entry] of entries.entries()) {
      const { content } = entry
      if (content === null) out[slot] = new Uint8Array(0)
      else if (!content.blockMap && content.parts !== true && content.blockLength === 1) {
        const list = byDrive.get(content.drive) ?? []
        list.push({ slot, index: content.blockOffset })
        byDrive.set(content.drive, list)
      } else out[slot] = await this.#whole(entry)
    }
    for (const [drive, list] of byDrive) {
      const contents = await this.#blobsOf(drive)
        .readMany(list.map((l) => l.index))
        .catch(() => null)
      for (const [i, { slot }] of list.entries()) out[slot] = contents?.[i] ?? null
    }
    return out
  }

  async #whole(entry: FileEntry): Promise<Uint8Array | null> {
    const pieces: Uint8Array[] = []
    try {
      for await (const piece of this.read(entry)) pieces.push(piece)
    } catch {
      return null
    }
    return Buffer.concat(pieces)
  }

  read(
    entry: FileEntry,
    range?: { start: number; end: number },
    options: WaitOptions & { wait?: boolean; timeoutMs?: number } = {},
  ): AsyncIterable<Uint8Array> {
    if (entry.content === null) return nothing()
    return readRange((drive) => this.#blobsOf(drive), entry.content, range ?? { start: 0, end: entry.size }, {
      wait: options.wait ?? false,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
    })
  }

  /** True size of a file, asked from its block map where the entry does not tell it. */
  async sizeOf(entry: FileEntry): Promise<number> {
    if (entry.size >= 0 || entry.content === null) return Math.max(0, entry.size)
    const blocks = await blocksOf((drive) => this.#blobsOf(drive), entry.content, { wait: true })
    return blocks.reduce((n, b) => n + b.byteLength, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlink()
    this.#listeners.clear()
    for (const drive of this.drives) await drive.close()
  }

  /** What can't be read must not look deleted. Throws NEWER_FORMAT. */
  #refuseNewer(): void {
    for (const { newerFormat } of this.drives) if (newerFormat !== null) throw new AppError('NEWER_FORMAT', { found: newerFormat })
  }

  #writer(): ContentStore {
    if (this.#content === null) throw new AppError('FORBIDDEN', { reason: 'this device may not write to the folder' })
    return this.#content
  }

  #contentOf(own: DeviceDrive | null, chunks: ChunkIndex | null): ContentStore | null {
    const blobs = own?.blobs ?? null
    // What a removed member wrote may end nowhere: new content does not rest on it.
    const mayPointTo = (id: DriveId) => this.#members.some(({ drive, frozenAt }) => drive.id === id && frozenAt === null)
    const others = { coreOf: (id: DriveId) => this.#blobsOf(id), mayPointTo }
    return own === null || blobs === null || chunks === null ? null : new ContentStore(own.id, blobs, chunks, others)
  }

  #blobsOf(id: DriveId): LogCore {
    const blobs = this.drives.find((d) => d.id === id)?.blobs
    if (blobs == null) throw new AppError('NO_PEER')
    return blobs
  }

  /** In one drive a record's newest state is its last one; a path moves between slots, and a deleted slot may hide a newer one. */
  async *#changesOfOne(drive: DeviceDrive, from: number): AsyncIterable<RemoteChange> {
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
      yield { path, entry: entry === null ? null : await this.#sized(entry) }
    }
  }

  /** Entries that others wrote with a block map tell no size: it is the sum of the map. */
  async #sized(entry: EntryOrTombstone): Promise<EntryOrTombstone> {
    if (entry.kind !== 'file' || entry.size >= 0 || entry.content === null) return entry
    try {
      const blocks = await blocksOf((drive) => this.#blobsOf(drive), entry.content)
      return { ...entry, size: blocks.reduce((n, b) => n + b.byteLength, 0) }
    } catch {
      return entry // a damaged map holds back its own file when that is read, not the walk over all of them
    }
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {
  // an empty file has no bytes
}
