/** The shapes of time travel and space: versions, differences, restoring, trash, retention, verifying. */
import * as v from 'valibot'
import { Moment } from './schemas.ts'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const number = v.pipe(v.string(), v.regex(/^\d{1,15}$/))

/** A change of one path between two versions; sizes are null for what is no file. */
export const PathChange = v.object({
  op: v.picklist(['add', 'change', 'delete', 'rename']),
  path: v.string(),
  /** Where it was, for `rename`. */
  from: v.nullable(v.string()),
  sizeBefore: v.nullable(count),
  sizeAfter: v.nullable(count),
})
export type PathChange = v.InferOutput<typeof PathChange>

/** One version of a folder: what one device wrote in one step. */
export const HistoryVersion = v.object({
  version: count,
  at: v.nullable(Moment),
  device: v.string(),
  /** At most 100 of them; `count` says how many there are. */
  changes: v.array(PathChange),
  count,
})
export type HistoryVersion = v.InferOutput<typeof HistoryVersion>
/** `path`: only versions that touched this file or folder. `before`: only older ones than this version. */
export const HistoryQuery = v.strictObject({
  path: v.optional(text(4096)),
  limit: v.optional(number),
  before: v.optional(number),
})
export type HistoryQuery = v.InferOutput<typeof HistoryQuery>
/** Newest first. */
export const History = v.object({ versions: v.array(HistoryVersion), more: v.boolean() })
export type History = v.InferOutput<typeof History>

/** `from` and `to` are version numbers or moments; `to` defaults to the newest version. */
export const DiffQuery = v.strictObject({ from: text(40), to: v.optional(text(40)), path: v.optional(text(4096)) })
export type DiffQuery = v.InferOutput<typeof DiffQuery>
export const Diff = v.object({ from: count, to: count, changes: v.array(PathChange) })
export type Diff = v.InferOutput<typeof Diff>

/** Body of `POST /api/v1/folders/:folder/restore`: brings back a file, a sub-folder or all, as of a version or a moment. */
export const RestoreFolder = v.strictObject({
  /** Left out: the whole folder. */
  path: v.optional(text(4096)),
  version: v.optional(count),
  at: v.optional(Moment),
  /** Absolute path outside of the folder to write to; left out: in place, as new versions of the files. */
  to: v.optional(text(4096)),
  /** Only say what would be done. */
  dryRun: v.optional(v.boolean(), false),
})
export type RestoreFolder = v.InferInput<typeof RestoreFolder>
export const Restored = v.object({ version: count, at: v.nullable(Moment), to: v.nullable(v.string()), changes: v.array(PathChange) })
export type Restored = v.InferOutput<typeof Restored>

/** Something that this device replaced or removed on its disk and still has. */
export const TrashItem = v.object({ id: v.string(), path: v.string(), size: count, at: Moment })
export type TrashItem = v.InferOutput<typeof TrashItem>
/** Brings items of the trash back; an occupied name is never overwritten, the file comes back beside it. */
export const RestoreTrash = v.strictObject({ ids: v.pipe(v.array(text(4096)), v.minLength(1), v.maxLength(10_000)) })
export const RestoredTrash = v.object({ restored: v.array(v.object({ id: v.string(), path: v.string() })) })
export type RestoredTrash = v.InferOutput<typeof RestoredTrash>
/** `olderThanDays`: only items of at least that age. */
export const EmptyTrash = v.strictObject({ olderThanDays: v.optional(number) })
export const EmptiedTrash = v.object({ items: count, bytes: count })
export type EmptiedTrash = v.InferOutput<typeof EmptiedTrash>

/** How many old versions a device keeps the content of. The newest version is always kept. */
export const Retention = v.variant('keep', [
  v.strictObject({ keep: v.literal('all') }),
  v.strictObject({ keep: v.literal('versions'), versions: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1e9)) }),
  v.strictObject({ keep: v.literal('days'), days: v.pipe(v.number(), v.minValue(0), v.maxValue(36_500)) }),
])
export type Retention = v.InferOutput<typeof Retention>

/** What a folder occupies on this device, in bytes. */
export const FolderSpace = v.object({
  key: v.string(),
  title: v.string(),
  path: v.nullable(v.string()),
  /** Content of the newest version, as a user counts it. */
  content: count,
  /** Content that the store holds for the newest version. */
  stored: count,
  /** Content of the newest version that only the files hold, since a keeper has it too. */
  lent: count,
  /** Content of older versions alone. */
  history: count,
  /** Of `history`, what the retention would let go now. */
  reclaimable: count,
  /** Records of names and versions, and boards. */
  records: count,
  trash: count,
  retention: Retention,
  /** Why no more is let go; null when nothing is in the way. */
  reason: v.nullable(v.string()),
})
export type FolderSpace = v.InferOutput<typeof FolderSpace>
/** `cores` and `state` are measured on disk, after compaction when `compacted`. */
export const Space = v.object({ folders: v.array(FolderSpace), cores: count, state: count, disk: count, free: count })
export type Space = v.InferOutput<typeof Space>
/** What a retention let go. `before` and `after`: bytes of the store's cores on disk, after compaction. */
export const Reclaimed = v.object({ retention: Retention, freed: count, before: count, after: count, space: FolderSpace })
export type Reclaimed = v.InferOutput<typeof Reclaimed>

export const VerifyFolder = v.strictObject({ repair: v.optional(v.boolean(), false) })
/** What re-reading all of a folder found. */
export const VerifyReport = v.object({
  key: v.string(),
  title: v.string(),
  blocks: count,
  files: count,
  bytes: count,
  problems: v.array(
    v.object({
      /** `block`: stored content is damaged or gone; `file`: a file on disk is not what its record says. */
      kind: v.picklist(['block', 'file', 'record']),
      path: v.nullable(v.string()),
      reason: v.string(),
      repaired: v.boolean(),
    }),
  ),
})
export type VerifyReport = v.InferOutput<typeof VerifyReport>
