/** Sends calls for a provider's API on to that provider, and its answers back as they come. */
import { AppError, PROVIDER_API } from '@hyper-store/client/contract'
import type { Hono } from 'hono'
import type { StoreApi } from '../core/store-api.ts'
import type { Auth } from './auth.ts'
import { requireRole } from './auth.ts'
import { BYTES_TYPES, readBody, requireJsonType, streamBody } from './body.ts'
import { isWrite } from './context.ts'
import type { HttpContext, HttpEnv } from './context.ts'
import { methodNotAllowed } from './error-reply.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Headers that ask for a part of a file, or for what changed. */
const ASKED = ['range', 'if-none-match', 'if-range']

/** Headers of one connection only, of the browser's trust in an origin, or of a length that may change on the way. */
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-encoding',
  'set-cookie',
  'clear-site-data',
  'content-security-policy',
  'strict-transport-security',
  'service-worker-allowed',
  'www-authenticate',
])

/** Mounts `/api/v1/providers/:name/api/*`. Wants the right of an owner: the provider sees the store's own right. */
export function mountProviderApi(app: Hono<HttpEnv>, store: StoreApi, auth: Auth): void {
  app.all(PROVIDER_API, async (c) => {
    if (!METHODS.includes(c.req.method)) throw methodNotAllowed(c.req.method, METHODS)
    const identity = await auth.identify(c)
    requireRole(identity.caller, 'owner')
    const body = byteBodyOf(c) ?? (await readBody(c))
    // A mark of bytes can't come from forms of other sites, as that of JSON can't.
    if (isWrite(c.req.method) && body instanceof Uint8Array) requireJsonType(c, body, identity.proof)
    const { name, path } = targetOf(c)
    const answer = await store.callProvider(name, {
      method: c.req.method,
      path,
      body: body instanceof Uint8Array && body.byteLength === 0 ? null : body,
      accept: c.req.header('accept') ?? null,
      headers: Object.fromEntries(ASKED.flatMap((header) => [[header, c.req.header(header)]]).filter(([, value]) => value !== undefined)),
      signal: c.req.raw.signal,
    })
    if (!Number.isInteger(answer.status) || answer.status < 200 || answer.status > 599) {
      await answer.body?.cancel()
      throw new AppError('NOT_A_STORE', { url: name })
    }
    const empty = c.req.method === 'HEAD' || answer.status === 204 || answer.status === 205 || answer.status === 304
    if (empty) await answer.body?.cancel()
    return new Response(empty ? null : answer.body, { status: answer.status, headers: passedOn(answer.headers) })
  })
}

/** The headers of an answer that may be passed on. */
export function passedOn(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  const named = lower.filter(([name]) => name === 'connection').flatMap(([, value]) => value.toLowerCase().split(','))
  const dropped = new Set([...DROPPED, ...named.map((name) => name.trim())])
  return Object.fromEntries(lower.filter(([name]) => !dropped.has(name) && !name.startsWith('access-control-')))
}

/** The body of a call that sends bytes, of any length, as it comes; null for other calls. */
function byteBodyOf(c: HttpContext): { type: string; length: number | null; bytes: AsyncIterable<Uint8Array> } | null {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if ((c.req.method !== 'PUT' && c.req.method !== 'POST') || type === undefined || !BYTES_TYPES.includes(type)) return null
  const length = c.req.header('content-length')
  return { type, length: length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null, bytes: streamBody(c) }
}

/** Name of the provider, and the path at its side with its escapes and query as they came. */
function targetOf(c: HttpContext): { name: string; path: string } {
  const url = new URL(c.req.url)
  const found = /^\/api\/v1\/providers\/([^/]+)\/api\/(.*)$/.exec(url.pathname)
  if (found === null) throw new AppError('NOT_FOUND', { what: 'this address' })
  return { name: decodeURIComponent(found[1] ?? ''), path: `/api/v1/${found[2] ?? ''}${url.search}` }
}
