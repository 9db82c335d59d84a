/** Tables as a user works with them, with a real service: rows, ranges, history, watching. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { RowEvent, Table, TableRow } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { openStockCore } from '../compat/stock-core.ts'
import { createWorld, errorOf } from './world.ts'
import type { World } from './world.ts'

// One service for all: each test has tables of its own.
let world: World
let url: string
before(async () => {
  world = await createWorld()
  url = (await world.serve('a')).url
})
after(async () => world[Symbol.asyncDispose]())

const ok = async (args: string[], input?: string | Uint8Array): Promise<string> => {
  const { code, stdout, stderr } = await world.run('a', ['bee', ...args], {}, input)
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
  return stdout
}
const refused = async (args: string[], input?: string | Uint8Array): Promise<[number | null, string]> => {
  const ended = await world.run('a', ['bee', ...args, '--json'], {}, input)
  return [ended.code, errorOf(ended).code]
}

test('rows are put as JSON, text or bytes, read back as they were, and deleted', async () => {
  const link = (await ok(['create', 'contacts'])).trim()
  assert.match(link, /^hyper:\/\/[ybndrfg8ejkmcpqxot1uwisza345h769]{52}$/)
  await ok(['put', link, 'people/ana', '{"city": "Lisbon"}'])
  await ok(['put', link, 'note', '--as', 'text'], 'line one\nline two')
  await ok(['put', link, 'photo', '-', '--as', 'bytes'], Uint8Array.of(0, 255, 1))
  await ok(['put', 'contacts', 'motto', 'plain words'])
  const [table] = await world.json('a', ['bee', 'info', 'contacts'])
  const { title, rows, version, writable, kept } = v.parse(Table, table)
  assert.deepEqual({ title, link: table?.['link'], rows, writable, kept }, { title: 'contacts', link, rows: 4, writable: true, kept: true })
  const get = async (...args: string[]) => await ok(['get', link, ...args])
  assert.deepEqual(await Promise.all([get('people/ana'), get('motto'), get('note'), get('photo', '--as', 'json')]), [
    '{"city":"Lisbon"}\n',
    '"plain words"\n',
    'line one\nline two\n',
    '"AP8B"\n',
  ])
  const [note] = await world.json('a', ['bee', 'get', link, 'note'])
  const row = v.parse(TableRow, note)
  assert.deepEqual([row.key, row.type, row.value], ['note', 'text', 'line one\nline two'])
  await ok(['del', link, 'motto'])
  assert.deepEqual(await refused(['del', link, 'motto']), [6, 'NOT_FOUND'])
  assert.deepEqual(await refused(['get', link, 'motto']), [6, 'NOT_FOUND'])
  assert.equal(await get('motto', '--version', String(version)), '"plain words"\n')
  const changes = (await world.json('a', ['bee', 'history', link, 'motto'])).map((change) => v.parse(RowEvent, change))
  assert.deepEqual(
    changes.map(({ op, key, version: at }) => [op, key, at]),
    [
      ['delete', 'motto', version + 1],
      ['put', 'motto', version],
    ],
  )
  const all = (await ok(['history', link, '--limit', '2'])).trimEnd().split('\n')
  assert.deepEqual(
    all.map((line) => line.split('\t').slice(3)),
    [
      ['delete', 'motto', ''],
      ['put', 'motto', '"plain words"'],
    ],
  )
})

test('listings: order, prefix, bounds, the other way round, sub-databases once, a version', async () => {
  await ok(['create', 'posts'])
  const lines = ['b', 'a', 'posts/2026', 'posts/2025', 'posts/x/1', 'z'].map((key, value) => JSON.stringify({ key, value }))
  const [done] = (await ok(['import', 'posts', '-', '--json'], lines.join('\n')))
    .split('\n')
    .map((line) => JSON.parse(line || 'null') as { version: number })
  await ok(['put', 'posts', 'later', '1'])
  const keys = async (...args: string[]) => (await ok(['ls', 'posts', ...args])).split('\n').flatMap((line) => line.split('\t')[0] || [])
  assert.equal((await ok(['ls', 'posts'])).split('\n')[0], 'a\t1')
  const found = [
    keys('posts/'),
    keys('posts/202'),
    keys('--gt', 'b', '--lte', 'posts/2025'),
    keys('--gte', 'b', '--lt', 'later'),
    keys('--reverse', '--limit', '2'),
    keys('--shallow'),
    keys('--match', 'POSTS/202', '--reverse'),
    keys('--version', String(done?.version), '--lt', 'm'),
  ]
  assert.deepEqual(await Promise.all(found), [
    ['posts/2025', 'posts/2026', 'posts/x/1'],
    ['posts/2025', 'posts/2026'],
    ['later', 'posts/2025'],
    ['b'],
    ['z', 'posts/x/1'],
    ['posts/', 'a', 'b', 'later', 'z'],
    ['posts/2026', 'posts/2025'],
    ['a', 'b'],
  ])
  const rows = await world.json('a', ['bee', 'ls', 'posts', '--limit', '1'])
  assert.deepEqual([rows.length, rows[0]?.['key'], rows[0]?.['type'], rows[0]?.['value']], [1, 'a', 'json', 1])
})

test('wrong values, keys and kinds are one sentence and exit code 2', async () => {
  await world.folder('photos')
  const [folder] = (await world.json('a', ['add', './photos'])) as { link: string }[]
  await ok(['create', 'words'])
  const cases: [string[], string, Uint8Array?][] = [
    [['put', 'words', 'a', 'x', '--as', 'json'], 'BAD_VALUE'],
    [['put', 'words', 'a', '--as', 'text'], 'BAD_VALUE', Uint8Array.of(255)],
    [['put', 'words', 'a', '-', '--as', 'bytes'], 'BAD_VALUE', new Uint8Array(10 << 20)],
    [['put', 'words', 'k'.repeat(65_536), '1'], 'BAD_VALUE'],
    [['put', 'words', 'a'], 'USAGE'],
    [['get', 'words', 'a', '--version', 'x'], 'USAGE'],
    [['put', folder?.link ?? '', 'a', '1'], 'WRONG_KIND'],
    [['create', 'x', '--blind'], 'USAGE'],
    [['ls', 'words', '--match', 'x', '--shallow'], 'USAGE'],
    [['ls', 'words', '--match', ''], 'USAGE'],
  ]
  const ends = await Promise.all(cases.map(([args, , input]) => refused(args, input)))
  for (const [at, [args, code]] of cases.entries()) assert.deepEqual(ends[at], [2, code], args.join(' ').slice(0, 80))
  assert.deepEqual(await refused(['ls', 'nowhere']), [6, 'UNKNOWN_FOLDER'])
  assert.equal(await ok(['ls', 'words']), '')
})

test('watch tells each change as it happens, and --exec runs a command for one after another', async () => {
  const link = (await ok(['create', 'feed'])).trim()
  await ok(['put', link, 'posts/1', '"first"'])
  const watch = world.start('a', ['bee', 'watch', link, 'posts/', '--since', '0', '--json'])
  const log = path.join(world.dir, 'log')
  const command = `cat >> "${log}"; echo "$HYPER_STORE_OP $HYPER_STORE_KEY $HYPER_STORE_VALUE $HYPER_STORE_LINK" >> "${log}"; [ "$HYPER_STORE_KEY" != posts/2 ]`
  const exec = world.start('a', ['bee', 'watch', link, '--since', '0', '--exec', command])
  assert.ok(watch.stdout !== null && exec.stdout !== null)
  const events: v.InferOutput<typeof RowEvent>[] = []
  const seen = (async () => {
    for await (const line of createInterface({ input: watch.stdout ?? process.stdin })) {
      events.push(v.parse(RowEvent, JSON.parse(line)))
      if (events.length === 3) return
    }
  })()
  await ok(['put', link, 'other', '1'])
  await ok(['put', link, 'posts/2', 'second', '--as', 'text'])
  await ok(['del', link, 'posts/1'])
  await seen
  assert.deepEqual(
    events.map(({ op, key, value }) => [op, key, value]),
    [
      ['put', 'posts/1', 'first'],
      ['put', 'posts/2', 'second'],
      ['delete', 'posts/1', undefined],
    ],
  )
  const told = async () => (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean)
  while ((await told()).length < 8) await new Promise((resolve) => setTimeout(resolve, 20))
  const lines = await told()
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('{')),
    [`put posts/1 "first" ${link}`, `put other 1 ${link}`, `put posts/2 second ${link}`, `delete posts/1  ${link}`],
  )
  assert.deepEqual(
    lines.filter((line) => line.startsWith('{')).map((line) => v.parse(RowEvent, JSON.parse(line)).key),
    ['posts/1', 'other', 'posts/2', 'posts/1'],
  )
  const ended = (child: typeof watch) => new Promise((resolve) => child.once('close', resolve))
  const codes = Promise.all([ended(watch), ended(exec)])
  watch.kill('SIGINT')
  exec.kill('SIGINT')
  // A command that failed shows in the end, and ended nothing.
  assert.deepEqual(await codes, [0, 1])
})

test('a follower of a feed: watch of a plain core runs a command for each post that another program appends', async () => {
  await using peer = await openStockCore()
  await peer.core.append([Buffer.from('{"text":"hello"}')])
  await peer.connectByUpgrade(url)
  const log = path.join(world.dir, 'posts')
  const follower = world.start('a', [
    'watch',
    peer.link,
    '--since',
    '0',
    '--exec',
    `echo "$HYPER_STORE_INDEX $HYPER_STORE_VALUE" >> "${log}"`,
  ])
  const posts = async (count: number): Promise<string[]> => {
    for (;;) {
      const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean)
      if (lines.length >= count) return lines
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  assert.deepEqual(await posts(1), ['0 {"text":"hello"}'])
  await peer.core.append([Buffer.from('{"text":"again"}'), Buffer.from([0, 255])])
  assert.deepEqual((await posts(3)).slice(1), ['1 {"text":"again"}', '2 AP8='])
  const ended = new Promise((resolve) => follower.once('close', resolve))
  follower.kill('SIGINT')
  assert.equal(await ended, 0)
})

test('a kept table is read over the gateway, with tags', async () => {
  const link = (await ok(['create', 'dictionary'])).trim()
  await ok(['import', link, '-'], '{"key":"en/dog","value":{"de":"Hund"}}\n{"key":"motto","type":"text","value":"hi"}\n')
  const base = `${url}/gateway/${link.slice('hyper://'.length)}`
  const row = await fetch(`${base}/en/dog`)
  assert.deepEqual([row.status, await row.json()], [200, { de: 'Hund' }])
  const again = await fetch(`${base}/en/dog`, { headers: { 'if-none-match': row.headers.get('etag') ?? '' } })
  assert.equal(again.status, 304)
  assert.equal(await (await fetch(`${base}/motto`)).text(), 'hi')
  const listing = (await (await fetch(`${base}/?shallow=true`)).json()) as { rows: { key: string }[]; subs: string[] }
  assert.deepEqual([listing.rows.map(({ key }) => key), listing.subs], [['motto'], ['en/']])
  assert.equal((await fetch(`${base}/none`)).status, 404)
  const secret = (await ok(['create', 'letters', '--private'])).trim().replace(/#.*$/, '')
  assert.equal((await fetch(`${url}/gateway/${secret.slice('hyper://'.length)}/`)).status, 401)
})
