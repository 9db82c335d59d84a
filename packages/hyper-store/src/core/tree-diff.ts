/** What differs between two states of a folder, with renames by content: for people, and as the plan of a restore. */
import { sameBytes, sameContent } from './content.ts'
import type { Entry, FileEntry, FolderPath } from './entries.ts'
import { comparePaths, nameOf } from './paths.ts'

/** So many files with the same bytes are compared by name when one of them was renamed. */
const CANDIDATES = 64

/** One path in two states; null where it is not. */
export interface PathPair {
  readonly path: FolderPath
  readonly before: Entry | null
  readonly after: Entry | null
}

/** One difference. `before` is what was at `from` for a rename, else what was at `path`. */
export interface TreeChange {
  readonly op: 'add' | 'change' | 'delete' | 'rename'
  readonly path: FolderPath
  /** Where it was, for `rename`. */
  readonly from: FolderPath | null
  readonly before: Entry | null
  readonly after: Entry | null
}

/**
 * The differences between two states, in path order. `pairs` may leave out paths that are alike. A file that went from one path
 * and came at another with the same bytes is one rename. With `times`, another time alone is a change too.
 */
export function diffTrees(pairs: Iterable<PathPair>, options: { times?: boolean } = {}): TreeChange[] {
  const changes: TreeChange[] = []
  for (const { path, before, after } of pairs) {
    if (before === null && after === null) continue
    if (before === null) changes.push({ op: 'add', path, from: null, before, after })
    else if (after === null) changes.push({ op: 'delete', path, from: null, before, after })
    else if (!sameContent(before, after) || (options.times === true && isLater(before, after)))
      changes.push({ op: 'change', path, from: null, before, after })
  }
  return pairRenames(changes.sort((a, b) => comparePaths(a.path, b.path)))
}

function isLater(before: Entry, after: Entry): boolean {
  return before.kind === 'file' && before.mtimeMs !== after.mtimeMs
}

function pairRenames(changes: readonly TreeChange[]): TreeChange[] {
  const gone = new Map<string, TreeChange[]>()
  for (const change of changes) {
    const file = change.op === 'delete' ? movable(change.before) : null
    if (file === null) continue
    const list = gone.get(file.hash)
    if (list === undefined) gone.set(file.hash, [change])
    else list.push(change)
  }
  if (gone.size === 0) return [...changes]
  const renamed = new Map<TreeChange, TreeChange>()
  const used = new Set<TreeChange>()
  for (const change of changes) {
    const file = change.op === 'add' ? movable(change.after) : null
    const from = file === null ? undefined : takeBest(gone.get(file.hash), change.path, file)
    if (from === undefined) continue
    used.add(from)
    renamed.set(change, { ...change, op: 'rename', from: from.path, before: from.before })
  }
  return changes.filter((change) => !used.has(change)).map((change) => renamed.get(change) ?? change)
}

/** A file whose bytes can be recognised elsewhere. Empty files are all alike. */
function movable(entry: Entry | null): FileEntry | null {
  return entry?.kind === 'file' && entry.hash !== '' && entry.size > 0 ? entry : null
}

/** Takes the candidate of the same name, else the first in path order. Looks at a few only: thousands of equal files moved are as good. */
function takeBest(candidates: TreeChange[] | undefined, path: FolderPath, file: FileEntry): TreeChange | undefined {
  if (candidates === undefined) return undefined
  const near = candidates.slice(0, CANDIDATES)
  const fits = (change: TreeChange) => change.before?.kind === 'file' && sameBytes(change.before, file)
  const sameName = near.findIndex((change) => fits(change) && nameOf(change.path) === nameOf(path))
  const index = sameName === -1 ? near.findIndex(fits) : sameName
  return index === -1 ? undefined : candidates.splice(index, 1)[0]
}
