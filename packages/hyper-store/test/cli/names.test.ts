/** Names in links, looked up at a real DNS server on loopback. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import packet from 'dns-packet'
import { errorCode } from '@hyper-store/client'
import { RESOLVER_VARIABLE, resolveName } from '../../src/cli/names.ts'
import { createWorld } from './world.ts'

const KEY = 'y'.repeat(52)

/** Answers TXT questions out of a table; other names are not there. */
async function dnsServer(records: Readonly<Record<string, readonly string[]>>): Promise<{ env: NodeJS.ProcessEnv } & Disposable> {
  const socket = createSocket('udp4')
  socket.on('message', (message, { address, port }) => {
    const { id, questions } = packet.decode(message)
    const answers = (questions ?? []).flatMap(({ name }) =>
      (records[name] ?? []).map((text) => ({ type: 'TXT' as const, name, ttl: 1, data: [Buffer.from(text)] })),
    )
    // 3: there is no such name.
    socket.send(
      packet.encode({ type: 'response', id: id ?? 0, flags: answers.length === 0 ? 3 : 0, questions: questions ?? [], answers }),
      port,
      address,
    )
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as AddressInfo
  return { env: { [RESOLVER_VARIABLE]: `127.0.0.1:${port}` }, [Symbol.dispose]: () => void socket.close() }
}

test('a name in a link becomes the key of its TXT record; version, path and secret stay', async () => {
  using dns = await dnsServer({ 'ana.example': ['v=spf1 -all', `hyperkey=${KEY}`] })
  assert.equal(await resolveName('hyper://ana.example+12/photos/a.jpg', dns.env), `hyper://${KEY}+12/photos/a.jpg`)
})

test('records of dat and of dnslink are read too', async () => {
  using dns = await dnsServer({ 'old.example': [`datkey=${'0'.repeat(64)}`], '_dnslink.new.example': [`dnslink=/hyper/${KEY}`] })
  assert.equal(await resolveName('hyper://old.example', dns.env), `hyper://${KEY}`)
  assert.equal(await resolveName('hyper://new.example/', dns.env), `hyper://${KEY}/`)
})

test('a name that leads nowhere, and a record that holds no key, are told as such', async () => {
  using dns = await dnsServer({ 'bad.example': [`hyperkey=${'0'.repeat(60)}`] })
  for (const name of ['none.example', 'bad.example']) {
    await assert.rejects(resolveName(`hyper://${name}/x`, dns.env), (error) => errorCode(error) === 'NAME_NOT_RESOLVED')
  }
})

test('keys, paths and other texts are left alone, without a question to anybody', async () => {
  for (const text of [`hyper://${KEY}/a`, './photos', 'photos', 'https://ana.example/']) assert.equal(await resolveName(text, {}), text)
})

test('a command takes a name where a resolver is configured, and says what is missing where none is', async () => {
  using dns = await dnsServer({})
  await using world = await createWorld()
  const without = await world.run('ana', ['info', 'hyper://ana.example'])
  assert.equal(without.code, 2)
  assert.match(without.stderr, /no resolver is configured/)
  assert.equal((await world.run('ana', ['info', 'hyper://ana.example'], dns.env)).code, 6)
})
