/** Keys of rows as text: their order is that of their bytes, and `/` divides sub-databases. */

const encoder = new TextEncoder()
const PERCENT = 0x25
const SLASH = 0x2f

/** The bytes that a key's text stands for: `/` is a zero byte, `%XX` any byte. */
export function keyBytes(text: string): Uint8Array {
  const raw = encoder.encode(text)
  const bytes: number[] = []
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at] ?? 0
    const hex = byte === PERCENT ? /^[0-9a-f]{2}$/i.exec(String.fromCharCode(raw[at + 1] ?? 0, raw[at + 2] ?? 0)) : null
    if (hex !== null) at += 2
    bytes.push(hex === null ? (byte === SLASH ? 0 : byte) : Number.parseInt(hex[0], 16))
  }
  return Uint8Array.from(bytes)
}

/** Below 0 when key `a` comes before `b` in a table. */
export function compareKeys(a: string, b: string): number {
  const [left, right] = [keyBytes(a), keyBytes(b)]
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

/** The least key after everything in a sub-database: `posts/` gives what a range begins with to leave it out. */
export function afterSub(sub: string): string {
  return `${sub.slice(0, -1)}%01`
}

/** A sub-database on the way to a prefix. */
export interface Crumb {
  readonly name: string
  /** With `/` at its end. */
  readonly prefix: string
}

/** The sub-databases that a prefix leads through. */
export function crumbsOf(prefix: string): Crumb[] {
  const names = prefix.split('/').slice(0, -1)
  return names.map((name, at) => ({ name: decoded(name), prefix: `${names.slice(0, at + 1).join('/')}/` }))
}

/** A part of a key without its percent-encoding, where that is text. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    return part
  }
}
