/** From `lstat` to local nodes, and the comparison on which "nothing is touched unless it is as seen" rests. */
import * as fs from 'node:fs'
import type { LocalFile, LocalNode } from '../core/entries.ts'
import { errno } from './disk-errors.ts'

/** `lstat` that gives undefined where nothing is, also below something that is not a folder. Other errors are thrown. */
export function lstatIfThere(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false })
  } catch (error) {
    if (errno(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** The node of a regular file. */
export function fileNode(stat: fs.Stats): LocalFile {
  return {
    kind: 'file',
    size: stat.size,
    mtimeMs: stat.mtimeMs,
    ctimeMs: stat.ctimeMs,
    ino: stat.ino,
    executable: process.platform !== 'win32' && (stat.mode & 0o100) !== 0,
  }
}

/**
 * The node at an absolute path whose stat is known. `special` for sockets, fifos and devices, `bad-target` for a link
 * whose target is not valid UTF-8. A folder counts as empty when nothing at all is in it.
 */
export function nodeOf(file: string, stat: fs.Stats): LocalNode | 'special' | 'bad-target' {
  if (stat.isFile()) return fileNode(stat)
  if (stat.isSymbolicLink()) {
    const target = readTarget(file)
    return target === null ? 'bad-target' : { kind: 'symlink', target, mtimeMs: stat.mtimeMs, ctimeMs: stat.ctimeMs, ino: stat.ino }
  }
  if (stat.isDirectory()) return { kind: 'folder', empty: isEmptyFolder(file) }
  return 'special'
}

/** The node at an absolute path now, null when nothing that can be kept in step is there. */
export function lookAt(file: string): LocalNode | null {
  const stat = lstatIfThere(file)
  if (stat === undefined) return null
  const node = nodeOf(file, stat)
  return typeof node === 'string' ? null : node
}

/** True when `now` still is what a scan saw. Folders are compared by kind alone: what is in them has paths of its own. */
export function sameNode(seen: LocalNode, now: LocalNode | null): boolean {
  if (now === null || seen.kind !== now.kind) return false
  if (seen.kind === 'folder' || now.kind === 'folder') return true
  if (seen.ino !== now.ino || seen.mtimeMs !== now.mtimeMs || seen.ctimeMs !== now.ctimeMs) return false
  if (seen.kind === 'symlink') return now.kind === 'symlink' && seen.target === now.target
  return now.kind === 'file' && seen.size === now.size && seen.executable === now.executable
}

function isEmptyFolder(folder: string): boolean {
  const handle = fs.opendirSync(folder, { bufferSize: 1 })
  try {
    return handle.readSync() === null
  } finally {
    handle.closeSync()
  }
}

function readTarget(link: string): string | null {
  const target = fs.readlinkSync(link)
  // U+FFFD may really be in the name, so the bytes decide.
  if (target.includes('\uFFFD') && !Buffer.from(target).equals(fs.readlinkSync(link, 'buffer'))) return null
  return target
}
