/** Reads a kept folder by path for the gateway and the file commands, at any version, also before all of it is here. */
import type { Entry, FolderPath } from '../core/entries.ts'
import { parsePath } from '../core/paths.ts'
import type { FolderVersion } from '../core/ports.ts'
import type { DriveNode, DriveReader } from '../core/store-api.ts'
import { historyOf } from '../hyper/folder-history.ts'
import type { PastFolder } from '../hyper/past-folder.ts'
import type { KeptFolder } from './kept-folder.ts'
import { type NameQuery, searchNames } from './name-search.ts'
import { bounded, pastOf, readPast, refuseUnreadable, sized } from './past-reading.ts'

/** Opens a reader at a version (newest when null); null when the version does not exist. Throws FORBIDDEN, NO_PEER. */
export async function openDriveReader(folder: KeptFolder, version: number | null, goStock: () => void): Promise<FolderReader | null> {
  refuseUnreadable(folder)
  const history = historyOf(folder.drives)
  let newest = history.newest()
  if (totalOf(newest) === 0) {
    // Nothing whole is here yet: what is asked for is fetched out of order.
    goStock()
    newest = await firstLook(folder)
  }
  const state = version === null ? newest : await history.stateOf(version)
  if (state === null || totalOf(state) === 0) return null
  return new FolderReader(folder, version ?? totalOf(state), await pastOf(folder, state))
}

/** Opens a reader at lengths of the drives that are known to exist. */
export async function readerAt(folder: KeptFolder, state: FolderVersion): Promise<FolderReader> {
  return new FolderReader(folder, totalOf(state), await pastOf(folder, state))
}

function totalOf(state: FolderVersion): number {
  return Object.values(state).reduce((sum, length) => sum + length, 0)
}

/** The drives as their writers signed them last. */
async function firstLook(folder: KeptFolder): Promise<FolderVersion> {
  const state: Record<string, number> = {}
  const { drive: root } = folder
  await bounded(root.db.plain.update({ wait: true }))
  for (const { drive, frozenAt } of folder.drives.members) {
    await drive.ensureBlobs()
    state[drive.id] = Math.min(drive.db.length, frozenAt ?? Infinity)
  }
  return state
}

/** Reads one version of a folder; names can be searched, too. */
export class FolderReader implements DriveReader {
  readonly key: string
  readonly version: number
  readonly private: boolean
  readonly renumbered: boolean
  readonly #folder: KeptFolder
  readonly #past: PastFolder

  constructor(folder: KeptFolder, version: number, past: PastFolder) {
    this.#folder = folder
    this.#past = past
    this.key = folder.key
    this.version = version
    this.private = folder.record.private
    this.renumbered = folder.drives.members.length > 1
  }

  async stat(path: string): Promise<DriveNode | null> {
    if (path === '') return { kind: 'folder', path }
    const parsed = parsePath(path)
    if (parsed === null) return null
    const found = await bounded(this.#past.get(parsed))
    if (found !== null) return this.#node(parsed, found.entry)
    return (await bounded(this.#past.hasFolder(parsed))) ? { kind: 'folder', path } : null
  }

  async *list(path: string): AsyncIterable<DriveNode & { readonly name: string }> {
    for await (const { name, entry } of this.#past.children(path)) {
      const at = (path === '' ? name : `${path}/${name}`) as FolderPath
      const node = entry === null ? { kind: 'folder' as const, path: at } : await this.#node(at, entry)
      yield { ...node, name }
    }
  }

  /** The first nodes of a folder in the order of paths, without reading all of it; null where that takes reading all. */
  async first(path: string, limit: number): Promise<DriveNode[] | null> {
    const children = await bounded(this.#past.firstChildren(path, limit))
    if (children === null) return null
    const at = (name: string) => (path === '' ? name : `${path}/${name}`) as FolderPath
    return await Promise.all(
      children.map(async ({ name, entry }) => (entry === null ? { kind: 'folder' as const, path: at(name) } : this.#node(at(name), entry))),
    )
  }

  /** What lies below a folder, at any depth, behind `after` in the order of paths, whose name contains `match` in any case. */
  async *search(query: NameQuery): AsyncIterable<DriveNode> {
    for await (const { path, entry } of searchNames(this.#folder, this.#past, query))
      yield entry === null ? { kind: 'folder', path } : await this.#node(path, entry)
  }

  async #node(path: FolderPath, entry: Entry): Promise<DriveNode> {
    if (entry.kind === 'folder') return { kind: 'folder', path }
    if (entry.kind === 'symlink') return { kind: 'symlink', path, target: entry.target, mtimeMs: entry.mtimeMs }
    const file = await sized(this.#folder, entry)
    const { content } = file
    return {
      kind: 'file',
      path,
      size: file.size,
      mtimeMs: file.mtimeMs,
      executable: file.executable,
      etag: file.hash === '' ? `${content?.blockOffset ?? 0}-${content?.blockLength ?? 0}-${file.size}` : file.hash,
      read: (range, options) => readPast(this.#folder, file, { what: `"${path}"`, range, signal: options?.signal }),
    }
  }
}
