/** What the store remembers of files that lend it their bytes: shapes of the table that lending works with. */
import type { FolderPath } from './entries.ts'

/** Consecutive blocks of a log that lie one behind the other in a file; at most RUN_BLOCKS. */
export interface LentRun {
  /** Hex discovery key of the log. */
  readonly core: string
  readonly first: number
  /** Where the first block begins in the file. */
  readonly offset: number
  readonly lengths: readonly number[]
}

/** A file as it was when its bytes were lent. */
export interface LentFile {
  readonly path: FolderPath
  readonly seen: { readonly size: number; readonly mtimeMs: number; readonly ctimeMs: number; readonly ino: number }
  /** Names the content: it tells whether the file was published again. */
  readonly content: string
  readonly bytes: number
  /** False until the store has dropped its own copy. */
  readonly dropped: boolean
  readonly runs: readonly LentRun[]
}

/** A file that has a block's bytes, and where. */
export interface Lender {
  readonly path: FolderPath
  readonly offset: number
  readonly byteLength: number
}

/** The lent files of one folder. */
export interface LentTable {
  get(path: FolderPath): Promise<LentFile | null>
  /** Without their runs, in path order. */
  files(): AsyncIterable<Omit<LentFile, 'runs'>>
  /** Files that lend a block, at most 8. */
  lenders(core: string, index: number): Promise<Lender[]>
  /** Replaces what is known of the path, as one step that is on the disk when it resolves. */
  put(file: LentFile): Promise<void>
  remove(path: FolderPath): Promise<void>
  /** The mark of this table; null when it knows nothing, or lost what it knew. */
  mark(): Promise<string | null>
  setMark(mark: string): Promise<void>
  clear(): Promise<void>
}

/** Most blocks in a run: what a look-up may have to pass over. */
export const RUN_BLOCKS = 256
