/** The HTTP server on real sockets and streams: upgrades, limits, aborts, tunnels, closing. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { test } from 'node:test'
import NoiseSecretStream from '@hyperswarm/secret-stream'
import { LIMITS } from '@hyper-store/client/contract'
import { listen } from '../../src/http/server.ts'
import type { Listening, ListenOptions } from '../../src/http/server.ts'
import { socketOver } from '../../src/http/stream-socket.ts'
import type { TwoWayStream } from '../../src/http/stream-socket.ts'
import { DRIVE_KEY, httpWorld } from '../fixtures/http-world.ts'
import type { HttpWorld } from '../fixtures/http-world.ts'
import { memoryDrive } from '../fixtures/memory-drive.ts'

interface ServerWorld extends HttpWorld, AsyncDisposable {
  readonly listening: Listening
  readonly upgraded: Duplex[]
}

async function serverWorld(options: Partial<ListenOptions> = {}): Promise<ServerWorld> {
  const world = httpWorld()
  const upgraded: Duplex[] = []
  const onUpgrade = (socket: Duplex, head: Buffer): void => {
    upgraded.push(socket)
    if (head.byteLength > 0) socket.unshift(head)
    socket.pipe(socket)
  }
  const listening = await listen(world.app, { host: '127.0.0.1', port: 0, onUpgrade, ...options })
  return { ...world, listening, upgraded, [Symbol.asyncDispose]: async () => await listening.close() }
}

/** Sends text over a new connection and gives all that comes back until the other side ends. */
async function exchange(port: number, request: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.write(request)
  return await text(socket)
}

/** The same, with a body of which a byte comes now and then. */
async function exchangeSlowly(port: number, head: string, body: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.write(head)
  const came = text(socket)
  for (const byte of body) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    socket.write(byte)
  }
  return await came
}

const line = (reply: string): string => reply.split('\r\n')[0] ?? ''

/** Waits for a condition, with turns of the event loop in between. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('Upgrade: hyper-store on any path answers 101 and hands the raw socket over, with what came early', async () => {
  await using world = await serverWorld()
  for (const path of ['/', '/api/v1/whatever', '/gateway/x']) {
    const socket = net.connect(world.listening.port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: some.name\r\nConnection: keep-alive, Upgrade\r\nUpgrade: Hyper-Store\r\n\r\nearly`)
    let got = ''
    socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')))
    await until(() => got.endsWith('early'))
    assert.match(got, /^HTTP\/1\.1 101 Switching Protocols\r\n(?:.*\r\n)*Upgrade: hyper-store\r\n/)
    socket.write('ping')
    await until(() => got.endsWith('earlyping'))
    socket.destroy()
  }
  assert.equal(world.upgraded.length, 3)
})

test('other upgrades are refused', async () => {
  await using world = await serverWorld()
  const { port } = world.listening
  for (const [method, upgrade] of [
    ['GET', 'websocket'],
    ['GET', 'h2c'],
    ['POST', 'hyper-store'],
    ['GET', 'hyper-store-2'],
  ]) {
    const reply = await exchange(port, `${method} / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`)
    assert.equal(line(reply), 'HTTP/1.1 400 Bad Request', upgrade)
    assert.match(reply, /"code":"BAD_REQUEST"/)
  }
  assert.equal(world.upgraded.length, 0)
})

test('a taken port is PORT_TAKEN, an address of another machine BAD_REQUEST', async () => {
  await using world = await serverWorld()
  await assert.rejects(serverWorld({ port: world.listening.port }), {
    code: 'PORT_TAKEN',
    data: { port: world.listening.port, host: '127.0.0.1' },
  })
  await assert.rejects(serverWorld({ host: '192.0.2.77' }), { code: 'BAD_REQUEST' })
})

const hasSix = Object.values(os.networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1') === true)

test('a store on an IPv6 address says so in its URL, and answers there', { skip: hasSix ? false : 'no IPv6 here' }, async () => {
  await using world = await serverWorld({ host: '::1' })
  assert.equal(world.listening.url, `http://[::1]:${world.listening.port}`)
  assert.equal((await fetch(`${world.listening.url}/healthz`)).status, 200)
})

test('limits: long headers, long bodies, requests that take for ever', async () => {
  await using world = await serverWorld()
  const { port, server } = world.listening
  const long = await exchange(port, `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(LIMITS.headerBytes)}\r\n\r\n`)
  assert.equal(line(long), 'HTTP/1.1 431 Request Header Fields Too Large')
  const body = 'x'.repeat(LIMITS.bodyBytes + 1)
  const headers = 'Host: localhost\r\nConnection: close\r\nAuthorization: Bearer local-token\r\nContent-Type: application/json\r\n'
  const told = await exchange(port, `POST /api/v1/folders HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n`)
  assert.equal(line(told), 'HTTP/1.1 413 Payload Too Large')
  const chunked = await exchange(
    port,
    `POST /api/v1/folders HTTP/1.1\r\n${headers}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  )
  assert.equal(line(chunked), 'HTTP/1.1 413 Payload Too Large')
  assert.ok(server.headersTimeout > 0 && server.headersTimeout <= 30_000)
})

test('a body that does not come ends its request; bytes may come as slowly as they like', async () => {
  await using world = await serverWorld({ requestTimeoutMs: 200 })
  const { port } = world.listening
  world.store.answers.set('tables.put', { key: 'a', type: 'text', value: 'slow', version: 2, at: null })
  const head = 'Host: localhost\r\nConnection: close\r\nAuthorization: Bearer local-token\r\nContent-Length: 4\r\n'
  const late = await exchange(port, `POST /api/v1/folders HTTP/1.1\r\n${head}Content-Type: application/json\r\n\r\n{`)
  assert.equal(late, '')
  const slow = await exchangeSlowly(
    port,
    `PUT /api/v1/tables/t/row?key=a HTTP/1.1\r\n${head}Content-Type: application/octet-stream\r\n\r\n`,
    'slow',
  )
  assert.equal(line(slow), 'HTTP/1.1 200 OK')
})

test('odd request lines and hosts are refused without a stack trace', async () => {
  await using world = await serverWorld()
  const { port } = world.listening
  const ask = async (request: string) => await exchange(port, `${request}\r\nConnection: close\r\n\r\n`)
  for (const [request, status] of [
    ['GET http://evil.example/api/v1/store HTTP/1.1\r\nHost: localhost', 403],
    ['GET /api/v1/store HTTP/1.1\r\nHost: evil.example', 403],
    ['GET /api/v1/store HTTP/1.1\r\nHost: a b', 400],
    ['GET /api/v1/store HTTP/1.1\r\nHost: localhost@evil.example', 400],
    ['GET /api/v1/store HTTP/1.1\r\nHost:', 400],
    ['GET /api/v1/store HTTP/1.1', 400],
    ['GET * HTTP/1.1\r\nHost: localhost', 400],
    ['GET /gateway\\..\\x HTTP/1.1\r\nHost: localhost', 400],
    ['GET /%ff HTTP/1.1\r\nHost: localhost', 400],
    ['TRACE /api/v1/store HTTP/1.1\r\nHost: localhost', 405],
    ['nonsense', 400],
  ] as const) {
    const reply = await ask(request)
    assert.match(reply, new RegExp(`^HTTP/1\\.1 ${status} `), request)
    assert.doesNotMatch(reply, /\.js|node:| at /)
  }
})

test('a path can’t climb out of a drive over the wire', async () => {
  await using world = await serverWorld()
  world.store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { a: 'x' }))
  const { port } = world.listening
  for (const path of ['../../../../etc/passwd', '%2e%2e/%2e%2e/etc/passwd', '..%2f..%2fetc/passwd', './/../../etc/passwd']) {
    const reply = await exchange(port, `GET /gateway/${DRIVE_KEY}/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    assert.match(reply, /^HTTP\/1\.1 40[04] /, path)
  }
})

test('HEAD has the length and no body, and the connection goes on', async () => {
  await using world = await serverWorld()
  world.store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { a: 'hello', empty: '' }))
  const head = (path: string, more = '') => `HEAD /gateway/${DRIVE_KEY}/${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
  const get = `GET /gateway/${DRIVE_KEY}/a HTTP/1.1\r\nHost: localhost\r\nRange: bytes=1-2\r\nConnection: close\r\n\r\n`
  const reply = await exchange(world.listening.port, head('a') + head('empty') + get)
  const [first = '', second = '', third = '', body = ''] = reply.split('\r\n\r\n')
  assert.match(first, /^HTTP\/1\.1 200 OK\r\n[^]*content-length: 5/i)
  assert.match(second, /^HTTP\/1\.1 200 OK\r\n[^]*content-length: 0/i)
  assert.match(third, /^HTTP\/1\.1 206 Partial Content\r\n[^]*content-range: bytes 1-2\/5/i)
  assert.equal(body, 'el')
})

test('a reader that goes away stops the reading, and memory stays flat before that', async () => {
  await using world = await serverWorld()
  const drive = memoryDrive(DRIVE_KEY, { big: new Uint8Array(256 * 1024 * 1024) })
  world.store.drives.set(DRIVE_KEY, drive)
  const request = http.get(`${world.listening.url}/gateway/${DRIVE_KEY}/big`)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  await once(response, 'readable')
  response.read(1)
  // The reader takes no more: what the server may have read ahead is what the sockets hold.
  let before = -1
  await until(() => {
    const still = before === drive.bytesRead
    before = drive.bytesRead
    return still
  })
  assert.ok(drive.bytesRead < 32 * 1024 * 1024, `read ${drive.bytesRead} bytes ahead`)
  request.destroy()
  await until(() => drive.stopped === 1)
})

test('a file that breaks off breaks the connection and tells nothing of why', async () => {
  await using world = await serverWorld()
  world.store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { big: new Uint8Array(300_000) }, { chunkBytes: 10_000, breakAt: 100_000 }))
  const socket = net.connect(world.listening.port, '127.0.0.1')
  socket.write(`GET /gateway/${DRIVE_KEY}/big HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  let got = ''
  socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  await once(socket, 'close')
  assert.match(got, /^HTTP\/1\.1 200 OK/)
  assert.ok(got.length < 110_000)
  assert.doesNotMatch(got, /secret|Error/)
})

test('event streams are ended at once by close(), which may be called twice', async () => {
  const world = await serverWorld()
  const headers = { authorization: 'Bearer reader-token' }
  const response = await fetch(`${world.listening.url}/api/v1/events`, { headers })
  const reader = response.body?.getReader()
  await reader?.read()
  assert.equal(world.store.listening(), 1)
  const started = performance.now()
  await Promise.all([world.listening.close(), world.listening.close()])
  assert.ok(performance.now() - started < 900)
  await until(() => world.store.listening() === 0)
  await assert.rejects(fetch(world.listening.url))
})

test('a listener that hangs up is let go', async () => {
  await using world = await serverWorld()
  const stop = new AbortController()
  const response = await fetch(`${world.listening.url}/api/v1/events`, {
    headers: { authorization: 'Bearer reader-token' },
    signal: stop.signal,
  })
  await response.body?.getReader().read()
  stop.abort()
  await until(() => world.store.listening() === 0)
})

test('a signal closes the server, upgraded sockets included', async () => {
  const stop = new AbortController()
  const world = await serverWorld({ signal: stop.signal })
  const socket = net.connect(world.listening.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: hyper-store\r\n\r\n')
  await once(socket, 'data')
  stop.abort()
  await once(socket, 'close')
  await world.listening.close()
  await assert.rejects(listen(world.app, { host: '127.0.0.1', port: 0, onUpgrade: () => undefined, signal: stop.signal }))
})

/** Asks over one end of a tunnel. */
async function askThrough(stream: Duplex, path: string): Promise<string> {
  stream.write(`GET ${path} HTTP/1.1\r\nHost: store\r\nConnection: close\r\n\r\n`)
  return await text(stream)
}

test('HTTP over a device’s stream has the right of its key', async () => {
  await using world = await serverWorld()
  for (const [deviceKey, status] of [
    ['owner-device', 200],
    ['stranger', 401],
  ] as const) {
    const [near, far] = duplexPair()
    world.listening.serveStream(far, deviceKey)
    assert.match(await askThrough(near, '/api/v1/devices'), new RegExp(`^HTTP/1\\.1 ${status} `))
  }
  // The right is the connection's: another one has none of it.
  assert.equal((await fetch(`${world.listening.url}/api/v1/devices`)).status, 401)
})

test('an upgrade inside a device’s stream is refused', async () => {
  await using world = await serverWorld()
  const [near, far] = duplexPair()
  world.listening.serveStream(far, 'owner-device')
  near.write('GET / HTTP/1.1\r\nHost: store\r\nConnection: Upgrade\r\nUpgrade: hyper-store\r\n\r\n')
  assert.match(await text(near), /^HTTP\/1\.1 400 /)
  assert.equal(world.upgraded.length, 0)
})

/** A two-way stream that is none of Node's, as those of device connections are: only the events and methods that count. */
function foreign(stream: Duplex): TwoWayStream {
  return {
    on: (event: string, listener: (value: never) => void) => stream.on(event, listener as () => void),
    write: (chunk) => stream.write(chunk),
    end: () => stream.end(),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    destroy: () => stream.destroy(),
  }
}

test('HTTP over a stream that is not Node’s: many bytes, back pressure, several requests, and its end', async () => {
  await using world = await serverWorld()
  const content = Buffer.alloc(4 * 1024 * 1024, 'abcdefg')
  const drive = memoryDrive(DRIVE_KEY, { big: content })
  world.store.drives.set(DRIVE_KEY, drive)
  const get = (more: string) => `GET /gateway/${DRIVE_KEY}/big HTTP/1.1\r\nHost: store\r\n${more}\r\n`

  const [near, far] = duplexPair()
  world.listening.serveStream(foreign(far), 'owner-device')
  near.write(get('') + get('Connection: close\r\n'))
  const got = await buffer(near)
  const first = got.indexOf('\r\n\r\n') + 4
  assert.ok(got.subarray(first, first + content.byteLength).equals(content))
  assert.ok(got.subarray(-content.byteLength).equals(content))
  assert.ok(got.byteLength > 2 * content.byteLength)

  const [slow, other] = duplexPair()
  world.listening.serveStream(foreign(other), 'owner-device')
  drive.bytesRead = 0
  slow.write(get(''))
  await until(() => drive.bytesRead > 0)
  let before = -1
  await until(() => {
    const still = before === drive.bytesRead
    before = drive.bytesRead
    return still
  })
  assert.ok(drive.bytesRead < content.byteLength / 2, 'a reader that takes nothing holds the reading back')
  other.destroy()
  await until(() => drive.stopped === 1)
  slow.destroy()
})

test('HTTP goes through a real Noise connection on an upgraded socket', async () => {
  const noises: NoiseSecretStream[] = []
  const noiseOver = (initiator: boolean, raw: Duplex): Duplex => {
    const noise = new NoiseSecretStream(initiator, raw)
    noise.on('error', () => undefined)
    noises.push(noise)
    return socketOver(noise as unknown as TwoWayStream)
  }
  await using world = await serverWorld({ onUpgrade: (raw) => world.listening.serveStream(noiseOver(false, raw), 'owner-device') })
  const content = Buffer.alloc(8 * 1024 * 1024, 'abcdefg')
  world.store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { big: content }))
  const raw = net.connect(world.listening.port, '127.0.0.1')
  raw.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: hyper-store\r\n\r\n')
  await once(raw, 'data')
  const near = noiseOver(true, raw)
  const get = (path: string, more: string) => `GET ${path} HTTP/1.1\r\nHost: store\r\n${more}\r\n`
  near.write(get('/api/v1/devices', '') + get(`/gateway/${DRIVE_KEY}/big`, 'Connection: close\r\n'))
  const got = await buffer(near)
  assert.match(got.subarray(0, 20).toString(), /^HTTP\/1\.1 200 /)
  assert.ok(got.subarray(-content.byteLength).equals(content))
  for (const noise of noises) noise.destroy()
})

test('closing ends the streams of devices too', async () => {
  const world = await serverWorld()
  const [near, far] = duplexPair()
  world.listening.serveStream(far, 'owner-device')
  await world.listening.close()
  await until(() => far.destroyed)
  const [late, refused] = duplexPair()
  world.listening.serveStream(refused, 'owner-device')
  assert.equal(refused.destroyed, true)
  near.destroy()
  late.destroy()
})
