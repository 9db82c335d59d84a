/** What two stores say to each other on the channel `hyper-store/sync/1`: control as JSON, runs of blocks as bytes. */
import c, { type Encoder } from 'compact-encoding'
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
/** The two logs of a device drive. */
export const LogName = v.picklist(['db', 'blobs'])
export type LogName = v.InferOutput<typeof LogName>

/** First message of each side. */
export const Hello = v.object({ name: v.pipe(v.string(), v.maxLength(100)), protocol: count })
/** "I know these drives": discovery key and the proof that the drive's key is known; `answer` to an offer wants none. At most 1,000 a message. */
export const Offer = v.object({
  drives: v.pipe(v.array(v.object({ drive: hex32, proof: hex32, answer: v.optional(v.boolean()) })), v.maxLength(1000)),
  /** Drives offered before that the sender shares no more, for now or for good. */
  gone: v.optional(v.pipe(v.array(hex32), v.maxLength(1000))),
})
/** How much of a drive the sender holds: blocks held from the start, and their bytes; `applied`: the version that is in its folder on disk. */
export const Status = v.object({
  drive: hex32,
  fork: count,
  db: count,
  dbBytes: count,
  blobs: count,
  blobsBytes: count,
  blobsFork: count,
  applied: v.nullable(count),
})
export type Status = v.InferOutput<typeof Status>
/** "Send me the log from this block on, and what comes later too." */
export const Want = v.object({ drive: hex32, log: LogName, fork: count, from: count, manifest: v.boolean() })
export type Want = v.InferOutput<typeof Want>
export const Ack = v.object({ drive: hex32, log: LogName, length: count })
/** Ends a `want` from either side; `reason` is for the log only. */
export const Stop = v.object({ drive: hex32, log: LogName, reason: v.picklist(['no-checkpoints', 'not-needed', 'refused']) })
/** Ids of the roster's commands that the sender has, or commands that the other lacks; `drive` is the folder's root drive. */
export const RosterMessage = v.object({
  drive: hex32,
  have: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{16,64}$/))), v.maxLength(6000))),
  commands: v.optional(v.pipe(v.array(v.unknown()), v.maxLength(500))),
})
export type RosterMessage = v.InferOutput<typeof RosterMessage>
/** Presence on boards of the folder whose root drive this is: sealed for its members, passed on at most `hops` times more, never stored. */
export const PresenceMessage = v.object({
  drive: hex32,
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  hops: v.pipe(count, v.maxValue(3)),
  body: v.pipe(v.string(), v.maxLength(64 * 1024)),
})
export type PresenceMessage = v.InferOutput<typeof PresenceMessage>
export const ReceiptMessage = v.object({ receipt: v.unknown() })

/** Longest control message, in bytes. */
const JSON_LIMIT = 256 * 1024

/** JSON of at most 256 KiB; what does not parse decodes to undefined. */
export const json: Encoder = {
  preencode(state, value) {
    c.string.preencode(state, JSON.stringify(value))
  },
  encode(state, value) {
    c.string.encode(state, JSON.stringify(value))
  },
  decode(state) {
    if (state.end - state.start > JSON_LIMIT) {
      state.start = state.end
      return undefined
    }
    try {
      return JSON.parse(c.string.decode(state)) as unknown
    } catch {
      state.start = state.end
      return undefined
    }
  },
}

/** A piece of a log. The last piece of a run carries the signature over the log up to its end. */
export interface Run {
  readonly drive: Uint8Array
  readonly log: LogName
  readonly fork: number
  readonly from: number
  readonly blocks: readonly Uint8Array[]
  readonly signature: Uint8Array | null
  /** Encoded manifest of the log when the receiver asked for it. */
  readonly manifest: Uint8Array | null
}

/** Most blocks in one piece. */
export const RUN_BLOCKS = 4096

const NOTHING = new Uint8Array(0)
const optional = (bytes: Uint8Array): Uint8Array | null => (bytes.byteLength === 0 ? null : bytes)

/** Binary form of a run; malformed bytes decode to null. */
export const run: Encoder<Run | null> = {
  preencode(state, r) {
    if (r === null) return
    c.fixed32.preencode(state, r.drive)
    c.uint.preencode(state, 0)
    c.uint.preencode(state, r.fork)
    c.uint.preencode(state, r.from)
    c.uint8array.preencode(state, r.signature ?? NOTHING)
    c.uint8array.preencode(state, r.manifest ?? NOTHING)
    c.uint.preencode(state, r.blocks.length)
    for (const block of r.blocks) c.uint8array.preencode(state, block)
  },
  encode(state, r) {
    if (r === null) return
    c.fixed32.encode(state, r.drive)
    c.uint.encode(state, r.log === 'db' ? 0 : 1)
    c.uint.encode(state, r.fork)
    c.uint.encode(state, r.from)
    c.uint8array.encode(state, r.signature ?? NOTHING)
    c.uint8array.encode(state, r.manifest ?? NOTHING)
    c.uint.encode(state, r.blocks.length)
    for (const block of r.blocks) c.uint8array.encode(state, block)
  },
  decode(state) {
    try {
      const drive = c.fixed32.decode(state)
      const log = c.uint.decode(state) === 0 ? 'db' : 'blobs'
      const fork = c.uint.decode(state)
      const from = c.uint.decode(state)
      const signature = optional(c.uint8array.decode(state))
      const manifest = optional(c.uint8array.decode(state))
      const n = c.uint.decode(state)
      if (n > RUN_BLOCKS) throw new RangeError('too many blocks')
      const blocks: Uint8Array[] = []
      for (let i = 0; i < n; i++) blocks.push(c.uint8array.decode(state))
      return { drive, log, fork, from, blocks, signature, manifest }
    } catch {
      state.start = state.end
      return null
    }
  },
}
