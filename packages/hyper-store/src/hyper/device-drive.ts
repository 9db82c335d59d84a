/** One device's Hyperdrive in a folder: its two logs, the records in it, and the newest version that is here whole. */
import Hyperbee from 'hyperbee'
import messages from 'hyperbee/lib/messages.js'
import { AppError } from '@hyper-store/client/contract'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { DriveView, type DriveTotals } from './drive-view.ts'
import { decodeRecord, ENTRY_FORMAT, EXTRAS, encodeRecord, formatOf, nothingAt, type ReadRecord, whyLeftOut } from './entry-codec.ts'
import { ExactCheck } from './exact-check.ts'
import type { LogCore } from './log-core.ts'

/** Records read side by side. */
const READ_BATCH = 256
/** So many records that were left out are remembered. */
const LEFT_OUT_LIMIT = 100
/** Drives that the entries of one may need; a hostile writer names more. */
const MAX_NEEDED_DRIVES = 1000
/** The record that each batch of ours ends with. */
const TOTALS_KEY = 'hyper-store\0totals'
/** What is missing is looked for again after this. */
const LOOK_AGAIN_MS = 500
/** A view that was replaced stays readable for so long. */
const VIEW_LINGER_MS = 30_000

/** A version of a drive that is here whole: `db` blocks of the db log, which refer to at most `need` blocks of the blobs log. */
export interface WholeVersion {
  readonly db: number
  readonly need: number
  /** What it refers to in other drives' blobs logs, as lengths by drive. Left out: nothing. */
  readonly needs?: ReadonlyMap<DriveId, number>
}

/** One step of a drive's history: what its device wrote at once. */
export interface WrittenBatch {
  /** Length of the db log at its end. */
  readonly version: number
  /** When it was written, milliseconds since 1970 by the writer's clock; null when that was not told. */
  readonly at: number | null
  readonly records: readonly ReadRecord[]
}

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

/**
 * Reads and writes the records of a drive.
 * Invariant: `whole.db` never grows past a version whose content is not here (blobs contiguous >= need), unless nobody has it (`gaps`).
 */
export class DeviceDrive {
  readonly id: DriveId
  /** Name of its device in version vectors: the id of that device's first drive in the folder. */
  readonly writer: DriveId
  readonly key: Uint8Array
  readonly db: LogCore
  readonly writable: boolean
  readonly #bee: Hyperbee
  readonly #openBlobs: OpenBlobs
  readonly #listeners = new Set<() => void>()
  readonly #contentListeners = new Set<() => void>()
  readonly #forkListeners = new Set<() => void>()
  #blobs: LogCore | null = null
  #openingBlobs: Promise<LogCore | null> | null = null
  #whole: WholeVersion = { db: 0, need: 0 }
  #readTo = 0
  #shown = 0
  #needTo = 0
  readonly #needs = new Map<DriveId, number>()
  #heldOf: (drive: DriveId) => number = () => 0
  #coreOf: (drive: DriveId) => LogCore | null = () => null
  readonly #exact: ExactCheck
  #checkout: DriveView | null = null
  #rootAt = 0
  #isFolder: boolean | null = null
  #newerFormat: number | null = null
  #gaps = false
  readonly #leftOut = new Map<string, string>()
  #advancing: Promise<void> = Promise.resolve()
  #closed = false
  #again: NodeJS.Timeout | null = null

  constructor(options: {
    id: DriveId
    /** Default: `id`. */
    writer?: DriveId
    db: LogCore
    bee: Hyperbee
    blobs: LogCore | null
    openBlobs: OpenBlobs
    writable: boolean
  }) {
    this.id = options.id
    this.writer = options.writer ?? options.id
    this.key = options.db.key
    this.db = options.db
    this.writable = options.writable
    this.#bee = options.bee
    this.#blobs = options.blobs
    this.#openBlobs = options.openBlobs
    this.#exact = new ExactCheck(this, (id) => (id === this.id ? this.#blobs : this.#coreOf(id)))
    this.db.onGrown(() => this.#advance())
    this.#blobs?.onGrown(() => this.#contentGrown())
    this.db.onForked(() => this.#forked())
    this.#blobs?.onForked(() => this.#forked())
  }

  /** The blobs log; null while its key can't be known yet. */
  get blobs(): LogCore | null {
    return this.#blobs
  }

  /** Opens the blobs log if that is possible now. */
  async ensureBlobs(): Promise<LogCore | null> {
    if (this.#blobs !== null) return this.#blobs
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
    return this.#whole
  }

  /** True when the log turned out to be no folder's, or a private one without its key. */
  get unreadable(): boolean {
    return this.#isFolder === false
  }
  /** A format above ours that some record is written in; null when all can be read. */
  get newerFormat(): number | null {
    return this.#newerFormat
  }
  /** Names of records that can't be shown, with the reason. */
  get leftOut(): ReadonlyMap<string, string> {
    return this.#leftOut
  }
  /** True while some content of `whole` is not here, since nobody in reach has it. */
  get gaps(): boolean {
    return this.#gaps
  }

  /** True while all that the newest version refers to is here, and blocks of older ones are not: they were let go, here or by all. */
  get lacksOld(): boolean {
    return this.#exact.holds
  }
  /** Length of the blobs log up to which all that counts is here. */
  get heldBlobs(): number {
    const contiguous = this.#blobs?.contiguous ?? 0
    return this.#gaps || this.#exact.holds ? Math.max(contiguous, this.#whole.need) : contiguous
  }

  /** Goes on without content that nobody in reach has: what is here is shown, what is missing is told of file by file. */
  goOnWithGaps(): void {
    if (this.#readTo <= this.#whole.db || this.#closed) return
    this.#gaps = true
    this.#whole = this.#read()
    for (const listener of this.#listeners) listener()
  }

  /** Tells the drive how much of other drives' blobs logs is here: what lies there too is shown only then. `recheck` when that grew. */
  askOthers(heldOf: (drive: DriveId) => number, coreOf: (drive: DriveId) => LogCore | null = () => null): void {
    this.#heldOf = heldOf
    this.#coreOf = coreOf
    this.#advance()
  }

  /** Looks again whether more is whole; cheap when nothing of other drives is waited for. */
  recheck(): void {
    if (this.#readTo > this.#whole.db || this.#gaps || this.#needs.size > 0) this.#advance()
  }

  /** Calls back when a peer proved that one of the logs was written in two ways. Both logs are to be opened anew then. */
  onForked(listener: () => void): () => void {
    this.#forkListeners.add(listener)
    return () => this.#forkListeners.delete(listener)
  }
  readonly #forked = () => {
    for (const listener of this.#forkListeners) listener()
  }

  /** Calls back when `whole` grew. */
  onWhole(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back when the blobs log grew, from when it is open. */
  onContent(listener: () => void): () => void {
    this.#contentListeners.add(listener)
    return () => this.#contentListeners.delete(listener)
  }

  #contentGrown(): void {
    this.#advance()
    for (const listener of this.#contentListeners) listener()
  }

  /**
   * Finds out what is here whole; to be awaited once after opening. `shown` is a length that was whole before, 0 for none: what this
   * device has shown stays shown while newer content is on its way.
   */
  async start(shown: number): Promise<void> {
    this.#shown = shown <= this.db.contiguous ? shown : 0
    this.#advance()
    await this.#advancing
  }

  /** Waits until all growth seen so far is accounted for. */
  async settled(): Promise<void> {
    await this.#advancing
  }

  /** The newest whole version; valid until the next one. */
  view(): DriveView {
    return this.#viewAt(this.unreadable ? 0 : Math.min(this.#whole.db, this.#rootAt + 1))
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
  async *history(from: number, to: number): AsyncIterable<ReadRecord> {
    for await (const { read } of this.#blocks(from, to)) if (read !== null) yield read
  }

  /** As `history`, with records that can't be shown as ones of nothing: what a log tells is the same in whatever pieces it is read. */
  async *told(from: number, to: number): AsyncIterable<ReadRecord> {
    for await (const { read, damaged } of this.#blocks(from, to)) {
      const record = read ?? damaged ?? null
      if (record !== null) yield record
    }
  }

  /**
   * History by what was written at once, oldest first; steps without records are left out. In a drive that another program wrote each
   * record is a step of its own.
   */
  async *batches(from: number, to: number): AsyncIterable<WrittenBatch> {
    const marks = await this.view().lastBatch()
    let records: ReadRecord[] = []
    for await (const { read, mark, seq } of this.#blocks(from, to)) {
      if (read !== null) records.push(read)
      if (records.length === 0 || (mark === undefined && marks !== null && seq + 1 < to)) continue
      yield { version: seq + 1, at: mark ?? null, records }
      records = []
    }
    if (records.length > 0) yield { version: to, at: null, records }
  }

  async *#blocks(from: number, to: number): AsyncIterable<DecodedBlock & { seq: number }> {
    for (let start = Math.max(1, from); start < to; start += READ_BATCH) {
      const end = Math.min(to, start + READ_BATCH)
      const blocks = await this.db.readMany(Array.from({ length: end - start }, (_, i) => start + i))
      for (const [i, block] of blocks.entries()) yield { ...this.#decodeBlock(block, start + i), seq: start + i }
    }
  }

  /** Writes records as one atomic version; `at` is the time, milliseconds since 1970. Needs `writable`. Throws DEFECT for content of other drives. */
  async write(changes: readonly DriveWrite[], options: { at?: number } = {}): Promise<void> {
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
    await this.db.markHead()
    this.#advance()
    await this.#advancing
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
    const batch = this.#bee.batch()
    if (value === null) await batch.del(key, { keyEncoding: EXTRAS })
    else await batch.put(key, value, { keyEncoding: EXTRAS })
    await batch.flush()
    await this.db.markHead()
    this.#advance()
    await this.#advancing
  }

  /** Frees the stored blocks of the drive, content first. The logs stay: what others write can be fetched again. */
  async dropBlocks(): Promise<void> {
    await this.#blobs?.raw.clear(0, this.#blobs.length)
    if (!this.writable) await this.db.raw.clear(0, this.db.length)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#again !== null) clearTimeout(this.#again)
    await this.#advancing
    this.#listeners.clear()
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

  /** `mark`: the time of the batch that ends here, null when it tells none; undefined when no batch is known to end here. */
  #decodeBlock(block: Uint8Array, seq: number): DecodedBlock {
    try {
      const node = messages.Node.decode(block)
      const key = Buffer.from(node.key).toString('utf8')
      if (seq > this.#rootAt) this.#rootAt = seq
      const value = node.value === null ? null : parseJson(node.value)
      if (key === TOTALS_KEY) return { read: null, mark: momentIn(value) }
      const read = decodeRecord(key, value, { drive: this.id, seq, writer: this.writer })
      this.#judge(key, value, read)
      const damaged = read === null && formatOf(key, value) <= ENTRY_FORMAT ? nothingAt(key) : null
      return { read, mark: undefined, damaged }
    } catch {
      return { read: null, mark: undefined } // a malformed block of a hostile writer says nothing
    }
  }

  /** Remembers what can't be shown, so that its reader is told. */
  #judge(key: string, value: unknown, read: ReadRecord | null): void {
    const format = formatOf(key, value)
    if (format > ENTRY_FORMAT) this.#newerFormat = Math.max(this.#newerFormat ?? 0, format)
    const about = read === null || this.#leftOut.size > 0 ? whyLeftOut(key) : null
    if (about === null) return
    if (read !== null || value === null) this.#leftOut.delete(about.name)
    else if (this.#leftOut.size < LEFT_OUT_LIMIT) this.#leftOut.set(about.name, about.reason)
  }

  /** The first block of a folder's log says what it is; anything else is another log, or is encrypted. */
  async #look(): Promise<void> {
    try {
      const block = await this.db.plain.get(0, { wait: false })
      if (block !== null) this.#isFolder = messages.Header.decode(block).protocol === 'hyperbee'
    } catch {
      this.#isFolder = false
    }
  }

  #advance(): void {
    if (this.#closed) return
    this.#advancing = this.#advancing.then(async () => this.#advanceOnce()).catch(() => undefined)
  }

  async #advanceOnce(): Promise<void> {
    if (this.#closed) return
    // Signed lengths only: between two of them lies half a batch, whose tree has not what was there before.
    const target = this.db.contiguous === this.db.length ? this.db.length : Math.max(this.#readTo, this.#shown)
    if (target === 0) return
    if (this.#isFolder === null) await this.#look()
    if (this.#blobs === null) await this.ensureBlobs()
    if (this.#shown > this.#readTo) {
      for await (const record of this.history(this.#readTo, this.#shown)) this.#count(record)
      this.#readTo = this.#shown
      this.#whole = this.#read()
    }
    if (target > this.#readTo) {
      for await (const record of this.history(this.#readTo, target)) this.#count(record)
      this.#readTo = target
    }
    const held = this.#blobs?.contiguous ?? 0
    const knew = this.#exact.holds
    let isHere = (held >= this.#needTo || this.#needTo === 0) && this.#othersHold()
    if (isHere) this.#exact.forget()
    else {
      isHere = await this.#exact.look(this.#readTo)
      if (!isHere) this.#lookAgain()
    }
    // What this device wrote itself was here when it was written; the folder on its disk has it still.
    if (this.#readTo > this.#whole.db && (this.writable || isHere)) {
      this.#whole = this.#read()
      this.#gaps = false
      for (const listener of this.#listeners) listener()
    } else if (this.#gaps) {
      this.#gaps = !isHere
      for (const listener of this.#listeners) listener()
    } else if (knew !== this.#exact.holds) for (const listener of this.#listeners) listener()
  }

  /** Blocks of a log with holes come in no order, and the last of them is not known as such. */
  #lookAgain(): void {
    if (this.#closed) return
    this.#again ??= setTimeout(() => {
      this.#again = null
      this.#advance()
    }, LOOK_AGAIN_MS).unref()
  }

  #count(record: ReadRecord): void {
    if (record.need > this.#needTo) this.#needTo = record.need
    for (const [drive, length] of Object.entries(record.needs ?? {}) as [DriveId, number][]) {
      if (length > (this.#needs.get(drive) ?? 0) && (this.#needs.has(drive) || this.#needs.size < MAX_NEEDED_DRIVES))
        this.#needs.set(drive, length)
    }
  }

  #read(): WholeVersion {
    return { db: this.#readTo, need: this.#needTo, ...(this.#needs.size === 0 ? {} : { needs: new Map(this.#needs) }) }
  }

  #othersHold(): boolean {
    for (const [drive, length] of this.#needs) if (drive !== this.id && this.#heldOf(drive) < length) return false
    return true
  }
}

function momentIn(value: unknown): number | null {
  const at = (value as { at?: unknown } | null | undefined)?.at
  return typeof at === 'number' && at >= 0 && at <= 8.64e15 ? at : null
}

/** One block of the db log: its record, or what `nothingAt` makes of one that can't be shown; the time of a batch where it ends. */
interface DecodedBlock {
  readonly read: ReadRecord | null
  readonly mark: number | null | undefined
  readonly damaged?: ReadRecord | null
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined // a record all the same, with nothing in it
  }
}

/** A user counts files and links. */
function filesIn(entry: EntryOrTombstone | null): number {
  return entry !== null && (entry.kind === 'file' || entry.kind === 'symlink') ? 1 : 0
}
function bytesIn(entry: EntryOrTombstone | null): number {
  return entry?.kind === 'file' ? Math.max(0, entry.size) : 0
}
