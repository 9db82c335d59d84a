/** The boards of one folder: an index over the logs of all devices, and the rooms of boards in use. */
import { randomBytes } from 'node:crypto'
import * as Y from 'yjs'
import { BOARD_BLOCK_LIMIT, decodeBoardBlock, encodeBoardBlock } from '../core/board-blocks.ts'
import type { WrittenBlock } from '../core/board-moments.ts'
import { createSerial } from '../lib/serial.ts'
import { BoardRoom } from './room.ts'

/** Blocks that are read together. */
const READ_STEP = 512
/** Own blocks of a board after which all of it is written once more. */
const SNAPSHOT_BLOCKS = 500

/** One device's log, as boards need it. */
export interface BoardLog {
  readonly key: string
  /** Blocks from the start that are here without a gap. */
  readonly length: number
  /** Contents of these blocks. */
  read(indices: readonly number[]): Promise<Uint8Array[]>
}
/** The log that this device writes. */
export interface OwnBoardLog extends BoardLog {
  append(blocks: readonly Uint8Array[]): Promise<number>
}

/** What the boards of a folder are made of. */
export interface FolderBoardsOptions {
  /** The logs as they are now. */
  readonly logs: () => readonly BoardLog[]
  /** The own log. Throws why nothing can be written. */
  readonly own: () => OwnBoardLog
  readonly now: () => number
  /** Boards came or changed, or a log was cut. */
  readonly onChange: () => void
}

/** A block that tells of a board: where it is in its log, and when it was written by the writer's clock. */
interface BlockPlace {
  readonly index: number
  readonly time: number
}

interface Followed {
  /** Next block to be read. */
  next: number
  /** Why nothing after `next` is read; null while all is well. */
  reason: string | null
}

interface Room {
  readonly room: BoardRoom
  blocks: number
}

/** Id of a new board. */
export function newBoardId(): string {
  return randomBytes(8).toString('hex')
}

/** The boards of one folder. All that reads and writes logs runs in one queue. */
export class FolderBoards {
  readonly #o: FolderBoardsOptions
  readonly #serial = createSerial()
  readonly #followed = new Map<string, Followed>()
  /** By board: by log: blocks that tell of it. */
  readonly #index = new Map<string, Map<string, BlockPlace[]>>()
  readonly #changedAt = new Map<string, number>()
  readonly #rooms = new Map<string, Promise<Room>>()
  /** Those that are open: a step of the queue must not wait for a room that is opened by a later one. */
  readonly #open = new Map<string, Room>()
  #closed = false

  constructor(options: FolderBoardsOptions) {
    this.#o = options
  }

  /** Ids of all boards, after reading what is here. */
  async ids(): Promise<string[]> {
    await this.catchUp()
    return [...this.#index.keys()]
  }
  /** Time of the newest block of a board; null for none. */
  changedAt(board: string): number | null {
    return this.#changedAt.get(board) ?? null
  }
  /** Logs that are read no further, with the reason. */
  get quarantined(): ReadonlyMap<string, string> {
    return new Map([...this.#followed].flatMap(([key, { reason }]) => (reason === null ? [] : [[key, reason] as const])))
  }

  /** All blocks of a board, without their content. */
  async written(board: string): Promise<WrittenBlock[]> {
    await this.catchUp()
    return [...(this.#index.get(board) ?? [])].flatMap(([log, places]) => places.map(({ time }) => ({ log, time })))
  }

  /** The board as it was at a moment (milliseconds since 1970, by the clocks of the writers), as a document of its own; null: not yet there. */
  async past(board: string, at: number): Promise<Y.Doc | null> {
    await this.catchUp()
    return await this.#serial.run(async () => {
      const doc = new Y.Doc()
      for (const { updates } of await this.#blocksOf(board, at)) {
        try {
          doc.transact(() => updates.forEach(({ update }) => Y.applyUpdate(doc, update)))
        } catch {
          // It is quarantined when the board itself is read.
        }
      }
      return doc.share.size === 0 ? null : doc
    })
  }

  /** Reads what grew, and gives it to the rooms. */
  async catchUp(): Promise<void> {
    await this.#serial.run(async () => this.#catchUp())
  }

  /** Reads on in a log that was read no further: what was wrong there has been mended. */
  async readOn(key: string): Promise<void> {
    await this.#serial.run(async () => {
      const followed = this.#followed.get(key)
      if (followed !== undefined && followed.reason !== null) {
        followed.reason = null
        // Blocks behind the wrong one may be noted already, and are read again.
        for (const logs of this.#index.values())
          logs.set(
            key,
            (logs.get(key) ?? []).filter(({ index }) => index < followed.next),
          )
      }
      await this.#catchUp()
    })
  }

  /** The room of a board; null for an unknown one. `create`: also of one that nobody wrote to yet. */
  async room(board: string, options: { create?: boolean } = {}): Promise<BoardRoom | null> {
    await this.catchUp()
    if (!this.#index.has(board) && options.create !== true) return null
    const open = this.#rooms.get(board) ?? this.#serial.run(async () => this.#openRoom(board))
    this.#rooms.set(board, open)
    try {
      return (await open).room
    } catch (error) {
      this.#rooms.delete(board)
      throw error
    }
  }

  /** Writes all boards whole to the own log: after a removal it alone must be enough. */
  async snapshotAll(): Promise<void> {
    for (const id of await this.ids()) await (await this.room(id))?.snapshot()
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const open of this.#rooms.values()) await open.then(async ({ room }) => room.close()).catch(() => undefined)
    this.#rooms.clear()
    this.#open.clear()
  }

  async #openRoom(id: string): Promise<Room> {
    const entry: Room = { room: new BoardRoom(id, async (kind, update) => this.#append(entry, kind, update)), blocks: 0 }
    for (const { log, updates } of await this.#blocksOf(id, Infinity))
      for (const { index, update } of updates) if (!this.#take(entry.room, [update])) this.#quarantine(log, index)
    this.#open.set(id, entry)
    return entry
  }

  /** The updates of a board that were written until a moment, by log. */
  async #blocksOf(board: string, until: number): Promise<{ log: string; updates: { index: number; update: Uint8Array }[] }[]> {
    const logs = new Map(this.#o.logs().map((log) => [log.key, log]))
    const all: { log: string; updates: { index: number; update: Uint8Array }[] }[] = []
    for (const [key, places] of this.#index.get(board) ?? []) {
      const log = logs.get(key)
      if (log === undefined) continue
      const indices = places.filter(({ time }) => time <= until).map(({ index }) => index)
      const updates: { index: number; update: Uint8Array }[] = []
      for (let at = 0; at < indices.length; at += READ_STEP) {
        const part = indices.slice(at, at + READ_STEP)
        const blocks = (await log.read(part)).map((bytes) => decodeBoardBlock(bytes))
        for (const [i, block] of blocks.entries()) if (!('reason' in block)) updates.push({ index: part[i] ?? 0, update: block.update })
      }
      all.push({ log: key, updates })
    }
    return all
  }

  #take(room: BoardRoom, updates: readonly Uint8Array[]): boolean {
    try {
      room.take(updates)
      return true
    } catch {
      // What a peer wrote never ends more than the reading of its own log.
      return false
    }
  }

  #quarantine(key: string, at: number): void {
    const followed = this.#followed.get(key)
    if (followed === undefined || followed.reason !== null) return
    followed.next = Math.min(followed.next, at)
    followed.reason = 'an update does not parse'
    this.#o.onChange()
  }

  async #catchUp(): Promise<void> {
    let changed = false
    for (const log of this.#o.logs()) {
      const followed = this.#followed.get(log.key) ?? { next: 0, reason: null }
      this.#followed.set(log.key, followed)
      while (!this.#closed && followed.reason === null && followed.next < log.length) {
        const end = Math.min(followed.next + READ_STEP, log.length)
        const indices = Array.from({ length: end - followed.next }, (_, i) => followed.next + i)
        this.#read(log.key, indices, await log.read(indices))
        if (followed.reason === null) followed.next = end
        changed = true
      }
    }
    if (changed) this.#o.onChange()
  }

  /** Puts blocks into the index, and their updates into the rooms that are open. */
  #read(key: string, indices: readonly number[], blocks: readonly Uint8Array[]): void {
    const byBoard = new Map<string, Uint8Array[]>()
    let bad: { at: number; reason: string } | null = null
    for (const [i, bytes] of blocks.entries()) {
      const block = decodeBoardBlock(bytes)
      if ('reason' in block) {
        bad = { at: indices[i] ?? 0, reason: block.reason }
        break
      }
      this.#note(block.board, key, { at: indices[i] ?? 0, time: block.at })
      byBoard.set(block.board, [...(byBoard.get(block.board) ?? []), block.update])
    }
    for (const [board, updates] of byBoard) {
      const open = this.#open.get(board)
      if (open !== undefined && !this.#take(open.room, updates)) this.#quarantine(key, indices[0] ?? 0)
    }
    const followed = this.#followed.get(key)
    if (bad !== null && followed !== undefined) {
      followed.next = bad.at
      followed.reason = bad.reason
    }
  }

  #note(board: string, key: string, block: { at: number; time: number }): void {
    const logs = this.#index.get(board) ?? new Map<string, BlockPlace[]>()
    const places = logs.get(key) ?? []
    places.push({ index: block.at, time: block.time })
    logs.set(key, places)
    this.#index.set(board, logs)
    this.#changedAt.set(board, Math.max(this.#changedAt.get(board) ?? 0, block.time))
  }

  async #append(entry: Room, kind: 'update' | 'snapshot', update: Uint8Array): Promise<void> {
    const { id } = entry.room
    if (update.byteLength > BOARD_BLOCK_LIMIT) throw new RangeError('a board grew beyond what a block holds')
    await this.#serial.run(async () => {
      // The own log is read up to its end before and after: nothing of it is read twice.
      await this.#catchUp()
      const own = this.#o.own()
      const time = this.#o.now()
      const at = await own.append([encodeBoardBlock({ kind, board: id, at: time, update })])
      this.#note(id, own.key, { at, time })
      const followed = this.#followed.get(own.key) ?? { next: 0, reason: null }
      // What is not read because of a bad block before it stays to be read once that is mended.
      if (followed.reason === null) followed.next = Math.max(followed.next, at + 1)
      this.#followed.set(own.key, followed)
    })
    entry.blocks++
    if (kind === 'update' && entry.blocks % SNAPSHOT_BLOCKS === 0) void entry.room.snapshot().catch(() => undefined)
    this.#o.onChange()
  }
}
