/**
 * The interfaces that the sync loop needs from the rooms beside it. Each has a conformance suite in test/conformance
 * that the real and the in-memory implementation both pass.
 */
import type { DriveId, Entry, EntryOrTombstone, FileEntry, FolderPath, LocalFile, LocalNode, Synced } from './entries.ts'

/** Options of everything that waits; `signal` stops the wait and the work of this call. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
}

/** One entry of a scan. */
export interface ScanNode {
  readonly path: FolderPath
  readonly node: LocalNode
}

/** Names that a scan met and left out, with the reason: shown to the user, never synced. */
export interface ScanProblem {
  readonly path: string
  readonly reason: 'unreadable' | 'special-file' | 'bad-name' | 'path-too-long'
}

/** Why the root of a folder can't be trusted now (`safety.ts` decides what follows). */
export type RootState =
  | { readonly state: 'present'; readonly identity: RootIdentity; readonly writable: boolean }
  | { readonly state: 'missing' }
  | { readonly state: 'not-a-folder' }
  | { readonly state: 'unreadable'; readonly reason: string }
/** Tells one disk folder from another put in its place. */
export interface RootIdentity {
  readonly device: number
  readonly ino: number
}

/** What a fetched file must become. */
export interface FileFacts {
  readonly size: number
  readonly mtimeMs: number
  readonly executable: boolean
}

/** One range of a new file: bytes to write, or bytes to take from the file that it replaces. */
export type FilePart =
  | { readonly from: 'store'; readonly offset: number; readonly length: number; read(): AsyncIterable<Uint8Array> }
  | { readonly from: 'base'; readonly offset: number; readonly length: number; readonly baseOffset: number }

/** Outcome of a step on the disk. `changed` means: the disk was not as the plan saw it, nothing was touched. */
export type DiskOutcome =
  | { readonly done: true; readonly node: LocalNode }
  | { readonly done: false; readonly why: 'changed' | 'exists' | 'blocked' | 'unsafe' }

/** Something in a folder's trash. */
export interface TrashedNode {
  /** Names it, as long as it is there. */
  readonly id: string
  /** Where it was in the folder. */
  readonly path: FolderPath
  /** Bytes of a file; 0 for a link. */
  readonly size: number
  /** When it was put there, milliseconds since 1970. */
  readonly at: number
}

/**
 * A user's folder on disk: the only way that the program touches it. Every method takes folder paths only and refuses
 * to follow a symlink out of the folder in any parent (`unsafe`). Nothing is overwritten or removed unless it still is
 * what the caller says it saw. Full and read-only disks throw DISK_FULL and READ_ONLY_DISK.
 */
export interface DiskFolder extends AsyncDisposable {
  readonly root: string
  /**
   * True when the disk takes names that differ in case or normalisation for one; left out: false. Known once `rootState` saw the root.
   * `look` then still means the very spelling that it is given, and gives null where the disk has another.
   */
  readonly caseInsensitive?: boolean
  /** Of a path the part that is there, as the disk spells it; null when not even its first name is. Only where the disk ignores case. */
  spellingOf?(path: FolderPath): Promise<FolderPath | null>
  rootState(): Promise<RootState>
  /**
   * Everything below `start` (default: the root), parents before children, without what `ignored` says; yields in batches.
   * A given `start` comes first itself. What is at or below the path of a problem is unknown, not gone. Throws
   * FOLDER_UNREADABLE when the root is missing, or is not the same folder at the end.
   */
  scan(
    options?: WaitOptions & {
      start?: FolderPath
      ignored?: (path: FolderPath, isFolder: boolean) => boolean
      onProblem?: (problem: ScanProblem) => void
    },
  ): AsyncIterable<ScanNode[]>
  /** What is at one path now; null when nothing. */
  look(path: FolderPath): Promise<LocalNode | null>
  /** Reads a file in order; ends early with an AppError-free throw of `FileChanged` when it changes while being read. */
  openFile(path: FolderPath): Promise<OpenFile>
  /** Reads a small text file whole (ignore rules); null when absent. At most 1 MiB. */
  readText(path: FolderPath): Promise<string | null>

  /** Starts a new file out of the user's sight, on the same disk. */
  stage(): Promise<StagedFile>
  /**
   * Stages small whole files in one step, finished: several times cheaper than `stage` for each. All or none. At most a few
   * MiB at a time, as all of it is in memory.
   */
  stageSmall(files: readonly { readonly data: Uint8Array; readonly facts: FileFacts }[]): Promise<StagedFile[]>
  /**
   * Moves finished staged files into place, as one group: their content is durable before the first name shows it, the names
   * are durable after `flush`. What could not be placed stays staged, to be placed elsewhere or discarded.
   */
  place(files: readonly PlaceItem[]): Promise<DiskOutcome[]>
  /** Makes a link; `seen` and `agreed` as for `place`. The target is text only: it is never followed. */
  makeSymlink(path: FolderPath, target: string, seen: LocalNode | null, options?: { agreed?: boolean }): Promise<DiskOutcome>
  makeFolder(path: FolderPath): Promise<DiskOutcome>
  /** Sets execute bit and time of a file that still is `seen`. */
  stamp(path: FolderPath, facts: FileFacts, seen: LocalFile): Promise<DiskOutcome>
  rename(from: FolderPath, to: FolderPath, seen: LocalNode): Promise<DiskOutcome>
  /** Moves into the folder's trash (`trash: true`) or deletes, if it still is `seen`; a folder only when nothing is in it. */
  remove(path: FolderPath, seen: LocalNode, options: { trash: boolean }): Promise<DiskOutcome>
  /** Removes a folder only if it is empty; false when not. */
  removeFolder(path: FolderPath): Promise<boolean>
  /** Makes what was done so far survive a power cut. */
  flush(): Promise<void>
  /** Everything in the folder's trash, oldest first. */
  listTrash(): Promise<TrashedNode[]>
  /**
   * Brings an item of the trash back to where it was, or to `to`. `exists` when something is there: nothing is overwritten.
   * `changed` when the item is not in the trash.
   */
  restoreTrash(id: string, to?: FolderPath): Promise<DiskOutcome>
  /** Deletes for good what was put in the trash before a time (milliseconds since 1970; Infinity: all), and says how much that was. */
  pruneTrash(before: number): Promise<{ items: number; bytes: number }>
  /** Reports paths that may have changed; '' means: anything may have. Ends with `close`. */
  watch(
    onDirty: (paths: ReadonlySet<string>) => void,
    options: { ignored: (path: FolderPath, isFolder: boolean) => boolean },
  ): Promise<FolderWatcher>
}

/** An open file of the user: sequential and random reads, and the proof that it did not change meanwhile. */
export interface OpenFile extends AsyncDisposable {
  readonly seen: LocalFile
  /** Fills `buffer` from `position`; returns bytes read, 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** The node as it is now; the content read is whole when it equals `seen`. Null when gone. */
  lookAgain(): Promise<LocalFile | null>
}

/** A staged file and where it goes. */
export interface PlaceItem {
  readonly staged: StagedFile
  readonly path: FolderPath
  /** What the plan saw there; null for a free name, which is never overwritten. */
  readonly seen: LocalNode | null
  /** True when what is replaced is what `synced` says, so that it needs no copy in the trash. Default false: it is kept there. */
  readonly agreed?: boolean
}

/** A file being made outside the user's sight. */
export interface StagedFile {
  /** Writes at a position; positions may come in any order. */
  write(data: Uint8Array | readonly Uint8Array[], position: number): Promise<void>
  /** Copies `length` bytes of a file of the folder that still is `seen`; false when it changed. */
  copyFrom(path: FolderPath, seen: LocalFile, range: { from: number; length: number; to: number }): Promise<boolean>
  /** Copies a whole file of the folder by the fastest way of the system; false when it changed. */
  copyWhole(path: FolderPath, seen: LocalFile): Promise<boolean>
  /** Sets length, time and bits and closes. After it only `place` or `discard`. */
  finish(facts: FileFacts): Promise<void>
  discard(): Promise<void>
}

export interface FolderWatcher extends AsyncDisposable {
  /** False when the system could not give enough watches: the caller then rescans more often. */
  readonly complete: boolean
}

/** A position in the history of all device drives of a folder: drive id → length of its log. */
export type FolderVersion = Readonly<Record<string, number>>

/** One path that differs between two versions. */
export interface RemoteChange {
  readonly path: FolderPath
  readonly entry: EntryOrTombstone | null
  /** The path whose conflict copy this is, derived by the merge; null or left out for a real entry. */
  readonly conflictOf?: FolderPath | null | undefined
}

/** A change to be written to this device's drive. */
export type DriveChange =
  | {
      readonly op: 'put'
      readonly path: FolderPath
      readonly entry: Entry
      /** What this device's drive holds there, when the caller knows: null for nothing. Saves a look-up. */
      readonly before?: Entry | null | undefined
    }
  | {
      readonly op: 'delete'
      readonly path: FolderPath
      readonly before?: Entry | null | undefined
      readonly tombstone: { readonly vector: Readonly<Record<string, number>>; readonly mtimeMs: number }
    }

/** Progress of a long step, in bytes of content. */
export type OnBytes = (bytes: number) => void

/** The drives of one folder, merged: what the sync loop reads from and writes to. */
export interface FolderDrives extends AsyncDisposable {
  /** True when this device may write. */
  readonly writable: boolean
  /** The drive that this device writes now; left out where that is the one that names it in vectors. */
  readonly ownId?: DriveId | null
  /** Newest version of which this device holds everything: never points at content that is not here. */
  version(): FolderVersion
  get(path: FolderPath): Promise<EntryOrTombstone | null>
  /** Entries in path order, of the newest whole version. */
  entries(): AsyncIterable<RemoteChange>
  /** Paths that changed since `from`, each once, with the entry now. */
  changesSince(from: FolderVersion): AsyncIterable<RemoteChange>
  /** Stores content and returns where; known chunks are not stored again. `base` is the version that the file replaces. */
  storeFile(file: OpenFile, base: FileEntry | null, options?: WaitOptions & { onBytes?: OnBytes }): Promise<StoredContent>
  /** Stores many small whole contents in one step. */
  storeSmall(contents: readonly Uint8Array[]): Promise<StoredContent[]>
  /** Writes changes as one atomic version; content must be stored before. Returns the new version. */
  commit(changes: readonly DriveChange[]): Promise<FolderVersion>
  /** The parts of a file, reusing ranges of `base` where the chunks are the same. */
  parts(entry: FileEntry, base: FileEntry | null): Promise<FilePart[]>
  /** Whole small contents, read together; null where one is not here. */
  readSmall(entries: readonly FileEntry[]): Promise<(Uint8Array | null)[]>
  /** A byte range of a file, verified. */
  read(entry: FileEntry, range?: { start: number; end: number }, options?: WaitOptions): AsyncIterable<Uint8Array>
}
export interface StoredContent {
  readonly content: FileEntry['content']
  readonly hash: string
  readonly size: number
}

/** Time and chance, given to the loop so that a simulator can own them. */
export interface Clock {
  now(): number
  sleep(ms: number, options?: WaitOptions): Promise<void>
}

/** A signed state of a log: the writer's signature over its first `length` blocks. Lets a log be sent in big runs. */
export interface Checkpoint {
  readonly length: number
  readonly fork: number
  /** As the log's manifest wants it: 64 to 4,096 bytes. */
  readonly signature: Uint8Array
}

/** Stored checkpoints of logs; `core` is the hex discovery key of a log. */
export interface CheckpointLog {
  putMany(core: string, checkpoints: readonly Checkpoint[]): Promise<void>
  /** Checkpoints longer than `length`, ascending. */
  after(core: string, length: number, limit: number): Promise<Checkpoint[]>
}

/** Where a chunk lies in the blobs core of a drive. */
export interface ChunkPlace {
  readonly index: number
  readonly byteLength: number
  /** Left out: the drive that the index is of. */
  readonly drive?: DriveId | undefined
}

/** Hash (32 bytes) → place of every chunk that a drive holds; rebuildable, so that it may forget. */
export interface ChunkIndex {
  getMany(hashes: readonly Uint8Array[]): Promise<(ChunkPlace | undefined)[]>
  putMany(chunks: readonly { hash: Uint8Array; place: ChunkPlace }[]): Promise<void>
}

/** Thrown while reading a user's file that is being written; the loop tries again later. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged'
}

/** Stored synced trees of one folder: what disk and drives last agreed on, and the version that was caught up with. */
export interface SyncedStore {
  get(path: FolderPath): Promise<Synced | null>
  getMany(paths: readonly FolderPath[]): Promise<(Synced | null)[]>
  /** Records in path order; `prefix` is plain text. */
  entries(options?: { readonly prefix?: string | undefined }): AsyncIterable<readonly [FolderPath, Synced]>
  /** Number of records. */
  count(): Promise<number>
  applied(): Promise<FolderVersion | null>
  /** One atomic step. */
  apply(
    batch: {
      readonly put?: Iterable<readonly [FolderPath, Synced]>
      readonly del?: Iterable<FolderPath>
      readonly applied?: FolderVersion
    },
    durability?: { readonly sync?: boolean },
  ): Promise<void>
}
