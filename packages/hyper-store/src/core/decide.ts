/** The case table of reconcile: what one path asks for, by what changed on each side since both last agreed. */
import { liveEntry, sameBytes, sameContent, sameNode } from './content.ts'
import type { DriveId, Entry, EntryOrTombstone, FolderPath, LocalNode, Synced, VersionVector } from './entries.ts'
import { conflictName, keptName } from './kept-names.ts'
import type { PathView, Step } from './plan.ts'
import { bumpVector, compareVectors, joinVectors } from './vectors.ts'

/** Modes that have a folder on disk. */
export type DiskMode = 'send-receive' | 'receive-only' | 'send-only'

/** What a decision depends on besides the path. */
export interface DecideContext {
  readonly mode: DiskMode
  readonly drive: DriveId
  readonly deviceName: string
  /** Length of this device's log. */
  readonly written: number
  /** Length of it when a pass last ended and was recorded. */
  readonly recorded: number
  /** True for what is left out of this device's disk. */
  readonly isExcluded: (path: FolderPath) => boolean
}

/** The remote side since the last agreement; `touched`: same bytes, other time or execute bit. */
export type RemoteChange = 'none' | 'added' | 'same' | 'touched' | 'changed' | 'deleted'
/** The disk since the last agreement. A folder with content in place of a file counts as `deleted`: its content speaks for itself. */
export type LocalChange = 'none' | 'added' | 'same' | 'changed' | 'deleted'

interface Sides {
  readonly view: PathView
  readonly live: Entry | null
  readonly local: LocalNode | null
  /** Null also where the record says nothing of a disk. */
  readonly synced: Synced | null
  readonly remoteChange: RemoteChange
  readonly localChange: LocalChange
}

/** True for a folder on disk that has something in it: it needs no entry of its own. */
export function isOccupied(local: LocalNode | null): boolean {
  return local !== null && local.kind === 'folder' && !local.empty
}

/** What changed remotely. */
export function remoteChangeOf(remote: EntryOrTombstone | null, synced: Synced | null): RemoteChange {
  const live = liveEntry(remote)
  if (synced === null) return live === null ? 'none' : 'added'
  // A view that has seen less than the agreement (a lagging log) says nothing new and must not undo it.
  if (remote !== null && compareVectors(remote.vector, synced.entry.vector) === 'before') return 'same'
  if (live === null) return 'deleted'
  if (sameContent(live, synced.entry)) return live.kind === 'file' && live.mtimeMs !== synced.entry.mtimeMs ? 'touched' : 'same'
  return live.kind === 'file' && synced.entry.kind === 'file' && sameBytes(live, synced.entry) ? 'touched' : 'changed'
}

/** What changed on disk. */
function localChangeOf(local: LocalNode | null, synced: Synced | null): LocalChange {
  if (synced === null) return local === null ? 'none' : 'added'
  if (local === null) return 'deleted'
  if (sameNode(local, synced.local)) return 'same'
  return isOccupied(local) ? 'deleted' : 'changed'
}

/** The step for one path, looked at alone; null when there is nothing to do. */
export function decide(view: PathView, context: DecideContext): Step | null {
  if (view.localUnknown === true) return null
  const sides = sidesOf(view)
  // It left the disk for being left out, and is gone from the drives since.
  if (isAbsent(view) && sides.live === null && view.local === null) return forget(sides, context)
  if (context.isExcluded(view.path)) return decideExcluded(sides, context)
  return TABLES[context.mode][sides.remoteChange][sides.localChange](sides, context)
}

/** The step for a path that would be fetched, where a file on disk stands in place of a folder above; null to fetch nevertheless. */
export function decideUnderFile(view: PathView, context: DecideContext): Step | null {
  // One's own past again: the user put the file there after it was published, so the published path is deleted.
  const sides = sidesOf(view)
  return isOwnPast(sides, context) ? unpublish(sides, context) : null
}

/** True for what left the disk for being left out: the record says that it was known here, and that the user did not delete it. */
function isAbsent({ synced }: PathView): boolean {
  return synced !== null && synced.local === null
}

/** The step for a file that would be fetched over a folder in which something stays; null when it must wait. */
export function decideOverFolder(view: PathView, context: DecideContext): Step | null {
  // The user put the folder in the place of a file of one's own past.
  const sides = sidesOf(view)
  return isOwnPast(sides, context) ? unpublish(sides, context) : null
}

function sidesOf(view: PathView): Sides {
  const synced = view.synced !== null && view.synced.local !== null ? view.synced : null
  return {
    view,
    live: liveEntry(view.remote),
    local: view.local,
    synced,
    remoteChange: remoteChangeOf(view.remote, synced),
    localChange: localChangeOf(view.local, synced),
  }
}

type Action = (sides: Sides, context: DecideContext) => Step | null
type Row = Readonly<Record<LocalChange, Action>>
type Table = Readonly<Record<RemoteChange, Row>>

const leave: Action = () => null
const forget: Action = ({ view }) => ({ op: 'forget', path: view.path })

// Without a record a side is `none` or `added`, with one it is the others: the rest of each row can't be reached.
const fresh = (none: Action, added: Action): Row => ({ none, added, same: leave, changed: leave, deleted: leave })
const known = (same: Action, changed: Action, deleted: Action): Row => ({ none: leave, added: leave, same, changed, deleted })

const SEND_RECEIVE: Table = {
  // No record and no entry: whatever is on disk is new.
  none: fresh(leave, publish),
  added: fresh(fetch, decideBoth),
  // The remote bytes are those of the record, so a local change or deletion is made on top of them and loses nothing.
  same: known(recordNews, publish, unpublish),
  touched: known(stamp, publish, unpublish),
  // Disk as on record: its bytes are in the drives, so they may be replaced. Deleted here: the new version, which the deletion
  // has not seen, comes back (an edit beats a deletion).
  changed: known(fetch, decideBoth, decideDeleted),
  // The other way round the edit is here, and what is published has seen the tombstone.
  deleted: known(remove, publish, forget),
}

/** Nothing is ever written to a drive here. A local edit or deletion stays as it is until the path changes remotely. */
const RECEIVE_ONLY: Table = {
  // A local addition is the user's own.
  none: fresh(leave, leave),
  added: fresh(fetch, decideBoth),
  same: known(recordNews, leave, leave),
  touched: known(stamp, leave, leave),
  changed: known(fetch, decideBoth, fetch),
  // A changed file becomes a local addition; a deleted one is gone on both sides.
  deleted: known(remove, forget, forget),
}

/** Nothing is ever done to the disk here. */
const SEND_ONLY: Table = {
  none: fresh(leave, publish),
  added: fresh(leave, publish),
  same: known(leave, publish, unpublish),
  touched: known(leave, publish, unpublish),
  // What others wrote meanwhile was never here: deleting it is not this device's to say.
  changed: known(leave, publish, decideDeleted),
  deleted: known(leave, publish, forget),
}

const TABLES: Readonly<Record<DiskMode, Table>> = { 'send-receive': SEND_RECEIVE, 'receive-only': RECEIVE_ONLY, 'send-only': SEND_ONLY }

/**
 * Left out on this device. Nothing is fetched, and what is gone from the disk is forgotten, never unpublished: no deletion comes from
 * here. What is as recorded leaves the disk; an edit of it is published first; what has no record is the user's own and stays.
 */
function decideExcluded(sides: Sides, context: DecideContext): Step | null {
  const { view, live, local, synced, localChange } = sides
  if (synced === null) return local === null || live === null || context.mode === 'send-only' ? null : recognise(sides)
  if (local === null || localChange === 'deleted' || isOccupied(local)) return forget(sides, context)
  // A send-only device does nothing to its disk.
  if (localChange === 'same')
    return context.mode === 'send-only' ? null : { op: 'leave', path: view.path, seen: local, base: synced, prune: [] }
  if (context.mode === 'receive-only') return null
  // What others wrote meanwhile was not looked at here, so the edit stands beside it, as in send-only mode.
  return local.kind === 'folder' ? forget(sides, context) : publish(sides, { ...context, mode: 'send-only' })
}

/** A file that was to leave, or was fetched and not yet recorded, when the store stopped: it bears the time of its entry. */
function recognise({ view, live, local }: Sides): Step | null {
  if (live === null || local === null || (view.synced !== null && !sameContent(live, view.synced.entry))) return null
  const { path } = view
  if (live.kind === 'file' && local.kind === 'file') {
    if (local.size !== live.size || local.mtimeMs !== live.mtimeMs) return null
    return { op: 'compare', path, entry: live, local, base: null, differs: 'stay', as: path }
  }
  const same = live.kind === 'symlink' && local.kind === 'symlink' && live.target === local.target
  return same ? { op: 'record', path, synced: { entry: live, local } } : null
}

/** Deleted on disk, while the drives have a version that is not on record. */
function decideDeleted(sides: Sides, context: DecideContext): Step | null {
  // A version of one's own that was published and not yet recorded when the store stopped: the deletion came after it.
  if (isOwnPast(sides, context)) return unpublish(sides, context)
  return context.mode === 'send-only' ? forget(sides, context) : fetch(sides)
}

/** Both sides have something that the other has not seen. */
function decideBoth(sides: Sides, context: DecideContext): Step | null {
  const { view, live, local, synced } = sides
  if (live === null || local === null) return null
  if (local.kind === 'folder') {
    if (live.kind === 'folder') return { op: 'record', path: view.path, synced: { entry: live, local } }
    // What is in an occupied folder decides whether the file may take its place: `decideOverFolder`.
    return local.empty && isOwnPast(sides, context) ? publish(sides, context) : fetch(sides)
  }
  const publishes = context.mode === 'send-receive'
  // An empty folder holds no bytes, so the file may take its place, as it does in the merge. So may a newer version of one's own past.
  if (publishes && (live.kind === 'folder' || isOwnPast(sides, context))) return publish(sides, context)
  if (live.kind === 'symlink' && local.kind === 'symlink' && live.target === local.target) {
    return { op: 'record', path: view.path, synced: { entry: live, local } }
  }
  const as = publishes ? conflictName(view.path, context.deviceName, local.mtimeMs) : keptName(view.path, context.deviceName, local.mtimeMs)
  if (live.kind === 'file' && local.kind === 'file') {
    const base = synced ?? view.synced
    const baseSize = base?.entry.kind === 'file' ? base.entry.size : -1
    // Only sizes that fit can turn out equal; reading the file is not needed otherwise.
    if (local.size === live.size || local.size === baseSize) {
      const differs = publishes ? 'conflict' : 'set-aside'
      return { op: 'compare', path: view.path, entry: live, local, base, differs, as }
    }
  }
  return { op: 'set-aside', path: view.path, local, as, entry: live }
}

/**
 * True when all that the drives know beyond the record was written by this device: a version from before a stop, or a store
 * that was set up anew. What is on disk came after it, so that no conflict with oneself arises.
 */
function isOwnPast({ view, synced }: Sides, { mode, drive, recorded }: DecideContext): boolean {
  if (view.remote === null || mode === 'receive-only') return false
  // What was on record once is no news: an older version of one's own is shown again when what stood over it is gone.
  if ((view.remote.vector[drive] ?? 0) <= recorded) return false
  // A conflict copy shows what this device wrote elsewhere. And beside what was left out the user knew nothing of what is in the drives.
  if (view.derived === true || isAbsent(view)) return false
  const base = synced?.entry.vector ?? {}
  const counters = Object.entries(view.remote.vector)
  // A drive that others wrote with stock tools has no counters and is nobody's past.
  return counters.length > 0 && counters.every(([other, count]) => other === drive || count <= (base[other] ?? 0))
}

/** The vector of a version made here now: it has seen what this device had in hand, and nothing else. */
function nextVector(sides: Sides, context: DecideContext): VersionVector {
  const remote = sides.view.remote?.vector ?? {}
  const base = sides.synced?.entry.vector ?? {}
  const seen =
    context.mode !== 'send-only' || sides.remoteChange === 'same' || sides.remoteChange === 'touched' || isOwnPast(sides, context)
  // Above every counter that this device ever gave: one of its own versions may stand beside the winner, unseen by this one.
  const own = { [context.drive]: context.written }
  if (seen) return bumpVector(joinVectors(joinVectors(remote, base), own), context.drive)
  // Send-only ignores what others wrote, so the new version stands beside theirs and hides nothing.
  return bumpVector(joinVectors(joinVectors(base, own), { [context.drive]: remote[context.drive] ?? 0 }), context.drive)
}

function publish(sides: Sides, context: DecideContext): Step | null {
  const { view, local } = sides
  if (local === null || (local.kind === 'folder' && !local.empty)) return null
  return { op: 'publish', path: view.path, local, base: baseOf(sides, context), vector: nextVector(sides, context) }
}

function unpublish(sides: Sides, context: DecideContext): Step | null {
  const base = baseOf(sides, context)
  return base === null ? null : { op: 'unpublish', path: sides.view.path, base, vector: nextVector(sides, context) }
}

/** What a version made here replaces: the record, or one's own newer past. */
function baseOf(sides: Sides, context: DecideContext): Synced | null {
  const { live, synced, remoteChange } = sides
  // No base for a version that revives a deleted path: being equal to the old one must not end in a mere record.
  if (remoteChange === 'deleted') return null
  const unrecorded = remoteChange === 'added' || remoteChange === 'changed'
  return live !== null && unrecorded && isOwnPast(sides, context) ? { entry: live, local: null } : synced
}

function fetch({ view, live, local, synced }: Sides): Step | null {
  if (live === null) return null
  // A folder is there already, with whatever it holds.
  if (live.kind === 'folder' && local !== null && local.kind === 'folder') {
    return { op: 'record', path: view.path, synced: { entry: live, local } }
  }
  return { op: 'fetch', path: view.path, entry: live, seen: local, base: synced }
}

function remove({ view, local, synced }: Sides): Step | null {
  if (local === null || synced === null) return null
  // The folder got content: that content decides whether it stays.
  if (isOccupied(local)) return { op: 'forget', path: view.path }
  return { op: 'remove', path: view.path, seen: local, base: synced, prune: [] }
}

function stamp(sides: Sides): Step | null {
  const { view, live, local, synced } = sides
  if (live === null || synced === null || live.kind !== 'file' || local === null || local.kind !== 'file') return null
  return { op: 'stamp', path: view.path, entry: live, seen: local, base: synced }
}

/** Nothing changed for the user: only what the entry knows besides (vector, place of the content) is brought up to date. */
function recordNews({ view, live, synced }: Sides): Step | null {
  if (live === null || synced === null) return null
  // A copy that became a real file has the same bytes and a vector that its own counter can't be compared with.
  const order = compareVectors(live.vector, synced.entry.vector)
  if (order === 'before' || order === 'equal') return null
  return { op: 'record', path: view.path, synced: { entry: live, local: synced.local } }
}
