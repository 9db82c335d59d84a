/** Plain HTTP reading of what a store keeps, under a path of the store and under a sub-domain of each drive's own. */
import { AppError } from '@hyper-store/client/contract'
import type { Caller, DriveReader, StoreApi } from '../../core/store-api.ts'
import { requireRole } from '../auth.ts'
import type { HttpContext } from '../context.ts'
import { answerOf, methodNotAllowed } from '../error-reply.ts'
import { readAccept } from './accept.ts'
import { escapeSegment, parseDrivePath, parseGatewayAddress, parseLinkAddress } from './address.ts'
import type { DrivePath } from './address.ts'
import { contentStream, encodeTexts } from './content-stream.ts'
import { canonicalPath, keptHeaders } from './headers.ts'
import { OWN_PAGE_POLICY, sentencePage } from './html.ts'
import { htmlListing, jsonListing } from './listing.ts'
import { findNode } from './resolve.ts'
import { scopeOf } from './scope.ts'
import { serveFile, serveMissingPage } from './serve-file.ts'
import { serveTable } from './serve-table.ts'

/** A page in a drive runs with an origin of its own that is nobody's: it can't call the API, nor read other drives with a right. */
export const SANDBOX = 'sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads'

const READ_METHODS = ['GET', 'HEAD', 'OPTIONS']

/** The gateway of a store. */
export interface Gateway {
  /** Answers a request below `/gateway/`. */
  servePath(c: HttpContext): Promise<Response>
  /** Answers a request to a drive's own sub-domain. */
  serveDomain(c: HttpContext, key: string): Promise<Response>
  /** Answers a request below `/s/`: a signed link to a part of a private drive. */
  serveLink(c: HttpContext): Promise<Response>
}

/** What the gateway works with. */
export interface GatewayParts {
  readonly store: StoreApi
  /** Who makes a request; asked for private drives only. */
  callerOf(c: HttpContext): Promise<Caller | null>
  readonly onDefect: (error: unknown) => void
}

/** Where a request leads. */
interface Wish {
  readonly key: string
  readonly version: number | null
  readonly drivePath: DrivePath
  /** Set for what a signed link opens: what stands above the listing in place of the drive's key. */
  readonly linkedAs?: string
}

/** Makes the gateway. */
export function createGateway(parts: GatewayParts): Gateway {
  return {
    servePath: async (c) =>
      await guarded(c, parts, true, async () => {
        const url = new URL(c.req.url)
        const { key, version, drivePath } = parseGatewayAddress(url.pathname)
        if (drivePath === null) return redirect(`${url.pathname}/${url.search}`)
        return await serve(c, parts, { key, version, drivePath })
      }),
    serveDomain: async (c, key) =>
      await guarded(c, parts, false, async () => {
        const drivePath = parseDrivePath(new URL(c.req.url).pathname)
        return await serve(c, parts, { key, version: null, drivePath })
      }),
    serveLink: async (c) => {
      const response = await guarded(c, parts, true, async () => await serveLink(c, parts))
      // The address is the right: it goes to no other site, and into no index.
      response.headers.set('referrer-policy', 'no-referrer')
      response.headers.set('x-robots-tag', 'noindex')
      return response
    },
  }
}

/** Methods, preflights, errors and the sandbox, alike for every answer. */
async function guarded(c: HttpContext, parts: GatewayParts, sandboxed: boolean, answer: () => Promise<Response>): Promise<Response> {
  let response: Response
  try {
    if (!READ_METHODS.includes(c.req.method)) throw methodNotAllowed(c.req.method, READ_METHODS)
    response = c.req.method === 'OPTIONS' ? preflight() : await answer()
  } catch (error) {
    response = sentenceReply(c, parts, error)
  }
  // Set in one place, after everything: no answer under the store's own origin may miss it.
  const policy = response.headers.get('content-security-policy')
  if (sandboxed) response.headers.set('content-security-policy', policy === null ? SANDBOX : `${policy}; ${SANDBOX}`)
  return response
}

async function serve(c: HttpContext, parts: GatewayParts, wish: Wish): Promise<Response> {
  const { key, version } = wish
  const kept = await parts.store.keptAs(key)
  if (kept === null) throw new AppError('UNKNOWN_FOLDER', { ref: key })
  if (kept.private) requireRole(await parts.callerOf(c), 'reader')
  if (kept.kind === 'core') {
    const cure = 'hyper-store cat prints it'
    throw new AppError('WRONG_KIND', { link: `hyper://${key}`, is: 'a plain core', wanted: 'a folder or table', cure })
  }
  // Pages may have a query of that name for themselves: it means a table in shared folders alone.
  const table = kept.kind === 'folder' && kept.shared ? (c.req.query('table') ?? null) : null
  if (kept.kind === 'table' || table !== null) {
    const url = new URL(c.req.url)
    const rawPath = url.pathname.replace(/^\/gateway\/[^/]*/, '')
    // Versions of a shared folder may come to mean another state.
    const renumbered = table !== null
    return await serveTable(c, parts.store.tables, { key, version, private: kept.private, renumbered, linked: false, table, rawPath })
  }
  const drive = await parts.store.openDrive(key, version)
  if (drive === null) throw new AppError('UNKNOWN_FOLDER', { ref: key })
  if (drive.private) requireRole(await parts.callerOf(c), 'reader')
  return await serveFrom(c, drive, wish)
}

/** What is not a good link is not told from what is none: only one that was good is told to have ended. */
async function serveLink(c: HttpContext, parts: GatewayParts): Promise<Response> {
  const url = new URL(c.req.url)
  const { token, drivePath } = parseLinkAddress(url.pathname)
  const opened = await parts.store.links.check(token)
  const drive = opened === null ? null : await parts.store.openDrive(opened.key, null)
  const scope = opened === null || drive === null ? null : await scopeOf(drive, opened.path)
  if (opened === null || scope === null) throw new AppError('NOT_FOUND', { what: 'This address' })
  if (drivePath === null) return redirect(`${url.pathname}/${url.search}`)
  if (scope.file !== null && drivePath.path === '') return redirect(`${url.pathname}${escapeSegment(scope.file)}${url.search}`)
  return await serveFrom(c, scope.drive, { key: opened.key, version: null, drivePath, linkedAs: scope.name })
}

async function serveFrom(c: HttpContext, drive: DriveReader, wish: Wish): Promise<Response> {
  const { path, folder } = wish.drivePath
  const node = path === null ? null : await findNode(drive, path)
  if (path === null || node === null) return await missing(c, drive, wish)

  if (node.kind === 'file') {
    // `notes.txt/` is no folder: a page there would have all its relative links wrong.
    if (folder) return await missing(c, drive, wish)
    return await serveFile(c, { node, name: nameOf(path, node.path), headers: headersOf(drive, wish, path) })
  }
  if (!folder) {
    const url = new URL(c.req.url)
    return redirect(`${url.pathname}/${url.search}`)
  }
  return await serveFolder(c, drive, { wish, path, realPath: node.path })
}

async function serveFolder(
  c: HttpContext,
  drive: DriveReader,
  found: { readonly wish: Wish; readonly path: string; readonly realPath: string },
): Promise<Response> {
  const { wish, path, realPath } = found
  const headers: Record<string, string> = { ...headersOf(drive, wish, path), vary: 'Accept' }
  const accept = readAccept(c.req.header('accept'))
  // Who asks for JSON by name wants the listing; everybody else the page that the folder has.
  if (!(accept.wants === 'json' && accept.explicit)) {
    const index = await findNode(drive, realPath === '' ? 'index.html' : `${realPath}/index.html`)
    if (index?.kind === 'file') return await serveFile(c, { node: index, name: 'index.html', headers })
  }
  headers['cache-control'] = drive.private ? 'private, no-cache' : 'no-cache'
  headers['content-type'] = accept.wants === 'html' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8'
  if (accept.wants === 'html') headers['content-security-policy'] = OWN_PAGE_POLICY
  if (c.req.method === 'HEAD') return new Response(null, { headers })
  const texts = accept.wants === 'html' ? htmlListing(drive, realPath, wish.linkedAs) : jsonListing(drive, realPath)
  return new Response(await contentStream(() => encodeTexts(texts), c.req.raw.signal, null), { headers })
}

/** Nothing is there: the drive's own page for that, or ours. */
async function missing(c: HttpContext, drive: DriveReader, wish: Wish): Promise<Response> {
  const page = await findNode(drive, '404.html')
  if (page?.kind === 'file') return await serveMissingPage(c, { node: page, name: '404.html', headers: headersOf(drive, wish, null) })
  throw new AppError('NOT_FOUND', { what: wish.drivePath.path === null ? 'This path' : `"${wish.drivePath.path}"` })
}

/** Headers of every answer from a drive; `path` is null for what is not there. */
function headersOf(drive: DriveReader, wish: Wish, path: string | null): Record<string, string> {
  const linked = wish.linkedAs !== undefined
  const answered = { key: drive.key, private: drive.private, version: wish.version, renumbered: drive.renumbered === true, linked }
  return keptHeaders(answered, path === null ? null : canonicalPath(path, wish.drivePath.folder))
}

function nameOf(path: string, realPath: string): string {
  return path.split('/').at(-1) ?? realPath
}

/** The address that a redirect leads to is one path of this host: never `//host`, which would be another one. */
function redirect(location: string): Response {
  return new Response(null, {
    status: 308,
    headers: { location: location.replace(/^\/{2,}/, '/'), 'access-control-allow-origin': '*', 'cache-control': 'no-cache' },
  })
}

function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': 'Accept, If-Modified-Since, If-None-Match, If-Range, Range',
      'access-control-max-age': '86400',
    },
  })
}

/** An error as one sentence, in the kind that the asker reads. */
function sentenceReply(c: HttpContext, parts: GatewayParts, error: unknown): Response {
  const answer = answerOf(error)
  if (answer.defect) parts.onDefect(error)
  const html = readAccept(c.req.header('accept')).wants === 'html'
  const body = html ? sentencePage(String(answer.status), answer.body.error.message) : `${JSON.stringify(answer.body)}\n`
  return new Response(c.req.method === 'HEAD' ? null : body, {
    status: answer.status,
    headers: {
      'content-type': html ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
      'content-security-policy': OWN_PAGE_POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      vary: 'Accept',
      'access-control-allow-origin': '*',
      ...answer.headers,
    },
  })
}
