/** Invite codes: what a guest types, scans or clicks to find a folder and ask to join it. */
import type { MemberRole } from '@hyper-store/client/contract'
import { decodeZ32, encodeZ32 } from '../links.ts'

/** What a code holds. The seed is a secret: who reads the code first can use it. */
export interface InviteCode {
  /** z-base-32 key of the folder's root drive. */
  readonly folder: string
  /** 16 bytes. */
  readonly seed: Uint8Array
  /** Role that the guest will have: told before anybody is reached, decides nothing. */
  readonly role: MemberRole
  /** Opens the roster when the folder is past its first epoch; `gate` is hex, 32 bytes. */
  readonly gate: { readonly epoch: number; readonly gate: string } | null
  /** Addresses of devices that may answer, at most 3 of 100 bytes each. */
  readonly hints: readonly string[]
}

/** First characters of every code. */
const PREFIX = 'hsi'
const LINK = 'hyper-store://join/'
const VERSION = 1
const MAX_HINTS = 3
const MAX_HINT_BYTES = 100
/** Longest text that is read as a code, white space included. */
const MAX_TEXT = 4000
const ROLES: readonly MemberRole[] = ['keeper', 'reader', 'writer', 'admin', 'owner']

/** The code as text: `hsi` and z-base-32. Hints that are too long or too many are left out. Throws a RangeError for a key, seed or gate of another size. */
export function encodeInvite(invite: InviteCode): string {
  const root = decodeZ32(invite.folder)
  const gate = invite.gate === null ? null : fromHex(invite.gate.gate)
  if (root?.byteLength !== 32 || invite.seed.byteLength !== 16 || (gate !== null && gate.byteLength !== 32)) {
    throw new RangeError('an invite has a key of 32 bytes, a seed of 16 and a gate of 32')
  }
  const hints = invite.hints
    .map((hint) => new TextEncoder().encode(hint))
    .filter((hint) => hint.byteLength > 0 && hint.byteLength <= MAX_HINT_BYTES)
    .slice(0, MAX_HINTS)
  const bytes = [VERSION, (gate === null ? 0 : 1) | (ROLES.indexOf(invite.role) << 1) | (hints.length << 4), ...root, ...invite.seed]
  if (gate !== null && invite.gate !== null) bytes.push(invite.gate.epoch >>> 8, invite.gate.epoch & 0xff, ...gate)
  for (const hint of hints) bytes.push(hint.byteLength, ...hint)
  const sum = crc32(bytes)
  bytes.push(sum >>> 24, (sum >>> 16) & 0xff, (sum >>> 8) & 0xff, sum & 0xff)
  return PREFIX + encodeZ32(Uint8Array.from(bytes))
}

/** The code as a link that opens the program. */
export function inviteLink(code: string): string {
  return LINK + code
}

/** True when a text is meant as an invite, though it may be mistyped. */
export function looksLikeInvite(text: string): boolean {
  const trimmed = text.trim().toLowerCase()
  return trimmed.startsWith(LINK) || (trimmed.startsWith(PREFIX) && trimmed.length > 60)
}

/** Reads a code or its link, in either case, with white space anywhere; null (BAD_INVITE) when it is mistyped, cut off, or of a newer version. */
export function decodeInvite(text: string): InviteCode | null {
  if (text.length > MAX_TEXT) return null
  const bare = text.replace(/\s+/gu, '').toLowerCase()
  const code = bare.startsWith(LINK) ? bare.slice(LINK.length) : bare
  if (!code.startsWith(PREFIX)) return null
  const bytes = decodeZ32(code.slice(PREFIX.length))
  if (bytes === null || bytes.byteLength < 54 || bytes[0] !== VERSION) return null
  const body = bytes.subarray(0, -4)
  const sum = crc32(body)
  if (bytes.subarray(-4).some((byte, at) => byte !== ((sum >>> (24 - at * 8)) & 0xff))) return null
  return decodeBody(body)
}

function decodeBody(body: Uint8Array): InviteCode | null {
  const flags = body[1] ?? 0
  const role = ROLES[(flags >>> 1) & 7]
  const folder = encodeZ32(body.subarray(2, 34))
  const seed = body.slice(34, 50)
  let at = 50
  let gate: InviteCode['gate'] = null
  if ((flags & 1) === 1) {
    const epoch = ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0)
    if (body.byteLength < at + 34 || epoch < 2) return null
    gate = { epoch, gate: toHex(body.subarray(at + 2, at + 34)) }
    at += 34
  }
  const hints: string[] = []
  for (let left = (flags >>> 4) & 3; left > 0; left--) {
    const length = body[at] ?? 0
    const hint = body.subarray(at + 1, at + 1 + length)
    if (length === 0 || length > MAX_HINT_BYTES || hint.byteLength !== length) return null
    hints.push(new TextDecoder().decode(hint))
    at += 1 + length
  }
  return role === undefined || at !== body.byteLength || flags >>> 6 !== 0 ? null : { folder, seed, role, gate, hints }
}

// CRC-32 (IEEE): finds every single mistyped or swapped character. It guards against slips, not against people.
function crc32(bytes: Iterable<number>): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb88320)
  }
  return (crc ^ 0xffffffff) >>> 0
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16))
}
