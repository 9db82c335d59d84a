/** One device's Hyperdrive in a folder: its two logs, the records in it, and the newest version that is here whole. */
import type Hyperbee from 'hyperbee'
import messages from 'hyperbee/lib/messages.js'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { DriveView } from './drive-view.ts'
import { decodeRecord, EXTRAS, encodeRecord, type ReadRecord } from './entry-codec.ts'
import type { LogCore } from './log-core.ts'

/** Records read side by side. */
const READ_BATCH = 256
/** A view that was replaced stays readable for so long. */
const VIEW_LINGER_MS = 30_000

/** A version of a drive that is here whole: `db` blocks of the db log, which refer to at most `need` blocks of the blobs log. */
export interface WholeVersion {
  readonly db: number
  readonly need: number
}

/** How the drive gets at its blobs log once the db log's manifest is known; null before. */
export type OpenBlobs = () => Promise<LogCore | null>

/**
 * Reads and writes the records of a drive.
 * Invariant: `whole.db` never grows past a version whose content is not here (blobs contiguous >= need).
 */
export class DeviceDrive {
  readonly id: DriveId
  readonly key: Uint8Array
  readonly db: LogCore
  readonly writable: boolean
  readonly #bee: Hyperbee
  readonly #openBlobs: OpenBlobs
  readonly #listeners = new Set<() => void>()
  #blobs: LogCore | null = null
  #openingBlobs: Promise<LogCore | null> | null = null
  #whole: WholeVersion = { db: 0, need: 0 }
  #readTo = 0
  #needTo = 0
  #checkout: DriveView | null = null
  #advancing: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: { id: DriveId; db: LogCore; bee: Hyperbee; blobs: LogCore | null; openBlobs: OpenBlobs; writable: boolean }) {
    this.id = options.id
    this.key = options.db.key
    this.db = options.db
    this.writable = options.writable
    this.#bee = options.bee
    this.#blobs = options.blobs
    this.#openBlobs = options.openBlobs
    this.db.onGrown(() => this.#advance())
    this.#blobs?.onGrown(() => this.#advance())
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
      blobs.onGrown(() => this.#advance())
      this.#advance()
    }
    return this.#blobs
  }

  /** Newest version that is here whole. */
  get whole(): WholeVersion {
    return this.#whole
  }

  /** Calls back when `whole` grew. */
  onWhole(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Finds out what is here whole; to be awaited once after opening. `known` is a version that was found whole before. */
  async start(known: WholeVersion | null): Promise<void> {
    if (known !== null && known.db <= this.db.contiguous) {
      this.#readTo = known.db
      this.#needTo = known.need
    }
    this.#advance()
    await this.#advancing
  }

  /** Waits until all growth seen so far is accounted for. */
  async settled(): Promise<void> {
    await this.#advancing
  }

  /** The newest whole version; valid until the next one. */
  view(): DriveView {
    return this.#viewAt(this.#whole.db)
  }

  /** The drive as of a version (a length of its db log); to be closed by the caller. */
  viewOf(version: number): DriveView {
    return new DriveView(this.#bee.checkout(version), this.id)
  }

  /** The record of a path in the newest whole version, or tombstone; null when it never was. */
  async get(path: FolderPath): Promise<EntryOrTombstone | null> {
    return this.view().get(path)
  }

  /** Records written between two lengths of the db log, oldest first; a path may come several times. */
  async *history(from: number, to: number): AsyncIterable<ReadRecord> {
    for (let start = Math.max(1, from); start < to; start += READ_BATCH) {
      const end = Math.min(to, start + READ_BATCH)
      const reads: Promise<Uint8Array | null>[] = []
      for (let seq = start; seq < end; seq++) reads.push(this.db.plain.get(seq, { wait: false }))
      for (const [i, block] of (await Promise.all(reads)).entries()) {
        const read = block === null ? null : this.#decodeBlock(block, start + i)
        if (read !== null) yield read
      }
    }
  }

  /** Writes records as one atomic version. Needs `writable`. */
  async write(changes: readonly { path: FolderPath; entry: EntryOrTombstone | null; before: EntryOrTombstone | null }[]): Promise<void> {
    const batch = this.#bee.batch()
    try {
      for (const { path, entry, before } of changes) {
        const was = before === null ? null : encodeRecord(path, before)
        const is = entry === null ? null : encodeRecord(path, entry)
        if (was !== null && (is === null || is.encoding !== was.encoding || is.key !== was.key)) await batch.del(was.key, { keyEncoding: was.encoding })
        if (is !== null) await batch.put(is.key, is.value, { keyEncoding: is.encoding })
      }
      await batch.flush()
    } catch (error) {
      await batch.close()
      throw error
    }
    await this.db.markHead()
    this.#advance()
    await this.#advancing
  }

  /** Says in the drive what the folder is called. */
  async writeInfo(info: { title: string }): Promise<void> {
    const batch = this.#bee.batch()
    await batch.put('info', info, { keyEncoding: EXTRAS })
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
    await this.#advancing
    this.#listeners.clear()
    await this.#checkout?.close()
    await this.#blobs?.close()
    await this.db.close()
  }

  #viewAt(version: number): DriveView {
    if (this.#checkout?.version !== version) {
      const old = this.#checkout
      this.#checkout = new DriveView(this.#bee.checkout(Math.max(1, version)), this.id)
      // Walks that began on the old version end on it.
      if (old !== null) setTimeout(() => void old.close().catch(() => undefined), VIEW_LINGER_MS).unref()
    }
    return this.#checkout
  }

  #decodeBlock(block: Uint8Array, seq: number): ReadRecord | null {
    try {
      const node = messages.Node.decode(block)
      const key = Buffer.from(node.key).toString('utf8')
      const value: unknown = node.value === null ? null : JSON.parse(Buffer.from(node.value).toString('utf8'))
      return decodeRecord(key, value, { drive: this.id, seq })
    } catch {
      return null // a malformed block of a hostile writer says nothing
    }
  }

  #advance(): void {
    if (this.#closed) return
    this.#advancing = this.#advancing.then(async () => this.#advanceOnce()).catch(() => undefined)
  }

  async #advanceOnce(): Promise<void> {
    if (this.#closed) return
    const target = this.db.contiguous
    if (target === 0) return
    if (this.#blobs === null) await this.ensureBlobs()
    if (target > this.#readTo) {
      for await (const record of this.history(this.#readTo, target)) if (record.need > this.#needTo) this.#needTo = record.need
      this.#readTo = target
    }
    const held = this.#blobs?.contiguous ?? 0
    if (this.#readTo > this.#whole.db && (held >= this.#needTo || this.#needTo === 0)) {
      this.#whole = { db: this.#readTo, need: this.#needTo }
      for (const listener of this.#listeners) listener()
    }
  }
}
