/** The grammar of links: how a caller tells a link from a path, and what is in one. */
import { AppError } from './contract/errors.ts'

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'
const Z32_KEY = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{52}$/
const HEX_KEY = /^[0-9a-f]{64}$/
const BARE_KEY = /^(?:[0-9a-fA-F]{64}|[ybndrfg8ejkmcpqxot1uwisza345h769]{52})(?:\+\d+)?(?:\/.*)?$/s
const SCHEME = /^hyper:\/\//i
const LONGEST = 4096

/** What a link says. */
export interface Link {
  /** `hyper://<key>`, without version and path: the name of the kept thing. */
  readonly link: string
  /** 52 characters of z-base-32. */
  readonly key: string
  /** The version asked for; null means the newest. */
  readonly version: number | null
  /** Path inside, without leading slash, as written (`%20` decoded); '' is the root. */
  readonly path: string
}

/** True for what CONTRACT section 1 reads as a link: `hyper://…`, or a bare key of 52 z-base-32 or 64 hex characters. Anything else is a path or a title. */
export function looksLikeLink(text: string): boolean {
  return SCHEME.test(text) || BARE_KEY.test(text)
}

/** Reads a link. Hex keys are given back as z-base-32. Throws BAD_LINK. */
export function parseLink(text: string): Link {
  const bad = () => new AppError('BAD_LINK', { link: text.length > 120 ? `${text.slice(0, 120)}…` : text })
  if (text.length > LONGEST) throw bad()
  const match = /^([^/+?#]+)(?:\+(\d{1,15}))?(?:\/(.*))?$/s.exec(text.trim().replace(SCHEME, ''))
  if (match === null) throw bad()
  const [, written = '', version, path = ''] = match
  const read = HEX_KEY.test(written.toLowerCase()) ? keyFromHex(written) : written
  if (!Z32_KEY.test(read)) throw bad()
  // The last character carries one bit of the key only: spelt one way, so that equal keys are equal texts.
  const key = read.slice(0, 51) + (ALPHABET.indexOf(read.charAt(51)) >= 16 ? 'o' : 'y')
  return { link: `hyper://${key}`, key, version: version === undefined ? null : Number(version), path: decodePath(path) }
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
    while (bits >= 5) {
      bits -= 5
      out += ALPHABET[(value >> bits) & 31]
      value &= (1 << bits) - 1
    }
  }
  return bits > 0 ? out + ALPHABET[(value << (5 - bits)) & 31] : out
}
