/** Decisions of a person about versions that stand side by side, and the taking over of what a removed device wrote last. */
import { AppError } from '@hyper-store/client/contract'
import { sameContent } from './content.ts'
import { CommitPlan, type Author, type PlannedRecord } from './conflicts.ts'
import type { DriveId, EntryOrTombstone, FolderPath } from './entries.ts'
import { conflictName, settledName } from './kept-names.ts'
import { writerOf, type Loser } from './merge.ts'
import { holdsBytes } from './merged-draft.ts'
import type { MergedTree, PathState } from './merged-tree.ts'
import { compareVectors, joinVectors } from './vectors.ts'

/** Which version a person keeps. */
export type Keep = 'mine' | 'theirs' | 'both'

/**
 * Records that settle a conflict. `path` is a copy, which is settled against the shown version alone, or the file itself.
 * `mine` is the version of this device, or the shown one where it has none: of the file itself it ends all its conflicts. `theirs` is
 * the weightiest of the others, and ends the conflict of these two. With `both` the copies become files of their own, under names that say
 * no more of a conflict; so do, whatever is kept, files that gave way to a folder. Throws NOT_FOUND when nothing stands side by side.
 */
export async function planSettle(tree: MergedTree, path: FolderPath, keep: Keep, author: Author): Promise<PlannedRecord[]> {
  const shown = await tree.get(path)
  const main = shown?.conflictOf ?? path
  const state = await tree.look(main)
  const picked = state.copies.filter((copy) => main === path || copy.name === path).map((copy) => copy.loser)
  if (picked.length === 0) throw new AppError('NOT_FOUND', { path })
  const plan = new CommitPlan(tree, author)
  const { winner, drive, writer } = state.merged
  if (keep === 'both' || state.demoted || winner === null || drive === null || writer === null || winner.kind === 'tombstone') {
    for (const loser of picked) {
      const device = tree.deviceOf(writerOf(loser))
      await plan.keepAs(main, loser, (attempt) => settledName(main, device, loser.entry.mtimeMs, attempt))
    }
    plan.settle(main, state, picked)
    return plan.records()
  }
  const best: Loser = { drive, writer, entry: winner }
  const all = [best, ...picked]
  const mine = all.find((version) => writerOf(version) === author.writer) ?? best
  const theirs = all.find((version) => version !== mine) ?? best
  const kept = keep === 'mine' ? mine : theirs
  const ended = keep === 'mine' && main === path ? all : [mine, theirs]
  plan.put(
    main,
    state,
    kept.entry,
    ended.reduce((vector, version) => joinVectors(vector, version.entry.vector), kept.entry.vector),
  )
  plan.settle(
    main,
    state,
    picked.filter((loser) => ended.includes(loser)),
  )
  return plan.records()
}

/** A record that takes over what another drive told; `copy`: its content must come into the own drive whole. */
export interface AdoptedRecord extends PlannedRecord {
  readonly copy: true
}

/**
 * Records that keep what `from` told last, and nobody else does, when the end of its log stops counting. They keep vector and writer, so
 * that several devices may do so at once. What cannot stand beside the own version of a path goes under a conflict name.
 */
export async function planAdopt(
  tree: MergedTree,
  from: { readonly drive: DriveId; readonly writer: DriveId },
  records: ReadonlyMap<FolderPath, EntryOrTombstone>,
  author: Author,
): Promise<AdoptedRecord[]> {
  const adopted: AdoptedRecord[] = []
  for (const [path, told] of records) {
    const state = await tree.look(path)
    const others = state.versions.filter((version) => version.drive !== from.drive)
    const isKnown = others.some((other) => ['before', 'equal'].includes(compareVectors(told.vector, other.entry.vector)))
    if (isKnown) continue
    const entry = { ...told, writer: told.writer ?? from.writer }
    const own = others.find((other) => other.drive === author.drive)
    if (own === undefined || compareVectors(own.entry.vector, entry.vector) === 'before') adopted.push({ path, entry, copy: true })
    else if (!holdsBytes(entry)) continue
    else if (!holdsBytes(own.entry))
      adopted.push({ path, entry: { ...entry, vector: joinVectors(entry.vector, own.entry.vector) }, copy: true })
    else {
      const record = await beside(tree, { path, state }, entry, { from, author })
      if (record !== null) adopted.push(record)
    }
  }
  return adopted
}

/** The version as a real file beside its path; null when it is there already. */
async function beside(
  tree: MergedTree,
  at: { readonly path: FolderPath; readonly state: PathState },
  entry: EntryOrTombstone & { writer: DriveId },
  who: { readonly from: { readonly drive: DriveId }; readonly author: Author },
): Promise<AdoptedRecord | null> {
  const shown = at.state.copies.find((copy) => copy.loser.drive === who.from.drive)?.name
  const nameFor = (attempt: number) => conflictName(at.path, tree.deviceOf(entry.writer), entry.mtimeMs, attempt)
  let name = shown ?? nameFor(1)
  for (let attempt = 2; name !== shown && (await tree.isTaken(name)); attempt++) {
    const there = await tree.get(name)
    if (there !== null && there.conflictOf === null && sameContent(there.entry, entry)) return null
    name = nameFor(attempt)
  }
  const plan = new CommitPlan(tree, who.author)
  plan.put(name, await tree.look(name), entry, {})
  const [record] = await plan.records()
  if (record === undefined) throw new Error('a put makes a record')
  return { ...record, copy: true }
}
