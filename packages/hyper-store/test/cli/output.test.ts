/** What commands print and with which code they end, against a server that speaks the contract. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { AT, KEY, LINK, makeDevice, makeItem, startFakeStore } from './fake-store.ts'
import { createWorld, errorOf } from './world.ts'

const FOLDER = `GET /api/v1/folders/${KEY}`
const receipt = { event: 'receipt', at: AT, link: LINK, version: 12, complete: true, files: 1234, bytes: 1_200_000_000 }

test('list prints link, title, state, size and peers between tabs when piped, and items with --json', async () => {
  await using world = await createWorld()
  const item = makeItem({ title: 'bad\u001B[2J\tname' })
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { 'GET /api/v1/folders': [item] })
  const { code, stdout, stderr } = await world.run('a', ['list'])
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${LINK}\tbad\uFFFD[2J\uFFFDname\tup-to-date\t1.2 GB\t1\n`, stderr: '' })
  assert.deepEqual(await world.json('a', ['list']), [item])
})

test('an empty list is nothing on stdout and a word on stderr, which --quiet takes away', async () => {
  await using world = await createWorld()
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { 'GET /api/v1/folders': [] })
  const { stdout, stderr } = await world.run('a', ['list'])
  assert.equal(stdout, '')
  assert.match(stderr, /^Nothing is kept here yet.*\n$/)
  assert.deepEqual(await world.run('a', ['--quiet', 'list']), { code: 0, stdout: '', stderr: '' })
})

test('add sends the absolute path and prints the link alone on stdout', async () => {
  await using world = await createWorld()
  await using store = await startFakeStore(path.join(world.dir, 'a'), { 'POST /api/v1/folders': makeItem() })
  const { code, stdout, stderr } = await world.run('a', ['add', './photos', 'raspberry', '--private', '--title', 'Photos', '--blind'])
  assert.equal(stdout, `${LINK}\n`)
  assert.match(stderr, /photos is shared \(1,234 files, 1\.2 GB\), and kept by raspberry/)
  assert.equal(code, 0)
  const body = { path: path.join(world.dir, 'photos'), provider: 'raspberry', private: true, title: 'Photos', blind: true }
  assert.deepEqual(store.bodies, [body])
})

test('add of a link has the named provider keep it, by way of the own store, which then knows who does', async () => {
  await using world = await createWorld()
  await using store = await startFakeStore(path.join(world.dir, 'a'), { 'POST /api/v1/folders': makeItem() })
  assert.deepEqual(await world.json('a', ['add', KEY, 'raspberry']), [makeItem()])
  assert.deepEqual(store.bodies, [{ link: LINK, provider: 'raspberry' }])
})

test('add stays until the folder was read, and gives the item as it is then', async () => {
  await using world = await createWorld()
  const reading = makeItem({ state: 'syncing', progress: 0.5, devices: [makeDevice({ name: 'laptop', role: 'this', complete: false })] })
  let looks = 0
  const look = () => (++looks < 3 ? reading : makeItem())
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { 'POST /api/v1/folders': reading, [FOLDER]: look })
  const [item] = await world.json('a', ['add', 'photos'])
  assert.equal(item?.['state'], 'up-to-date')
})

test('clone takes path and link in either order', async () => {
  await using world = await createWorld()
  await using store = await startFakeStore(path.join(world.dir, 'a'), { 'POST /api/v1/folders': makeItem() })
  await world.json('a', ['clone', './copy', LINK])
  await world.json('a', ['clone', LINK, './copy', 'raspberry'])
  const body = { path: path.join(world.dir, 'copy'), link: LINK }
  assert.deepEqual(store.bodies, [body, { ...body, provider: 'raspberry' }])
})

test('a folder is found by path, by link and by title; none of them is exit code 6', async () => {
  await using world = await createWorld()
  const answers = {
    [`GET /api/v1/folders/${world.dir}/photos`]: makeItem(),
    [FOLDER]: makeItem(),
    'GET /api/v1/folders/Holiday': makeItem(),
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), { ...answers, [`POST /api/v1/folders/${KEY}/pause`]: makeItem() })
  for (const ref of ['./photos', 'photos', LINK, KEY, `${LINK}/a/b`, 'Holiday']) {
    assert.equal((await world.run('a', ['pause', ref])).code, 0, ref)
  }
  assert.equal(store.calls.filter((call) => call === `POST /api/v1/folders/${KEY}/pause`).length, 6)
  const { code, stderr } = await world.run('a', ['pause', 'nowhere'])
  assert.deepEqual([code, stderr], [6, 'hyper-store: "nowhere" is not kept here; hyper-store list shows what is\n'])
})

test('status tells what each device holds, live or as of its last word', async () => {
  await using world = await createWorld()
  const devices = [
    makeDevice({ name: 'laptop', role: 'this' }),
    makeDevice({
      name: 'raspberry',
      role: 'provider',
      complete: false,
      version: 9,
      progress: 0.456,
      live: false,
      at: '2020-01-02T10:00:00Z',
    }),
    makeDevice({ name: 'phone', complete: false, version: 0, progress: 0, at: null, live: false }),
  ]
  const item = makeItem({ state: 'syncing', progress: 0.5, bytesPerSecond: 12_000_000, secondsLeft: 130, devices })
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { 'GET /api/v1/folders': [item], [FOLDER]: item })
  const { stdout } = await world.run('a', ['status'])
  assert.equal(
    stdout,
    [
      `photos  ${LINK}`,
      '  /home/a/photos · send-receive · 1,234 files, 1.2 GB · version 12',
      '  syncing 50 % · 12.0 MB/s · 2 min left',
      '  laptop     this device  holds version 12 (live), complete',
      '  raspberry  provider     holds version 9 (as of 2 Jan 2020), 45 % of version 12',
      '  phone      device       has told nothing yet',
      '',
    ].join('\n'),
  )
  assert.deepEqual(await world.json('a', ['status', KEY]), [item])
})

test('wait prints a receipt a device, then runs --exec with the facts in its environment', async () => {
  await using world = await createWorld()
  const answers = { [FOLDER]: makeItem(), [`POST /api/v1/folders/${KEY}/rescan`]: makeItem(), [`GET /api/v1/events?folder=${KEY}`]: [] }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  const exec = 'echo "$HYPER_STORE_TITLE|$HYPER_STORE_VERSION|$HYPER_STORE_DEVICES|$HYPER_STORE_LINK"'
  const { code, stdout } = await world.run('a', ['wait', KEY, '--exec', exec])
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0] ?? '', /^laptop holds version 12 of photos \(1,234 files, 1\.2 GB\) since /)
  assert.match(lines[1] ?? '', /^raspberry holds version 12 of photos /)
  assert.equal(lines[2], `photos|12|laptop,raspberry|${LINK}`)
  assert.equal(code, 0)
  const receipts = await world.json('a', ['wait', KEY, 'raspberry'])
  assert.deepEqual(receipts, [{ ...receipt, device: { name: 'raspberry', key: 'raspberry'.padEnd(52, 'y') } }])
  assert.equal((await world.run('a', ['wait', KEY, '--exec', 'exit 3'])).code, 1)
})

test('wait ends with 5 after the timeout, naming what is missing', async () => {
  await using world = await createWorld()
  const item = makeItem({ devices: [makeDevice({ name: 'raspberry', role: 'provider', complete: false, progress: 0.25 })] })
  const answers = { [FOLDER]: item, [`POST /api/v1/folders/${KEY}/rescan`]: item, [`GET /api/v1/events?folder=${KEY}`]: [] }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  const { code, stdout, stderr } = await world.run('a', ['wait', KEY, '--timeout', '0.3'])
  assert.deepEqual([code, stdout], [5, ''])
  assert.equal(stderr, 'hyper-store: Not complete after 0.3 seconds: raspberry holds 25 % of version 12\n')
  const failed = await world.run('a', ['wait', KEY, '--timeout', '1.2', '--json'])
  assert.equal(errorOf(failed).code, 'TIMED_OUT')
  assert.deepEqual(errorOf(failed).data['devices'], ['raspberry'])
  assert.match(failed.stderr, /^photos 25 % · raspberry$/m)
})

test('watch prints lines for people and NDJSON with --json, and ends with 0 when interrupted', async () => {
  await using world = await createWorld()
  const change = { event: 'change', at: AT, link: LINK, op: 'rename', path: 'b.jpg', from: 'a.jpg', version: 13, device: 'laptop' }
  const events = [change, { ...receipt, device: { name: 'raspberry', key: KEY } }]
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { 'GET /api/v1/folders': [makeItem()], 'GET /api/v1/events': events })
  const watch = async (args: string[]) => {
    const child = world.start('a', ['watch', ...args])
    let stdout = ''
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve)
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        if (stdout.split('\n').length > 2) child.kill('SIGINT')
      })
    })
    return { code, lines: stdout.trimEnd().split('\n') }
  }
  const human = await watch([])
  assert.equal(human.code, 0)
  assert.match(human.lines[0] ?? '', /photos: rename a\.jpg -> b\.jpg {2}\(version 13, laptop\)$/)
  assert.match(human.lines[1] ?? '', /raspberry holds version 12 of photos/)
  const { lines } = await watch(['--json'])
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    events,
  )
})

test('provider commands print one line each, with this store as "local"', async () => {
  await using world = await createWorld()
  const raspberry = { name: 'raspberry', url: 'http://pi:3472', deviceKey: KEY, role: 'owner', reachable: false }
  const answers = {
    'GET /api/v1/providers': [raspberry],
    'PUT /api/v1/providers/raspberry': raspberry,
    'GET /api/v1/providers/raspberry': raspberry,
    'PUT /api/v1/providers/default': { error: { code: 'UNAUTHENTICATED', message: 'Pair first', data: {} } },
    'DELETE /api/v1/providers/raspberry': { ok: true },
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  const out = async (...args: string[]) => (await world.run('a', args)).stdout
  assert.equal(await out('list-providers'), 'local\thttp://here\towner\treachable\nraspberry\thttp://pi:3472\towner\tnot reachable\n')
  assert.equal(await out('set-provider', 'http://pi:3472#code', 'raspberry'), 'raspberry\thttp://pi:3472\towner\n')
  assert.deepEqual(store.bodies.at(-1), { target: 'http://pi:3472#code' })
  assert.equal(await out('get-provider', 'raspberry'), 'http://pi:3472\n')
  assert.equal(await out('unset-provider', 'raspberry'), '')
  // Nobody is asked for a code where nobody can answer.
  assert.equal((await world.run('a', ['set-provider', 'http://pi:3472'])).code, 4)
})

test('pair prints only the line to paste, and asks for what was wished', async () => {
  await using world = await createWorld()
  const line = 'hyper-store set-provider http://pi:3472#ABCD-EFGH raspberry'
  const answers = { 'POST /api/v1/pair': { code: 'ABCD-EFGH', line, role: 'reader', expiresAt: AT } }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  const { stdout } = await world.run('a', ['pair', '--role', 'reader', '--expires', '2h'])
  assert.equal(stdout, `${line}\n`)
  assert.deepEqual(store.bodies, [{ role: 'reader', expiresS: 7200 }])
})

test('devices are listed, renamed and revoked, also on a provider', async () => {
  await using world = await createWorld()
  const device = { name: 'phone', key: KEY, role: 'member', addedAt: AT, lastSeenAt: null, connected: false }
  const answers = {
    'GET /api/v1/devices': [device],
    'GET /api/v1/providers/raspberry/api/devices': [{ ...device, connected: true }],
    'PATCH /api/v1/devices/phone': { ...device, name: 'Ana' },
    'DELETE /api/v1/devices/phone': { ok: true },
  }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  const out = async (...args: string[]) => (await world.run('a', args)).stdout
  assert.equal(await out('devices'), `phone\tmember\t${KEY}\tnever seen\n`)
  assert.equal(await out('devices', 'raspberry'), `phone\tmember\t${KEY}\tconnected\n`)
  assert.equal(await out('devices', 'rename', 'phone', 'Ana'), `Ana\tmember\t${KEY}\n`)
  assert.deepEqual(await world.json('a', ['devices', 'revoke', 'phone']), [{ ok: true }])
})

test('doctor asks the running service, marks each check, and ends with 1 when something is wrong', async () => {
  await using world = await createWorld()
  const checks = [
    { name: 'node', state: 'ok', message: 'Node 24', cure: null },
    { name: 'clock', state: 'wrong', message: 'an hour late', cure: 'Set the clock' },
  ]
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { 'GET /api/v1/doctor': checks })
  const { code, stdout } = await world.run('a', ['doctor'])
  assert.deepEqual([code, stdout], [1, '✓ ok       node: Node 24\n✗ wrong    clock: an hour late\n             Set the clock\n'])
})

test('ignore prints the rules, and with --test the verdict on a path inside or outside the folder', async () => {
  await using world = await createWorld()
  const rules = [{ file: '.hyperignore', line: 3, pattern: '*.tmp' }]
  const verdict = { rules, test: { path: 'raw/a.tmp', ignored: true, rule: '*.tmp' } }
  const answers = {
    [FOLDER]: makeItem(),
    [`GET /api/v1/folders/${KEY}/ignore`]: { rules, test: null },
    [`GET /api/v1/folders/${KEY}/ignore?test=raw/a.tmp`]: verdict,
  }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  assert.equal((await world.run('a', ['ignore', KEY])).stdout, '.hyperignore:3\t*.tmp\n')
  for (const file of ['raw/a.tmp', '/home/a/photos/raw/a.tmp']) {
    assert.equal((await world.run('a', ['ignore', KEY, '--test', file])).stdout, 'ignored\traw/a.tmp\t*.tmp\n')
  }
})
