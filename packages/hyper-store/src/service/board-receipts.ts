/** Receipts of boards: each device's signed word of how much it holds of a folder's board logs; spread and kept like those of files. */
import { encodeZ32 } from '../core/links.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KnownReceipt, ReceiptBook } from './receipt-book.ts'

/** A receipt is signed at most this often while somebody types. */
const RECEIPT_MS = 1000

/** What receipts of boards need from the store around them. */
export interface BoardReceiptsOptions {
  readonly receipts: ReceiptBook
  readonly replication: Replication
  readonly now: () => number
  readonly deviceName: () => string
  /** A device said something new. */
  readonly onNews: (folder: KeptFolder) => void
}

interface Watched {
  readonly folder: KeptFolder
  readonly stop: () => void
  timer: NodeJS.Timeout | null
  /** The log of the root drive, by which receipts name the folder, and its key, under which they stand in the book; null until it is here. */
  root: { readonly shared: SharedDrive; readonly book: string } | null
}

/** Signs, takes and spreads them. In the book they stand under the key of the root drive's board log. */
export class BoardReceipts {
  readonly #o: BoardReceiptsOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: BoardReceiptsOptions) {
    this.#o = options
  }

  /** A folder is kept from now on, readable or blind. */
  opened(folder: KeptFolder): void {
    const changed = () => {
      this.#findRoot(watched)
      this.#soon(watched)
    }
    const watched: Watched = { folder, stop: folder.set.boards.onChange(changed), timer: null, root: null }
    this.#watched.set(folder.key, watched)
    changed()
  }

  closed(folder: KeptFolder): void {
    const watched = this.#watched.get(folder.key)
    if (watched?.folder !== folder) return
    watched.stop()
    if (watched.timer !== null) clearTimeout(watched.timer)
    this.#watched.delete(folder.key)
  }

  /** Says what was not said yet, before the store goes: others know then what it took with it. */
  async sayAll(): Promise<void> {
    const unsaid = [...this.#watched.values()].filter(({ timer }) => timer !== null)
    for (const watched of unsaid) await this.#sign(watched).catch(() => undefined)
    if (unsaid.length > 0) await this.#o.replication.flush()
  }

  /** The newest word of each device about a folder, the own one too; not what it said before it let go of the folder. */
  list(folder: KeptFolder): readonly KnownReceipt[] {
    const { receipts } = this.#o
    const root = this.#watched.get(folder.key)?.root
    return root == null
      ? []
      : receipts.list(root.book).filter(({ device, receipt }) => receipt.at >= receipts.droppedAt(folder.key, device))
  }

  /** A device keeps a folder no more. */
  dropped(folder: KeptFolder): void {
    this.#o.onNews(folder)
  }

  /** Key in the book for receipts that name a log, when the one who sent them has proved to know the folder; else null. */
  bookOf(log: string, from: PeerSession): string | null {
    const watched = this.#ofLog(log)
    return watched?.root != null && from.isMutual(watched.root.shared) ? watched.root.book : null
  }

  /** Sends what is known to somebody who has the logs too. */
  greet(session: PeerSession, shared: SharedDrive): void {
    const watched = this.#ofLog(shared.id)
    if (watched !== undefined) for (const known of this.list(watched.folder)) session.sendReceipt(known.carried)
  }

  /** Passes one that was taken on to all but who brought it. */
  spread(book: string, known: KnownReceipt, from: PeerSession | null): void {
    const watched = [...this.#watched.values()].find(({ root }) => root?.book === book)
    if (watched?.root == null) return
    for (const session of this.#o.replication.peersOf(watched.root.shared)) if (session.id !== from?.id) session.sendReceipt(known.carried)
    this.#o.onNews(watched.folder)
  }

  #ofLog(log: string): Watched | undefined {
    return [...this.#watched.values()].find(({ root }) => root?.shared.id === log)
  }

  #findRoot(watched: Watched): void {
    const root = watched.folder.set.boards.all.find(({ listed }) => listed.key === watched.folder.key)
    if (root === undefined || watched.root !== null) return
    const book = encodeZ32(root.log.key)
    watched.root = { shared: root.shared, book }
    void this.#o.receipts.load(book).then(() => this.#o.onNews(watched.folder))
  }

  #soon(watched: Watched): void {
    if (watched.timer !== null) return
    watched.timer = setTimeout(() => {
      watched.timer = null
      void this.#sign(watched).catch(() => undefined)
    }, RECEIPT_MS)
    watched.timer.unref()
  }

  async #sign(watched: Watched): Promise<void> {
    const { folder } = watched
    const logs = folder.set.boards.all
    const { root } = watched
    if (root === null) return
    const drives = Object.fromEntries(logs.map(({ shared, log }) => [shared.id, [log.db.contiguous, 0] as const]))
    const version = logs.reduce((sum, { log }) => sum + log.db.contiguous, 0)
    if (version === 0 || this.#watched.get(folder.key) !== watched) return
    const said = { drive: root.shared.id, fork: 0, version, blobsFork: 0, blobs: 0, applied: false, at: this.#o.now(), drives }
    const known = await this.#o.receipts.sign(root.book, said, { name: this.#o.deviceName(), files: 0, bytes: 0 })
    if (known !== null) this.spread(root.book, known, null)
  }
}
