/** Calls, errors and events of the client against a server that speaks the contract. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERRORS, createClient } from '@hyper-store/client'
import type { StoreEvent } from '@hyper-store/client'
import { LINK, deferred, makeItem, startFakeStore } from './fake-store.ts'

test('a call sends method, path, token and body as the contract says, and gives the parsed reply', async () => {
  await using store = await startFakeStore(() => ({ json: { ...makeItem(), later: 'field of a newer store' } }))
  const client = createClient({ url: `${store.url}/`, token: 'secret', origin: 'http://page' })
  const item = await client.addFolder({ path: '/a b', provider: 'raspberry' })
  assert.deepEqual(item, makeItem())
  await client.resumeFolder('/a b/c?', { confirm: true })
  await client.resumeFolder('x')
  const lines = store.seen.map((one) => `${one.method} ${one.path}?${one.query.toString()}`)
  assert.deepEqual(lines, [
    'POST /api/v1/folders?',
    'POST /api/v1/folders/%2Fa%20b%2Fc%3F/resume?confirm=true',
    'POST /api/v1/folders/x/resume?',
  ])
  assert.deepEqual(store.seen[0]?.body, { path: '/a b', provider: 'raspberry' })
  assert.equal(store.seen[0]?.headers.authorization, 'Bearer secret')
  assert.equal(store.seen[0]?.headers.origin, 'http://page')
})

test('provider() sends the same calls through the store, and "local" is the store itself', async () => {
  await using store = await startFakeStore(() => ({ json: [] }))
  const client = createClient({ url: store.url })
  await client.provider('my pi').listFolders()
  await client.provider('local').listFolders()
  assert.deepEqual(
    store.seen.map((one) => one.path),
    ['/api/v1/providers/my%20pi/api/folders', '/api/v1/folders'],
  )
})

test('a request that the contract refuses is not sent', async () => {
  await using store = await startFakeStore(() => ({ json: null }))
  const client = createClient({ url: store.url })
  await assert.rejects(client.addFolder({ title: '' }), { code: 'BAD_REQUEST' })
  for (const ref of ['', '.', '..']) await assert.rejects(client.getFolder(ref), { code: 'BAD_REQUEST' })
  assert.equal(store.seen.length, 0)
})

test('an error body becomes an AppError with its code, data and sentence', async () => {
  await using store = await startFakeStore((seen) => {
    const code = seen.path.split('/').at(-1) ?? ''
    return {
      status: code in ERRORS ? ERRORS[code as keyof typeof ERRORS].status : 418,
      json: { error: { code, message: `about ${code}`, data: { a: 1 } } },
    }
  })
  const client = createClient({ url: store.url })
  for (const code of Object.keys(ERRORS)) {
    await assert.rejects(client.getFolder(code), { name: 'AppError', code, message: `about ${code}`, data: { a: 1 } })
  }
  await assert.rejects(client.getFolder('FROM_THE_FUTURE'), { code: 'BAD_REQUEST', message: 'about FROM_THE_FUTURE' })
})

test('an answer that is not of a store is NOT_A_STORE', async () => {
  await using store = await startFakeStore((seen, response) => {
    if (seen.path.endsWith('/shape')) return { json: { hello: 'world' } }
    response.writeHead(seen.path.endsWith('/page') ? 200 : 404, { 'content-type': 'text/html' })
    response.end('<h1>router</h1>')
    return undefined
  })
  const client = createClient({ url: store.url })
  for (const ref of ['page', 'shape', 'missing']) await assert.rejects(client.getFolder(ref), { code: 'NOT_A_STORE' })
})

test('a store that does not answer is SERVICE_UNREACHABLE here and PROVIDER_UNREACHABLE elsewhere', async () => {
  await using store = await startFakeStore(() => ({ json: [] }))
  const { url } = store
  await store[Symbol.asyncDispose]()
  await assert.rejects(createClient({ url }).listFolders(), { code: 'SERVICE_UNREACHABLE' })
  const away = createClient({ url: 'http://raspberrypi.local:3472', fetch: () => Promise.reject(new TypeError('fetch failed')) })
  await assert.rejects(away.listFolders(), { code: 'PROVIDER_UNREACHABLE', message: /raspberrypi\.local:3472/ })
})

test('a signal stops a call with CANCELLED, also while the reply is read', async () => {
  const started = deferred()
  await using store = await startFakeStore((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('[')
    started.resolve()
    return undefined
  })
  const stop = new AbortController()
  const call = createClient({ url: store.url }).listFolders({ signal: stop.signal })
  await started.promise
  stop.abort()
  await assert.rejects(call, { code: 'CANCELLED' })
})

const removed = (link: string): StoreEvent => ({ event: 'removed', at: '2026-11-03T10:32:05.000Z', link })
const line = (event: unknown) => `data: ${JSON.stringify(event)}\n\n`

test('events() reconnects after a break, leaves unknown events out, and closes its connection when left', async () => {
  const closed = [deferred(), deferred()]
  await using store = await startFakeStore((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const nth = store.seen.length - 1
    response.on('close', () => closed[nth]?.resolve())
    response.write(`: hello\n\n${line({ event: 'from-the-future' })}data: {broken\n\n${line(removed(`hyper://${store.seen.length}`))}`)
    if (store.seen.length === 1) response.end()
    return undefined
  })
  const links: string[] = []
  const states: boolean[] = []
  for await (const event of createClient({ url: store.url }).events({ folder: LINK, onConnection: (up) => states.push(up) })) {
    if (event.event === 'removed') links.push(event.link)
    if (links.length === 2) break
  }
  assert.deepEqual(links, ['hyper://1', 'hyper://2'])
  assert.deepEqual(states, [true, false, true])
  assert.equal(store.seen[0]?.query.get('folder'), LINK)
  await Promise.all(closed.map((one) => one.promise))
})

test('events() throws when the first connection is refused or a right is taken away, and ends quietly when aborted', async () => {
  let refuse = false
  await using store = await startFakeStore((_, response) => {
    if (refuse) return { status: 403, json: { error: { code: 'FORBIDDEN', message: 'no', data: {} } } }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(line(removed(LINK)))
    return undefined
  })
  const client = createClient({ url: store.url })
  const stop = new AbortController()
  for await (const event of client.events({ signal: stop.signal })) {
    assert.equal(event.event, 'removed')
    stop.abort()
  }
  refuse = true
  await assert.rejects(client.events().next(), { code: 'FORBIDDEN' })
})
