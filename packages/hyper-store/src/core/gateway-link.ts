/** What a gateway link says, and the token in its address: a capability over a part of one private folder. Pure; making and checking the seal is elsewhere. */
import { decodeZ32, encodeZ32 } from './links.ts'
import { MAX_PATH_BYTES, parsePath } from './paths.ts'

/** What a link opens. */
export interface LinkClaim {
  /** z-base-32 key of the folder. */
  readonly folder: string
  /** Epoch of the folder whose content key seals the link. */
  readonly epoch: number
  /** 16 characters of z-base-32, random. */
  readonly id: string
  /** File or folder that it opens, without slashes at its ends; '' for the whole folder. */
  readonly path: string
  /** Whole seconds since 1970. */
  readonly expiresAtS: number
}

/** A token taken apart, not yet checked. */
export interface LinkToken {
  readonly claim: LinkClaim
  /** The bytes that are sealed. */
  readonly body: Uint8Array
  readonly seal: Uint8Array
}

/** Bytes of a seal. */
const SEAL_BYTES = 32
/** No link is good for longer than a year and a day, seconds. */
export const LONGEST_LINK_S = 366 * 86_400

const VERSION = 1
const ID_BYTES = 10
/** Version, epoch, expiry, id, folder. */
const HEAD_BYTES = 1 + 4 + 6 + ID_BYTES + 32
const LONGEST_TOKEN = Math.ceil(((HEAD_BYTES + MAX_PATH_BYTES + SEAL_BYTES) * 4) / 3)
const MAX_EPOCH = 0xffff_ffff

/** The id of a link from 10 random bytes. */
export function linkId(random: Uint8Array): string {
  return encodeZ32(random.subarray(0, ID_BYTES))
}

/** The one sequence of bytes that is sealed: version, epoch, expiry, id, folder key, path. */
export function linkBody(claim: LinkClaim): Uint8Array {
  const path = new TextEncoder().encode(claim.path)
  const bytes = new Uint8Array(HEAD_BYTES + path.byteLength)
  const view = new DataView(bytes.buffer)
  bytes[0] = VERSION
  view.setUint32(1, claim.epoch)
  view.setUint16(5, Math.floor(claim.expiresAtS / 2 ** 32))
  view.setUint32(7, claim.expiresAtS % 2 ** 32)
  bytes.set(decodeZ32(claim.id) ?? [], 11)
  bytes.set(decodeZ32(claim.folder) ?? [], 11 + ID_BYTES)
  bytes.set(path, HEAD_BYTES)
  return bytes
}

/** The token of a sealed link: URL-safe text. */
export function formatLinkToken(body: Uint8Array, seal: Uint8Array): string {
  let text = ''
  for (const byte of [...body, ...seal]) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** Takes a token apart; null for everything that `formatLinkToken` never makes, in length, letters, or fields. */
export function parseLinkToken(text: string): LinkToken | null {
  if (text.length > LONGEST_TOKEN || !/^[\w-]+$/.test(text)) return null
  const bytes = bytesOf(text)
  if (bytes === null || bytes.byteLength < HEAD_BYTES + SEAL_BYTES || bytes[0] !== VERSION) return null
  const body = bytes.subarray(0, bytes.byteLength - SEAL_BYTES)
  const seal = bytes.subarray(body.byteLength)
  // One spelling: base 64 leaves bits over that say nothing.
  if (formatLinkToken(body, seal) !== text) return null
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const path = pathOf(body.subarray(HEAD_BYTES))
  const epoch = view.getUint32(1)
  if (path === null || epoch === 0 || epoch > MAX_EPOCH) return null
  return {
    claim: {
      folder: encodeZ32(body.subarray(11 + ID_BYTES, HEAD_BYTES)),
      epoch,
      id: encodeZ32(body.subarray(11, 11 + ID_BYTES)),
      path,
      expiresAtS: view.getUint16(5) * 2 ** 32 + view.getUint32(7),
    },
    body,
    seal,
  }
}

function bytesOf(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  } catch {
    return null
  }
}

function pathOf(bytes: Uint8Array): string | null {
  if (bytes.byteLength === 0) return ''
  try {
    return parsePath(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    return null
  }
}
