/** Turns a raw duplex stream into a connection between two devices that know each other's key. */
import { AppError } from '@hyper-store/client/contract'
import type { NoiseKeyPair } from '@hyperswarm/secret-stream'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import type { Duplex } from 'node:stream'
import Protomux from 'protomux'
import { encodeDeviceKey } from './identity.ts'

/** How long both sides have for the Noise handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000
/** An idle side says that it is there this often. */
const KEEP_ALIVE_MS = 5_000
/** A side that says nothing for so long is gone: a pulled plug is noticed within this time. */
const SILENCE_TIMEOUT_MS = 25_000
/** A handshake takes three messages of about 100 bytes; what follows it may come in the same piece. */
const MAX_HANDSHAKE_BYTES = 256 * 1024

/** The way that a connection took. `direct` is an accepted one: the listener cannot tell who dialled for which reason. */
export type Via = 'provider' | 'lan' | 'internet' | 'direct'

/** What is known about a stream before the other side has proved who it is. */
export interface StreamFacts {
  readonly via: Via
  /** `host:port` of the other side for people to read; null when unknown. */
  readonly address: string | null
}

/** An open, encrypted and authenticated connection to one device. */
export interface PeerConnection extends StreamFacts {
  /** z-base-32 key of the other device. */
  readonly deviceKey: string
  /** For `store.replicate`. */
  readonly stream: NoiseSecretStream
  /** For channels of our own on the same stream. */
  readonly mux: Protomux
  /** True when this side dialled. */
  readonly initiator: boolean
  /** True from the moment that it is being closed. */
  readonly closed: boolean
  /** Closes at once; what was written and not sent is lost. */
  close(reason?: Error): void
  /** Calls back once, with the reason if there was one; soon after when it is closed already. Returns a function that takes it back. */
  onClose(listener: (reason: Error | null) => void): () => void
}

/** How to shake hands. */
export interface HandshakeOptions extends StreamFacts {
  readonly keyPair: NoiseKeyPair
  readonly initiator: boolean
  /** Refuses every other device. */
  readonly expectedDeviceKey?: string | undefined
  /** Default 10,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Shakes hands over a raw stream, which from then on belongs to the connection. Whatever fails destroys the stream.
 *
 * @throws NOT_A_STORE when the other side does not speak Noise in time, FORBIDDEN when it is another device than expected,
 *   CANCELLED when the signal aborts
 */
export async function shakeHands(raw: Duplex, options: HandshakeOptions): Promise<PeerConnection> {
  const { initiator, keyPair, signal } = options
  const stream = new NoiseSecretStream(initiator, raw, { keyPair, keepAlive: KEEP_ALIVE_MS })
  const connection = wrapNoiseStream(stream, options)
  let read = 0
  const countBytes = (chunk: Uint8Array) => {
    read += chunk.byteLength
    if (read > MAX_HANDSHAKE_BYTES) stream.destroy(new Error('too many bytes before the handshake was done'))
  }
  const endEarly = () => stream.destroy(new Error('the other side left before the handshake was done'))
  raw.on('end', endEarly)
  // After the listener of the Noise stream itself: one that came first would let bytes flow before anybody reads them.
  queueMicrotask(() => raw.on('data', countBytes))
  const timer = setTimeout(() => stream.destroy(new Error('no handshake in time')), options.timeoutMs ?? HANDSHAKE_TIMEOUT_MS)
  const abort = () => stream.destroy(new AppError('CANCELLED'))
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  const opened = await stream.opened
  clearTimeout(timer)
  raw.removeListener('data', countBytes)
  raw.removeListener('end', endEarly)
  signal?.removeEventListener('abort', abort)
  if (signal?.aborted) throw new AppError('CANCELLED')
  if (!opened) throw new AppError('NOT_A_STORE', { url: options.address ?? 'The other side' })
  if (options.expectedDeviceKey !== undefined && options.expectedDeviceKey !== connection.deviceKey) {
    stream.destroy()
    throw new AppError('FORBIDDEN', { reason: `${options.address ?? 'the other side'} is another device than the one expected there` })
  }
  return connection
}

/** The connection of a Noise stream; its device key may be read once the stream is open. */
export function wrapNoiseStream(stream: NoiseSecretStream, facts: StreamFacts): PeerConnection {
  const listeners = new Set<(reason: Error | null) => void>()
  let reason: Error | null = null
  let ended = false
  let mux: Protomux | null = null
  stream.on('error', (error: Error) => {
    reason ??= error
  })
  stream.on('close', () => {
    ended = true
    for (const listener of listeners) listener(reason)
    listeners.clear()
  })
  const armSilenceTimeout = () => stream.setTimeout(SILENCE_TIMEOUT_MS)
  void stream.opened.then((opened) => opened && armSilenceTimeout())
  return {
    via: facts.via,
    address: facts.address,
    stream,
    initiator: stream.isInitiator,
    get deviceKey() {
      if (stream.remotePublicKey === null) throw new Error('The handshake is not done')
      return encodeDeviceKey(stream.remotePublicKey)
    },
    get mux() {
      mux ??= Protomux.from(stream)
      return mux
    },
    get closed() {
      return ended || stream.destroying
    },
    close(error) {
      if (!stream.destroying) stream.destroy(error)
    },
    onClose(listener) {
      if (ended) queueMicrotask(() => listener(reason))
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
