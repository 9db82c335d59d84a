/** Files and folders of a thing: looked up, listed page by page, and read. */
import { AppError, type ThingEntry, type ThingPage } from '@hyper-store/client/contract'
import type { FolderPath } from '../core/entries.ts'
import { comparePaths, isBelow } from '../core/paths.ts'
import type { DriveNode, DriveReader, ThingFile } from '../core/store-api.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import { type FolderReader, openDriveReader, readerAt } from './drive-reader.ts'
import type { KeptFolder } from './kept-folder.ts'
import { bounded } from './past-reading.ts'
import { pathIn, refuseOtherKind } from './thing-kinds.ts'
import type { OpenThing } from './visits.ts'

/** A long list of names stays at hand for the next page. */
const LIST_KEPT_MS = 30_000
const LONG_LIST = 1000
/** Who asks for so many at once asks for the next page too. */
const READ_ON = 200

type Listed = DriveNode & { readonly name: string }

const lists = new WeakMap<KeptFolder, Map<string, Promise<readonly Listed[]>>>()

/** What is asked of a folder. */
export interface ReadQuery {
  readonly path: string
  readonly version: number | null
}

/** Opens a folder at the version of the query, of the link, or the newest. Throws WRONG_KIND, FORBIDDEN, NO_PEER, UNKNOWN_VERSION. */
export async function readerOf(
  thing: OpenThing,
  query: Pick<ReadQuery, 'version'>,
  goStock: (drive: SharedDrive) => void,
): Promise<FolderReader> {
  refuseOtherKind(thing, 'folder')
  const { folder } = thing
  const version = query.version ?? thing.link?.version ?? null
  if (thing.kept) {
    const reader = await openDriveReader(folder, version, () => goStock(folder.shared))
    if (reader !== null) return reader
    throw version === null ? new AppError('NO_PEER') : new AppError('UNKNOWN_VERSION', { version })
  }
  const { length } = folder.drive.db
  if (version !== null && (version < 1 || version > length)) throw new AppError('UNKNOWN_VERSION', { version })
  return await readerAt(folder, { [folder.drive.id]: version ?? length })
}

/** One node of a folder. Throws NOT_FOUND, NO_PEER. */
export async function nodeOf(reader: DriveReader, path: FolderPath | '' | null): Promise<DriveNode> {
  const node = path === null ? null : await reader.stat(path)
  if (node === null) throw new AppError('NOT_FOUND', { what: `"${path ?? 'this path'}"` })
  return node
}

/** A file of a folder, for reading; of a visit that stays open meanwhile. Throws NOT_FOUND, WRONG_KIND, NO_PEER. */
export async function fileOf(thing: OpenThing, reader: DriveReader, query: ReadQuery): Promise<ThingFile> {
  const path = pathIn(thing, query.path)
  const node = await nodeOf(reader, path)
  if (node.kind !== 'file') {
    const link = `hyper://${reader.key}${path === '' ? '' : `/${path}`}`
    const is = node.kind === 'folder' ? 'a folder' : `a link to "${node.target}"`
    throw new AppError('WRONG_KIND', { link, is, wanted: 'a file', cure: 'hyper-store ls shows the files' })
  }
  return { ...node, read: (range, options) => holding(thing, node.read(range, options)) }
}

/** Passes on what is read, and keeps a visit open meanwhile. */
export async function* holding<Value>(thing: OpenThing, source: AsyncIterable<Value>): AsyncIterable<Value> {
  const release = thing.hold()
  try {
    yield* source
  } finally {
    release()
  }
}

/** A page of names, parents before what is in them; of a file itself alone. Throws NOT_FOUND, NO_PEER. */
export async function pageOf(
  thing: OpenThing,
  reader: FolderReader,
  query: { path: string; recursive: boolean; after: string | null; limit: number; match: string | null },
): Promise<ThingPage> {
  const path = pathIn(thing, query.path)
  const node = await nodeOf(reader, path)
  const { version } = reader
  if (node.kind !== 'folder') return { entries: query.after === null ? [entryOf(node)] : [], more: false, version }
  // The first page of a long list does not wait for the whole of it, which is read for the next page meanwhile.
  if (query.after === null && !query.recursive && query.match === null && !isListed(thing.folder, reader, path ?? '')) {
    const first = await reader.first(path ?? '', query.limit + 1)
    if (first !== null && first.length <= query.limit) return { entries: first.map(entryOf), more: false, version }
    if (first !== null) {
      if (query.limit >= READ_ON) childrenOf({ folder: thing.folder, reader, recursive: false }, path ?? '').catch(() => undefined)
      return { entries: first.slice(0, query.limit).map(entryOf), more: true, version }
    }
  }
  const entries: ThingEntry[] = []
  const after = query.after as FolderPath | null
  const found =
    query.match === null
      ? walkFrom({ folder: thing.folder, reader, recursive: query.recursive }, path ?? '', after)
      : reader.search({ below: path ?? '', after, match: query.match })
  for await (const one of found) {
    if (entries.length === query.limit) return { entries, more: true, version }
    entries.push(entryOf(one))
  }
  return { entries, more: false, version }
}

interface Walk {
  readonly folder: KeptFolder
  readonly reader: DriveReader
  readonly recursive: boolean
}

async function* walkFrom(walk: Walk, path: string, after: FolderPath | null): AsyncIterable<DriveNode> {
  for (const node of await childrenOf(walk, path)) {
    const at = node.path as FolderPath
    const goes = walk.recursive && node.kind === 'folder'
    if (after !== null && comparePaths(at, after) <= 0) {
      if (goes && (at === after || isBelow(after, at))) yield* walkFrom(walk, at, after)
      continue
    }
    yield node
    if (goes) yield* walkFrom(walk, at, null)
  }
}

function isListed(folder: KeptFolder, reader: DriveReader, path: string): boolean {
  return lists.get(folder)?.has(`${reader.version}/${path}`) === true
}

/** The names in a folder in the order of paths; who asks while they are read waits for the same. */
async function childrenOf({ folder, reader }: Walk, path: string): Promise<readonly Listed[]> {
  const kept = lists.get(folder) ?? new Map<string, Promise<readonly Listed[]>>()
  lists.set(folder, kept)
  const name = `${reader.version}/${path}`
  const known = kept.get(name)
  if (known !== undefined) return await known
  const reading = readChildren(reader, path)
  kept.set(name, reading)
  let length = 0
  try {
    const found = await reading
    length = found.length
    return found
  } finally {
    if (length > LONG_LIST) setTimeout(() => kept.delete(name), LIST_KEPT_MS).unref()
    else kept.delete(name)
  }
}

async function readChildren(reader: DriveReader, path: string): Promise<readonly Listed[]> {
  const found: Listed[] = []
  const steps = reader.list(path)[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await bounded(steps.next())
    if (done === true) break
    found.push(value)
  }
  return found.sort((a, b) => comparePaths(a.path as FolderPath, b.path as FolderPath))
}

/** A node as people are told of it. */
export function entryOf(node: DriveNode): ThingEntry {
  const { path } = node
  if (node.kind === 'folder') return { path, kind: 'folder', size: 0, mtimeMs: null }
  if (node.kind === 'symlink') return { path, kind: 'symlink', size: 0, mtimeMs: node.mtimeMs, target: node.target }
  return { path, kind: 'file', size: node.size, mtimeMs: node.mtimeMs, executable: node.executable, etag: node.etag }
}
