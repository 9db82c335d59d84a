/** What stands on disk although its place is left out on this device: why it stays, and what of it leaves as soon as it may. */
import type { FileEntry, FolderPath } from '../core/entries.ts'
import type { Refusal, Step } from '../core/plan.ts'
import type { Selection } from '../core/selection.ts'

/** Asks whether another device holds a version of a path. */
export type HeldElsewhere = (path: FolderPath, entry: FileEntry) => boolean | Promise<boolean>

/** After these steps what is left out is as recorded. */
const LEAVES_NEXT: ReadonlySet<Step['op']> = new Set(['publish', 'publish-rename', 'compare', 'record'])

/** The paths that a loop has met below what is left out. */
export class LeftOut {
  readonly #reasons = new Map<FolderPath, string>()
  readonly #waiting = new Set<FolderPath>()

  /** Why each stays. */
  get reasons(): ReadonlyMap<FolderPath, string> {
    return this.#reasons
  }
  /** Paths that leave as soon as another device holds them, to be looked at again. */
  get waiting(): ReadonlySet<FolderPath> {
    return this.#waiting
  }

  /** These paths are looked at anew; null is all. */
  forget(paths: Iterable<string> | null): void {
    for (const path of paths ?? [...this.#reasons.keys()]) {
      this.#reasons.delete(path as FolderPath)
      this.#waiting.delete(path as FolderPath)
    }
  }

  /** Remembers why a path stays. */
  tell(path: FolderPath, reason: string): void {
    this.#reasons.set(path, reason)
  }

  /** Takes the refusals that are of this kind; gives the others. */
  take(refusals: readonly Refusal[]): Refusal[] {
    for (const { path, reason, leftOut } of refusals) if (leftOut === true) this.tell(path as FolderPath, reason)
    return refusals.filter((refusal) => refusal.leftOut !== true)
  }

  /** The steps without files that nobody else is known to hold: those stay for now. */
  async withoutUnheld(steps: readonly Step[], heldElsewhere: HeldElsewhere | undefined): Promise<readonly Step[]> {
    if (heldElsewhere === undefined) return steps
    const unheld = new Set<Step>()
    for (const step of steps) {
      if (step.op !== 'leave' || step.base.entry.kind !== 'file' || (await heldElsewhere(step.path, step.base.entry))) continue
      unheld.add(step)
      this.#waiting.add(step.path)
      this.tell(step.path, 'it is left out on this device and leaves as soon as another device is known to hold it')
    }
    return unheld.size === 0 ? steps : steps.filter((step) => !unheld.has(step))
  }

  /** Paths that were published or recognised by these steps, so that they leave in the pass after. */
  next(steps: readonly Step[], selection: Selection): FolderPath[] {
    return steps.filter(({ op, path }) => LEAVES_NEXT.has(op) && selection.isExcluded(path)).map(({ path }) => path)
  }
}
