/**
 * What a folder is made of, seen from three sides: entries (what device drives say), local nodes (what a scan of the
 * disk saw) and synced records (what both last agreed on). Shapes only; the decisions are in merge.ts and reconcile.ts.
 */

/** Path inside a folder: `/`-separated, relative, no empty, `.` or `..` segment. Made by `parsePath` only. */
export type FolderPath = string & { readonly __brand: 'FolderPath' }

/** First 10 characters of the z-base-32 key of a device drive: names that drive in version vectors. */
export type DriveId = string & { readonly __brand: 'DriveId' }

/** How many versions of a path each drive has written; a missing drive counts 0. */
export type VersionVector = Readonly<Record<string, number>>

/** Where an entry's content lies: a stock Hyperblobs id in the blobs core of one device drive. */
export interface ContentRef {
  readonly drive: DriveId
  readonly byteOffset: number
  readonly blockOffset: number
  readonly blockLength: number
  readonly byteLength: number
  /** True when the range holds a block map and not the content (Hyperblobs 2.9). */
  readonly blockMap: boolean
  /** True when the range holds our map of parts, whose blocks lie in several drives; `blockMap` is false then. Default false. */
  readonly parts?: boolean | undefined
  /** With `parts`: how much of other drives' blobs logs the content needs, as lengths by drive id. */
  readonly needs?: Readonly<Record<string, number>> | undefined
}

interface EntryBase {
  readonly vector: VersionVector
  /** Modification time, milliseconds since 1970; 0 when unknown. */
  readonly mtimeMs: number
  /** Who wrote this version: the name in vectors. Left out: the device whose drive tells it. */
  readonly writer?: DriveId | undefined
}
/** A regular file. */
export interface FileEntry extends EntryBase {
  readonly kind: 'file'
  /** Bytes as a user sees them. */
  readonly size: number
  readonly executable: boolean
  /** Content hash (`chunking.ts` says how); empty string for drives that others wrote. Equal hashes mean equal bytes. */
  readonly hash: string
  /** Null only for an empty file. */
  readonly content: ContentRef | null
}
export interface SymlinkEntry extends EntryBase {
  readonly kind: 'symlink'
  readonly target: string
}
/** A folder without anything in it; folders with content are implied by their paths. */
export interface EmptyFolderEntry extends EntryBase {
  readonly kind: 'folder'
}
/** The path was deleted in this version. */
export interface Tombstone extends EntryBase {
  readonly kind: 'tombstone'
}
/** One version of a path as a device drive tells it. */
export type Entry = FileEntry | SymlinkEntry | EmptyFolderEntry
export type EntryOrTombstone = Entry | Tombstone

/** What a scan saw of a regular file. Stat values as `lstat` gives them; times in milliseconds with their fraction. */
export interface LocalFile {
  readonly kind: 'file'
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly ino: number
  readonly executable: boolean
}
export interface LocalSymlink {
  readonly kind: 'symlink'
  readonly target: string
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly ino: number
}
/** A folder; only empty ones matter to reconcile. */
export interface LocalFolder {
  readonly kind: 'folder'
  readonly empty: boolean
}
export type LocalNode = LocalFile | LocalSymlink | LocalFolder

/** What disk and drives last agreed on for a path. */
export interface Synced {
  readonly entry: Entry
  /** The disk's side at that moment; null for what is not on disk since although nobody deleted it: it was left out. */
  readonly local: LocalNode | null
}
