/** HTTP over a connection between devices: byte streams both ways, each a Protomux channel of its own with flow control. */
import encodings, { type Encoder } from 'compact-encoding'
import { Duplex } from 'node:stream'
import type { Channel, Message } from 'protomux'
import type { PeerConnection } from './noise-connection.ts'

const PROTOCOL = 'hyper-store/http/1'
/** Bytes that may be on their way or unread on one stream. */
const WINDOW_BYTES = 1024 * 1024
const FRAME_BYTES = 64 * 1024
/** Credit is given back in pieces of this size. */
const CREDIT_BYTES = 256 * 1024
/** Streams at a time on one connection, each side's own counted by itself. */
const MAX_STREAMS = 32

/** All bytes of a message. The package's own `raw.uint8array` reads on into the messages that follow when several come in one batch. */
const bytes: Encoder<Uint8Array> = {
  preencode(state, data) {
    state.end += data.byteLength
  },
  encode(state, data) {
    state.buffer?.set(data, state.start)
    state.start += data.byteLength
  },
  decode(state) {
    const data = state.buffer?.subarray(state.start, state.end) ?? new Uint8Array()
    state.start = state.end
    return data
  },
}

/** One byte stream over a connection. Looks enough like a socket for node:http on both sides. */
export class HttpStream extends Duplex {
  /** The authenticated device at the other end. */
  readonly deviceKey: string
  readonly #channel: Channel
  readonly #data: Message<Uint8Array>
  readonly #credit: Message<number>
  readonly #end: Message<Uint8Array>
  readonly #abort: Message<Uint8Array>
  #window = WINDOW_BYTES
  #outgoing: { chunk: Uint8Array; done: () => void } | null = null
  readonly #incoming: Uint8Array[] = []
  #unread = 0
  #owedCredit = 0
  #remoteEnded = false
  #wanted = false
  #idleTimer: NodeJS.Timeout | null = null
  #idleMs = 0

  /** Opens the channel with that id; use openHttpStream and acceptHttpStreams. */
  constructor(connection: PeerConnection, id: Uint8Array) {
    super({ allowHalfOpen: true, readableHighWaterMark: FRAME_BYTES, writableHighWaterMark: FRAME_BYTES })
    this.deviceKey = connection.deviceKey
    const channel = connection.mux.createChannel({
      protocol: PROTOCOL,
      id,
      onclose: () => this.#onChannelClosed(),
      ondrain: () => this.#send(),
    })
    if (channel === null) throw new Error('The connection to the other device ended')
    this.#channel = channel
    this.#data = channel.addMessage({ encoding: bytes, onmessage: (chunk) => this.#onData(chunk) })
    this.#credit = channel.addMessage({ encoding: encodings.uint, onmessage: (bytes) => this.#onCredit(bytes) })
    this.#end = channel.addMessage({ encoding: bytes, onmessage: () => this.#onEnd() })
    this.#abort = channel.addMessage({ encoding: bytes, onmessage: () => void this.destroy(aborted()) })
    // node:http takes its listener off when a reply is done; an end of the connection after that is nobody's error.
    this.on('error', () => {})
    channel.open()
  }

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.#outgoing = { chunk, done }
    this.#send()
  }

  override _final(done: () => void): void {
    this.#end.send(new Uint8Array())
    done()
  }

  override _read(): void {
    this.#wanted = true
    this.#deliver()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    if (!this.#channel.closed) {
      // As of a socket: what was ended properly arrives whole, even when this side reads no more.
      if (error !== null || !this.writableFinished) this.#abort.send(new Uint8Array())
      this.#channel.close()
    }
    this.#incoming.length = 0
    done(error)
  }

  /** Emits `timeout` after so long without a byte; 0 turns it off. As of a socket. */
  setTimeout(ms: number, listener?: () => void): this {
    this.#idleMs = ms
    if (listener !== undefined) this.once('timeout', listener)
    this.#refreshIdleTimer()
    return this
  }

  /** Destroys the stream once what was written is sent. As of a socket; node:http hangs up with it. */
  destroySoon(): void {
    if (this.writable) this.end()
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
  }

  /** Does nothing: there is no packet to delay. */
  setNoDelay(): this {
    return this
  }

  /** Does nothing: the connection below keeps itself alive. */
  setKeepAlive(): this {
    return this
  }

  /** Does nothing: the connection below holds the process. */
  ref(): this {
    return this
  }

  /** Does nothing, as `ref`. */
  unref(): this {
    return this
  }

  #refreshIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    this.#idleTimer = this.#idleMs > 0 && !this.destroyed ? setTimeout(() => this.emit('timeout'), this.#idleMs).unref() : null
  }

  /** Sends as much of the chunk in hand as the window and the connection take. */
  #send(): void {
    if (this.#channel.closed && this.#remoteEnded) {
      // The other side said all it had to say and reads no more.
      const done = this.#outgoing?.done
      this.#outgoing = null
      done?.()
    }
    while (this.#outgoing !== null && this.#window > 0 && this.#channel.drained && !this.destroyed) {
      const { chunk, done } = this.#outgoing
      const frame = chunk.subarray(0, Math.min(FRAME_BYTES, this.#window))
      this.#window -= frame.byteLength
      if (this.#idleMs > 0) this.#refreshIdleTimer()
      this.#data.send(frame)
      if (frame.byteLength < chunk.byteLength) {
        this.#outgoing = { chunk: chunk.subarray(frame.byteLength), done }
      } else {
        this.#outgoing = null
        done()
      }
    }
  }

  #onCredit(bytes: number): void {
    this.#window = Math.min(WINDOW_BYTES, this.#window + bytes)
    this.#send()
  }

  #onData(chunk: Uint8Array): void {
    if (this.destroyed) return
    this.#unread += chunk.byteLength
    if (this.#unread > WINDOW_BYTES || this.#remoteEnded) {
      this.destroy(new Error('The other device sent more than it may'))
      return
    }
    if (this.#idleMs > 0) this.#refreshIdleTimer()
    // What arrives is a view of a buffer that belongs to the connection.
    this.#incoming.push(chunk.slice())
    if (this.#wanted) this.#deliver()
  }

  #onEnd(): void {
    this.#remoteEnded = true
    if (this.#wanted) this.#deliver()
  }

  #deliver(): void {
    while (this.#wanted && !this.destroyed) {
      const chunk = this.#incoming.shift()
      if (chunk === undefined) break
      this.#unread -= chunk.byteLength
      this.#owedCredit += chunk.byteLength
      this.#wanted = this.push(chunk)
    }
    if (this.#owedCredit >= CREDIT_BYTES) {
      this.#credit.send(this.#owedCredit)
      this.#owedCredit = 0
    }
    if (this.#remoteEnded && this.#incoming.length === 0 && this.#wanted) {
      this.#wanted = false
      this.push(null)
    }
  }

  #onChannelClosed(): void {
    // After a proper end there may still be something to read here.
    if (this.#remoteEnded) this.#send()
    else if (!this.destroyed) this.destroy(aborted())
  }
}

/**
 * A byte stream to the HTTP server of the other device: `http.request({ createConnection: () => openHttpStream(connection) })`,
 * with no `agent` among the options: one that is given, even `false`, dials TCP instead.
 * Throws when the connection ended or has 32 streams. A device that accepts none destroys it with ECONNRESET.
 */
export function openHttpStream(connection: PeerConnection): HttpStream {
  const own = streamsOf(connection)
  if (connection.closed || own.opened.size >= MAX_STREAMS) {
    throw new Error(connection.closed ? 'The connection to the other device ended' : 'Too many requests to the other device at a time')
  }
  const id = Buffer.alloc(5)
  id[0] = connection.initiator ? 1 : 0
  id.writeUInt32BE(own.nextId++ % 2 ** 32, 1)
  const stream = new HttpStream(connection, id)
  own.opened.add(stream)
  stream.once('close', () => own.opened.delete(stream))
  return stream
}

/** Takes the streams that the other device opens: `(stream) => server.emit('connection', stream)`. The first 32 at a time. */
export function acceptHttpStreams(connection: PeerConnection, onStream: (stream: HttpStream) => void): void {
  const accepted = new Set<HttpStream>()
  connection.mux.pair({ protocol: PROTOCOL }, (id) => {
    // An id of our own side here would tie the other's request to one of ours.
    if (id?.byteLength !== 5 || id[0] !== (connection.initiator ? 0 : 1) || accepted.size >= MAX_STREAMS) return
    const stream = new HttpStream(connection, id)
    accepted.add(stream)
    stream.once('close', () => accepted.delete(stream))
    onStream(stream)
  })
}

interface OwnStreams {
  nextId: number
  readonly opened: Set<HttpStream>
}

const streamsByConnection = new WeakMap<PeerConnection, OwnStreams>()

function streamsOf(connection: PeerConnection): OwnStreams {
  const known = streamsByConnection.get(connection)
  if (known !== undefined) return known
  const made = { nextId: 0, opened: new Set<HttpStream>() }
  streamsByConnection.set(connection, made)
  return made
}

function aborted(): Error {
  return Object.assign(new Error('The other device ended the stream'), { code: 'ECONNRESET' })
}
