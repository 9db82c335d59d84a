/** Parses gateway addresses: which drive, which version, which path in it. Hostile input ends here. */
import { AppError } from '@hyper-store/client/contract'
import { parseKey } from '../../core/links.ts'

/** A path asked for in a drive. */
export interface DrivePath {
  /** Without leading and trailing slash; '' is the root. Null when no file can be called that. */
  readonly path: string | null
  /** True when the address ends with a slash, or is the root: a folder is meant. */
  readonly folder: boolean
}

/** What an address below `/gateway/` means. */
export interface GatewayAddress {
  readonly key: string
  /** Null means the newest. */
  readonly version: number | null
  /** Null when the slash after the key is missing. */
  readonly drivePath: DrivePath | null
}

/** Parses the path name of `/gateway/<key>[+version][/<path>]`; BAD_LINK for what is no key. */
export function parseGatewayAddress(pathname: string): GatewayAddress {
  const found = /^\/gateway\/([^/]*)(\/.*)?$/s.exec(pathname)
  const name = decodeOnce(found?.[1] ?? '')
  const [keyText = '', versionText, ...more] = name.split('+')
  const key = parseKey(keyText)
  const isVersion = versionText === undefined || /^\d{1,15}$/.test(versionText)
  if (key === null || !isVersion || more.length > 0) throw new AppError('BAD_LINK', { link: name.slice(0, 200) })
  return {
    key,
    version: versionText === undefined ? null : Number(versionText),
    drivePath: found?.[2] === undefined ? null : parseDrivePath(found[2]),
  }
}

/** Parses the path name of `/s/<token>[/<path>]`; NOT_FOUND for an address without a token. */
export function parseLinkAddress(pathname: string): { readonly token: string; readonly drivePath: DrivePath | null } {
  const found = /^\/s\/([^/]+)(\/.*)?$/s.exec(pathname)
  if (found?.[1] === undefined) throw new AppError('NOT_FOUND', { what: 'This address' })
  const rest = found[2]
  // No name holds a slash: who writes one in disguise looks for a way around the check of the path.
  if (rest !== undefined && /%2f/i.test(rest)) throw new AppError('BAD_REQUEST', { reason: 'the address has a slash in disguise' })
  return { token: found[1], drivePath: rest === undefined ? null : parseDrivePath(rest) }
}

/** Parses the path in a drive as it stands in a URL, beginning with a slash; BAD_REQUEST when it is not decent. */
export function parseDrivePath(raw: string): DrivePath {
  const decoded = decodeOnce(raw).slice(1)
  const folder = decoded === '' || decoded.endsWith('/')
  const path = folder ? decoded.slice(0, -1) : decoded
  if (path === '' && decoded !== '/') return { path: '', folder: true }
  const segments = path.split('/')
  // The URL was normalised before: dot segments that are left came in disguise.
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new AppError('BAD_REQUEST', { reason: 'the address has . or .. in its path' })
  }
  return { path: segments.includes('') ? null : path, folder }
}

/** Decodes percent escapes once; BAD_REQUEST for bad escapes, text that is not UTF-8, and NUL. */
export function decodeOnce(raw: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(raw)
  } catch {
    throw new AppError('BAD_REQUEST', { reason: 'the address has a bad percent escape' })
  }
  if (decoded.includes('\0')) throw new AppError('BAD_REQUEST', { reason: 'the address has a NUL in it' })
  return decoded
}

/** A path in a drive, escaped for a URL; slashes stay. */
export function escapePath(path: string): string {
  return path.split('/').map(escapeSegment).join('/')
}

/** One name, escaped for a URL; stricter than encodeURIComponent, so that it may stand in headers and attributes. */
export function escapeSegment(name: string): string {
  // A lone surrogate can't be encoded: a peer's name with one is shown, though no address reaches it.
  return encodeURIComponent(Buffer.from(name, 'utf8').toString('utf8')).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
