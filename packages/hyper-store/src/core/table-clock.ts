/** The clock of a row in a shared table, and how a row lies in the log of its device: clock, tombstone and bytes in one value. */
import type { DriveId } from './entries.ts'
import { parseVector } from './vectors.ts'

/** A hybrid clock: the time of the device that wrote, or the least above what it saw at that key. Any two compare. */
export interface RowClock {
  /** Milliseconds since 1970, 0 to MAX_MS. */
  readonly ms: number
  /** Tells writes of one millisecond apart, and those that had to go above a clock that is ahead; 0 to MAX_COUNTER. */
  readonly counter: number
}

/** Greatest format of a row; a greater one is left out. */
const ROW_FORMAT = 1
/** The clock has 48 bits of milliseconds (year 10889) and 32 of counter. */
export const MAX_MS = 2 ** 48 - 1
export const MAX_COUNTER = 2 ** 32 - 1
const ID_LENGTH = 10
/** Format, flags and clock. */
const HEAD_BYTES = 12
const TIME_BYTES = 6
/** A row is at most so much longer than its value. */
export const ROW_OVERHEAD_BYTES = HEAD_BYTES + TIME_BYTES + ID_LENGTH

const TOMBSTONE = 1
const WRITER = 2
const TIME = 4
const REPEATED = 8

/** A row as one device wrote it. */
export interface RowRecord {
  readonly clock: RowClock
  /** Null for a deletion. */
  readonly value: Uint8Array | null
  /** The time that the device told by its own clock, milliseconds since 1970. */
  readonly at: number
  /** Who wrote it first, where that is not the device whose log it is in: that one took it over. */
  readonly writer: DriveId | null
  /** True for a row that its device had written before, and wrote again only so that its log still says it last. */
  readonly repeated: boolean
}

/** Below 0 when `a` is older. */
export function compareClocks(a: RowClock, b: RowClock): number {
  return a.ms - b.ms || a.counter - b.counter
}

/** The clock of a write: above what the writer sees at that key, and not below its own time (milliseconds since 1970). */
export function nextClock(seen: RowClock | null, now: number): RowClock {
  const ms = Number.isFinite(now) ? Math.min(MAX_MS, Math.max(0, Math.floor(now))) : 0
  if (seen === null || seen.ms < ms) return { ms, counter: 0 }
  if (seen.counter < MAX_COUNTER) return { ms: seen.ms, counter: seen.counter + 1 }
  // At the very end of time the names of the writers decide.
  return seen.ms < MAX_MS ? { ms: seen.ms + 1, counter: 0 } : { ms: MAX_MS, counter: MAX_COUNTER }
}

/** The bytes of a row in its log. */
export function encodeRow({ clock, value, at, writer, repeated }: RowRecord): Uint8Array {
  const time = Math.min(MAX_MS, Math.max(0, Math.floor(at)))
  const flags =
    (value === null ? TOMBSTONE : 0) | (writer === null ? 0 : WRITER) | (time === clock.ms ? 0 : TIME) | (repeated ? REPEATED : 0)
  const head = Buffer.alloc(HEAD_BYTES + (time === clock.ms ? 0 : TIME_BYTES))
  head[0] = ROW_FORMAT
  head[1] = flags
  head.writeUIntBE(clock.ms, 2, TIME_BYTES)
  head.writeUInt32BE(clock.counter, 8)
  if (time !== clock.ms) head.writeUIntBE(time, HEAD_BYTES, TIME_BYTES)
  return Buffer.concat([head, Buffer.from(writer ?? '', 'latin1'), value ?? new Uint8Array()])
}

/** Reads a row; null for what is none, and for newer formats: such rows are left out, never an exception. The value is a view. */
export function decodeRow(bytes: Uint8Array): RowRecord | null {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (data.length < HEAD_BYTES || data[0] !== ROW_FORMAT) return null
  const flags = data[1] ?? 0
  if ((flags & ~(TOMBSTONE | WRITER | TIME | REPEATED)) !== 0) return null
  const clock = { ms: data.readUIntBE(2, TIME_BYTES), counter: data.readUInt32BE(8) }
  const time = (flags & TIME) === 0 ? 0 : TIME_BYTES
  const head = HEAD_BYTES + time + ((flags & WRITER) === 0 ? 0 : ID_LENGTH)
  if (data.length < head) return null
  const writer = (flags & WRITER) === 0 ? null : data.toString('latin1', HEAD_BYTES + time, head)
  if (writer !== null && parseVector({ [writer]: 1 }) === null) return null
  if ((flags & TOMBSTONE) !== 0 && data.length > head) return null
  return {
    clock,
    value: (flags & TOMBSTONE) === 0 ? data.subarray(head) : null,
    at: time === 0 ? clock.ms : data.readUIntBE(HEAD_BYTES, TIME_BYTES),
    writer: writer as DriveId | null,
    repeated: (flags & REPEATED) !== 0,
  }
}
