/** What reconcile takes and gives: views of paths, and the steps of a plan with what their executor may rely on. */
import type { FolderMode } from '@hyper-store/client/contract'
import type {
  DriveId,
  Entry,
  EntryOrTombstone,
  FileEntry,
  FolderPath,
  LocalFile,
  LocalFolder,
  LocalNode,
  LocalSymlink,
  Synced,
  VersionVector,
} from './entries.ts'
import type { Selection } from './selection.ts'

/** One path in the three trees. */
export interface PathView {
  readonly path: FolderPath
  readonly remote: EntryOrTombstone | null
  readonly local: LocalNode | null
  /** The disk could not be read here (an unreadable parent): `local` is unknown, never taken for deleted. */
  readonly localUnknown?: boolean
  readonly synced: Synced | null
  /** `remote` is a conflict copy that the merge derived: nobody wrote an entry at this path. Default false. */
  readonly derived?: boolean
}

/**
 * What is compared. `paths` may be a part of the folder if it is closed: with a path come all folders above it that any tree
 * knows and, where it is a folder on disk or a file in the drives, everything below it.
 */
export interface ReconcileInput {
  readonly paths: readonly PathView[]
  readonly mode: FolderMode
  readonly drive: DriveId
  readonly deviceName: string
  /**
   * Length of this device's log: a path that comes anew counts its versions from there. It thus outranks an old version that was
   * deleted without a tombstone and that another device, which was off meanwhile, still has. Default 0.
   */
  readonly written?: number
  /** Length of this device's log when a pass last ended and was recorded: what it wrote behind that came just before a stop. Default 0. */
  readonly recorded?: number
  /** True when the disk takes names that differ in case or normalisation for one; default false. */
  readonly caseInsensitive?: boolean
  /** What is left out of this device's disk; default: nothing. */
  readonly selection?: Selection
}

/** The disk has something new or changed: read it, store it, put the entry. Content and facts equal to `base.entry`: only record. */
export interface PublishStep {
  readonly op: 'publish'
  readonly path: FolderPath
  readonly local: LocalFile | LocalSymlink | LocalFolder
  /** What it replaces; `base.local` is null when the entry is this device's own past and no agreement is on record. */
  readonly base: Synced | null
  readonly vector: VersionVector
}
/**
 * A known file moved on disk: put `base.entry`'s content at `path` and delete `from` in one commit; nothing is read. On disk
 * `from` is nothing now, or a folder with content.
 */
export interface PublishRenameStep {
  readonly op: 'publish-rename'
  readonly from: FolderPath
  readonly path: FolderPath
  readonly local: LocalFile
  readonly base: Synced
  readonly vector: VersionVector
  readonly fromVector: VersionVector
  /** What the drives told at `path` and the user replaced; null for nothing. */
  readonly over: Entry | null
}
/** Deleted on disk (nothing there, or a folder with content): write a tombstone, forget. */
export interface UnpublishStep {
  readonly op: 'unpublish'
  readonly path: FolderPath
  readonly base: Synced
  readonly vector: VersionVector
}
/**
 * Make the disk like `entry`. `seen` is null, or exactly what `synced` says, or a folder: remove that one only if it is empty
 * (`DiskFolder.removeFolder`), and when it is not, leave all as it is and compare the path and everything below it again.
 */
export interface FetchStep {
  readonly op: 'fetch'
  readonly path: FolderPath
  readonly entry: Entry
  readonly seen: LocalNode | null
  readonly base: Synced | null
}
/** A file vanished remotely and the same content appeared elsewhere: rename on disk, then stamp where time or execute bit differ. */
export interface FetchRenameStep {
  readonly op: 'fetch-rename'
  readonly from: FolderPath
  readonly path: FolderPath
  readonly entry: FileEntry
  readonly seen: LocalFile
  readonly base: Synced
  /** Folders to remove afterwards if they are empty, deepest first. */
  readonly prune: readonly FolderPath[]
}
/** Deleted remotely, and the disk is as last agreed: remove, forget. */
export interface RemoveStep {
  readonly op: 'remove'
  readonly path: FolderPath
  readonly seen: LocalNode
  readonly base: Synced
  /** Folders to remove afterwards if they are empty, deepest first. */
  readonly prune: readonly FolderPath[]
}
/**
 * Left out on this device, and the disk is as last agreed: record `base.entry` with no node, in a way that survives a power cut, only then
 * remove it from the disk, with no copy in the trash. Never the other way round: a file that is gone and on record looks deleted by the user.
 */
export interface LeaveStep {
  readonly op: 'leave'
  readonly path: FolderPath
  readonly seen: LocalNode
  readonly base: Synced
  /** Folders to remove afterwards if they are empty, deepest first. */
  readonly prune: readonly FolderPath[]
}
/** The same bytes with another time or execute bit. */
export interface StampStep {
  readonly op: 'stamp'
  readonly path: FolderPath
  readonly entry: FileEntry
  readonly seen: LocalFile
  readonly base: Synced
}
/**
 * Both sides have something and only the bytes tell: hash the local file. Equal to `entry`: stamp and record. Equal to
 * `base.entry`: the disk did not change after all, fetch. Else set aside under `as` (see `SetAsideStep`) and fetch, or with `stay`
 * leave all as it is.
 */
export interface CompareStep {
  readonly op: 'compare'
  readonly path: FolderPath
  readonly entry: FileEntry
  readonly local: LocalFile
  readonly base: Synced | null
  /** What it is called when the bytes differ; `as` has the name that goes with it. */
  readonly differs: 'conflict' | 'set-aside' | 'stay'
  readonly as: FolderPath
}
/**
 * Rename the local version to `as` on disk (a name that is free as far as the plan knows: on `exists` take the next attempt
 * of `conflictName` or `keptName`), then fetch `entry`; with a null entry only forget the path. Where this device publishes,
 * the next scan finds the new name and publishes it; a receive-only device leaves it alone.
 */
export interface SetAsideStep {
  readonly op: 'set-aside'
  readonly path: FolderPath
  readonly local: LocalNode
  readonly as: FolderPath
  readonly entry: Entry | null
}
/** Both sides agree: remember it. */
export interface RecordStep {
  readonly op: 'record'
  readonly path: FolderPath
  readonly synced: Synced
}
/** Nothing left to agree on: drop the record. */
export interface ForgetStep {
  readonly op: 'forget'
  readonly path: FolderPath
}

/** One step of a plan. Steps run in order; each is all or nothing and moves `synced` when done. */
export type Step =
  | PublishStep
  | PublishRenameStep
  | UnpublishStep
  | FetchStep
  | FetchRenameStep
  | RemoveStep
  | LeaveStep
  | StampStep
  | CompareStep
  | SetAsideStep
  | RecordStep
  | ForgetStep

/** A path that is left as it is, and why; for the user. */
export interface Refusal {
  readonly path: string
  readonly reason: string
  /** It stays on disk below something that is left out: nothing is wrong with it, and no later pass need look again. */
  readonly leftOut?: boolean
}

/** How many steps of each kind. */
export type PlanCounts = Readonly<Record<Step['op'], number>>

/** What to do, in order. */
export interface Plan {
  readonly steps: Step[]
  readonly refusals: Refusal[]
  readonly counts: PlanCounts
}
