/** The API over a store in memory: routes, parsing, errors, proxy, events, description, metrics, DEP-0003. */
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { AppError, LIMITS, ROUTES } from '@hyper-store/client/contract'
import type { Route, StoreEvent } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { passedOn } from '../../src/http/provider-proxy.ts'
import { BOARD_ANSWERS, BOARD_BODIES } from '../fixtures/board-answers.ts'
import { codeOf, httpWorld } from '../fixtures/http-world.ts'
import { memoryItem } from '../fixtures/memory-store-api.ts'
import { ROOM_ANSWERS, ROOM_BODIES } from '../fixtures/room-answers.ts'
import { THING_ANSWERS, THING_BODIES, THING_QUERIES } from '../fixtures/thing-answers.ts'

const owner = { token: 'owner-token' }

test('every route of the contract is served and replies in its shape', async () => {
  const bodies: Partial<Record<string, unknown>> = {
    addFolder: { path: '/x', title: 'x' },
    setProvider: { target: 'http://192.0.2.9:3472#code' },
    changeDevice: { name: 'desk', quotaBytes: 1000 },
    createPair: {},
    createBackup: { passphrase: 'long enough' },
    redeemPair: { code: 'right', deviceKey: 'k', name: 'n', proof: 'p' },
    ...ROOM_BODIES,
    ...THING_BODIES,
    ...BOARD_BODIES,
  }
  for (const [operation, row] of Object.entries(ROUTES)) {
    const route: Route = row
    if (route.reply === undefined) continue
    const { ask, store } = httpWorld()
    store.items.push(memoryItem())
    for (const [call, value] of [...ROOM_ANSWERS, ...THING_ANSWERS, ...BOARD_ANSWERS]) store.answers.set(call, value)
    const named = route.path.replace(':folder', 'photos').replace(':name', 'raspberry').replace(':device', 'laptop')
    const path = named.replace(/:\w+/, 'one') + (operation === 'getDiff' ? '?from=1' : (THING_QUERIES[operation] ?? ''))
    const json = bodies[operation]
    const bytes = route.bytes === true ? { body: '', headers: { 'content-type': 'application/octet-stream' } } : {}
    const caller = operation === 'createBackup' ? { token: 'local-token' } : owner
    const response = await ask(path, { ...caller, method: route.method, ...bytes, ...(json === undefined ? {} : { json }) })
    assert.equal(response.status, 200, operation)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    v.parse(route.reply, await response.json())
  }
})

test('references travel in the path, escaped, as key, link, path or title', async () => {
  const { ask, store } = httpWorld()
  const item = memoryItem({ path: '/home/ana/my docs', title: 'Ünïcode & more?' })
  store.items.push(item)
  for (const ref of [item.key, item.link, '/home/ana/my docs', item.title]) {
    const response = await ask(`/api/v1/folders/${encodeURIComponent(ref)}`, owner)
    assert.equal(response.status, 200, ref)
  }
  assert.equal((await ask('/api/v1/folders/%2Fnone', owner)).status, 404)
})

test('queries and defaults reach the store parsed', async () => {
  const { ask, store } = httpWorld()
  store.items.push(memoryItem())
  await ask('/api/v1/folders/photos/resume?confirm=true', { ...owner, method: 'POST' })
  await ask('/api/v1/folders/photos?deleteData=true', { ...owner, method: 'DELETE' })
  await ask('/api/v1/pair', { ...owner, json: {} })
  assert.deepEqual(
    store.calls.map((call) => call.args.at(-1)),
    [{ confirm: true, bringBack: false }, { deleteData: true }, { role: 'owner', expiresS: 600 }],
  )
})

test('bad input is answered 400 with the place of every problem', async () => {
  const { ask, store } = httpWorld()
  const bad: readonly (readonly [string, Parameters<typeof ask>[1], RegExp])[] = [
    ['/api/v1/folders', { json: { path: '', colour: 1 } }, /body\.path: .*; body\.colour: /],
    ['/api/v1/folders', { body: '{', headers: { 'content-type': 'application/json' } }, /not JSON/],
    ['/api/v1/folders', { body: '', method: 'POST', headers: { 'content-type': 'application/json' } }, /not JSON/],
    ['/api/v1/folders', { json: { path: 'x'.repeat(5000) } }, /body\.path/],
    ['/api/v1/folders', { json: [] }, /body/],
    ['/api/v1/folders/x?deleteData=maybe', { method: 'DELETE' }, /query\.deleteData/],
    ['/api/v1/folders/x/ignore?colour=red', {}, /query\.colour/],
    ['/api/v1/folders/%', {}, /percent escape/],
    ['/api/v1/folders/a%00b', {}, /NUL/],
  ]
  for (const [path, init, reason] of bad) {
    const response = await ask(path, { ...owner, ...init })
    assert.equal(response.status, 400, path)
    const { error } = (await response.json()) as { error: { code: string; message: string; data: object } }
    assert.equal(error.code, 'BAD_REQUEST')
    assert.match(error.message, reason)
    assert.equal(typeof error.data, 'object')
  }
  assert.deepEqual(store.calls, [])
})

test('a body above the limit is answered 413, told or found out', async () => {
  const { ask } = httpWorld()
  const json = { path: 'x'.repeat(LIMITS.bodyBytes) }
  for (const headers of [{}, { 'content-length': '9999999' }]) {
    const response = await ask('/api/v1/folders', { ...owner, json, headers: { 'content-type': 'application/json', ...headers } })
    assert.equal(response.status, 413)
    assert.equal(await codeOf(response), 'TOO_LARGE')
  }
})

test('unknown addresses are 404 and unknown methods 405, both as JSON', async () => {
  const { ask } = httpWorld()
  for (const path of ['/api', '/api/', '/api/v1', '/api/v2/folders', '/api/v1/folderz', '/v1/none', '/v1', '/.well-known/other']) {
    const response = await ask(path, owner)
    assert.equal(response.status, 404, path)
    assert.equal(await codeOf(response), 'NOT_FOUND')
  }
  for (const [method, path, allow] of [
    ['DELETE', '/api/v1/store', 'HEAD, GET'],
    ['PATCH', '/api/v1/folders', 'HEAD, GET, POST'],
    ['OPTIONS', '/api/v1/folders', 'HEAD, GET, POST'],
    ['GET', '/api/v1/pair/redeem', 'POST'],
    ['GET', '/v1/dats/add', 'POST'],
    ['OPTIONS', '/api/v1/providers/raspberry/api/store', 'GET, HEAD, POST, PUT, PATCH, DELETE'],
  ] as const) {
    const response = await ask(path, { ...owner, method })
    assert.equal(response.status, 405, `${method} ${path}`)
    assert.equal(response.headers.get('allow'), allow)
    assert.equal(await codeOf(response), 'BAD_REQUEST')
  }
})

test('errors keep to the table, and what is not in it shows nothing of its inside', async () => {
  const { ask, store, defects } = httpWorld()
  store.failure = new AppError('DISK_FULL', { path: '/srv' })
  const known = await ask('/api/v1/folders', owner)
  assert.equal(known.status, 507)
  assert.deepEqual(await known.json(), (store.failure as AppError).toBody())

  for (const failure of [new Error('boom at /secret/place'), Object.assign(new Error('boom'), { code: 'CANCELLED' }), 'text', null]) {
    store.failure = failure ?? new TypeError('null')
    const response = await ask('/api/v1/folders', owner)
    assert.equal(response.status, 500)
    const text = await response.text()
    assert.equal((JSON.parse(text) as { error: { code: string } }).error.code, 'DEFECT')
    assert.doesNotMatch(text, /secret|boom|at .*\.js|node:/)
  }
  assert.equal(defects.length, 4)
})

test('pairing tells the store where a try comes from, and passes on how long to wait', async () => {
  const { ask, store } = httpWorld()
  const json = { code: 'wrong', deviceKey: 'k', name: 'n', proof: 'p' }
  const wrong = await ask('/api/v1/pair/redeem', { json, connection: { remoteAddress: '192.0.2.7' } })
  assert.deepEqual([wrong.status, await codeOf(wrong), store.calls[0]?.args[1]], [403, 'WRONG_CODE', '192.0.2.7'])
  await ask('/api/v1/pair/redeem', { json, connection: { remoteAddress: '', deviceKey: 'stranger' } })
  assert.equal(store.calls[1]?.args[1], 'device:stranger')
  const often = await ask('/api/v1/pair/redeem', { json: { ...json, code: 'too-often' } })
  assert.deepEqual([often.status, often.headers.get('retry-after')], [429, '30'])
})

test('what a store is, is told to anybody in short and to callers with a right in full', async () => {
  const { ask } = httpWorld()
  assert.equal('home' in ((await (await ask('/api/v1/store')).json()) as object), false)
  assert.equal('home' in ((await (await ask('/api/v1/store', { token: 'reader-token' })).json()) as object), true)
  assert.equal((await ask('/api/v1/store', { token: 'wrong' })).status, 200)
})

test('stopping is answered before it is done', async () => {
  const { ask, store } = httpWorld()
  const response = await ask('/api/v1/stop', { ...owner, method: 'POST' })
  assert.deepEqual([await response.json(), store.calls], [{ ok: true }, []])
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(store.calls[0]?.name, 'stop')
})

test('a provider’s API is reached through its owner’s store, without headers of one connection', async () => {
  const { ask, store } = httpWorld()
  store.providerAnswer = {
    status: 201,
    headers: {
      'Content-Type': 'application/json',
      Connection: 'close, X-Hop',
      'X-Hop': '1',
      'Keep-Alive': 'x',
      'Set-Cookie': 'a=b',
      'Access-Control-Allow-Origin': '*',
      'X-Kept': 'yes',
    },
    body: new Response('{"a":1}').body,
  }
  const response = await ask('/api/v1/providers/raspberry/api/folders/hyper%3A%2F%2Fx/ignore?test=a%2Fb', {
    ...owner,
    json: { b: 2 },
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  })
  assert.equal(response.status, 201)
  assert.deepEqual(await response.json(), { a: 1 })
  const names = [...response.headers.keys()].sort()
  assert.deepEqual(names, ['cache-control', 'content-security-policy', 'content-type', 'x-content-type-options', 'x-kept'])
  const request = store.calls[0]?.args[1] as { method: string; path: string; body: Uint8Array; accept: string }
  assert.equal(request.path, '/api/v1/folders/hyper%3A%2F%2Fx/ignore?test=a%2Fb')
  assert.deepEqual([request.method, Buffer.from(request.body).toString(), request.accept], ['POST', '{"b":2}', 'application/json'])

  assert.equal((await ask('/api/v1/providers/nobody/api/store', owner)).status, 404)
  assert.equal(
    (await ask('/api/v1/providers/raspberry/api/folders', { ...owner, body: 'x', headers: { 'content-type': 'text/plain' } })).status,
    415,
  )
  for (const status of [101, 0, 999]) {
    store.providerAnswer = { status, headers: {}, body: null }
    assert.equal((await ask('/api/v1/providers/raspberry/api/store', owner)).status, 502, String(status))
  }
  store.providerAnswer = { status: 204, headers: {}, body: null }
  assert.equal((await ask('/api/v1/providers/raspberry/api/store', owner)).status, 204)
  assert.deepEqual(passedOn({ 'Content-Security-Policy': 'x', 'Service-Worker-Allowed': '/' }), {})
})

test('a provider’s event stream passes as it comes', async () => {
  const { ask, store } = httpWorld()
  let push: ((text: string) => void) | undefined
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void (push = (text) => controller.enqueue(new TextEncoder().encode(text))),
    cancel: () => void (cancelled = true),
  })
  store.providerAnswer = { status: 200, headers: { 'content-type': 'text/event-stream' }, body }
  const response = await ask('/api/v1/providers/raspberry/api/events', owner)
  const reader = response.body?.getReader()
  push?.('data: 1\n\n')
  assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'data: 1\n\n')
  await reader?.cancel()
  assert.equal(cancelled, true)
})

const change: StoreEvent = {
  event: 'change',
  at: '2026-11-03T10:32:00.000Z',
  link: 'hyper://x',
  op: 'add',
  path: 'a\nb',
  version: 2,
  device: 'd',
}

test('events come as they happen, with heartbeats, until the listener goes', async () => {
  mock.timers.enable({ apis: ['setInterval'] })
  try {
    const { ask, store } = httpWorld()
    const response = await ask('/api/v1/events?folder=photos', { token: 'reader-token' })
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    const reader = response.body?.getReader()
    const read = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString()
    assert.match(await read(), /^retry: \d+\n: listening\n\n$/)
    const next = read()
    store.emit(change)
    assert.equal(await next, `event: change\ndata: ${JSON.stringify(change)}\n\n`)
    const beat = read()
    mock.timers.tick(15_000)
    assert.equal(await beat, ': heartbeat\n\n')
    assert.equal(store.listening(), 1)
    await reader?.cancel()
    await until(() => store.listening() === 0)
  } finally {
    mock.timers.reset()
  }
})

test('an event stream ends when the right behind it is taken away', async () => {
  mock.timers.enable({ apis: ['setInterval'] })
  try {
    const { ask, store } = httpWorld()
    const reader = (await ask('/api/v1/events', { token: 'reader-token' })).body?.getReader()
    await reader?.read()
    store.tokens.delete('reader-token')
    const end = reader?.read()
    mock.timers.tick(15_000)
    assert.equal((await end)?.done, true)
    await until(() => store.listening() === 0)
  } finally {
    mock.timers.reset()
  }
})

test('no more event streams are open than the limit', async () => {
  const { ask } = httpWorld()
  const open = await Promise.all(Array.from({ length: LIMITS.eventStreams }, async () => await ask('/api/v1/events', owner)))
  const refused = await ask('/api/v1/events', owner)
  assert.deepEqual([refused.status, refused.headers.has('retry-after')], [503, true])
  await open[0]?.body?.cancel()
  const again = await ask('/api/v1/events', owner)
  assert.equal(again.status, 200)
  await Promise.all([...open.slice(1), again].map(async (response) => await response.body?.cancel()))
  assert.equal((await ask('/api/v1/events', { ...owner, method: 'HEAD' })).status, 200)
})

test('the description names every route, its right, and the shape of errors', async () => {
  const { ask } = httpWorld()
  const response = await ask('/api/v1/openapi.json')
  const document = (await response.json()) as { openapi: string; paths: Record<string, Record<string, Record<string, unknown>>> }
  assert.equal(document.openapi, '3.1.0')
  for (const [operation, { method, path, right }] of Object.entries(ROUTES)) {
    const described = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
    assert.equal(described?.['operationId'], operation)
    assert.equal(described['x-right'], right)
  }
  const text = JSON.stringify(document)
  assert.match(text, /"\/api\/v1\/session"/)
  assert.doesNotMatch(text, /\$schema/)
  assert.match(JSON.stringify(document.paths['/api/v1/folders/{folder}']?.['delete']), /"name":"deleteData","in":"query","required":false/)
})

test('metrics are Prometheus text, escaped', async () => {
  const { ask } = httpWorld()
  const response = await ask('/metrics', { token: 'reader-token' })
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  assert.equal(
    text,
    '# HELP hyper_store_folders Folders\\nkept\n# TYPE hyper_store_folders gauge\nhyper_store_folders{state="a\\"b\\\\c"} 2\n',
  )
})

test('healthz tells anybody that the store is up, and nothing else', async () => {
  const { ask } = httpWorld()
  assert.deepEqual(await (await ask('/healthz')).json(), { ok: true })
})

test('DEP-0003: the description, the login and the account', async () => {
  const { ask } = httpWorld()
  const description = (await (await ask('/.well-known/psa')).json()) as { PSA: number; links: { rel: string; href: string }[] }
  assert.equal(description.PSA, 1)
  assert.deepEqual(
    description.links.map((link) => link.href),
    ['/v1/accounts', '/v1/dats'],
  )
  const login = await ask('/v1/accounts/login', { json: { username: 'ana', password: 'member-token' } })
  assert.deepEqual(await login.json(), { sessionToken: 'member-token' })
  const wrong = await ask('/v1/accounts/login', { json: { username: 'ana', password: 'wrong' } })
  assert.deepEqual([wrong.status, await codeOf(wrong)], [401, 'UNAUTHENTICATED'])
  assert.equal((await ask('/v1/accounts/login', { json: {} })).status, 401)
  assert.deepEqual(await (await ask('/v1/accounts/logout', { method: 'POST' })).json(), {})
  assert.equal((await ask('/v1/accounts/account')).status, 401)
  assert.deepEqual(await (await ask('/v1/accounts/account', { token: 'local-token' })).json(), { username: 'Localhost' })
})

test('DEP-0003: links and, for local callers, paths are added, listed and removed', async () => {
  const { ask, store } = httpWorld()
  const link = `hyper://${'b'.repeat(51)}y`
  const member = { token: 'member-token' }
  assert.deepEqual(await (await ask('/v1/dats/add', { ...member, json: { url: link, name: 'x', domains: [] } })).json(), {})
  for (const path of ['/v1/dats', '/v1/dats/']) {
    const { items } = (await (await ask(path, { token: 'reader-token' })).json()) as { items: { url: string }[] }
    assert.deepEqual(
      items.map((item) => item.url),
      [link],
    )
  }
  assert.equal((await ask(`/v1/dats/item/${encodeURIComponent(link)}`, member)).status, 200)
  assert.equal((await ask(`/v1/dats/item/${encodeURIComponent(link)}`, { ...member, json: { name: 'y' } })).status, 200)
  assert.equal((await ask('/v1/dats/item/unknown', member)).status, 404)

  for (const path of ['/v1/dats/add', '/v1/dats/remove']) {
    const refused = await ask(path, { token: 'owner-token', json: { url: '/home/ana' }, connection: { remoteAddress: '127.0.0.1' } })
    assert.deepEqual([refused.status, await codeOf(refused)], [403, 'FORBIDDEN'], path)
    assert.equal((await ask(path, { token: 'local-token', json: { url: 'docs' } })).status, 400, path)
    assert.equal((await ask(path, { json: { url: link } })).status, 401, path)
    assert.equal((await ask(path, { token: 'reader-token', json: { url: link } })).status, 403, path)
    assert.equal((await ask(path, { ...member, json: {} })).status, 400, path)
  }
  assert.equal((await ask('/v1/dats/add', { token: 'local-token', json: { url: '/home/ana' } })).status, 200)
  assert.deepEqual(store.calls.at(-1)?.args[1], { path: '/home/ana' })
  assert.equal((await ask('/v1/dats/remove', { ...member, json: { url: link } })).status, 200)
  assert.equal((await ask('/v1/dats/remove', { ...member, json: { url: link } })).status, 404)
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
