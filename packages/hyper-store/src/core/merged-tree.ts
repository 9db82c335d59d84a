/** The merge of a folder's drives kept up to date step by step: equal to `mergeFolder` of all they tell, at the cost of what is new. */
import type { DriveId, Entry, EntryOrTombstone, FolderPath } from './entries.ts'
import { writerOf, type DriveVersion, type Loser, type MergedEntry, type MergedPath } from './merge.ts'
import { copyEntry, Draft, losersOf, mergeRow, realEntry, type Devices } from './merged-draft.ts'
import {
  changeKey,
  changeOf,
  countIn,
  decodeMeta,
  decodeName,
  decodePath,
  encodeMeta,
  INDEX_FORMAT,
  type MetaRow,
  type PathRow,
} from './merged-rows.ts'
import { compareKeys } from './paths-order.ts'
import type { PathIndex, PathWrite, Row } from './path-index.ts'

export type { PathIndex, PathWrite } from './path-index.ts'

/** A drive of the folder: who writes it, and what that device is called in conflict names. */
export interface TreeDrive {
  readonly drive: DriveId
  readonly writer: DriveId
  readonly device: string
}

/** News of one drive: what it tells of paths now, and the length of its log that this is of. */
export interface DriveNews {
  readonly drive: DriveId
  readonly length: number
  /** Null: the drive tells nothing of the path any more. Of several records of a path the last counts. */
  readonly records: Iterable<readonly [FolderPath, EntryOrTombstone | null]>
}

/** All that is known of a path, for those who write. */
export interface PathState {
  /** What all drives tell, seen or not. */
  readonly versions: readonly DriveVersion[]
  readonly merged: MergedPath
  /** True when a folder has the name and the winner is shown as a copy. */
  readonly demoted: boolean
  /** Versions shown under conflict names. */
  readonly copies: readonly { readonly name: FolderPath; readonly loser: Loser }[]
  /** What the path shows. */
  readonly shown: MergedEntry | null
}

/** A version that stands beside the winner of its path. */
export interface TreeConflict {
  readonly path: FolderPath
  /** Null where a folder has the name, and the file is shown as a copy only. */
  readonly winner: { readonly entry: Entry; readonly writer: DriveId } | null
  readonly copy: FolderPath
  readonly loser: { readonly entry: Entry; readonly writer: DriveId }
}

/** What a user counts. */
export interface TreeTotals {
  readonly files: number
  readonly bytes: number
  readonly conflicts: number
}

const READ_STEP = 1000
/** Changed paths in one row of the log of changes. */
const CHANGE_ROW = 1000
/** The log of changes is cut when it holds so many paths, and more than twice the files of the folder. */
const CHANGES_KEPT = 50_000

/**
 * Reads and extends the index of a merged folder. Its steps must follow each other: the caller sees to that.
 * Invariant: after each step the index equals the merge from scratch of what it was told, conflict names included.
 */
export class MergedTree {
  readonly #index: PathIndex
  readonly #devices = new Map<DriveId, TreeDrive>()
  readonly #names = new Map<DriveId, string>()
  readonly #view: Devices = {
    writerOf: (drive) => this.#devices.get(drive)?.writer ?? drive,
    nameOf: (writer) => this.#names.get(writer) ?? writer,
  }
  #meta: MetaRow

  private constructor(index: PathIndex, meta: MetaRow) {
    this.#index = index
    this.#meta = meta
  }

  /** Opens the index, or makes a new one of life `life` (a number that no earlier one had) where there is none that can be read. */
  static async open(index: PathIndex, life: number): Promise<MergedTree> {
    const [row] = await index.getMany('meta', [''])
    const known = decodeMeta(row ?? null)
    if (known === null) await index.clear()
    const fresh = { format: INDEX_FORMAT, life, change: 0, floor: 0, logged: 0, files: 0, bytes: 0, conflicts: 0, drives: [] }
    const tree = new MergedTree(index, known ?? fresh)
    // Names are as they were when the copies got theirs, until `setDrives` changes them.
    tree.#take(tree.#meta.drives.map(([drive, , writer, device]) => ({ drive, writer, device })))
    return tree
  }

  /** Number of the newest change. */
  get change(): number {
    return this.#meta.change
  }
  /** Tells one index from another made later. */
  get life(): number {
    return this.#meta.life
  }
  get totals(): TreeTotals {
    const { files, bytes, conflicts } = this.#meta
    return { files, bytes, conflicts }
  }
  /** Indexed lengths, by drive. */
  get lengths(): ReadonlyMap<DriveId, number> {
    return new Map(this.#meta.drives.map(([drive, length]) => [drive, length]))
  }

  /** Drives come, go and get other names. One that goes must have been emptied by `empty`. Gives the paths that changed. */
  async setDrives(drives: readonly TreeDrive[]): Promise<readonly FolderPath[]> {
    const before = new Map(this.#names)
    const lengths = this.lengths
    this.#take(drives)
    const renamed = [...this.#names].some(([writer, name]) => before.get(writer) !== name)
    const draft = new Draft(this.#index, this.#view, this.#meta.conflicts > 0)
    if (renamed && this.#meta.conflicts > 0) {
      const paths: FolderPath[] = []
      for await (const [path] of this.#index.rows('conflict')) paths.push(path as FolderPath)
      await draft.rename(paths)
    }
    return this.#finish(
      draft,
      drives.map((d) => [d.drive, lengths.get(d.drive) ?? 0, d.writer, d.device] as const),
    )
  }

  /** Takes news of a drive as one atomic step; the same news again change nothing. Gives the paths that show something else now. */
  async apply(news: DriveNews): Promise<readonly FolderPath[]> {
    const draft = new Draft(this.#index, this.#view, this.#meta.conflicts > 0)
    await draft.tell(news.drive, new Map(news.records))
    const known = this.#devices.get(news.drive)
    const entry = [news.drive, news.length, known?.writer ?? news.drive, known?.device ?? news.drive] as const
    const others = this.#meta.drives.filter(([drive]) => drive !== news.drive)
    return this.#finish(draft, [...others, entry])
  }

  /** What a drive tells of paths, in the order of `paths`. */
  async toldBy(drive: DriveId, paths: readonly FolderPath[]): Promise<(EntryOrTombstone | null)[]> {
    const rows = await this.#index.getMany('path', paths)
    return rows.map((row) => decodePath(row).versions.find((version) => version.drive === drive)?.entry ?? null)
  }

  /** Paths of which a drive tells something. */
  async *pathsOf(drive: DriveId): AsyncIterable<FolderPath> {
    for await (const [path, row] of this.#index.rows('path'))
      if (decodePath(row).versions.some((version) => version.drive === drive)) yield path as FolderPath
  }

  /** What a path shows: an entry, a conflict copy, or the tombstone of what was there. */
  async get(path: FolderPath): Promise<MergedEntry | null> {
    const [shown] = await this.getMany([path])
    return shown ?? null
  }

  /** What paths show, in the order of `paths`. */
  async getMany(paths: readonly FolderPath[]): Promise<(MergedEntry | null)[]> {
    const rows = await this.#index.getMany('path', paths)
    return this.#shown(
      paths,
      rows.map((row) => decodePath(row)),
    )
  }

  /** True when a file, a link or a folder has the name, or a conflict copy. */
  async isTaken(name: FolderPath): Promise<boolean> {
    const [folder] = await this.#index.getMany('folder', [name])
    if (countIn(folder ?? null) > 0) return true
    const shown = await this.get(name)
    return shown !== null && shown.entry.kind !== 'tombstone'
  }

  /** Name of a writer's device. */
  deviceOf(writer: DriveId): string {
    return this.#view.nameOf(writer)
  }

  /** All that is known of a path. */
  async look(path: FolderPath): Promise<PathState> {
    const [state] = await this.lookMany([path])
    if (state === undefined) throw new Error('each path has a state')
    return state
  }

  /** All that is known of paths, in the order of `paths`. */
  async lookMany(paths: readonly FolderPath[]): Promise<PathState[]> {
    const rows = (await this.#index.getMany('path', paths)).map((row) => decodePath(row))
    const shown = await this.#shown(paths, rows)
    return rows.map((row, i) => this.#stateOf(row, shown[i] ?? null))
  }

  #stateOf(row: PathRow, shown: MergedEntry | null): PathState {
    const merged = mergeRow(row, this.#view)
    const losers = losersOf(row, merged)
    const copies = row.copies.flatMap(({ name, drive }) => {
      const loser = losers.find((each) => each.drive === drive)
      return loser === undefined ? [] : [{ name, loser }]
    })
    const versions = row.versions.map(({ drive, entry }) => ({ drive, writer: this.#view.writerOf(drive), entry }))
    return { versions, merged, demoted: row.demoted, copies, shown }
  }

  /** What all paths show, in order of their UTF-8 bytes, tombstones too; null for paths that showed something once. */
  async *entries(): AsyncIterable<readonly [FolderPath, MergedEntry | null]> {
    const copies = await this.#copies()
    let next = 0
    for await (const [key, found] of this.#index.rows('path')) {
      const path = key as FolderPath
      for (let copy = copies[next]; copy !== undefined && compareKeys(copy[0], path) < 0; copy = copies[++next]) yield copy
      const row = decodePath(found)
      const real = realEntry(row, mergeRow(row, this.#view))
      const copy = copies[next]?.[0] === path ? copies[next++] : undefined
      const isReal = real !== null && real.entry.kind !== 'tombstone'
      yield isReal || copy === undefined || copy[1] === null ? ([path, real] as const) : copy
    }
    yield* copies.slice(next)
  }

  /** Paths that changed after change number `from`, each once; null when that is forgotten, and all paths must be looked at. */
  async changedSince(from: number): Promise<ReadonlySet<FolderPath> | null> {
    if (from < this.#meta.floor || from > this.#meta.change) return null
    const paths = new Set<FolderPath>()
    for await (const [, row] of this.#index.rows('change', { after: changeKey(from) }))
      for (const path of row) paths.add(path as FolderPath)
    return paths
  }

  /** The versions that stand side by side, by path. */
  async *conflicts(): AsyncIterable<TreeConflict> {
    let batch: FolderPath[] = []
    for await (const [path] of this.#index.rows('conflict')) {
      batch.push(path as FolderPath)
      if (batch.length < READ_STEP) continue
      yield* await this.#conflictsOf(batch)
      batch = []
    }
    yield* await this.#conflictsOf(batch)
  }

  async #conflictsOf(paths: readonly FolderPath[]): Promise<TreeConflict[]> {
    const rows = await this.#index.getMany('path', paths)
    return paths.flatMap((path, i) => {
      const row = decodePath(rows[i] ?? null)
      const merged = mergeRow(row, this.#view)
      const { winner, writer } = merged
      const shown = winner === null || writer === null || winner.kind === 'tombstone' || row.demoted ? null : { entry: winner, writer }
      const losers = losersOf(row, merged)
      return row.copies.flatMap(({ name, drive }) => {
        const loser = losers.find((each) => each.drive === drive)
        return loser === undefined ? [] : [{ path, winner: shown, copy: name, loser: { entry: loser.entry, writer: writerOf(loser) } }]
      })
    })
  }

  /** What paths with these rows show; the names of copies are looked up together. */
  async #shown(paths: readonly FolderPath[], rows: readonly PathRow[]): Promise<(MergedEntry | null)[]> {
    const shown = rows.map((row) => realEntry(row, mergeRow(row, this.#view)))
    if (this.#meta.conflicts === 0) return shown
    const isReal = (real: MergedEntry | null) => real !== null && real.entry.kind !== 'tombstone'
    const free = paths.flatMap((name, i) => (isReal(shown[i] ?? null) ? [] : [{ name, i }]))
    const names = await this.#index.getMany(
      'name',
      free.map(({ name }) => name),
    )
    const held = free.flatMap((one, n) => {
      const { holder } = decodeName(names[n] ?? null)
      return holder === null ? [] : [{ ...one, holder }]
    })
    const mains = await this.#index.getMany(
      'path',
      held.map(({ holder }) => holder),
    )
    for (const [n, { name, i, holder }] of held.entries()) {
      const main = decodePath(mains[n] ?? null)
      shown[i] = copyEntry(holder, main, name, mergeRow(main, this.#view)) ?? shown[i] ?? null
    }
    return shown
  }

  /** All names that are or were those of copies, in order, with the copy. */
  async #copies(): Promise<(readonly [FolderPath, MergedEntry | null])[]> {
    const copies: (readonly [FolderPath, MergedEntry | null])[] = []
    let batch: [FolderPath, FolderPath | null][] = []
    const look = async () => {
      const rows = await this.#index.getMany(
        'path',
        batch.map(([name, holder]) => holder ?? name),
      )
      for (const [i, [name, holder]] of batch.entries()) {
        const row = decodePath(rows[i] ?? null)
        copies.push([name, holder === null ? null : copyEntry(holder, row, name, mergeRow(row, this.#view))])
      }
      batch = []
    }
    for await (const [name, row] of this.#index.rows('name')) {
      batch.push([name as FolderPath, decodeName(row).holder])
      if (batch.length >= READ_STEP) await look()
    }
    await look()
    return copies
  }

  #take(drives: readonly TreeDrive[]): void {
    this.#devices.clear()
    this.#names.clear()
    for (const each of drives) {
      this.#devices.set(each.drive, each)
      this.#names.set(each.writer, each.device)
    }
  }

  async #finish(draft: Draft, drives: MetaRow['drives']): Promise<readonly FolderPath[]> {
    const { writes, changed, files, bytes, conflicts } = await draft.result()
    const meta = this.#meta
    const rows: PathWrite[] = []
    for (let at = 0; at < changed.length; at += CHANGE_ROW) {
      const change = meta.change + rows.length + 1
      rows.push({ table: 'change', key: changeKey(change), row: changed.slice(at, at + CHANGE_ROW) })
    }
    const next: MetaRow = {
      ...meta,
      change: meta.change + rows.length,
      logged: meta.logged + changed.length,
      files: meta.files + files,
      bytes: meta.bytes + bytes,
      conflicts: meta.conflicts + conflicts,
      drives: [...drives].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    }
    const cut = await this.#cutLog(next)
    await this.#index.write([...writes, ...rows, ...cut.writes, { table: 'meta', key: '', row: encodeMeta(cut.meta) }])
    this.#meta = cut.meta
    return changed
  }

  /** Forgets the older half of the changes when there are too many: who comes from before them compares everything. */
  async #cutLog(meta: MetaRow): Promise<{ meta: MetaRow; writes: PathWrite[] }> {
    if (meta.logged <= Math.max(CHANGES_KEPT, 2 * meta.files)) return { meta, writes: [] }
    const writes: PathWrite[] = []
    let { logged, floor } = meta
    for await (const [key, row] of this.#index.rows('change') as AsyncIterable<readonly [string, Row]>) {
      if (logged <= meta.logged / 2) break
      writes.push({ table: 'change', key, row: null })
      logged -= row.length
      floor = changeOf(key)
    }
    return { meta: { ...meta, logged, floor }, writes }
  }
}
