/** Names for versions that give way: conflict copies and kept-aside local edits. Deterministic, and never longer than a disk takes. */
import type { FolderPath } from './entries.ts'
import { MAX_PATH_BYTES, MAX_SEGMENT_BYTES, nameOf, parentOf, utf8Length } from './paths.ts'

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

function besideName(path: FolderPath, label: string, attempt: number): FolderPath {
  const { stem, extension } = splitName(nameOf(path))
  const tail = ` (${label}${attempt > 1 ? ` ${attempt}` : ''})${extension}`
  // In a folder whose path leaves no room for the name, the nearest folder above that has room.
  let parent = parentOf(path)
  while (parent !== null && utf8Length(parent) + 1 + MAX_SEGMENT_BYTES > MAX_PATH_BYTES) parent = parentOf(parent)
  const name = cutToBytes(stem, MAX_SEGMENT_BYTES - utf8Length(tail)) + tail
  // Whole by construction: the segment holds at most 255 bytes, has no slash or NUL, and begins and ends with other than dots.
  return (parent === null ? name : `${parent}/${name}`) as FolderPath
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
