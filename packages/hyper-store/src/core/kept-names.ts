/** Names for versions that give way: conflict copies and kept-aside local edits. Deterministic, and never longer than a disk takes. */
import type { FolderPath } from './entries.ts'
import { joinPath, MAX_PATH_BYTES, MAX_SEGMENT_BYTES, nameOf, parentOf, utf8Length } from './paths.ts'

/**
 * `name (conflict <device> 2026-11-22 10-32).ext` beside `path`; the time is `mtimeMs` in UTC. `attempt` from 2 on adds a number,
 * for when the name is taken. Over-long names lose characters of their stem.
 */
export function conflictName(path: FolderPath, device: string, mtimeMs: number, attempt = 1): FolderPath {
  return besideName(path, `conflict ${cleanDevice(device)} ${minuteOf(mtimeMs)}`, attempt)
}

/** `name (kept <device> 2026-11-22 10-32).ext`: a local edit on a device that only receives. Otherwise as `conflictName`. */
export function keptName(path: FolderPath, device: string, mtimeMs: number, attempt = 1): FolderPath {
  return besideName(path, `kept ${cleanDevice(device)} ${minuteOf(mtimeMs)}`, attempt)
}

/** `name (restored 2026-11-22 10-32).ext`: what came back to a name that is taken now. Otherwise as `conflictName`. */
export function restoredName(path: FolderPath, atMs: number, attempt = 1): FolderPath {
  return besideName(path, `restored ${minuteOf(atMs)}`, attempt)
}

/** `name (<device> 2026-11-22 10-32).ext`: a conflict copy that a user decided to keep as a file of its own. Otherwise as `conflictName`. */
export function settledName(path: FolderPath, device: string, mtimeMs: number, attempt = 1): FolderPath {
  return besideName(path, `${cleanDevice(device)} ${minuteOf(mtimeMs)}`, attempt)
}

const CONFLICT_NAME = /^(.*) \(conflict ((?:(?!\) \().){1,60}) \d{4}-\d\d-\d\d \d\d-\d\d(?: \d{1,9})?\)(\.[^.]{0,15})?$/su

/** The file that a name made by `conflictName` was beside, and the device in it; null for other names, and for those that were cut. */
export function readConflictName(path: FolderPath): { readonly path: FolderPath; readonly device: string } | null {
  const name = nameOf(path)
  const match = name.includes(' (conflict ') ? CONFLICT_NAME.exec(name) : null
  if (match === null) return null
  const [, stem = '', device = '', extension = ''] = match
  const main = joinPath(parentOf(path), stem + extension)
  return main === null ? null : { path: main, device }
}

/** The device's name as it stands in conflict names. */
export function deviceInNames(device: string): string {
  return cleanDevice(device)
}

function besideName(path: FolderPath, label: string, attempt: number): FolderPath {
  const { stem, extension } = splitName(nameOf(path))
  const tail = ` (${label}${attempt > 1 ? ` ${attempt}` : ''})${extension}`
  // In a folder whose path leaves no room for the name, the nearest folder above that has room.
  let parent = parentOf(path)
  while (parent !== null && utf8Length(parent) + 1 + MAX_SEGMENT_BYTES > MAX_PATH_BYTES) parent = parentOf(parent)
  const room = MAX_SEGMENT_BYTES - utf8Length(tail)
  // Cut names, and names in another folder, would meet those of other files: the mark keeps them apart.
  const isPlain = parent === parentOf(path) && utf8Length(stem) <= room
  const mark = isPlain ? '' : `~${markOf(path)}`
  const name = cutToBytes(stem, room - mark.length) + mark + tail
  // Whole by construction: the segment holds at most 255 bytes, has no slash or NUL, and begins and ends with other than dots.
  return (parent === null ? name : `${parent}/${name}`) as FolderPath
}

/** 32 bits of the path, as seven characters (FNV-1a). */
function markOf(path: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < path.length; index++) hash = Math.imul(hash ^ path.charCodeAt(index), 0x01000193) >>> 0
  return hash.toString(36).padStart(7, '0')
}

/** Name and extension; a leading dot begins a name, and an extension over 16 bytes is no extension. */
function splitName(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  return extension === '' || utf8Length(extension) > 16 ? { stem: name, extension: '' } : { stem: name.slice(0, dot), extension }
}

/** The device's name without what file names can't hold, at most 60 bytes. */
function cleanDevice(device: string): string {
  const plain = device
    .replace(/[\p{Cc}\p{Cs}/\\:*?"<>|]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  return cutToBytes(plain, 60).trim() || 'device'
}

function minuteOf(mtimeMs: number): string {
  const date = new Date(mtimeMs)
  if (Number.isNaN(date.getTime())) return '1970-01-01 00-00'
  return date.toISOString().slice(0, 16).replace('T', ' ').replace(':', '-')
}

function cutToBytes(text: string, bytes: number): string {
  if (utf8Length(text) <= bytes) return text
  let cut = ''
  let room = bytes
  for (const character of text) {
    room -= utf8Length(character)
    if (room < 0) break
    cut += character
  }
  return cut
}
