/** Paths that changed while they were worked on: looked at again soon, and each time later. */
import type { FolderPath } from '../core/entries.ts'

const FIRST_LOOK_MS = 100
const LAST_LOOK_MS = 30_000

/** When to look at which path again. */
export class LaterLooks {
  /** When, and how often that was done in a row. */
  readonly #looks = new Map<FolderPath, { at: number; looks: number }>()

  get paths(): Iterable<FolderPath> {
    return this.#looks.keys()
  }
  /** The next moment at which one is due; Infinity when none is. */
  get nextAt(): number {
    return Math.min(Infinity, ...[...this.#looks.values()].map(({ at }) => at))
  }

  /** Looks at a path at a moment, for the first time. */
  wait(path: FolderPath, at: number): void {
    this.#looks.set(path, { at, looks: 0 })
  }

  /** Those that are due now; the pass that follows looks at them. */
  takeDue(now: number): FolderPath[] {
    const due: FolderPath[] = []
    for (const [path, look] of this.#looks) {
      if (now < look.at) continue
      look.at = Infinity
      due.push(path)
    }
    return due
  }

  /** Forgets the looks that a pass made; those that found the path changed again come later each time. */
  again(paths: readonly FolderPath[], now: number): void {
    const looks = new Map(paths.map((path) => [path, (this.#looks.get(path)?.looks ?? 0) + 1]))
    for (const [path, { at }] of this.#looks) if (at === Infinity) this.#looks.delete(path)
    for (const [path, n] of looks) {
      this.#looks.set(path, { at: now + Math.min(LAST_LOOK_MS, FIRST_LOOK_MS * 2 ** (n - 1)), looks: n })
    }
  }
}
