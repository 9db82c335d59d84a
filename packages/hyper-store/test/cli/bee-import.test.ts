/** Rows out of files and into files, with a real service. */
import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { createClient } from '@hyper-store/client'
import type { Client } from '@hyper-store/client'
import { createWorld, errorOf } from './world.ts'
import type { World } from './world.ts'

// One service for all: each test has tables of its own.
let world: World
/** For what is not the matter here. */
let client: Client
before(async () => {
  world = await createWorld()
  const { url } = await world.serve('a')
  client = createClient({ url, token: (await readFile(path.join(world.dir, 'a', 'token'), 'utf8')).trim() })
})
after(async () => world[Symbol.asyncDispose]())

const ok = async (args: string[], input?: string): Promise<string> => {
  const { code, stdout, stderr } = await world.run('a', ['bee', ...args], {}, input)
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
  return stdout
}
const rowsOf = async (table: string) => (await client.getRows(table)).rows.map(({ key, type, value }) => ({ key, type, value }))

test('rows of every type come back the same through JSON, NDJSON and CSV', async () => {
  const file = (name: string) => path.join(world.dir, name)
  const rows = [
    { key: 'a', type: 'json', value: { n: 1, s: '2', deep: [null, true], empty: '' } },
    { key: 'b', type: 'text', value: 'x,"y"\nz\u2028' },
    { key: 'c/1', type: 'bytes', value: '//79' },
    { key: 'c/é', type: 'json', value: 'text as JSON' },
  ]
  await writeFile(file('rows.ndjson'), rows.map((row) => JSON.stringify(row)).join('\n'))
  await client.createTable({ title: 'from' })
  const [done] = await world.json('a', ['bee', 'import', 'from', './rows.ndjson'])
  assert.equal(done?.['changed'], 4)
  assert.deepEqual(await rowsOf('from'), rows)
  for (const format of ['json', 'ndjson', 'csv']) {
    const [written] = await world.json('a', ['bee', 'export', 'from', `./out.${format}`])
    assert.deepEqual([written?.['file'], written?.['rows']], [file(`out.${format}`), 4])
    await client.createTable({ title: format })
    assert.equal(await ok(['import', format, `./out.${format}`]), '4\n')
    assert.deepEqual(await rowsOf(format), rows, format)
  }
  assert.equal(await ok(['export', 'from', '-', '--format', 'json']), await readFile(file('out.json'), 'utf8'))
  assert.deepEqual((await readdir(world.dir)).filter((name) => name.startsWith('out')).toSorted(), ['out.csv', 'out.json', 'out.ndjson'])
})

test('a CSV of people, keyed by one of its columns, is a table of objects; several pages come whole', async () => {
  const people = Array.from({ length: 2500 }, (_, i) => `u${String(i).padStart(5, '0')}@x.org,"Name, ${i}",${i % 90},0${i}`)
  await client.createTable({ title: 'people' })
  assert.equal(
    await ok(['import', 'people', '-', '--format', 'csv', '--key', 'email'], `email,name,age,zip\n${people.join('\n')}\n`),
    '2500\n',
  )
  assert.deepEqual((await client.getRow('people', { key: 'u00007@x.org' })).value, { name: 'Name, 7', age: 7, zip: '07' })
  const csv = (await ok(['export', 'people', '-', '--format', 'csv'])).trimEnd().split('\n')
  assert.deepEqual([csv[0], csv[8], csv.length], ['key,name,age,zip', 'u00007@x.org,"Name, 7",7,07', 2501])
  const listed = (await ok(['ls', 'people', '--limit', '2300'])).trimEnd().split('\n')
  assert.deepEqual([listed.length, listed.at(-1)?.split('\t')[0]], [2300, 'u02299@x.org'])
})

test('a broken line is told by its number, and nothing is put', async () => {
  await client.createTable({ title: 'words' })
  for (const [name, text, line] of [
    ['a.csv', 'key,value\na,1\nb\n', 3],
    ['b.ndjson', '{"key":"a","value":1}\n\n{"key":"b"}\n', 3],
    ['c.json', '{\n"a": 1,\n"b": nope\n}', 3],
    ['d.ndjson', `{"key":"a","value":1}\n{"key":"${'k'.repeat(65_536)}","value":1}\n`, 2],
    ['e.ndjson', `{"key":"a","value":1}\n{"key":"b","type":"text","value":"${'x'.repeat(10 << 20)}"}\n`, 2],
  ] as const) {
    await writeFile(path.join(world.dir, name), text)
    const ended = await world.run('a', ['bee', 'import', 'words', `./${name}`, '--json'])
    const { code, data, message } = errorOf(ended)
    assert.deepEqual([ended.code, code, data['line'], ended.stdout], [2, 'BAD_ROW', line, ''], name)
    assert.match(message, /Nothing was put$/)
  }
  assert.deepEqual(await rowsOf('words'), [])
  const missing = await world.run('a', ['bee', 'import', 'words', './none.csv', '--json'])
  assert.deepEqual([missing.code, errorOf(missing).code], [6, 'NOT_FOUND'])
  const unknown = await world.run('a', ['bee', 'import', 'words', './a.txt', '--json'])
  assert.deepEqual([unknown.code, errorOf(unknown).code], [2, 'USAGE'])
})
