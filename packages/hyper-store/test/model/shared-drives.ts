/** Device drives of the shared model as plain lists: what each device wrote, who holds how much of it, and the merge of what is held. */
import assert from 'node:assert/strict'
import { sameContent } from '../../src/core/content.ts'
import type { DriveId, EntryOrTombstone, FolderPath, VersionVector } from '../../src/core/entries.ts'
import { mergeFolder, type DriveVersion, type MergedEntry } from '../../src/core/merge.ts'
import { joinVectors } from '../../src/core/vectors.ts'

/** One line of a log. */
export interface LogRecord {
  readonly path: FolderPath
  readonly entry: EntryOrTombstone
}

/** The log of one device drive. */
export class DeviceLog {
  readonly id: DriveId
  /** The name of its device in vectors. */
  readonly writer: DriveId
  readonly deviceName: string
  readonly records: LogRecord[] = []
  /** Lengths that are whole versions, ascending: only those travel. */
  readonly commits: number[] = [0]

  constructor(id: DriveId, writer: DriveId, deviceName: string) {
    this.id = id
    this.writer = writer
    this.deviceName = deviceName
  }

  append(records: readonly LogRecord[]): void {
    this.records.push(...records)
    this.commits.push(this.records.length)
  }

  /** The length after `versions` more whole versions from `have`, no further than `limit`. */
  lengthAfter(have: number, versions: number, limit: number): number {
    const more = this.commits.filter((length) => length > have && length <= limit)
    return more[Math.min(more.length, versions) - 1] ?? have
  }
}

/** A change that a device wants to write, as the port has it. */
export type SharedChange =
  | { readonly op: 'put'; readonly path: FolderPath; readonly entry: EntryOrTombstone }
  | { readonly op: 'delete'; readonly path: FolderPath; readonly vector: VersionVector; readonly mtimeMs: number }

/** A drive that a device follows; `limit` is where the log of a removed member ends for the folder. */
export interface Followed {
  readonly log: DeviceLog
  readonly limit: number
}

/** How the model merges; planted defects replace it. */
export type Merge = typeof mergeFolder

/** What one device holds of the folder, and the merge of that. */
export class HeldDrives {
  readonly #held = new Map<DeviceLog, number>()
  readonly #views = new Map<DeviceLog, { length: number; entries: Map<FolderPath, EntryOrTombstone> }>()
  readonly #merge: Merge
  #followed: readonly Followed[] = []
  #merged: Map<FolderPath, MergedEntry> | null = null

  constructor(merge: Merge = mergeFolder) {
    this.#merge = merge
  }

  /** Length of a log that is here. */
  length(log: DeviceLog): number {
    return this.#held.get(log) ?? 0
  }

  /** Takes a log up to a length; false when that is nothing new. */
  take(log: DeviceLog, length: number): boolean {
    if (length <= this.length(log)) return false
    this.#held.set(log, length)
    this.#merged = null
    return true
  }

  follow(followed: readonly Followed[]): void {
    this.#followed = followed
    this.#merged = null
  }

  get followed(): readonly Followed[] {
    return this.#followed
  }

  /** Version of the folder as users see it. */
  version(): number {
    return this.#followed.reduce((sum, { log, limit }) => sum + Math.min(this.length(log), limit), 0)
  }

  merged(): ReadonlyMap<FolderPath, MergedEntry> {
    if (this.#merged !== null) return this.#merged
    const versions = new Map<FolderPath, DriveVersion[]>()
    const names = new Map<DriveId, string>()
    for (const { log, limit } of this.#followed) {
      names.set(log.writer, log.deviceName)
      for (const [path, entry] of this.#view(log, Math.min(this.length(log), limit))) {
        const version = { drive: log.id, writer: log.writer, entry }
        const known = versions.get(path)
        if (known === undefined) versions.set(path, [version])
        else known.push(version)
      }
    }
    this.#merged = this.#merge(versions, names)
    return this.#merged
  }

  /** What all drives tell of a path. */
  versions(path: FolderPath): DriveVersion[] {
    const versions: DriveVersion[] = []
    for (const { log, limit } of this.#followed) {
      const entry = this.#view(log, Math.min(this.length(log), limit)).get(path)
      if (entry !== undefined) versions.push({ drive: log.id, writer: log.writer, entry })
    }
    return versions
  }

  /** True when a drive of that writer tells this content of the path. */
  isOwn(entry: EntryOrTombstone, path: FolderPath, writer: DriveId): boolean {
    return this.versions(path).some((told) => told.writer === writer && sameContent(told.entry, entry))
  }

  #view(log: DeviceLog, length: number): Map<FolderPath, EntryOrTombstone> {
    let view = this.#views.get(log)
    if (view === undefined || view.length > length) {
      view = { length: 0, entries: new Map() }
      this.#views.set(log, view)
    }
    for (; view.length < length; view.length++) {
      const record = log.records[view.length]
      assert(record !== undefined)
      view.entries.set(record.path, record.entry)
    }
    return view.entries
  }
}

/** Whose changes are written: its name in vectors, and how much it wrote so far. */
export interface Author {
  readonly writer: DriveId
  readonly written: number
}

/**
 * What a device really writes for its changes. Touching a derived conflict copy settles it: the main path gets a version that has
 * seen both sides, and a deleted copy leaves no tombstone of its own. A drive tells one version of a path, so that a device whose own
 * version stands as a copy and who now writes over the main path makes that copy a file of its own first.
 */
export function writesOf(changes: readonly SharedChange[], held: HeldDrives, { writer, written }: Author): LogRecord[] {
  const merged = held.merged()
  const records = new Map<FolderPath, EntryOrTombstone>()
  const settled = new Map<FolderPath, VersionVector>()
  const next = (vector: VersionVector) => ({ ...vector, [writer]: Math.max(vector[writer] ?? 0, written) + 1 })
  // Counters of the main path mean nothing at the copy's: what was ever told there is seen too.
  const atCopy = (path: FolderPath) => held.versions(path).reduce<VersionVector>((seen, { entry }) => joinVectors(seen, entry.vector), {})
  for (const change of changes) {
    const was = merged.get(change.path)
    const copyOf = was?.conflictOf ?? null
    if (copyOf === null || was === undefined) {
      records.set(change.path, change.op === 'put' ? change.entry : { kind: 'tombstone', vector: change.vector, mtimeMs: change.mtimeMs })
      continue
    }
    if (change.op === 'put') records.set(change.path, { ...change.entry, vector: next(joinVectors(change.entry.vector, atCopy(change.path))) })
    settled.set(copyOf, joinVectors(settled.get(copyOf) ?? {}, was.entry.vector))
  }
  for (const [main, seen] of settled) {
    const winner = merged.get(main)
    const entry = records.get(main) ?? (winner?.conflictOf === null ? winner.entry : { kind: 'tombstone' as const, mtimeMs: 0, vector: {} })
    records.set(main, { ...entry, vector: next(joinVectors(entry.vector, seen)) })
  }
  const touched = new Set(changes.map(({ path }) => path))
  for (const [path, { entry, conflictOf }] of merged) {
    const main = conflictOf === null ? undefined : records.get(conflictOf)
    if (main === undefined || touched.has(path)) continue
    if (!held.isOwn(entry, conflictOf as FolderPath, writer)) continue
    records.set(path, { ...entry, vector: next(joinVectors(entry.vector, atCopy(path))) })
  }
  return [...records].map(([path, entry]) => ({ path, entry }))
}
