/** The whole HTTP border of a store: which host is meant, who calls, and which of API, gateway, page or metrics answers. */
import { AppError } from '@hyper-store/client/contract'
import { Hono } from 'hono'
import type { Next } from 'hono'
import type { StoreApi } from '../core/store-api.ts'
import { mountApi } from './api/mount.ts'
import { mountBoardSockets } from './board-sockets.ts'
import { createAuth, requireRole } from './auth.ts'
import { authorityOf, connectionOf } from './context.ts'
import type { HttpContext, HttpEnv } from './context.ts'
import { answerOf, errorReply, methodNotAllowed } from './error-reply.ts'
import { createEventStreams } from './events.ts'
import { decodeOnce } from './gateway/address.ts'
import { createGateway } from './gateway/gateway.ts'
import { createHostJudge } from './hosts.ts'
import { METRICS_TYPE, metricsText } from './metrics.ts'
import { servePage } from './page.ts'
import { mountProviderApi } from './provider-proxy.ts'
import { mountPsa } from './psa.ts'
import { createSessions } from './sessions.ts'
import type { SessionMemory } from './sessions.ts'

/** How a store shows itself over HTTP. */
export interface AppOptions {
  /** A trusting network: callers without a right count as members, pages in a browser excepted for changes. */
  readonly open: boolean
  /** True when the store listens beyond loopback. Gives nobody a right; see `HostRules`. */
  readonly exposed: boolean
  /** Names and addresses that this store may be called by, beside the loopback ones. */
  readonly allowedHosts: readonly string[]
  /** Folder with the files of the page; null when there is none. */
  readonly webDir: string | null
  /** Content of the token file of the home. */
  readonly localToken: string
  /** Domain below which each drive has a sub-domain, beside `localhost`. */
  readonly gatewayDomain?: string | undefined
  /** Hears of errors that are ours; the caller is told of none of their text. */
  readonly onDefect?: ((error: unknown) => void) | undefined
  /** Where sessions of browsers are written down; without it they end with the process. */
  readonly sessionMemory?: SessionMemory | undefined
  /** Milliseconds since 1970; the clock of the sessions. */
  readonly now?: (() => number) | undefined
}

const GUARDED = ['/api', '/api/*', '/v1', '/v1/*', '/.well-known/psa', '/metrics']

/** Makes the app. `app.request()` serves tests; `listen()` serves sockets. */
export function createApp(store: StoreApi, options: AppOptions): Hono<HttpEnv> {
  const onDefect = options.onDefect ?? ((): void => undefined)
  const sessions = createSessions(options.now ?? Date.now, options.sessionMemory)
  const auth = createAuth(store, { open: options.open, localToken: options.localToken, sessions })
  const streams = createEventStreams(store, auth, onDefect)
  const callerOf = async (c: HttpContext) => (await auth.identify(c)).caller
  const gateway = createGateway({ store, callerOf, onDefect })
  const judge = createHostJudge(options)
  const app = new Hono<HttpEnv>()

  const apiGuard = async (c: HttpContext, next: Next): Promise<void> => {
    auth.refuseOtherSites(c)
    await next()
    // Nothing of the API is a page: what a provider or a name in a reply says can't run here.
    c.res.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
    c.res.headers.set('x-content-type-options', 'nosniff')
    c.res.headers.set('cache-control', 'no-store')
  }

  app.use('*', async (c, next) => {
    const url = new URL(c.req.url)
    const meant = judge(authorityOf(c))
    // A tunnel by device key is no browser's: there is no name to rebind. The URL is asked too, since a request line may name a host.
    const refused = meant.kind === 'refused' || judge(url.host).kind === 'refused'
    if (refused && connectionOf(c).deviceKey === null)
      throw new AppError('FORBIDDEN', { reason: 'this store does not go by that host name' })
    if (meant.kind === 'drive') return await gateway.serveDomain(c, meant.key)
    if (url.pathname === '/gateway' || url.pathname.startsWith('/gateway/')) return await gateway.servePath(c)
    if (url.pathname.startsWith('/s/')) return await gateway.serveLink(c)
    decodeOnce(url.pathname)
    try {
      return await next()
    } catch (thrown) {
      // Only what is no Error comes here: Hono's error handler would let it through.
      throw new Error('something was thrown that is no error', { cause: thrown })
    }
  })
  for (const path of GUARDED) app.use(path, apiGuard)

  mountProviderApi(app, store, auth)
  mountBoardSockets(app, { store, auth, onDefect })
  mountApi(app, { store, auth, sessions, streams, onDefect })
  mountPsa(app, store, auth)
  app.get('/metrics', async (c) => {
    requireRole(await callerOf(c), 'reader')
    return c.body(metricsText(await store.metrics()), 200, { 'content-type': METRICS_TYPE })
  })
  app.get('/healthz', (c) => c.json({ ok: true }))
  for (const path of ['/api', '/api/*', '/v1', '/v1/*', '/.well-known/*']) {
    app.all(path, () => {
      throw new AppError('NOT_FOUND', { what: 'This address' })
    })
  }
  app.all('*', async (c) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') throw methodNotAllowed(c.req.method, ['GET', 'HEAD'])
    return await servePage(c, options.webDir)
  })
  app.onError((error) => {
    const answer = answerOf(error)
    if (answer.defect) onDefect(error)
    return errorReply(answer)
  })
  return app
}
