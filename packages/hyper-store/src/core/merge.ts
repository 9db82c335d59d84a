/**
 * The merge of device drives: per path the version that no other dominates, the same on every device whatever the order in
 * which versions arrive. Where several stand side by side one wins by a fixed rule and the others are shown under conflict names.
 */
import { sameContent } from './content.ts'
import type { DriveId, Entry, EntryOrTombstone, FolderPath, VersionVector } from './entries.ts'
import { conflictName } from './kept-names.ts'
import { ancestorsOf, comparePaths } from './paths.ts'
import { compareVectors, joinVectors } from './vectors.ts'

/** One version of a path, with the device drive that tells it. */
export interface DriveVersion {
  readonly drive: DriveId
  /** Name in vectors of the device whose drive it is; default: the drive's id, as in a device's first drive. */
  readonly writer?: DriveId | undefined
  readonly entry: EntryOrTombstone
}
/** A version that stands beside the winner and is shown under a conflict name. */
export interface Loser extends DriveVersion {
  readonly entry: Entry
}
/** What a path is after the merge. */
export interface MergedPath {
  /** Null only when there are no versions. */
  readonly winner: EntryOrTombstone | null
  /** The drive that told the winner; null only when there are no versions. */
  readonly drive: DriveId | null
  /** Who wrote the winner; null only when there are no versions. */
  readonly writer: DriveId | null
  readonly losers: readonly Loser[]
}

/** Who wrote a version. An entry that was taken over from a drive that no longer counts names its writer itself. */
export function writerOf(version: DriveVersion): DriveId {
  return version.entry.writer ?? version.writer ?? version.drive
}

/**
 * Merges the versions of one path. Dominated versions drop out. Of those left: files and symlinks beat an empty folder, which
 * beats a tombstone (an edit beats a delete, and neither of the two others holds bytes to lose); then the newest `mtimeMs`; then the greatest
 * writer, then the greatest drive id. Equal content is no conflict: the winner's vector then is the join, unless that would also swallow a
 * loser that none of them has seen.
 */
export function mergePath(versions: readonly DriveVersion[]): MergedPath {
  const [first] = versions
  if (first !== undefined && versions.length === 1) return { winner: first.entry, drive: first.drive, writer: writerOf(first), losers: [] }
  const standing = versions
    .filter((version) => !versions.some((other) => compareVectors(version.entry.vector, other.entry.vector) === 'before'))
    .sort(byWeight)
  const [best] = standing
  if (best === undefined) return { winner: null, drive: null, writer: null, losers: [] }
  const agreeing = standing.filter((version) => sameContent(version.entry, best.entry))
  const losers = losersOf(standing.filter((version) => !sameContent(version.entry, best.entry)))
  return { winner: { ...best.entry, vector: joinedVector(best, agreeing, losers) }, drive: best.drive, writer: writerOf(best), losers }
}

function losersOf(others: readonly DriveVersion[]): Loser[] {
  const losers: Loser[] = []
  for (const version of others) {
    const { entry } = version
    // Tombstones and empty folders hold nothing that a copy could save.
    if (entry.kind === 'tombstone' || entry.kind === 'folder') continue
    // The list is sorted: of equal losers the weightiest is shown, once.
    if (!losers.some((loser) => sameContent(loser.entry, entry))) losers.push({ ...version, entry })
  }
  return losers
}

function joinedVector(best: DriveVersion, agreeing: readonly DriveVersion[], losers: readonly Loser[]): VersionVector {
  const joined = agreeing.reduce<VersionVector>((vector, version) => joinVectors(vector, version.entry.vector), best.entry.vector)
  // Else the next edit, made on top of this vector, would silently end a conflict that nobody settled.
  const swallows = losers.some((loser) => compareVectors(joined, loser.entry.vector) === 'after')
  return swallows ? best.entry.vector : joined
}

const KIND_WEIGHT = { file: 2, symlink: 2, folder: 1, tombstone: 0 } as const

function byWeight(a: DriveVersion, b: DriveVersion): number {
  const kind = KIND_WEIGHT[b.entry.kind] - KIND_WEIGHT[a.entry.kind]
  if (kind !== 0) return kind
  if (a.entry.mtimeMs !== b.entry.mtimeMs) return b.entry.mtimeMs - a.entry.mtimeMs
  const left = writerOf(a)
  const right = writerOf(b)
  if (left !== right) return left < right ? 1 : -1
  if (a.drive !== b.drive) return a.drive < b.drive ? 1 : -1
  return 0
}

/** The weightiest version first: the order in which losers take their names. */
export function sortByWeight<Version extends DriveVersion>(versions: readonly Version[]): Version[] {
  return [...versions].sort(byWeight)
}

/** An entry under the name that it has in the merged folder. */
export interface ConflictCopy {
  readonly path: FolderPath
  readonly drive: DriveId
  readonly writer: DriveId
  readonly entry: Entry
}

/**
 * Names for the losers of a path, the same on every device. `deviceNames` maps writers to device names (the writer itself stands
 * in for an unknown one). Real entries win a name: `isTaken` says which are used, and the next number is taken then.
 */
export function deriveConflicts(
  path: FolderPath,
  losers: readonly Loser[],
  deviceNames: ReadonlyMap<DriveId, string>,
  isTaken: (path: FolderPath) => boolean,
): ConflictCopy[] {
  const copies: ConflictCopy[] = []
  const used = new Set<FolderPath>()
  for (const loser of sortByWeight(losers)) {
    const { drive, entry } = loser
    const writer = writerOf(loser)
    const device = deviceNames.get(writer) ?? writer
    let name = conflictName(path, device, entry.mtimeMs)
    for (let attempt = 2; used.has(name) || isTaken(name); attempt++) name = conflictName(path, device, entry.mtimeMs, attempt)
    used.add(name)
    copies.push({ path: name, drive, writer, entry })
  }
  return copies
}

/** One path of a merged folder. `conflictOf` is the path whose conflict copy it is; null for a real entry. */
export interface MergedEntry {
  readonly entry: EntryOrTombstone
  readonly drive: DriveId
  readonly writer: DriveId
  readonly conflictOf: FolderPath | null
}

/**
 * Merges all paths of a folder. Where one device has a file `a` and another `a/b`, the folder keeps the name, since its content
 * could not move without touching many paths, and the file is shown under a conflict name beside it.
 */
export function mergeFolder(
  versions: ReadonlyMap<FolderPath, readonly DriveVersion[]>,
  deviceNames: ReadonlyMap<DriveId, string>,
): Map<FolderPath, MergedEntry> {
  const merged = new Map<FolderPath, MergedEntry>()
  const toDerive: { path: FolderPath; losers: readonly Loser[] }[] = []
  for (const path of [...versions.keys()].sort(comparePaths)) {
    const { winner, drive, writer, losers } = mergePath(versions.get(path) ?? [])
    if (winner === null || drive === null || writer === null) continue
    merged.set(path, { entry: winner, drive, writer, conflictOf: null })
    if (losers.length > 0) toDerive.push({ path, losers })
  }
  const folders = new Set<FolderPath>()
  for (const [path, { entry }] of merged) {
    if (entry.kind !== 'tombstone') for (const above of ancestorsOf(path)) folders.add(above)
  }
  for (const [path, { entry, drive, writer }] of merged) {
    if (!folders.has(path) || (entry.kind !== 'file' && entry.kind !== 'symlink')) continue
    merged.delete(path)
    const derived = toDerive.find((other) => other.path === path)
    const loser = { drive, writer, entry }
    if (derived === undefined) toDerive.push({ path, losers: [loser] })
    else derived.losers = [loser, ...derived.losers]
  }
  toDerive.sort((a, b) => comparePaths(a.path, b.path))
  for (const { path, losers } of toDerive) {
    // A tombstone does not hold a name, but a folder that exists by its content does.
    const isTaken = (name: FolderPath) => folders.has(name) || (merged.has(name) && merged.get(name)?.entry.kind !== 'tombstone')
    for (const copy of deriveConflicts(path, losers, deviceNames, isTaken)) {
      merged.set(copy.path, { entry: copy.entry, drive: copy.drive, writer: copy.writer, conflictOf: path })
    }
  }
  return merged
}
