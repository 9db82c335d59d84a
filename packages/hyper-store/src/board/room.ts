/** One board while it is in use: its document, what is written to the log in small batches, and who is told of changes. */
import { AppError } from '@hyper-store/client/contract'
import * as Y from 'yjs'

/** So long after the first unwritten edit a block is written. */
const BATCH_MS = 30
/** Most bytes of one update of a user. */
const UPDATE_LIMIT = 1024 * 1024
/** Updates that bring nothing have this length. */
const EMPTY_BYTES = 2

/** Who hears of updates, of others than its own. */
export interface RoomListener {
  onUpdate(update: Uint8Array): void
}

/** What a room writes to: resolves when the update is in the log. */
export type WriteUpdate = (kind: 'update' | 'snapshot', update: Uint8Array) => Promise<void>

interface Unwritten {
  readonly update: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Throws BAD_REQUEST for bytes that are no update, or too many. */
function refuseMalformed(update: Uint8Array): void {
  if (update.byteLength > UPDATE_LIMIT) throw new AppError('BAD_REQUEST', { reason: 'an update of a board has 1 MiB at most' })
  try {
    Y.decodeUpdate(update)
  } catch {
    throw new AppError('BAD_REQUEST', { reason: 'an update of a board does not parse' })
  }
}

/**
 * The document of one board. Invariant: what `write` and `edit` resolved for is in the log, and what the log has (`take`) is in the
 * document; updates commute, so their order does not matter.
 */
export class BoardRoom {
  readonly id: string
  readonly doc = new Y.Doc()
  readonly #write: WriteUpdate
  readonly #listeners = new Set<RoomListener>()
  #unwritten: Unwritten[] = []
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(id: string, write: WriteUpdate) {
    this.id = id
    this.#write = write
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      for (const listener of this.#listeners) if (listener !== origin) listener.onUpdate(update)
    })
  }

  listen(listener: RoomListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  /** True while somebody listens, or something is not written yet. */
  get inUse(): boolean {
    return this.#listeners.size > 0 || this.#unwritten.length > 0
  }

  /** Takes updates of a log, in one step. Throws RangeError for one that does not parse; those before it are taken. */
  take(updates: readonly Uint8Array[]): void {
    this.doc.transact(() => {
      for (const update of updates) {
        try {
          Y.decodeUpdate(update)
        } catch (error) {
          throw new RangeError('an update does not parse', { cause: error })
        }
        Y.applyUpdate(this.doc, update)
      }
    })
  }

  /** Takes an update of a user; resolves when it is in the log. `from` is not told of it. Throws BAD_REQUEST, and what writing throws. */
  async write(update: Uint8Array, from: RoomListener | null): Promise<void> {
    refuseMalformed(update)
    if (update.byteLength <= EMPTY_BYTES) return
    Y.applyUpdate(this.doc, update, from)
    await this.#queue(update)
  }

  /** Changes the document; resolves with what `change` gives, when that is in the log. */
  async edit<Result>(change: (doc: Y.Doc) => Result): Promise<Result> {
    const updates: Uint8Array[] = []
    const note = (update: Uint8Array) => updates.push(update)
    this.doc.on('update', note)
    let result: Result
    try {
      result = this.doc.transact(() => change(this.doc))
    } finally {
      this.doc.off('update', note)
    }
    if (updates.length > 0) await this.#queue(Y.mergeUpdates(updates))
    return result
  }

  /** Writes all of the board at once: those who read only this log from now on have it whole. */
  async snapshot(): Promise<void> {
    await this.#write('snapshot', Y.encodeStateAsUpdate(this.doc))
  }

  /** Writes what waits, now. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const waiting = this.#unwritten
    this.#unwritten = []
    const step = this.#writing.then(async () => {
      if (waiting.length === 0) return
      try {
        for (const update of merged(waiting)) await this.#write('update', update)
        for (const { resolve } of waiting) resolve()
      } catch (error) {
        for (const { reject } of waiting) reject(error)
      }
    })
    this.#writing = step
    await step
  }

  async close(): Promise<void> {
    await this.flush()
    this.#listeners.clear()
    this.doc.destroy()
  }

  async #queue(update: Uint8Array): Promise<void> {
    const written = new Promise<void>((resolve, reject) => this.#unwritten.push({ update, resolve, reject }))
    this.#timer ??= setTimeout(() => void this.flush(), BATCH_MS)
    await written
  }
}

/** As few updates as fit into blocks. */
function merged(waiting: readonly Unwritten[]): Uint8Array[] {
  const groups: Uint8Array[][] = [[]]
  let bytes = 0
  for (const { update } of waiting) {
    if (bytes + update.byteLength > UPDATE_LIMIT && bytes > 0) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(update)
    bytes += update.byteLength
  }
  return groups.filter((group) => group.length > 0).map((group) => (group.length === 1 ? (group[0] as Uint8Array) : Y.mergeUpdates(group)))
}
