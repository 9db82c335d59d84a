/** DEP-0003, the pinning API that dat-store and its clients speak, mapped onto the same store. */
import { AppError } from '@hyper-store/client/contract'
import type { Item } from '@hyper-store/client/contract'
import type { Hono } from 'hono'
import * as v from 'valibot'
import type { Caller, StoreApi } from '../core/store-api.ts'
import type { Auth } from './auth.ts'
import { requireRole } from './auth.ts'
import { parseBy, parseJson, readBody, requireJsonType } from './body.ts'
import type { HttpContext, HttpEnv, Identity } from './context.ts'
import { methodNotAllowed } from './error-reply.ts'

const SPEC = 'https://archive.org/services/purl/purl/datprotocol/spec'
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4096))
const Login = v.object({ username: v.optional(v.string()), password: v.optional(v.string()) })
// Clients of the old API send more than is used here, such as names and domains.
const DatUrl = v.object({ url: text })

/** The service description that clients read first. */
const DESCRIPTION = {
  PSA: 1,
  title: 'hyper-store',
  description: 'Keeps folders available',
  links: [
    { rel: `${SPEC}/pinning-service-account-api`, title: 'User accounts API', href: '/v1/accounts' },
    { rel: `${SPEC}/pinning-service-dats-api`, title: 'Dat pinning API', href: '/v1/dats' },
  ],
}

/** Mounts `/.well-known/psa` and `/v1`. */
export function mountPsa(app: Hono<HttpEnv>, store: StoreApi, auth: Auth): void {
  const on = (method: 'GET' | 'POST', path: string, answer: (c: HttpContext, identity: Identity) => Promise<unknown>): void => {
    app.on(method, path, async (c) => c.json(await answer(c, await auth.identify(c))))
  }
  on('GET', '/.well-known/psa', async () => DESCRIPTION)

  on('POST', '/v1/accounts/login', async (c, identity) => {
    const { username, password } = await bodyOf(c, Login, identity)
    // Stores have no user names: the token is the password, or stands in the place of either.
    for (const token of [password, username]) {
      if (token !== undefined && token !== '' && (await auth.callerOfToken(token)) !== null) return { sessionToken: token }
    }
    throw new AppError('UNAUTHENTICATED')
  })
  on('POST', '/v1/accounts/logout', async () => ({}))
  on('GET', '/v1/accounts/account', async (_, identity) => {
    const caller = requireRole(identity.caller, 'reader')
    return { username: caller.local ? 'Localhost' : (caller.deviceKey ?? caller.role) }
  })

  const list = async (_: HttpContext, identity: Identity): Promise<unknown> => {
    const items = await store.listFolders(requireRole(identity.caller, 'reader'))
    return { items: items.map(describe) }
  }
  on('GET', '/v1/dats', list)
  on('GET', '/v1/dats/', list)

  on('POST', '/v1/dats/add', async (c, identity) => {
    const caller = requireRole(identity.caller, 'member')
    const { url } = await bodyOf(c, DatUrl, identity)
    await store.addFolder(caller, isLink(url) ? { link: url } : { path: localPath(caller, url) })
    return {}
  })
  on('POST', '/v1/dats/remove', async (c, identity) => {
    const caller = requireRole(identity.caller, 'member')
    const { url } = await bodyOf(c, DatUrl, identity)
    await store.removeFolder(caller, isLink(url) ? url : localPath(caller, url), { deleteData: false })
    return {}
  })
  on('GET', '/v1/dats/item/:key', async (c, identity) => {
    const caller = requireRole(identity.caller, 'reader')
    return describe(await store.getFolder(caller, c.req.param('key') ?? ''))
  })
  on('POST', '/v1/dats/item/:key', async (c, identity) => {
    const caller = requireRole(identity.caller, 'member')
    await bodyOf(c, v.unknown(), identity)
    // Names and domains of the old API have no counterpart; what is asked about must be here all the same.
    await store.getFolder(caller, c.req.param('key') ?? '')
    return {}
  })

  const allow = (path: string, methods: readonly string[]): void => {
    app.all(path, (c) => {
      throw methodNotAllowed(c.req.method, methods)
    })
  }
  for (const path of ['/.well-known/psa', '/v1/accounts/account', '/v1/dats', '/v1/dats/']) allow(path, ['GET', 'HEAD'])
  for (const path of ['/v1/accounts/login', '/v1/accounts/logout', '/v1/dats/add', '/v1/dats/remove']) allow(path, ['POST'])
  allow('/v1/dats/item/:key', ['GET', 'HEAD', 'POST'])
}

async function bodyOf<S extends v.GenericSchema>(c: HttpContext, schema: S, identity: Identity): Promise<v.InferOutput<S>> {
  const bytes = await readBody(c)
  requireJsonType(c, bytes, identity.proof)
  return parseBy(schema, bytes.byteLength === 0 ? {} : parseJson(bytes), 'body')
}

/** Links name a scheme, or are a bare key (CONTRACT section 1). */
function isLink(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url) || /^(?:[a-z0-9]{52}|[0-9a-f]{64})$/i.test(url)
}

/** A path of this machine, for those who hold its token file alone; relative ones mean nothing to a service. */
function localPath(caller: Caller, url: string): string {
  if (!caller.local) throw new AppError('FORBIDDEN', { reason: 'paths are for callers on this machine, send a hyper:// link' })
  if (!/^(?:\/|[a-z]:[\\/])/i.test(url)) throw new AppError('BAD_REQUEST', { reason: 'body.url: a hyper:// link or an absolute path' })
  return url
}

function describe(item: Item): { url: string; name: string; title: string; description: string } {
  return { url: item.link, name: item.title, title: item.title, description: item.path ?? '' }
}
