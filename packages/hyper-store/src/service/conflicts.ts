/** Lists and settles conflicts of a folder: versions that stand side by side, and conflict files that were left beside a file. */
import { AppError, type Conflict } from '@hyper-store/client/contract'
import type { DriveId, Entry, FileEntry, FolderPath, SymlinkEntry } from '../core/entries.ts'
import { deviceInNames, readConflictName, settledName } from '../core/kept-names.ts'
import { parsePath } from '../core/paths.ts'
import type { DriveChange, RemoteChange } from '../core/ports.ts'
import type { ConflictsApi } from '../core/store-api.ts'
import { bumpVector } from '../core/vectors.ts'
import type { MergedDrives } from '../hyper/folder-drives.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'

/** So many are listed. */
const LIST_LIMIT = 10_000

type Keep = 'mine' | 'theirs' | 'both'
type Content = FileEntry | SymlinkEntry

/** A real file with a conflict name, beside the file of that name. */
interface ConflictFile {
  readonly path: FolderPath
  readonly main: Content
  readonly copy: FolderPath
  readonly other: Content
  /** As it stands in the name. */
  readonly device: string
}

/** Lists and settles conflicts of a folder. */
export class Conflicts implements ConflictsApi {
  readonly #folders: KeptFolders

  constructor(options: { folders: KeptFolders }) {
    this.#folders = options.folders
  }

  /** Conflicts by path, at most 10,000. Throws UNKNOWN_FOLDER, AMBIGUOUS, BAD_LINK. */
  async list(ref: string): Promise<Conflict[]> {
    return this.#listOf(this.#folders.find(ref))
  }

  /**
   * Keeps a version and gives what is left. `path` is the file (all its conflicts for `mine`, the weightiest other one for `theirs`), or a
   * copy. With `both` the copy becomes a file under a name that speaks of no conflict. Throws NOT_FOUND, FORBIDDEN.
   */
  async settle(ref: string, path: string, keep: Keep): Promise<Conflict[]> {
    const folder = this.#folders.find(ref)
    const at = parsePath(path)
    if (at === null) throw new AppError('NOT_FOUND', { path })
    if (!folder.drives.writable || folder.recovering) throw new AppError('FORBIDDEN', { reason: 'this device may not write to the folder' })
    const files = await conflictFiles(folder.drives, at)
    let isSettled = true
    try {
      await folder.drives.settle(at, keep)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'NOT_FOUND' || files.length === 0) throw error
      isSettled = false
    }
    // A conflict file with a copy of its own: nobody has chosen between it and the file beside it.
    for (const file of files) if (!isSettled || file.path === at) await settleFile(folder.drives, file, keep)
    return this.#listOf(folder)
  }

  async #listOf(folder: KeptFolder): Promise<Conflict[]> {
    const { drives } = folder
    if (folder.blind) return []
    const nameOf = (writer: DriveId) => drives.deviceOf(writer) ?? writer
    const found: Conflict[] = []
    for await (const { path, winner, copy, loser } of drives.conflicts()) {
      if (found.length >= LIST_LIMIT) return found
      found.push({
        path,
        copy,
        // Of a file that gave way to a folder nothing is at the path but that folder.
        device: winner === null ? '' : nameOf(winner.writer),
        copyDevice: nameOf(loser.writer),
        mtimeMs: winner?.entry.mtimeMs ?? 0,
        copyMtimeMs: loser.entry.mtimeMs,
        size: winner === null ? 0 : sizeOf(winner.entry),
        copySize: sizeOf(loser.entry),
      })
    }
    for (const { path, main, copy, other, device } of await conflictFiles(drives, null)) {
      if (found.length >= LIST_LIMIT) break
      const by = main.writer ?? newestWriter(main)
      found.push({
        path,
        copy,
        device: by === null ? '' : nameOf(by),
        copyDevice: device,
        mtimeMs: main.mtimeMs,
        copyMtimeMs: other.mtimeMs,
        size: sizeOf(main),
        copySize: sizeOf(other),
      })
    }
    return found.sort((a, b) => (a.path === b.path ? compare(a.copy, b.copy) : compare(a.path, b.path)))
  }
}

/** Conflict files beside a path, or that one which is at it; null: all of the folder. */
async function conflictFiles(drives: MergedDrives, about: FolderPath | null): Promise<ConflictFile[]> {
  const wanted = about === null ? null : readConflictName(about)
  const candidates: { change: RemoteChange; main: FolderPath; device: string }[] = []
  const entry = about === null || wanted === null ? null : await drives.get(about)
  if (about !== null && wanted !== null && entry !== null) {
    candidates.push({ change: { path: about, entry }, main: wanted.path, device: wanted.device })
  } else {
    for await (const change of drives.entries()) {
      const read = change.conflictOf == null ? readConflictName(change.path) : null
      if (read !== null && (about === null || read.path === about)) candidates.push({ change, main: read.path, device: read.device })
    }
  }
  const files: ConflictFile[] = []
  for (const { change, main, device } of candidates) {
    const at = await drives.get(main)
    if (isContent(at) && isContent(change.entry) && !isCopyOf(change.entry)) {
      files.push({ path: main, main: at, copy: change.path, other: change.entry, device })
    }
  }
  return files
}

/** A version that stands beside another is told with a counter that no writer has; it is settled as such, not as a file. */
function isCopyOf(entry: Content): boolean {
  return Object.keys(entry.vector).some((counter) => counter.startsWith('~'))
}

/** Removes or renames the file, as one version of the folder. */
async function settleFile(drives: MergedDrives, file: ConflictFile, keep: Keep): Promise<void> {
  const { writer } = drives
  if (writer === null) throw new AppError('FORBIDDEN', { reason: 'this device may not write to the folder' })
  const { path, main, copy, other } = file
  const ours = deviceInNames(drives.deviceOf(writer) ?? writer)
  const copyIsMine = file.device === ours
  const remove: DriveChange = {
    op: 'delete',
    path: copy,
    tombstone: { vector: bumpVector(other.vector, writer), mtimeMs: other.mtimeMs },
  }
  if (keep === 'both') {
    const name = await freeName(drives, file)
    await drives.commit([{ op: 'put', path: name, entry: { ...other, vector: { [writer]: versionOf(drives) + 1 } } }, remove])
  } else if ((keep === 'mine') === copyIsMine) {
    const vector = bumpVector(main.vector, writer)
    await drives.commit([{ op: 'put', path, entry: { ...other, vector } }, remove])
  } else await drives.commit([remove])
}

async function freeName(drives: MergedDrives, { path, other, device }: ConflictFile): Promise<FolderPath> {
  for (let attempt = 1; ; attempt++) {
    const name = settledName(path, device, other.mtimeMs, attempt)
    const there = await drives.get(name)
    if (there === null || there.kind === 'tombstone') return name
  }
}

/** A path that comes anew counts its versions from the length of the own log on, as those of the sync loop do. */
function versionOf(drives: MergedDrives): number {
  return drives.ownId === null ? 0 : (drives.version()[drives.ownId] ?? 0)
}

/** Who counted last, as far as a vector tells: the only writer in it. */
function newestWriter(entry: Entry): DriveId | null {
  const writers = Object.keys(entry.vector)
  return writers.length === 1 && writers[0] !== undefined ? (writers[0] as DriveId) : null
}

function isContent(entry: RemoteChange['entry']): entry is Content {
  return entry !== null && (entry.kind === 'file' || entry.kind === 'symlink')
}
function sizeOf(entry: Entry): number {
  return entry.kind === 'file' ? Math.max(0, entry.size) : 0
}
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
