/** Reading by link when what gives the bytes is lost in the middle: cat and get go on where they were, for a bounded time. */
import assert from 'node:assert/strict'
import { access, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { AT, KEY, LINK } from './fake-store.ts'
import { createWorld, errorOf } from './world.ts'
import type { World } from './world.ts'

const SIZE = 300_000
const CONTENT = Buffer.from(Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 8)) % 251))
const MTIME_MS = Date.parse('2026-11-03T10:32:05.123Z')

/** A store whose content breaks off: `cuts` says after how many bytes of each answer; nothing left means that it comes whole. */
interface BreakingStore extends AsyncDisposable {
  cuts: (number | 'nobody')[]
  etag: string
  /** Ranges that were asked for, in order. */
  readonly ranges: (string | undefined)[]
}

async function startBreakingStore(world: World, home: string): Promise<BreakingStore> {
  const store: { cuts: (number | 'nobody')[]; etag: string; ranges: (string | undefined)[] } = { cuts: [], etag: '"one"', ranges: [] }
  const thing = {
    kind: 'folder',
    link: LINK,
    key: KEY,
    title: 'photos',
    version: 3,
    bytes: SIZE,
    heldBytes: 0,
    fork: 0,
    entries: 1,
    private: false,
    writable: false,
    kept: false,
    peers: 1,
    cores: [],
  }
  const entry = { path: 'big.bin', kind: 'file', size: SIZE, mtimeMs: MTIME_MS, executable: true, etag: 'one' }
  const json = (response: ServerResponse, value: unknown, status = 200) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const content = (request: IncomingMessage, response: ServerResponse) => {
    const { range } = request.headers
    store.ranges.push(range)
    const cut = store.cuts.shift()
    if (cut === 'nobody') return json(response, { error: { code: 'NO_PEER', message: 'No device that is on has this', data: {} } }, 504)
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    if (start >= SIZE) return json(response, { error: { code: 'BAD_REQUEST', message: 'no such range', data: {} } }, 416)
    const bytes = CONTENT.subarray(start)
    response.writeHead(start === 0 ? 200 : 206, {
      etag: store.etag,
      'content-length': bytes.byteLength,
      ...(start === 0 ? {} : { 'content-range': `bytes ${start}-${SIZE - 1}/${SIZE}` }),
    })
    if (cut === undefined) return void response.end(bytes)
    response.write(bytes.subarray(0, cut), () => setImmediate(() => response.destroy()))
  }
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '')
    if (url === '/api/v1/store')
      return json(response, { name: 'laptop', deviceKey: KEY, version: '0.1.0', role: 'owner', url: 'http://here', pid: process.pid })
    if (url === `/api/v1/things/${LINK}`) return json(response, thing)
    if (url.startsWith(`/api/v1/things/${LINK}/entry?`)) return json(response, entry)
    return content(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const dir = path.join(world.dir, home)
  await mkdir(dir, { recursive: true })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writeFile(path.join(dir, 'service.json'), JSON.stringify({ url, pid: process.pid, startedAt: AT }))
  await writeFile(path.join(dir, 'token'), 'secret\n')
  return Object.assign(store, {
    async [Symbol.asyncDispose]() {
      await writeFile(path.join(dir, 'service.json'), '{}')
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

const FILE = `${LINK}/big.bin`

test('cat goes on where it was when the connection breaks, and prints each byte once', async () => {
  await using world = await createWorld()
  await using store = await startBreakingStore(world, 'a')
  store.cuts = [100_000, 0, 150_000]
  const { code, stdout, stderr } = await world.run('a', ['cat', FILE, '--json'])
  assert.equal(code, 0, stderr)
  const pieces = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { offset: number; bytes: string })
  assert.ok(Buffer.concat(pieces.map(({ bytes }) => Buffer.from(bytes, 'base64'))).equals(CONTENT))
  assert.equal(store.ranges[0], undefined)
  assert.ok(store.ranges.length >= 3 && store.ranges.slice(1).every((range) => /^bytes=\d+-$/.test(range ?? '')), String(store.ranges))
})

test('cat ends with 5 and one sentence when nobody gives the rest, and fails when the file changed meanwhile', async () => {
  await using world = await createWorld()
  await using store = await startBreakingStore(world, 'a')
  store.cuts = [1000, 'nobody', 'nobody', 'nobody', 'nobody', 'nobody', 'nobody']
  const gone = await world.run('a', ['cat', FILE, '--quiet'])
  assert.equal(gone.code, 5)
  assert.match(gone.stderr, /^hyper-store: No device that is on has this[^\n]*\n$/)
  assert.ok(store.ranges.length <= 6)
  store.cuts = [1000]
  const changing = world.run('a', ['cat', FILE])
  while (store.cuts.length > 0) await new Promise((resolve) => setImmediate(resolve))
  store.etag = '"two"'
  assert.equal((await changing).code, 1)
})

test('get takes up the part file of an aborted run, starts anew when the file changed, and overwrites nothing unasked', async () => {
  await using world = await createWorld()
  await using store = await startBreakingStore(world, 'a')
  const file = path.join(world.dir, 'big.bin')
  store.cuts = [120_000, 'nobody', 'nobody', 'nobody', 'nobody', 'nobody']
  assert.equal((await world.run('a', ['get', FILE])).code, 5)
  await assert.rejects(access(file))
  const held = (await stat(`${file}.part`)).size
  assert.ok(held > 0)
  Object.assign(store, { cuts: [] })
  store.ranges.length = 0
  assert.equal((await world.run('a', ['get', FILE])).code, 0)
  assert.deepEqual(store.ranges, [`bytes=${held}-`])
  assert.ok((await readFile(file)).equals(CONTENT))
  const facts = await stat(file)
  assert.equal(Math.floor(facts.mtimeMs), MTIME_MS)
  assert.ok((facts.mode & 0o111) !== 0)
  assert.deepEqual((await readdir(world.dir)).toSorted(), ['a', 'big.bin'])

  const again = await world.run('a', ['get', FILE, '--json'])
  assert.deepEqual([again.code, errorOf(again).code], [2, 'USAGE'])
  await writeFile(file, 'mine')
  assert.equal((await world.run('a', ['get', FILE, '--force'])).code, 0)
  assert.ok((await readFile(file)).equals(CONTENT))

  const other = path.join(world.dir, 'other')
  await writeFile(`${other}.part`, 'of another version')
  await writeFile(`${other}.part.etag`, '"zero"')
  assert.equal((await world.run('a', ['get', FILE, 'other'])).code, 0)
  assert.ok((await readFile(other)).equals(CONTENT))

  // A part that is longer than what is there, and one that leads elsewhere, are not trusted.
  await writeFile(path.join(world.dir, 'long.part'), Buffer.alloc(SIZE + 1))
  await writeFile(path.join(world.dir, 'long.part.etag'), store.etag)
  assert.equal((await world.run('a', ['get', FILE, 'long'])).code, 0)
  assert.ok((await readFile(path.join(world.dir, 'long'))).equals(CONTENT))
  await writeFile(path.join(world.dir, 'precious'), 'mine')
  await symlink('precious', path.join(world.dir, 'led.part'))
  assert.equal((await world.run('a', ['get', FILE, 'led'])).code, 0)
  assert.equal(await readFile(path.join(world.dir, 'precious'), 'utf8'), 'mine')
})
