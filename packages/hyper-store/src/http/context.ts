/** What every handler of the HTTP room sees of a request: its connection, its caller, and the options of the app. */
import type { Context } from 'hono'
import type { WebSocket } from 'ws'
import type { Caller } from '../core/store-api.ts'

/** Facts of the connection that a request came over; given as Hono bindings. */
export interface Connection {
  /** Device key (z-base-32) proven by the Noise handshake; null for plain connections. */
  readonly deviceKey: string | null
  /** Address of the other end, for the limit of wrong codes; never used to decide a right. */
  readonly remoteAddress: string
  /** Of a request for a WebSocket: gives the socket to `use` once the answer was made. False when it broke meanwhile. */
  readonly upgrade?: ((use: (socket: WebSocket) => void) => boolean) | undefined
}

/** How a caller showed its right. Browsers can be made to send `session` and `open` calls, never `token` or `device` ones. */
export type Proof = 'token' | 'device' | 'session' | 'open'

/** A caller and its proof; both null for anybody. */
export type Identity = { readonly caller: Caller; readonly proof: Proof } | { readonly caller: null; readonly proof: null }

/** The types of this app for Hono. */
export interface HttpEnv {
  Bindings: Partial<Connection>
}

/** A request being answered. */
export type HttpContext = Context<HttpEnv>

/** The connection of a request; absent bindings (tests without sockets) mean a plain connection. */
export function connectionOf(c: HttpContext): Connection {
  const bindings = c.env as Partial<Connection> | undefined
  return { deviceKey: bindings?.deviceKey ?? null, remoteAddress: bindings?.remoteAddress ?? '', upgrade: bindings?.upgrade }
}

/** The authority that the caller addressed: the Host header, or the one of the URL where there is none. */
export function authorityOf(c: HttpContext): string {
  return c.req.header('host') ?? new URL(c.req.url).host
}

/** True for methods that may change something. */
export function isWrite(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'
}
