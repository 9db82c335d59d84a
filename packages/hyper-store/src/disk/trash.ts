/** The folder's trash: what the program replaced or removed, by time and path, on the same disk as the files. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import type { FolderPath, LocalNode } from '../core/entries.ts'
import type { DiskOutcome } from '../core/ports.ts'
import { errno, refusalOf, writeError } from './disk-errors.ts'
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
  const area = root.trash()
  const stamp = `${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z`
  for (let count = 0; ; count += 1) {
    const batch = count === 0 ? stamp : `${stamp}-${String(count)}`
    const kept = nodePath.join(area, batch, ...item.path.split('/'))
    try {
      fs.mkdirSync(nodePath.dirname(kept), { recursive: true })
      if (lstatIfThere(kept) !== undefined) continue
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
  for (const { batch, at } of batches(root)) {
    const folders = ['']
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const name of namesIn(nodePath.join(root.trashPath, batch, folder))) {
        const path = folder === '' ? name : `${folder}/${name}`
        const node = lookAt(nodePath.join(root.trashPath, batch, path))
        if (node?.kind === 'folder') folders.push(path)
        else if (node !== null) items.push({ batch, at, path: path as FolderPath, node })
        if (pace.step()) await pace.rest()
      }
    }
  }
  return items
}

/** Brings an item back to its path, or to `to`. `exists` when something is there, `changed` when it is not in the trash. */
export function restoreFromTrash({ root, touched }: StepContext, item: { batch: string; path: FolderPath; to?: FolderPath }): DiskOutcome {
  root.check()
  try {
    const names = safeNames(item.path, root.privateDir)
    if (names === null || !BATCH_NAME.test(item.batch)) return { done: false, why: 'unsafe' }
    const kept = nodePath.join(root.trashPath, item.batch, ...names)
    if (lookAt(kept) === null) return { done: false, why: 'changed' }
    const walked = walkTo(root, item.to ?? item.path, { make: true })
    if (!('file' in walked)) return { done: false, why: walked.why === 'missing' ? 'changed' : walked.why }
    if (lstatIfThere(walked.file) !== undefined) return { done: false, why: 'exists' }
    fs.renameSync(kept, walked.file)
    touched(walked.file)
    removeEmptyParents(kept, root.trashPath)
    const node = lookAt(walked.file)
    return node === null ? { done: false, why: 'changed' } : { done: true, node }
  } catch (error) {
    return refusalOf(error, root.root)
  }
}

/** Deletes everything in the trash for good; returns how many batches. */
export function emptyTrash(root: FolderRoot): Promise<number> {
  return removeBatches(root, () => true)
}

/** Deletes for good what was put in the trash before `before` (milliseconds since 1970); returns how many batches. */
export function pruneTrash(root: FolderRoot, before: number): Promise<number> {
  return removeBatches(root, (at) => at < before)
}

async function removeBatches(root: FolderRoot, old: (at: number) => boolean): Promise<number> {
  let count = 0
  for (const { batch, at } of batches(root)) {
    if (!old(at)) continue
    try {
      await fs.promises.rm(nodePath.join(root.trashPath, batch), { recursive: true, force: true })
    } catch (error) {
      throw writeError(error, root.root)
    }
    count += 1
  }
  return count
}

function batches(root: FolderRoot): { batch: string; at: number }[] {
  // A link in the place of the trash leads to files that are not ours.
  if (lstatIfThere(nodePath.dirname(root.trashPath))?.isDirectory() !== true) return []
  return namesIn(root.trashPath)
    .flatMap((batch) => {
      const match = BATCH_NAME.exec(batch)
      return match === null ? [] : [{ batch, at: Date.parse(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`) }]
    })
    .sort((a, b) => a.at - b.at || (a.batch < b.batch ? -1 : 1))
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
