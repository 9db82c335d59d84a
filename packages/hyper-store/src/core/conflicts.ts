/** What a device writes for its changes to a merged folder: vectors that hide nothing, and conflicts that are settled by touching a copy. */
import type { DriveId, Entry, EntryOrTombstone, FolderPath, VersionVector } from './entries.ts'
import { sameContent } from './content.ts'
import { conflictName } from './kept-names.ts'
import { writerOf, type Loser, type MergedEntry } from './merge.ts'
import { holdsBytes } from './merged-draft.ts'
import type { MergedTree, PathState } from './merged-tree.ts'
import type { DriveChange } from './ports.ts'
import { compareVectors, joinVectors } from './vectors.ts'

/** A record for the own drive. The content of an entry may lie in another drive still. */
export interface PlannedRecord {
  readonly path: FolderPath
  readonly entry: EntryOrTombstone
}

/** Who writes: its name in vectors, and the drive that it writes to. */
export interface Author {
  readonly writer: DriveId
  readonly drive: DriveId
}

/** Marks a counter that stands for a version shown as a copy: no name of a writer begins with it. */
const COPY_MARK = '~'

/**
 * What a path shows, as the sync loop is told it. The vector of a conflict copy counts versions of another path, so that it must
 * never be compared with one of this path: the copy is told with a counter of its own that names its version.
 */
export function toldEntry(shown: MergedEntry | null): EntryOrTombstone | null {
  if (shown === null || shown.conflictOf === null) return shown?.entry ?? null
  return { ...shown.entry, vector: { [copyCounter(shown.writer, shown.entry.vector)]: 1 } }
}

function copyCounter(writer: DriveId, vector: VersionVector): string {
  return `${COPY_MARK}${writer}:${vector[writer] ?? 0}`
}

/**
 * Records for changes that were made on top of what the tree shows. Gives at most one for each path.
 * - Putting at a conflict copy makes it a real file, deleting one leaves nothing there; the main path then gets its winner again, with a
 *   vector that has seen that copy.
 * - A version that would stop being shown without anybody having decided so is written as a real file under its conflict name: one that
 *   the new vector covers by chance, or that the new record takes the place of in the own drive without having seen it.
 */
export async function planCommit(tree: MergedTree, changes: readonly DriveChange[], author: Author): Promise<PlannedRecord[]> {
  const plan = new CommitPlan(tree, author)
  const states = await tree.lookMany(changes.map((change) => change.path))
  for (const [i, change] of changes.entries()) {
    const state = states[i]
    if (state !== undefined) await plan.take(change, state)
  }
  return plan.records()
}

/** Records that are being put together; a later one of a path replaces the earlier. */
export class CommitPlan {
  readonly #tree: MergedTree
  readonly #author: Author
  readonly #records = new Map<FolderPath, { state: PathState; entry: EntryOrTombstone }>()
  /** Paths of which the user has seen nothing of what the own drive tells there. */
  readonly #unseen = new Set<FolderPath>()
  readonly #settled = new Map<FolderPath, { state: PathState; losers: Loser[] }>()

  constructor(tree: MergedTree, author: Author) {
    this.#tree = tree
    this.#author = author
  }

  async take(change: DriveChange, state: PathState): Promise<void> {
    const { path } = change
    if (change.before === null) this.#unseen.add(path)
    const given = change.op === 'put' ? change.entry.vector : change.tombstone.vector
    const counter = Object.keys(given).find((name) => name.startsWith(COPY_MARK))
    if (change.op === 'put') this.put(path, state, change.entry, plain(given))
    // A copy that is no longer there needs no record, nor does what nobody ever told of. One that became a real file does, also when
    // what disk and drives last agreed on was still the copy.
    else if (counter === undefined ? state.versions.length > 0 || this.#records.has(path) : this.#tells(state, plain(given)))
      this.put(path, state, { kind: 'tombstone', ...change.tombstone }, plain(given))
    else this.#records.delete(path)
    if (counter !== undefined && state.shown?.conflictOf != null) await this.#touchCopy(path, state.shown.conflictOf, counter)
  }

  /** A real version is told here that the author wrote or has seen. */
  #tells({ versions }: PathState, seen: VersionVector): boolean {
    return versions.some(({ drive, entry }) => entry.kind !== 'tombstone' && (drive === this.#author.drive || hides(seen, entry)))
  }

  /** Writes an entry or tombstone at a path, with a vector that has seen `seen`. */
  put(path: FolderPath, state: PathState, entry: EntryOrTombstone, seen: VersionVector): void {
    const { writer: _, ...mine } = entry
    this.#records.set(path, { state, entry: { ...mine, vector: nextVector(state, seen, this.#author) } as EntryOrTombstone })
  }

  /** The versions that the main path stops showing beside its winner. */
  settle(main: FolderPath, state: PathState, losers: readonly Loser[]): void {
    const known = this.#settled.get(main)
    this.#settled.set(main, { state, losers: [...(known?.losers ?? []), ...losers] })
  }

  /** All records, those too that others make needed. */
  async records(): Promise<PlannedRecord[]> {
    for (const [main, { state, losers }] of this.#settled) this.#settleMain(main, state, losers)
    // Those that are added on the way are looked at too.
    for (const [path, { state, entry }] of this.#records) {
      await this.#keepShown(path, state, entry)
      if (this.#unseen.has(path)) await this.#keepUnseen(path, state, entry)
    }
    return [...this.#records].map(([path, { entry }]) => ({ path, entry }))
  }

  async #touchCopy(path: FolderPath, main: FolderPath, counter: string): Promise<void> {
    const state = await this.#tree.look(main)
    const loser = state.copies.find((copy) => copy.name === path)?.loser
    // The copy shows another version by now, which the user has not seen: it stays beside, under the next name.
    if (loser === undefined || copyCounter(writerOf(loser), loser.entry.vector) !== counter) return
    this.settle(main, state, [loser])
  }

  #settleMain(main: FolderPath, state: PathState, losers: readonly Loser[]): void {
    const seen = losers.reduce<VersionVector>((vector, loser) => joinVectors(vector, loser.entry.vector), {})
    const written = this.#records.get(main)
    const { winner, drive } = state.merged
    if (written !== undefined) this.put(main, state, written.entry, joinVectors(written.entry.vector, seen))
    // The file that had to give way to a folder is itself the copy: nothing of it stays at the main path.
    else if (winner === null || (state.demoted && losers.some((loser) => loser.drive === drive)))
      this.put(main, state, { kind: 'tombstone', vector: {}, mtimeMs: winner?.mtimeMs ?? 0 }, joinVectors(winner?.vector ?? {}, seen))
    else this.put(main, state, winner, joinVectors(winner.vector, seen))
  }

  async #keepShown(path: FolderPath, state: PathState, written: EntryOrTombstone): Promise<void> {
    const { vector } = written
    const settled = this.#settled.get(path)?.losers ?? []
    for (const { name, loser } of state.copies) {
      if (settled.some((other) => other.drive === loser.drive)) continue
      // The file that gave way to a folder is told again with the same bytes: its copy stays by itself.
      if (state.demoted && written.kind !== 'tombstone' && sameContent(loser.entry, written)) continue
      const order = compareVectors(vector, loser.entry.vector)
      if (loser.drive !== this.#author.drive && order !== 'after' && order !== 'equal') continue
      await this.keepAs(path, loser, (attempt) =>
        attempt === 1 ? name : conflictName(path, this.#tree.deviceOf(writerOf(loser)), loser.entry.mtimeMs, attempt),
      )
    }
  }

  /** The own drive tells one version of a path: one that the user has not seen there would be lost under the new one. */
  async #keepUnseen(path: FolderPath, state: PathState, written: EntryOrTombstone): Promise<void> {
    const own = state.versions.find(({ drive }) => drive === this.#author.drive)
    if (own === undefined || !holdsBytes(own.entry)) return
    const isCopy = state.copies.some(({ loser }) => loser.drive === own.drive)
    const isOld = state.versions.some(({ entry }) => compareVectors(own.entry.vector, entry.vector) === 'before')
    if (isCopy || isOld || (written.kind !== 'tombstone' && sameContent(own.entry, written))) return
    const loser: Loser = { drive: own.drive, entry: own.entry }
    const device = this.#tree.deviceOf(writerOf(loser))
    await this.keepAs(path, loser, (attempt) => conflictName(path, device, own.entry.mtimeMs, attempt))
  }

  /** Writes a version of `main` as a real file under the first free name; its own copy's name is free for it. */
  async keepAs(main: FolderPath, loser: Loser, nameOf: (attempt: number) => FolderPath): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const name = nameOf(attempt)
      if (this.#records.has(name)) continue
      const state = await this.#tree.look(name)
      const isOwnCopy = state.shown?.conflictOf === main && state.shown.drive === loser.drive
      if (!isOwnCopy && (await this.#tree.isTaken(name))) continue
      this.put(name, state, loser.entry, {})
      return
    }
  }
}

/** The vector without the counters that are told for copies. */
function plain(vector: VersionVector): VersionVector {
  return Object.fromEntries(Object.entries(vector).filter(([name]) => !name.startsWith(COPY_MARK)))
}

/**
 * The vector of a version that the author writes now, having seen `seen`: it has also seen what its own drive told, and every tombstone
 * there, since content beats a deletion anyway. Its own counter is one that no version of the path has.
 */
function nextVector(state: PathState, seen: VersionVector, { writer, drive }: Author): VersionVector {
  const own = state.versions.find((version) => version.drive === drive)
  let vector = joinVectors(seen, own?.entry.vector ?? {})
  for (const { entry } of state.versions) {
    if (holdsBytes(entry)) continue
    const joined = joinVectors(vector, entry.vector)
    if (!state.versions.some((other) => holdsBytes(other.entry) && hides(joined, other.entry) && !hides(vector, other.entry)))
      vector = joined
  }
  const used = Math.max(0, ...state.versions.map((version) => version.entry.vector[writer] ?? 0))
  return { ...vector, [writer]: Math.max(seen[writer] ?? 0, used + 1) }
}

function hides(vector: VersionVector, entry: Entry): boolean {
  const order = compareVectors(vector, entry.vector)
  return order === 'after' || order === 'equal'
}
