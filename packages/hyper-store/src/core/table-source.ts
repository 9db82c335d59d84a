/** What a table needs from where its rows are stored: one log of one device, or the drives of a shared folder merged. */

/** A row as it is stored. */
export interface StoredRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** Version of the table that put it. */
  readonly version: number
  /** Milliseconds since 1970 by the clock of the device that put it; null where that is not told. */
  readonly atMs: number | null
  /** Name of that device; null in a table that one device writes. */
  readonly device: string | null
}

/** A change of a row; without a value it was deleted. */
export type StoredChange = Omit<StoredRow, 'value'> & { readonly value: Uint8Array | null }

/** Bounds in the order of bytes; each is left out for none. */
export interface ByteRange {
  readonly gt?: Uint8Array | undefined
  readonly gte?: Uint8Array | undefined
  readonly lt?: Uint8Array | undefined
  readonly lte?: Uint8Array | undefined
  readonly reverse?: boolean | undefined
}

/** A row to be put, or deleted with null. */
export interface RowWrite {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Rows of a table with their history. `version` null means the newest. Reading throws NO_PEER for what does not come in time. */
export interface TableSource {
  /** True when this device may write rows. */
  readonly writable: boolean
  /** Newest version of which all rows can be read. */
  version(): number
  get(key: Uint8Array, version: number | null): Promise<StoredRow | null>
  /** Rows in the order of their keys, as of one version, read as the caller goes on. */
  range(range: ByteRange, version: number | null): AsyncIterable<StoredRow>
  /** Rows of a version; throws UNKNOWN_VERSION for one that is newer than all. */
  count(version: number | null): Promise<number>
  /** One step, all or nothing; gives the version after it. Throws NOT_WRITER. */
  write(changes: readonly RowWrite[]): Promise<number>
  /** Changes newest first, from before version `before` (null: from the newest); of one key when it is given. */
  history(query: { key: Uint8Array | null; before: number | null }): AsyncIterable<StoredChange>
  /** Changes after a version, oldest first. */
  changesSince(version: number): AsyncIterable<StoredChange>
  /** Calls back when there is a newer version. */
  onVersion(listener: () => void): () => void
}
