/** Where a folder path lies on disk, and the refusal of every path that could lead out of the folder. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import type { Refusal } from './disk-errors.ts'
import { errno } from './disk-errors.ts'
import { lstatIfThere } from './stat.ts'

/** The longest name that any file system in use can hold, in bytes. */
const MAX_NAME_BYTES = 255

/** The folder that paths are resolved in. */
export interface PathBase {
  /** Absolute path of the root. */
  readonly root: string
  /** Name of the program's own sub-folder, which no entry may touch. */
  readonly privateDir: string
}

/** The names of a path, or null when the path could not have come from a scan of a folder: hostile or not for this system. */
export function safeNames(path: string, privateDir: string): string[] | null {
  if (path === '' || path.includes('\0') || /\p{Surrogate}/u.test(path)) return null
  const names = path.split('/')
  for (const name of names) {
    if (name === '' || name === '.' || name === '..') return null
    if (name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES) return null
    if (process.platform === 'win32' && !isWindowsName(name)) return null
  }
  return looksLike(names[0] ?? '', privateDir) ? null : names
}

/**
 * True for names that some file system takes for `privateDir`: other case, other composition, characters that
 * HFS+ ignores, and short names of Windows.
 */
export function looksLike(name: string, privateDir: string): boolean {
  if (name.length < 4 || name.length > privateDir.length + 32) return false
  const fold = (text: string) =>
    text
      .replace(/[\u200B-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/g, '')
      .normalize('NFKC')
      .toLowerCase()
  if (fold(name) === fold(privateDir)) return true
  return process.platform === 'win32' && /^[^.]{1,6}~\d+$/.test(name) && privateDir.startsWith('.')
}

/** Absolute place of a path without looking at the disk; null when the path is not safe. */
export function placeOf(base: PathBase, path: string): string | null {
  const names = safeNames(path, base.privateDir)
  return names === null ? null : nodePath.join(base.root, ...names)
}

/** What `walkTo` found: the absolute place, or why it may not be touched. `missing`: a parent is not there. */
export type Walked = { readonly file: string } | { readonly why: Refusal | 'missing' }

/**
 * Checks every parent of a path by `lstat`: no symlink, no file in a folder's place. `make` creates missing parents.
 * `verified` holds folders that were checked within this slice of work, so that a batch pays once for each.
 */
export function walkTo(base: PathBase, path: string, options: { make?: boolean; verified?: Set<string> } = {}): Walked {
  const names = safeNames(path, base.privateDir)
  if (names === null) return { why: 'unsafe' }
  const last = names.pop() ?? ''
  const parent = names.length === 0 ? base.root : `${base.root}${nodePath.sep}${names.join(nodePath.sep)}`
  if (names.length > 0 && options.verified?.has(parent) !== true) {
    const refused = walkParents(base.root, names, options.make === true)
    if (refused !== null) return { why: refused }
    options.verified?.add(parent)
  }
  return { file: `${parent}${nodePath.sep}${last}` }
}

function walkParents(root: string, names: readonly string[], make: boolean): Refusal | 'missing' | null {
  let folder = root
  for (const name of names) {
    folder = `${folder}${nodePath.sep}${name}`
    const stat = lstatOrLong(folder)
    if (stat === 'long') return 'unsafe'
    if (stat === undefined) {
      if (!make) return 'missing'
      const refused = makeParent(folder)
      if (refused !== null) return refused
    } else if (stat.isSymbolicLink()) return 'unsafe'
    else if (!stat.isDirectory()) return 'blocked'
  }
  return null
}

function makeParent(folder: string): Refusal | null {
  try {
    fs.mkdirSync(folder)
    return null
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error
    // Somebody was faster: only a real folder will do.
    const stat = lstatIfThere(folder)
    if (stat === undefined) return 'changed'
    return stat.isDirectory() ? null : stat.isSymbolicLink() ? 'unsafe' : 'blocked'
  }
}

function lstatOrLong(file: string): fs.Stats | undefined | 'long' {
  try {
    return lstatIfThere(file)
  } catch (error) {
    if (errno(error) === 'ENAMETOOLONG') return 'long'
    throw error
  }
}

function isWindowsName(name: string): boolean {
  if (/[<>:"|?*\\]/.test(name) || /[. ]$/.test(name)) return false
  for (let at = 0; at < name.length; at += 1) if (name.charCodeAt(at) < 32) return false
  return !/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i.test(name)
}
