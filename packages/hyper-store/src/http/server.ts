/** Serves the app on a port and over streams of device connections, and hands upgraded sockets over to replication. */
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { RequestError, getRequestListener } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { AppError, LIMITS } from '@hyper-store/client/contract'
import type { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { WIRE_LIMIT } from '@hyper-store/client/board'
import { BYTES_TYPES } from './body.ts'
import type { Connection, HttpEnv } from './context.ts'
import { answerOf, errorReply } from './error-reply.ts'
import { sendResponse } from './send.ts'
import { upgradeToWebSocket } from './web-socket.ts'
import { socketOver } from './stream-socket.ts'
import type { TwoWayStream } from './stream-socket.ts'

/** Name of the protocol that sockets are upgraded to. */
const UPGRADE_PROTOCOL = 'hyper-store'

const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 60_000
const KEEP_ALIVE_MS = 10_000
const MAX_CONNECTIONS = 4096
/** How long requests that run may go on when the server closes. */
const CLOSE_GRACE_MS = 1000

/** Ends a request whose body is not here after a while; bytes that are put may come for hours, and `streamBody` sees that they come. */
function endWhenLate(incoming: IncomingMessage, limitMs: number): void {
  const type = incoming.headers['content-type'] ?? ''
  if (BYTES_TYPES.some((bytes) => type.startsWith(bytes))) return
  const timer = setTimeout(() => {
    if (!incoming.complete) incoming.destroy()
  }, limitMs).unref()
  incoming.once('close', () => clearTimeout(timer))
}

/** Where and how to listen. */
export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Gets the raw socket after `101 Switching Protocols`; bytes that came with the request are in `head`. Owns the socket from then on. */
  onUpgrade(socket: Duplex, head: Buffer, request: IncomingMessage): void
  readonly signal?: AbortSignal | undefined
  /** How long the body of a request may take to come, but for routes that take bytes; default a minute. */
  readonly requestTimeoutMs?: number | undefined
}

/** A server that listens. */
export interface Listening extends AsyncDisposable {
  /** Address to reach it by from this machine, without a slash at its end. */
  readonly url: string
  readonly port: number
  readonly server: Server
  /** Serves HTTP over the stream of a device whose key the Noise handshake has proven. */
  serveStream(stream: TwoWayStream, deviceKey: string): void
  /** Ends event streams at once, other requests within a second, then everything. Idempotent. */
  close(): Promise<void>
}

/** Listens; PORT_TAKEN when something else does, FORBIDDEN when the system does not let this user, BAD_REQUEST for an address that is not here. */
export async function listen(app: Hono<HttpEnv>, options: ListenOptions): Promise<Listening> {
  options.signal?.throwIfAborted()
  const deviceKeys = new WeakMap<Duplex, string>()
  const handedOver = new Set<Duplex>()
  const tunnels = new Set<Duplex>()
  const eventStreams = new Set<ServerResponse>()

  const connectionOf = (incoming: IncomingMessage): Connection => {
    const deviceKey = deviceKeys.get(incoming.socket) ?? null
    return { deviceKey, remoteAddress: deviceKey === null ? (incoming.socket.remoteAddress ?? '') : '' }
  }
  const answer = getRequestListener(
    async (request, env) => {
      // This server speaks HTTP/1.1 alone, so these are its classes.
      const incoming = env.incoming as IncomingMessage
      const outgoing = env.outgoing as ServerResponse
      const response = await app.fetch(request, connectionOf(incoming))
      if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) {
        eventStreams.add(outgoing)
        outgoing.once('close', () => eventStreams.delete(outgoing))
      }
      await sendResponse(response, outgoing)
      return RESPONSE_ALREADY_SENT
    },
    {
      overrideGlobalObjects: false,
      errorHandler: (error) => {
        const fault = error instanceof RequestError ? new AppError('BAD_REQUEST', { reason: 'the request line or Host header' }) : error
        return errorReply(answerOf(fault))
      },
    },
  )

  // Nothing is compressed: a page could learn secrets from lengths, and edits are tiny.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: WIRE_LIMIT, perMessageDeflate: false })
  const server = createServer(
    {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: HEADERS_TIMEOUT_MS,
      // Each request has a limit of its own: bytes that are put may come for hours.
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5000,
      noDelay: true,
    },
    (incoming, outgoing) => {
      endWhenLate(incoming, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS)
      void answer(incoming, outgoing)
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  server.on('upgrade', (request, socket, head) => {
    // A socket that breaks here is of no interest to anybody.
    socket.on('error', () => socket.destroy())
    if (upgradesOf(request).includes('websocket')) {
      handedOver.add(socket)
      socket.once('close', () => handedOver.delete(socket))
      void upgradeToWebSocket(app, { request, socket, head, sockets }, connectionOf(request)).catch(() => socket.destroy())
      return
    }
    if (!wantsReplication(request) || deviceKeys.has(socket)) {
      refuseUpgrade(socket)
      return
    }
    handedOver.add(socket)
    socket.once('close', () => handedOver.delete(socket))
    const plain = socket as Partial<Pick<Socket, 'setTimeout' | 'setKeepAlive'>>
    plain.setTimeout?.(0)
    plain.setKeepAlive?.(true, 30_000)
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${UPGRADE_PROTOCOL}\r\n\r\n`)
    options.onUpgrade(socket, head, request)
  })

  await bind(server, options)
  const { port } = server.address() as AddressInfo

  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= (async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      for (const outgoing of eventStreams) outgoing.destroy()
      server.closeIdleConnections()
      const grace = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
      for (const socket of handedOver) socket.destroy()
      await closed
      clearTimeout(grace)
      for (const tunnel of tunnels) tunnel.destroy()
    })()
    return closing
  }
  const onAbort = (): void => void close()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  server.once('close', () => options.signal?.removeEventListener('abort', onAbort))

  return {
    url: urlOf(options.host, port),
    port,
    server,
    serveStream(stream, deviceKey) {
      const socket = socketOver(stream)
      if (closing !== undefined) {
        socket.destroy()
        return
      }
      deviceKeys.set(socket, deviceKey)
      tunnels.add(socket)
      socket.once('close', () => tunnels.delete(socket))
      socket.on('error', () => socket.destroy())
      server.emit('connection', socket)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function bind(server: Server, options: ListenOptions): Promise<void> {
  const { host, port } = options
  try {
    await bindTo(server, host, port)
  } catch (error) {
    const code = (error as { code?: unknown }).code
    // All interfaces of a machine without IPv6 are its IPv4 ones.
    if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) return await bind(server, { ...options, host: '0.0.0.0' })
    if (code === 'EADDRINUSE') throw new AppError('PORT_TAKEN', { port, host }, { cause: error })
    if (code === 'EACCES') {
      throw new AppError('FORBIDDEN', { reason: `the system does not let this user listen on port ${port}` }, { cause: error })
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new AppError('BAD_REQUEST', { reason: `${host} is not an address of this machine` }, { cause: error })
    }
    throw error
  }
}

async function bindTo(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function upgradesOf(request: IncomingMessage): string[] {
  return (request.headers.upgrade ?? '').split(',').map((name) => name.trim().toLowerCase())
}

function wantsReplication(request: IncomingMessage): boolean {
  return request.method === 'GET' && upgradesOf(request).includes(UPGRADE_PROTOCOL)
}

function refuseUpgrade(socket: Duplex): void {
  const body = `${JSON.stringify(new AppError('BAD_REQUEST', { reason: `the only upgrade is ${UPGRADE_PROTOCOL}` }).toBody())}\n`
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
