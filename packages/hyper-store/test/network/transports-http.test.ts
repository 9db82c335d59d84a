/** HTTP spoken through the Noise connection of two devices: several requests at once, large bodies, aborts, limits. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import type { HttpStream } from '../../src/hyper/transports/http-over-noise.ts'
import { acceptHttpStreams, openHttpStream } from '../../src/hyper/transports/http-over-noise.ts'
import type { PeerConnection } from '../../src/hyper/transports/noise-connection.ts'
import { dialUpgrade } from '../../src/hyper/transports/upgrade.ts'
import { connectionTo, makeDevice, until } from '../fixtures/transports.ts'

interface World extends AsyncDisposable {
  readonly here: PeerConnection
  readonly there: PeerConnection
}

/** Two connected devices. */
async function makeWorld(): Promise<World> {
  const pi = await makeDevice()
  const laptop = await makeDevice({ listen: false })
  const raw = await dialUpgrade(new URL(pi.url), { signal: new AbortController().signal })
  const here = await laptop.book.shakeHands(raw, { initiator: true, via: 'provider', address: null })
  const there = await connectionTo(pi, laptop)
  return {
    here,
    there,
    async [Symbol.asyncDispose]() {
      await Promise.all([pi[Symbol.asyncDispose](), laptop[Symbol.asyncDispose]()])
    },
  }
}

async function request(connection: PeerConnection, options: http.RequestOptions, body?: Buffer): Promise<http.IncomingMessage> {
  const sent = http.request({ createConnection: () => openHttpStream(connection), ...options })
  if (body === undefined) sent.end()
  else await pipeline(Readable.from(pieces(body)), sent)
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage]
  return response
}

function* pieces(body: Buffer): Iterable<Buffer> {
  for (let at = 0; at < body.byteLength; at += 300_000) yield body.subarray(at, at + 300_000)
}

/** Reads to the end; unlike an async iterator it leaves the other direction open. */
async function digest(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  stream.on('data', (chunk: Buffer) => hash.update(chunk))
  await once(stream, 'end')
  return hash.digest('hex')
}

const big = randomBytes(20 * 1024 * 1024)
const bigDigest = createHash('sha256').update(big).digest('hex')

/** A server that knows its callers. */
function serve(connection: PeerConnection): http.Server {
  const server = http.createServer((incoming, response) => {
    const caller = (incoming.socket as unknown as HttpStream).deviceKey
    if (incoming.url === '/big') response.end(big)
    else if (incoming.url === '/digest') void digest(incoming).then((hash) => response.end(hash))
    else response.setHeader('x-caller', caller).end('small')
  })
  acceptHttpStreams(connection, (stream) => server.emit('connection', stream))
  return server
}

test('three requests at a time, two of them with 20 MB, come through whole and in both directions', async () => {
  await using world = await makeWorld()
  serve(world.there)
  serve(world.here)
  for (const [from, to] of [
    [world.here, world.there],
    [world.there, world.here],
  ] as const) {
    const [got, sent, small] = await Promise.all([
      request(from, { path: '/big' }).then(digest),
      request(from, { path: '/digest', method: 'POST' }, big).then((response) => response.toArray()),
      request(from, { path: '/' }),
    ])
    assert.equal(got, bigDigest)
    assert.equal(Buffer.concat(sent).toString(), bigDigest)
    assert.equal(small.headers['x-caller'], to.deviceKey)
    small.resume()
  }
})

test('a reader that does not read holds the sender at the window', async () => {
  await using world = await makeWorld()
  const accepted = new Promise<HttpStream>((resolve) => acceptHttpStreams(world.there, resolve))
  const stream = openHttpStream(world.here)
  let written = 0
  const writing = pipeline(
    Readable.from(
      (function* () {
        for (const piece of pieces(big)) {
          written += piece.byteLength
          yield piece
        }
      })(),
    ),
    stream,
  )
  const other = await accepted
  let before = -1
  await until('nothing moves', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    const still = before === written
    before = written
    return still
  })
  assert.ok(written < 4 * 1024 * 1024, `${written} bytes were taken`)
  const got = digest(other)
  await writing
  assert.equal(await got, bigDigest)
  other.end()
  await once(stream.resume(), 'close')
})

test('half-closing keeps the other direction open', async () => {
  await using world = await makeWorld()
  acceptHttpStreams(world.there, (stream) => void answer(stream))
  async function answer(stream: HttpStream) {
    stream.end(`${await digest(stream)} to you too`)
  }
  const stream = openHttpStream(world.here)
  stream.end('hello')
  assert.equal(Buffer.concat(await stream.toArray()).toString(), `${createHash('sha256').update('hello').digest('hex')} to you too`)
})

test('an abort reaches the other side, both ways', async () => {
  await using world = await makeWorld()
  const accepted: HttpStream[] = []
  acceptHttpStreams(world.there, (stream) => accepted.push(stream))
  const stream = openHttpStream(world.here)
  stream.write('x')
  await until('it is accepted', () => accepted.length === 1)
  const ended = new Promise<Error>((resolve) => accepted[0]?.once('error', resolve))
  stream.destroy()
  assert.equal(((await ended) as NodeJS.ErrnoException).code, 'ECONNRESET')

  const second = openHttpStream(world.here)
  second.write('x')
  await until('it is accepted', () => accepted.length === 2)
  accepted[1]?.destroy()
  const [error] = (await once(second, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
})

test('the end of the connection ends its streams', async () => {
  await using world = await makeWorld()
  acceptHttpStreams(world.there, () => {})
  const stream = openHttpStream(world.here)
  const failed = once(stream, 'error')
  world.there.close()
  await failed
  assert.throws(() => openHttpStream(world.here), /ended/)
})

test('a device that accepts no streams refuses them', async () => {
  await using world = await makeWorld()
  const [error] = (await once(openHttpStream(world.here), 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
})

test('no more than 32 streams at a time, on either side', async () => {
  await using world = await makeWorld()
  const accepted: HttpStream[] = []
  acceptHttpStreams(world.there, (stream) => accepted.push(stream))
  const streams = Array.from({ length: 32 }, () => openHttpStream(world.here))
  await until('all are accepted', () => accepted.length === 32)
  assert.throws(() => openHttpStream(world.here), /Too many/)
  // A client that does not count is refused by the other side.
  const extra = world.here.mux.createChannel({ protocol: 'hyper-store/http/1', id: Buffer.from([1, 9, 9, 9, 9]) })
  extra?.open()
  assert.equal(await extra?.fullyOpened(), false)
  for (const stream of streams) {
    stream.on('error', () => {})
    stream.destroy()
  }
  await until('there is room again', () => accepted.every((stream) => stream.destroyed))
  const again = openHttpStream(world.here)
  await until('one more is accepted', () => accepted.length === 33)
  again.destroy()
})

test('a sender that ignores the window loses its stream, not the connection', async () => {
  await using world = await makeWorld()
  const accepted: HttpStream[] = []
  acceptHttpStreams(world.there, (stream) => accepted.push(stream))
  const { default: encodings } = await import('compact-encoding')
  const channel = world.here.mux.createChannel({ protocol: 'hyper-store/http/1', id: Buffer.from([1, 0, 0, 0, 1]) })
  const data = channel?.addMessage({ encoding: encodings.raw.uint8array })
  channel?.open()
  for (let i = 0; i < 40; i++) data?.send(new Uint8Array(64 * 1024))
  await until('it is cut off', () => accepted[0]?.destroyed === true)
  assert.equal(world.here.closed || world.there.closed, false)
})

test('a reply whose pieces travel in one batch with other messages arrives as it was', async () => {
  await using world = await makeWorld()
  const server = http.createServer((_, response) => {
    // As replication does it: what is sent until uncork goes out as one batch.
    world.there.mux.cork()
    for (let i = 0; i < 20; i++) response.write(`piece ${i}\n`)
    response.end('the end')
    world.there.mux.uncork()
  })
  acceptHttpStreams(world.there, (stream) => server.emit('connection', stream))
  const response = await request(world.here, { path: '/' })
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  assert.equal(text, `${Array.from({ length: 20 }, (_, i) => `piece ${i}\n`).join('')}the end`)
})
