/** How links to a folder are written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewayAddress, hyperLink, isLocalAddress } from './share-links.ts'

test('names are escaped part by part, and folders end with a slash', () => {
  assert.equal(gatewayAddress('http://pi:3472/', 'key', { path: '', isFolder: true }), 'http://pi:3472/gateway/key/')
  assert.equal(
    gatewayAddress('http://pi', 'key', { path: 'a b/<c>#?.jpg', isFolder: false }),
    'http://pi/gateway/key/a%20b/%3Cc%3E%23%3F.jpg',
  )
  assert.equal(gatewayAddress('http://pi', 'key', { path: 'a b', isFolder: true }), 'http://pi/gateway/key/a%20b/')
  assert.equal(hyperLink('hyper://key', 'a b'), 'hyper://key/a%20b')
  assert.equal(hyperLink('hyper://key', ''), 'hyper://key')
})

test('an address of this machine alone is told apart', () => {
  assert.deepEqual(['http://127.0.0.1:1', 'http://localhost', 'http://[::1]:3', 'http://pi.local', 'none'].map(isLocalAddress), [
    true,
    true,
    true,
    false,
    false,
  ])
})
