/** Stores find each other on a local network without internet: real multicast between network namespaces. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { startDevice } from '../fixtures/device-process.ts'
import type { DeviceProcess } from '../fixtures/device-process.ts'
import { makeNetwork, whyNoNamespaces } from '../fixtures/namespaces.ts'
import { until } from '../fixtures/transports.ts'

const skip = whyNoNamespaces()

const keyOf = (device: DeviceProcess): unknown => device.lines.find(({ event }) => event === 'ready')?.['deviceKey']
const opened = (device: DeviceProcess, other: DeviceProcess) =>
  device.line('a connection', ({ event, deviceKey }) => event === 'open' && deviceKey === keyOf(other))

test('two stores that listen find each other and settle on one connection', { skip }, async () => {
  using network = makeNetwork(2)
  const [a, b] = await Promise.all(network.hosts.map((host) => startDevice({ listen: '0.0.0.0', lan: true }, host)))
  assert.ok(a && b)
  const [here, there] = await Promise.all([opened(a, b), opened(b, a)])
  assert.deepEqual(new Set([here['via'], there['via']]), new Set(['direct', 'lan']), 'one side dialled')
  assert.deepEqual(await Promise.all([a.end(), b.end()]), [0, 0], 'nothing keeps the processes alive')
})

test('a store on loopback only announces nothing and dials the one that listens', { skip }, async () => {
  using network = makeNetwork(3)
  const listener = await startDevice({ listen: '0.0.0.0', lan: true }, network.hosts[0])
  const laptops = await Promise.all([1, 2].map((i) => startDevice({ listen: null, lan: true }, network.hosts[i])))
  for (const laptop of laptops) {
    const here = await opened(laptop, listener)
    assert.equal(here['via'], 'lan')
    assert.match(String(here['address']), /^10\.77\.0\.1:\d+$/)
  }
  const [first, second] = laptops
  assert.ok(first && second)
  first.send('state')
  const state = await first.line('the state', ({ event }) => event === 'state')
  assert.equal((state['lan'] as { stores: number }).stores, 1, 'the other laptop is not seen')
  assert.deepEqual(await Promise.all([listener, first, second].map((device) => device.end())), [0, 0, 0])
})

test('a store whose network comes up later is found then, and one that is killed and started again too', { skip }, async () => {
  using network = makeNetwork(2)
  network.setLink(1, 'down')
  const a = await startDevice({ listen: '0.0.0.0', lan: true }, network.hosts[0])
  const b = await startDevice({ listen: '0.0.0.0', lan: true }, network.hosts[1])
  network.setLink(1, 'up')
  b.send('kick')
  await Promise.all([opened(a, b), opened(b, a)])
  b.process.kill('SIGKILL')
  await once(b.process, 'exit')
  await a.line('the end', ({ event, deviceKey }) => event === 'close' && deviceKey === keyOf(b))
  const again = await startDevice({ listen: '0.0.0.0', lan: true }, network.hosts[1])
  await Promise.all([opened(a, again), opened(again, a)])
  assert.deepEqual(await Promise.all([a.end(), again.end()]), [0, 0])
})

test('without any network looking around harms nothing', { skip }, async () => {
  using network = makeNetwork(1)
  network.setLink(0, 'down')
  const a = await startDevice({ listen: '0.0.0.0', lan: true }, network.hosts[0])
  a.send('kick')
  a.send('state')
  await a.line('the state', ({ event }) => event === 'state')
  assert.equal(await a.end(), 0)
})

test('where the port of multicast DNS cannot be had the state says so, and it goes on once it can', { skip }, async (t) => {
  using network = makeNetwork(1)
  const bind = "require('node:dgram').createSocket('udp4').bind(5353, () => console.log('bound'))"
  const holder = spawn('ip', ['netns', 'exec', network.hosts[0] ?? '', process.execPath, '-e', bind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => holder.kill())
  await once(holder.stdout, 'data')
  const a = await startDevice({ listen: '0.0.0.0', lan: true }, network.hosts[0])
  const problem = async () => {
    const before = a.lines.length
    a.send('state')
    const { lan } = await a.line('the state', (line) => line.event === 'state' && a.lines.indexOf(line) >= before)
    return (lan as { interfaces: { problem: string | null }[] }).interfaces[0]?.problem
  }
  await until('a problem is told', async () => /EADDRINUSE/.test((await problem()) ?? ''))
  holder.kill()
  await once(holder, 'exit')
  a.send('kick')
  await until('the problem is gone', async () => (await problem()) === null)
  assert.equal(await a.end(), 0)
})
