/**
 * Browser sessions: short-lived names for a token, so that a page never has to keep the token itself. They outlive a restart of the
 * service; what is written down of them opens nothing without the browser's half.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import * as v from 'valibot'

/** Name of the session cookie. */
export const SESSION_COOKIE = 'hyper-store-session'

const MAX_AGE_S = 7 * 86_400
const MAX_SESSIONS = 256
/** Cookies do not know ports: stores on one machine share the cookie, which therefore lists the sessions of several. */
const MAX_LISTED = 8
const ID = /^[A-Za-z0-9_-]{43}$/

/** Where sessions are written down; both may throw. */
export interface SessionMemory {
  /** What was written last; null when nothing was. */
  read(): string | null
  write(text: string): void
}

/** One session as it is written down: the token, sealed with a key that only the session's id gives. */
const Sealed = v.object({ hash: v.string(), iv: v.string(), sealed: v.string(), endsAt: v.number() })
type Sealed = v.InferOutput<typeof Sealed>
const Written = v.object({ sessions: v.pipe(v.array(Sealed), v.maxLength(MAX_SESSIONS)) })

/** The sessions of a running store. */
export interface Sessions {
  /** Opens a session for a token and gives the value of the cookie; the sessions of other stores in `cookie` stay listed. */
  open(token: string, cookie: string | undefined): string
  /** The token of the session that a cookie value names; null when none is open. */
  tokenOf(cookie: string | undefined): string | null
  /** Ends the session and gives the cookie value that is left; '' when none. */
  close(cookie: string | undefined): string
}

/**
 * Makes the sessions; `now` gives milliseconds. At most 256 are open, the oldest is ended for a new one. `memory` lets them outlive
 * the process; what can't be read or written there only ends them sooner.
 */
export function createSessions(now: () => number, memory?: SessionMemory): Sessions {
  const byHash = new Map(read(memory).map((session) => [session.hash, session]))
  const idsOf = (cookie: string | undefined): string[] =>
    (cookie ?? '')
      .split('.')
      .filter((id) => ID.test(id))
      .slice(0, MAX_LISTED)
  const keep = (): void => {
    try {
      memory?.write(JSON.stringify({ sessions: [...byHash.values()] }))
    } catch {
      // They are good until the service ends.
    }
  }

  return {
    open(token, cookie) {
      for (const [hash, session] of byHash) if (session.endsAt <= now()) byHash.delete(hash)
      for (const hash of byHash.keys()) {
        if (byHash.size < MAX_SESSIONS) break
        byHash.delete(hash)
      }
      const id = randomBytes(32).toString('base64url')
      const session = seal(id, token, now() + MAX_AGE_S * 1000)
      byHash.set(session.hash, session)
      const others = idsOf(cookie).filter((other) => !byHash.delete(hashOf(other)))
      keep()
      return [id, ...others].slice(0, MAX_LISTED).join('.')
    },
    tokenOf(cookie) {
      for (const id of idsOf(cookie)) {
        const session = byHash.get(hashOf(id))
        if (session === undefined || session.endsAt <= now()) continue
        const token = unseal(id, session)
        if (token !== null) return token
      }
      return null
    },
    close(cookie) {
      const ids = idsOf(cookie)
      const others = ids.filter((id) => !byHash.delete(hashOf(id)))
      if (others.length < ids.length) keep()
      return others.join('.')
    },
  }
}

function read(memory: SessionMemory | undefined): Sealed[] {
  try {
    const text = memory?.read() ?? null
    const parsed = text === null ? null : v.safeParse(Written, JSON.parse(text))
    return parsed?.success === true ? parsed.output.sessions : []
  } catch {
    return []
  }
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64')
}

function keyOf(id: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', id, '', 'hyper-store session token', 32))
}

function seal(id: string, token: string, endsAt: number): Sealed {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyOf(id), iv)
  const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return { hash: hashOf(id), iv: iv.toString('base64'), sealed: sealed.toString('base64'), endsAt }
}

function unseal(id: string, session: Sealed): string | null {
  try {
    const bytes = Buffer.from(session.sealed, 'base64')
    const decipher = createDecipheriv('aes-256-gcm', keyOf(id), Buffer.from(session.iv, 'base64'))
    decipher.setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8')
  } catch {
    return null
  }
}

/** The Set-Cookie line of a session; an empty value takes the cookie away. */
export function sessionCookie(value: string, secure: boolean): string {
  const age = value === '' ? 0 : MAX_AGE_S
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
}
