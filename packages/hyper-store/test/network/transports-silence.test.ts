/** A device whose cable is pulled says nothing more: the other side notices in time, and both meet again afterwards. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDevice } from '../fixtures/device-process.ts'
import { makeNetwork, whyNoNamespaces } from '../fixtures/namespaces.ts'

test('a pulled cable is noticed within 30 s, and the connection comes back by itself', { skip: whyNoNamespaces() }, async () => {
  using network = makeNetwork(2)
  const pi = await startDevice({ listen: '0.0.0.0' }, network.hosts[0])
  const dial = `http://${network.addresses[0]}:${String(pi.lines[0]?.['port'])}`
  const laptop = await startDevice({ dial }, network.hosts[1])
  await pi.line('a connection', ({ event }) => event === 'open')
  network.setLink(1, 'down')
  await Promise.all([pi, laptop].map((device) => device.line('the end', ({ event }) => event === 'close', 30_000)))
  network.setLink(1, 'up')
  laptop.send('kick')
  await pi.line('a second connection', () => pi.lines.filter(({ event }) => event === 'open').length === 2)
  assert.deepEqual(await Promise.all([pi.end(), laptop.end()]), [0, 0])
})
