/** Makes one tree like another: finds what differs, and carries it out in an order in which nothing stands in the way. */
import { errorCode } from '@hyper-store/client/contract'
import { allowedChanges, ancestorsOf, compareTrees, pairRenames } from './tree-compare.ts'
import type { Allowed, Tree, TreeChange, TreeEntry } from './tree-compare.ts'
import type { TreeSide } from './tree-side.ts'

/** Files up to so many bytes are carried four at once; larger ones one after the other. */
const SMALL_BYTES = 1024 * 1024
const AT_ONCE = 4
/** What every further path would run into too. */
const ENDS_ALL = [
  'CANCELLED',
  'SERVICE_UNREACHABLE',
  'PROVIDER_UNREACHABLE',
  'NO_PEER',
  'TIMED_OUT',
  'NOT_WRITER',
  'DISK_FULL',
  'READ_ONLY_DISK',
  'FORBIDDEN',
  'DEFECT',
]

/** Both sides as they were read, and what makes the target like the source. */
export interface TreePlan {
  readonly source: Tree
  readonly target: Tree
  readonly changes: readonly TreeChange[]
  /** Symlinks that can't be in the target, and why. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
}

/** What differs between two sides, as far as it may be done. Files of one size and different times are read on both sides. */
export async function planSync(source: TreeSide, target: TreeSide, options: { allowed: Allowed; signal: AbortSignal }): Promise<TreePlan> {
  const { allowed, signal } = options
  const [from, to] = await Promise.all([source.list(signal), target.list(signal)])
  const changes: TreeChange[] = []
  const leftOut: { path: string; reason: string }[] = []
  for (const change of compareTrees(from, to)) {
    const { path, after } = change
    const reason = after?.kind === 'symlink' ? target.refusesSymlink(path, after.target ?? '') : null
    if (reason !== null) {
      leftOut.push({ path, reason })
      continue
    }
    const isDoubt = !change.certain && allowed.overwrite
    if (isDoubt && (await isSameContent(source.read(change.path, signal), target.read(change.path, signal)))) continue
    changes.push(change)
  }
  const renamed = allowed.add && allowed.delete ? pairRenames(changes) : changes
  return { source: from, target: to, changes: allowedChanges(renamed, allowed), leftOut }
}

/** One path that could not be made alike, and why. */
export interface Failure {
  readonly path: string
  readonly error: unknown
}

/** What is told while a plan is carried out. */
export interface Applying {
  readonly signal: AbortSignal
  /** Bytes of a file that went over. */
  readonly onBytes: (bytes: number) => void
  /** A change that is done. */
  readonly onDone: (change: TreeChange) => void
}

/** Carries a plan out. Gives the paths that failed alone; throws what would fail for all of them. */
export async function applyPlan(sides: { source: TreeSide; target: TreeSide }, plan: TreePlan, applying: Applying): Promise<Failure[]> {
  const { source, target } = sides
  const { signal, onDone, onBytes } = applying
  const failures: Failure[] = []
  const attempt = async (change: TreeChange, act: () => Promise<void>) => {
    signal.throwIfAborted()
    try {
      await act()
      onDone(change)
    } catch (error) {
      if (signal.aborted || ENDS_ALL.includes(errorCode(error) ?? '')) throw error
      failures.push({ path: change.path, error })
    }
  }
  const by = (op: TreeChange['op']) => plan.changes.filter((change) => change.op === op)
  const copy = (entry: TreeEntry) => target.write(entry, counted(source.read(entry.path, signal), onBytes), signal)
  const put = (change: TreeChange, entry: TreeEntry) => attempt(change, () => copy(entry))

  // The deepest first: a folder is empty when its turn comes.
  for (const change of by('delete').toReversed())
    await attempt(change, async () => {
      if (change.before !== null) await target.remove(change.before, signal)
    })
  if (by('delete').length > 0) await target.prune(emptied(plan), signal)
  for (const change of by('rename'))
    await attempt(change, async () => {
      const { from, before, after } = change
      if (from === null || before === null || after === null) return
      if (target.moves) return target.move(from, change.path)
      await copy(after)
      await target.remove(before, signal)
    })
  if (by('rename').length > 0) await target.prune(emptied(plan), signal)
  const written = [...by('add'), ...by('change')]
  for (const change of written.filter(({ after }) => after?.kind === 'folder'))
    await attempt(change, () => target.makeFolder(change.path, signal))
  const files = written.flatMap((change) => (change.after?.kind === 'file' ? [{ change, entry: change.after }] : []))
  await eachOf(
    files.filter(({ entry }) => entry.size <= SMALL_BYTES),
    AT_ONCE,
    ({ change, entry }) => put(change, entry),
  )
  for (const { change, entry } of files.filter(({ entry: { size } }) => size > SMALL_BYTES)) await put(change, entry)
  // Last, so that none of them is on the way to a file.
  for (const change of written.filter(({ after }) => after?.kind === 'symlink'))
    await attempt(change, () => target.makeSymlink(change.path, change.after?.target ?? ''))
  return failures
}

/** Folders of the target that the source does not have, and from which something was removed. */
function emptied({ source, changes }: TreePlan): Set<string> {
  const removed = changes.flatMap(({ op, path, from }) => (op === 'delete' ? [path] : op === 'rename' && from !== null ? [from] : []))
  const inUse = new Set([...source.keys()].flatMap((path) => [path, ...ancestorsOf(path)]))
  const isFolder = (path: string) => (source.get(path)?.kind ?? 'folder') === 'folder'
  return new Set(removed.flatMap(ancestorsOf).filter((folder) => !inUse.has(folder) || !isFolder(folder)))
}

async function* counted(content: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of content) {
    yield chunk
    onBytes(chunk.byteLength)
  }
}

/** Compares two streams, piece by piece whatever the pieces are. */
async function isSameContent(a: AsyncIterable<Uint8Array>, b: AsyncIterable<Uint8Array>): Promise<boolean> {
  const sides = [a[Symbol.asyncIterator](), b[Symbol.asyncIterator]()] as const
  const left: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)]
  try {
    for (;;) {
      for (const side of [0, 1] as const) {
        while (left[side].byteLength === 0) {
          const { done, value } = await sides[side].next()
          if (done === true) break
          left[side] = Buffer.from(value)
        }
      }
      const length = Math.min(left[0].byteLength, left[1].byteLength)
      if (length === 0) return left[0].byteLength === left[1].byteLength
      if (!left[0].subarray(0, length).equals(left[1].subarray(0, length))) return false
      left[0] = left[0].subarray(length)
      left[1] = left[1].subarray(length)
    }
  } finally {
    for (const side of sides) await side.return?.()
  }
}

async function eachOf<T>(items: readonly T[], atOnce: number, act: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const work = async () => {
    for (const item of rest) await act(item)
  }
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, work))
  const failed = ended.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
