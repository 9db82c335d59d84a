/** Hyperswarm over a private DHT on loopback: topics, device keys, the preference for TCP, a machine without a network. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { startBootstrapNode } from '../../src/hyper/transports/dht-node.ts'
import { Internet } from '../../src/hyper/transports/internet.ts'
import { ProviderDialer } from '../../src/hyper/transports/provider-dialer.ts'
import { createTestnet } from '../fixtures/testnet.ts'
import { connectionTo, makeDevice, talk, until } from '../fixtures/transports.ts'

test('two devices that joined one topic connect and talk', async () => {
  await using testnet = await createTestnet()
  await using a = await makeDevice({ listen: false })
  await using b = await makeDevice({ listen: false })
  const left = new Internet({ book: a.book, dht: testnet.createNode() })
  const right = new Internet({ book: b.book, dht: testnet.createNode() })
  const topic = randomBytes(32)
  left.join(topic)
  await until('the first one is online', () => left.state.state === 'online')
  right.join(topic)
  // The one that came first may not be announced yet when the second looks.
  const looking = setInterval(() => right.kick(), 500)
  const here = await connectionTo(a, b)
  clearInterval(looking)
  assert.equal(here.via, 'internet')
  assert.match(here.address ?? '', /^127\.0\.0\.1:\d+$/)
  assert.equal(await talk(here, await connectionTo(b, a), 'hello'), 'hello')
  assert.equal(left.state.topics, 1)
  await Promise.all([left.close(), right.close()])
  assert.equal(left.state.state, 'off')
})

test('bootstrap nodes on loopback keep a whole program on loopback, and a device is reached by its key', async () => {
  await using testnet = await createTestnet()
  await using a = await makeDevice({ listen: false })
  await using b = await makeDevice({ listen: false })
  const left = new Internet({ book: a.book, bootstrap: testnet.bootstrap })
  const right = new Internet({ book: b.book, bootstrap: testnet.bootstrap })
  await until('both are online', () => left.state.state === 'online' && right.state.state === 'online')
  left.connectToDevice('no key')
  left.connectToDevice(a.deviceKey)
  left.connectToDevice(b.deviceKey)
  const trying = setInterval(() => left.kick(), 500)
  const first = await connectionTo(a, b)
  first.close()
  await until('it is connected again', () => a.book.current(b.deviceKey) !== null && a.book.current(b.deviceKey) !== first)
  clearInterval(trying)
  await Promise.all([left.close(), right.close()])
})

test('TCP takes over from the internet, which comes back when TCP ends', async () => {
  await using testnet = await createTestnet()
  await using pi = await makeDevice()
  await using laptop = await makeDevice({ listen: false })
  const left = new Internet({ book: laptop.book, dht: testnet.createNode() })
  const right = new Internet({ book: pi.book, dht: testnet.createNode() })
  await until('both are online', () => left.state.state === 'online' && right.state.state === 'online')
  left.connectToDevice(pi.deviceKey)
  const trying = setInterval(() => left.kick(), 500)
  assert.equal((await connectionTo(laptop, pi)).via, 'internet')
  const raw = new ProviderDialer({ url: pi.url, book: laptop.book })
  // Connected already: the dialer that does not know whom it will meet dials once, and the better connection stays.
  await until(
    'only TCP is left',
    () => laptop.book.size === 1 && laptop.book.current(pi.deviceKey)?.via === 'provider' && pi.book.size === 1,
  )
  await raw.close()
  await until('the internet is back', () => laptop.book.current(pi.deviceKey)?.via === 'internet')
  clearInterval(trying)
  await Promise.all([left.close(), right.close()])
})

test('without anybody that answers nothing fails and closing is quick', async () => {
  await using a = await makeDevice({ listen: false })
  const internet = new Internet({ book: a.book, bootstrap: ['127.0.0.1:9'] })
  const topic = randomBytes(32)
  internet.join(topic)
  internet.join(topic)
  internet.connectToDevice((await makeDevice({ listen: false })).deviceKey)
  internet.kick()
  internet.leave(topic)
  internet.join(randomBytes(32))
  assert.notEqual(internet.state.state, 'online')
  const start = Date.now()
  await internet.close()
  assert.ok(Date.now() - start < 5_000)
})

test('a store can be the bootstrap node of a site', async () => {
  const port = await freeUdpPort()
  const node = await startBootstrapNode({ host: '127.0.0.1', port })
  await using a = await makeDevice({ listen: false })
  const internet = new Internet({ book: a.book, bootstrap: [node.address] })
  await until('it found the node', () => internet.state.nodes > 0)
  await internet.close()
  await node.close()
  await assert.rejects(startBootstrapNode({ host: '0.0.0.0', port }), TypeError)
})

async function freeUdpPort(): Promise<number> {
  const socket = dgram.createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}
