/** Browser sessions: short-lived names for a token, held in memory, so that a page never has to keep the token itself. */
import { createHash, randomBytes } from 'node:crypto'

/** Name of the session cookie. */
export const SESSION_COOKIE = 'hyper-store-session'

const MAX_AGE_S = 7 * 86_400
const MAX_SESSIONS = 256
/** Cookies do not know ports: stores on one machine share the cookie, which therefore lists the sessions of several. */
const MAX_LISTED = 8
const ID = /^[A-Za-z0-9_-]{43}$/

/** The sessions of a running store. */
export interface Sessions {
  /** Opens a session for a token and gives the value of the cookie; the sessions of other stores in `cookie` stay listed. */
  open(token: string, cookie: string | undefined): string
  /** The token of the session that a cookie value names; null when none is open. */
  tokenOf(cookie: string | undefined): string | null
  /** Ends the session and gives the cookie value that is left; '' when none. */
  close(cookie: string | undefined): string
}

/** Makes the sessions; `now` gives milliseconds. At most 256 are open, the oldest is ended for a new one. */
export function createSessions(now: () => number): Sessions {
  const byHash = new Map<string, { readonly token: string; readonly endsAt: number }>()
  const hashOf = (id: string): string => createHash('sha256').update(id).digest('base64')
  const idsOf = (cookie: string | undefined): string[] =>
    (cookie ?? '')
      .split('.')
      .filter((id) => ID.test(id))
      .slice(0, MAX_LISTED)

  return {
    open(token, cookie) {
      for (const [hash, session] of byHash) if (session.endsAt <= now()) byHash.delete(hash)
      for (const hash of byHash.keys()) {
        if (byHash.size < MAX_SESSIONS) break
        byHash.delete(hash)
      }
      const id = randomBytes(32).toString('base64url')
      byHash.set(hashOf(id), { token, endsAt: now() + MAX_AGE_S * 1000 })
      const others = idsOf(cookie).filter((other) => !byHash.delete(hashOf(other)))
      return [id, ...others].slice(0, MAX_LISTED).join('.')
    },
    tokenOf(cookie) {
      for (const id of idsOf(cookie)) {
        const session = byHash.get(hashOf(id))
        if (session !== undefined && session.endsAt > now()) return session.token
      }
      return null
    },
    close(cookie) {
      return idsOf(cookie)
        .filter((id) => !byHash.delete(hashOf(id)))
        .join('.')
    },
  }
}

/** The Set-Cookie line of a session; an empty value takes the cookie away. */
export function sessionCookie(value: string, secure: boolean): string {
  const age = value === '' ? 0 : MAX_AGE_S
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
}
