/** The small records of the state and their shapes, parsed each time they are read from the database. */
import { FolderMode, Retention, Role } from '@hyper-store/client/contract'
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`)))
/** z-base-32 or hex text of a key. */
const Key = v.pipe(v.string(), v.regex(/^[a-z0-9]{1,64}$/))
/** Milliseconds since 1970. */
const Ms = v.pipe(v.number(), v.minValue(0))

/** A folder that this store keeps or kept. Records of removed folders stay, so that adding again goes on with the same drive. */
export const FolderRecord = v.object({
  /** z-base-32 key of the folder's root drive. */
  key: Key,
  /** What its log is; `folder` also while that is not known. */
  kind: v.optional(v.picklist(['folder', 'table', 'core']), 'folder'),
  /** Absolute path on this disk; null when only kept. */
  path: v.nullable(v.string()),
  title: v.string(),
  mode: FolderMode,
  private: v.boolean(),
  /** Hex of the 32 bytes that open the folder's content; null for public folders and blind keepers. */
  encryptionKey: v.nullable(hex(32)),
  blind: v.boolean(),
  paused: v.boolean(),
  /** Name of this device's own drive in the corestore, or its key; null for readers and keepers. */
  ownDrive: v.nullable(v.string()),
  /** The disk folder that was last seen at `path`. */
  rootIdentity: v.nullable(v.object({ device: v.number(), ino: v.number() })),
  addedAtMs: Ms,
  /** When it was removed; null while it is kept. */
  removedAtMs: v.nullable(Ms),
  /** Why the folder stands still until a person decides. */
  safetyStop: v.nullable(v.object({ reason: v.string(), cure: v.string() })),
  /** True while a writer waits for a peer to confirm the newest state of its drive, after a machine stop or a restore. */
  recovering: v.optional(v.boolean(), false),
  /** Names of the providers that were asked to keep it. */
  providers: v.array(v.string()),
  /** Those of `providers` that keep it without being able to read. */
  blindProviders: v.optional(v.array(v.string()), () => []),
  /** True once members are known: more than one device may write. */
  shared: v.optional(v.boolean(), false),
  /** Keys of the epochs after the first: `key` opens content (null for blind keepers and open folders), `gate` opens the roster. */
  epochs: v.optional(v.array(v.object({ epoch: count, key: v.nullable(hex(32)), gate: hex(32) })), () => []),
  /** Names of this device's drives in the corestore, but for a root drive of its own, which is `ownDrive`. */
  drives: v.optional(v.array(v.string()), () => []),
  /** Addresses of stores that have the folder, dialled while it is kept: those of the invite. */
  addresses: v.optional(v.pipe(v.array(v.string()), v.maxLength(10)), () => []),
  /** Keys of drives of removed members that count up to their frozen length here: what was shown beyond it was taken over before. */
  frozen: v.optional(v.array(v.string()), () => []),
  /** Keys of drives that their writers wrote in two ways: they are read as they were, and asked from nobody. */
  forked: v.optional(v.array(v.string()), () => []),
  /** Sub-folders that are not on this device's disk. */
  exclude: v.optional(v.array(v.string()), () => []),
  /** How many old versions this device keeps the content of. */
  retention: v.optional(Retention, () => ({ keep: 'all' as const })),
  /** False: the store keeps a whole copy of the content beside the files. */
  lend: v.optional(v.boolean(), true),
  /** Keys of the devices that had this store keep it; none for what the machine itself keeps. */
  askedBy: v.optional(v.pipe(v.array(Key), v.maxLength(1000))),
  /** True: its link is on the public list of this store. */
  listed: v.optional(v.boolean()),
})
export type FolderRecord = v.InferOutput<typeof FolderRecord>
/** Fields of a folder that are decided outside its own room. */
export type DecidedField = 'shared' | 'epochs' | 'drives' | 'encryptionKey' | 'askedBy' | 'providers' | 'blindProviders'

/** A join under way. */
export const JoinRecord = v.object({
  id: Key,
  code: v.string(),
  /** Key of the folder. */
  key: Key,
  path: v.nullable(v.string()),
  title: v.nullable(v.string()),
  name: v.string(),
  /** Name in the corestore of the drive that this device will write. */
  ownDrive: v.string(),
  /** Id of the signed request; null until the invite was seen. */
  request: v.nullable(v.string()),
  state: v.picklist(['looking', 'waiting', 'joined', 'refused']),
  problem: v.nullable(v.object({ code: v.string(), message: v.string() })),
  role: v.nullable(v.picklist(['owner', 'admin', 'writer', 'reader', 'keeper'])),
  words: v.nullable(v.string()),
  atMs: Ms,
})
export type JoinRecord = v.InferOutput<typeof JoinRecord>

/** The code of an invite that this device made. */
export const InviteRecord = v.object({ id: Key, folder: Key, code: v.string() })
export type InviteRecord = v.InferOutput<typeof InviteRecord>

/** A store that the user controls, by name. */
export const ProviderRecord = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  url: v.nullable(v.string()),
  /** Null until it has been seen. */
  deviceKey: v.nullable(Key),
  role: v.nullable(Role),
  /** Our right there. A secret: it never leaves the state but in calls to that provider. */
  token: v.nullable(v.string()),
  addedAtMs: Ms,
  lastSeenAtMs: v.nullable(Ms),
})
export type ProviderRecord = v.InferOutput<typeof ProviderRecord>

/** A device that may use this store. */
export const DeviceRecord = v.object({
  /** z-base-32 device key. */
  key: Key,
  name: v.string(),
  role: Role,
  /** Hex SHA-256 of its token, never the token; null when it calls by device key alone. */
  tokenHash: v.nullable(hex(32)),
  addedAtMs: Ms,
  lastSeenAtMs: v.nullable(Ms),
  /** Bytes that this store keeps for it at most; null and left out: no limit. */
  quotaBytes: v.optional(v.nullable(count)),
})
export type DeviceRecord = v.InferOutput<typeof DeviceRecord>

/** A device's signed word that it holds all of a version. */
export const ReceiptRecord = v.object({
  folder: Key,
  /** Device key of the signer. */
  device: Key,
  name: v.string(),
  version: count,
  files: count,
  bytes: count,
  atMs: Ms,
  /** Hex of the bytes that were signed, as they came, so that the receipt can be checked and shown again; empty for the mark of a drop. */
  signed: v.pipe(v.string(), v.regex(/^([0-9a-f]{2})*$/), v.maxLength(262_144)),
  /** Hex ed25519 signature over `signed`. */
  signature: hex(64),
  /** It tells of several drives: its version may shrink, when a member was removed, and the later one counts. */
  shared: v.optional(v.boolean(), false),
})
export type ReceiptRecord = v.InferOutput<typeof ReceiptRecord>
