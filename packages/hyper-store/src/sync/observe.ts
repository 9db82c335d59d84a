/** Looks at a folder from its three sides and gives views of the paths where they may differ. */
import type { EntryOrTombstone, FolderPath, LocalNode, Synced } from '../core/entries.ts'
import { sameNode } from '../core/content.ts'
import type { PathView } from '../core/plan.ts'
import { ancestorsOf, comparePaths, isBelow, parentOf, parsePath } from '../core/paths.ts'
import type { DiskFolder, FolderDrives, FolderVersion, RemoteChange, ScanProblem, SyncedStore, WaitOptions } from '../core/ports.ts'

/** Records looked up together. */
const LOOK_UP = 1000
/** One search in the synced tree costs about as much as reading so many records of it in a row. */
const SEARCH_COST = 50

/** What a pass is to look at. */
export interface Scope {
  /** Whole scan of the disk. */
  readonly everything: boolean
  /** Paths that may have changed on disk, when not everything is scanned. */
  readonly dirty: ReadonlySet<string>
  /** Paths that an earlier pass left unlike the drives: their entries are read again. */
  readonly unsettled: ReadonlySet<FolderPath>
  /** Compare all entries of the drives, not only those that changed. */
  readonly allRemote: boolean
}

/** What was seen. */
export interface Observation {
  readonly views: PathView[]
  /** Version of the drives that the views are of. */
  readonly version: FolderVersion
  /** Files and links on disk; null when not everything was scanned. */
  readonly localFiles: number | null
  /** Records of what is left out of the disk; null when not everything was scanned. */
  readonly absent: number | null
  readonly problems: ScanProblem[]
}

/** The sides of a folder. `ignored` paths are left alone on every side. */
export interface Sides {
  readonly disk: DiskFolder
  readonly drives: FolderDrives
  readonly synced: SyncedStore
  readonly ignored: (path: FolderPath, isFolder: boolean) => boolean
  /** Paths that are left out of the disk: only what is on disk or on record there is looked at. Default: none. */
  readonly excluded?: (path: FolderPath) => boolean
}

/** Views of all paths where disk, drives and synced may differ, closed as reconcile wants it. */
export async function observe(sides: Sides, scope: Scope, options: WaitOptions = {}): Promise<Observation> {
  const observer = new Observer(sides, scope)
  return observer.run(options)
}

class Observer {
  readonly #sides: Sides
  readonly #scope: Scope
  readonly #remote = new Map<FolderPath, EntryOrTombstone | null>()
  readonly #derived = new Set<FolderPath>()
  readonly #local = new Map<FolderPath, LocalNode | null>()
  readonly #synced = new Map<FolderPath, Synced | null>()
  readonly #paths = new Set<FolderPath>()
  readonly #unknown = new Set<FolderPath>()
  readonly #scanned = new Set<FolderPath>()
  /** Dirty paths below which something may have been agreed on; whether they are gone. */
  readonly #emptied = new Map<FolderPath, { readonly gone: boolean }>()
  readonly #problems: ScanProblem[] = []
  #localFiles: number | null = null
  #absent: number | null = null

  constructor(sides: Sides, scope: Scope) {
    this.#sides = sides
    this.#scope = scope
  }

  async run(options: WaitOptions): Promise<Observation> {
    const version = this.#sides.drives.version()
    await this.#seeRemote()
    if (this.#scope.everything) await this.#scanAll(options)
    else await this.#seeDirtyPaths(options)
    for (const path of this.#scope.unsettled) await this.#seeUnsettled(path, options)
    await this.#seeSyncedBelow()
    await this.#close(options)
    if (this.#sides.disk.caseInsensitive === true) await this.#seeTwins()
    const views: PathView[] = []
    for (const path of this.#paths) views.push(await this.#view(path))
    return { views, version, localFiles: this.#localFiles, absent: this.#absent, problems: this.#problems }
  }

  /** Entries that are new since the synced tree's version; at the first pass of a process, all that differ from it. */
  async #seeRemote(): Promise<void> {
    const { drives, synced } = this.#sides
    const applied = await synced.applied()
    if (!this.#scope.allRemote) {
      for await (const change of drives.changesSince(applied ?? {})) this.#takeRemote(change)
      return
    }
    const there = new Set<FolderPath>()
    let batch: RemoteChange[] = []
    const compare = async () => {
      const records = await synced.getMany(batch.map((b) => b.path))
      for (const [i, b] of batch.entries()) {
        const record = records[i] ?? null
        there.add(b.path)
        // A record of what is left out of the disk is no agreement.
        const known = record?.local == null ? null : record
        if (known === null ? b.entry?.kind !== 'tombstone' : !sameEntry(b.entry, known.entry)) this.#takeRemote(b)
      }
      batch = []
    }
    for await (const change of drives.entries()) {
      batch.push(change)
      if (batch.length >= LOOK_UP) await compare()
    }
    await compare()
    for await (const [path] of synced.entries()) if (!there.has(path)) this.#takeRemote({ path, entry: null })
  }

  #takeRemote({ path, entry, conflictOf }: RemoteChange): void {
    if (this.#sides.ignored(path, entry?.kind === 'folder')) return
    this.#remote.set(path, entry)
    if (conflictOf != null) this.#derived.add(path)
    // What is left out is not fetched: the disk and the record tell whether anything is to be done.
    if (!this.#isExcluded(path)) this.#paths.add(path)
  }

  #isExcluded(path: FolderPath): boolean {
    return this.#sides.excluded?.(path) === true
  }

  /** Its entry may be one that `changesSince` told of in an earlier pass, so that the synced tree does not speak for the drives. */
  async #seeUnsettled(path: FolderPath, options: WaitOptions): Promise<void> {
    if (!this.#remote.has(path)) this.#takeRemote({ path, entry: await this.#sides.drives.get(path) })
    if (!this.#scope.everything && !this.#scope.dirty.has(path)) await this.#seeDirty(path, await this.#sides.synced.get(path), options)
  }

  /** A whole scan: paths whose node is not the agreed one, and agreed paths that are gone. */
  async #scanAll(options: WaitOptions): Promise<void> {
    const { synced } = this.#sides
    const seen = new Set<FolderPath>()
    let files = 0
    for await (const batch of this.#scan(undefined, options)) {
      const records = await synced.getMany(batch.map((n) => n.path))
      for (const [i, { path, node }] of batch.entries()) {
        seen.add(path)
        if (node.kind !== 'folder') files++
        this.#takeLocal(path, node, records[i] ?? null)
      }
    }
    let absent = 0
    for await (const [path, record] of synced.entries()) {
      if (record.local === null) absent++
      if (seen.has(path) || record.local === null || this.#sides.ignored(path, record.entry.kind === 'folder')) continue
      this.#synced.set(path, record)
      this.#local.set(path, null)
      this.#paths.add(path)
    }
    this.#localFiles = files
    this.#absent = absent
  }

  #scan(start: FolderPath | undefined, options: WaitOptions): AsyncIterable<{ path: FolderPath; node: LocalNode }[]> {
    return this.#sides.disk.scan({
      ...options,
      ...(start === undefined ? {} : { start }),
      ignored: this.#sides.ignored,
      onProblem: (problem) => {
        this.#problems.push(problem)
        const path = parsePath(problem.path)
        if (path !== null) this.#unknown.add(path)
      },
    })
  }

  /** Remembers a node; it becomes a view only when it is not what was agreed on. */
  #takeLocal(path: FolderPath, node: LocalNode, record: Synced | null): void {
    // A folder with something in it is told by what is in it.
    const differs =
      node.kind === 'folder'
        ? node.empty
          ? record?.local?.kind !== 'folder'
          : record !== null
        : record === null || !sameNode(node, record.local)
    // What is on record and left out is to leave the disk, however well it agrees.
    if (differs || (record !== null && this.#isExcluded(path))) {
      this.#local.set(path, node)
      this.#synced.set(path, record)
      this.#paths.add(path)
    } else if (this.#remote.has(path)) {
      this.#local.set(path, node)
      this.#synced.set(path, record)
    }
  }

  /** The paths that the watcher named, each with everything below it on disk and what was agreed on below it. */
  async #seeDirtyPaths(options: WaitOptions): Promise<void> {
    const standing = new Map<FolderPath, boolean>()
    const wanted = new Set<FolderPath>()
    for (const text of this.#scope.dirty) {
      const path = parsePath(text)
      if (path !== null) wanted.add(await this.#topmostGone(path, standing))
    }
    const paths = [...wanted].sort(comparePaths)
    for (let at = 0; at < paths.length; at += LOOK_UP) {
      const part = paths.slice(at, at + LOOK_UP)
      const records = await this.#sides.synced.getMany(part)
      for (const [i, path] of part.entries()) await this.#seeDirty(path, records[i] ?? null, options)
    }
  }

  /** Of a path in a folder that is gone, the topmost folder that is: ten thousand names of a renamed tree are one. */
  async #topmostGone(path: FolderPath, standing: Map<FolderPath, boolean>): Promise<FolderPath> {
    let top = path
    for (const above of ancestorsOf(path)) {
      let stands = standing.get(above)
      if (stands === undefined) {
        stands = (await this.#sides.disk.look(above)) !== null
        standing.set(above, stands)
      }
      if (stands) break
      top = above
    }
    return top
  }

  async #seeDirty(path: FolderPath, record: Synced | null, options: WaitOptions): Promise<void> {
    // A scan of a folder above has told of it.
    if (this.#scanned.has(path)) return
    const node = await this.#sides.disk.look(path)
    if (this.#sides.ignored(path, node?.kind === 'folder')) return
    if (node === null || node.kind !== 'folder') {
      if (!sameNode(node, record?.local ?? null) || (node !== null && this.#isExcluded(path))) {
        this.#local.set(path, node)
        this.#synced.set(path, record)
        this.#paths.add(path)
      }
    } else await this.#seeFolder(path, options)
    // A known file that still is one had nothing below it; an empty folder that was agreed on may have got content since.
    const hadNothingBelow = record !== null && record.entry.kind !== 'folder' && node !== null && node.kind !== 'folder'
    if (!hadNothingBelow) this.#emptied.set(path, { gone: node === null })
  }

  async #seeFolder(path: FolderPath, options: WaitOptions): Promise<void> {
    for await (const batch of this.#scan(path, options)) {
      const records = await this.#sides.synced.getMany(batch.map((n) => n.path))
      for (const [i, { path: at, node }] of batch.entries()) {
        this.#takeLocal(at, node, records[i] ?? null)
        if (!this.#local.has(at)) this.#local.set(at, node)
        this.#scanned.add(at)
      }
    }
  }

  /** What was agreed on below dirty paths and is not there any more; all of it where the path itself is gone. */
  async #seeSyncedBelow(): Promise<void> {
    const { synced } = this.#sides
    const folders = this.#emptied
    if (folders.size === 0) return
    // A thousand files that this loop took away itself are told as a thousand paths that are gone: no reason for as many searches.
    if (folders.size * SEARCH_COST < (await synced.count())) {
      for (const [folder, { gone }] of folders)
        for await (const [path, record] of synced.entries({ prefix: `${folder}/` })) await this.#seeBelow(path, record, gone)
      return
    }
    for await (const [path, record] of synced.entries()) {
      const above = ancestorsOf(path).flatMap((folder) => folders.get(folder) ?? [])
      if (above.length > 0)
        await this.#seeBelow(
          path,
          record,
          above.some(({ gone }) => gone),
        )
    }
  }

  async #seeBelow(path: FolderPath, record: Synced, gone: boolean): Promise<void> {
    if (this.#local.has(path) || record.local === null || this.#sides.ignored(path, record.entry.kind === 'folder')) return
    if (!gone && (await this.#sides.disk.look(path)) !== null) return
    this.#local.set(path, null)
    this.#synced.set(path, record)
    this.#paths.add(path)
  }

  /** Reconcile wants the folders above each path, and what is below a folder where the drives have a file. */
  async #close(options: WaitOptions): Promise<void> {
    const known = [...this.#paths]
    for (const path of known) {
      for (const above of ancestorsOf(path)) this.#paths.add(above)
    }
    const closed = [...this.#paths]
    for (const path of closed) {
      const remote = this.#remote.get(path)
      if (remote === undefined || remote === null || remote.kind === 'folder' || remote.kind === 'tombstone') continue
      const node = await this.#look(path)
      if (node?.kind !== 'folder' || node.empty) continue
      for await (const batch of this.#scan(path, options)) {
        for (const { path: below, node: seen } of batch) {
          this.#local.set(below, seen)
          this.#paths.add(below)
        }
      }
    }
    const missing = [...this.#paths].filter((path) => !this.#synced.has(path))
    for (let at = 0; at < missing.length; at += LOOK_UP) {
      const part = missing.slice(at, at + LOOK_UP)
      const records = await this.#sides.synced.getMany(part)
      for (const [i, path] of part.entries()) this.#synced.set(path, records[i] ?? null)
    }
  }

  /** Where the disk ignores case, what it holds in place of a path that the drives spell otherwise. */
  async #seeTwins(): Promise<void> {
    const { disk, synced } = this.#sides
    const known = [...this.#paths]
    for (const path of known) {
      const entry = this.#remote.get(path)
      if (entry == null || entry.kind === 'tombstone' || (await this.#look(path)) !== null) continue
      const there = (await disk.spellingOf?.(path)) ?? null
      if (there === null || there === path || isBelow(path, there)) continue
      for (const twin of [there, ...ancestorsOf(there)]) {
        if (!this.#synced.has(twin)) this.#synced.set(twin, await synced.get(twin))
        this.#paths.add(twin)
      }
    }
  }

  async #look(path: FolderPath): Promise<LocalNode | null> {
    const known = this.#local.get(path)
    if (known !== undefined) return known
    // Nothing is in a folder that is not there: asked once for the folder, not for each of ten thousand names in it.
    const above = parentOf(path)
    const node = above !== null && (await this.#look(above)) === null ? null : await this.#sides.disk.look(path)
    this.#local.set(path, node)
    return node
  }

  async #view(path: FolderPath): Promise<PathView> {
    const synced = this.#synced.get(path) ?? null
    const local = await this.#look(path)
    const remote = this.#remote.has(path) ? (this.#remote.get(path) ?? null) : (synced?.entry ?? null)
    const unknown = [...this.#unknown].some((p) => p === path || isBelow(path, p))
    const derived = this.#derived.has(path) ? { derived: true } : {}
    return { path, remote, local, synced, ...derived, ...(unknown ? { localUnknown: true } : {}) }
  }
}

function sameEntry(a: EntryOrTombstone | null, b: EntryOrTombstone): boolean {
  if (a === null || a.kind !== b.kind || a.mtimeMs !== b.mtimeMs) return false
  const keys = Object.keys(a.vector)
  return keys.length === Object.keys(b.vector).length && keys.every((k) => a.vector[k] === b.vector[k])
}
