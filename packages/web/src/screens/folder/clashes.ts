/** What to do with files whose names are taken: settled once for all of an upload or a move. */
import type { ThingEntry } from '@hyper-store/client'
import { freeName, joinPath, nameOf, parentOf } from './rows.ts'
import type { NewEntry } from './upload-queue.ts'

/** The answers. */
export type ClashAnswer = 'replace' | 'both' | 'skip'

/** Which paths of a folder are taken, by what. */
export type Taken = ReadonlyMap<string, ThingEntry['kind']>

/** Of new entries those whose path a file or folder has already. Folders go together. */
export function clashesOf(entries: readonly NewEntry[], taken: Taken): NewEntry[] {
  return entries.filter(({ path, file }) => {
    const kind = taken.get(path)
    return kind !== undefined && !(file === null && kind === 'folder')
  })
}

/** What is to be put then. A folder is never replaced by a file: that file stands beside it. */
export function settle(entries: readonly NewEntry[], taken: Taken, answer: ClashAnswer): NewEntry[] {
  const clashing = new Set(clashesOf(entries, taken))
  if (clashing.size === 0) return [...entries]
  const used = new Set([...taken.keys(), ...entries.map(({ path }) => path)])
  return entries.flatMap((entry) => {
    if (!clashing.has(entry)) return [entry]
    if (answer === 'skip' || entry.file === null) return []
    if (answer === 'replace' && taken.get(entry.path) !== 'folder') return [entry]
    const folder = parentOf(entry.path)
    const path = joinPath(
      folder,
      freeName(nameOf(entry.path), (name) => used.has(joinPath(folder, name))),
    )
    used.add(path)
    return [{ ...entry, path }]
  })
}
