/** The gateway over drives in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '@hyper-store/client/contract'
import { DRIVE_KEY, OTHER_KEY, codeOf, httpWorld } from '../fixtures/http-world.ts'
import type { AskInit, HttpWorld } from '../fixtures/http-world.ts'
import { memoryDrive } from '../fixtures/memory-drive.ts'
import type { MemoryDrive, MemoryDriveOptions, MemoryFile } from '../fixtures/memory-drive.ts'

const BASE = `/gateway/${DRIVE_KEY}`
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const SONG = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)

interface GatewayWorld extends HttpWorld {
  readonly drive: MemoryDrive
  /** Asks below the drive's path. */
  readonly get: (path: string, init?: AskInit) => Promise<Response>
}

function gatewayWorld(files: Readonly<Record<string, MemoryFile>>, options: MemoryDriveOptions = {}): GatewayWorld {
  const world = httpWorld()
  const drive = memoryDrive(DRIVE_KEY, files, options)
  world.store.drives.set(DRIVE_KEY, drive)
  return { ...world, drive, get: async (path, init) => await world.ask(`${BASE}${path}`, init) }
}

const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer())

test('a file is served whole with its true size, type, tag, time and canonical link', async () => {
  const { get } = gatewayWorld({ 'music/a b.mp3': SONG })
  const response = await get('/music/a%20b.mp3')
  assert.equal(response.status, 200)
  assert.deepEqual(await bytesOf(response), Buffer.from(SONG))
  const header = (name: string) => response.headers.get(name)
  assert.equal(header('content-length'), '1000')
  assert.equal(header('content-type'), 'audio/mpeg')
  assert.match(header('etag') ?? '', /^"[0-9a-f]{16}"$/)
  assert.equal(header('last-modified'), 'Tue, 03 Nov 2026 10:32:05 GMT')
  assert.equal(header('accept-ranges'), 'bytes')
  assert.equal(header('link'), `<hyper://${DRIVE_KEY}/music/a%20b.mp3>; rel="canonical"`)
  assert.equal(header('access-control-allow-origin'), '*')
  assert.equal(header('x-content-type-options'), 'nosniff')
  assert.equal(header('cache-control'), 'public, no-cache')
  assert.equal(header('content-disposition'), null)
})

test('HEAD answers as GET does, without reading', async () => {
  const { get, drive } = gatewayWorld({ a: SONG, big: { missing: 5_000_000_000 } })
  const headers = (response: Response) => Object.fromEntries(response.headers)
  const head = await get('/a', { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(drive.bytesRead, 0)
  assert.deepEqual(headers(head), headers(await get('/a')))
  assert.equal((await bytesOf(head)).byteLength, 0)
  const big = await get('/big', { method: 'HEAD', headers: { range: 'bytes=0-1' } })
  assert.deepEqual([big.status, big.headers.get('content-length')], [200, '5000000000'])
  assert.equal((await get('/', { method: 'HEAD' })).status, 200)
  assert.equal((await get('/none', { method: 'HEAD' })).status, 404)
})

test('types are by name: text in UTF-8, the unknown as bytes', async () => {
  const { get } = gatewayWorld({
    'a.html': '',
    'a.css': '',
    'a.txt': '',
    'a.json': '',
    'a.svg': '',
    'a.mp4': '',
    'a.js': '',
    'a.unknown': '',
    Makefile: '',
    short: { symlink: 'a.txt' },
  })
  const type = async (path: string) => (await get(path)).headers.get('content-type')
  assert.equal(await type('/a.html'), 'text/html; charset=utf-8')
  assert.equal(await type('/a.css'), 'text/css; charset=utf-8')
  assert.equal(await type('/a.txt'), 'text/plain; charset=utf-8')
  assert.equal(await type('/a.js'), 'text/javascript; charset=utf-8')
  assert.equal(await type('/a.json'), 'application/json')
  assert.equal(await type('/a.svg'), 'image/svg+xml')
  assert.equal(await type('/a.mp4'), 'video/mp4')
  assert.equal(await type('/a.unknown'), 'application/octet-stream')
  assert.equal(await type('/Makefile'), 'application/octet-stream')
  assert.equal(await type('/short'), 'text/plain; charset=utf-8')
})

test('ranges: one, from the end, several as one, and 416 for none', async () => {
  const { get, drive } = gatewayWorld({ song: SONG, empty: '' }, { chunkBytes: 64 })
  for (const [range, start, end] of [
    ['bytes=0-9', 0, 10],
    ['bytes=990-', 990, 1000],
    ['bytes=-5', 995, 1000],
    ['bytes=10-19,30-39', 10, 40],
    ['bytes=900-5000', 900, 1000],
  ] as const) {
    drive.bytesRead = 0
    const response = await get('/song', { headers: { range } })
    assert.equal(response.status, 206, range)
    assert.equal(response.headers.get('content-range'), `bytes ${start}-${end - 1}/1000`)
    assert.equal(response.headers.get('content-length'), String(end - start))
    assert.deepEqual(await bytesOf(response), Buffer.from(SONG.subarray(start, end)))
    assert.equal(drive.bytesRead, end - start, 'only what was asked for is read')
  }
  for (const [path, range] of [
    ['/song', 'bytes=1000-'],
    ['/song', 'bytes=-0'],
    ['/empty', 'bytes=0-'],
  ] as const) {
    const response = await get(path, { headers: { range } })
    assert.equal(response.status, 416, range)
    assert.equal(response.headers.get('content-range'), path === '/song' ? 'bytes */1000' : 'bytes */0')
  }
  for (const range of ['bytes=5-2', 'bytes=x', 'items=0-1', 'bytes=']) {
    const response = await get('/song', { headers: { range } })
    assert.deepEqual([response.status, (await bytesOf(response)).byteLength], [200, 1000], range)
  }
})

test('conditions: 304 by tag or time, and If-Range only for the very same content', async () => {
  const { get, drive } = gatewayWorld({ song: SONG })
  const first = await get('/song', { method: 'HEAD' })
  const etag = first.headers.get('etag') ?? ''
  const date = first.headers.get('last-modified') ?? ''
  const fresh: Readonly<Record<string, string>>[] = [
    { 'if-none-match': etag },
    { 'if-none-match': `"x", W/${etag}` },
    { 'if-none-match': '*' },
    { 'if-modified-since': date },
    { 'if-none-match': etag, range: 'bytes=0-1' },
  ]
  for (const headers of fresh) {
    const response = await get('/song', { headers })
    assert.equal(response.status, 304, JSON.stringify(headers))
    assert.equal(response.headers.get('etag'), etag)
    assert.equal((await bytesOf(response)).byteLength, 0)
  }
  assert.equal(drive.bytesRead, 0)
  assert.equal((await get('/song', { headers: { 'if-none-match': '"other"', 'if-modified-since': date } })).status, 200)
  const status = async (ifRange: string) => (await get('/song', { headers: { range: 'bytes=0-1', 'if-range': ifRange } })).status
  assert.deepEqual([await status(etag), await status(date), await status('"other"'), await status(`W/${etag}`)], [206, 206, 200, 200])
})

test('the tag is per file and changes with its content', async () => {
  const tag = async (content: string) => (await gatewayWorld({ a: content, b: 'b' }).get('/a')).headers.get('etag')
  assert.equal(await tag('1'), await tag('1'))
  assert.notEqual(await tag('1'), await tag('2'))
})

test('a version is served for ever, the newest is asked after each time, a private one is nobody else’s', async () => {
  const { ask, get, store } = gatewayWorld({ a: 'x' })
  const response = await ask(`/gateway/${DRIVE_KEY}+12/a`)
  assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable')
  await get('/a')
  assert.deepEqual(
    store.calls.map((call) => call.args),
    [
      [DRIVE_KEY, 12],
      [DRIVE_KEY, null],
    ],
  )
})

test('the key may be hex; what is no key is 400, an unkept key 404', async () => {
  const { ask } = gatewayWorld({ a: 'x' })
  assert.equal((await ask(`/gateway/${'0'.repeat(64)}/a`)).status, 200)
  assert.equal((await ask(`/gateway/${DRIVE_KEY.toUpperCase()}/a`)).status, 200)
  for (const path of ['/gateway', '/gateway/', '/gateway/x/a', `/gateway/${DRIVE_KEY}+x/`])
    assert.equal((await ask(path)).status, 400, path)
  const unkept = await ask(`/gateway/${OTHER_KEY}/a`)
  assert.deepEqual([unkept.status, await codeOf(unkept)], [404, 'UNKNOWN_FOLDER'])
})

test('addresses without their slash are redirected to it, with their query', async () => {
  const { ask, get } = gatewayWorld({ 'docs é/a': 'x' })
  const root = await ask(`/gateway/${DRIVE_KEY}?download=1&x=%20`)
  assert.deepEqual([root.status, root.headers.get('location')], [308, `${BASE}/?download=1&x=%20`])
  const folder = await get('/docs%20%C3%A9?y')
  assert.deepEqual([folder.status, folder.headers.get('location')], [308, `${BASE}/docs%20%C3%A9/?y`])
})

test('a redirect never leads to another host', async () => {
  const { ask } = gatewayWorld({ 'evil.example/a': 'x' })
  for (const path of ['//evil.example', '/%2Fevil.example', '/\\evil.example', '//evil.example/..//evil.example']) {
    const response = await ask(`http://${DRIVE_KEY}.localhost:3472${path}`)
    const location = response.headers.get('location')
    assert.ok(location === null || /^\/[^/\\]/.test(location), `${path} → ${location}`)
  }
})

test('a folder shows its index.html, and its listing to those who ask for JSON', async () => {
  const { get } = gatewayWorld({ 'index.html': '<h1>hi', 'sub/b': 'x', linked: { symlink: 'web' }, 'web/index.html': 'web' })
  for (const headers of [{}, HTML, { accept: '*/*' }]) {
    const response = await get('/', { headers })
    assert.deepEqual([response.headers.get('content-type'), await response.text()], ['text/html; charset=utf-8', '<h1>hi'])
    assert.equal(response.headers.get('vary'), 'Accept')
  }
  assert.equal(await (await get('/linked/')).text(), 'web')
  const list = (await (await get('/', { headers: { accept: 'application/json' } })).json()) as { name: string }[]
  assert.deepEqual(
    list.map((node) => node.name),
    ['index.html', 'linked', 'sub', 'web'],
  )
})

test('a listing is JSON by default, with name, path, kind, size and time', async () => {
  const { get } = gatewayWorld({ 'd/a.txt': 'abc', 'd/l': { symlink: 'a.txt' }, 'd/sub/x': '' })
  const response = await get('/d/')
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
  const mtime = '2026-11-03T10:32:05.250Z'
  assert.deepEqual(await response.json(), [
    { name: 'a.txt', path: 'd/a.txt', kind: 'file', size: 3, mtime },
    { name: 'l', path: 'd/l', kind: 'symlink', size: null, mtime },
    { name: 'sub', path: 'd/sub', kind: 'folder', size: null, mtime: null },
  ])
  assert.deepEqual(await (await gatewayWorld({}).get('/')).json(), [])
})

test('a listing for people is one accessible page without scripts, with hostile names escaped', async () => {
  const hostile = `<img src=x onerror=alert(1)>"'&.txt`
  const { get } = gatewayWorld({ [`d/${hostile}`]: 'x', 'd/javascript:alert(1)': 'x'.repeat(1536), 'd/sub/x': '' })
  const response = await get('/d/', { headers: HTML })
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'; style-src 'sha256-[^']+'/)
  assert.match(policy, /sandbox/)
  const page = await response.text()
  assert.match(page, /<html lang="en">[^]*<main>[^]*<nav aria-label=[^]*<h1>d<\/h1>[^]*<caption>[^]*<th scope="col">/)
  assert.match(page, /color-scheme:light dark/)
  assert.doesNotMatch(page, /<img|<script|href="javascript/)
  assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt;&quot;&#39;&amp;\.txt/)
  assert.match(page, /href="\.\/javascript%3Aalert%281%29"/)
  assert.match(page, /<a href="\.\/sub\/">sub\/<\/a>/)
  assert.match(page, /<a href="\.\.\/">/)
  assert.match(page, /title="1536 bytes">1\.5 KiB</)
  assert.match(await (await gatewayWorld({}).get('/', { headers: HTML })).text(), /This folder is empty/)
})

test('what is not there is 404, with the drive’s own page when it has one', async () => {
  const plain = gatewayWorld({ 'a.txt': 'x' })
  for (const path of ['/none', '/none/', '/a.txt/', '/a.txt/x', '//', '//a.txt', '/a//b']) {
    const response = await plain.get(path)
    assert.deepEqual([response.status, await codeOf(response)], [404, 'NOT_FOUND'], path)
  }
  const page = await plain.get('/%3Cb%3E', { headers: HTML })
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(await page.text(), /<p>&quot;&lt;b&gt;&quot; was not found<\/p>/)

  const own = gatewayWorld({ '404.html': 'gone fishing' })
  const response = await own.get('/none', { headers: { range: 'bytes=0-1', 'if-none-match': '*' } })
  assert.deepEqual([response.status, await response.text()], [404, 'gone fishing'])
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
})

test('?download has a browser save the file under its name', async () => {
  const { get } = gatewayWorld({ 'Ünï "c".txt': 'x' })
  const response = await get('/%C3%9Cn%C3%AF%20%22c%22.txt?download')
  assert.equal(
    response.headers.get('content-disposition'),
    `attachment; filename="_n_ _c_.txt"; filename*=UTF-8''%C3%9Cn%C3%AF%20%22c%22.txt`,
  )
})

test('pages of any site may read public drives, and preflights are answered', async () => {
  const { get, store } = gatewayWorld({ a: 'x' })
  const read = await get('/a', { headers: { origin: 'http://other.example', 'sec-fetch-site': 'cross-site' } })
  assert.deepEqual([read.status, read.headers.get('access-control-allow-origin')], [200, '*'])
  assert.match(read.headers.get('access-control-expose-headers') ?? '', /Content-Range/)
  store.calls.length = 0
  const preflight = await get('/a', {
    method: 'OPTIONS',
    headers: { origin: 'http://other.example', 'access-control-request-headers': 'range' },
  })
  assert.equal(preflight.status, 204)
  assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, HEAD')
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /Range/)
  assert.doesNotMatch(preflight.headers.get('access-control-allow-headers') ?? '', /authorization/i)
  for (const method of ['PUT', 'POST', 'DELETE']) {
    const refused = await get('/a', { method })
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD, OPTIONS'])
  }
  assert.deepEqual(store.calls, [])
})

test('a page in a drive is sandboxed under the store’s origin, and has its own under its sub-domain', async () => {
  const { ask, get, store } = gatewayWorld({ 'index.html': '<script src=a.js></script>', 'x.svg': '<svg/>' })
  for (const path of ['', '/', '/index.html', '/x.svg', '/none', '/%00']) {
    const policy = (await get(path)).headers.get('content-security-policy') ?? ''
    assert.match(policy, /(^|; )sandbox /, path)
    assert.doesNotMatch(policy, /allow-same-origin|allow-popups-to-escape|allow-top-navigation/)
  }
  const own = await ask(`http://${DRIVE_KEY}.localhost:3472/`)
  assert.equal(own.headers.get('content-security-policy'), null)
  assert.equal(own.headers.get('link'), `<hyper://${DRIVE_KEY}/>; rel="canonical"`)

  // The sandboxed page has the origin `null`, the one on the sub-domain its own: neither gets at the API.
  for (const origin of ['null', `http://${DRIVE_KEY}.localhost:3472`]) {
    assert.equal((await ask('/api/v1/folders', { token: 'local-token', headers: { origin } })).status, 403)
  }
  store.calls.length = 0
  for (const path of ['/api/v1/store', '/v1/dats', '/metrics', '/healthz', `${BASE}/index.html`, '/.well-known/psa']) {
    const response = await ask(`http://${DRIVE_KEY}.localhost:3472${path}`, { token: 'local-token' })
    assert.equal(response.status, 404, path)
  }
  assert.equal((await ask(`http://${DRIVE_KEY}.localhost:3472/api/v1/stop`, { method: 'POST', token: 'local-token' })).status, 405)
  assert.ok(store.calls.every((call) => call.name === 'openDrive'))
})

test('a given domain has a sub-domain for each drive as well', async () => {
  const { ask, store } = httpWorld({ gatewayDomain: 'drives.example' })
  store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { 'd/a': 'x' }))
  assert.equal(await (await ask(`http://${DRIVE_KEY}.drives.example/d/a`)).text(), 'x')
  assert.equal((await ask(`http://${DRIVE_KEY}.drives.example/d`)).headers.get('location'), '/d/')
  assert.equal((await ask(`http://${OTHER_KEY}.drives.example/d/a`)).status, 404)
  assert.equal((await httpWorld().ask(`http://${DRIVE_KEY}.drives.example/d/a`)).status, 403)
})

test('a private drive is served to callers with a right only, and never to pages of other sites', async () => {
  const { get, ask } = gatewayWorld({ a: 'secret', 'index.html': 'x' }, { private: true })
  for (const path of ['/a', '/', '/none', '/a?download']) assert.equal((await get(path)).status, 401, path)
  assert.equal((await ask(`http://${DRIVE_KEY}.localhost:3472/a`)).status, 401)
  assert.equal((await get('/a', { token: 'wrong' })).status, 401)
  const read = await get('/a', { token: 'reader-token' })
  assert.equal(await read.text(), 'secret')
  assert.equal(read.headers.get('access-control-allow-origin'), null)
  assert.equal(read.headers.get('cache-control'), 'private, no-cache')
  assert.equal((await get('/a', { connection: { deviceKey: 'owner-device' } })).status, 200)

  const login = await ask('/api/v1/session', { json: { token: 'reader-token' } })
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? ''
  assert.equal((await get('/a', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status, 200)
  for (const headers of [{ origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'http://evil.example' }]) {
    assert.equal((await get('/a', { headers: { cookie, ...headers } })).status, 401, JSON.stringify(headers))
  }
})

test('symlinks are followed inside the drive and never out of it', async () => {
  const { get } = gatewayWorld({
    'd/a.txt': 'x',
    l: { symlink: 'd' },
    up: { symlink: '../../etc/passwd' },
    abs: { symlink: '/d/a.txt' },
    loop: { symlink: 'loop' },
  })
  assert.equal(await (await get('/l/a.txt')).text(), 'x')
  assert.equal((await get('/l')).status, 308)
  for (const path of ['/up', '/abs', '/loop']) assert.equal((await get(path)).status, 404, path)
})

test('bad paths are 400 and never leave the drive', async () => {
  const { get, ask } = gatewayWorld({ a: 'x' })
  for (const path of ['/a%00', '/%zz', '/%ff', '/..%2f..%2fa', '/x%2f%2e%2e%2fa']) assert.equal((await get(path)).status, 400, path)
  // The URL itself takes these two out of the drive, to what the store has there: nothing.
  assert.equal((await ask(`${BASE}/../../healthz`)).status, 200)
  assert.equal((await ask(`${BASE}/%2e%2e/x`)).status, 400)
})

test('what no peer has is 504, and a failure inside is 500 without a word of it', async () => {
  const { get, store, defects } = gatewayWorld({ far: { missing: 10 }, a: 'x' })
  const far = await get('/far')
  assert.deepEqual([far.status, await codeOf(far)], [504, 'NO_PEER'])
  const page = await get('/far', { headers: HTML })
  assert.match(await page.text(), /No device that is on has this/)
  store.openDrive = async () => await Promise.reject(new AppError('NO_PEER'))
  assert.equal((await get('/a')).status, 504)
  store.openDrive = async () => await Promise.reject(new Error('broken at /secret/place'))
  for (const headers of [{}, HTML]) {
    const response = await get('/a', { headers })
    assert.equal(response.status, 500)
    assert.doesNotMatch(await response.text(), /secret|broken|\.js/)
  }
  assert.equal(defects.length, 2)
})

test('a large file is streamed at the pace of its reader, and let go when the reader leaves', async () => {
  const { get, drive } = gatewayWorld({ big: new Uint8Array(64 * 1024 * 1024) }, { chunkBytes: 65_536 })
  const response = await get('/big')
  const reader = response.body?.getReader()
  await reader?.read()
  assert.ok(drive.bytesRead <= 4 * 65_536, `read ahead ${drive.bytesRead}`)
  await reader?.cancel()
  for (let i = 0; i < 100 && drive.stopped === 0; i++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(drive.stopped, 1)
})

test('a file that breaks off breaks the body, which never ends as if it were whole', async () => {
  const { get } = gatewayWorld({ big: new Uint8Array(1000) }, { chunkBytes: 100, breakAt: 500 })
  const response = await get('/big')
  assert.equal(response.headers.get('content-length'), '1000')
  await assert.rejects(response.arrayBuffer())
})
