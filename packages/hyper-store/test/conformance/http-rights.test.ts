/** Who may call: rights, hosts, other sites, sessions, open networks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROUTES } from '@hyper-store/client/contract'
import type { Role } from '@hyper-store/client/contract'
import { DRIVE_KEY, codeOf, httpWorld } from '../fixtures/http-world.ts'
import { memoryDrive } from '../fixtures/memory-drive.ts'

const OWN = 'http://localhost:3472'
const PROXIED = '/api/v1/providers/raspberry/api/folders'

test('every route answers 401 without a right and with a wrong one, and 403 with too small a one', async () => {
  const { ask } = httpWorld()
  const tooSmall: Record<Role, string | null> = { owner: 'member-token', member: 'reader-token', reader: null }
  const rows = [
    ...Object.values(ROUTES),
    { method: 'GET', path: PROXIED, right: 'owner' },
    { method: 'GET', path: '/metrics', right: 'reader' },
  ] as const
  for (const { method, path, right } of rows) {
    if (right === 'none') continue
    const url = path.replace(/:\w+/g, 'x')
    const init = { method, ...(method === 'GET' ? {} : { json: {} }) }
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic b3duZXItdG9rZW4=' },
      { authorization: 'Bearer ' },
    ]) {
      const response = await ask(url, {
        ...init,
        headers: { ...headers, ...('json' in init ? { 'content-type': 'application/json' } : {}) },
      })
      assert.equal(response.status, 401, `${method} ${path}`)
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
      assert.equal(await codeOf(response), 'UNAUTHENTICATED')
    }
    const token = tooSmall[right]
    if (token === null) continue
    const response = await ask(url, { ...init, token })
    assert.equal(response.status, 403, `${method} ${path}`)
    assert.equal(await codeOf(response), 'FORBIDDEN')
  }
})

test('a caller on loopback has no right by its address, only by the token of the home', async () => {
  const { ask } = httpWorld()
  const connection = { remoteAddress: '127.0.0.1' }
  assert.equal((await ask('/api/v1/folders', { connection })).status, 401)
  assert.equal((await ask('/api/v1/folders', { connection, headers: { 'x-forwarded-for': '127.0.0.1' } })).status, 401)
  assert.equal((await ask('/api/v1/folders', { connection, token: 'local-token' })).status, 200)
  assert.equal((await ask('/api/v1/folders', { connection, token: 'local-tokem' })).status, 401)
  assert.equal((await httpWorld({ localToken: '' }).ask('/api/v1/folders', { headers: { authorization: 'Bearer ' } })).status, 401)
})

test('a backup is given to callers of the machine itself alone, with a passphrase of some length', async () => {
  const { ask, store } = httpWorld()
  const json = { passphrase: 'long enough' }
  const remote = await ask('/api/v1/backup', { json, token: 'owner-token' })
  assert.deepEqual([remote.status, await codeOf(remote)], [403, 'FORBIDDEN'])
  const calls = store.calls.length
  for (const passphrase of ['1234567', 'x'.repeat(1001), 7])
    assert.equal((await ask('/api/v1/backup', { json: { passphrase }, token: 'local-token' })).status, 400)
  assert.equal(store.calls.length, calls)
  assert.equal((await ask('/api/v1/backup', { json, token: 'local-token' })).status, 200)
})

test('a device key proven by the connection is a right, and an unknown one is none even on an open network', async () => {
  for (const open of [false, true]) {
    const { ask } = httpWorld({ open })
    assert.equal((await ask('/api/v1/devices', { connection: { deviceKey: 'owner-device' } })).status, 200)
    assert.equal((await ask('/api/v1/devices', { connection: { deviceKey: 'stranger' } })).status, 401)
    // No browser talks through a tunnel, so there is no name to rebind.
    assert.equal(
      (await ask('/api/v1/devices', { connection: { deviceKey: 'owner-device' }, headers: { host: 'store.invalid' } })).status,
      200,
    )
  }
})

test('a rebound host name is refused everywhere, with a right and without', async () => {
  const { ask, store } = httpWorld()
  store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { a: 'x' }))
  for (const path of [
    '/',
    '/healthz',
    '/metrics',
    '/api/v1/store',
    '/api/v1/folders',
    '/v1/dats',
    '/.well-known/psa',
    `/gateway/${DRIVE_KEY}/a`,
  ]) {
    for (const host of ['evil.example', 'evil.example:3472', '10.9.8.7', 'x.localhost', '']) {
      const response = await ask(path, { headers: { host }, token: 'local-token' })
      assert.equal(response.status, 403, `${host} ${path}`)
      assert.equal(await codeOf(response), 'FORBIDDEN')
    }
    assert.equal(
      (await ask(`http://evil.example${path}`, { headers: { host: 'localhost' }, token: 'local-token' })).status,
      403,
      'a host in the request line',
    )
  }
  for (const host of ['localhost', '127.0.0.1:9', '[::1]:3472', 'raspberrypi.local:3472', '192.0.2.2']) {
    assert.equal((await ask('/api/v1/folders', { headers: { host }, token: 'local-token' })).status, 200, host)
  }
})

test('a page of another site can’t call the API, whatever right it shows, and gets no CORS headers', async () => {
  const { ask, store } = httpWorld({ open: true })
  const foreign = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: `http://${DRIVE_KEY}.localhost:3472` },
    { origin: 'http://localhost:8080' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    for (const init of [{ method: 'GET' }, { method: 'POST', json: { path: '/x' } }, { method: 'OPTIONS' }, { method: 'DELETE' }]) {
      for (const path of [
        '/api/v1/folders',
        '/api/v1/store',
        '/api/v1/pair/redeem',
        '/api/v1/session',
        '/v1/dats',
        '/v1/dats/add',
        '/.well-known/psa',
        '/metrics',
        '/api/v1/openapi.json',
        '/api/nothing',
        PROXIED,
      ]) {
        const response = await ask(path, {
          ...init,
          headers: { ...headers, ...('json' in init ? { 'content-type': 'application/json' } : {}) },
          token: 'local-token',
        })
        assert.equal(response.status, 403, `${JSON.stringify(headers)} ${init.method} ${path}`)
        for (const name of response.headers.keys()) assert.ok(!name.startsWith('access-control-'), name)
      }
    }
  }
  assert.deepEqual(store.calls, [])
})

test('no API reply carries CORS headers, and each is sealed against being shown as a page', async () => {
  const { ask } = httpWorld()
  for (const path of ['/api/v1/store', '/api/v1/folders', '/v1/dats', '/metrics', '/api/none']) {
    const response = await ask(path, { headers: { origin: OWN } })
    assert.equal(response.headers.get('access-control-allow-origin'), null)
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'.*sandbox/)
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(response.headers.get('cache-control'), 'no-store')
  }
})

test('changes want content-type application/json; a bare call with a token needs none', async () => {
  const { ask, store } = httpWorld()
  const body = JSON.stringify({ path: '/x' })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
    const response = await ask('/api/v1/folders', { body, token: 'owner-token', headers: { 'content-type': type } })
    assert.equal(response.status, 415, type)
  }
  assert.deepEqual(store.calls, [])
  assert.equal(
    (await ask('/api/v1/folders', { body, token: 'owner-token', headers: { 'content-type': 'Application/JSON; charset=utf-8' } })).status,
    200,
  )
  assert.equal((await ask('/api/v1/stop', { method: 'POST', token: 'owner-token' })).status, 200)
  assert.equal((await httpWorld({ open: true }).ask('/api/v1/folders/photos/pause', { method: 'POST' })).status, 415)
})

test('a browser session is a cookie that scripts can’t read and other sites can’t use', async () => {
  const { ask, store } = httpWorld()
  const own = { origin: OWN, 'sec-fetch-site': 'same-origin' }
  assert.equal((await ask('/api/v1/session', { json: { token: 'wrong' }, headers: own })).status, 401)
  const login = await ask('/api/v1/session', { json: { token: 'owner-token' }, headers: own })
  assert.deepEqual([login.status, await login.json()], [200, { ok: true, role: 'owner' }])
  const setCookie = login.headers.get('set-cookie') ?? ''
  assert.match(setCookie, /^hyper-store-session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/)
  const cookie = setCookie.split(';')[0] ?? ''

  assert.equal((await ask('/api/v1/devices', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status, 200)
  assert.equal((await ask('/api/v1/devices', { headers: { cookie } })).status, 200, 'browsers leave the marks out over plain http')
  assert.equal((await ask('/api/v1/folders', { json: { path: '/x' }, headers: { cookie, origin: OWN } })).status, 200)
  assert.equal(
    (await ask('/api/v1/folders', { json: { path: '/x' }, headers: { cookie } })).status,
    401,
    'a change without an origin is no browser’s',
  )
  assert.equal((await ask('/api/v1/folders', { json: { path: '/x' }, headers: { cookie, origin: 'http://evil.example' } })).status, 403)
  assert.equal((await ask('/api/v1/devices', { headers: { cookie, 'sec-fetch-site': 'cross-site' } })).status, 403)
  assert.equal((await ask('/api/v1/folders/photos/pause', { method: 'POST', headers: { cookie } })).status, 401)
  assert.equal(
    (await ask('/api/v1/folders/none/pause', { method: 'POST', headers: { cookie, origin: OWN } })).status,
    404,
    'a bare change needs no content type',
  )

  store.tokens.delete('owner-token')
  assert.equal((await ask('/api/v1/devices', { headers: { cookie } })).status, 401, 'a revoked token ends its sessions')
})

test('a one-time code opens a session too, with the right that it gives the browser', async () => {
  const { ask, store } = httpWorld()
  const wrong = await ask('/api/v1/session', { json: { code: 'wrong', name: 'Chrome on Linux' } })
  assert.deepEqual([wrong.status, ((await wrong.json()) as { error: { code: string } }).error.code], [403, 'WRONG_CODE'])
  const login = await ask('/api/v1/session', { json: { code: 'right', name: 'Chrome on Linux' } })
  assert.deepEqual([login.status, await login.json()], [200, { ok: true, role: 'member' }])
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
  assert.equal((await ask('/api/v1/folders', { headers: { cookie } })).status, 200)
  assert.deepEqual([store.calls[0]?.name, store.calls[0]?.args.slice(0, 2)], ['pairBrowser', ['wrong', 'Chrome on Linux']])
  for (const json of [{ code: 'right' }, { code: '', name: 'x' }, { code: 'right', name: 'x', token: 'owner-token' }, {}])
    assert.equal((await ask('/api/v1/session', { json })).status, 400)
})

test('logging out ends the session', async () => {
  const { ask } = httpWorld()
  const login = await ask('/api/v1/session', { json: { token: 'local-token' } })
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
  const json = { 'content-type': 'application/json' }
  const logout = await ask('/api/v1/session', { method: 'DELETE', headers: { cookie, origin: OWN, ...json } })
  assert.deepEqual(await logout.json(), { ok: true })
  assert.match(logout.headers.get('set-cookie') ?? '', /^hyper-store-session=; .*Max-Age=0/)
  assert.equal((await ask('/api/v1/folders', { headers: { cookie } })).status, 401)
})

test('on an open network programs are members, and pages without a right may only look', async () => {
  const { ask, store } = httpWorld({ open: true })
  const json = { path: '/x' }
  assert.equal((await ask('/api/v1/folders', { json })).status, 200)
  assert.equal(store.calls.length, 1)
  assert.equal((await ask('/api/v1/devices')).status, 403, 'no owner')
  assert.equal((await ask('/api/v1/folders', { json, token: 'wrong' })).status, 401)
  for (const headers of [
    { origin: OWN },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-dest': 'empty' },
  ]) {
    const refused = await ask('/api/v1/folders', { json, headers: { 'content-type': 'application/json', ...headers } })
    assert.equal(refused.status, 401, JSON.stringify(headers))
    assert.equal(
      (await ask('/v1/dats/add', { json: { url: '/x' }, headers: { 'content-type': 'application/json', ...headers } })).status,
      401,
    )
    assert.equal((await ask('/api/v1/folders', { headers })).status, 200, JSON.stringify(headers))
  }
  assert.equal(
    (await ask('/api/v1/folders', { json, headers: { 'content-type': 'application/json', origin: OWN }, token: 'member-token' })).status,
    200,
  )
  assert.equal(store.calls.length, 2)
})
