/** Invites, joins, members, conflicts and links as a user sees them, against a server that speaks the contract. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import type { Invite, Join, Members } from '@hyper-store/client'
import { AT, KEY, LINK, makeItem, startFakeStore } from './fake-store.ts'
import { createWorld, errorOf } from './world.ts'

const FOLDER = `GET /api/v1/folders/${KEY}`
const API = `/api/v1/folders/${KEY}`
const CODE = `hs1${'y'.repeat(109)}`

const invite: Invite = {
  id: 'i1',
  code: CODE,
  role: 'writer',
  uses: 1,
  used: 0,
  expiresAt: AT,
  approve: false,
  mine: false,
  state: 'open',
  by: 'Ana',
}
const device = { key: KEY, addedAt: AT, you: false, live: true, version: 12, complete: true, at: AT }
const members: Members = {
  shared: true,
  epoch: 1,
  people: [
    { id: 'p1', name: 'Ana', role: 'owner', you: true, blind: false, devices: [{ ...device, name: 'laptop', you: true }] },
    {
      id: 'p2',
      name: 'Ben',
      role: 'writer',
      you: false,
      blind: false,
      devices: [
        { ...device, name: 'desk', key: 'desk'.padEnd(52, 'y'), complete: false, live: false, at: '2020-01-02T10:00:00Z' },
        { ...device, name: 'phone', key: 'phone'.padEnd(52, 'y'), version: 0, complete: false, live: false, at: null },
      ],
    },
    { id: 'p3', name: 'Box', role: 'keeper', you: false, blind: true, devices: [] },
  ],
  requests: [{ id: 'r1', name: 'Cleo', device: 'tablet', role: 'reader', words: 'amber fox river nine', invite: 'i1' }],
  invites: [invite, { ...invite, id: 'i2', state: 'used' }],
  problems: [{ about: 'desk', reason: 'its log forked' }],
}
const join: Join = { id: 'j1', key: KEY, path: '/home/a/photos', state: 'looking', words: null, role: null, problem: null }

test('invite prints the code alone, sends what was wished, and takes an invite back', async () => {
  await using world = await createWorld()
  const answers = {
    [FOLDER]: makeItem(),
    [`POST ${API}/invites`]: (body: { approve?: boolean }) => ({ ...invite, approve: body.approve === true }),
    [`DELETE ${API}/invites/i1`]: { ok: true },
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  const plain = await world.run('a', ['invite', KEY])
  assert.deepEqual([plain.code, plain.stdout], [0, `${CODE}\n`])
  assert.match(plain.stderr, /^This folder is public[^\n]*\nIt lets in a writer, works once, within 1 day\n$/)
  assert.deepEqual(store.bodies.at(-1), { role: 'writer', uses: 1, expiresS: 86_400, approve: false, mine: false })
  const wished = ['--role', 'keeper', '--uses', '5', '--expires', '7d', '--approve', '--mine']
  assert.deepEqual(await world.json('a', ['invite', KEY, ...wished]), [{ ...invite, approve: true }])
  assert.deepEqual(store.bodies.at(-1), { role: 'keeper', uses: 5, expiresS: 604_800, approve: true, mine: true })
  assert.match((await world.run('a', ['invite', KEY, '--approve'])).stderr, /compared four words/)
  assert.equal((await world.run('a', ['invite', KEY, '--cancel', 'i1'])).code, 0)
  assert.equal(store.calls.at(-1), `DELETE ${API}/invites/i1`)
  for (const [args, sentence] of [
    [['--uses', '0'], /--uses wants a number from 1 to 100/],
    [['--uses', 'many'], /--uses wants a number/],
    [['--expires', '31d'], /--expires wants a time of at most 30d/],
    [['--role', 'owner'], /Allowed choices are reader, writer, admin, keeper/],
  ] as const) {
    const { code, stderr } = await world.run('a', ['invite', KEY, ...args])
    assert.equal(code, 2)
    assert.match(stderr, sentence)
  }
})

test('join shows the four words while it waits, and prints the item once this device has joined', async () => {
  await using world = await createWorld()
  const states: Join[] = [join, { ...join, state: 'waiting', words: 'amber fox river nine' }, { ...join, state: 'joined', role: 'writer' }]
  let looks = 0
  const answers = {
    'POST /api/v1/joins': join,
    'GET /api/v1/joins/j1': () => states[Math.min(looks++, 2)],
    [FOLDER]: makeItem({ role: 'writer' }),
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  const { code, stdout, stderr } = await world.run('a', ['join', CODE, './photos', '--name', 'Ben'])
  assert.deepEqual([code, stdout], [0, `${LINK}\t/home/a/photos\tup-to-date\n`])
  assert.match(stderr, /Looking for a device[^\n]*\nWaiting for approval[^\n]*\n {2}amber fox river nine\nphotos is joined as writer/)
  assert.deepEqual(store.bodies[0], { code: CODE, path: path.join(world.dir, 'photos'), name: 'Ben' })
})

test('a join that is refused ends with its reason; one that takes too long goes on in the store, with 5', async () => {
  await using world = await createWorld()
  const problem = { code: 'INVITE_USED', message: 'This invite was already used; ask for a new one with hyper-store invite' }
  const refused = { ...join, state: 'refused', problem }
  const kept = { ...join, id: 'j2', path: null }
  const answers = {
    'POST /api/v1/joins': (body: { path?: string }) => (body.path === undefined ? kept : join),
    'GET /api/v1/joins/j1': refused,
    'GET /api/v1/joins/j2': kept,
    'GET /api/v1/joins': [kept, refused],
    'DELETE /api/v1/joins/j2': { ok: true },
  }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  const used = await world.run('a', ['join', CODE, './photos', '--json'])
  assert.deepEqual([used.code, used.stdout, errorOf(used).code], [4, '', 'INVITE_USED'])
  const late = await world.run('a', ['join', CODE, '--keep', '--timeout', '0.2'])
  assert.deepEqual([late.code, late.stdout], [5, ''])
  assert.match(
    late.stderr,
    /Not complete after 0.2 seconds: .*The store goes on by itself.*hyper-store join --cancel j2 takes that back\n$/,
  )
  assert.equal((await world.run('a', ['join', '--list'])).stdout, `j2\tlooking\t\t\nj1\trefused\t/home/a/photos\t${problem.message}\n`)
  assert.deepEqual(await world.json('a', ['join', '--cancel', 'j2']), [{ ok: true }])
  for (const args of [['join'], ['join', CODE]]) assert.equal((await world.run('a', args)).code, 2)
})

test('an interrupted join says how to take it back', async () => {
  await using world = await createWorld()
  const answers = { 'POST /api/v1/joins': join, 'GET /api/v1/joins/j1': join }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  const child = world.start('a', ['join', CODE, './photos'])
  let stderr = ''
  const code = await new Promise((resolve) => {
    child.once('close', resolve)
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      if (stderr.includes('Looking')) child.kill('SIGINT')
    })
  })
  assert.equal(code, 1)
  assert.match(stderr, /hyper-store join --cancel j1 takes that back\nhyper-store: Cancelled\n$/)
})

test('members shows people with their devices, guests with their words, open invites and problems', async () => {
  await using world = await createWorld()
  const hostile: Members = { ...members, problems: [{ about: 'a\u001B[2Jb', reason: 'c\nd' }] }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), { [FOLDER]: makeItem(), [`GET ${API}/members`]: hostile })
  const { stdout } = await world.run('a', ['members', KEY])
  assert.deepEqual(stdout.replace(/(?:last seen|until|live) ?[^)·]*/g, '@').split('\n'), [
    'Ana  owner · you · p1',
    '  laptop  holds version 12 (@), complete, this device',
    'Ben  writer · p2',
    '  desk   holds version 12 (@)',
    '  phone  has told nothing yet',
    'Box  keeper · cannot read · p3',
    'waiting  Cleo (tablet) as reader: amber fox river nine  r1',
    'invite   writer · used 0 of 1 · @· by Ana · i1',
    'problem  a\uFFFD[2Jb: c\uFFFDd',
    '',
  ])
  assert.deepEqual(await world.json('a', ['members', KEY]), [hostile])
})

test('members are approved, refused, removed and given roles by id, name or device, with the folder named or the only one shared', async () => {
  await using world = await createWorld()
  const desk = 'desk'.padEnd(52, 'y')
  const answers = {
    [FOLDER]: makeItem({ shared: true }),
    'GET /api/v1/folders': [makeItem({ shared: true }), makeItem({ key: `${'b'.repeat(51)}y` })],
    [`GET ${API}/members`]: members,
    [`POST ${API}/requests/r1`]: members,
    [`DELETE ${API}/requests/r1`]: members,
    [`DELETE ${API}/members/p2`]: members,
    [`DELETE ${API}/members/${desk}`]: members,
    [`PATCH ${API}/members/p2`]: members,
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  const cases: [string[], string][] = [
    [['approve', KEY, 'Cleo'], `POST ${API}/requests/r1`],
    [['approve', 'r1'], `POST ${API}/requests/r1`],
    [['refuse', 'tablet', '--folder', KEY], `DELETE ${API}/requests/r1`],
    [['remove', KEY, 'Ben'], `DELETE ${API}/members/p2`],
    [['remove', 'Ben'], `DELETE ${API}/members/p2`],
    [['remove', 'desk', '--yes'], `DELETE ${API}/members/${desk}`],
    [['role', KEY, 'Ben', 'reader'], `PATCH ${API}/members/p2`],
    [['role', 'phone', 'reader'], `PATCH ${API}/members/p2`],
  ]
  for (const [args, call] of cases) {
    const { code, stderr } = await world.run('a', ['members', ...args])
    assert.deepEqual([code, store.calls.at(-1)], [0, call], `${args.join(' ')}: ${stderr}`)
  }
  assert.deepEqual(store.bodies.at(-1), { role: 'reader' })
  assert.match(
    (await world.run('a', ['members', 'remove', 'Ben'])).stderr,
    /Ben keeps what those devices already had, and gets nothing new/,
  )
  const wrong: [string[], number, string][] = [
    [['remove', KEY, 'nobody'], 6, 'UNKNOWN_MEMBER'],
    [['approve', 'nobody'], 6, 'UNKNOWN_MEMBER'],
    [['role', KEY, 'Ben', 'king'], 2, 'USAGE'],
    [['role', 'Ben'], 2, 'USAGE'],
    [['remove', KEY, 'Ben', '--folder', KEY], 2, 'USAGE'],
  ]
  for (const [args, exit, code] of wrong) {
    const ended = await world.run('a', ['members', ...args, '--json'])
    assert.equal(ended.code, exit, args.join(' '))
    if (ended.stderr.includes('{')) assert.equal(errorOf(ended).code, code)
  }
})

test('a member named alone is refused where several folders are shared, or several members bear the name', async () => {
  await using world = await createWorld()
  const [, ben] = members.people
  assert(ben !== undefined)
  const twins = { ...members, people: [ben, { ...ben, id: 'p9' }] }
  const answers = {
    'GET /api/v1/folders': [makeItem({ shared: true }), makeItem({ shared: true })],
    [FOLDER]: makeItem(),
    [`GET ${API}/members`]: twins,
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  const several = await world.run('a', ['members', 'remove', 'Ben'])
  assert.equal(several.code, 2)
  assert.match(several.stderr, /2 folders are shared; name the one that is meant with --folder/)
  assert.equal(errorOf(await world.run('a', ['members', 'remove', KEY, 'Ben', '--json'])).code, 'AMBIGUOUS')
  assert.ok(!store.calls.some((call) => call.startsWith('DELETE')))
})

test('conflicts are listed and settled, with the file named from inside or outside', async () => {
  await using world = await createWorld()
  const conflict = {
    path: 'notes.txt',
    copy: 'notes (conflict desk 2026-11-03 10-32).txt',
    device: 'laptop',
    copyDevice: 'desk',
    mtimeMs: Date.parse('2020-01-02T10:00:00Z'),
    copyMtimeMs: 1e300,
    size: 5,
    copySize: 7,
  }
  const answers = { [FOLDER]: makeItem(), [`GET ${API}/conflicts`]: [conflict], [`POST ${API}/conflicts`]: [] }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  const { stdout } = await world.run('a', ['conflicts', KEY])
  assert.equal(stdout, `notes.txt\tlaptop, 5 B, 2 Jan 2020\t${conflict.copy}\tdesk, 7 B, 1e+300\n`)
  assert.deepEqual(await world.json('a', ['conflicts', KEY]), [conflict])
  for (const file of ['notes.txt', '/home/a/photos/notes.txt']) {
    const { code, stderr } = await world.run('a', ['conflicts', KEY, 'keep', 'theirs', file])
    assert.equal(code, 0, stderr)
    assert.match(stderr, /notes\.txt is settled for all members; no conflict is left/)
    assert.deepEqual(store.bodies.at(-1), { path: 'notes.txt', keep: 'theirs' })
  }
  for (const args of [['keep'], ['keep', 'mine'], ['keep', 'yours', 'x'], ['drop', 'mine', 'x']]) {
    assert.equal((await world.run('a', ['conflicts', KEY, ...args])).code, 2, args.join(' '))
  }
})

test('links are made, listed and revoked; the address is alone on stdout', async () => {
  await using world = await createWorld()
  const link = {
    id: 'l1',
    path: 'may.pdf',
    url: 'http://here/g/abc',
    createdAt: AT,
    expiresAt: '2020-01-02T10:00:00Z',
    state: 'good',
    by: 'laptop',
  }
  const answers = {
    [FOLDER]: makeItem(),
    [`GET ${API}/links`]: [link, { ...link, id: 'l2', path: '', url: null, state: 'revoked' }],
    [`POST ${API}/links`]: link,
    [`DELETE ${API}/links/l1`]: { ok: true },
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  assert.equal(
    (await world.run('a', ['links', KEY, 'create', '--path', '/home/a/photos/may.pdf', '--expires', '24h'])).stdout,
    `${link.url}\n`,
  )
  assert.deepEqual(store.bodies.at(-1), { path: 'may.pdf', expiresS: 86_400 })
  await world.json('a', ['links', KEY, 'create'])
  assert.deepEqual(store.bodies.at(-1), { path: '', expiresS: 604_800 })
  const lines = ['l1\tmay.pdf\tgood\tuntil 2 Jan 2020\tlaptop\thttp://here/g/abc', 'l2\t/\trevoked\tuntil 2 Jan 2020\tlaptop\t', '']
  assert.equal((await world.run('a', ['links', KEY])).stdout, lines.join('\n'))
  assert.deepEqual(await world.json('a', ['links', KEY, 'revoke', 'l1']), [{ ok: true }])
  assert.equal((await world.run('a', ['links', KEY, 'revoke'])).code, 2)
})

test('verify tells each problem, and ends with 1 when something stays damaged', async () => {
  await using world = await createWorld()
  const broken = { kind: 'block', path: 'a.jpg', reason: 'its bytes are not what was stored', repaired: false }
  const report = { key: KEY, title: 'photos', blocks: 3, files: 2, bytes: 9, problems: [broken, { ...broken, kind: 'file', path: null }] }
  const answers = {
    [FOLDER]: makeItem(),
    'GET /api/v1/folders': [makeItem()],
    [`POST ${API}/verify`]: (body: { repair: boolean }) =>
      body.repair ? { ...report, problems: report.problems.map((one) => ({ ...one, repaired: true })) } : report,
  }
  await using _ = await startFakeStore(path.join(world.dir, 'a'), answers)
  const { code, stdout, stderr } = await world.run('a', ['verify', KEY])
  assert.deepEqual([code, stdout.split('\n')[0]], [1, 'damaged\tblock\ta.jpg\tits bytes are not what was stored'])
  assert.match(stderr, /2 things are damaged; hyper-store verify --repair/)
  assert.equal(errorOf(await world.run('a', ['verify', '--json'])).code, 'DAMAGED')
  const repaired = await world.run('a', ['verify', '--repair'])
  assert.deepEqual([repaired.code, repaired.stdout.split('\n')[1]], [0, 'repaired\tfile\tphotos\tits bytes are not what was stored'])
})

test('every command of sharing has help with an example', async () => {
  await using world = await createWorld()
  for (const args of [
    ['invite'],
    ['join'],
    ['members'],
    ['members', 'remove'],
    ['members', 'approve'],
    ['links'],
    ['conflicts'],
    ['mode'],
    ['select'],
    ['verify'],
  ]) {
    const { code, stdout } = await world.run('a', [...args, '--help'])
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`Examples:\\n {2}\\$ hyper-store ${args.join(' ')}`), args.join(' '))
  }
})
