/** What a folder looks after on timers: receipts to be signed, gaps to be lived with, a recovery to end. */
import type { DriveSet } from './drive-set.ts'

/** A receipt is signed at most this often while a version grows. */
const RECEIPT_MS = 100
/** While a folder recovers, its peers are asked this often. */
const RECOVERY_MS = 500
/** Content that nobody brought for this long, while somebody was there, is taken as lost for now. */
const GAPS_AFTER_MS = 5_000

/** What the watches do, and what they ask before. */
export interface Watched {
  readonly set: DriveSet
  readonly blind: boolean
  readonly paused: () => boolean
  readonly signReceipt: () => Promise<void>
  /** True while the folder recovers. */
  readonly recovering: () => boolean
  /** Ends the recovery if that is possible now. */
  readonly tryRecover: () => Promise<void>
}

/** The timers of one folder. */
export class Watches {
  readonly #o: Watched
  #receipt: NodeJS.Timeout | null = null
  #recovery: NodeJS.Timeout | null = null
  #gap: NodeJS.Timeout | null = null
  #movedAt = 0
  #closed = false

  constructor(watched: Watched) {
    this.#o = watched
  }

  close(): void {
    this.#closed = true
    for (const timer of [this.#receipt, this.#recovery, this.#gap]) if (timer !== null) clearTimeout(timer)
  }

  /** Content came in just now. */
  moved(): void {
    this.#movedAt = performance.now()
  }

  /** Signs a receipt soon. */
  receiptSoon(): void {
    if (this.#receipt !== null || this.#closed) return
    this.#receipt = setTimeout(() => {
      this.#receipt = null
      void this.#o.signReceipt().catch(() => undefined)
    }, RECEIPT_MS)
    this.#receipt.unref()
  }

  /** Tries to end a recovery until it is over. */
  recovery(): void {
    if (!this.#o.recovering() || this.#closed || this.#recovery !== null) return
    this.#recovery = setTimeout(() => {
      this.#recovery = null
      void this.#o
        .tryRecover()
        .catch(() => undefined)
        .then(() => this.recovery())
    }, RECOVERY_MS)
    this.#recovery.unref()
  }

  /** After a while without news, goes on without content that is in nobody's reach. */
  gaps(): void {
    if (this.#gap !== null || this.#closed || this.#o.blind) return
    const lacking = this.#o.set.all.filter(({ drive, own }) => !own && drive.db.contiguous > 0 && drive.whole.db < drive.db.contiguous)
    if (lacking.length === 0) return
    this.#gap = setTimeout(() => {
      this.#gap = null
      const quiet = performance.now() - this.#movedAt >= GAPS_AFTER_MS
      for (const { drive } of lacking) if (quiet && drive.db.raw.peers.length > 0 && !this.#o.paused()) drive.goOnWithGaps()
      this.gaps()
    }, GAPS_AFTER_MS / 5)
    this.#gap.unref()
  }
}
