/** The shapes of what happened lately in a store, of its transfer over time, and of its log. */
import * as v from 'valibot'
import { ChangeEvent, MembersEvent, Moment, PeerEvent, ReceiptEvent, RemovedEvent } from './schemas.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const rate = v.pipe(v.number(), v.minValue(0))
const Digits = v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be a whole number'))

/** Events that people read: what was changed, is held, came and went. */
export const ActivityEvent = v.variant('event', [ReceiptEvent, ChangeEvent, MembersEvent, RemovedEvent, PeerEvent])
export type ActivityEvent = v.InferOutput<typeof ActivityEvent>

/** Mean transfer of the span that ends at `at`, all folders together, in bytes per second. */
export const TransferSample = v.object({ at: Moment, received: rate, sent: rate })
export type TransferSample = v.InferOutput<typeof TransferSample>

/** What happened since the start of the service, as far as it is remembered. */
export const Activity = v.object({
  /** Newest first; at most 500. */
  events: v.array(ActivityEvent),
  /** The last hour, a sample each 10 seconds, oldest first. */
  hour: v.array(TransferSample),
  /** The last day, a sample each 5 minutes, oldest first. */
  day: v.array(TransferSample),
  /** Bytes since the start of the service. */
  received: count,
  sent: count,
})
export type Activity = v.InferOutput<typeof Activity>

/** `after`: only lines with a larger number. `limit`: at most 1,000, default 200, counted from the newest. */
export const LogQuery = v.strictObject({ after: v.optional(Digits), limit: v.optional(Digits) })
/** One line that the service said; never with a secret in it. */
export const LogLine = v.object({ number: count, at: Moment, level: v.picklist(['info', 'warning', 'error']), text: v.string() })
export type LogLine = v.InferOutput<typeof LogLine>
/** Oldest first. */
export const Log = v.object({ lines: v.array(LogLine) })
export type Log = v.InferOutput<typeof Log>
