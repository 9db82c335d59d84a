/** Links (`hyper://<key>[+version][/path][#secret]`) and z-base-32, the spelling of keys. */
import { parsePath } from './paths.ts'

/** A link taken apart. */
export interface Link {
  /** 52 characters of z-base-32. */
  readonly key: string
  /** Version asked for; null means newest. */
  readonly version: number | null
  /** Path without leading or trailing slash, not percent-encoded; '' is the root. */
  readonly path: string
  /** Encryption key of a private folder, 52 characters of z-base-32; null for a public one. Never sent in HTTP, never logged. */
  readonly secret: string | null
}

/** Longest text that is read as a link. */
const MAX_LINK_LENGTH = 16_384

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value] as const))
const Z32_KEY = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{52}$/u
const HEX_KEY = /^[0-9a-f]{64}$/u

/** Bytes as z-base-32, most significant bit first, the last character filled with zero bits. */
export function encodeZ32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let count = 0
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff
    count += 8
    while (count >= 5) {
      count -= 5
      text += ALPHABET.charAt((bits >>> count) & 31)
    }
  }
  return count === 0 ? text : text + ALPHABET.charAt((bits << (5 - count)) & 31)
}

/** The bytes of a z-base-32 text; null for a foreign character, a length that no bytes give, or filling bits that are not zero. */
export function decodeZ32(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8))
  let bits = 0
  let count = 0
  let at = 0
  for (const character of text) {
    const value = VALUES.get(character)
    if (value === undefined) return null
    bits = ((bits << 5) | value) & 0x1fff
    count += 5
    if (count >= 8) {
      count -= 8
      bytes[at++] = (bits >>> count) & 0xff
    }
  }
  // Only one spelling per key: or two links to one folder would look different.
  return count >= 5 || (bits & ((1 << count) - 1)) !== 0 ? null : bytes
}

/** A 32-byte key written in z-base-32 or hex, in either case, as z-base-32; null when it is none. */
export function parseKey(text: string): string | null {
  const lower = text.toLowerCase()
  if (Z32_KEY.test(lower)) return decodeZ32(lower) === null ? null : lower
  if (!HEX_KEY.test(lower)) return null
  return encodeZ32(Uint8Array.from({ length: 32 }, (_, index) => Number.parseInt(lower.slice(index * 2, index * 2 + 2), 16)))
}

const LINK = /^(?:hyper:\/\/)?([0-9a-z]{52,64})(?:\+(\d{1,16}))?(\/[^#]*)?(?:#([0-9a-z]{52,64}))?$/isu

/** A link or bare key, with what may follow it; null when it is none, or its path is no path inside a folder. */
export function parseLink(text: string): Link | null {
  if (text.length > MAX_LINK_LENGTH) return null
  const match = LINK.exec(text.trim())
  if (match === null) return null
  const key = parseKey(match[1] ?? '')
  const version = match[2] === undefined ? null : Number(match[2])
  const path = parseLinkPath(match[3] ?? '')
  const secret = match[4] === undefined ? null : parseKey(match[4])
  if (key === null || path === null || (secret === null && match[4] !== undefined)) return null
  if (version !== null && (!Number.isSafeInteger(version) || version < 1)) return null
  return { key, version, path, secret }
}

function parseLinkPath(raw: string): string | null {
  const trimmed = raw.replace(/^\//u, '').replace(/\/$/u, '')
  if (trimmed === '') return ''
  return parsePath(decodePercent(trimmed))
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Typed by hand, like `100%.txt`: taken as it stands.
    return text
  }
}

/** The one spelling of a link; `parseLink` gives the same parts back. */
export function formatLink(link: Pick<Link, 'key'> & Partial<Link>): string {
  const version = link.version == null ? '' : `+${link.version}`
  const path = link.path === undefined || link.path === '' ? '' : `/${link.path.split('/').map(encodeURIComponent).join('/')}`
  const secret = link.secret == null ? '' : `#${link.secret}`
  return `hyper://${link.key}${version}${path}${secret}`
}

const BARE_KEY = /^(?:[ybndrfg8ejkmcpqxot1uwisza345h769]{52}|[0-9a-f]{64})(?=$|[+/#])/iu

/** True when a text on the command line means a link (a `hyper://` or a whole key) and not a path; it may still be a wrong one. */
export function looksLikeLink(text: string): boolean {
  const trimmed = text.trim()
  return /^hyper:\/\//iu.test(trimmed) || BARE_KEY.test(trimmed)
}
