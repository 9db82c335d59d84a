/** Steps on what is already there: folders, stamps, renames and removals, each only if the disk still is as seen. */
import * as fs from 'node:fs'
import type { FolderPath, LocalFile, LocalNode } from '../core/entries.ts'
import type { DiskOutcome, FileFacts } from '../core/ports.ts'
import type { Refusal } from './disk-errors.ts'
import { errno, refusalOf, writeError } from './disk-errors.ts'
import { moveToFree } from './move.ts'
import { walkTo } from './safe-path.ts'
import { modeFor, timeOf } from './stage.ts'
import { fileNode, lookAt, lstatIfThere, sameNode } from './stat.ts'
import type { StepContext } from './step-context.ts'
import { keepInTrash } from './trash.ts'

/** Makes a folder and its parents; a folder that is there already is fine. */
export function makeFolderAt({ root, touched }: StepContext, path: FolderPath): DiskOutcome {
  root.check()
  try {
    const walked = walkTo(root, path, { make: true })
    if (!('file' in walked)) return refused(walked.why)
    const stat = lstatIfThere(walked.file)
    if (stat === undefined) {
      fs.mkdirSync(walked.file)
      touched(walked.file)
    } else if (!stat.isDirectory()) return { done: false, why: 'exists' }
    return outcomeAt(walked.file)
  } catch (error) {
    return refusalOf(error, root.root)
  }
}

/** Sets execute bit and time; the content stays. An mtime of 0 leaves the time alone. */
export function stampAt({ root }: StepContext, path: FolderPath, how: { facts: FileFacts; seen: LocalFile }): DiskOutcome {
  root.check()
  try {
    const walked = walkTo(root, path)
    if (!('file' in walked)) return refused(walked.why)
    const fd = fs.openSync(walked.file, fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0))
    try {
      const stat = fs.fstatSync(fd)
      if (!stat.isFile() || !sameNode(how.seen, fileNode(stat))) return { done: false, why: 'changed' }
      const bits = modeFor(stat.mode & 0o777, how.facts.executable)
      // Only when asked for: a chmod would also drop a set-user-id bit.
      if (how.facts.executable !== how.seen.executable) fs.fchmodSync(fd, bits)
      const time = timeOf(how.facts)
      if (time !== null) fs.futimesSync(fd, time, time)
      return { done: true, node: fileNode(fs.fstatSync(fd)) }
    } finally {
      fs.closeSync(fd)
    }
  } catch (error) {
    // A link in the file's place.
    if (errno(error) === 'ELOOP') return { done: false, why: 'changed' }
    return refusalOf(error, root.root)
  }
}

/** Renames a file, link or whole folder to a free name. */
export function renameAt({ root, touched }: StepContext, path: { from: FolderPath; to: FolderPath }, seen: LocalNode): DiskOutcome {
  root.check()
  try {
    const from = walkTo(root, path.from)
    if (!('file' in from)) return refused(from.why)
    // Looked at before parents are made for a move that will not happen.
    if (!sameNode(seen, lookAt(from.file))) return { done: false, why: 'changed' }
    const way = walkTo(root, path.to)
    if ('why' in way && way.why !== 'missing') return refused(way.why)
    // A folder can't move into itself, and making the parents for that would change it.
    if (path.to.startsWith(`${path.from}/`)) return { done: false, why: 'blocked' }
    const to = walkTo(root, path.to, { make: true })
    if (!('file' in to)) return refused(to.why)
    const taken = lstatIfThere(to.file)
    if (taken !== undefined) {
      const own = fs.lstatSync(from.file)
      // Only the case of a name changes, on a file system that ignores case.
      const sameName = from.file !== to.file && from.file.toLowerCase() === to.file.toLowerCase()
      if (!sameName || own.ino !== taken.ino || own.dev !== taken.dev || (own.isFile() && own.nlink > 1))
        return { done: false, why: 'exists' }
      fs.renameSync(from.file, to.file)
    } else if (seen.kind === 'file' || (seen.kind === 'symlink' && process.platform === 'linux')) moveToFree(from.file, to.file)
    // `link` can't name folders, and on macOS it would follow the link.
    else fs.renameSync(from.file, to.file)
    touched(from.file)
    touched(to.file)
    return outcomeAt(to.file)
  } catch (error) {
    return refusalOf(error, root.root)
  }
}

/** Removes a file or link, or a folder that is empty. The outcome's node is what was removed. */
export function removeAt(context: StepContext, path: FolderPath, how: { seen: LocalNode; trash: boolean }): DiskOutcome {
  const { root } = context
  root.check()
  try {
    const walked = walkTo(root, path)
    if (!('file' in walked)) return refused(walked.why)
    const now = lookAt(walked.file)
    if (now === null || !sameNode(how.seen, now)) return { done: false, why: 'changed' }
    if (now.kind === 'folder') {
      // Never with what is in it: that was not seen.
      if (!now.empty) return { done: false, why: 'changed' }
      fs.rmdirSync(walked.file)
    } else if (how.trash) keepInTrash(context, { path, file: walked.file, copy: false })
    else fs.unlinkSync(walked.file)
    context.touched(walked.file)
    return { done: true, node: now }
  } catch (error) {
    return refusalOf(error, root.root)
  }
}

/** Removes a folder only if nothing is in it; false when something is, or when it is not there. */
export function removeFolderAt({ root, touched }: StepContext, path: FolderPath): boolean {
  root.check()
  try {
    const walked = walkTo(root, path)
    if (!('file' in walked)) return false
    if (lstatIfThere(walked.file)?.isDirectory() !== true) return false
    fs.rmdirSync(walked.file)
    touched(walked.file)
    return true
  } catch (error) {
    const code = errno(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT' || code === 'ENOTDIR' || code === 'EBUSY') return false
    throw writeError(error, root.root)
  }
}

function refused(why: Refusal | 'missing'): DiskOutcome {
  return { done: false, why: why === 'missing' ? 'changed' : why }
}

function outcomeAt(file: string): DiskOutcome {
  const node = lookAt(file)
  return node === null ? { done: false, why: 'changed' } : { done: true, node }
}
