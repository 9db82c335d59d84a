/** Signed links over the gateway: what is served below one, and that nothing else is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '@hyper-store/client/contract'
import { DRIVE_KEY, codeOf, httpWorld } from '../fixtures/http-world.ts'
import type { AskInit } from '../fixtures/http-world.ts'
import { memoryDrive } from '../fixtures/memory-drive.ts'
import type { MemoryFile } from '../fixtures/memory-drive.ts'

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const FILES: Readonly<Record<string, MemoryFile>> = {
  'secret.txt': 'secret',
  '404.html': 'above',
  'album/index.html': '<script src="app.js"></script>',
  'album/app.js': 'go()',
  'album/song.mp3': Uint8Array.from({ length: 1000 }, (_, i) => i % 251),
  'album/sub/deep.txt': 'deep',
  'album/out': { symlink: '../secret.txt' },
  'album/back': { symlink: '../album/app.js' },
  'album/in': { symlink: 'sub/deep.txt' },
  'album/sub/up': { symlink: '../app.js' },
  'albums/other.txt': 'other',
  way: { symlink: 'album' },
}

/** A private drive and a link to `path` in it. */
function linked(path: string, files = FILES) {
  const world = httpWorld()
  world.store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, files, { private: true }))
  world.store.answers.set('links.check', { key: DRIVE_KEY, path })
  return { ...world, get: async (below: string, init?: AskInit) => await world.ask(`/s/token${below}`, init) }
}

test('a link to a folder serves what is below it, by paths that relative links in its pages hold to', async () => {
  const { get, store } = linked('album')
  const page = await get('/')
  assert.equal(page.status, 200)
  assert.equal(await page.text(), '<script src="app.js"></script>')
  assert.deepEqual(store.calls.find((call) => call.name === 'links.check')?.args, ['token'])
  assert.equal(await (await get('/app.js')).text(), 'go()')
  assert.equal(await (await get('/sub/deep.txt')).text(), 'deep')
  assert.equal(await (await get('/in')).text(), 'deep')
  assert.equal(await (await get('/sub/up')).text(), 'go()')
  const listing = (await (await get('/', { headers: { accept: 'application/json' } })).json()) as { name: string; path: string }[]
  assert.deepEqual(
    listing.map(({ path }) => path),
    ['app.js', 'back', 'in', 'index.html', 'out', 'song.mp3', 'sub'],
  )
  const below = await (await get('/sub/', { headers: HTML })).text()
  assert.match(below, /href="\.\/deep\.txt"/)
  assert.match(below, /<a href="\.\.\/">album<\/a>/)
  assert.ok(!below.includes(DRIVE_KEY))
  assert.equal((await get('')).headers.get('location'), '/s/token/')
  assert.equal((await get('/sub')).headers.get('location'), '/s/token/sub/')
})

test('nothing above the folder, beside it, or with a name that begins like it can be reached', async () => {
  const { get, ask, store } = linked('album')
  const status = async (below: string) => (await get(below, { headers: HTML })).status
  for (const below of ['/secret.txt', '/album/app.js', '/out', '/back', '/s/other.txt', '/..']) {
    const response = await get(below)
    assert.equal(response.status, 404, below)
    assert.ok(!(await response.text()).includes('above'), 'not even the page for what is missing')
  }
  assert.equal(await status('/sub%2fdeep.txt'), 400)
  assert.equal(await status('/..%2fsecret.txt'), 400)
  assert.equal(await status('/%2e%2e%2fsecret.txt'), 400)
  assert.equal(await status('//secret.txt'), 404)
  // Dots in an address are gone before it is read: what comes after them is taken for a token.
  for (const dots of ['..', '%2e%2e']) {
    await get(`/${dots}/secret.txt`)
    assert.deepEqual(store.calls.findLast((call) => call.name === 'links.check')?.args, ['secret.txt'])
  }
  assert.equal(await status('/a%00'), 400)
  assert.equal((await ask('/s/')).status, 404)
  assert.equal((await ask('/s/token/..%5csecret.txt')).status, 404)
})

test('a link to one file serves that file alone, under its name', async () => {
  const { get } = linked('album/song.mp3')
  for (const below of ['', '/']) {
    const response = await get(below)
    assert.equal(response.status, 308)
    assert.match(response.headers.get('location') ?? '', /^\/s\/token\/(song\.mp3)?$/)
  }
  const whole = await get('/song.mp3')
  assert.deepEqual([whole.status, whole.headers.get('content-type'), whole.headers.get('content-length')], [200, 'audio/mpeg', '1000'])
  for (const below of ['/app.js', '/album/song.mp3', '/sub/', '/index.html', '/song.mp3/', '/secret.txt'])
    assert.equal((await get(below)).status, 404, below)
})

test('a link to the whole folder serves all of it', async () => {
  const { get } = linked('')
  assert.equal(await (await get('/secret.txt')).text(), 'secret')
  assert.equal(await (await get('/album/out')).text(), 'secret')
  assert.equal(await (await get('/none')).text(), 'above')
})

test('ranges, tags, conditions, HEAD and downloads are those of the gateway', async () => {
  const { get } = linked('album')
  const head = await get('/song.mp3', { method: 'HEAD' })
  const etag = head.headers.get('etag') ?? ''
  assert.equal(head.headers.get('content-length'), '1000')
  const part = await get('/song.mp3', { headers: { range: 'bytes=10-19' } })
  assert.deepEqual([part.status, part.headers.get('content-range')], [206, 'bytes 10-19/1000'])
  assert.equal((await get('/song.mp3', { headers: { range: 'bytes=1000-' } })).status, 416)
  assert.equal((await get('/song.mp3', { headers: { 'if-none-match': etag } })).status, 304)
  assert.match((await get('/song.mp3?download')).headers.get('content-disposition') ?? '', /filename="song\.mp3"/)
  assert.equal((await get('/song.mp3', { method: 'POST' })).status, 405)
})

test('the address leaks to nobody, and its pages are nobody’s origin', async () => {
  const { get } = linked('album')
  for (const below of ['', '/', '/app.js', '/sub/', '/none', '/song.mp3']) {
    const response = await get(below, { headers: HTML })
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer', below)
    assert.equal(response.headers.get('x-robots-tag'), 'noindex')
    assert.match(response.headers.get('content-security-policy') ?? '', /sandbox allow-scripts/)
    assert.doesNotMatch(response.headers.get('content-security-policy') ?? '', /allow-same-origin/)
    assert.doesNotMatch(response.headers.get('cache-control') ?? '', /public|immutable/, below)
    assert.equal(response.headers.get('link'), null)
    assert.equal(response.headers.get('set-cookie'), null)
  }
  assert.equal((await get('/app.js')).headers.get('cache-control'), 'private, no-cache')
  // A page of an opaque origin loads its own modules and fonts.
  assert.equal((await get('/app.js')).headers.get('access-control-allow-origin'), '*')
})

test('what is no good link is told from nothing else; one that has ended says so, as a page and to programs', async () => {
  const { get, store, ask } = linked('album')
  store.answers.set('links.check', null)
  const bad = await get('/app.js', { headers: HTML })
  assert.equal(bad.status, 404)
  store.drives.clear()
  store.answers.set('links.check', { key: DRIVE_KEY, path: '' })
  assert.equal(await (await get('/app.js', { headers: HTML })).text(), await bad.text())
  store.failure = new AppError('LINK_EXPIRED')
  const ended = await get('/app.js', { headers: HTML })
  assert.equal(ended.status, 410)
  assert.match(await ended.text(), /expired or was revoked/)
  assert.equal(ended.headers.get('cache-control'), 'no-store')
  assert.equal(await codeOf(await get('/', { headers: { accept: 'application/json' } })), 'LINK_EXPIRED')
  store.failure = undefined
  // The path of a link is none of a drive's own origin.
  assert.equal((await ask(`http://${DRIVE_KEY}.localhost:3472/s/token/app.js`)).status, 404)
})

test('a folder that became a file, a symlink or nothing since the link was made opens no more than that', async () => {
  const { get, store } = linked('way')
  assert.equal((await get('/app.js')).status, 404)
  store.answers.set('links.check', { key: DRIVE_KEY, path: 'way/app.js' })
  assert.equal((await get('/app.js')).status, 404)
  store.answers.set('links.check', { key: DRIVE_KEY, path: 'gone' })
  assert.equal((await get('/')).status, 404)
})
