/** Finds out who calls and whether that is enough: token, device key of the connection, session of the page, or an open network. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { AppError } from '@hyper-store/client/contract'
import type { Role } from '@hyper-store/client/contract'
import { getCookie } from 'hono/cookie'
import type { Caller, StoreApi } from '../core/store-api.ts'
import { authorityOf, connectionOf, isWrite } from './context.ts'
import type { HttpContext, Identity } from './context.ts'
import { SESSION_COOKIE } from './sessions.ts'
import type { Sessions } from './sessions.ts'
import { isFromBrowser, siteOf } from './sites.ts'
import type { BrowserMarks } from './sites.ts'

/** What the doorkeeper works with. */
export interface AuthOptions {
  /** Callers without a right count as members (a trusting network). */
  readonly open: boolean
  /** Content of the token file of the home. */
  readonly localToken: string
  readonly sessions: Sessions
}

/** The doorkeeper of the HTTP room. */
export interface Auth {
  /** Who makes this request. */
  identify(c: HttpContext): Promise<Identity>
  /** Who a token belongs to; null when nobody. */
  callerOfToken(token: string): Promise<Caller | null>
  /** Throws FORBIDDEN when a page of another site makes this request. */
  refuseOtherSites(c: HttpContext): void
}

const NOBODY: Identity = { caller: null, proof: null }
const LOCAL: Caller = { role: 'owner', deviceKey: null, local: true }
const MEMBER: Caller = { role: 'member', deviceKey: null, local: false }
const BEARER = /^Bearer +([\x21-\x7e]{1,1024})$/i

/** Makes the doorkeeper. No decision rests on the caller's address. */
export function createAuth(store: StoreApi, options: AuthOptions): Auth {
  const callerOfToken = async (token: string): Promise<Caller | null> => {
    if (options.localToken !== '' && sameText(token, options.localToken)) return LOCAL
    return await store.callerOfToken(token)
  }

  return {
    callerOfToken,
    refuseOtherSites(c) {
      if (siteOf(marksOf(c)) === 'cross') throw new AppError('FORBIDDEN', { reason: 'a page of another site made this request' })
    },
    async identify(c) {
      const header = c.req.header('authorization')
      if (header !== undefined) {
        // Who shows a right that is none is told so, even where others need none.
        const token = BEARER.exec(header)?.[1]
        const caller = token === undefined ? null : await callerOfToken(token)
        return caller === null ? NOBODY : { caller, proof: 'token' }
      }
      const { deviceKey } = connectionOf(c)
      if (deviceKey !== null) {
        // An open network is the one around the machine; devices that come over the internet need a right of their own.
        const caller = await store.callerOfDevice(deviceKey)
        return caller === null ? NOBODY : { caller, proof: 'device' }
      }
      const marks = marksOf(c)
      const site = siteOf(marks)
      if (site === 'cross') return NOBODY
      const write = isWrite(c.req.method)
      const token = options.sessions.tokenOf(getCookie(c, SESSION_COOKIE))
      if (token !== null && (site === 'own' || !write)) {
        const caller = await callerOfToken(token)
        if (caller !== null) return { caller, proof: 'session' }
      }
      return options.open && !(write && isFromBrowser(marks)) ? { caller: MEMBER, proof: 'open' } : NOBODY
    },
  }
}

const RANK: Readonly<Record<Role, number>> = { reader: 1, member: 2, owner: 3 }

/** Gives the caller back when its role suffices; UNAUTHENTICATED without a right, FORBIDDEN with too small a one. */
export function requireRole(caller: Caller | null, least: Role): Caller {
  if (caller === null) throw new AppError('UNAUTHENTICATED')
  if (RANK[caller.role] >= RANK[least]) return caller
  throw new AppError('FORBIDDEN', { reason: `this wants the right "${least}", and the caller has "${caller.role}"` })
}

/** The browser's marks on a request. */
function marksOf(c: HttpContext): BrowserMarks {
  return {
    origin: c.req.header('origin'),
    secFetchSite: c.req.header('sec-fetch-site')?.toLowerCase(),
    otherMarks: c.req.header('sec-fetch-mode') !== undefined || c.req.header('sec-fetch-dest') !== undefined,
    authority: authorityOf(c),
  }
}

/** Equality that takes the same time wherever the texts differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
