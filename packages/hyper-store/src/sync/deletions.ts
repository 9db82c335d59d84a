/** Counts deletions that come within moments of each other as one: a large folder does not vanish in an instant. */

/** Deletions within this time count as one. */
const AT_ONCE_MS = 10_000

/** How many paths were taken from the drives, and from the disk. */
export interface Deletions {
  readonly unpublished: number
  readonly removed: number
}

/** The deletions of the last moments. */
export class RecentDeletions {
  #done: (Deletions & { readonly at: number })[] = []

  /** Those of the last moments, without older ones. */
  recent(now: number): Deletions {
    this.#done = this.#done.filter(({ at }) => now - at < AT_ONCE_MS)
    return {
      unpublished: this.#done.reduce((sum, one) => sum + one.unpublished, 0),
      removed: this.#done.reduce((sum, one) => sum + one.removed, 0),
    }
  }

  /** Counts these, as done now. */
  add(deletions: Deletions, now: number): void {
    this.#done.push({ ...deletions, at: now })
  }

  /** Forgets all: what was confirmed counts no more. */
  clear(): void {
    this.#done = []
  }
}
