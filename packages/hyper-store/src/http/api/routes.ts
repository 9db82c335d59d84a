/** Every row that is served: the contract's, and those that give a browser a session in place of a token that a script could read. */
import { ROUTES, Role } from '@hyper-store/client/contract'
import type { Route } from '@hyper-store/client/contract'
import * as v from 'valibot'

const OpenSession = v.union([
  v.strictObject({ token: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)) }),
  // A one-time code makes the browser a device of that name.
  v.strictObject({
    code: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  }),
])

/** The session's rows. */
const SESSION_ROUTES = {
  openSession: {
    method: 'POST',
    path: '/api/v1/session',
    summary: 'Exchange a token or a one-time code for a session cookie of this browser',
    right: 'none',
    body: OpenSession,
    reply: v.object({ ok: v.literal(true), role: Role }),
  },
  closeSession: {
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'End the session of this browser',
    right: 'none',
    reply: v.object({ ok: v.literal(true) }),
  },
} as const satisfies Record<string, Route>

/** Every row that is served, by operation. */
export const SERVED_ROUTES = { ...ROUTES, ...SESSION_ROUTES } as const

/** Name of an operation that is served. */
export type ServedOperation = keyof typeof SERVED_ROUTES
