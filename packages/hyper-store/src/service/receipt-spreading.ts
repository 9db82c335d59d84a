/** Receipts that come in over connections: checked, written down, told of, and passed on to all others who have the folder. */
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { BoardReceipts } from './board-receipts.ts'
import type { ItemEvents } from './item-events.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import type { KnownReceipt, ReceiptBook } from './receipt-book.ts'

/** What receipts go through. */
export interface ReceiptSpreadingOptions {
  readonly receipts: ReceiptBook
  readonly replication: Replication
  readonly folders: () => KeptFolders
  readonly items: () => ItemEvents
  readonly boards: () => BoardReceipts
}

/** Takes receipts and spreads them. */
export class ReceiptSpreading {
  readonly #o: ReceiptSpreadingOptions

  constructor(options: ReceiptSpreadingOptions) {
    this.#o = options
  }

  /** One that came, not yet checked. */
  async take(message: unknown, from: PeerSession): Promise<void> {
    const folders = this.#o.folders()
    // Only who has proved to know the folder's key may say who holds it.
    const folderOf = (drive: string) => {
      const folder = folders.ofDrive(drive)
      if (folder === undefined) return this.#o.boards().bookOf(drive, from)
      return from.isMutual(folder.shared) ? folder.key : null
    }
    const taken = await this.#o.receipts.take(message, folderOf)
    const folder = taken === null ? undefined : folders.get(taken.folder)
    if (taken === null) return
    if (folder === undefined) this.#o.boards().spread(taken.folder, taken.known, from)
    else this.spread(folder, taken.known, from)
  }

  /** Both sides know a drive: the other one is told what is known of its folder. */
  greet(session: PeerSession, shared: SharedDrive): void {
    const folder = this.#o.folders().ofDrive(shared.id)
    if (folder === undefined) this.#o.boards().greet(session, shared)
    else if (folder.shared.id === shared.id) for (const known of this.#o.receipts.list(folder.key)) session.sendReceipt(known.carried)
  }

  /** Sends a receipt to all who have the folder but the one that it came from, and tells of it. */
  spread(folder: KeptFolder, known: KnownReceipt, from: PeerSession | null): void {
    for (const session of this.#o.replication.peersOf(folder.shared)) if (session.id !== from?.id) session.sendReceipt(known.carried)
    this.#o.items().receipt(folder, known)
  }
}
