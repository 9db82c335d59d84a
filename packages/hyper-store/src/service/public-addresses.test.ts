/** Tests of which addresses are public. */
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { isPublic } from './public-addresses.ts'

test('addresses of the own machine, its networks, and ways around are not public', () => {
  const kept = ['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '192.0.2.1']
  const new6 = ['::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', 'ff02::1']
  const beside = [
    '::127.0.0.1',
    '::7f00:1',
    '200::1',
    '300:aaaa::1',
    '4000::1',
    'fe00::1',
    '2001:0:1::1',
    '::ffff:0:127.0.0.1',
    'fe80::1%lo',
  ]
  for (const address of [...kept, ...new6, ...beside, 'example.org', '', '127.1.1.1.1', '255.255.255.255', '240.0.0.1'])
    assert.equal(isPublic(address, 443), false, address)
})

test('addresses of the internet are public, at ports where pages are', () => {
  for (const address of ['93.184.216.34', '2606:2800:220:1::1', '::ffff:93.184.216.34']) assert.equal(isPublic(address, 443), true, address)
  for (const port of [80, 443, 1024, 8080, 65535]) assert.equal(isPublic('93.184.216.34', port), true, String(port))
  for (const port of [0, 22, 25, 445, 1023]) assert.equal(isPublic('93.184.216.34', port), false, String(port))
})

test('devices in the networks of this machine are not public, though their addresses look so', () => {
  const networks = ['2606:4700:1:2::1/64', '93.184.216.1/24', '127.0.0.1/8']
  for (const address of ['2606:4700:1:2::9', '93.184.216.34', '::ffff:93.184.216.34'])
    assert.equal(isPublic(address, 443, networks), false, address)
  for (const address of ['2606:4700:1:3::9', '93.184.217.34']) assert.equal(isPublic(address, 443, networks), true, address)
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  for (const { address } of own) assert.equal(isPublic(address, 443), false, address)
})
