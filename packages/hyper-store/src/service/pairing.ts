/** One-time pairing codes: made, kept as hashes in memory, redeemed once, and guarded against guessing. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { AppError } from '@hyper-store/client/contract'
import type { Role } from '@hyper-store/client/contract'

/** Time and chance of the codes. */
export interface PairingOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Fresh secret bytes. */
  readonly random: (bytes: number) => Uint8Array
}

/** A code that was just made; it is shown once and kept nowhere. */
export interface NewCode {
  readonly code: string
  readonly role: Role
  readonly expiresAtMs: number
}

/** The open codes of a store. They end with the process. */
export interface Pairing {
  /** @throws BAD_REQUEST when 32 are open */
  create(request: { readonly role: Role; readonly expiresS: number }): NewCode
  /**
   * Gives the role of a code and closes it. `from` is the caller's address. `proven` says whether the device's proof holds;
   * when it does not, the code stays open and the try counts as a wrong one.
   * @throws WRONG_CODE; EXPIRED_CODE; TOO_MANY_TRIES; FORBIDDEN when the proof fails
   */
  redeem(code: string, caller: { readonly from: string; readonly proven?: () => boolean }): Role
}

/** Crockford's base 32: no I, L, O and U, which are mistaken for others. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SECRET_LETTERS = 12
const OPEN_CODES = 32
const WINDOW_MS = 60_000
const TRIES_PER_ADDRESS = 5
const TRIES_OF_ALL = 50
const ADDRESSES = 1000
/** For how long a code is remembered as expired, to say so. */
const EXPIRED_MS = 60 * 60_000

interface OpenCode {
  readonly hash: Buffer
  readonly role: Role
  readonly expiresAtMs: number
}

/** Makes an empty set of codes. */
export function createPairing({ now, random }: PairingOptions): Pairing {
  let codes: OpenCode[] = []
  const wrongTries = new Map<string, number[]>()
  let wrongOfAll: number[] = []

  const refuseWhenTooMany = (address: string) => {
    const since = now() - WINDOW_MS
    wrongOfAll = wrongOfAll.filter((at) => at > since)
    for (const [key, tries] of wrongTries) {
      const recent = tries.filter((at) => at > since)
      if (recent.length === 0) wrongTries.delete(key)
      else wrongTries.set(key, recent)
    }
    const own = wrongTries.get(address) ?? []
    const full =
      own.length >= TRIES_PER_ADDRESS ? own.at(-TRIES_PER_ADDRESS) : wrongOfAll.length >= TRIES_OF_ALL ? wrongOfAll[0] : undefined
    if (full !== undefined) throw new AppError('TOO_MANY_TRIES', { seconds: Math.max(1, Math.ceil((full - since) / 1000)) })
  }
  const countWrong = (address: string) => {
    wrongOfAll.push(now())
    if (!wrongTries.has(address) && wrongTries.size >= ADDRESSES) return
    wrongTries.set(address, [...(wrongTries.get(address) ?? []), now()])
  }

  return {
    create({ role, expiresS }) {
      codes = codes.filter((code) => code.expiresAtMs > now() - EXPIRED_MS)
      const open = codes.filter((code) => code.expiresAtMs > now())
      if (open.length >= OPEN_CODES) {
        throw new AppError('BAD_REQUEST', { reason: `${OPEN_CODES} pairing codes are open already; wait until one expires` })
      }
      // Expired ones are only a courtesy and make room.
      const expired = codes.filter((code) => code.expiresAtMs <= now()).slice(-OPEN_CODES)
      const secret = Array.from(random(SECRET_LETTERS), (byte) => LETTERS[byte & 31]).join('')
      const code = secret + checkLetter(secret)
      const expiresAtMs = now() + expiresS * 1000
      codes = [...expired, ...open, { hash: hashOf(code), role, expiresAtMs }]
      return { code: grouped(code), role, expiresAtMs }
    },

    redeem(text, { from, proven }) {
      const address = networkOf(from)
      refuseWhenTooMany(address)
      const code = normalizeCode(text)
      // Each code is compared, found or not, in the same time.
      const hash = hashOf(code ?? '')
      let found: OpenCode | null = null
      for (const candidate of codes) if (timingSafeEqual(candidate.hash, hash)) found = candidate
      if (found === null) {
        countWrong(address)
        throw new AppError('WRONG_CODE')
      }
      if (found.expiresAtMs <= now()) throw new AppError('EXPIRED_CODE')
      if (proven !== undefined && !proven()) {
        countWrong(address)
        throw new AppError('FORBIDDEN', { reason: 'the proof of the device key does not hold' })
      }
      codes = codes.filter((candidate) => candidate !== found)
      return found.role
    },
  }
}

/**
 * A code as it was meant: without separators, in capitals, with I and L read as 1 and O as 0.
 * Null when it can't be one: wrong length, wrong letters, or its check letter says that it was mistyped.
 */
export function normalizeCode(text: string): string | null {
  if (text.length > 100) return null
  const code = text
    .toUpperCase()
    .replace(/[\s\-–—]/g, '')
    .replace(/[IL]/g, '1')
    .replace(/O/g, '0')
  if (code.length !== SECRET_LETTERS + 1 || !/^[0-9A-HJKMNP-TV-Z]+$/.test(code)) return null
  return checkLetter(code.slice(0, SECRET_LETTERS)) === code.at(-1) ? code : null
}

/** The bytes that a device signs to prove its key: they bind the code to one store, so that no other store can use the proof. */
export function pairProofBytes(code: string, storeKey: string): Uint8Array {
  return new TextEncoder().encode(`hyper-store pair ${normalizeCode(code) ?? code} ${storeKey}`)
}

/** Catches a wrong letter (but Z for 0) and two exchanged ones: the weights differ and the modulus is prime. */
function checkLetter(secret: string): string {
  let sum = 0
  for (let place = 0; place < secret.length; place++) sum += (place + 1) * LETTERS.indexOf(secret.charAt(place))
  return LETTERS[sum % 31] as string
}

function grouped(code: string): string {
  return [code.slice(0, 4), code.slice(4, 8), code.slice(8)].join('-')
}

function hashOf(code: string): Buffer {
  return createHash('sha256').update(`hyper-store pairing code ${code}`).digest()
}

/** One guesser owns a whole IPv6 network: its first 64 bits count as one address. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/i, '').split('%')[0] ?? ''
  if (!plain.includes(':')) return plain.slice(0, 100)
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
    .slice(0, 4)
    .map((part) => part.slice(0, 4))
    .join(':')
}
