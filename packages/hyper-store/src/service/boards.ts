/** Boards of the folders that this store keeps: their documents over the board logs, live connections, and who holds what. */
import {
  AppError,
  type Board,
  type BoardMoment,
  type BoardSaved,
  type BoardSummary,
  type Card,
  type LinkPreview,
} from '@hyper-store/client/contract'
import { addCard, canvasToBoard, changeCard, emptyTrash, missingOf, readBoard, restoreBoard, setBoard } from '@hyper-store/client/board'
import { encodeStateAsUpdate, type Doc } from 'yjs'
import { FolderBoards, newBoardId, type OwnBoardLog } from '../board/folder-boards.ts'
import type { BoardRoom } from '../board/room.ts'
import { momentsOf } from '../core/board-moments.ts'
import type { BoardListener, BoardsApi, LiveBoard } from '../core/store-api.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { PresenceMessage } from '../hyper/replication/messages.ts'
import type { HeldBoardLog } from './board-logs.ts'
import { BoardHolders } from './board-holders.ts'
import { BoardPresence } from './board-presence.ts'
import { BoardReceipts } from './board-receipts.ts'
import { openLive, type LiveRoom } from './board-live.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import { previewLink } from './link-preview.ts'
import type { ReceiptBook } from './receipt-book.ts'
import { KIND_WORDS, wrongKind } from './wrong-kind.ts'

const HEX_ID = /^[0-9a-f]{16}$/

/** What boards need from the store around them. */
export interface BoardsOptions {
  readonly folders: () => KeptFolders
  readonly replication: Replication
  readonly receipts: ReceiptBook
  readonly now: () => number
  readonly deviceName: () => string
  readonly deviceKey: string
  readonly nameOf: (deviceKey: string) => string | null
  readonly onProblem: (message: string) => void
}

/** Boards of one folder, and who listens. */
interface Open {
  readonly folder: KeptFolder
  readonly boards: FolderBoards
  /** Live connections, by board. */
  readonly live: Map<string, Set<LiveRoom>>
  readonly holders: BoardHolders
  readonly stop: () => void
  ownKey: string | null
}

/** Boards of the folders that this store keeps. */
export class Boards implements BoardsApi {
  /** What devices say that they hold of boards. */
  readonly receipts: BoardReceipts
  readonly #o: BoardsOptions
  readonly #open = new Map<string, Open>()
  readonly #presence: BoardPresence

  constructor(options: BoardsOptions) {
    this.#o = options
    this.receipts = new BoardReceipts({
      ...options,
      onNews: (folder) => {
        const open = this.#open.get(folder.key)
        if (open !== undefined) this.#tellSaved(open)
      },
    })
    this.#presence = new BoardPresence(options.replication, (folder, board, update) => {
      for (const live of this.#open.get(folder.key)?.live.get(board) ?? []) live.listener.onPresence(update)
    })
  }

  async list(ref: string): Promise<BoardSummary[]> {
    const open = this.#of(ref)
    const ids = await open.boards.ids()
    const boards = await Promise.all(ids.map(async (id) => this.#summary(open, id)))
    return boards.filter((board) => board !== null).sort((a, b) => (b.changedAt ?? 0) - (a.changedAt ?? 0))
  }

  async create(ref: string, request: Parameters<BoardsApi['create']>[1]): Promise<BoardSummary> {
    const open = this.#of(ref)
    this.#ownLog(open.folder)
    const id = newBoardId()
    const room = await open.boards.room(id, { create: true })
    if (room === null) throw new AppError('DEFECT', { reason: 'a new board has no room' })
    const { title, colour } = request
    await room.edit((doc) => setBoard(doc, { title, ...(colour === undefined ? {} : { colour }) }, this.#author()))
    return this.#summaryOf(open, id, room)
  }

  async get(ref: string, board: string): Promise<Board> {
    const { open, room } = await this.#room(ref, board)
    return this.#read(open, room)
  }

  async change(ref: string, board: string, change: Parameters<BoardsApi['change']>[2]): Promise<BoardSummary> {
    const { open, room } = await this.#writable(ref, board)
    await room.edit((doc) => setBoard(doc, change as Parameters<typeof setBoard>[1], this.#author()))
    return this.#summaryOf(open, room.id, room)
  }

  async addCard(ref: string, board: string, card: Parameters<BoardsApi['addCard']>[2]): Promise<Card> {
    const { open, room } = await this.#writable(ref, board)
    const missing = missingOf(card.type, card)
    if (missing !== null) throw new AppError('BAD_REQUEST', { reason: `a card of type "${card.type}" would be empty: ${missing}` })
    const id = await room.edit((doc) => addCard(doc, card, this.#author()))
    return this.#card(open, room, id)
  }

  async changeCard(ref: string, board: string, card: string, change: Parameters<BoardsApi['changeCard']>[3]): Promise<Card> {
    const { open, room } = await this.#writable(ref, board)
    const known = await room.edit((doc) => changeCard(doc, card, change, this.#author()))
    if (!known) throw new AppError('NOT_FOUND', { what: `the card ${card}` })
    return this.#card(open, room, card)
  }

  async emptyTrash(ref: string, board: string): Promise<void> {
    const { room } = await this.#writable(ref, board)
    await room.edit((doc) => emptyTrash(doc, this.#o.now() + 1))
  }

  async previewLink(ref: string, board: string, url: string): Promise<LinkPreview> {
    // Asking others is for those who can put the answer on the board.
    await this.#writable(ref, board)
    return await previewLink(url)
  }

  async importCanvas(ref: string, board: string, canvas: string): Promise<number> {
    const { room } = await this.#writable(ref, board)
    try {
      return await room.edit((doc) => canvasToBoard(doc, canvas, this.#author()))
    } catch (error) {
      if (error instanceof RangeError) throw new AppError('BAD_REQUEST', { reason: error.message }, { cause: error })
      throw error
    }
  }

  async history(ref: string, board: string): Promise<BoardMoment[]> {
    const { open, room } = await this.#room(ref, board)
    return momentsOf(await open.boards.written(room.id)).map(({ logs, ...moment }) => ({
      ...moment,
      by: [...new Set(logs.map((key) => this.#writerOf(open, key).name))].filter((name) => name !== ''),
    }))
  }

  /** The device that writes a log. */
  #writerOf(open: Open, log: string): { device: string; name: string } {
    const held = open.folder.set.boards.all.find(({ listed }) => listed.key === log)
    const device = held?.own === true ? this.#o.deviceKey : (held?.listed.deviceKey ?? '')
    const name = device === this.#o.deviceKey ? this.#o.deviceName() : this.#o.nameOf(device)
    return { device, name: name ?? held?.listed.device ?? '' }
  }

  async past(ref: string, board: string, at: number): Promise<{ board: Board; state: Uint8Array }> {
    const { open, room } = await this.#room(ref, board)
    const doc = await this.#past(open, room, at)
    return { board: { ...readBoard(room.id, doc), changedAt: at }, state: encodeStateAsUpdate(doc) }
  }

  async restore(ref: string, board: string, at: number): Promise<number> {
    const { open, room } = await this.#writable(ref, board)
    const past = await this.#past(open, room, at)
    return await room.edit((doc) => restoreBoard(doc, past, this.#author()))
  }

  async #past(open: Open, room: BoardRoom, at: number): Promise<Doc> {
    const doc = await open.boards.past(room.id, at)
    if (doc === null) throw new AppError('NOT_FOUND', { what: `the board ${room.id} at ${new Date(at).toISOString()}` })
    return doc
  }

  async saved(ref: string, board: string): Promise<BoardSaved> {
    const { open } = await this.#room(ref, board)
    return this.#savedOf(open)
  }

  async open(ref: string, board: string, options: { mayWrite: boolean; listener: BoardListener }): Promise<LiveBoard> {
    const { open, room } = await this.#room(ref, board)
    const live = open.live.get(room.id) ?? new Set<LiveRoom>()
    open.live.set(room.id, live)
    return openLive({
      room,
      listener: options.listener,
      others: live,
      refuse: () => {
        if (!options.mayWrite) throw new AppError('FORBIDDEN', { reason: 'this right is for reading only' })
        this.#ownLog(open.folder)
      },
      present: (update) => this.#presence.send(open.folder, room.id, update),
      saved: () => this.#savedOf(open),
    })
  }

  /** A peer said something new of a log, or came or went. */
  peers(shared: SharedDrive): void {
    for (const open of this.#open.values()) {
      const log = open.folder.set.boards.all.find((one) => one.shared.id === shared.id)
      if (log === undefined) continue
      open.holders.hear()
      this.#tellSaved(open)
    }
  }

  /** Presence of a folder's boards came from a peer. */
  takePresence(session: PeerSession, shared: SharedDrive, message: PresenceMessage): void {
    const folder = this.#o.folders().ofDrive(shared.id)
    if (folder !== undefined && folder.shared.id === shared.id) this.#presence.take(folder, session, message)
  }

  /** A folder is open: its boards are followed as long as it is. */
  opened(folder: KeptFolder): void {
    // What is only visited is read block by block, and has no boards here.
    const isKept = this.#o.folders().get(folder.key) === folder
    if (!isKept || folder.kind !== 'folder') return
    this.receipts.opened(folder)
    if (!folder.blind) this.#of(folder.key)
  }

  /** A folder is about to be closed: what is not written is written, and live connections end. */
  async left(folder: KeptFolder): Promise<void> {
    this.receipts.closed(folder)
    const open = this.#open.get(folder.key)
    if (open === undefined) return
    open.stop()
    for (const live of [...open.live.values()].flatMap((set) => [...set])) live.listener.onEnd()
    await open.boards.close()
    this.#open.delete(folder.key)
  }

  async close(): Promise<void> {
    for (const { folder } of this.#open.values()) await this.left(folder)
  }

  #of(ref: string): Open {
    const folder = this.#o.folders().find(ref)
    const known = this.#open.get(folder.key)
    if (known !== undefined && known.folder === folder) return known
    if (folder.kind !== 'folder') throw wrongKind(folder.link, folder.kind, { wanted: KIND_WORDS.folder })
    if (folder.blind) throw new AppError('FORBIDDEN', { reason: 'this device keeps the folder without being able to read it' })
    const boards = new FolderBoards({
      logs: () => folder.set.boards.all.map((held) => logOf(held)),
      own: () => this.#ownLog(folder),
      now: this.#o.now,
      onChange: () => this.#tellSaved(open),
    })
    const told = (work: Promise<void>) =>
      void work.catch((error: unknown) => this.#o.onProblem(`The boards of ${folder.record.title} could not be read: ${String(error)}`))
    const follow = () => told(this.#follow(open))
    const stops = [folder.set.boards.onChange(follow), folder.set.boards.onMended((log) => told(boards.readOn(log)))]
    const holders = new BoardHolders(folder, { ...this.#o, boardReceipts: this.receipts })
    const open: Open = { folder, boards, live: new Map(), holders, stop: () => stops.forEach((stop) => stop()), ownKey: null }
    this.#open.set(folder.key, open)
    follow()
    return open
  }

  async #follow(open: Open): Promise<void> {
    await open.boards.catchUp()
    const own = open.folder.set.own?.listed.key ?? null
    if (own === open.ownKey) return
    const before = open.ownKey
    open.ownKey = own
    // A new epoch: those who are in it from now on read its logs alone.
    if (before !== null && own !== null && open.folder.set.boards.all.some((log) => log.listed.key === own && log.log.db.length === 0))
      await open.boards.snapshotAll()
  }

  async #room(ref: string, board: string): Promise<{ open: Open; room: BoardRoom }> {
    const open = this.#of(ref)
    if (HEX_ID.test(board)) {
      const room = await open.boards.room(board)
      if (room !== null) return { open, room }
    }
    const named = (await this.list(ref)).filter((one) => one.title === board)
    if (named.length > 1) throw new AppError('AMBIGUOUS', { ref: board })
    const room = named[0] === undefined ? null : await open.boards.room(named[0].id)
    if (room === null) throw new AppError('NOT_FOUND', { what: `the board ${board}` })
    return { open, room }
  }

  async #writable(ref: string, board: string): Promise<{ open: Open; room: BoardRoom }> {
    const found = await this.#room(ref, board)
    this.#ownLog(found.open.folder)
    return found
  }

  /** The log that this device writes. Throws FORBIDDEN, RECOVERING, DISK_FULL. */
  #ownLog(folder: KeptFolder): OwnBoardLog {
    folder.refuseHalted()
    const { own } = folder.set
    const held = own === null ? undefined : folder.set.boards.all.find((one) => one.own && one.listed.key === own.listed.key)
    if (held === undefined || folder.membership.removed) throw new AppError('FORBIDDEN', { reason: 'this device may only read the folder' })
    const append = async (blocks: readonly Uint8Array[]): Promise<number> => {
      // Others know where the log is by the beginning of the drive: somebody who wrote no file yet has none.
      if (own?.drive.db.length === 0) await own.drive.writeExtra('boards', true)
      return held.log.db.append(blocks)
    }
    return { ...logOf(held), append }
  }

  #author(): { name: string; at: number } {
    return { name: this.#o.deviceName(), at: this.#o.now() }
  }

  #read(open: Open, room: BoardRoom): Board {
    const board = readBoard(room.id, room.doc)
    return { ...board, changedAt: open.boards.changedAt(room.id) ?? board.changedAt }
  }
  async #summary(open: Open, id: string): Promise<BoardSummary | null> {
    const room = await open.boards.room(id)
    return room === null ? null : this.#summaryOf(open, id, room)
  }
  #summaryOf(open: Open, id: string, room: BoardRoom): BoardSummary {
    const { title, colour, cards, changedAt, archived } = this.#read(open, room)
    return { id, title, colour, cards, changedAt, archived }
  }
  #card(open: Open, room: BoardRoom, id: string): Card {
    const { items, trash } = this.#read(open, room)
    const card = [...items, ...trash].find((one) => one.id === id)
    if (card === undefined) throw new AppError('NOT_FOUND', { what: `the card ${id}` })
    return card
  }

  #savedOf(open: Open): BoardSaved {
    const quarantined = [...open.boards.quarantined].map(([key, reason]) => ({ ...this.#writerOf(open, key), reason }))
    return { quarantined, holders: open.holders.list() }
  }

  #tellSaved(open: Open): void {
    for (const live of open.live.values()) for (const { listener } of live) listener.onSaved()
  }
}

function logOf({ log, listed }: HeldBoardLog): {
  key: string
  length: number
  read: (indices: readonly number[]) => Promise<Uint8Array[]>
} {
  const { db } = log
  return { key: listed.key, length: db.contiguous, read: async (indices) => db.readMany(indices) }
}
