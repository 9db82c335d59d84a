/** One device's Hyperdrive in a folder: its two logs, the records in it, and the newest version that is here whole. */
import Hyperbee from 'hyperbee'
import { AppError } from '@hyper-store/client/contract'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { DriveView, type DriveTotals } from './drive-view.ts'
import { encodeRecord, EXTRAS, type ReadRecord } from './entry-codec.ts'
import type { LogCore } from './log-core.ts'
import { type LogKind, LogRecords, type WrittenBatch } from './log-records.ts'
import { Wholeness, type WholeVersion } from './wholeness.ts'

/** A view that was replaced stays readable for so long. */
const VIEW_LINGER_MS = 30_000

const BYTES = { keyEncoding: 'binary', valueEncoding: 'binary' } as const

/** One change of `write`. */
export interface DriveWrite {
  readonly path: FolderPath
  /** Null deletes the record. */
  readonly entry: EntryOrTombstone | null
  /** What the drive holds there now. */
  readonly before: EntryOrTombstone | null
}

/** A drive with nothing but its header and the folder's title. */
const EMPTY_LENGTH = 2

/** How the drive gets at its blobs log once the db log's manifest is known; null before. */
export type OpenBlobs = () => Promise<LogCore | null>

/** Reads and writes the records of a drive, and keeps its newest whole version in view. */
export class DeviceDrive {
  readonly id: DriveId
  /** Name of its device in version vectors: the id of that device's first drive in the folder. */
  readonly writer: DriveId
  readonly key: Uint8Array
  readonly db: LogCore
  readonly writable: boolean
  readonly #bee: Hyperbee
  readonly #openBlobs: OpenBlobs
  readonly #contentListeners = new Set<() => void>()
  readonly #forkListeners = new Set<() => void>()
  #blobs: LogCore | null = null
  #openingBlobs: Promise<LogCore | null> | null = null
  readonly #told: LogKind | null
  readonly #records: LogRecords
  readonly #wholeness: Wholeness
  #checkout: DriveView | null = null

  constructor(options: {
    id: DriveId
    /** Default: `id`. */
    writer?: DriveId
    db: LogCore
    bee: Hyperbee
    blobs: LogCore | null
    openBlobs: OpenBlobs
    writable: boolean
    /** What the log was said to be; what its first block says counts more. */
    told?: LogKind
    /** True for content that is encrypted, with or without its key here. Default false. */
    sealed?: boolean
  }) {
    this.id = options.id
    this.writer = options.writer ?? options.id
    this.key = options.db.key
    this.db = options.db
    this.writable = options.writable
    this.#bee = options.bee
    this.#blobs = options.blobs
    this.#openBlobs = options.openBlobs
    this.#told = options.told ?? null
    this.#records = new LogRecords(this.db, { drive: this.id, writer: this.writer, sealed: options.sealed === true })
    this.#wholeness = new Wholeness(this)
    this.db.onGrown(() => this.#wholeness.advance())
    this.#blobs?.onGrown(() => this.#contentGrown())
    this.db.onForked(() => this.#forked())
    this.#blobs?.onForked(() => this.#forked())
  }

  /** The blobs log; null while its key can't be known yet, and for a table or plain core, which has none. */
  get blobs(): LogCore | null {
    return this.#hasNoContent ? null : this.#blobs
  }
  get #hasNoContent(): boolean {
    const kind = this.#kindHere ?? this.#told
    return kind === 'table' || kind === 'core'
  }
  /** What can be seen of the log; null for one that can't be read here, too. */
  get #kindHere(): LogKind | null {
    return this.#records.kind === 'unknown' ? null : this.#records.kind
  }

  /** What the log is; null while its beginning is not here. A blind keeper knows what it was told. */
  get kind(): LogKind | null {
    return this.#kindHere ?? (this.#told === 'table' || this.#told === 'core' ? this.#told : this.#records.kind)
  }
  /** The title in the header of a table; null for none. */
  get tableTitle(): string | null {
    return this.#records.title
  }

  /** Opens the blobs log if that is possible now. */
  async ensureBlobs(): Promise<LogCore | null> {
    if (this.#blobs !== null) return this.#blobs
    if (this.#hasNoContent) return null
    this.#openingBlobs ??= this.#openBlobs().finally(() => {
      this.#openingBlobs = null
    })
    const blobs = await this.#openingBlobs
    if (blobs !== null && this.#blobs === null) {
      this.#blobs = blobs
      blobs.onGrown(() => this.#contentGrown())
      blobs.onForked(() => this.#forked())
      this.#contentGrown()
    }
    return this.#blobs
  }

  /** Newest version that is here whole. */
  get whole(): WholeVersion {
    return this.#wholeness.version
  }

  /** True when the log turned out to be no folder's (`kind` tells), or a private one without its key. */
  get unreadable(): boolean {
    return this.#records.isFolder === false
  }
  /** A format above ours that some record is written in; null when all can be read. */
  get newerFormat(): number | null {
    return this.#records.newerFormat
  }
  /** Names of records that can't be shown, with the reason. */
  get leftOut(): ReadonlyMap<string, string> {
    return this.#records.leftOut
  }
  /** True while some content of `whole` is not here, since nobody in reach has it. */
  get gaps(): boolean {
    return this.#wholeness.gaps
  }

  /** True while all that the newest version refers to is here, and blocks of older ones are not: they were let go, here or by all. */
  get lacksOld(): boolean {
    return this.#wholeness.lacksOld
  }
  /** Length of the blobs log up to which all that counts is here. */
  get heldBlobs(): number {
    return this.#wholeness.heldBlobs
  }

  /** Goes on without content that nobody in reach has: what is here is shown, what is missing is told of file by file. */
  goOnWithGaps(): void {
    this.#wholeness.goOnWithGaps()
  }

  /** Tells the drive how much of other drives' blobs logs is here: what lies there too is shown only then. `recheck` when that grew. */
  askOthers(heldOf: (drive: DriveId) => number, coreOf: (drive: DriveId) => LogCore | null = () => null): void {
    this.#wholeness.askOthers(heldOf, coreOf)
  }

  /** Looks again whether more is whole; cheap when nothing of other drives is waited for. */
  recheck(): void {
    this.#wholeness.recheck()
  }

  /** Calls back when a peer proved that one of the logs was written in two ways. Both logs are to be opened anew then. */
  onForked(listener: () => void): () => void {
    this.#forkListeners.add(listener)
    return () => this.#forkListeners.delete(listener)
  }
  readonly #forked = () => {
    for (const listener of this.#forkListeners) listener()
  }

  /** Calls back when `whole` grew, or `gaps` or `lacksOld` changed. */
  onWhole(listener: () => void): () => void {
    return this.#wholeness.onChange(listener)
  }

  /** Calls back when the blobs log grew, from when it is open. */
  onContent(listener: () => void): () => void {
    this.#contentListeners.add(listener)
    return () => this.#contentListeners.delete(listener)
  }

  #contentGrown(): void {
    this.#wholeness.advance()
    for (const listener of this.#contentListeners) listener()
  }

  /**
   * Finds out what is here whole; to be awaited once after opening. `shown` is a length that was whole before, 0 for none: what this
   * device has shown stays shown while newer content is on its way.
   */
  async start(shown: number): Promise<void> {
    await this.#wholeness.start(shown)
  }

  /** In place of `start`, for who reads only what is asked for: `whole` stays empty, and nothing is looked for. */
  async readSparse(): Promise<void> {
    await this.#wholeness.close()
  }

  /** Waits until all growth seen so far is accounted for. */
  async settled(): Promise<void> {
    await this.#wholeness.settled()
  }

  /** Reads what the db log is, if that is not known yet: `unreadable` tells. */
  async look(): Promise<void> {
    await this.#records.look()
  }

  /** The newest whole version; valid until the next one. */
  view(): DriveView {
    return this.#viewAt(this.unreadable ? 0 : Math.min(this.whole.db, this.#records.lastNode + 1))
  }

  /** The drive as its writer left it last: its own writes are always here. */
  viewNow(): DriveView {
    return this.#viewAt(this.db.length)
  }

  /** The drive as of a version (a length of its db log); to be closed by the caller. */
  viewOf(version: number): DriveView {
    return new DriveView(this.#beeAt(version), this)
  }

  /** The record of a path in the newest whole version, or tombstone; null when it never was. */
  async get(path: FolderPath): Promise<EntryOrTombstone | null> {
    return this.view().get(path)
  }

  /** Records written between two lengths of the db log, oldest first; a path may come several times. */
  history(from: number, to: number): AsyncIterable<ReadRecord> {
    return this.#records.history(from, to)
  }

  /** As `history`, with records that can't be shown as ones of nothing: what a log tells is the same in whatever pieces it is read. */
  told(from: number, to: number): AsyncIterable<ReadRecord> {
    return this.#records.told(from, to)
  }

  /**
   * History by what was written at once, oldest first; steps without records are left out. In a drive that another program wrote each
   * record is a step of its own.
   */
  async *batches(from: number, to: number): AsyncIterable<WrittenBatch> {
    const marked = (await this.view().lastBatch()) !== null
    yield* this.#records.batches({ from, to }, marked)
  }

  /** Writes records as one atomic version; `at` is the time, milliseconds since 1970. Needs `writable`. Throws DEFECT for content of other drives. */
  async write(changes: readonly DriveWrite[], options: { at?: number } = {}): Promise<void> {
    this.#refuseRecords()
    const stray = changes.find(({ entry }) => entry?.kind === 'file' && entry.content !== null && entry.content.drive !== this.id)
    if (stray !== undefined) throw new AppError('DEFECT', { reason: 'an entry points into another drive; refer to its content first' })
    const batch = this.#bee.batch()
    try {
      for (const { path, entry, before } of changes) {
        const was = before === null ? null : encodeRecord(path, before, this.writer)
        const is = entry === null ? null : encodeRecord(path, entry, this.writer)
        if (was !== null && (is === null || is.encoding !== was.encoding || is.key !== was.key))
          await batch.del(was.key, { keyEncoding: was.encoding })
        if (is !== null) await batch.put(is.key, is.value, { keyEncoding: is.encoding })
      }
      // The last record of each batch: it ends the batch for those who read history.
      const totals = await this.#totalsAfter(changes)
      const at = options.at === undefined ? {} : { at: options.at }
      if (totals !== null || options.at !== undefined) await batch.put('totals', { ...totals, ...at }, { keyEncoding: EXTRAS })
      await batch.flush()
    } catch (error) {
      await batch.close()
      throw error
    }
    this.#blobs?.pins.told(changes.flatMap(({ entry }) => (entry?.kind === 'file' && entry.content !== null ? [entry.content] : [])))
    await this.#written()
  }

  /** Writes rows of shared tables, key and value as bytes, as one atomic version that changes no file; `at` as for `write`. */
  async writeRows(rows: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[], options: { at: number }): Promise<void> {
    this.#refuseRecords()
    const batch = this.#bee.batch()
    try {
      for (const { key, value } of rows) await batch.put(key, value, { keyEncoding: 'binary', valueEncoding: 'binary' })
      await batch.put('totals', { ...(await this.#totalsAfter([])), at: options.at }, { keyEncoding: EXTRAS })
      await batch.flush()
    } catch (error) {
      await batch.close()
      throw error
    }
    await this.#written()
  }

  /** Puts and deletes (null) rows of a table, key and value as bytes, as one atomic version. Needs `writable`. */
  async writeTable(changes: readonly { readonly key: Uint8Array; readonly value: Uint8Array | null }[]): Promise<void> {
    const batch = this.#bee.batch()
    try {
      for (const { key, value } of changes) {
        if (value === null) await batch.del(key, BYTES)
        else await batch.put(key, value, BYTES)
      }
      await batch.flush()
    } catch (error) {
      await batch.close()
      throw error
    }
    await this.#written()
  }

  /** Files and bytes after these changes; null in a drive that has content but never counted it. */
  async #totalsAfter(changes: readonly { entry: EntryOrTombstone | null; before: EntryOrTombstone | null }[]): Promise<DriveTotals | null> {
    const known = this.db.length <= EMPTY_LENGTH ? { files: 0, bytes: 0 } : await this.viewNow().totals()
    if (known === null) return null
    let { files, bytes } = known
    for (const { entry, before } of changes) {
      files += filesIn(entry) - filesIn(before)
      bytes += bytesIn(entry) - bytesIn(before)
    }
    return { files: Math.max(0, files), bytes: Math.max(0, bytes) }
  }

  /** Says in the drive what the folder is called. */
  async writeInfo(info: { title: string }): Promise<void> {
    await this.writeExtra('info', info)
  }

  /** Writes a record of ours that is about no path; null takes it away. */
  async writeExtra(key: string, value: unknown): Promise<void> {
    this.#refuseRecords()
    const batch = this.#bee.batch()
    if (value === null) await batch.del(key, { keyEncoding: EXTRAS })
    else await batch.put(key, value, { keyEncoding: EXTRAS })
    await batch.flush()
    await this.#written()
  }

  /** A table holds the rows of its user, and nothing of ours. */
  #refuseRecords(): void {
    if (this.#hasNoContent) throw new AppError('DEFECT', { reason: 'a table takes no records of files' })
  }

  async #written(): Promise<void> {
    await this.db.markHead()
    this.#wholeness.advance()
    await this.#wholeness.settled()
  }

  /** Frees the stored blocks of the drive, content first. The logs stay: what others write can be fetched again. */
  async dropBlocks(): Promise<void> {
    await this.#blobs?.raw.clear(0, this.#blobs.length)
    if (!this.writable) await this.db.raw.clear(0, this.db.length)
  }

  async close(): Promise<void> {
    await this.#wholeness.close()
    await this.#checkout?.close()
    await this.#blobs?.close()
    await this.db.close()
  }

  // Not the bee's own checkout: that holds a snapshot of the whole database for as long as it is open, and what was let go could not be
  // given back to the disk. A log that only grows needs none.
  #beeAt(version: number): Hyperbee {
    const core = this.db.plain.session({ snapshot: false })
    return new Hyperbee(core, {
      keyEncoding: 'utf-8',
      valueEncoding: 'utf-8',
      checkout: Math.max(1, version),
      extension: false,
      _view: true,
    })
  }

  #viewAt(version: number): DriveView {
    if (this.#checkout?.version !== Math.max(1, version)) {
      const old = this.#checkout
      this.#checkout = new DriveView(this.#beeAt(version), this)
      // Walks that began on the old version end on it.
      if (old !== null) setTimeout(() => void old.close().catch(() => undefined), VIEW_LINGER_MS).unref()
    }
    return this.#checkout
  }
}

/** A user counts files and links. */
function filesIn(entry: EntryOrTombstone | null): number {
  return entry !== null && (entry.kind === 'file' || entry.kind === 'symlink') ? 1 : 0
}
function bytesIn(entry: EntryOrTombstone | null): number {
  return entry?.kind === 'file' ? Math.max(0, entry.size) : 0
}
