/** Makes a Node stream of any two-way stream, such as a Noise connection, so that an HTTP server can talk over it. */
import { Duplex } from 'node:stream'

/** The part of a two-way stream that is used here; Node's and streamx's both have it. */
export interface TwoWayStream {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'end' | 'close' | 'drain', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  write(chunk: Uint8Array): boolean
  end(): unknown
  pause(): unknown
  resume(): unknown
  destroy(error?: Error): unknown
}

/** A Node duplex over `stream`. Each side's end, failure and back pressure reach the other. */
export function socketOver(stream: TwoWayStream): Duplex {
  if (stream instanceof Duplex) return stream
  let onDrain: (() => void) | null = null
  const socket = new Duplex({
    read: () => void stream.resume(),
    write: (chunk: Uint8Array, _encoding, done) => {
      if (stream.write(chunk)) done()
      else onDrain = () => done()
    },
    final: (done) => {
      stream.end()
      done()
    },
    destroy: (error, done) => {
      stream.destroy()
      done(error)
    },
  })
  stream.on('data', (chunk) => {
    // Copied: the bytes of some streams are a view on a buffer that they use again.
    if (!socket.push(Buffer.from(chunk))) stream.pause()
  })
  stream.on('drain', () => {
    const drained = onDrain
    onDrain = null
    drained?.()
  })
  stream.on('end', () => void socket.push(null))
  stream.on('error', (error) => void socket.destroy(error))
  stream.on('close', () => void socket.destroy())
  return socket
}
