/** The records of a db log, read block by block: what a log tells is a function of the log alone, whatever its tree says. */
import { isUtf8 } from 'node:buffer'
import messages, { type BeeHeader } from 'hyperbee/lib/messages.js'
import type { DriveId } from '../core/entries.ts'
import { decodeRecord, ENTRY_FORMAT, formatOf, nothingAt, type ReadRecord, whyLeftOut } from './entry-codec.ts'
import type { LogCore } from './log-core.ts'

/** Records read side by side. */
const READ_BATCH = 256
/** So many records that were left out are remembered. */
const LEFT_OUT_LIMIT = 100
/** The record that each batch of ours ends with. */
const TOTALS_KEY = 'hyper-store\0totals'

/** Rows of shared tables (folder-table.ts) are no records of files. */
const ROWS_KEY = 'hyper-store-table\0'

/** Longest header of a log that has a title. */
const TITLE_BYTES = 1000
/** Bytes of the header of a Hyperdrive under encryption: without, and with the key of its content log. */
const SEALED_HEADER_BYTES: readonly number[] = [20, 54]

/**
 * What a log is: records of a folder's files, a table (a plain Hyperbee), blocks of any other program, or `unknown`: it is encrypted
 * and can't be read here.
 */
export type LogKind = 'folder' | 'table' | 'core' | 'unknown'

/** One step of a drive's history: what its device wrote at once. */
export interface WrittenBatch {
  /** Length of the db log at its end. */
  readonly version: number
  /** When it was written, milliseconds since 1970 by the writer's clock; null when that was not told. */
  readonly at: number | null
  readonly records: readonly ReadRecord[]
}

/** One block of the db log: its record, or what `nothingAt` makes of one that can't be shown; the time of a batch where it ends. */
interface DecodedBlock {
  readonly read: ReadRecord | null
  /** The time of the batch that ends here, null when it tells none; undefined when no batch is known to end here. */
  readonly mark: number | null | undefined
  readonly damaged?: ReadRecord | null
}

/** Blocks `from` to `to` (not included) of a db log. */
interface BlockSpan {
  readonly from: number
  readonly to: number
}

/** Whose records these are. */
interface RecordsOf {
  readonly drive: DriveId
  readonly writer: DriveId
  /** True for a log that is encrypted: one that is not known by its header is one without its key. */
  readonly sealed: boolean
}

/** Reads one db log; remembers what it met on the way that can't be shown. All blocks that are asked for must be here. */
export class LogRecords {
  readonly #log: LogCore
  readonly #as: RecordsOf
  readonly #leftOut = new Map<string, string>()
  #newerFormat: number | null = null
  #lastNode = 0
  #kind: LogKind | null = null
  #title: string | null = null

  constructor(log: LogCore, as: RecordsOf) {
    this.#log = log
    this.#as = as
  }

  /** False when the log turned out to be no folder's, or a private one without its key; null while `look` has not seen its beginning. */
  get isFolder(): boolean | null {
    return this.#kind === null ? null : this.#kind === 'folder'
  }
  /** What the log is; null while `look` has not seen its beginning. */
  get kind(): LogKind | null {
    return this.#kind
  }
  /** The title in the header of a table; null for none. */
  get title(): string | null {
    return this.#title
  }
  /** A format above ours that some record is written in; null when all can be read. */
  get newerFormat(): number | null {
    return this.#newerFormat
  }
  /** Names of records that can't be shown, with the reason. */
  get leftOut(): ReadonlyMap<string, string> {
    return this.#leftOut
  }
  /** The last block read that is part of a tree: no version above it can be looked into. 0 for none. */
  get lastNode(): number {
    return this.#lastNode
  }

  /** The first block of a folder's log says what it is; anything else is another log, or is encrypted. */
  async look(): Promise<void> {
    if (this.#kind !== null) return
    const block = await this.#log.plain.get(0, { wait: false }).catch(() => undefined)
    if (block === null) return
    const header = block === undefined ? null : headerOf(block)
    if (header === null) this.#kind = block === undefined || this.#as.sealed || isSealed(block) ? 'unknown' : 'core'
    else this.#kind = isDrive(header.metadata) ? 'folder' : 'table'
    if (this.#kind === 'table') this.#title = titleIn(header?.metadata?.userData)
  }

  /** Records between two lengths of the log, oldest first; a path may come several times. */
  async *history(from: number, to: number): AsyncIterable<ReadRecord> {
    for await (const { read } of this.#blocks({ from, to })) if (read !== null) yield read
  }

  /** As `history`, with records that can't be shown as ones of nothing: what a log tells is the same in whatever pieces it is read. */
  async *told(from: number, to: number): AsyncIterable<ReadRecord> {
    for await (const { read, damaged } of this.#blocks({ from, to })) {
      const record = read ?? damaged ?? null
      if (record !== null) yield record
    }
  }

  /**
   * History by what was written at once, oldest first; steps without records are left out. `marked` says that the log's writer ends its
   * batches with a mark; in any other log each record is a step of its own.
   */
  async *batches(span: BlockSpan, marked: boolean): AsyncIterable<WrittenBatch> {
    let records: ReadRecord[] = []
    for await (const { read, mark, seq } of this.#blocks(span)) {
      if (read !== null) records.push(read)
      if (records.length === 0 || (mark === undefined && marked && seq + 1 < span.to)) continue
      yield { version: seq + 1, at: mark ?? null, records }
      records = []
    }
    if (records.length > 0) yield { version: span.to, at: null, records }
  }

  async *#blocks({ from, to }: BlockSpan): AsyncIterable<DecodedBlock & { seq: number }> {
    // Rows of a table and blocks of a plain core are no records of files, whatever they look like.
    if (this.#kind === 'table' || this.#kind === 'core') return
    for (let start = Math.max(1, from); start < to; start += READ_BATCH) {
      const end = Math.min(to, start + READ_BATCH)
      const blocks = await this.#log.readMany(Array.from({ length: end - start }, (_, i) => start + i))
      for (const [i, block] of blocks.entries()) yield { ...this.#decode(block, start + i), seq: start + i }
    }
  }

  #decode(block: Uint8Array, seq: number): DecodedBlock {
    try {
      const node = messages.Node.decode(block)
      const key = Buffer.from(node.key).toString('utf8')
      if (seq > this.#lastNode) this.#lastNode = seq
      // Rows of tables are passed over, as long as they may be.
      if (key.startsWith(ROWS_KEY)) return { read: null, mark: undefined }
      const value = node.value === null ? null : parseJson(node.value)
      if (key === TOTALS_KEY) return { read: null, mark: momentIn(value) }
      const read = decodeRecord(key, value, { ...this.#as, seq })
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
}

function headerOf(block: Uint8Array): BeeHeader | null {
  try {
    const header = messages.Header.decode(block)
    return header.protocol === 'hyperbee' ? header : null
  } catch {
    return null
  }
}

/** Today's Hyperdrives leave the content feed out, as it follows from the log; a plain bee has no metadata, ours a title. */
function isDrive(metadata: { contentFeed?: Uint8Array | null; userData?: Uint8Array | null } | null | undefined): boolean {
  return metadata != null && (metadata.contentFeed != null || metadata.userData == null)
}

/** A link without its key may still name a private folder: its header has a length of its own, and is no text. */
function isSealed(block: Uint8Array): boolean {
  return SEALED_HEADER_BYTES.includes(block.byteLength) && !isUtf8(block)
}

function titleIn(data: Uint8Array | null | undefined): string | null {
  if (data == null || data.byteLength > TITLE_BYTES || !isUtf8(data)) return null
  const title = Buffer.from(data).toString('utf8')
  return title === '' || title.length > 200 ? null : title
}

function momentIn(value: unknown): number | null {
  const at = (value as { at?: unknown } | null | undefined)?.at
  return typeof at === 'number' && at >= 0 && at <= 8.64e15 ? at : null
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined // a record all the same, with nothing in it
  }
}
