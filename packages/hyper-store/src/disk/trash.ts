/** The folder's trash: what the program replaced or removed, by time and path, in the home's area or in the folder. */
import * as fs from 'node:fs'
import * as fsp from 'node:fs/promises'
import * as nodePath from 'node:path'
import type { FolderPath, LocalNode } from '../core/entries.ts'
import type { DiskOutcome } from '../core/ports.ts'
import { errno, refusalOf, writeError } from './disk-errors.ts'
import { syncFiles } from './durable.ts'
import { moveToFree } from './move.ts'
import { startPace } from './pace.ts'
import type { FolderRoot } from './root.ts'
import { safeNames, walkTo } from './safe-path.ts'
import { lookAt, lstatIfThere } from './stat.ts'
import type { StepContext } from './step-context.ts'

/** Something in the trash. `batch` and `path` together name it. */
export interface TrashItem {
  /** Name of the batch, made from its time. */
  readonly batch: string
  /** When it was put there, milliseconds since 1970. */
  readonly at: number
  /** Where it was in the folder. */
  readonly path: FolderPath
  readonly node: LocalNode
}

/** A batch holds what was put in the trash within one second; a second version of a path within it opens another batch. */
const BATCH_NAME = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})Z(?:-\d+)?$/

/**
 * Puts what is at an absolute path into the trash. With `copy` the name stays in its place (a second link to the same file),
 * so that a rename over it leaves no moment without the file; where links are not possible it is moved.
 * Gives the place in the trash when it was moved, null when the name stayed. Throws system errors as they come.
 */
export function keepInTrash({ root, touched }: StepContext, item: { path: FolderPath; file: string; copy: boolean }): string | null {
  const area = root.own.trash()
  const others = root.own.trashPlaces.filter((place) => place !== area)
  const stamp = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`
  for (let count = 0; ; count += 1) {
    const batch = count === 0 ? stamp : `${stamp}-${String(count)}`
    const kept = nodePath.join(area, batch, ...item.path.split('/'))
    try {
      fs.mkdirSync(nodePath.dirname(kept), { recursive: true })
      if (lstatIfThere(kept) !== undefined) continue
      // Batch and path name an item, wherever the trash was within that second.
      if (others.some((place) => lstatIfThere(nodePath.join(place, batch, ...item.path.split('/'))) !== undefined)) continue
    } catch (error) {
      // Within one second the path was a file and is a folder now, or the other way round.
      if (errno(error) === 'EEXIST' || errno(error) === 'ENOTDIR') continue
      throw error
    }
    const stays = item.copy && linkedTo(item.file, kept)
    if (!stays) fs.renameSync(item.file, kept)
    touched(kept)
    return stays ? null : kept
  }
}

/** Everything in the trash, oldest first. */
export async function listTrash(root: FolderRoot): Promise<TrashItem[]> {
  const pace = startPace()
  const items: TrashItem[] = []
  for (const { place, batch, at } of batches(root)) {
    const folders = ['']
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const name of namesIn(nodePath.join(place, batch, folder))) {
        const path = folder === '' ? name : `${folder}/${name}`
        const node = lookAt(nodePath.join(place, batch, path))
        if (node?.kind === 'folder') folders.push(path)
        else if (node !== null) items.push({ batch, at, path: path as FolderPath, node })
        if (pace.step()) await pace.rest()
      }
    }
  }
  return items
}

/** Brings an item back to its path, or to `to`. `exists` when something is there, `changed` when it is not in the trash. */
export async function restoreFromTrash(
  { root, touched }: StepContext,
  item: { batch: string; path: FolderPath; to?: FolderPath },
): Promise<DiskOutcome> {
  root.check()
  try {
    const names = safeNames(item.path, root.privateDir)
    if (names === null || !BATCH_NAME.test(item.batch)) return { done: false, why: 'unsafe' }
    const place = trashFolders(root).find((folder) => lookAt(nodePath.join(folder, item.batch, ...names)) !== null)
    if (place === undefined) return { done: false, why: 'changed' }
    const kept = nodePath.join(place, item.batch, ...names)
    const walked = walkTo(root, item.to ?? item.path, { make: true })
    if (!('file' in walked)) return { done: false, why: walked.why === 'missing' ? 'changed' : walked.why }
    if (lstatIfThere(walked.file) !== undefined) return { done: false, why: 'exists' }
    await bringBack(root, kept, walked.file)
    touched(walked.file)
    removeEmptyParents(kept, place)
    root.own.tidy()
    const node = lookAt(walked.file)
    return node === null ? { done: false, why: 'changed' } : { done: true, node }
  } catch (error) {
    return refusalOf(error, root.root)
  }
}

/** Moves out of the trash; copies when the folder was moved to another disk since. */
async function bringBack(root: FolderRoot, kept: string, file: string): Promise<void> {
  try {
    // A file saved there a moment ago must not be overwritten.
    if (fs.lstatSync(kept).isFile()) moveToFree(kept, file)
    else fs.renameSync(kept, file)
    return
  } catch (error) {
    if (errno(error) !== 'EXDEV') throw error
  }
  const temp = root.own.stagingName()
  try {
    const stat = fs.lstatSync(kept)
    if (stat.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(kept), temp)
    else {
      await fsp.copyFile(kept, temp, fs.constants.COPYFILE_EXCL)
      fs.chmodSync(temp, stat.mode & 0o777)
      fs.utimesSync(temp, stat.atime, stat.mtime)
      await syncFiles([temp], root.own.staging())
    }
    moveToFree(temp, file)
    fs.unlinkSync(kept)
  } finally {
    fs.rmSync(temp, { force: true })
    root.own.release()
  }
}

/** Deletes for good what was put in the trash before `before` (milliseconds since 1970; Infinity: all). */
export async function pruneTrash(root: FolderRoot, before: number): Promise<{ items: number; bytes: number }> {
  const old = (await listTrash(root)).filter(({ at }) => at < before)
  for (const { place, batch, at } of batches(root)) {
    if (at >= before) continue
    try {
      await fsp.rm(nodePath.join(place, batch), { recursive: true, force: true })
    } catch (error) {
      throw writeError(error, root.root)
    }
  }
  root.own.tidy()
  return { items: old.length, bytes: old.reduce((sum, { node }) => sum + sizeOf(node), 0) }
}

/** Bytes of a file; 0 for what holds none. */
export function sizeOf(node: LocalNode): number {
  return node.kind === 'file' ? node.size : 0
}

/** The name of an item for callers: batch and path, parted by the first slash. */
export function idOf({ batch, path }: TrashItem): string {
  return `${batch}/${path}`
}

/** Batch and path of a name that `idOf` made; null for any other text. */
export function parseId(id: string): { batch: string; path: FolderPath } | null {
  const slash = id.indexOf('/')
  const batch = id.slice(0, slash)
  return slash > 0 && BATCH_NAME.test(batch) ? { batch, path: id.slice(slash + 1) as FolderPath } : null
}

function batches(root: FolderRoot): { place: string; batch: string; at: number }[] {
  return trashFolders(root)
    .flatMap((place) =>
      namesIn(place).flatMap((batch) => {
        const match = BATCH_NAME.exec(batch)
        return match === null ? [] : [{ place, batch, at: Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) }]
      }),
    )
    .sort((a, b) => a.at - b.at || (a.batch < b.batch ? -1 : 1))
}

/** A link in the place of a trash leads to files that are not ours. */
function trashFolders(root: FolderRoot): string[] {
  return root.own.trashPlaces.filter((place) => lstatIfThere(nodePath.dirname(place))?.isDirectory() === true)
}

function namesIn(folder: string): string[] {
  return lstatIfThere(folder)?.isDirectory() === true ? fs.readdirSync(folder) : []
}

function linkedTo(file: string, kept: string): boolean {
  try {
    // macOS links what a symlink points at, and a symlink is as good as its text.
    if (fs.lstatSync(file).isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(file), kept)
    else fs.linkSync(file, kept)
    return true
  } catch (error) {
    const code = errno(error)
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS') throw error
    return false
  }
}

function removeEmptyParents(file: string, until: string): void {
  for (let folder = nodePath.dirname(file); folder !== until && folder.startsWith(until); folder = nodePath.dirname(folder)) {
    try {
      fs.rmdirSync(folder)
    } catch {
      return
    }
  }
}
