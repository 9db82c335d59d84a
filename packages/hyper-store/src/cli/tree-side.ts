/** One side of a comparison or a sync: a folder of this disk, or a folder by its link. */
import type { Tree, TreeEntry } from './tree-compare.ts'

/** A tree that can be read, and perhaps written. Paths are relative, with `/`. */
export interface TreeSide {
  /** As people know it: an absolute path, or a link. */
  readonly name: string
  /** True when a rename moves the content that is there instead of sending it again. */
  readonly moves: boolean
  /** All of it as it is now. Throws FOLDER_UNREADABLE, NO_PEER. */
  list(signal: AbortSignal): Promise<Tree>
  /** The bytes of a file; of what is no file any more it throws. */
  read(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Throws NOT_WRITER, before anything is done, when nothing can be written here. */
  checkWritable(): void
  /** Puts a file in one go, with its time and mode; folders above it are made. */
  write(entry: TreeEntry, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>
  makeFolder(path: string, signal: AbortSignal): Promise<void>
  /** Why a symlink can't be made here; null when it can. */
  refusesSymlink(path: string, target: string): string | null
  makeSymlink(path: string, target: string): Promise<void>
  /** Removes a file, a symlink or an empty folder; what is gone already is no error. */
  remove(entry: TreeEntry, signal: AbortSignal): Promise<void>
  /** Moves a file; only called where `moves`. */
  move(from: string, to: string): Promise<void>
  /** Removes folders of this side that the removal of files left empty, and that the other side does not have. */
  prune(folders: ReadonlySet<string>, signal: AbortSignal): Promise<void>
  /** Says each time when there may be something new; ends when the signal aborts. */
  changes(signal: AbortSignal): AsyncIterable<void>
  /** Takes away what was only needed meanwhile; the side can be used again. */
  close(): Promise<void>
}
