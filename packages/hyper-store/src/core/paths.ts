/** Paths inside a folder: the border check that makes them, and what may be asked of them. Never compared by string prefix. */
import type { FolderPath } from './entries.ts'

/** Name at the root of a folder that belongs to the program: never synced, refused from peers. */
export const PRIVATE_DIR = '.hyper-store'

/** Longest segment in bytes of UTF-8 (what Linux file systems take). */
export const MAX_SEGMENT_BYTES = 255
/** Longest path in bytes of UTF-8. */
export const MAX_PATH_BYTES = 4096

/** Bytes of a text in UTF-8; -1 when it holds a lone surrogate, which no disk can store. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3
    else {
      const low = unit < 0xdc00 ? text.charCodeAt(index + 1) : Number.NaN
      if (!(low >= 0xdc00 && low <= 0xdfff)) return -1
      bytes += 4
      index++
    }
  }
  return bytes
}

/**
 * The text as a folder path; null when it is empty, absolute, has an empty, `.` or `..` segment, NUL, a lone surrogate,
 * a segment over 255 or a whole over 4096 bytes. A backslash is a plain character.
 */
export function parsePath(text: string): FolderPath | null {
  // Length in units is at most the length in bytes: hostile megabytes end here.
  if (text.length === 0 || text.length > MAX_PATH_BYTES || text.includes('\0')) return null
  const bytes = utf8Length(text)
  if (bytes === -1 || bytes > MAX_PATH_BYTES) return null
  for (const segment of text.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return null
    if (segment.length * 3 > MAX_SEGMENT_BYTES && utf8Length(segment) > MAX_SEGMENT_BYTES) return null
  }
  return text as FolderPath
}

// Characters that some file systems drop from names: `.hyper\u200b-store` must not become the private folder there.
const IGNORABLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu

/**
 * The path of an entry that another device wrote, with or without the one leading slash that Hyperdrive puts first; null
 * when `parsePath` refuses it or when it is the private folder, in any spelling that some disk takes for it.
 */
export function parseRemotePath(text: string): FolderPath | null {
  const path = parsePath(text.startsWith('/') ? text.slice(1) : text)
  if (path === null) return null
  return caseKey(firstOf(path).replace(IGNORABLE, '')) === PRIVATE_DIR ? null : path
}

function firstOf(path: FolderPath): string {
  const slash = path.indexOf('/')
  return slash === -1 ? path : path.slice(0, slash)
}

/** The folder that holds a path; null for a path at the root. */
export function parentOf(path: FolderPath): FolderPath | null {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? null : (path.slice(0, slash) as FolderPath)
}

/** The last segment. */
export function nameOf(path: FolderPath): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Every folder above a path, nearest first; the root is not among them. */
export function ancestorsOf(path: FolderPath): FolderPath[] {
  const ancestors: FolderPath[] = []
  for (let above = parentOf(path); above !== null; above = parentOf(above)) ancestors.push(above)
  return ancestors
}

/** True when `path` lies in `folder`, at any depth; a path is not below itself. */
export function isBelow(path: FolderPath, folder: FolderPath): boolean {
  return path.length > folder.length && path.charCodeAt(folder.length) === SLASH && path.startsWith(folder)
}

/** A name in a folder (null: the root); null when the outcome is no folder path. */
export function joinPath(folder: FolderPath | null, name: string): FolderPath | null {
  return parsePath(folder === null ? name : `${folder}/${name}`)
}

const SLASH = 47

/** Order of paths for sorting: parents before children, and a folder's content stays together. */
export function comparePaths(a: FolderPath, b: FolderPath): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left === right) continue
    // The separator goes before every character, or `a-b` would part `a` from `a/b`.
    if (left === SLASH) return -1
    if (right === SLASH) return 1
    return left - right
  }
  return a.length - b.length
}

/** Equal for names that a case-insensitive or normalising disk takes for one. */
export function caseKey(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC')
}
