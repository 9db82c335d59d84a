/** Numbers, sizes, states and moments as people read them. */
import type { Item, ItemState } from '@hyper-store/client'

const counting = new Intl.NumberFormat('en')

/** Names of the states. */
export const STATE_WORDS: Readonly<Record<ItemState, string>> = {
  'up-to-date': 'Up to date',
  syncing: 'Syncing',
  waiting: 'Waiting',
  paused: 'Paused',
  error: 'Needs you',
}

/** Control characters, line ends, and signs that turn the direction of what stands around them. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** A name as it may be shown: what would hide, break or turn it becomes a sign that is seen (`\n` is `␊`, a turn is `�`). Always with `dir="auto"`. */
export function visibleName(name: string): string {
  return name.replace(UNSEEN, (sign) => {
    const code = sign.codePointAt(0) ?? 0
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    return code === 0x7f ? '\u2421' : '\ufffd'
  })
}

/** `1 file`, `1,234 files`. */
export function countWords(count: number, one: string): string {
  return `${counting.format(count)} ${one}${count === 1 ? '' : 's'}`
}

/** Bytes with decimal units: `999 B`, `1.2 GB`. */
export function byteWords(bytes: number): string {
  let value = bytes
  let unit = 'B'
  for (const next of ['kB', 'MB', 'GB', 'TB', 'PB']) {
    if (value < 999.5) break
    value /= 1000
    unit = next
  }
  return `${unit === 'B' || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1)} ${unit}`
}

/** A share as whole per cents; 100 only when whole. */
export function shareWords(share: number): string {
  return `${share >= 1 ? 100 : Math.min(99, Math.floor(share * 100))} %`
}

/** `45 s left`, `3 min left`, `2 h 5 min left`. */
export function leftWords(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s left`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min left`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min left`
  return `${countWords(Math.round(seconds / 86_400), 'day')} left`
}

/** A moment in the reader's time zone: the time today, the day before, with the year before this one. */
export function momentWords(moment: string, now: Date): string {
  const at = new Date(moment)
  if (at.toDateString() === now.toDateString()) return at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const year = at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' as const }
  return at.toLocaleString([], { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', ...year })
}

/** What a folder is, in one line. */
export function factWords(item: Item): string {
  // Who keeps blind can't count files.
  const size = item.mode === 'keep-blind' ? byteWords(item.bytes) : `${countWords(item.files, 'file')}, ${byteWords(item.bytes)}`
  const kind = item.mode === 'keep-blind' ? 'kept without being readable here' : item.private ? 'private' : null
  return [size, kind, item.path === null ? null : visibleName(item.path)].filter((part) => part !== null).join(' · ')
}

const CLOCK = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false })

/** A moment given in milliseconds since 1970, with day and time. */
export function timeWords(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '' : CLOCK.format(date)
}
