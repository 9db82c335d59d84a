/** Puts every row of the route table on the app: right, parsing, handler, reply, and 405 for the methods that a path lacks. */
import { AppError } from '@hyper-store/client/contract'
import type { Route } from '@hyper-store/client/contract'
import type { Hono } from 'hono'
import type { StoreApi } from '../../core/store-api.ts'
import type { Auth } from '../auth.ts'
import { requireRole } from '../auth.ts'
import { parseBy, parseJson, readBody, requireBytesType, requireJsonType } from '../body.ts'
import { isWrite } from '../context.ts'
import type { HttpContext, HttpEnv, Identity } from '../context.ts'
import { methodNotAllowed } from '../error-reply.ts'
import type { EventStreams } from '../events.ts'
import type { Sessions } from '../sessions.ts'
import type { AnyHandler, Handlers } from './call.ts'
import { boardHandlers } from './boards.ts'
import { deviceHandlers } from './devices.ts'
import { folderRoomHandlers } from './folder-rooms.ts'
import { folderHandlers } from './folders.ts'
import { SERVED_ROUTES } from './routes.ts'
import type { ServedOperation } from './routes.ts'
import { sessionHandlers } from './session.ts'
import { storeHandlers } from './store.ts'
import { surroundingsHandlers } from './surroundings.ts'
import { tableHandlers } from './tables.ts'
import { thingHandlers } from './things.ts'

/** What the API is made of. */
export interface ApiParts {
  readonly store: StoreApi
  readonly auth: Auth
  readonly sessions: Sessions
  readonly streams: EventStreams
  readonly onDefect: (error: unknown) => void
}

/** Mounts the API. */
export function mountApi(app: Hono<HttpEnv>, parts: ApiParts): void {
  const handlers: Handlers<ServedOperation> = {
    ...storeHandlers(parts.store, parts.streams, parts.onDefect),
    ...folderHandlers(parts.store),
    ...folderRoomHandlers(parts.store),
    ...boardHandlers(parts.store),
    ...tableHandlers(parts.store, parts.streams),
    ...thingHandlers(parts.store, parts.streams),
    ...deviceHandlers(parts.store),
    ...surroundingsHandlers(parts.store),
    ...sessionHandlers(parts.store, parts.auth, parts.sessions),
  }
  const methodsByPath = new Map<string, string[]>()
  for (const [name, row] of Object.entries(SERVED_ROUTES)) {
    const route: Route = row
    // The table's types hold between each row and its handler; the loop over all rows can't follow them.
    const handler = handlers[name as ServedOperation] as AnyHandler
    methodsByPath.set(route.path, [...(methodsByPath.get(route.path) ?? []), route.method])
    app.on(route.method, route.path, async (c) => await answer(c, route, handler, parts.auth))
  }
  for (const [path, methods] of methodsByPath) {
    app.all(path, (c) => {
      throw methodNotAllowed(c.req.method, methods.includes('GET') ? ['HEAD', ...methods] : methods)
    })
  }
}

async function answer(c: HttpContext, route: Route, handler: AnyHandler, auth: Auth): Promise<Response> {
  const identity = await auth.identify(c)
  const caller = route.right === 'none' ? identity.caller : requireRole(identity.caller, route.right)
  const body = await bodyOf(c, route, identity)
  const query = route.query === undefined ? undefined : parseBy(route.query, c.req.query(), 'query')
  const reply = await handler({ caller, params: paramsOf(c), query, body, context: c })
  if (reply instanceof Response) return reply
  return c.json(reply)
}

/** Parses the body of a change, and refuses one that a form could have sent. */
async function bodyOf(c: HttpContext, route: Route, identity: Identity): Promise<unknown> {
  if (!isWrite(c.req.method)) return undefined
  if (route.bytes === true) {
    requireBytesType(c)
    return undefined
  }
  const bytes = await readBody(c)
  requireJsonType(c, bytes, identity.proof)
  return route.body === undefined ? undefined : parseBy(route.body, parseJson(bytes), 'body')
}

function paramsOf(c: HttpContext): Record<string, string> {
  const params: Record<string, string> = c.req.param()
  for (const [name, value] of Object.entries(params)) {
    if (value === '') throw new AppError('BAD_REQUEST', { reason: `${name} is empty` })
  }
  return params
}
