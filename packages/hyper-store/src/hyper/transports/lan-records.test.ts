/** Shows what stores announce on the network and that hostile records are left out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announce, asksForUs, askForStores, readSightings, SERVICE } from './lan-records.ts'

const own = { instance: '00ff00ff00ff00ff00ff', port: 3472 }
const packet = announce(own, [
  { family: 4, address: '10.0.0.2' },
  { family: 6, address: 'fd00::2' },
])

test('readSightings() reads what announce() says', () => {
  assert.deepEqual(readSightings(packet), [{ instance: own.instance, port: 3472, ttlS: 120 }])
  assert.ok(readSightings(announce(own, [], 0)).every((sighting) => 'gone' in sighting && sighting.instance === own.instance))
})

test('announce() names nothing but the random instance, the port and addresses', () => {
  const text = JSON.stringify(packet).replaceAll(own.instance, '').replaceAll(SERVICE, '')
  assert.doesNotMatch(text, /hyper|drive|key|name=/)
})

test('readSightings() leaves out what is malformed', () => {
  const srv = (name: unknown, data: unknown, ttl: unknown = 120) => ({ name: name as string, type: 'SRV', ttl: ttl as number, data })
  const good = `abc.${SERVICE}`
  const bad = [
    srv(good, { port: 0 }),
    srv(good, { port: 65_536 }),
    srv(good, { port: 1.5 }),
    srv(good, { port: '80' }),
    srv(good, null),
    srv(good, undefined),
    srv(`${'a'.repeat(65)}.${SERVICE}`, { port: 1 }),
    srv(`.${SERVICE}`, { port: 1 }),
    srv(`a.b.${SERVICE}`, { port: 1 }),
    srv(`a\u0000.${SERVICE}`, { port: 1 }),
    srv(`abc._http._tcp.local`, { port: 1 }),
    srv(undefined, { port: 1 }),
    { name: SERVICE, type: 'PTR', ttl: 0, data: Buffer.from('x') },
    { name: SERVICE, type: 'PTR', ttl: 0, data: 'x' },
  ]
  assert.deepEqual(readSightings({ answers: bad }), [])
  assert.deepEqual(readSightings({}), [])
})

test('readSightings() reads no more than 64 records and remembers none for over an hour', () => {
  const many = Array.from({ length: 1_000 }, (_, i) => ({ name: `i${i}.${SERVICE}`, type: 'SRV', ttl: 2 ** 32 - 1, data: { port: 1 } }))
  const sightings = readSightings({ answers: many })
  assert.equal(sightings.length, 64)
  assert.ok(sightings.every((sighting) => !('gone' in sighting) && sighting.ttlS === 3_600))
})

test('asksForUs() is true for the questions of browsers that do not know us', () => {
  assert.equal(asksForUs(askForStores([]), own), 'stores')
  assert.equal(asksForUs(askForStores(['other']), own), 'stores')
  assert.equal(asksForUs(askForStores([own.instance]), own), null)
  assert.equal(asksForUs({ questions: [{ name: `${own.instance}.${SERVICE}`, type: 'SRV' }] }, own), 'stores')
  assert.equal(asksForUs({ questions: [{ name: '_services._dns-sd._udp.local', type: 'PTR' }] }, own), 'services')
  assert.equal(asksForUs({ questions: [{ name: '_http._tcp.local', type: 'PTR' }] }, own), null)
  assert.equal(asksForUs({}, own), null)
})
