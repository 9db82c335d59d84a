/** `mode` and what `status` and `wait` tell of a shared folder, against a server that speaks the contract. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { KEY, LINK, makeDevice, makeItem, startFakeStore } from './fake-store.ts'
import { createWorld, errorOf } from './world.ts'

const FOLDER = `GET /api/v1/folders/${KEY}`

test('mode shows and changes what this device does', async () => {
  await using world = await createWorld()
  const answers = {
    [FOLDER]: makeItem(),
    [`PATCH /api/v1/folders/${KEY}`]: (body: { mode: 'send-only' }) => makeItem({ mode: body.mode }),
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  assert.equal((await world.run('a', ['mode', KEY])).stdout, 'send-receive\n')
  const changed = await world.run('a', ['mode', KEY, 'send-only'])
  assert.deepEqual([changed.code, changed.stdout, store.bodies.at(-1)], [0, 'send-only\n', { mode: 'send-only' }])
  assert.equal((await world.json('a', ['mode', KEY, 'receive-only']))[0]?.['mode'], 'receive-only')
  assert.equal((await world.run('a', ['mode', KEY, 'both'])).code, 2)
})

test('status tells people, conflicts and what is left out', async () => {
  await using world = await createWorld()
  const devices = [
    makeDevice({ name: 'laptop', role: 'this', person: 'Ana' }),
    makeDevice({ name: 'desk', person: 'Ben' }),
    makeDevice({ name: 'Cleo', person: 'Cleo' }),
  ]
  const item = makeItem({ shared: true, role: 'writer', private: true, conflicts: 2, exclude: ['raw', 'video/2024'], devices })
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { [FOLDER]: item })
  assert.equal(
    (await world.run('a', ['status', KEY])).stdout,
    [
      `photos  ${LINK}`,
      '  /home/a/photos · send-receive · private · shared, writer · 1,234 files, 1.2 GB · version 12',
      '  up-to-date',
      '  2 in conflict; hyper-store conflicts shows which',
      '  left out here: raw, video/2024',
      '  laptop (Ana)  this device  holds version 12 (live), complete',
      '  desk (Ben)    device       holds version 12 (live), complete',
      '  Cleo          device       holds version 12 (live), complete',
      '',
    ].join('\n'),
  )
})

test('wait takes people and devices by name, and refuses a name that several have', async () => {
  await using world = await createWorld()
  const devices = [
    makeDevice({ name: 'laptop', role: 'this', person: 'Ana' }),
    makeDevice({ name: 'desk', person: 'Ben', complete: false, progress: 0.25 }),
    makeDevice({ name: 'phone', person: 'Ben' }),
    makeDevice({ name: 'laptop', key: 'other'.padEnd(52, 'y'), person: 'Cleo' }),
  ]
  const item = makeItem({ shared: true, devices })
  const answers = { [FOLDER]: item, [`POST /api/v1/folders/${KEY}/rescan`]: item, [`GET /api/v1/events?folder=${KEY}`]: [] }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  const [ben] = await world.json('a', ['wait', KEY, 'Ben'])
  assert.equal((ben?.['device'] as { name: string } | undefined)?.name, 'phone')
  const desk = await world.run('a', ['wait', KEY, 'desk', '--timeout', '1.2'])
  assert.equal(desk.code, 5)
  assert.match(desk.stderr, /photos 25 % · desk\n/)
  const twins = await world.run('a', ['wait', KEY, 'laptop', '--json'])
  assert.deepEqual([twins.code, errorOf(twins).code], [2, 'AMBIGUOUS'])
  assert.equal((await world.json('a', ['wait', KEY, 'other'.padEnd(52, 'y')])).length, 1)
})
