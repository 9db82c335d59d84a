/** Logging a browser in and out. */
import { AppError } from '@hyper-store/client/contract'
import { getCookie } from 'hono/cookie'
import type { StoreApi } from '../../core/store-api.ts'
import type { Auth } from '../auth.ts'
import { connectionOf } from '../context.ts'
import type { HttpContext } from '../context.ts'
import { SESSION_COOKIE, sessionCookie } from '../sessions.ts'
import type { Sessions } from '../sessions.ts'
import type { Handlers } from './call.ts'

/** Handlers of the session; UNAUTHENTICATED for a token that is nobody's, WRONG_CODE, EXPIRED_CODE and TOO_MANY_TRIES for codes. */
export function sessionHandlers(
  store: Pick<StoreApi, 'pairBrowser'>,
  auth: Auth,
  sessions: Sessions,
): Handlers<'openSession' | 'closeSession'> {
  const setCookie = (c: HttpContext, value: string): void => {
    c.header('set-cookie', sessionCookie(value, c.req.header('origin')?.startsWith('https:') ?? false))
  }
  return {
    openSession: async ({ body, context }) => {
      const token =
        'token' in body ? body.token : (await store.pairBrowser(body.code, body.name, connectionOf(context).remoteAddress)).token
      const caller = await auth.callerOfToken(token)
      if (caller === null) throw new AppError('UNAUTHENTICATED')
      setCookie(context, sessions.open(token, getCookie(context, SESSION_COOKIE)))
      return { ok: true, role: caller.role }
    },
    closeSession: async ({ context }) => {
      setCookie(context, sessions.close(getCookie(context, SESSION_COOKIE)))
      return { ok: true }
    },
  }
}
