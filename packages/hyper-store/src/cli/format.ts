/** Numbers, sizes, times and durations as people read and write them. */
import { AppError } from '@hyper-store/client/contract'

const counting = new Intl.NumberFormat('en-US')

/** `1234` → `1,234`. */
function formatCount(count: number): string {
  return counting.format(count)
}

/** `1` → `1 file`; `1234` → `1,234 files`. */
export function formatFiles(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`
}

/** Bytes with decimal units: `999 B`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  for (const unit of ['B', 'kB', 'MB', 'GB', 'TB']) {
    // Rounded before it is compared, so that 999,999 bytes are 1.0 MB and not 1000 kB.
    const text = unit === 'B' || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1)
    if (Number(text) < 1000) return `${text} ${unit}`
    value /= 1000
  }
  return `${formatCount(Math.round(value))} PB`
}

/** A share as whole per cents; 100 only when whole. */
export function formatShare(share: number): string {
  return `${share >= 1 ? 100 : Math.min(99, Math.floor(share * 100))} %`
}

/** Seconds as `45 s`, `3 min`, `2 h 5 min`, `3 days`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  const days = Math.round(seconds / 86_400)
  return `${days} ${days === 1 ? 'day' : 'days'}`
}

/** A moment in local time: `10:32:05` today, `3 Nov, 10:32` this year, `3 Nov 2025` before. */
export function formatMoment(moment: string, now: Date = new Date()): string {
  const at = new Date(moment)
  if (Number.isNaN(at.getTime())) return moment
  const day = `${at.getDate()} ${at.toLocaleString('en-GB', { month: 'short' })}`
  if (at.getFullYear() !== now.getFullYear()) return `${day} ${at.getFullYear()}`
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0'))
  if (at.toDateString() === now.toDateString()) return time.join(':')
  return `${day}, ${time.slice(0, 2).join(':')}`
}

const SECONDS: Record<string, number> = { '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400 }

/** Seconds of `90`, `90s`, `10m`, `2h`, `1d`. Throws USAGE, naming `option`. */
export function parseSeconds(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|)$/.exec(text.trim())
  const seconds = Number(match?.[1]) * (SECONDS[match?.[2] ?? ''] ?? 1)
  if (match === null || !Number.isFinite(seconds)) {
    throw new AppError('USAGE', { reason: `${option} wants a time such as 90s, 10m, 2h or 1d, not "${text}"` })
  }
  return seconds
}

const UNITS = ['', 'k', 'm', 'g', 't', 'p']

/** Bytes of `1000`, `500MB`, `1.5 GB`, `2GiB`: decimal units, binary ones with an i. Throws USAGE, naming `what`. */
export function parseBytes(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?$/i.exec(text.trim())
  const [, count = '', unit = '', binary = ''] = match ?? []
  const bytes = Math.round(Number(count) * (binary === '' ? 1000 : 1024) ** UNITS.indexOf(unit.toLowerCase()))
  if (match === null || (binary !== '' && unit === '') || !Number.isSafeInteger(bytes)) {
    throw new AppError('USAGE', { reason: `${what} wants a size such as 500MB, 10GB or 1.5TiB, not "${text}"` })
  }
  return bytes
}
