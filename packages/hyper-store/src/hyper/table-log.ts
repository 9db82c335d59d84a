/** The rows of a plain table: a Hyperbee in the db log of one drive, ours or that of any other program. */
import messages from 'hyperbee/lib/messages.js'
import { AppError } from '@hyper-store/client/contract'
import type { ByteRange, RowWrite, StoredChange, StoredRow, TableSource } from '../core/table-source.ts'
import { createSerial, type Serial } from '../lib/serial.ts'
import type { DeviceDrive } from './device-drive.ts'
import { RowTree } from './row-tree.ts'
import { countKeys } from './tree-count.ts'

/** Blocks of history that are read together. */
const WINDOW = 256
/** So long a block is waited for that peers shall bring. */
const WAIT_MS = 15_000

interface Raw {
  readonly seq: number
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** A table that lies in one drive, which one device writes. */
export class TableLog implements TableSource {
  readonly #drive: DeviceDrive
  readonly #sparse: boolean
  readonly #title: () => string
  readonly #writes: Serial = createSerial()
  /** What is asked for most: its blocks need not be read again. */
  #newest: { readonly length: number; readonly tree: RowTree } | null = null
  #counted: { readonly length: number; readonly rows: number } | null = null

  /** `sparse`: blocks that are not here are asked from peers; `title` names the table in errors. */
  constructor(drive: DeviceDrive, options: { sparse: boolean; title: () => string }) {
    this.#drive = drive
    this.#sparse = options.sparse
    this.#title = options.title
  }

  get writable(): boolean {
    return this.#drive.writable
  }

  version(): number {
    return this.#drive.writable || this.#sparse ? this.#drive.db.length : this.#drive.whole.db
  }

  async get(key: Uint8Array, version: number | null): Promise<StoredRow | null> {
    const row = await this.#tree(await this.#lengthOf(version)).get(key)
    return row === null ? null : told(row, row.value)
  }

  async *range(range: ByteRange, version: number | null): AsyncGenerator<StoredRow> {
    const tree = new RowTree(this.#drive.db, await this.#lengthOf(version), { many: true })
    for await (const row of tree.range(range)) yield told(row, row.value)
  }

  async count(version: number | null): Promise<number> {
    const length = await this.#lengthOf(version)
    if (this.#counted?.length === length) return this.#counted.rows
    const rows = await countKeys(length, async (seq) => this.#block(seq))
    this.#counted = { length, rows }
    return rows
  }

  async write(changes: readonly RowWrite[]): Promise<number> {
    if (!this.#drive.writable) throw new AppError('NOT_WRITER', { title: this.#title() })
    return this.#writes.run(async () => {
      await this.#drive.writeTable(changes)
      return this.version()
    })
  }

  async *history({ key, before }: { key: Uint8Array | null; before: number | null }): AsyncGenerator<StoredChange> {
    const end = Math.min(this.version(), before === null ? Infinity : Math.max(0, before - 1))
    for (let to = end; to > 1; to -= WINDOW) {
      for (const row of (await this.#rows(Math.max(1, to - WINDOW), to)).reverse())
        if (key === null || Buffer.compare(row.key, key) === 0) yield told(row, row.value)
    }
  }

  async *changesSince(version: number): AsyncGenerator<StoredChange> {
    const end = this.version()
    for (let from = Math.max(1, version); from < end; from += WINDOW)
      for (const row of await this.#rows(from, Math.min(end, from + WINDOW))) yield told(row, row.value)
  }

  onVersion(listener: () => void): () => void {
    let last = this.version()
    const look = () => {
      const version = this.version()
      if (version === last) return
      last = version
      listener()
    }
    const stops = [this.#drive.onWhole(look), this.#drive.db.onGrown(look)]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Rows as they were written, oldest first; a block that is none says nothing. */
  async #rows(from: number, to: number): Promise<Raw[]> {
    const blocks = await this.#blocks(from, to)
    return blocks.flatMap((block, i) => {
      try {
        const { key, value } = messages.Node.decode(block)
        return [{ seq: from + i, key, value }]
      } catch {
        return []
      }
    })
  }

  async #blocks(from: number, to: number): Promise<Uint8Array[]> {
    const indices = Array.from({ length: to - from }, (_, i) => from + i)
    const { db } = this.#drive
    if (indices.every((index) => db.holds(index))) return db.readMany(indices)
    return Promise.all(indices.map(async (index) => this.#block(index)))
  }

  async #block(seq: number): Promise<Uint8Array> {
    const block = await this.#drive.db.read(seq, { wait: true, timeout: WAIT_MS })
    if (block === null) throw new AppError('NO_PEER')
    return block
  }

  #tree(length: number): RowTree {
    if (this.#newest?.length === length) return this.#newest.tree
    const tree = new RowTree(this.#drive.db, length)
    if (length === this.version()) this.#newest = { length, tree }
    return tree
  }

  /** The end of the step that a version lies in: what is written at once has one tree, at its end. */
  async #lengthOf(version: number | null): Promise<number> {
    const newest = this.version()
    if (version === null || version === newest) return newest
    if (version > newest || version < 0) throw new AppError('UNKNOWN_VERSION', { version })
    const { db } = this.#drive
    const [first] = await db.checkpointsAfter(0, 1)
    if (first !== undefined && first.length < version) {
      const [end] = await db.checkpointsAfter(version - 1, 1)
      if (end !== undefined && end.length <= newest) return end.length
    }
    // Another program's log, of which only the newest signature is known: a block without nodes ends no step.
    if (version < 2) return version
    for (let seq = version - 1; seq < newest; seq++) if (hasNodes(await this.#block(seq))) return seq + 1
    return newest
  }
}

function hasNodes(block: Uint8Array): boolean {
  try {
    return messages.YoloIndex.decode(messages.Node.decode(block).index).levels.length > 0
  } catch {
    return true
  }
}

function told<Value>(row: { readonly seq: number; readonly key: Uint8Array }, value: Value) {
  return { key: row.key, value, version: row.seq + 1, atMs: null, device: null }
}
