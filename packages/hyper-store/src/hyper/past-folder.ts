/** A folder as of one version: the drives at given lengths, merged; read by path, by folder, or whole. */
import type { DriveId, Entry, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { liveEntry } from '../core/content.ts'
import { deriveConflicts, mergeFolder, mergePath, type DriveVersion, type Loser } from '../core/merge.ts'
import { comparePaths, parentOf } from '../core/paths.ts'
import type { Child, DriveView } from './drive-view.ts'

/** One drive of the folder at its length. */
export interface PastDrive {
  readonly id: DriveId
  /** Name of its device in version vectors. */
  readonly writer: DriveId
  /** Name of its device in conflict names. */
  readonly device: string
  readonly view: DriveView
}

/** What the folder shows at a path. */
export interface PastEntry {
  readonly path: FolderPath
  readonly entry: Entry
  /** The path whose conflict copy it is; null for an entry of its own. */
  readonly conflictOf: FolderPath | null
}

/** One name in a folder; a null entry is a folder that has something in it. */
export interface PastChild {
  readonly name: string
  readonly entry: Entry | null
}

const SLASH = '/'.charCodeAt(0)
/** From here on trees, which go by UTF-8, and paths, which go by UTF-16, have another order. */
const OTHER_ORDER = /[\uD800-\uFFFF]/

/** Names that `deriveConflicts` may have made; anything else is never looked for among copies. */
export const COPY_NAME = / \(conflict [^/]*\)/u

/** Reads a folder of some drives at fixed lengths. Sizes are -1 where a stock drive does not tell them. Closing frees the views. */
export class PastFolder implements AsyncDisposable {
  readonly #drives: readonly PastDrive[]
  readonly #names: ReadonlyMap<DriveId, string>

  constructor(drives: readonly PastDrive[]) {
    this.#drives = drives
    this.#names = new Map(drives.map(({ writer, device }) => [writer, device]))
  }

  /** What is at a path; null for nothing, and for a folder that has something in it. */
  async get(path: FolderPath): Promise<PastEntry | null> {
    const [only] = this.#drives
    if (this.#drives.length === 1 && only !== undefined) {
      const entry = liveEntry(await only.view.get(path))
      return entry === null ? null : { path, entry, conflictOf: null }
    }
    const shown = (await this.shownBy(path)).find((one) => one.path === path)
    if (shown !== undefined || !COPY_NAME.test(path)) return shown ?? null
    for (const copy of await this.#copiesIn(parentOf(path))) if (copy.path === path) return copy
    return null
  }

  /** True when something that is not deleted lies below the path. */
  async hasFolder(path: string): Promise<boolean> {
    const [only] = this.#drives
    if (this.#drives.length === 1 && only !== undefined) return only.view.hasFolder(path)
    for (const { view } of this.#drives) {
      for await (const record of view.records(path)) {
        if (liveEntry(record.entry) !== null && liveEntry((await this.#merged(record.path)).winner) !== null) return true
      }
    }
    return path === ''
  }

  /** Names in a folder, each once; in order of name where several devices write. */
  async *children(folder: string): AsyncIterable<PastChild> {
    const [only] = this.#drives
    if (this.#drives.length === 1 && only !== undefined) {
      const seen = new Set<string>()
      for await (const { name, record } of only.view.children(folder)) {
        const entry = record === null ? null : liveEntry(record.entry)
        if (name === '' || seen.has(name) || (record !== null && entry === null)) continue
        seen.add(name)
        yield { name, entry }
      }
      return
    }
    const found = new Map<string, Entry | null>()
    for (const name of await this.#namesIn(folder)) {
      const path = within(folder, name)
      for (const shown of await this.shownBy(path)) {
        if (parentOf(shown.path) === parentOf(path)) found.set(shown.path.slice(shown.path.lastIndexOf('/') + 1), shown.entry)
      }
      if (found.get(name)?.kind !== 'file' && found.get(name)?.kind !== 'symlink' && (await this.hasFolder(path))) found.set(name, null)
    }
    for (const [name, entry] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) yield { name, entry }
  }

  /**
   * The first names in a folder by `comparePaths`, without reading the rest of it: `limit` of them, fewer when there are no more. Null where
   * that can't be told without reading all, as in folders of several devices.
   */
  async firstChildren(folder: string, limit: number): Promise<PastChild[] | null> {
    const [only] = this.#drives
    if (this.#drives.length !== 1 || only === undefined) return null
    const found = new Map<string, Entry | null>()
    const take = ({ name, record }: Child): void => {
      const entry = record === null ? null : liveEntry(record.entry)
      if (name !== '' && (record === null || entry !== null) && !found.has(name)) found.set(name, entry)
    }
    let last: string | null = null
    for await (const child of only.view.filesIn(folder)) {
      if (OTHER_ORDER.test(child.name)) return null
      take(child)
      last = child.name
      if (found.size >= limit) break
    }
    // A folder comes where its name with a slash stands, but is told before names that go on with a lesser sign.
    if (last !== null && found.size >= limit) {
      for (let end = 1; end < last.length; end++) {
        const name = last.slice(0, end)
        if (last.charCodeAt(end) < SLASH && !found.has(name) && (await only.view.hasFolder(within(folder, name)))) found.set(name, null)
      }
    }
    for await (const child of only.view.emptyFoldersIn(folder)) take(child)
    const first = [...found].map(([name, entry]) => ({ name, entry }))
    return first.sort((a, b) => comparePaths(within(folder, a.name), within(folder, b.name))).slice(0, limit)
  }

  /** Everything below a folder ('' for all), parents first where several devices write. */
  async *entries(below = ''): AsyncIterable<PastEntry> {
    const [only] = this.#drives
    if (this.#drives.length === 1 && only !== undefined) {
      for await (const { path, entry } of only.view.records(below)) {
        const live = liveEntry(entry)
        if (live !== null) yield { path, entry: live, conflictOf: null }
      }
      return
    }
    const versions = new Map<FolderPath, DriveVersion[]>()
    for (const { id, writer, view } of this.#drives) {
      const own = new Set<FolderPath>()
      for await (const { path, entry } of view.records(below)) {
        // Of one drive a path's first record counts: a file before an empty folder before a tombstone.
        if (entry === null || own.has(path)) continue
        own.add(path)
        const list = versions.get(path)
        if (list === undefined) versions.set(path, [{ drive: id, writer, entry }])
        else list.push({ drive: id, writer, entry })
      }
    }
    const merged = mergeFolder(versions, this.#names)
    for (const path of [...merged.keys()].sort(comparePaths)) {
      const one = merged.get(path)
      const entry = liveEntry(one?.entry ?? null)
      if (entry !== null) yield { path, entry, conflictOf: one?.conflictOf ?? null }
    }
  }

  /** What the versions of one path show, there and under conflict names. */
  async shownBy(path: FolderPath): Promise<PastEntry[]> {
    const { winner, drive, writer, losers } = await this.#merged(path)
    const entry = liveEntry(winner)
    if (entry === null || drive === null || writer === null) return []
    // Where one device has a file and another a folder of that name, the folder keeps it.
    const gives = this.#drives.length > 1 && entry.kind !== 'folder' && (await this.hasFolder(path))
    const copies: Loser[] = gives ? [{ drive, writer, entry }, ...losers] : [...losers]
    const shown: PastEntry[] = gives ? [] : [{ path, entry, conflictOf: null }]
    if (copies.length === 0) return shown
    const taken = new Set<FolderPath>()
    for (;;) {
      const derived = deriveConflicts(path, copies, this.#names, (name) => taken.has(name))
      const known = taken.size
      for (const copy of derived) if (await this.#isTaken(copy.path)) taken.add(copy.path)
      if (taken.size > known) continue
      for (const copy of derived) shown.push({ path: copy.path, entry: copy.entry, conflictOf: path })
      return shown
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { view } of this.#drives) await view.close().catch(() => undefined)
  }

  async #merged(path: FolderPath): Promise<ReturnType<typeof mergePath>> {
    const versions: DriveVersion[] = []
    for (const { id, writer, view } of this.#drives) {
      const entry: EntryOrTombstone | null = await view.get(path)
      if (entry !== null) versions.push({ drive: id, writer, entry })
    }
    return mergePath(versions)
  }

  async #isTaken(path: FolderPath): Promise<boolean> {
    return liveEntry((await this.#merged(path)).winner) !== null || (await this.hasFolder(path))
  }

  async #namesIn(folder: string): Promise<Set<string>> {
    const names = new Set<string>()
    for (const { view } of this.#drives) for await (const { name } of view.children(folder)) if (name !== '') names.add(name)
    return names
  }

  async #copiesIn(folder: FolderPath | null): Promise<PastEntry[]> {
    const copies: PastEntry[] = []
    for (const name of await this.#namesIn(folder ?? '')) {
      for (const shown of await this.shownBy(within(folder ?? '', name))) if (shown.conflictOf !== null) copies.push(shown)
    }
    return copies
  }
}

function within(folder: string, name: string): FolderPath {
  return (folder === '' ? name : `${folder}/${name}`) as FolderPath
}
