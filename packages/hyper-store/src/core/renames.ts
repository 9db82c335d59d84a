/** Finds renames in a plan: pairs of steps that take a file away and bring the same one, which then cost no content. */
import { sameBytes } from './content.ts'
import type { FolderPath } from './entries.ts'
import { ancestorsOf, caseKey } from './paths.ts'
import type { FetchStep, PublishStep, RemoveStep, Step, UnpublishStep } from './plan.ts'

/** The steps with pairs replaced by `publish-rename` and `fetch-rename`. Chains and swaps stay what they are: at most known chunks are read again. */
export function detectRenames(steps: Iterable<Step>, options: { caseInsensitive?: boolean } = {}): Set<Step> {
  const all = new Set(steps)
  pairPublished(all)
  pairFetched(all, options.caseInsensitive === true)
  return all
}

/** On disk: the file that vanished here and the one that appeared there are the same inode with the same size and time. */
function pairPublished(all: Set<Step>): void {
  const gone = new Map<string, UnpublishStep[]>()
  for (const step of all) {
    if (step.op !== 'unpublish' || step.base.local?.kind !== 'file' || step.base.entry.kind !== 'file') continue
    addTo(gone, inodeKey(step.base.local), step)
  }
  if (gone.size === 0) return
  for (const step of [...all].filter((step): step is PublishStep => step.op === 'publish')) {
    const { local } = step
    if (local.kind !== 'file') continue
    const from = gone.get(inodeKey(local))?.pop()
    if (from === undefined) continue
    all.delete(step)
    all.delete(from)
    const { path, vector } = step
    const over = step.base?.entry ?? null
    all.add({ op: 'publish-rename', from: from.path, path, local, base: from.base, vector, fromVector: from.vector, over })
  }
}

function inodeKey(local: { ino: number; size: number; mtimeMs: number }): string {
  return `${local.ino} ${local.size} ${local.mtimeMs}`
}

/** In the drives: an entry that vanished has the same bytes as one that appeared where the disk has nothing. */
function pairFetched(all: Set<Step>, caseInsensitive: boolean): void {
  const gone = new Map<string, RemoveStep[]>()
  for (const step of all) {
    if (step.op !== 'remove' || step.seen.kind !== 'file' || step.base.entry.kind !== 'file') continue
    if (step.base.entry.hash !== '') addTo(gone, step.base.entry.hash, step)
  }
  if (gone.size === 0) return
  const pairs: { remove: RemoveStep; fetch: FetchStep }[] = []
  for (const fetch of all) {
    if (fetch.op !== 'fetch' || fetch.seen !== null || fetch.entry.kind !== 'file' || fetch.entry.size === 0) continue
    const remove = gone.get(fetch.entry.hash)?.pop()
    if (remove !== undefined) pairs.push({ remove, fetch })
  }
  const sources = new Set<FolderPath>(pairs.map(({ remove }) => remove.path))
  for (const { remove, fetch } of pairs) {
    const { entry } = fetch
    if (entry.kind !== 'file' || remove.base.entry.kind !== 'file' || remove.seen.kind !== 'file') continue
    // Equal hashes with other sizes are a peer's lie; and no file can move to a place below another that moves.
    if (!sameBytes(entry, remove.base.entry) || ancestorsOf(fetch.path).some((above) => sources.has(above))) continue
    // On disk it would end in the folder of the old spelling, and look renamed back.
    if (caseInsensitive && respellsFolder(remove.path, fetch.path)) continue
    all.delete(remove)
    all.delete(fetch)
    const { seen, base } = remove
    all.add({ op: 'fetch-rename', from: remove.path, path: fetch.path, entry, seen, base, prune: [] })
  }
}

/** True when a folder above `to` differs from one above `from` only in case or normalisation. */
function respellsFolder(from: FolderPath, to: FolderPath): boolean {
  const spellings = new Map(ancestorsOf(from).map((folder) => [caseKey(folder), folder]))
  return ancestorsOf(to).some((folder) => (spellings.get(caseKey(folder)) ?? folder) !== folder)
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
