/** The local index under a merged folder: what it stores in which table, and the port that stores it. */

/**
 * Tables of the index, each ordered by the bytes of its keys.
 * `path`: path → the versions that drives tell of it. `folder`: folder → live paths below it. `name`: name of a conflict copy → whose it
 * is. `conflict`: paths that have copies. `change`: number → paths that changed. `meta`: one row, key ''.
 */
export type PathTable = 'path' | 'folder' | 'name' | 'conflict' | 'change' | 'meta'

/** A row: a JSON array, never changed after it was written. */
export type Row = readonly unknown[]

/** One write; a null row takes the key away. Of two writes to one key the last counts. */
export interface PathWrite {
  readonly table: PathTable
  readonly key: string
  readonly row: Row | null
}

/** An ordered table on this device that can be built again from the drives at any time. */
export interface PathIndex {
  /** In the order of `keys`; null where nothing is. */
  getMany(table: PathTable, keys: readonly string[]): Promise<(Row | null)[]>
  /** Rows in order of their keys' UTF-8 bytes, as they are when the walk begins: those after `after`, or all. */
  rows(table: PathTable, options?: { readonly after?: string | undefined }): AsyncIterable<readonly [key: string, row: Row]>
  /** One atomic step. */
  write(writes: readonly PathWrite[]): Promise<void>
  /** Forgets everything. */
  clear(): Promise<void>
}
