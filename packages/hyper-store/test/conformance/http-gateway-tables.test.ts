/** The gateway over tables in memory: rows as their values, and listings of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '@hyper-store/client/contract'
import type { TableRow } from '@hyper-store/client/contract'
import type { KeptKind, RowRange, TablesApi } from '../../src/core/store-api.ts'
import { DRIVE_KEY, OTHER_KEY, codeOf, httpWorld } from '../fixtures/http-world.ts'
import type { AskInit } from '../fixtures/http-world.ts'
import { memoryDrive } from '../fixtures/memory-drive.ts'

const BASE = `/gateway/${DRIVE_KEY}`
const AT = '2026-11-03T10:32:05.000Z'

type Values = Readonly<Record<string, Pick<TableRow, 'type' | 'value'>>>

function tableWorld(values: Values, kept: Partial<KeptKind> = {}) {
  const world = httpWorld()
  const asked: { ref: string; range?: RowRange; key?: string; version: number | null }[] = []
  const all = Object.entries(values).map(([key, value], at): TableRow => ({ key, ...value, version: at + 2, at: AT }))
  const tables: Pick<TablesApi, 'row' | 'rows'> = {
    row: async (ref, key, version) => {
      asked.push({ ref, key, version })
      const row = all.find((one) => one.key === key)
      if (row === undefined) throw new AppError('NOT_FOUND', { what: key })
      return row
    },
    rows: async (ref, range) => {
      asked.push({ ref, range, version: range.version })
      const { prefix, gte } = range
      const found = all.filter(({ key }) => key.startsWith(prefix ?? '') && key >= (gte ?? ''))
      async function* rows() {
        for (const row of range.reverse ? found.toReversed() : found) {
          const [sub, rest] = row.key.split('/')
          yield range.shallow && rest !== undefined ? { sub: `${sub}/` } : row
        }
      }
      return Object.assign(rows(), { version: range.version ?? 9 })
    },
  }
  Object.assign(world.store, { tables })
  world.store.kinds.set(DRIVE_KEY, { kind: 'table', private: false, shared: false, ...kept })
  return { ...world, asked, get: async (path: string, init?: AskInit) => await world.ask(`${BASE}${path}`, init) }
}

const json = (value: unknown) => ({ type: 'json' as const, value })
const text = (value: string) => ({ type: 'text' as const, value })

test('a row is its value, with its type, tag, time and link', async () => {
  const { get } = tableWorld({ 'people/ana': json({ city: 'Lisbon' }), motto: text('<b>é</b>'), photo: { type: 'bytes', value: 'AP8=' } })
  const response = await get('/people/ana')
  const header = (name: string) => response.headers.get(name)
  assert.deepEqual([response.status, await response.text()], [200, '{"city":"Lisbon"}'])
  assert.equal(header('content-type'), 'application/json; charset=utf-8')
  assert.equal(header('content-length'), '17')
  assert.equal(header('last-modified'), 'Tue, 03 Nov 2026 10:32:05 GMT')
  assert.equal(header('link'), `<hyper://${DRIVE_KEY}/people/ana>; rel="canonical"`)
  assert.equal(header('access-control-allow-origin'), '*')
  assert.equal(header('x-content-type-options'), 'nosniff')
  assert.equal(header('cache-control'), 'public, no-cache')
  assert.match(header('content-security-policy') ?? '', /sandbox/)
  const motto = await get('/motto')
  assert.deepEqual([motto.headers.get('content-type'), await motto.text()], ['text/plain; charset=utf-8', '<b>é</b>'])
  const photo = await get('/photo')
  assert.equal(photo.headers.get('content-type'), 'application/octet-stream')
  assert.deepEqual([...new Uint8Array(await photo.arrayBuffer())], [0, 255])
  assert.match((await get('/photo?download')).headers.get('content-disposition') ?? '', /^attachment; .*photo/)
})

test('a row that is the same is not sent again; one that is missing is 404', async () => {
  const { get } = tableWorld({ a: json(1), b: text('1') })
  const first = await get('/a')
  const etag = first.headers.get('etag') ?? ''
  assert.match(etag, /^"[0-9a-f]{32}"$/)
  assert.notEqual((await get('/b')).headers.get('etag'), etag, 'the same bytes of another type')
  const again = await get('/a', { headers: { 'if-none-match': etag } })
  assert.deepEqual([again.status, again.headers.get('etag'), await again.text()], [304, etag, ''])
  const head = await get('/a', { method: 'HEAD' })
  assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '1', ''])
  const missing = await get('/none')
  assert.deepEqual([missing.status, await codeOf(missing)], [404, 'NOT_FOUND'])
  assert.equal((await get('/a', { method: 'PUT', body: '1' })).status, 405)
})

test('the root and what ends with a slash are listings, with ranges of keys in the query', async () => {
  const { get, asked } = tableWorld({ a: json(1), 'posts/1': json(2), 'posts/2': json(3) })
  const all = await get('/')
  assert.equal(all.headers.get('content-type'), 'application/json; charset=utf-8')
  const row = (key: string, value: number, version: number) => ({ key, type: 'json', value, version, at: AT })
  const rows = [row('a', 1, 2), row('posts/1', 2, 3), row('posts/2', 3, 4)]
  assert.deepEqual(await all.json(), { rows, subs: [], more: false, version: 9 })
  const etag = all.headers.get('etag') ?? ''
  assert.equal((await get('/', { headers: { 'if-none-match': etag } })).status, 304)
  const posts = await get('/posts/?reverse=true&limit=1&gte=posts%2F1&lt=x&other=1')
  assert.deepEqual(await posts.json(), { rows: [rows[2]], subs: [], more: true, version: 9 })
  assert.notEqual(posts.headers.get('etag'), etag)
  const { range } = asked.at(-1) ?? {}
  assert.deepEqual(range, { prefix: 'posts/', gt: null, gte: 'posts/1', lt: 'x', lte: null, reverse: true, shallow: false, version: null })
  assert.deepEqual(((await (await get('/?shallow=true')).json()) as { subs: string[] }).subs, ['posts/', 'posts/'])
  for (const query of ['limit=x', 'reverse=1', 'limit=-1']) assert.equal(await codeOf(await get(`/?${query}`)), 'BAD_REQUEST', query)
  const bare = await get('')
  assert.deepEqual([bare.status, bare.headers.get('location')], [308, `${BASE}/`])
})

test('large values end a page early', async () => {
  const { get } = tableWorld(Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`k${i}`, text('x'.repeat(3 << 20))])))
  const page = (await (await get('/')).json()) as { rows: unknown[]; more: boolean }
  assert.deepEqual([page.rows.length, page.more], [3, true])
})

test('keys are put back as they are: only what is special in keys stays escaped', async () => {
  const { get, asked } = tableWorld({})
  for (const [path, key] of [
    ['/a%20b/%C3%A9', 'a b/é'],
    ['/a%2fb', 'a%2Fb'],
    ['/50%25', '50%25'],
    ['/a//b', 'a//b'],
    ["/a'b(c)", "a'b(c)"],
  ] as const) {
    await get(path)
    assert.equal(asked.at(-1)?.key, key, path)
  }
  for (const path of ['/a%zz', '/%ff', '/a%00']) assert.equal(await codeOf(await get(path)), 'BAD_REQUEST', path)
})

test('a version is for ever, but in a shared folder', async () => {
  const { ask, get, asked, store } = tableWorld({ a: json(1) })
  const old = await ask(`/gateway/${DRIVE_KEY}+3/a`)
  assert.deepEqual([old.headers.get('cache-control'), asked.at(-1)?.version], ['public, max-age=31536000, immutable', 3])
  store.kinds.set(DRIVE_KEY, { kind: 'folder', private: false, shared: true })
  const shared = await ask(`/gateway/${DRIVE_KEY}+3/a?table=our%20todo`)
  assert.deepEqual([await shared.text(), shared.headers.get('cache-control')], ['1', 'public, no-cache'])
  assert.deepEqual(asked.at(-1), { ref: `hyper://${DRIVE_KEY}/our%20todo`, key: 'a', version: 3 })
  assert.equal((await get('/?table=todo')).status, 200)
})

test('a query called table is for shared folders alone', async () => {
  const world = httpWorld()
  world.store.drives.set(DRIVE_KEY, memoryDrive(DRIVE_KEY, { 'a.txt': 'a file' }))
  assert.equal(await (await world.ask(`${BASE}/a.txt?table=todo`)).text(), 'a file')
})

test('a private table is for callers with a right, and no other site reads it', async () => {
  const { get } = tableWorld({ a: json(1) }, { private: true })
  for (const path of ['/a', '/', '/none']) assert.equal((await get(path)).status, 401, path)
  const mine = await get('/a', { token: 'reader-token' })
  assert.deepEqual([mine.status, mine.headers.get('cache-control')], [200, 'private, no-cache'])
  assert.equal(mine.headers.get('access-control-allow-origin'), null)
})

test('a table has its own sub-domain too; a plain core is told not to be one', async () => {
  const { ask, store, asked } = tableWorld({ 'a/b': json(1) })
  assert.equal(await (await ask(`http://${DRIVE_KEY}.localhost:3472/a/b`)).text(), '1')
  assert.equal(asked.at(-1)?.key, 'a/b')
  store.kinds.set(OTHER_KEY, { kind: 'core', private: false, shared: false })
  const core = await ask(`/gateway/${OTHER_KEY}/`)
  assert.deepEqual([core.status, await codeOf(core)], [400, 'WRONG_KIND'])
})
