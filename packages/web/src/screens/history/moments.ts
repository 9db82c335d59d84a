/** Versions as moments: in words, by day, as places on a slider and as bars of how much changed. */
import type { HistoryVersion } from '@hyper-store/client'

const weekday = new Intl.DateTimeFormat('en', { weekday: 'long' })
const month = new Intl.DateTimeFormat('en', { month: 'short' })
const DAY_MS = 86_400_000

/** `Tuesday 3 Nov`, with the year when it is not this one. */
export function dayWords(at: Date, now: Date): string {
  const year = at.getFullYear() === now.getFullYear() ? '' : ` ${at.getFullYear()}`
  return `${weekday.format(at)} ${at.getDate()} ${month.format(at)}${year}`
}

/** `10:32`, as the reader writes times. */
export function timeWords(at: Date): string {
  return at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}

/** The day of a version in the reader's time zone: how long ago (0 is today), and in words; null when its device told no time. */
export function dayOfVersion(version: HistoryVersion, now: Date): { readonly ago: number; readonly words: string } | null {
  if (version.at === null) return null
  const at = new Date(version.at)
  const start = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
  // A day of a changed clock has an hour more or less.
  return { ago: Math.round((start(now) - start(at)) / DAY_MS), words: dayWords(at, now) }
}

/** Index of the version that was the newest at number `version`, in a list that is oldest first; 0 when all are newer, -1 in an empty list. */
export function stopOf(stops: readonly HistoryVersion[], version: number): number {
  return Math.max(
    stops.length === 0 ? -1 : 0,
    stops.findLastIndex((stop) => stop.version <= version),
  )
}

/** Index of the version that was the newest at a moment (milliseconds since 1970), in a list that is oldest first; -1 when all are newer. */
export function stopAt(stops: readonly HistoryVersion[], ms: number): number {
  return stops.findLastIndex(({ at }) => at !== null && Date.parse(at) <= ms)
}

/** A bar over the slider; both numbers are shares of 1. */
export interface Bar {
  readonly at: number
  readonly height: number
  /** Index of the newest version that it stands for. */
  readonly stop: number
}

/** How much changed along the slider, in at most `most` bars; a hundred times as many changes are twice to thrice as high. */
export function barsOf(stops: readonly HistoryVersion[], most: number): Bar[] {
  const per = Math.max(1, Math.ceil(stops.length / most))
  const counts: { readonly stop: number; readonly count: number }[] = []
  for (let start = 0; start < stops.length; start += per) {
    const group = stops.slice(start, start + per)
    counts.push({ stop: start + group.length - 1, count: group.reduce((sum, { count }) => sum + count, 0) })
  }
  const tallest = Math.log2(2 + Math.max(0, ...counts.map(({ count }) => count)))
  return counts.map(({ stop, count }) => ({
    stop,
    at: stops.length < 2 ? 1 : (stop - (per - 1) / 2) / (stops.length - 1),
    height: Math.log2(2 + count) / tallest,
  }))
}

/** A moment as a field for day and time wants it, in the reader's time zone. */
export function fieldMoment(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
