/** Dials a store over HTTP and asks for a raw stream with `Upgrade: hyper-store`. */
import { AppError } from '@hyper-store/client/contract'
import type { IncomingMessage } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'

/** The protocol name in the Upgrade header. */
export const UPGRADE_PROTOCOL = 'hyper-store'

/** How to dial. */
export interface DialUpgradeOptions {
  readonly signal: AbortSignal
  /** Until the answer; default 10,000. */
  readonly timeoutMs?: number
}

/**
 * The raw stream to the store at an http or https URL.
 *
 * @throws PROVIDER_UNREACHABLE when nothing answers (or 5xx), NOT_A_STORE when what answers refuses the upgrade, CANCELLED
 */
export async function dialUpgrade(url: URL, options: DialUpgradeOptions): Promise<Duplex> {
  const { signal } = options
  if (signal.aborted) throw new AppError('CANCELLED')
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    agent: false,
    headers: { connection: 'Upgrade', upgrade: UPGRADE_PROTOCOL },
  })
  const cancel = () => request.destroy(new AppError('CANCELLED'))
  const timer = setTimeout(() => request.destroy(new Error('no answer in time')), options.timeoutMs ?? 10_000)
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await new Promise<Duplex>((resolve, reject) => {
      request.on('upgrade', (response: IncomingMessage, socket, head: Buffer) => {
        if (response.headers.upgrade?.toLowerCase() !== UPGRADE_PROTOCOL) {
          socket.destroy()
          reject(new AppError('NOT_A_STORE', { url: url.origin }))
          return
        }
        resolve(rawStream(socket, head))
      })
      request.on('response', (response) => {
        response.destroy()
        // 5xx is a store that is full, or a reverse proxy whose store is off: worth another try.
        const isDown = (response.statusCode ?? 0) >= 500
        reject(isDown ? new Error(`it answered ${response.statusCode}`) : new AppError('NOT_A_STORE', { url: url.origin }))
      })
      request.on('error', (cause) => reject(cause))
      request.end()
    })
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('PROVIDER_UNREACHABLE', { name: url.hostname, url: url.origin }, { cause })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
  }
}

/** Makes a stream of the socket of an upgrade, with the bytes that came with the last header put back. */
export function rawStream(socket: Duplex, head: Uint8Array): Duplex {
  if ('setTimeout' in socket && typeof socket.setTimeout === 'function') socket.setTimeout(0)
  if ('setNoDelay' in socket && typeof socket.setNoDelay === 'function') socket.setNoDelay(true)
  if (head.byteLength > 0) socket.unshift(head)
  return socket
}
