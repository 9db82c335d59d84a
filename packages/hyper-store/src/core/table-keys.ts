/** Keys of tables as text: sub-databases are divided by `/`, and what text can't show is percent-encoded. */
import { isUtf8, textOf } from './utf8.ts'

const SLASH = 0x2f
const PERCENT = 0x25
/** What text of a key can't hold as it is. */
const SPECIAL = /[\p{Cc}%/]/gu

/**
 * The bytes of a key or prefix that is given as text: UTF-8, `/` stands for the zero byte between sub-databases, `%XX` for any byte. A
 * `%` that begins no such escape is one.
 */
export function keyBytes(text: string): Uint8Array {
  const raw = new TextEncoder().encode(text)
  const bytes = new Uint8Array(raw.length)
  let length = 0
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at] ?? 0
    const escaped = byte === PERCENT ? escapedAt(raw, at) : null
    if (escaped !== null) at += 2
    bytes[length++] = escaped ?? (byte === SLASH ? 0 : byte)
  }
  return bytes.slice(0, length)
}

/** The one text of a key: `keyBytes` gives the same bytes back. */
export function keyText(bytes: Uint8Array): string {
  const whole = textOf(bytes)
  if (whole !== null) return whole.replace(SPECIAL, escaped)
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const size = characterAt(bytes, at)
    text += size === 0 ? percent(bytes[at] ?? 0) : (textOf(bytes.subarray(at, at + size)) ?? '').replace(SPECIAL, escaped)
    at += Math.max(1, size)
  }
  return text
}

/** True when `key` begins with all of `prefix`. */
export function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  if (key.length < prefix.length) return false
  for (let at = 0; at < prefix.length; at++) if (key[at] !== prefix[at]) return false
  return true
}

/** The least bytes above all that begin with `prefix`; null when there are none. */
export function afterPrefix(prefix: Uint8Array): Uint8Array | null {
  let end = prefix.length
  while (end > 0 && prefix[end - 1] === 0xff) end--
  if (end === 0) return null
  // Copied: a slice of a Buffer is the Buffer's own memory.
  const after = Uint8Array.from(prefix.subarray(0, end))
  after[end - 1] = (after[end - 1] ?? 0) + 1
  return after
}

/** The name of the sub-database in which a key lies below `prefix`, with the zero byte at its end; null for a key right there. */
export function subOf(key: Uint8Array, prefix: Uint8Array): Uint8Array | null {
  const end = key.indexOf(0, prefix.length)
  return end < 0 ? null : key.slice(0, end + 1)
}

/** Below 0 when `a` comes before `b`. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

function escaped(character: string): string {
  if (character === '\0') return '/'
  return Array.from(new TextEncoder().encode(character), percent).join('')
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

function escapedAt(raw: Uint8Array, at: number): number | null {
  const [high, low] = [hexDigit(raw[at + 1]), hexDigit(raw[at + 2])]
  return high === null || low === null ? null : high * 16 + low
}

function hexDigit(byte: number | undefined): number | null {
  if (byte === undefined) return null
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const upper = byte & 0xdf
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : null
}

/** Bytes of the UTF-8 character that begins here; 0 when none does. */
function characterAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at] ?? 0
  if (byte < 0x80) return 1
  const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
  return at + size <= bytes.length && isUtf8(bytes.subarray(at, at + size)) ? size : 0
}
