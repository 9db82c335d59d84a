/** Numbers, sizes, states and moments as people read them. */
import type { Item, ItemDevice, ItemState } from '@hyper-store/client'

const counting = new Intl.NumberFormat('en')

/** Names of the states. */
export const STATE_WORDS: Readonly<Record<ItemState, string>> = {
  'up-to-date': 'Up to date',
  syncing: 'Syncing',
  waiting: 'Waiting',
  paused: 'Paused',
  error: 'Needs you',
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
  return [size, kind, item.path].filter((part) => part !== null).join(' · ')
}

/** Who a device is to this store; '' for others. */
export function kindWords(device: ItemDevice): string {
  if (device.role === 'this') return 'this store'
  return device.role === 'provider' ? 'provider' : ''
}

/** What a device holds, live or as of its last word. */
export function heldWords(device: ItemDevice, now: Date): string {
  const when = device.at === null ? null : momentWords(device.at, now)
  if (device.complete) {
    if (device.role === 'this') return 'has everything'
    return device.live ? 'has everything · online' : when === null ? 'has everything' : `has everything · seen ${when}`
  }
  if (device.live) return device.progress > 0 ? `has ${shareWords(device.progress)}` : 'has nothing yet'
  return when === null ? 'not heard of yet' : `behind · seen ${when}`
}

/** All folders in one sentence. */
export function summaryWords(items: readonly Item[]): string {
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
  const words = [`${countWords(items.length, 'folder')}, ${byteWords(bytes)}`]
  const count = (state: ItemState) => items.filter((item) => item.state === state).length
  if (count('up-to-date') === items.length) words.push(items.length === 1 ? 'up to date' : 'all up to date')
  if (count('syncing') > 0) words.push(`${counting.format(count('syncing'))} syncing`)
  if (count('waiting') > 0) words.push(`${counting.format(count('waiting'))} waiting`)
  if (count('paused') > 0) words.push(`${counting.format(count('paused'))} paused`)
  if (count('error') > 0) words.push(`${counting.format(count('error'))} need${count('error') === 1 ? 's' : ''} you`)
  return words.join(' · ')
}
