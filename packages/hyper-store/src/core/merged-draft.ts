/** One step of the merged tree while it is worked out: what was, what becomes of it, and which paths look different then. */
import { sameContent } from './content.ts'
import type { DriveId, Entry, EntryOrTombstone, FolderPath } from './entries.ts'
import { conflictName } from './kept-names.ts'
import { mergePath, sortByWeight, writerOf, type Loser, type MergedEntry, type MergedPath } from './merge.ts'
import {
  countIn,
  decodeName,
  decodePath,
  EMPTY_NAME,
  EMPTY_PATH,
  encodeName,
  encodePath,
  type CopyName,
  type NameRow,
  type PathRow,
} from './merged-rows.ts'
import { ancestorsOf, comparePaths } from './paths.ts'
import type { PathIndex, PathWrite } from './path-index.ts'

/** Whose drives the folder has: who writes a drive, and what that device is called in conflict names. */
export interface Devices {
  writerOf(drive: DriveId): DriveId
  /** By writer; the writer itself for an unknown one. */
  nameOf(writer: DriveId): string
}

/** A value before the step and after it. */
interface Held<Value> {
  readonly old: Value
  now: Value
}

/** What a step comes to. */
export interface DraftResult {
  readonly writes: readonly PathWrite[]
  /** Paths that show something else now, in no order, each once. */
  readonly changed: readonly FolderPath[]
  readonly files: number
  readonly bytes: number
  readonly conflicts: number
}

/** The merge of what drives tell of a path. */
export function mergeRow(row: PathRow, devices: Devices): MergedPath {
  return mergePath(row.versions.map(({ drive, entry }) => ({ drive, writer: devices.writerOf(drive), entry })))
}

/** The versions of a path that are shown under conflict names, the weightiest first. */
export function losersOf(row: PathRow, merged: MergedPath): readonly Loser[] {
  const { winner, drive, writer, losers } = merged
  if (losers.length === 0 && !row.demoted) return []
  if (!row.demoted || winner === null || drive === null || writer === null || !holdsBytes(winner)) return sortByWeight(losers)
  return sortByWeight([{ drive, writer, entry: winner }, ...losers])
}

/** True for what a copy saves: files and links. */
export function holdsBytes(entry: EntryOrTombstone | null): entry is Entry & { kind: 'file' | 'symlink' } {
  return entry !== null && (entry.kind === 'file' || entry.kind === 'symlink')
}

/** The real entry that a path shows, or its tombstone; null where there is none or a folder has the name. */
export function realEntry(row: PathRow, merged: MergedPath): MergedEntry | null {
  const { winner, drive, writer } = merged
  if (winner === null || drive === null || writer === null || row.demoted) return null
  return { entry: winner, drive, writer, conflictOf: null }
}

/** The copy of `main` that is shown as `name`; null when it has none of that name. */
export function copyEntry(main: FolderPath, row: PathRow, name: FolderPath, merged: MergedPath): MergedEntry | null {
  const drive = row.copies.find((copy) => copy.name === name)?.drive
  const loser = losersOf(row, merged).find((each) => each.drive === drive)
  return loser === undefined ? null : { entry: loser.entry, drive: loser.drive, writer: writerOf(loser), conflictOf: main }
}

/** Rows read for one step, changed in memory, and told as writes in the end. */
export class Draft {
  readonly #index: PathIndex
  readonly #devices: Devices
  readonly #paths = new Map<FolderPath, Held<PathRow>>()
  readonly #folders = new Map<FolderPath, Held<number>>()
  readonly #names = new Map<FolderPath, Held<NameRow>>()
  readonly #merges = new WeakMap<PathRow, MergedPath>()
  /** Paths that may show something else. */
  readonly #affected = new Set<FolderPath>()
  /** Paths whose copies are to be named again, in order. */
  readonly #toName: FolderPath[] = []
  readonly #hasNames: boolean

  /** `hasNames`: false when no conflict copy exists, so that no name has to be looked up. */
  constructor(index: PathIndex, devices: Devices, hasNames: boolean) {
    this.#index = index
    this.#devices = devices
    this.#hasNames = hasNames
  }

  /** Takes what a drive tells of paths now; null for nothing any more. */
  async tell(drive: DriveId, records: ReadonlyMap<FolderPath, EntryOrTombstone | null>): Promise<void> {
    await this.#loadPaths(records.keys())
    const touched = new Set<FolderPath>()
    const growth = new Map<FolderPath, number>()
    for (const [path, entry] of records) {
      const held = this.#path(path)
      const told = held.now.versions.find((version) => version.drive === drive)
      if (entry === null ? told === undefined : told !== undefined && sameVersion(told.entry, entry)) continue
      const others = held.now.versions.filter((version) => version.drive !== drive)
      const wasLive = isLive(this.#merged(held.now))
      held.now = { ...held.now, versions: entry === null ? others : [...others, { drive, entry }] }
      touched.add(path)
      const live = isLive(this.#merged(held.now))
      if (live === wasLive) continue
      for (const above of ancestorsOf(path)) growth.set(above, (growth.get(above) ?? 0) + (live ? 1 : -1))
    }
    await this.#settleFolders(touched, growth)
    await this.#nameAll()
  }

  /** Names the copies of these paths again: devices have other names now. */
  async rename(paths: readonly FolderPath[]): Promise<void> {
    await this.#loadPaths(paths)
    this.#toName.push(...[...paths].sort(comparePaths))
    await this.#nameAll()
  }

  /** Folders appear and vanish with what is in them; a file gives way where one has its name. */
  async #settleFolders(touched: ReadonlySet<FolderPath>, growth: ReadonlyMap<FolderPath, number>): Promise<void> {
    const files = [...touched].filter((path) => holdsBytes(this.#merged(this.#path(path).now).winner))
    await this.#loadFolders([...growth.keys(), ...files])
    const flipped = new Set<FolderPath>()
    for (const [folder, more] of growth) {
      const held = this.#folder(folder)
      const was = held.now > 0
      held.now += more
      if (was !== held.now > 0) flipped.add(folder)
    }
    await this.#loadPaths(flipped)
    const looked = new Set([...touched, ...flipped])
    const toName = new Set<FolderPath>()
    for (const path of looked) {
      const held = this.#path(path)
      const merged = this.#merged(held.now)
      const demoted = holdsBytes(merged.winner) && this.#folder(path).now > 0
      if (demoted !== held.now.demoted) held.now = { ...held.now, demoted }
      this.#affected.add(path)
      if (demoted || merged.losers.length > 0 || held.now.tried.length > 0) toName.add(path)
    }
    if (this.#hasNames) {
      await this.#loadNames(looked)
      for (const path of looked) for (const claimant of this.#name(path).now.claimants) toName.add(claimant)
    }
    await this.#loadPaths(toName)
    this.#toName.push(...[...toName].sort(comparePaths))
  }

  /** Names go to paths in their order, so that a path is done once all before it are, and disturbs only those after it. */
  async #nameAll(): Promise<void> {
    await this.#lookAhead()
    for (let path = this.#toName.shift(); path !== undefined; path = this.#toName.shift()) {
      await this.#loadPaths([path])
      await this.#nameCopies(path)
    }
  }

  /** Reads at once what the first choice of each name needs. */
  async #lookAhead(): Promise<void> {
    const wanted = new Set<FolderPath>()
    for (const path of this.#toName) {
      const { now } = this.#path(path)
      for (const name of now.tried) wanted.add(name)
      for (const loser of losersOf(now, this.#merged(now))) wanted.add(this.#nameFor(path, loser, 1))
    }
    if (wanted.size === 0) return
    await Promise.all([this.#loadPaths(wanted), this.#loadFolders(wanted), this.#loadNames(wanted)])
  }

  async #nameCopies(path: FolderPath): Promise<void> {
    const held = this.#path(path)
    const before = held.now
    const copies: CopyName[] = []
    const tried = new Set<FolderPath>()
    for (const loser of losersOf(before, this.#merged(before))) {
      for (let attempt = 1; ; attempt++) {
        const name = this.#nameFor(path, loser, attempt)
        if (tried.has(name) && copies.some((copy) => copy.name === name)) continue
        tried.add(name)
        if (!(await this.#isFree(name, path))) continue
        copies.push({ name, drive: loser.drive })
        break
      }
    }
    held.now = { ...before, copies, tried: [...tried] }
    for (const { name } of [...before.copies, ...copies]) this.#affected.add(name)
    await this.#loadNames([...before.tried, ...tried])
    for (const name of new Set([...before.tried, ...tried])) {
      const holds = copies.some((copy) => copy.name === name)
      const row = this.#name(name)
      const others = row.now.claimants.filter((other) => other !== path)
      const holder = holds ? path : row.now.holder === path ? null : row.now.holder
      if (holder !== row.now.holder) for (const other of others) if (comparePaths(other, path) > 0) this.#nameLater(other)
      row.now = { holder, claimants: tried.has(name) ? [...others, path].sort(comparePaths) : others }
    }
  }

  #nameLater(path: FolderPath): void {
    let low = 0
    let high = this.#toName.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = this.#toName[middle]
      if (at === path) return
      if (at !== undefined && comparePaths(at, path) < 0) low = middle + 1
      else high = middle
    }
    this.#toName.splice(low, 0, path)
  }

  #nameFor(path: FolderPath, loser: Loser, attempt: number): FolderPath {
    return conflictName(path, this.#devices.nameOf(writerOf(loser)), loser.entry.mtimeMs, attempt)
  }

  /** No real entry has the name, no folder, and no copy of a path before `path`. */
  async #isFree(name: FolderPath, path: FolderPath): Promise<boolean> {
    await this.#loadPaths([name])
    await this.#loadFolders([name])
    await this.#loadNames([name])
    if (this.#folder(name).now > 0 || isLive(this.#merged(this.#path(name).now))) return false
    const { holder } = this.#name(name).now
    return holder === null || holder === path || comparePaths(holder, path) > 0
  }

  /** What the step comes to, as against what was. */
  async result(): Promise<DraftResult> {
    const holders = [...this.#affected].flatMap((path) => {
      const held = this.#names.get(path)
      return held === undefined ? [] : [held.old.holder, held.now.holder]
    })
    if (this.#hasNames) await this.#loadNames(this.#affected)
    await this.#loadPaths([...this.#affected, ...holders.filter((holder) => holder !== null)])
    const changed: FolderPath[] = []
    let files = 0
    let bytes = 0
    for (const path of this.#affected) {
      const old = await this.#shown(path, 'old')
      const now = await this.#shown(path, 'now')
      if (sameShown(old, now)) continue
      changed.push(path)
      files += filesIn(now) - filesIn(old)
      bytes += bytesIn(now) - bytesIn(old)
    }
    return { ...this.#writes(), changed, files, bytes }
  }

  #writes(): { writes: PathWrite[]; conflicts: number } {
    const writes: PathWrite[] = []
    let conflicts = 0
    for (const [key, { old, now }] of this.#paths) {
      if (old === now) continue
      writes.push({ table: 'path', key, row: encodePath(now) })
      conflicts += now.copies.length - old.copies.length
      if (now.copies.length > 0 !== old.copies.length > 0) writes.push({ table: 'conflict', key, row: now.copies.length > 0 ? [] : null })
    }
    for (const [key, { old, now }] of this.#folders) if (old !== now) writes.push({ table: 'folder', key, row: now > 0 ? [now] : null })
    for (const [key, { old, now }] of this.#names) if (old !== now) writes.push({ table: 'name', key, row: encodeName(now) })
    return { writes, conflicts }
  }

  async #shown(path: FolderPath, side: 'old' | 'now'): Promise<MergedEntry | null> {
    const row = this.#path(path)[side]
    const real = realEntry(row, this.#merged(row))
    if (real !== null && real.entry.kind !== 'tombstone') return real
    const holder = this.#names.get(path)?.[side].holder ?? null
    if (holder === null) return real
    await this.#loadPaths([holder])
    const main = this.#path(holder)[side]
    return copyEntry(holder, main, path, this.#merged(main)) ?? real
  }

  #merged(row: PathRow): MergedPath {
    let merged = this.#merges.get(row)
    if (merged === undefined) {
      merged = mergeRow(row, this.#devices)
      this.#merges.set(row, merged)
    }
    return merged
  }

  #path(path: FolderPath): Held<PathRow> {
    return loaded(this.#paths, path)
  }
  #name(path: FolderPath): Held<NameRow> {
    return loaded(this.#names, path)
  }
  /** A folder that was not looked up is one that nothing asked about: it is none. */
  #folder(path: FolderPath): Held<number> {
    return this.#folders.get(path) ?? { old: 0, now: 0 }
  }

  async #loadPaths(keys: Iterable<FolderPath>): Promise<void> {
    const missing = missingIn(this.#paths, keys)
    const rows = missing.length === 0 ? [] : await this.#index.getMany('path', missing)
    for (const [i, key] of missing.entries()) hold(this.#paths, key, rows[i] == null ? EMPTY_PATH : decodePath(rows[i]))
  }
  async #loadFolders(keys: Iterable<FolderPath>): Promise<void> {
    const missing = missingIn(this.#folders, keys)
    const rows = missing.length === 0 ? [] : await this.#index.getMany('folder', missing)
    for (const [i, key] of missing.entries()) hold(this.#folders, key, countIn(rows[i] ?? null))
  }
  async #loadNames(keys: Iterable<FolderPath>): Promise<void> {
    const missing = missingIn(this.#names, keys)
    const rows = missing.length === 0 || !this.#hasNames ? [] : await this.#index.getMany('name', missing)
    for (const [i, key] of missing.entries()) hold(this.#names, key, rows[i] == null ? EMPTY_NAME : decodeName(rows[i]))
  }
}

function missingIn<Value>(held: ReadonlyMap<FolderPath, Value>, keys: Iterable<FolderPath>): FolderPath[] {
  const missing = new Set<FolderPath>()
  for (const key of keys) if (!held.has(key)) missing.add(key)
  return [...missing]
}
function hold<Value>(held: Map<FolderPath, Held<Value>>, key: FolderPath, value: Value): void {
  if (!held.has(key)) held.set(key, { old: value, now: value })
}
function loaded<Value>(held: ReadonlyMap<FolderPath, Held<Value>>, key: FolderPath): Held<Value> {
  const found = held.get(key)
  if (found === undefined) throw new Error('a row is loaded before it is used')
  return found
}

function isLive({ winner }: MergedPath): boolean {
  return winner !== null && winner.kind !== 'tombstone'
}

/** True when a drive tells the very same again. */
function sameVersion(a: EntryOrTombstone, b: EntryOrTombstone): boolean {
  if (a.mtimeMs !== b.mtimeMs || a.writer !== b.writer || !sameContent(a, b)) return false
  const counters = Object.keys(a.vector)
  if (counters.length !== Object.keys(b.vector).length || counters.some((id) => a.vector[id] !== b.vector[id])) return false
  if (a.kind !== 'file' || b.kind !== 'file') return true
  const left = a.content
  const right = b.content
  if (left === null || right === null) return left === right
  return (
    left.drive === right.drive &&
    left.blockOffset === right.blockOffset &&
    left.blockLength === right.blockLength &&
    left.parts === right.parts
  )
}

function sameShown(a: MergedEntry | null, b: MergedEntry | null): boolean {
  if (a === null || b === null) return a === b
  return a.drive === b.drive && a.conflictOf === b.conflictOf && sameVersion(a.entry, b.entry)
}

function filesIn(shown: MergedEntry | null): number {
  return shown !== null && holdsBytes(shown.entry) ? 1 : 0
}
function bytesIn(shown: MergedEntry | null): number {
  return shown?.entry.kind === 'file' ? Math.max(0, shown.entry.size) : 0
}
