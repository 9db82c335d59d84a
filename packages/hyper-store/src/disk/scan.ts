/** Walks a folder and tells what is there, from directory entries and stats alone: no content is read. */
import * as fs from 'node:fs'
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath, LocalNode } from '../core/entries.ts'
import type { ScanNode, ScanProblem, WaitOptions } from '../core/ports.ts'
import { errno } from './disk-errors.ts'
import { startPace } from './pace.ts'
import type { FolderRoot } from './root.ts'
import { looksLike, walkTo } from './safe-path.ts'
import { fileNode, lstatIfThere, nodeOf } from './stat.ts'

/** Nodes per batch. */
const BATCH = 1000

/** Options of a scan, as the port has them. */
export type ScanOptions = WaitOptions & {
  start?: FolderPath
  ignored?: (path: FolderPath, isFolder: boolean) => boolean
  onProblem?: (problem: ScanProblem) => void
}

/** A name in a folder that is to be reported. */
interface Child {
  readonly path: FolderPath
  readonly isFolder: boolean
}

/**
 * Everything below `start`; `start` itself comes first when given, and alone when it is not a folder. What is at or below
 * the path of a problem is unknown, which is not the same as gone. Throws FOLDER_UNREADABLE when the root can't be read,
 * or is not the same folder at the end: a vanished root never looks like an empty one.
 */
export async function* scanFolder(root: FolderRoot, options: ScanOptions): AsyncGenerator<ScanNode[]> {
  options.signal?.throwIfAborted()
  root.check()
  const pace = startPace(options.signal)
  const problem = (path: string, reason: ScanProblem['reason']) => options.onProblem?.({ path, reason })
  const folders: string[] = []
  let batch: ScanNode[] = []

  if (options.start === undefined) folders.push('')
  else {
    const first = firstNode(root, options.start, problem)
    if (first === 'folder') folders.push(options.start)
    else if (first !== null) batch.push({ path: options.start, node: first })
  }

  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const children = listFolder(root, folder, { options, problem })
    if (children === null) continue
    // A folder that can't be listed is still a folder; "not empty" keeps it from being taken for an empty one.
    const unreadable = children === 'unreadable'
    if (folder !== '') batch.push({ path: folder as FolderPath, node: { kind: 'folder', empty: !unreadable && children.empty } })
    if (unreadable) continue
    const below: string[] = []
    for (const child of children.list) {
      if (child.isFolder) below.push(child.path)
      else {
        const node = childNode(root, child.path, problem)
        // It was no folder when it was listed; if it is one now, it is new and walked like the others.
        if (node === 'folder') below.push(child.path)
        else if (node !== null) batch.push({ path: child.path, node })
      }
      if (batch.length >= BATCH) {
        yield batch
        batch = []
      }
      if (pace.step()) await pace.rest()
    }
    for (let at = below.length - 1; at >= 0; at -= 1) folders.push(below[at] ?? '')
    if (pace.step()) await pace.rest()
  }
  // What vanished with the root during the walk was not deleted by the user.
  root.check()
  if (batch.length > 0) yield batch
}

type Report = (path: string, reason: ScanProblem['reason']) => void

function firstNode(root: FolderRoot, start: FolderPath, problem: Report): LocalNode | 'folder' | null {
  try {
    if (!('file' in walkTo(root, start))) return null
  } catch (error) {
    problem(start, reasonOf(error))
    return null
  }
  return childNode(root, start, problem)
}

/** The node of a path that is no folder; `folder` for one; null when gone or left out. */
function childNode(root: FolderRoot, path: string, problem: Report): LocalNode | 'folder' | null {
  const file = `${root.root}/${path}`
  try {
    const stat = lstatIfThere(file)
    if (stat === undefined) return null
    if (stat.isFile()) return fileNode(stat)
    if (stat.isDirectory()) return 'folder'
    const node = nodeOf(file, stat)
    if (typeof node !== 'string') return node
    problem(path, node === 'special' ? 'special-file' : 'bad-name')
  } catch (error) {
    if (errno(error) !== 'ENOENT') problem(path, reasonOf(error))
  }
  return null
}

/** What is in a folder and not ignored. */
interface Children {
  readonly list: Child[]
  /** False also when all that is in it was left out with a problem. */
  readonly empty: boolean
}

/** The names in a folder that count, or null when it is gone. */
function listFolder(
  root: FolderRoot,
  folder: string,
  { options, problem }: { options: ScanOptions; problem: Report },
): Children | 'unreadable' | null {
  const place = folder === '' ? root.root : `${root.root}/${folder}`
  let names: fs.Dirent[]
  try {
    // Between being listed and being walked, a folder may have become a link to somewhere else.
    if (folder !== '' && lstatIfThere(place)?.isDirectory() !== true) return null
    names = fs.readdirSync(place, { withFileTypes: true })
  } catch (error) {
    if (folder === '') {
      throw new AppError('FOLDER_UNREADABLE', { path: root.root, reason: `the system reports ${String(errno(error))}` }, { cause: error })
    }
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return null
    problem(folder, reasonOf(error))
    return 'unreadable'
  }
  let whole: Set<string> | null = null
  const list: Child[] = []
  let empty = true
  for (const entry of names) {
    if (folder === '' && entry.name === root.privateDir) continue
    const path = (folder === '' ? entry.name : `${folder}/${entry.name}`) as FolderPath
    const isFolder = entry.isDirectory()
    if (options.ignored?.(path, isFolder) === true) continue
    empty = false
    if (entry.name.includes('\uFFFD')) whole ??= wholeNames(place)
    if ((whole !== null && !whole.has(entry.name)) || (folder === '' && looksLike(entry.name, root.privateDir))) problem(path, 'bad-name')
    else list.push({ path, isFolder })
  }
  return { list, empty }
}

/** The names of a folder that are valid UTF-8. Asked for only where a name decoded to U+FFFD, which may also really be in it. */
function wholeNames(folder: string): Set<string> {
  const whole = new Set<string>()
  for (const bytes of fs.readdirSync(folder, 'buffer')) {
    const name = bytes.toString()
    if (Buffer.from(name).equals(bytes)) whole.add(name)
  }
  return whole
}

function reasonOf(error: unknown): ScanProblem['reason'] {
  return errno(error) === 'ENAMETOOLONG' ? 'path-too-long' : 'unreadable'
}
