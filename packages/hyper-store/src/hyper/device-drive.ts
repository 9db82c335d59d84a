/** One device's Hyperdrive in a folder: its two logs, the records in it, and the newest version that is here whole. */
import Hyperbee from 'hyperbee'
import messages from 'hyperbee/lib/messages.js'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { decodeRecord, EXTRAS, encodeRecord, FILES, type ReadRecord } from './entry-codec.ts'
import type { LogCore } from './log-core.ts'

/** Records read side by side. */
const READ_BATCH = 256

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
  #checkout: { version: number; bee: Hyperbee } | null = null
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

  /** The record of a path in the newest whole version, or tombstone; null when it never was. */
  async get(path: FolderPath): Promise<EntryOrTombstone | null> {
    const bee = this.#at(this.#whole.db)
    if (bee === null) return null
    const file = await bee.get('/' + path, { keyEncoding: FILES })
    if (file !== null) {
      const read = decodeRecord(`files\0/${path}`, file.value, { drive: this.id, seq: file.seq })
      if (read?.entry != null) return read.entry
    }
    for (const slot of ['d/', 't/']) {
      const extra = await bee.get(slot + path, { keyEncoding: EXTRAS })
      const read = extra === null ? null : decodeRecord(`hyper-store\0${slot}${path}`, extra.value, { drive: this.id, seq: extra.seq })
      if (read?.entry != null) return read.entry
    }
    return null
  }

  /** All records of the newest whole version. Files come in path order, then empty folders, then tombstones. */
  async *records(range: { below?: string } = {}, version: number = this.#whole.db): AsyncIterable<ReadRecord> {
    const bee = this.#at(version)
    if (bee === null) return
    const prefix = range.below === undefined || range.below === '' ? '' : `${range.below}/`
    const last = '\u{10FFFF}'
    for await (const node of bee.createReadStream({ gte: `/${prefix}`, lt: `/${prefix}${last}` }, { keyEncoding: FILES })) {
      const read = decodeRecord(`files\0${node.key}`, node.value, { drive: this.id, seq: node.seq })
      if (read !== null) yield read
    }
    for (const slot of ['d/', 't/']) {
      for await (const node of bee.createReadStream({ gte: slot + prefix, lt: slot + prefix + last }, { keyEncoding: EXTRAS })) {
        const read = decodeRecord(`hyper-store\0${node.key}`, node.value, { drive: this.id, seq: node.seq })
        if (read !== null) yield read
      }
    }
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

  /** Facts about the folder that its writer put in the drive. */
  async info(): Promise<{ title: string | null }> {
    const bee = this.#at(this.#whole.db)
    const node = bee === null ? null : await bee.get('info', { keyEncoding: EXTRAS })
    const title = (node?.value as { title?: unknown } | null | undefined)?.title
    return { title: typeof title === 'string' && title.length <= 200 ? title : null }
  }

  async writeInfo(info: { title: string }): Promise<void> {
    const batch = this.#bee.batch()
    await batch.put('info', info, { keyEncoding: EXTRAS })
    await batch.flush()
    await this.db.markHead()
    this.#advance()
    await this.#advancing
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#advancing
    this.#listeners.clear()
    await this.#checkout?.bee.close()
    await this.#blobs?.close()
    await this.db.close()
  }

  #at(version: number): Hyperbee | null {
    if (version <= 1) return null
    if (this.#checkout?.version !== version) {
      const old = this.#checkout
      this.#checkout = { version, bee: this.#bee.checkout(version) }
      void old?.bee.close().catch(() => undefined)
    }
    return this.#checkout.bee
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
