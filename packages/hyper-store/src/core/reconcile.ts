/**
 * Compares the three trees of a folder and says what to do: pure, no I/O, no clock. `decide` looks at each path alone; here
 * the paths meet: files and folders that want one name, renames, and the order of the steps. The case table and the numbered
 * invariants (I1 to I9) are in docs/design/sync.md.
 */

import { decide, decideOverFolder, decideUnderFile, isOccupied, type DecideContext, type DiskMode } from './decide.ts'
import type { FolderPath } from './entries.ts'
import { conflictName, keptName } from './kept-names.ts'
import { ancestorsOf, caseKey, comparePaths, parentOf } from './paths.ts'
import type { PathView, Plan, PlanCounts, ReconcileInput, Refusal, Step } from './plan.ts'
import { detectRenames } from './renames.ts'

export type * from './plan.ts'

/** The plan for these paths. Empty in the modes that keep no files on disk. */
export function reconcile(input: ReconcileInput): Plan {
  if (input.mode === 'keep' || input.mode === 'keep-blind') return { steps: [], refusals: [], counts: countSteps([]) }
  const draft = createDraft(input, input.mode)
  for (const view of draft.views.values()) draft.set(view.path, decide(view, draft.context))
  refuseUnknown(draft)
  tellLeftOut(draft)
  if (input.caseInsensitive === true) refuseTwins(draft)
  settleFilesUnderFolders(draft)
  settleFilesOverFolders(draft)
  settleEmptyFolders(draft)
  nameAsides(draft)
  const steps = detectRenames(draft.steps.values(), { caseInsensitive: input.caseInsensitive === true })
  const ordered = [...steps].map((step) => withPrune(step, draft)).sort(byOrder)
  draft.refusals.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  return { steps: ordered, refusals: draft.refusals, counts: countSteps(ordered) }
}

/** The plan while it is being made: at most one step for each path. */
interface Draft {
  readonly context: DecideContext
  readonly views: ReadonlyMap<FolderPath, PathView>
  readonly steps: Map<FolderPath, Step>
  /** True for a folder with something below it that is left out. */
  readonly holdsExcluded: (path: FolderPath) => boolean
  readonly refusals: Refusal[]
  readonly set: (path: FolderPath, step: Step | null) => void
  /** Takes the path's step back and says why. */
  readonly refuse: (path: FolderPath, reason: string) => void
}

function createDraft(input: ReconcileInput, mode: DiskMode): Draft {
  const steps = new Map<FolderPath, Step>()
  const refusals: Refusal[] = []
  return {
    context: {
      mode,
      drive: input.drive,
      deviceName: input.deviceName,
      written: input.written ?? 0,
      recorded: input.recorded ?? 0,
      isExcluded: (path) => input.selection?.isExcluded(path) === true,
    },
    holdsExcluded: (path) => input.selection?.holdsExcluded(path) === true,
    views: new Map(input.paths.map((view) => [view.path, view])),
    steps,
    refusals,
    set(path, step) {
      if (step === null) steps.delete(path)
      else steps.set(path, step)
    },
    refuse(path, reason) {
      steps.delete(path)
      refusals.push({ path, reason })
    },
  }
}

/** Adds all folders above a path; stops early because a folder that is in has its own ancestors in. */
function addAncestors(folders: Set<FolderPath>, path: FolderPath): void {
  for (let above = parentOf(path); above !== null && !folders.has(above); above = parentOf(above)) folders.add(above)
}

/** I1: where the disk could not be read nothing is done, neither there nor below. */
function refuseUnknown({ views, steps, refuse }: Draft): void {
  const unknown = new Set<FolderPath>()
  for (const view of views.values()) if (view.localUnknown === true) unknown.add(view.path)
  if (unknown.size === 0) return
  for (const path of unknown) refuse(path, 'the disk could not be read here')
  for (const step of steps.values()) {
    if (ancestorsOf(step.path).some((above) => unknown.has(above))) refuse(step.path, 'a folder above could not be read on disk')
  }
}

/** I9: what stays on disk although its place is left out is told, and nothing is done to it. */
function tellLeftOut({ views, steps, context, refusals }: Draft): void {
  for (const { path, local, localUnknown } of views.values()) {
    if (local === null || local.kind === 'folder' || localUnknown === true || steps.has(path) || !context.isExcluded(path)) continue
    refusals.push({ path, reason: 'its folder is left out on this device; it stays as it is and is not shared', leftOut: true })
  }
}

/** I2: on a disk that takes two names for one, the name that is there keeps it, then the first in path order; the other would overwrite it. */
function refuseTwins({ views, steps, refuse }: Draft): void {
  const owners = new Map<string, FolderPath>()
  const isTwin = (path: FolderPath) => (owners.get(caseKey(path)) ?? path) !== path
  const own = (path: FolderPath) => {
    // Folders too: `Docs/b` would land in `docs` and look deleted to the next scan.
    for (const each of [path, ...ancestorsOf(path)]) if (!isTwin(each)) owners.set(caseKey(each), each)
  }
  for (const view of views.values()) {
    // A name that this plan frees may be taken in another case. Folders free theirs only when they are empty, so not before the next plan.
    const op = steps.get(view.path)?.op
    if (view.local !== null && op !== 'remove' && op !== 'leave') own(view.path)
  }
  for (const path of [...steps.keys()].sort(comparePaths)) {
    if (steps.get(path)?.op !== 'fetch') continue
    if ([path, ...ancestorsOf(path)].some(isTwin)) refuse(path, 'the name differs from another only in case, which this disk cannot hold')
    else own(path)
  }
}

/**
 * I3: a folder that the drives want on disk keeps its name; a file in its place gives way. In the drives that is a clash that
 * only foreign drives hold (`mergeFolder` resolves it); on disk it is a local file where others made a folder.
 */
function settleFilesUnderFolders({ views, steps, context, set, refuse }: Draft): void {
  if (context.mode === 'send-only') return
  for (const { op, path } of steps.values()) {
    const view = op === 'fetch' ? views.get(path) : undefined
    if (view === undefined || !ancestorsOf(path).some((above) => isFileOnDisk(views.get(above)))) continue
    const instead = decideUnderFile(view, context)
    if (instead !== null) set(path, instead)
  }
  const wanted = new Set<FolderPath>()
  for (const view of views.values()) if (staysByRemote(view, steps.get(view.path))) addAncestors(wanted, view.path)
  for (const path of wanted) {
    const view = views.get(path)
    if (view === undefined) continue
    if (wantsFile(view, steps.get(path))) {
      // Looked at again as if the drives held no file here: what is on disk was synced (and goes) or was not (and is kept).
      refuse(path, 'the drives hold a file and a folder of this name; the folder has it')
      set(path, decide({ ...view, remote: null }, context))
    }
    const step = steps.get(path)
    const { local } = view
    if (local === null || local.kind === 'folder' || step?.op === 'remove') continue
    // A folder that was agreed on when it was empty stays on record.
    const entry = view.remote?.kind === 'folder' ? view.remote : null
    set(path, { op: 'set-aside', path, local, as: path, entry })
  }
}

function isFileOnDisk(view: PathView | undefined): boolean {
  return view !== undefined && view.local !== null && view.local.kind !== 'folder'
}

/** True when the drives have something at the path that is on disk after the plan. */
function staysByRemote(view: PathView, step: Step | undefined): boolean {
  if (step?.op === 'fetch') return true
  if (view.remote === null || view.remote.kind === 'tombstone' || view.local === null) return false
  return step?.op !== 'remove' && step?.op !== 'leave' && step?.op !== 'unpublish'
}

/** True when the path is, or would become, a file or symlink on disk because the drives say so. */
function wantsFile(view: PathView, step: Step | undefined): boolean {
  if (view.remote === null || view.remote.kind === 'tombstone' || view.remote.kind === 'folder') return false
  if (step === undefined || step.op === 'record') return view.local !== null && view.local.kind !== 'folder'
  return step.op === 'fetch' || step.op === 'stamp' || step.op === 'compare' || step.op === 'set-aside'
}

/**
 * I4: a file takes the place of a folder on disk only when nothing in it stays. What stays is the user's: a device that publishes
 * does so, and the merge then gives the folder the name; a device that only receives moves the folder aside whole.
 */
function settleFilesOverFolders({ views, steps, context, set, refuse }: Draft): void {
  const over = [...steps.values()].filter((step) => step.op === 'fetch' && isOccupied(step.seen))
  if (over.length === 0) return
  const staying = new Set<FolderPath>()
  const unreadable = new Set<FolderPath>()
  for (const view of views.values()) {
    if (view.localUnknown === true) addAncestors(unreadable, view.path)
    else if (view.local !== null && !isOccupied(view.local) && !isLeaving(steps.get(view.path))) addAncestors(staying, view.path)
  }
  for (const step of over) {
    if (step.op !== 'fetch' || step.seen === null) continue
    const { path } = step
    const view = views.get(path)
    if (unreadable.has(path)) refuse(path, 'a file should replace this folder, and part of it could not be read')
    else if (!staying.has(path)) continue
    else if (context.mode === 'receive-only') set(path, { op: 'set-aside', path, local: step.seen, as: path, entry: step.entry })
    else {
      const instead = view === undefined ? null : decideOverFolder(view, context)
      if (instead === null) refuse(path, 'a file should replace this folder, which has local changes')
      else set(path, instead)
    }
  }
}

function isLeaving(step: Step | undefined): boolean {
  return step?.op === 'remove' || step?.op === 'leave'
}

/** I5: a folder that is empty only because its content is on the way, or left out, is neither published nor removed. */
function settleEmptyFolders({ steps, set, holdsExcluded }: Draft): void {
  const filling = new Set<FolderPath>()
  for (const step of steps.values()) if (step.op === 'fetch') addAncestors(filling, step.path)
  for (const path of filling) {
    const step = steps.get(path)
    if (step?.op === 'publish' && step.local.kind === 'folder') set(path, null)
    if (step?.op === 'remove' && step.seen.kind === 'folder') set(path, { op: 'forget', path })
  }
  for (const step of steps.values()) {
    if (step.op === 'publish' && step.local.kind === 'folder' && holdsExcluded(step.path)) set(step.path, null)
  }
}

/** I6: what is set aside takes a name that no tree holds and no other step takes. */
function nameAsides({ views, steps, context, set }: Draft): void {
  const used = new Set<FolderPath>()
  const nameIt = context.mode === 'receive-only' ? keptName : conflictName
  for (const path of [...steps.keys()].sort(comparePaths)) {
    const step = steps.get(path)
    if (step?.op !== 'set-aside' && (step?.op !== 'compare' || step.differs === 'stay')) continue
    const mtimeMs = step.local.kind === 'folder' ? (step.entry?.mtimeMs ?? 0) : step.local.mtimeMs
    let as = nameIt(path, context.deviceName, mtimeMs)
    for (let attempt = 2; used.has(as) || views.has(as); attempt++) as = nameIt(path, context.deviceName, mtimeMs, attempt)
    used.add(as)
    set(path, { ...step, as })
  }
}

/** I7: folders that a removal leaves empty go with it, up to the first one that has an entry of its own. */
function withPrune(step: Step, { views, context }: Draft): Step {
  if (step.op !== 'remove' && step.op !== 'leave' && step.op !== 'fetch-rename') return step
  const prune: FolderPath[] = []
  for (const above of ancestorsOf(step.op === 'fetch-rename' ? step.from : step.path)) {
    if (views.get(above)?.remote?.kind === 'folder' && !context.isExcluded(above)) break
    prune.push(above)
  }
  return { ...step, prune }
}

/**
 * I8: the order. The user's own work goes to the drives before anything is done to the disk; tombstones before entries, so that
 * a swap of file and folder is never both at once; names are freed before they are taken; removals go deepest first, creations
 * parents first.
 */
const ORDER = {
  record: 0,
  forget: 0,
  unpublish: 1,
  'publish-rename': 2,
  publish: 3,
  'set-aside': 4,
  remove: 5,
  leave: 5,
  'fetch-rename': 6,
  stamp: 8,
  compare: 8,
  fetch: 8,
} as const satisfies Record<Step['op'], number>

function orderOf(step: Step): number {
  // A folder moves aside after what may be removed from it was, and after what is still needed from it moved out.
  return step.op === 'set-aside' && step.local.kind === 'folder' ? 7 : ORDER[step.op]
}

function byOrder(a: Step, b: Step): number {
  const order = orderOf(a) - orderOf(b)
  if (order !== 0) return order
  const deepFirst = isLeaving(a) || a.op === 'unpublish'
  return deepFirst ? comparePaths(b.path, a.path) : comparePaths(a.path, b.path)
}

function countSteps(steps: readonly Step[]): PlanCounts {
  const counts: Record<Step['op'], number> = {
    publish: 0,
    'publish-rename': 0,
    unpublish: 0,
    fetch: 0,
    'fetch-rename': 0,
    remove: 0,
    leave: 0,
    stamp: 0,
    compare: 0,
    'set-aside': 0,
    record: 0,
    forget: 0,
  }
  for (const step of steps) counts[step.op]++
  return counts
}
