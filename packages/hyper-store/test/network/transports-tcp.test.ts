/** Connections over a provider's port on real loopback sockets: dial, talk, reconnect, refuse, settle. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { errorCode } from '@hyper-store/client/contract'
import type { PeerConnection } from '../../src/hyper/transports/noise-connection.ts'
import { shakeHands } from '../../src/hyper/transports/noise-connection.ts'
import { loadIdentity } from '../../src/hyper/transports/identity.ts'
import { needsAPerson, ProviderDialer } from '../../src/hyper/transports/provider-dialer.ts'
import { dialUpgrade } from '../../src/hyper/transports/upgrade.ts'
import { connectionTo, makeDevice, talk, until } from '../fixtures/transports.ts'
import type { TestDevice } from '../fixtures/transports.ts'

const signal = new AbortController().signal

/** One connection, not kept up. */
async function dial(from: TestDevice, to: TestDevice): Promise<PeerConnection> {
  const raw = await dialUpgrade(new URL(to.url), { signal })
  return from.book.shakeHands(raw, { initiator: true, via: 'provider', address: null })
}

test('a device dials a store through its HTTP port and both talk', async () => {
  await using pi = await makeDevice()
  await using laptop = await makeDevice({ listen: false })
  const dialer = new ProviderDialer({ url: pi.url, book: laptop.book, expectedDeviceKey: pi.deviceKey })
  const here = await connectionTo(laptop, pi)
  const there = await connectionTo(pi, laptop)
  assert.deepEqual([here.via, here.initiator, here.address], ['provider', true, `127.0.0.1:${pi.port}`])
  assert.deepEqual([there.via, there.initiator, there.deviceKey], ['direct', false, laptop.deviceKey])
  assert.equal(await talk(here, there, 'hello'), 'hello')
  assert.equal(await talk(there, here, 'good day'), 'good day')
  assert.deepEqual([dialer.state.state, dialer.state.deviceKey, dialer.state.error], ['connected', pi.deviceKey, null])
  assert.equal(await (await fetch(pi.url)).text(), 'a page', 'the port still serves pages')
  await dialer.close()
  await until('both have noticed the end', () => laptop.book.size + pi.book.size === 0)
})

test('a dialer connects again after the store went away and came back on the same port', async () => {
  await using pi = await makeDevice()
  await using laptop = await makeDevice({ listen: false })
  const dialer = new ProviderDialer({ url: pi.url, book: laptop.book })
  await connectionTo(laptop, pi)
  await pi.stopListening()
  await until('the dialer has failed', () => errorCode(dialer.state.error) === 'PROVIDER_UNREACHABLE')
  await until('the dialer waits', () => dialer.state.state === 'waiting')
  assert.equal(needsAPerson(dialer.state.error), false)
  await pi.listen()
  const again = await connectionTo(laptop, pi)
  assert.equal(await talk(again, await connectionTo(pi, laptop), 'back'), 'back')
  await dialer.close()
})

test('a kicked dialer tries at once', async () => {
  await using pi = await makeDevice()
  await using laptop = await makeDevice({ listen: false })
  await pi.stopListening()
  const waits: number[] = []
  const clock = {
    now: () => 0,
    // A wait that only a kick ends.
    sleep: (ms: number, options?: { signal?: AbortSignal | undefined }) => {
      waits.push(ms)
      return new Promise<void>((resolve) => options?.signal?.addEventListener('abort', () => resolve()))
    },
  }
  const dialer = new ProviderDialer({ url: pi.url, book: laptop.book, clock, random: () => 0.5 })
  await until('the dialer waits', () => dialer.state.state === 'waiting')
  assert.equal(dialer.state.retryAt, 250)
  await pi.listen()
  dialer.kick()
  await connectionTo(laptop, pi)
  assert.deepEqual(waits, [250])
  await dialer.close()
})

test('a dialer that expects another device refuses the one that answers', async () => {
  await using pi = await makeDevice()
  await using laptop = await makeDevice({ listen: false })
  const expectedDeviceKey = loadIdentity(randomBytes(32)).deviceKey
  const dialer = new ProviderDialer({ url: pi.url, book: laptop.book, expectedDeviceKey })
  await until('it is refused', () => errorCode(dialer.state.error) === 'FORBIDDEN')
  assert.equal(needsAPerson(dialer.state.error), true)
  assert.equal(laptop.book.size, 0)
  await dialer.close()
  await until('the store has noticed', () => pi.book.size === 0)
})

test('a web server that is no store is named as such', async () => {
  const server = http.createServer((_, response) => response.end('welcome'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await assert.rejects(dialUpgrade(url, { signal }), { code: 'NOT_A_STORE' })
  server.close()
  server.closeAllConnections()
})

test('a port that takes the connection and says nothing is given up in time', async () => {
  const server = net.createServer(() => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await assert.rejects(dialUpgrade(url, { signal, timeoutMs: 50 }), { code: 'PROVIDER_UNREACHABLE' })
  server.close()
})

test('garbage in place of Noise closes the socket and harms nothing', async () => {
  await using pi = await makeDevice({ maxHandshakes: 8 })
  for (const garbage of [
    randomBytes(3),
    randomBytes(200),
    randomBytes(1 << 20),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(64, 255),
  ]) {
    const socket = net.connect(pi.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: hyper-store\r\n\r\n')
    socket.write(garbage)
    socket.end()
    socket.resume()
    await new Promise((resolve) => socket.once('close', resolve))
  }
  await until('nothing is left', () => !pi.book.full)
  assert.equal(pi.book.size, 0)
  await using laptop = await makeDevice({ listen: false })
  const connection = await dial(laptop, pi)
  assert.equal(connection.deviceKey, pi.deviceKey)
})

test('a stranger that shakes no hand is cut off at the timeout, and counts against the limit until then', async () => {
  const [left, right] = await socketPair()
  await assert.rejects(
    shakeHands(left, { keyPair: loadIdentity(randomBytes(32)).keyPair, initiator: false, via: 'direct', address: null, timeoutMs: 50 }),
    {
      code: 'NOT_A_STORE',
    },
  )
  await until('the socket is closed', () => left.destroyed)
  right.destroy()

  await using pi = await makeDevice({ maxHandshakes: 2 })
  const silent = await Promise.all([dialUpgrade(new URL(pi.url), { signal }), dialUpgrade(new URL(pi.url), { signal })])
  await until('the book is full', () => pi.book.full)
  await assert.rejects(dialUpgrade(new URL(pi.url), { signal }), { code: 'PROVIDER_UNREACHABLE' })
  for (const socket of silent) socket.destroy()
  await until('there is room again', () => !pi.book.full)
})

test('two devices that dial each other end with the same one connection', async () => {
  for (let round = 0; round < 5; round++) {
    await using a = await makeDevice()
    await using b = await makeDevice()
    const opened = [countOpened(a), countOpened(b)]
    await Promise.all([dial(a, b), dial(b, a)])
    await until('both know both', () => opened.every((count) => count() === 2))
    await until('one is left', () => a.book.size === 1 && b.book.size === 1)
    const [here, there] = [await connectionTo(a, b), await connectionTo(b, a)]
    assert.deepEqual(here.stream.handshakeHash, there.stream.handshakeHash)
    assert.equal(here.initiator, a.deviceKey < b.deviceKey, 'the smaller key dialled it')
    assert.equal(await talk(here, there, 'one'), 'one')
  }
})

test('of two that one side dialled the newer stays', async () => {
  await using a = await makeDevice({ listen: false })
  await using b = await makeDevice()
  const opened = countOpened(b)
  await dial(a, b)
  const newer = await dial(a, b)
  await until('both know both', () => opened() === 2)
  await until('one is left', () => a.book.size === 1 && b.book.size === 1)
  assert.equal(a.book.current(b.deviceKey), newer)
})

test('a better connection that is dead does not cost the living one', async () => {
  await using a = await makeDevice()
  await using b = await makeDevice()
  // The one that the rule prefers, through a relay that then falls silent as a pulled cable does.
  const [small, large] = a.deviceKey < b.deviceKey ? [a, b] : [b, a]
  let cut = false
  const relay = net.createServer((socket) => {
    const onward = net.connect(large.port, '127.0.0.1')
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.on('data', (data) => cut || to.write(data))
      from.on('error', () => {})
      from.on('close', () => to.destroy())
    }
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const raw = await dialUpgrade(new URL(`http://127.0.0.1:${(relay.address() as AddressInfo).port}`), { signal })
  const preferred = await small.book.shakeHands(raw, { initiator: true, via: 'provider', address: null })
  await until('both know it', () => large.book.size === 1)
  cut = true
  const living = await dial(large, small)
  await until('both have two', () => small.book.size === 2 && large.book.size === 2)
  const settled = Date.now() + 500
  await until('several overlaps passed', () => Date.now() > settled)
  assert.equal(living.closed, false)
  preferred.close()
  await until('the dead one is gone', () => large.book.current(small.deviceKey) === living && small.book.size === 1)
  relay.close()
})

test('two dialers for one device share its one connection', async () => {
  await using pi = await makeDevice()
  await using laptop = await makeDevice({ listen: false })
  const dialers = [
    new ProviderDialer({ url: pi.url, book: laptop.book }),
    new ProviderDialer({ url: pi.url, book: laptop.book, via: 'lan' }),
  ]
  await until(
    'one is left',
    () => dialers.every((dialer) => dialer.state.state === 'connected') && laptop.book.size === 1 && pi.book.size === 1,
  )
  let opened = 0
  laptop.book.on('open', () => opened++)
  const later = Date.now() + 600
  await until('time passed', () => Date.now() > later)
  assert.equal(opened, 0, 'neither dials while the device is connected')
  await Promise.all(dialers.map((dialer) => dialer.close()))
})

test('a connection to ourselves is refused and is not taken for a twin', async () => {
  await using pi = await makeDevice()
  let twins = 0
  pi.book.on('twin', () => twins++)
  await assert.rejects(dial(pi, pi), { code: 'FORBIDDEN' })
  const later = Date.now() + 1_300
  await until('the echo time passed', () => Date.now() > later)
  assert.deepEqual([pi.book.size, twins], [0, 0])
})

test('a copy of this store, running elsewhere, is noticed on both sides', async () => {
  const seed = randomBytes(32)
  await using pi = await makeDevice({ seed })
  await using copy = await makeDevice({ seed })
  const noticed = new Set<string>()
  pi.book.on('twin', () => noticed.add('pi'))
  copy.book.on('twin', () => noticed.add('copy'))
  await assert.rejects(dial(copy, pi), { code: 'FORBIDDEN' })
  await until('both have noticed', () => noticed.size === 2)
  assert.equal(pi.book.size + copy.book.size, 0)
})

test('the limit of connections holds', async () => {
  await using pi = await makeDevice({ maxConnections: 2 })
  await using a = await makeDevice({ listen: false })
  await using b = await makeDevice({ listen: false })
  await using c = await makeDevice({ listen: false })
  await dial(a, pi)
  await dial(b, pi)
  await until('two are in', () => pi.book.size === 2)
  await assert.rejects(dial(c, pi), { code: 'PROVIDER_UNREACHABLE' })
})

function countOpened(device: TestDevice): () => number {
  let opened = 0
  device.book.on('open', () => opened++)
  return () => opened
}

async function socketPair(): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[net.Socket]>
  const left = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [right] = await accepted
  server.close()
  return [left, right]
}
