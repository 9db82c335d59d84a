/** What has to be done to one tree so that it becomes like another: pure, so that it is tested without disks or links. */
import type { PathChange } from '@hyper-store/client/contract'

/** One file, symlink or folder of a tree; its path is the key of the map that holds it. */
export interface TreeEntry {
  readonly path: string
  readonly kind: 'file' | 'symlink' | 'folder'
  /** Bytes; 0 for what is no file. */
  readonly size: number
  /** Null where nobody knows. */
  readonly mtimeMs: number | null
  /** Null where the side can't tell. */
  readonly executable: boolean | null
  /** Where a symlink points; null for others. */
  readonly target: string | null
}

/** A tree by path. Folders that hold something may be left out. */
export type Tree = ReadonlyMap<string, TreeEntry>

/** One step that makes the target like the source. */
export interface TreeChange {
  readonly op: 'add' | 'change' | 'delete' | 'rename'
  readonly path: string
  /** Where it is in the target, for `rename`. */
  readonly from: string | null
  /** The entry in the target; null for `add`. */
  readonly before: TreeEntry | null
  /** The entry in the source; null for `delete`. */
  readonly after: TreeEntry | null
  /** False where only the content can tell: as many bytes, another time. */
  readonly certain: boolean
}

/** What may be done to the target; all true by default. */
export interface Allowed {
  readonly add: boolean
  readonly overwrite: boolean
  readonly delete: boolean
}

/** Drives keep whole milliseconds, disks more than that. */
const SAME_TIME_MS = 1.5

/**
 * The changes, ordered by path. Files of one size and time are the same; of one size and different times are changes that are not
 * `certain`. A folder counts where it is empty, on the side that has it.
 */
export function compareTrees(source: Tree, target: Tree): TreeChange[] {
  const changes: TreeChange[] = []
  const sourceFull = foldersInUse(source)
  const targetFull = foldersInUse(target)
  for (const [path, after] of source) {
    const before = target.get(path) ?? null
    if (after.kind === 'folder') {
      // One that holds something comes with what it holds.
      if (before !== null && before.kind !== 'folder') changes.push(change('delete', path, before, null))
      if (before?.kind !== 'folder' && !sourceFull.has(path) && !targetFull.has(path)) changes.push(change('add', path, null, after))
      continue
    }
    if (before === null || before.kind === 'folder') {
      if (before !== null && !targetFull.has(path)) changes.push(change('delete', path, before, null))
      changes.push(change('add', path, null, after))
    } else if (!isSame(after, before)) {
      changes.push({ ...change('change', path, before, after), certain: !isDoubtful(after, before) })
    }
  }
  for (const [path, before] of target) {
    if (source.has(path) || (before.kind === 'folder' && (targetFull.has(path) || sourceFull.has(path)))) continue
    changes.push(change('delete', path, before, null))
  }
  return changes.toSorted(byPath)
}

/** The changes with each deleted file that came back elsewhere told as a rename: of one size and time, and the only one on both sides. */
export function pairRenames(changes: readonly TreeChange[]): TreeChange[] {
  const gone = bySize(changes.flatMap(({ op, before }) => (op === 'delete' && before !== null ? [before] : [])))
  const come = bySize(changes.flatMap(({ op, after }) => (op === 'add' && after !== null ? [after] : [])))
  const fromByPath = new Map<string, TreeEntry>()
  const moved = new Set<string>()
  for (const [size, entries] of come) {
    const others = gone.get(size) ?? []
    for (const after of entries) {
      const [before, ...more] = others.filter((entry) => isSame(after, entry))
      if (before === undefined || more.length > 0 || entries.filter((entry) => isSame(entry, before)).length > 1) continue
      fromByPath.set(after.path, before)
      moved.add(before.path)
    }
  }
  return changes.flatMap((one): TreeChange[] => {
    if (one.op === 'delete' && moved.has(one.path)) return []
    const before = one.op === 'add' ? fromByPath.get(one.path) : undefined
    return before === undefined ? [one] : [{ ...one, op: 'rename', from: before.path, before }]
  })
}

/** The changes that are allowed, without those that one which is not allowed stands in the way of. */
export function allowedChanges(changes: readonly TreeChange[], allowed: Allowed): TreeChange[] {
  const wanted = { add: allowed.add, change: allowed.overwrite, delete: allowed.delete, rename: allowed.add && allowed.delete } as const
  const stays = new Set(changes.flatMap(({ op, path }) => (op === 'delete' && !allowed.delete ? [path] : [])))
  if (stays.size === 0) return changes.filter(({ op }) => wanted[op])
  const above = new Set([...stays].flatMap(ancestorsOf))
  const isBlocked = ({ op, path }: TreeChange) =>
    op === 'add' && (stays.has(path) || above.has(path) || ancestorsOf(path).some((folder) => stays.has(folder)))
  return changes.filter((one) => wanted[one.op] && !isBlocked(one))
}

/** A change as versions tell theirs; sizes are null for what is no file. */
export function asPathChange({ op, path, from, before, after }: TreeChange): PathChange {
  const size = (entry: TreeEntry | null) => (entry?.kind === 'file' ? entry.size : null)
  return { op, path: shown(path, after ?? before), from, sizeBefore: size(before), sizeAfter: size(after) }
}

/** Every folder above a path, nearest first. */
export function ancestorsOf(path: string): string[] {
  const above: string[] = []
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) above.push(path.slice(0, at))
  return above
}

function shown(path: string, entry: TreeEntry | null): string {
  return entry?.kind === 'folder' ? `${path}/` : path
}

function change(op: 'add' | 'change' | 'delete', path: string, before: TreeEntry | null, after: TreeEntry | null): TreeChange {
  return { op, path, from: null, before, after, certain: true }
}

function foldersInUse(tree: Tree): Set<string> {
  return new Set([...tree.keys()].flatMap(ancestorsOf))
}

function isSame(a: TreeEntry, b: TreeEntry): boolean {
  if (a.kind !== b.kind) return false
  if (a.kind === 'symlink') return a.target === b.target
  return a.size === b.size && isSameTime(a, b) && isSameMode(a, b)
}

function isDoubtful(a: TreeEntry, b: TreeEntry): boolean {
  return a.kind === 'file' && b.kind === 'file' && a.size === b.size && isSameMode(a, b)
}

function isSameTime(a: TreeEntry, b: TreeEntry): boolean {
  return a.mtimeMs !== null && b.mtimeMs !== null && Math.abs(a.mtimeMs - b.mtimeMs) < SAME_TIME_MS
}

function isSameMode(a: TreeEntry, b: TreeEntry): boolean {
  return a.executable === null || b.executable === null || a.executable === b.executable
}

function bySize(entries: readonly TreeEntry[]): Map<number, TreeEntry[]> {
  const found = new Map<number, TreeEntry[]>()
  for (const entry of entries) {
    // Empty files are all alike.
    if (entry.kind !== 'file' || entry.size === 0) continue
    const alike = found.get(entry.size)
    if (alike === undefined) found.set(entry.size, [entry])
    else alike.push(entry)
  }
  return found
}

function byPath(a: TreeChange, b: TreeChange): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  // What stands in the way goes first.
  return Number(b.op === 'delete') - Number(a.op === 'delete')
}
