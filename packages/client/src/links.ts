/** The grammar of links, `hyper://<key>[+version][/path][#secret]`: how a caller tells one from a path, and what is in it. */
import { AppError } from './contract/errors.ts'

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'
// The last character holds one bit of the key; the other four fill it up and must be zero: one spelling per key.
const Z32_KEY = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{51}[yo]$/
const HEX_KEY = /^[0-9a-f]{64}$/
const BARE_KEY = /^(?:[ybndrfg8ejkmcpqxot1uwisza345h769]{52}|[0-9a-f]{64})(?=$|[+/#])/i
const SCHEME = /^hyper:\/\//i
const LINK = /^(?:hyper:\/\/)?([0-9a-z]+)(?:\+(\d{1,15}))?(?:\/([^#]*))?(?:#([0-9a-z]+))?$/i
const LONGEST = 4096

/** What a link says. */
export interface Link {
  /** `hyper://<key>`, without version, path and secret: the name of the kept thing. */
  readonly link: string
  /** 52 characters of z-base-32. */
  readonly key: string
  /** The version asked for; null means the newest. */
  readonly version: number | null
  /** Path inside, without slashes at its ends, `%20` decoded; '' is the root. */
  readonly path: string
  /** Encryption key of a private folder, 52 characters of z-base-32; null for a public one. Never show it, never put it in an address. */
  readonly secret: string | null
}

/** True for what CONTRACT section 1 reads as a link: `hyper://…`, or a bare key of 52 z-base-32 or 64 hex characters. Anything else is a path or a title. */
export function looksLikeLink(text: string): boolean {
  const trimmed = text.trim()
  return SCHEME.test(trimmed) || BARE_KEY.test(trimmed)
}

/** Reads a link. Hex keys are given back as z-base-32. Throws BAD_LINK, which does not repeat a secret. */
export function parseLink(text: string): Link {
  const shown = text.replace(/#.*$/s, '#…')
  const bad = () => new AppError('BAD_LINK', { link: shown.length > 120 ? `${shown.slice(0, 120)}…` : shown })
  const match = text.length > LONGEST ? null : LINK.exec(text.trim())
  if (match === null) throw bad()
  const [, written = '', digits, path = '', secretText] = match
  const key = parseKey(written)
  const version = digits === undefined ? null : Number(digits)
  const secret = secretText === undefined ? null : parseKey(secretText)
  if (key === null || version === 0 || (secretText !== undefined && secret === null)) throw bad()
  return { link: `hyper://${key}`, key, version, path: decodePath(path.replace(/\/$/, '')), secret }
}

function parseKey(text: string): string | null {
  const lower = text.toLowerCase()
  if (HEX_KEY.test(lower)) return keyFromHex(lower)
  return Z32_KEY.test(lower) ? lower : null
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // A lone per cent sign is part of a file name, not an encoding.
    return path
  }
}

function keyFromHex(hex: string): string {
  let out = ''
  let bits = 0
  let value = 0
  for (const digit of hex) {
    value = (value << 4) | Number.parseInt(digit, 16)
    bits += 4
    if (bits >= 5) {
      bits -= 5
      out += ALPHABET.charAt((value >> bits) & 31)
      value &= (1 << bits) - 1
    }
  }
  return out + ALPHABET.charAt((value << (5 - bits)) & 31)
}
