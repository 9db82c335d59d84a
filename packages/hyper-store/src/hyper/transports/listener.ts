/** The listening side of a provider's port: makes a connection of the socket of an HTTP upgrade. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ConnectionBook } from './connections.ts'
import type { PeerConnection } from './noise-connection.ts'
import { rawStream, UPGRADE_PROTOCOL } from './upgrade.ts'

/** True for the headers of a request that asks for a stream to this store. */
export function wantsStream(headers: IncomingHttpHeaders): boolean {
  return headers.upgrade?.toLowerCase() === UPGRADE_PROTOCOL
}

/**
 * Answers an upgrade request (101, or 503 when there are too many connections) and shakes hands as the accepting side;
 * the book announces the connection. The socket belongs to this function from the call on, whatever comes of it.
 *
 * @returns null when nothing came of it: strangers who fail are no errors of ours
 */
export async function acceptUpgrade(socket: Duplex, head: Uint8Array, book: ConnectionBook): Promise<PeerConnection | null> {
  const ignoreError = () => {}
  socket.on('error', ignoreError)
  if (book.full) {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
    return null
  }
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${UPGRADE_PROTOCOL}\r\n\r\n`)
  try {
    return await book.shakeHands(rawStream(socket, head), { initiator: false, via: 'direct', address: remoteAddress(socket) })
  } catch {
    return null
  } finally {
    socket.removeListener('error', ignoreError)
  }
}

/** `host:port` of the other side of a socket; null when it has none. */
export function remoteAddress(socket: Duplex): string | null {
  if (!('remoteAddress' in socket) || typeof socket.remoteAddress !== 'string' || !('remotePort' in socket)) return null
  const host = socket.remoteAddress.replace(/^::ffff:/, '')
  return `${host.includes(':') ? `[${host}]` : host}:${String(socket.remotePort)}`
}
