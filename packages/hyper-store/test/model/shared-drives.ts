/** Device drives of the shared model as plain lists: what each device wrote, who holds how much of it, and the real merged tree over what is held. */
import assert from 'node:assert/strict'
import { planCommit, toldEntry, type PlannedRecord } from '../../src/core/conflicts.ts'
import type { DriveId, EntryOrTombstone, FolderPath } from '../../src/core/entries.ts'
import { mergeFolder, type DriveVersion, type MergedEntry } from '../../src/core/merge.ts'
import { MergedTree } from '../../src/core/merged-tree.ts'
import type { DriveChange } from '../../src/core/ports.ts'
import { createMemoryPathIndex } from '../fixtures/memory-paths.ts'

/** The log of one device drive. */
export class DeviceLog {
  readonly id: DriveId
  /** The name of its device in vectors. */
  readonly writer: DriveId
  readonly deviceName: string
  readonly records: PlannedRecord[] = []
  /** Lengths that are whole versions, ascending: only those travel. */
  readonly commits: number[] = [0]

  constructor(id: DriveId, writer: DriveId, deviceName: string) {
    this.id = id
    this.writer = writer
    this.deviceName = deviceName
  }

  append(records: readonly PlannedRecord[]): void {
    this.records.push(...records)
    this.commits.push(this.records.length)
  }

  /** The length after `versions` more whole versions from `have`, no further than `limit`. */
  lengthAfter(have: number, versions: number, limit: number): number {
    const more = this.commits.filter((length) => length > have && length <= limit)
    return more[Math.min(more.length, versions) - 1] ?? have
  }

  /** What it tells of each path, up to a length. */
  told(length: number): Map<FolderPath, EntryOrTombstone> {
    return new Map(this.records.slice(0, length).map(({ path, entry }) => [path, entry]))
  }
}

/** A drive that a device follows; `limit` is where the log of a removed member ends for the folder. */
export interface Followed {
  readonly log: DeviceLog
  readonly limit: number
}

/** What the world runs on; a test plants its defects here. */
export interface DriveParts {
  readonly planCommit: typeof planCommit
  /** The merge from scratch, which the merged tree must equal. */
  readonly mergeFolder: typeof mergeFolder
}
export const REAL_DRIVES: DriveParts = { planCommit, mergeFolder }

/** A path of the folder as a device is told it. */
export interface Shown {
  readonly entry: EntryOrTombstone
  readonly conflictOf: FolderPath | null
}

let lives = 0

/** What one device holds of the folder, and the merge of that. */
export class HeldDrives {
  readonly #parts: DriveParts
  readonly #held = new Map<DeviceLog, number>()
  /** Lengths that the tree was told. */
  readonly #told = new Map<DeviceLog, number>()
  #followed: readonly Followed[] = []
  #tree: MergedTree | null = null
  readonly #shown = new Map<FolderPath, Shown>()
  #isCurrent = false

  constructor(parts: DriveParts = REAL_DRIVES) {
    this.#parts = parts
  }

  /** Length of a log that is here. */
  length(log: DeviceLog): number {
    return this.#held.get(log) ?? 0
  }

  /** Takes a log up to a length; false when that is nothing new. */
  take(log: DeviceLog, length: number): boolean {
    if (length <= this.length(log)) return false
    this.#held.set(log, length)
    this.#isCurrent = false
    return true
  }

  follow(followed: readonly Followed[]): void {
    this.#followed = followed
    this.#isCurrent = false
  }

  get followed(): readonly Followed[] {
    return this.#followed
  }

  /** Version of the folder as users see it. */
  version(): number {
    return this.#followed.reduce((sum, { log, limit }) => sum + Math.min(this.length(log), limit), 0)
  }

  /** What the folder shows to its sync loop: kept up to date by what the tree says that changed. */
  async shown(): Promise<ReadonlyMap<FolderPath, Shown>> {
    await this.tree()
    return this.#shown
  }

  /** The merged tree, up to date with what is held. */
  async tree(): Promise<MergedTree> {
    this.#tree ??= await MergedTree.open(createMemoryPathIndex(), lives++)
    const tree = this.#tree
    if (this.#isCurrent) return tree
    this.#isCurrent = true
    const changed: FolderPath[] = []
    for (const log of this.#told.keys()) {
      if (!this.#followed.some((each) => each.log === log)) changed.push(...(await this.#tell(tree, log, 0)))
    }
    const drives = this.#followed.map(({ log }) => ({ drive: log.id, writer: log.writer, device: log.deviceName }))
    const known = tree.lengths
    if (known.size !== drives.length || drives.some(({ drive }) => !known.has(drive))) changed.push(...(await tree.setDrives(drives)))
    for (const { log, limit } of this.#followed) changed.push(...(await this.#tell(tree, log, Math.min(this.length(log), limit))))
    const now = await tree.getMany(changed)
    for (const [index, path] of changed.entries()) {
      const merged = now[index] ?? null
      const entry = toldEntry(merged)
      if (entry === null) this.#shown.delete(path)
      else this.#shown.set(path, { entry, conflictOf: merged?.conflictOf ?? null })
    }
    return tree
  }

  async #tell(tree: MergedTree, log: DeviceLog, to: number): Promise<readonly FolderPath[]> {
    const from = this.#told.get(log) ?? 0
    if (from === to) return []
    this.#told.set(log, to)
    const records: (readonly [FolderPath, EntryOrTombstone | null])[] = []
    if (to > from) for (const { path, entry } of log.records.slice(from, to)) records.push([path, entry])
    else {
      // The log ends earlier now: of paths that changed behind that, it tells what it told before.
      const before = log.told(to)
      for (const { path } of log.records.slice(to, from)) records.push([path, before.get(path) ?? null])
    }
    return await tree.apply({ drive: log.id, length: to, records })
  }

  /** Writes changes to a log as one version. */
  async commit(log: DeviceLog, changes: readonly DriveChange[]): Promise<readonly PlannedRecord[]> {
    const records = await this.#parts.planCommit(await this.tree(), changes, { writer: log.writer, drive: log.id })
    this.append(log, records)
    return records
  }

  append(log: DeviceLog, records: readonly PlannedRecord[]): void {
    if (records.length === 0) return
    log.append(records)
    this.take(log, log.records.length)
  }

  /** The merge from scratch of all that is held. */
  scratch(): Map<FolderPath, MergedEntry> {
    const versions = new Map<FolderPath, DriveVersion[]>()
    const names = new Map<DriveId, string>()
    for (const { log, limit } of this.#followed) {
      names.set(log.writer, log.deviceName)
      for (const [path, entry] of log.told(Math.min(this.length(log), limit))) {
        versions.set(path, [...(versions.get(path) ?? []), { drive: log.id, writer: log.writer, entry }])
      }
    }
    return this.#parts.mergeFolder(versions, names)
  }

  /** Asserts that the tree, kept up to date step by step, is the merge from scratch. */
  async checkTree(): Promise<void> {
    const scratch = this.scratch()
    const shown = await this.shown()
    const told = new Map<FolderPath, Shown>()
    for (const [path, merged] of scratch) {
      const entry = toldEntry(merged)
      if (entry !== null) told.set(path, { entry, conflictOf: merged.conflictOf })
    }
    assert.deepEqual(linesOf(shown), linesOf(told), 'the merged tree is not the merge from scratch')
  }
}

/** A folder as lines that compare: paths, contents, times, vectors, and whose conflict copy a path is. */
export function linesOf(shown: ReadonlyMap<FolderPath, Shown>): string[] {
  return [...shown]
    .map(([path, { entry, conflictOf }]) => {
      const vector = Object.entries(entry.vector)
        .map(([writer, count]) => `${writer}:${count}`)
        .sort()
        .join(' ')
      const text = entry.kind === 'file' ? entry.hash : entry.kind === 'symlink' ? entry.target : ''
      return `${path} ${entry.kind} ${text} ${entry.mtimeMs} ${conflictOf ?? '-'} ${vector}`
    })
    .sort()
}
