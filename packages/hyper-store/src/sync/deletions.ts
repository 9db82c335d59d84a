/** Counts deletions that come within moments of each other as one: a large folder does not vanish in an instant. */

import type { FolderPath } from '../core/entries.ts'
import type { Step } from '../core/plan.ts'

/** Deletions within this time count as one. */
const AT_ONCE_MS = 10_000

/** How many paths were taken from the drives, and from the disk. */
export interface Deletions {
  readonly unpublished: number
  readonly removed: number
}

/** The deletions of the last moments. */
export class RecentDeletions {
  readonly #meant = new Set<FolderPath>()
  #done: (Deletions & { readonly at: number })[] = []

  /** These files are deleted because somebody said so to this store, which is no mishap of a disk: they are not counted. */
  mean(paths: Iterable<FolderPath>): void {
    for (const path of paths) this.#meant.add(path)
  }

  /** They are there still, or were published. */
  unmean(paths: Iterable<FolderPath>): void {
    for (const path of paths) this.#meant.delete(path)
  }

  /** What steps delete that nobody said. */
  planned(steps: readonly Step[]): Deletions {
    return {
      unpublished: steps.filter((s) => s.op === 'unpublish' && !this.#meant.has(s.path)).length,
      removed: steps.filter((s) => s.op === 'remove').length,
    }
  }

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
