/** Shows which DHT options follow from which bootstrap addresses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dhtOptions, parseNodeAddress } from './dht-node.ts'

test('parseNodeAddress() takes host:port and nothing else', () => {
  assert.deepEqual(parseNodeAddress('node.example.org:49737'), { host: 'node.example.org', port: 49737 })
  for (const bad of ['', 'x', ':1', 'x:', 'x:0', 'x:65536', 'x:1x', 'http://x:1', 'a b:1', '[::1]:1', '-a:1', `${'a'.repeat(300)}:1`]) {
    assert.equal(parseNodeAddress(bad), null, bad)
  }
})

test('dhtOptions() stays on loopback when all bootstrap nodes are there, and only then', () => {
  assert.deepEqual(dhtOptions(['127.0.0.1:1', 'localhost:2']), {
    bootstrap: [
      { host: '127.0.0.1', port: 1 },
      { host: '127.0.0.1', port: 2 },
    ],
    host: '127.0.0.1',
    firewalled: false,
  })
  assert.deepEqual(dhtOptions(['127.0.0.1:1', '10.0.0.1:2']).host, undefined)
  assert.deepEqual(dhtOptions([]), {})
  assert.throws(() => dhtOptions(['nowhere']), TypeError)
})
