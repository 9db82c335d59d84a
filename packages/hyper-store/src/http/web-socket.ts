/** Upgrades a request to a WebSocket when the app takes it; any other answer of the app is sent as it is. */
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError } from '@hyper-store/client/contract'
import type { Hono } from 'hono'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Connection, HttpEnv } from './context.ts'

/** A request to upgrade, as Node gives it. */
interface UpgradeRequest {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly sockets: WebSocketServer
}

/** Asks the app, by the same rules as any other request. */
export async function upgradeToWebSocket(app: Hono<HttpEnv>, asked: UpgradeRequest, connection: Connection): Promise<void> {
  const { request, socket, head, sockets } = asked
  const host = request.headers.host ?? 'localhost'
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value)
  const taken: { use: ((ws: WebSocket) => void) | null } = { use: null }
  const upgrade = (use: (ws: WebSocket) => void): boolean => {
    if (socket.destroyed) return false
    taken.use = use
    return true
  }
  // What `ws` would refuse is refused before anything is opened for it.
  const key = request.headers['sec-websocket-key'] ?? ''
  const isWhole = request.method === 'GET' && /^[+/0-9A-Za-z]{22}==$/.test(key) && request.headers['sec-websocket-version'] === '13'
  const url = `http://${host}${request.url ?? '/'}`
  const response =
    isWhole && URL.canParse(url)
      ? await app.fetch(new Request(url, { headers }), { ...connection, upgrade })
      : Response.json(new AppError('BAD_REQUEST', { reason: 'the request for a WebSocket' }).toBody(), { status: 400 })
  const { use } = taken
  if (use !== null) sockets.handleUpgrade(request, socket, head, use)
  else await answer(socket, response)
}

async function answer(socket: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const status = response.status === 204 ? 400 : response.status
  const type = response.headers.get('content-type') ?? 'text/plain'
  socket.end(
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${body.byteLength}\r\n\r\n`,
      ),
      body,
    ]),
  )
}
