/** Moments as people write them: ISO 8601, a local date and time, or how long ago. */
import { AppError } from '@hyper-store/client/contract'

const AGO = /^(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|w|weeks?)(?:\s+ago)?$/
const LOCAL = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/
const CLOCK = /^(?:(today|yesterday)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

/**
 * The moment of `2026-11-03T10:32:00Z`, `2026-11-03 10:32` and `10:32` (local time), `2h`, `3 days ago`, `yesterday` (this time
 * the day before), `today 9:00`; a date alone is the end of that day. ISO 8601 in UTC. Throws USAGE, naming `option`.
 */
export function parseMoment(text: string, option: string, now: Date = new Date()): string {
  const at = momentOf(text.trim(), now)
  if (at === null || Number.isNaN(at.getTime())) {
    throw new AppError('USAGE', {
      reason: `${option} wants a time such as 2h, yesterday, "2026-11-03 10:32" or 2026-11-03T10:32:00Z, not "${text}"`,
    })
  }
  return at.toISOString()
}

function momentOf(text: string, now: Date): Date | null {
  if (ISO.test(text)) return new Date(text)
  const ago = AGO.exec(text.toLowerCase())
  if (ago !== null) return new Date(now.getTime() - Number(ago[1]) * (UNIT_MS[ago[2]?.[0] ?? ''] ?? Number.NaN))
  if (text.toLowerCase() === 'now') return now
  if (text.toLowerCase() === 'yesterday') return dayBefore(now)
  const clock = CLOCK.exec(text.toLowerCase())
  if (clock !== null) {
    const day = clock[1] === 'yesterday' ? dayBefore(now) : now
    return localOf([day.getFullYear(), day.getMonth() + 1, day.getDate()], [clock[2], clock[3], clock[4]].map(numberOr0))
  }
  const local = LOCAL.exec(text)
  if (local === null) return null
  const date = [local[1], local[2], local[3]].map(Number)
  return localOf(date, local[4] === undefined ? [23, 59, 59] : [local[4], local[5], local[6]].map(numberOr0))
}

function numberOr0(text: string | undefined): number {
  return text === undefined ? 0 : Number(text)
}

/** The same time by the clock on the wall, whatever the length of the day was. */
function dayBefore(now: Date): Date {
  const day = new Date(now)
  day.setDate(day.getDate() - 1)
  return day
}

/** Null for a date or time that no calendar or clock has: the 31st of April must not become the 1st of May. */
function localOf(date: readonly number[], time: readonly number[]): Date | null {
  const [year = 0, month = 0, day = 0] = date
  const [hour = 0, minute = 0, second = 0] = time
  const at = new Date(year, month - 1, day, hour, minute, second)
  const isReal = at.getFullYear() === year && at.getMonth() === month - 1 && at.getDate() === day
  return isReal && hour < 24 && minute < 60 && second < 60 ? at : null
}
