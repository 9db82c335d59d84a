/** Logging a browser in and out. */
import { AppError } from '@hyper-store/client/contract'
import { getCookie } from 'hono/cookie'
import type { Auth } from '../auth.ts'
import type { HttpContext } from '../context.ts'
import { SESSION_COOKIE, sessionCookie } from '../sessions.ts'
import type { Sessions } from '../sessions.ts'
import type { Handlers } from './call.ts'

/** Handlers of the session; UNAUTHENTICATED for a token that is nobody's. */
export function sessionHandlers(auth: Auth, sessions: Sessions): Handlers<'openSession' | 'closeSession'> {
  const setCookie = (c: HttpContext, value: string): void => {
    c.header('set-cookie', sessionCookie(value, c.req.header('origin')?.startsWith('https:') ?? false))
  }
  return {
    openSession: async ({ body, context }) => {
      const caller = await auth.callerOfToken(body.token)
      if (caller === null) throw new AppError('UNAUTHENTICATED')
      setCookie(context, sessions.open(body.token, getCookie(context, SESSION_COOKIE)))
      return { ok: true, role: caller.role }
    },
    closeSession: async ({ context }) => {
      setCookie(context, sessions.close(getCookie(context, SESSION_COOKIE)))
      return { ok: true }
    },
  }
}
