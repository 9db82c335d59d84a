/** The files of the page. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { after, before, test } from 'node:test'
import { httpWorld } from '../fixtures/http-world.ts'

let folder = ''
let webDir = ''
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'hyper-store-page-'))
  webDir = path.join(folder, 'web')
  await mkdir(path.join(webDir, 'assets'), { recursive: true })
  await writeFile(path.join(webDir, 'index.html'), '<h1>page</h1>')
  await writeFile(path.join(webDir, 'assets', 'a b.js'), 'let a')
  await writeFile(path.join(folder, 'secret'), 'secret')
  await symlink('../secret', path.join(webDir, 'out'))
})
after(async () => {
  await rm(folder, { recursive: true })
})

test('the page is served with a policy that lets only its own files run and nobody frame it', async () => {
  const { ask } = httpWorld({ webDir })
  const page = await ask('/', { headers: { 'sec-fetch-site': 'cross-site' } })
  assert.deepEqual([page.status, await page.text()], [200, '<h1>page</h1>'])
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  const policy = page.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'self'/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.doesNotMatch(policy, /unsafe|\*/)
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(page.headers.get('access-control-allow-origin'), null)
  const script = await ask('/assets/a%20b.js')
  assert.deepEqual([await script.text(), script.headers.get('content-type')], ['let a', 'text/javascript; charset=utf-8'])
})

test('the page is kept by browsers until it changes', async () => {
  const { ask } = httpWorld({ webDir })
  const head = await ask('/', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '13', ''])
  const etag = head.headers.get('etag') ?? ''
  assert.equal((await ask('/', { headers: { 'if-none-match': etag } })).status, 304)
})

test('files whose names change with their content are kept for ever, and travel packed where the browser can unpack', async () => {
  const packed = gzipSync('let b')
  await writeFile(path.join(webDir, 'assets', 'b-1.js'), 'let b')
  await writeFile(path.join(webDir, 'assets', 'b-1.js.gz'), packed)
  const { ask } = httpWorld({ webDir })
  const zipped = await ask('/assets/b-1.js', { headers: { 'accept-encoding': 'br, gzip;q=0.8' } })
  assert.equal(zipped.headers.get('content-encoding'), 'gzip')
  assert.equal(zipped.headers.get('content-type'), 'text/javascript; charset=utf-8')
  assert.match(zipped.headers.get('cache-control') ?? '', /immutable/)
  assert.deepEqual(Buffer.from(await zipped.arrayBuffer()), packed)
  for (const encoding of ['identity', 'gzip;q=0', 'xgzip']) {
    const plain = await ask('/assets/b-1.js', { headers: { 'accept-encoding': encoding } })
    assert.deepEqual([plain.headers.get('content-encoding'), await plain.text()], [null, 'let b'], encoding)
  }
  assert.equal((await ask('/')).headers.get('cache-control'), 'no-cache')
})

test('nothing but the page’s files can be asked for', async () => {
  const { ask } = httpWorld({ webDir })
  for (const url of [
    '/none',
    '/assets',
    '/assets/',
    '/out',
    '/..%2fsecret',
    '/assets/..%2f..%2fsecret',
    '/%2e%2e%2fsecret',
    '/index.html/x',
    `/${'x'.repeat(300)}`,
  ]) {
    const response = await ask(url)
    assert.equal(response.status, 404, url)
    assert.equal(await response.text(), 'Nothing is here\n')
  }
  assert.equal((await ask('/a%00b')).status, 400)
  assert.equal((await ask('/', { method: 'POST' })).status, 405)
})

test('without a page there is a plain 404', async () => {
  const { ask } = httpWorld()
  const response = await ask('/')
  assert.deepEqual([response.status, response.headers.get('content-type')], [404, 'text/plain; charset=utf-8'])
})
