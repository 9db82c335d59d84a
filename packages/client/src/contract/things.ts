/** The shapes of things by their link: a folder, table or plain core, kept here or opened for one call; and lists of links. */
import * as v from 'valibot'
import { Moment } from './schemas.ts'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const Flag = v.picklist(['true', 'false'])
const Digits = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be a whole number'))

/** What a link names. `unknown`: nothing of it came, or it is encrypted and the key is not here. */
export const ThingKind = v.picklist(['folder', 'table', 'board', 'core', 'unknown'])
export type ThingKind = v.InferOutput<typeof ThingKind>

/** What is known of a link. */
export const Thing = v.object({
  kind: ThingKind,
  link: v.string(),
  key: v.string(),
  title: v.nullable(v.string()),
  /** Version of a folder or table; blocks of a plain core. */
  version: count,
  /** Bytes of its logs, with all of their history, as far as known. */
  bytes: count,
  /** Bytes that this store holds of it. */
  heldBytes: count,
  /** Changes each time its writer cuts its end off. */
  fork: count,
  /** Files of a folder, rows of a table; null where that is not known without reading all. */
  entries: v.nullable(count),
  private: v.boolean(),
  writable: v.boolean(),
  /** True when this store keeps it. */
  kept: v.boolean(),
  peers: count,
  /** Public keys of its logs, z-base-32. */
  cores: v.array(v.object({ name: v.string(), key: v.string(), discoveryKey: v.string(), length: count, held: count })),
})
export type Thing = v.InferOutput<typeof Thing>

/** Body of `POST /api/v1/things`: a new folder that lies in the store alone, without a place on disk. */
export const CreateThing = v.strictObject({
  kind: v.literal('folder'),
  title: v.optional(text(200)),
  private: v.optional(v.boolean()),
})
export type CreateThing = v.InferOutput<typeof CreateThing>

/** One file, link or folder of a thing. */
export const ThingEntry = v.object({
  /** Path from the root, without a slash at either end. */
  path: v.string(),
  kind: v.picklist(['file', 'symlink', 'folder']),
  /** Bytes; 0 for what is no file. */
  size: count,
  mtimeMs: v.nullable(v.number()),
  executable: v.optional(v.boolean()),
  /** Where a symlink points. */
  target: v.optional(v.string()),
  /** Changes with the content. */
  etag: v.optional(v.string()),
})
export type ThingEntry = v.InferOutput<typeof ThingEntry>

export const PathQuery = v.strictObject({ path: v.optional(v.string()), version: v.optional(Digits) })
/** `after` is the last path of the page before; `limit` at most 1,000, which is the default. */
export const ListQuery = v.strictObject({
  path: v.optional(v.string()),
  version: v.optional(Digits),
  recursive: v.optional(Flag),
  after: v.optional(v.string()),
  limit: v.optional(Digits),
  /** Only entries at any depth below `path` whose name contains this text, in any case. */
  match: v.optional(text(200)),
})
export const ThingPage = v.object({ entries: v.array(ThingEntry), more: v.boolean(), version: count })
export type ThingPage = v.InferOutput<typeof ThingPage>
/** `mtimeMs` default now; a file that is there is replaced. */
export const WriteQuery = v.strictObject({ path: text(4096), mtimeMs: v.optional(Digits), executable: v.optional(Flag) })
export const RemoveQuery = v.strictObject({ path: text(4096), recursive: v.optional(Flag) })
/** Body of `POST /api/v1/things/:thing/move`: a file or folder gets another path in the same thing. Throws ALREADY_THERE. */
export const MoveEntry = v.strictObject({ from: text(4096), to: text(4096) })
export const MakeFolder = v.strictObject({ path: text(4096) })
/** What removing took away. */
export const RemovedEntries = v.object({ removed: count })

/** Blocks of a plain core; at most 256 at once, and 8 MiB. */
export const BlocksQuery = v.strictObject({ from: v.optional(Digits), limit: v.optional(Digits) })
export const Block = v.object({ index: count, bytes: v.pipe(v.string(), v.base64()) })
export const Blocks = v.object({ blocks: v.array(Block), length: count })
export type Blocks = v.InferOutput<typeof Blocks>
/** A block that was appended to a plain core. `since`: an index; blocks from it on come first. */
export const WatchBlocksQuery = v.strictObject({ since: v.optional(Digits) })
export const BlockEvent = v.object({
  event: v.literal('block'),
  link: v.string(),
  index: count,
  bytes: v.pipe(v.string(), v.base64()),
})
export type BlockEvent = v.InferOutput<typeof BlockEvent>

/** A list of links that this store follows: it keeps what is on it, and no more what left it. */
export const FollowedList = v.object({
  id: v.string(),
  /** Link of a table, absolute path of a file, or address of a store with a public list. */
  source: v.string(),
  links: v.array(v.string()),
  /** When it was last read whole; null before. */
  at: v.nullable(Moment),
  problem: v.nullable(v.object({ code: v.string(), message: v.string() })),
})
export type FollowedList = v.InferOutput<typeof FollowedList>
export const FollowList = v.strictObject({
  source: text(4096),
  /** Have this named provider follow it instead. */
  provider: v.optional(text(200)),
})
export type FollowList = v.InferOutput<typeof FollowList>
/** What a store offers to everybody: links of public things whose owner said so. */
export const PublicList = v.object({ name: v.string(), links: v.array(v.object({ link: v.string(), title: v.string() })) })
export type PublicList = v.InferOutput<typeof PublicList>
