/** The shapes of the API: requests, replies, events. Parsed at both borders; units are in the names or said beside. */
import * as v from 'valibot'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** A moment as ISO 8601 text in UTC. */
export const Moment = v.pipe(v.string(), v.isoTimestamp())

/** Rights of a caller: `owner` may do all, `member` its own things, `reader` may look. */
export const Role = v.picklist(['owner', 'member', 'reader'])
export type Role = v.InferOutput<typeof Role>

/** What this store does with a folder (DESIGN section 3). */
export const FolderMode = v.picklist(['send-receive', 'receive-only', 'send-only', 'keep', 'keep-blind'])
export type FolderMode = v.InferOutput<typeof FolderMode>

/** The state of an item: `waiting` knows of newer content but sees nobody who has it. */
export const ItemState = v.picklist(['up-to-date', 'syncing', 'waiting', 'paused', 'error'])
export type ItemState = v.InferOutput<typeof ItemState>

/** What one device holds of an item: live when connected, else as of its last receipt. */
export const ItemDevice = v.object({
  name: v.string(),
  key: v.string(),
  /** `this` for the store asked. */
  role: v.picklist(['this', 'provider', 'device']),
  /** Name of the person whose device it is, in a shared folder. */
  person: v.optional(v.string()),
  /** Newest version that the device holds whole; 0 when none is known. */
  version: count,
  /** True when `version` is the newest version known to the store asked. */
  complete: v.boolean(),
  /** When that was said; null when nothing was ever heard. */
  at: v.nullable(Moment),
  /** True while connected. */
  live: v.boolean(),
  /** Share of the newest version that it holds, 0..1. */
  progress: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
})
export type ItemDevice = v.InferOutput<typeof ItemDevice>

/** One kept thing (CONTRACT section 3). */
export const Item = v.object({
  kind: v.picklist(['folder', 'table', 'board', 'core']),
  link: v.string(),
  /** 52 characters of z-base-32. */
  key: v.string(),
  /** Absolute path on the store's disk; null when only kept. */
  path: v.nullable(v.string()),
  title: v.string(),
  mode: FolderMode,
  /** Grows by any change; equal on every device that is up to date. */
  version: count,
  /** Regular files and links of the newest version, as a user counts them. */
  files: count,
  bytes: count,
  state: ItemState,
  progress: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  /** Devices connected now that have this item. */
  peers: count,
  private: v.boolean(),
  /** What this device may do with it. */
  role: v.picklist(['owner', 'admin', 'writer', 'reader', 'keeper']),
  /** True when more than one device may write, or members are known. */
  shared: v.optional(v.boolean()),
  /** Files of which several versions stand side by side. */
  conflicts: v.optional(count),
  /** Sub-folders that are left out on this device. */
  exclude: v.optional(v.array(v.string())),
  /** True when its link is on the public list of this store. */
  listed: v.optional(v.boolean()),
  /** False: the store keeps a whole copy of the content beside the files; left out: it lends from them. */
  lend: v.optional(v.boolean()),
  devices: v.array(ItemDevice),
  /** Transfer rate of the last seconds, bytes per second; 0 when idle. */
  bytesPerSecond: v.pipe(v.number(), v.minValue(0)),
  /** Seconds left at that rate; null when unknown or done. */
  secondsLeft: v.nullable(v.number()),
  /** Why it is in state `error` or `waiting`, or what a person should know of it; null otherwise. */
  problem: v.nullable(v.object({ code: v.string(), message: v.string() })),
})
export type Item = v.InferOutput<typeof Item>

/** Body of `POST /api/v1/folders`: a path is shared, a link is kept, a path with a link is cloned. */
export const AddFolder = v.strictObject({
  /** Absolute path of a folder on the store's machine. */
  path: v.optional(text(4096)),
  link: v.optional(text(4096)),
  title: v.optional(text(200)),
  /** Encrypt the folder's content and names; only when a path is shared. */
  private: v.optional(v.boolean()),
  /** Keep without being able to read. */
  blind: v.optional(v.boolean()),
  /** What the link names, for a keeper that can't see it. */
  kind: v.optional(v.picklist(['folder', 'table', 'core'])),
  /** Have this named provider keep it too. */
  provider: v.optional(text(200)),
})
export type AddFolder = v.InferOutput<typeof AddFolder>

export const FolderQuery = v.strictObject({ deleteData: v.optional(v.picklist(['true', 'false'])) })
export const IgnoreQuery = v.strictObject({ test: v.optional(text(4096)) })
/** The ignore rules of a folder and, with `test`, what they say of one path. */
export const IgnoreReport = v.object({
  rules: v.array(v.object({ file: v.string(), line: count, pattern: v.string() })),
  test: v.nullable(v.object({ path: v.string(), ignored: v.boolean(), rule: v.nullable(v.string()) })),
})
export type IgnoreReport = v.InferOutput<typeof IgnoreReport>

/** A store that the user controls, by name. */
export const Provider = v.object({
  name: v.string(),
  /** `http://…` address, or null when it is reached by its device key. */
  url: v.nullable(v.string()),
  /** 52 characters of z-base-32; null until it has been seen. */
  deviceKey: v.nullable(v.string()),
  role: v.nullable(Role),
  reachable: v.boolean(),
})
export type Provider = v.InferOutput<typeof Provider>
/** Body of `PUT /api/v1/providers/:name`; `target` is a URL or device key, with `#code` when there is one. */
export const SetProvider = v.strictObject({ target: text(2048) })

/** A device that may use this store. */
export const Device = v.object({
  name: v.string(),
  key: v.string(),
  role: Role,
  addedAt: Moment,
  lastSeenAt: v.nullable(Moment),
  connected: v.boolean(),
  /** Bytes of what it had this store keep. */
  usedBytes: v.optional(count),
  /** The most that it may be; null: no limit. */
  quotaBytes: v.optional(v.nullable(count)),
})
export type Device = v.InferOutput<typeof Device>
/** Body of `PATCH /api/v1/devices/:device`; what is left out stays. */
export const ChangeDevice = v.strictObject({
  name: v.optional(text(100)),
  /** Bytes that this store keeps at most of what the device had it keep; null: no limit. */
  quotaBytes: v.optional(v.nullable(count)),
})
export type ChangeDevice = v.InferOutput<typeof ChangeDevice>

export const CreatePair = v.strictObject({
  role: v.optional(Role, 'owner'),
  /** Seconds until the code expires; default ten minutes. */
  expiresS: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(7 * 86400)), 600),
})
/** A one-time pairing code and the line to paste on the other machine. */
export const PairCode = v.object({ code: v.string(), line: v.string(), role: Role, expiresAt: Moment })
export type PairCode = v.InferOutput<typeof PairCode>
/** Body of `POST /api/v1/backup`. */
export const CreateBackup = v.strictObject({ passphrase: v.pipe(v.string(), v.minLength(8), v.maxLength(1000)) })
/** A backup, sealed with the passphrase, in base64. */
export const Backup = v.object({ backup: v.pipe(v.string(), v.base64()) })
export type Backup = v.InferOutput<typeof Backup>
/** Body of `POST /api/v1/pair/redeem`, the one call that needs no right. */
export const RedeemCode = v.strictObject({
  code: text(200),
  /** Device key of the caller, z-base-32. */
  deviceKey: text(64),
  name: text(100),
  /** Hex ed25519 signature by that key over `hyper-store pair <code> <store key>`. */
  proof: text(128),
})
export type RedeemCode = v.InferOutput<typeof RedeemCode>
export const Right = v.object({ token: v.string(), role: Role, deviceKey: v.string(), name: v.string() })
export type Right = v.InferOutput<typeof Right>

/** What a store says of itself. Without a right only `name`, `deviceKey` and `version` are told. */
export const StoreInfo = v.object({
  name: v.string(),
  deviceKey: v.string(),
  /** Program version. */
  version: v.string(),
  role: v.nullable(Role),
  url: v.optional(v.string()),
  home: v.optional(v.string()),
  pid: v.optional(count),
  startedAt: v.optional(Moment),
  open: v.optional(v.boolean()),
  network: v.optional(
    v.object({
      lan: v.boolean(),
      internet: v.boolean(),
      peers: v.array(
        v.object({
          key: v.string(),
          name: v.nullable(v.string()),
          via: v.picklist(['provider', 'lan', 'internet']),
          address: v.nullable(v.string()),
        }),
      ),
    }),
  ),
  memoryBytes: v.optional(count),
})
export type StoreInfo = v.InferOutput<typeof StoreInfo>

/** One line of the doctor. */
export const Check = v.object({
  name: v.string(),
  state: v.picklist(['ok', 'warning', 'wrong', 'unknown']),
  message: v.string(),
  cure: v.nullable(v.string()),
})
export type Check = v.InferOutput<typeof Check>

const base = { at: Moment }
/** A device holds all of `version`. */
export const ReceiptEvent = v.object({
  ...base,
  event: v.literal('receipt'),
  link: v.string(),
  device: v.object({ name: v.string(), key: v.string() }),
  version: count,
  complete: v.boolean(),
  files: count,
  bytes: count,
})
export const ChangeEvent = v.object({
  ...base,
  event: v.literal('change'),
  link: v.string(),
  op: v.picklist(['add', 'change', 'delete', 'rename', 'conflict']),
  path: v.string(),
  from: v.optional(v.string()),
  version: count,
  device: v.string(),
})
export const ItemEvent = v.object({ ...base, event: v.literal('item'), link: v.string(), item: Item })
/** Members, invites, requests or a join changed: to be asked for again. */
export const MembersEvent = v.object({ ...base, event: v.literal('members'), link: v.string() })
export const RemovedEvent = v.object({ ...base, event: v.literal('removed'), link: v.string() })
export const PeerEvent = v.object({
  ...base,
  event: v.literal('peer'),
  key: v.string(),
  name: v.nullable(v.string()),
  connected: v.boolean(),
  via: v.string(),
})
export const ReadyEvent = v.object({
  ...base,
  event: v.literal('ready'),
  url: v.string(),
  deviceKey: v.string(),
  name: v.string(),
  pid: count,
  home: v.string(),
})
export const PairEvent = v.object({ ...base, event: v.literal('pair'), line: v.string(), expiresAt: Moment })
/** Everything that `GET /api/v1/events` and `run-service --json` may say. */
export const StoreEvent = v.variant('event', [
  ReceiptEvent,
  ChangeEvent,
  ItemEvent,
  MembersEvent,
  RemovedEvent,
  PeerEvent,
  ReadyEvent,
  PairEvent,
])
export type StoreEvent = v.InferOutput<typeof StoreEvent>
export type ReceiptEvent = v.InferOutput<typeof ReceiptEvent>
export type ChangeEvent = v.InferOutput<typeof ChangeEvent>
export type ItemEvent = v.InferOutput<typeof ItemEvent>
export type SetProvider = v.InferOutput<typeof SetProvider>
export type CreatePair = v.InferOutput<typeof CreatePair>
