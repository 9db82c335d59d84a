/** How a disk spells names: whether it ignores case, and under which spelling it has a path. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import type { FolderPath } from '../core/entries.ts'
import { caseKey } from '../core/paths.ts'
import { lstatIfThere } from './stat.ts'

/** Names of a folder that are tried before one is made. */
const TRIED = 50

/**
 * True when the disk below `root` takes names that differ in case for one. Asked of a name that is there, else of our own folder, which
 * is made for a moment; where that can't be, what is usual on the platform.
 */
export function ignoresCase(root: string, privateDir: string): boolean {
  try {
    const known = someName(root)
    if (known !== null) return isSame(nodePath.join(root, known), nodePath.join(root, swapCase(known)))
    const own = nodePath.join(root, privateDir)
    const there = lstatIfThere(own) !== undefined
    if (!there) fs.mkdirSync(own)
    try {
      return isSame(own, nodePath.join(root, swapCase(privateDir)))
    } finally {
      if (!there) fs.rmdirSync(own)
    }
  } catch {
    return process.platform === 'darwin' || process.platform === 'win32'
  }
}

/** A name with letters whose file has no second name: two hard links would look like one file under two spellings. */
function someName(root: string): string | null {
  const folder = fs.opendirSync(root)
  try {
    for (let tried = 0; tried < TRIED; tried++) {
      const child = folder.readSync()
      if (child === null) return null
      if (swapCase(child.name) === child.name) continue
      const stat = lstatIfThere(nodePath.join(root, child.name))
      if (stat !== undefined && (stat.isDirectory() || stat.nlink === 1)) return child.name
    }
    return null
  } finally {
    folder.closeSync()
  }
}

function isSame(file: string, other: string): boolean {
  const [a, b] = [lstatIfThere(file), lstatIfThere(other)]
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
}

function swapCase(text: string): string {
  return text.replace(/\p{Lu}|\p{Ll}/gu, (letter) => {
    const upper = letter.toUpperCase()
    const swapped = upper === letter ? letter.toLowerCase() : upper
    // Letters whose other case is several letters tell nothing.
    return swapped.length === letter.length ? swapped : letter
  })
}

/** Of a path the part that is there, as the disk spells it; null when not even its first name is. */
export function spellingOf(root: string, path: FolderPath): FolderPath | null {
  const spelled: string[] = []
  for (const name of path.split('/')) {
    const names = namesIn(nodePath.join(root, ...spelled))
    const there = names.includes(name) ? name : names.find((other) => caseKey(other) === caseKey(name))
    if (there === undefined) break
    spelled.push(there)
  }
  return spelled.length === 0 ? null : (spelled.join('/') as FolderPath)
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}
