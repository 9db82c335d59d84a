/** The shapes of sharing: invites, joining, members, conflicts, and what one device does with a folder. */
import * as v from 'valibot'
import { FolderMode, Moment } from './schemas.ts'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** What a member of a shared folder may do; each but `keeper` includes the ones before it: reader, writer, admin, owner. */
export const MemberRole = v.picklist(['owner', 'admin', 'writer', 'reader', 'keeper'])
export type MemberRole = v.InferOutput<typeof MemberRole>

/** Body of `POST /api/v1/folders/:folder/invites`. */
export const CreateInvite = v.strictObject({
  /** Ignored with `mine`: one's own device has one's own role. */
  role: v.optional(v.picklist(['admin', 'writer', 'reader', 'keeper']), 'writer'),
  /** How many devices may join with it. */
  uses: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 1),
  /** Seconds until it expires; default a day, at most 30. */
  expiresS: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(30 * 86400)), 86400),
  /** Each guest waits until an owner or admin has compared the four words. */
  approve: v.optional(v.boolean(), false),
  /** For another device of the same person. */
  mine: v.optional(v.boolean(), false),
})
export type CreateInvite = v.InferInput<typeof CreateInvite>

/** An invite to a folder. */
export const Invite = v.object({
  id: v.string(),
  /** What the guest types or scans; null on devices that did not make it. */
  code: v.nullable(v.string()),
  role: MemberRole,
  uses: count,
  used: count,
  expiresAt: Moment,
  approve: v.boolean(),
  mine: v.boolean(),
  state: v.picklist(['open', 'used', 'expired', 'cancelled']),
  /** Name of the person who made it. */
  by: v.string(),
})
export type Invite = v.InferOutput<typeof Invite>

/** Body of `POST /api/v1/joins`. Without `path` the folder is kept and not put on disk. */
export const JoinFolder = v.strictObject({
  code: text(1000),
  path: v.optional(text(4096)),
  title: v.optional(text(200)),
  /** Name that other members see; default: the device's. */
  name: v.optional(text(100)),
})
export type JoinFolder = v.InferOutput<typeof JoinFolder>

/** A join under way. It goes on in the store until it is joined, refused or taken back. */
export const Join = v.object({
  id: v.string(),
  /** Key of the folder. */
  key: v.string(),
  path: v.nullable(v.string()),
  /** `looking`: nobody who can answer was reached yet; `waiting`: for approval. */
  state: v.picklist(['looking', 'waiting', 'joined', 'refused']),
  /** Four words that the one who approves sees too; null while they are not known. */
  words: v.nullable(v.string()),
  role: v.nullable(MemberRole),
  /** Why it was refused. */
  problem: v.nullable(v.object({ code: v.string(), message: v.string() })),
})
export type Join = v.InferOutput<typeof Join>

/** A device of a member, and how much of the folder it holds. */
export const MemberDevice = v.object({
  name: v.string(),
  key: v.string(),
  addedAt: Moment,
  /** True for the store asked. */
  you: v.boolean(),
  live: v.boolean(),
  version: count,
  complete: v.boolean(),
  /** When that was said; null when nothing was ever heard. */
  at: v.nullable(Moment),
})
/** A person with all their devices. */
export const Member = v.object({
  id: v.string(),
  name: v.string(),
  role: MemberRole,
  you: v.boolean(),
  /** Keeps without being able to read. */
  blind: v.boolean(),
  devices: v.array(MemberDevice),
})
export type Member = v.InferOutput<typeof Member>

/** A guest who waits for approval. */
export const JoinRequest = v.object({
  id: v.string(),
  name: v.string(),
  device: v.string(),
  role: MemberRole,
  words: v.string(),
  invite: v.string(),
})
export type JoinRequest = v.InferOutput<typeof JoinRequest>

/** Who has a folder. */
export const Members = v.object({
  /** False for a folder that was never shared: its one member is this device. */
  shared: v.boolean(),
  /** Grows by one with each removal from a private folder. */
  epoch: count,
  people: v.array(Member),
  requests: v.array(JoinRequest),
  invites: v.array(Invite),
  /** Things that were ignored or cut off, and why, for people. */
  problems: v.array(v.object({ about: v.string(), reason: v.string() })),
})
export type Members = v.InferOutput<typeof Members>

export const ChangeMember = v.strictObject({ role: v.picklist(['owner', 'admin', 'writer', 'reader', 'keeper']) })

/** Body of `PATCH /api/v1/folders/:folder`: how this device keeps it. What is left out stays. */
export const ChangeFolder = v.strictObject({
  title: v.optional(text(200)),
  mode: v.optional(FolderMode),
  /** Sub-folders that are not on this device's disk, relative paths; replaces the list. */
  exclude: v.optional(v.pipe(v.array(text(4096)), v.maxLength(1000))),
  /** False: keep a whole copy of the content in the store, beside the files. */
  lend: v.optional(v.boolean()),
  /** True: its link is on the public list of this store. Never for private things. */
  listed: v.optional(v.boolean()),
})
export type ChangeFolder = v.InferOutput<typeof ChangeFolder>

/** A file of which several versions stand side by side. */
export const Conflict = v.object({
  /** The file. */
  path: v.string(),
  /** The other version, as a file beside it. */
  copy: v.string(),
  /** Who wrote the version at `path`, and the other one. */
  device: v.string(),
  copyDevice: v.string(),
  mtimeMs: v.number(),
  copyMtimeMs: v.number(),
  size: count,
  copySize: count,
})
export type Conflict = v.InferOutput<typeof Conflict>
/** Body of `POST /api/v1/folders/:folder/conflicts`. `mine`: the version that this device wrote; `theirs`: the other; `both`: two files for good. */
export const SettleConflict = v.strictObject({ path: text(4096), keep: v.picklist(['mine', 'theirs', 'both']) })
export type SettleConflict = v.InferOutput<typeof SettleConflict>

/** A link to a part of a private folder, for people without a device. */
export const GatewayLink = v.object({
  id: v.string(),
  /** Relative path; '' for the whole folder. */
  path: v.string(),
  /** The address at the store asked, with the signature in it; null when it was revoked or expired. */
  url: v.nullable(v.string()),
  createdAt: Moment,
  expiresAt: Moment,
  state: v.picklist(['good', 'expired', 'revoked']),
  by: v.string(),
})
export type GatewayLink = v.InferOutput<typeof GatewayLink>
export const CreateGatewayLink = v.strictObject({
  path: v.optional(v.pipe(v.string(), v.maxLength(4096)), ''),
  /** Seconds; default a week, at most a year. */
  expiresS: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(366 * 86400)), 7 * 86400),
})
export type CreateGatewayLink = v.InferInput<typeof CreateGatewayLink>
export type MemberDevice = v.InferOutput<typeof MemberDevice>
