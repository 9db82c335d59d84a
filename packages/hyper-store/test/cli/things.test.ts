/** What a link names, without a copy, as a user reads and writes it: the built program with a real store. */
import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { Item, Table, TableRow, Thing, ThingEntry } from '@hyper-store/client/contract'
import { Table as TableShape, Thing as ThingShape, ThingEntry as EntryShape } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { PROGRAM, createStores } from '../fixtures/stores.ts'
import type { TestStore } from '../fixtures/stores.ts'
import { errorOf } from './world.ts'

const SERVICE = ['--port', '0', '--lan-only', '--no-lan', '--name', 'laptop']
const NOBODY = `hyper://${'b'.repeat(51)}y`

const refused = async (store: TestStore, args: readonly string[]): Promise<[number | null, string]> => {
  const ended = await store.run([...args, '--json'])
  return [ended.code, errorOf(ended).code]
}
const linesOf = (text: string) => text.split('\n').filter(Boolean)

test('a folder by its link: create, put, ls, cat, stat, get, mkdir, rm, versions', async () => {
  await using stores = await createStores('hyper-store-things-')
  const a = await stores.add('a')
  await a.serve(SERVICE)
  const link = await a.ok(['create', 'drive', 'letters'])
  assert.match(link, /^hyper:\/\/[a-z0-9]{52}$/)
  assert.equal(await a.ok(['ls', link]), '')

  const file = path.join(a.dir, 'run.sh')
  await writeFile(file, '#!/bin/sh\necho hello\n', { mode: 0o755 })
  assert.equal(await a.ok(['put', `${link}/tools/run.sh`, 'run.sh']), 'tools/run.sh')
  assert.equal(await a.ok(['put', `${link}/tools/`, './run.sh']), 'tools/run.sh')
  await a.shell(`printf 'dear ana' | node "${PROGRAM}" put ${link}/ana.txt`)
  await a.ok(['put', `${link}/empty.txt`, '/dev/null'])
  assert.deepEqual(linesOf(await a.ok(['ls', link])).toSorted(), ['ana.txt', 'empty.txt', 'tools/'])
  assert.equal(await a.ok(['ls', `${link}/tools`]), 'run.sh')
  assert.equal(await a.ok(['ls', `${link}/ana.txt`]), 'ana.txt')
  const deep = linesOf(await a.ok(['ls', link, '-r']))
  for (const name of ['ana.txt', 'empty.txt', 'tools/run.sh']) assert.ok(deep.includes(name), name)
  assert.match(await a.ok(['ls', '-l', `${link}/tools`]), /^program\t21\t\d{4}-\d\d-\d\dT[\d:.]+Z\trun\.sh$/)
  const entries = await a.json<ThingEntry>(['ls', '-r', link])
  for (const entry of entries) assert.deepEqual(v.parse(EntryShape, entry), entry)
  assert.equal(entries.find((entry) => entry.path === 'ana.txt')?.size, 8)

  assert.equal((await a.run(['cat', `${link}/ana.txt`])).stdout, 'dear ana')
  assert.equal((await a.run(['cat', `${link}/empty.txt`])).stdout, '')
  assert.equal((await a.run(['cat', 'letters/ana.txt'])).stdout, 'dear ana')
  const [entry] = await a.json<ThingEntry>(['stat', `${link}/tools/run.sh`])
  assert.deepEqual([entry?.kind, entry?.size, entry?.executable], ['file', 21, true])
  assert.ok(Math.abs((entry?.mtimeMs ?? 0) - (await stat(file)).mtimeMs) < 2)
  assert.match(await a.ok(['stat', `${link}/ana.txt`]), /^path\tana\.txt\nkind\tfile\nsize\t8\nchanged\t/)

  // By version, in the link and by option.
  const [before] = await a.json<Thing>(['stat', link])
  await writeFile(file, 'changed')
  await a.ok(['put', `${link}/ana.txt`, file])
  for (const args of [[`${link}+${before?.version}/ana.txt`], [`${link}/ana.txt`, '--version', String(before?.version)]])
    assert.equal((await a.run(['cat', ...args])).stdout, 'dear ana', args.join(' '))
  assert.equal((await a.run(['cat', `${link}/ana.txt`])).stdout, 'changed')

  // To this disk.
  assert.equal(await a.ok(['get', `${link}/tools/run.sh`, 'copy.sh']), path.join(a.dir, 'copy.sh'))
  assert.equal((await readFile(path.join(a.dir, 'copy.sh'), 'utf8')).length, 21)
  assert.ok(((await stat(path.join(a.dir, 'copy.sh'))).mode & 0o100) !== 0)
  await mkdir(path.join(a.dir, 'here'))
  await a.ok(['get', `${link}/empty.txt`, 'here'])
  assert.equal((await stat(path.join(a.dir, 'here/empty.txt'))).size, 0)
  await a.ok(['get', '-r', link, 'all'])
  assert.equal(await readFile(path.join(a.dir, 'all/ana.txt'), 'utf8'), 'changed')
  assert.equal((await readFile(path.join(a.dir, 'all/tools/run.sh'), 'utf8')).length, 21)

  assert.equal(await a.ok(['mkdir', `${link}/new/deep`]), 'new/deep/')
  assert.equal(await a.ok(['ls', `${link}/new`]), 'deep/')
  assert.equal(await a.ok(['mv', link, 'ana.txt', 'new/deep/Ana.txt']), 'new/deep/Ana.txt')
  assert.equal(await a.ok(['ls', link, '--match', 'aNA']), 'new/deep/Ana.txt')
  assert.equal(await a.ok(['rm', `${link}/new/deep/Ana.txt`]), '- new/deep/Ana.txt')
  assert.match(await a.ok(['rm', '-r', `${link}/tools`]), /^- tools/)
  assert.deepEqual(linesOf(await a.ok(['ls', link])).toSorted(), ['empty.txt', 'new/'])

  const cases: [string[], number, string][] = [
    [['ls', `${link}/none`], 6, 'NOT_FOUND'],
    [['cat', `${link}/none`], 6, 'NOT_FOUND'],
    [['cat', link], 2, 'WRONG_KIND'],
    [['get', `${link}/new`], 2, 'USAGE'],
    [['get', `${link}/empty.txt`, 'copy.sh'], 2, 'USAGE'],
    [['get', `${link}/empty.txt`, 'nowhere/x'], 2, 'NOT_A_FOLDER'],
    [['put', `${link}/x`, 'nofile'], 6, 'NOT_FOUND'],
    [['put', `${link}/x`, 'here'], 2, 'USAGE'],
    [['put', `${link}+1/x`, 'copy.sh'], 2, 'USAGE'],
    [['rm', link], 2, 'USAGE'],
    [['rm', `${link}/new`], 2, 'BAD_REQUEST'],
    [['rm', `${link}/none`], 6, 'NOT_FOUND'],
    [['mkdir', link], 2, 'USAGE'],
    [['mv', link, 'empty.txt', 'new'], 1, 'ALREADY_THERE'],
    [['mkdir', `${link}/empty.txt/x`], 2, 'BAD_REQUEST'],
    [['cat', 'hyper://wrong/x'], 2, 'BAD_LINK'],
    [['cat', 'nothing/x'], 6, 'UNKNOWN_FOLDER'],
    [['ls', `${link}+1`, '--version', '2'], 2, 'USAGE'],
    [['cat', `${link}+999999/empty.txt`], 6, 'UNKNOWN_VERSION'],
    [['seed', './x'], 2, 'USAGE'],
    [['unseed', NOBODY], 6, 'UNKNOWN_FOLDER'],
  ]
  for (const [args, exit, code] of cases) assert.deepEqual(await refused(a, args), [exit, code], args.join(' '))
})

test('info tells what a link is, and all that is kept; private things open with their whole link', async () => {
  await using stores = await createStores('hyper-store-things-')
  const a = await stores.add('a')
  await a.serve(SERVICE)
  const link = await a.ok(['touch', 'open'])
  const [hidden] = await a.json<Thing>(['create', 'drive', 'hidden', '--private'])
  assert.deepEqual(v.parse(ThingShape, hidden), hidden)
  assert.equal(hidden?.private, true)
  await writeFile(path.join(a.dir, 'x.txt'), 'words')
  await a.ok(['put', `hidden/x.txt`, 'x.txt'])
  assert.equal((await a.run(['cat', 'hidden/x.txt'])).stdout, 'words')
  const [thing] = await a.json<Thing>(['info', link])
  assert.deepEqual([thing?.kind, thing?.title, thing?.kept, thing?.writable, thing?.private], ['folder', 'open', true, true, false])
  assert.match(await a.ok(['info', link]), /^kind\tfolder\nlink\thyper:\/\/.*\ntitle\topen\nversion\t\d+\n/)
  assert.match(await a.ok(['info', link, '--long']), /\nlog \w+\tkey [a-z0-9]{52}, discovery key /)
  const rows = linesOf(await a.ok(['info'])).map((line) => line.split('\t'))
  assert.deepEqual(rows.map(([, kind, title]) => `${kind} ${title}`).toSorted(), ['folder hidden', 'folder open'])
  assert.equal(rows.find(([, , title]) => title === 'open')?.[0], link)
  const all = await a.json<{ kind: string; link: string; held: number; known: number }>(['info'])
  assert.ok(all.every(({ held, known }) => held === known))
  assert.equal(await a.ok(['seed', link]), link)
  await a.ok(['unseed', link])
  assert.equal((await a.json<Item>(['list'])).length, 1)
})

test('tables and plain cores by the same commands', async () => {
  await using stores = await createStores('hyper-store-things-')
  const a = await stores.add('a')
  await a.serve(SERVICE)
  const [table] = await a.json<Table>(['create', 'bee', 'addresses'])
  assert.deepEqual(v.parse(TableShape, table), table)
  const link = table?.link ?? ''
  await writeFile(path.join(a.dir, 'ana.json'), '{"city":"Porto"}\n')
  assert.equal(await a.ok(['put', `${link}/people/ana`, 'ana.json']), 'people/ana')
  await writeFile(path.join(a.dir, 'raw'), Buffer.from([0xff, 0, 1]))
  await a.ok(['put', `${link}/raw`, 'raw'])
  await writeFile(path.join(a.dir, 'word'), 'plain words\n')
  await a.ok(['put', `${link}/word`, 'word'])
  const listed = linesOf(await a.ok(['ls', link])).map((line) => line.replace(/\t.*/, ''))
  assert.deepEqual(listed.toSorted(), ['people/', 'raw', 'word'])
  assert.equal(await a.ok(['ls', `${link}/people`]), 'people/ana\t{"city":"Porto"}')
  assert.equal(linesOf(await a.ok(['ls', '-r', link])).length, 3)
  assert.equal(await a.ok(['cat', `${link}/people/ana`]), '{"city":"Porto"}')
  assert.equal(await a.ok(['cat', `${link}/word`]), '"plain words"')
  assert.deepEqual((await a.json<TableRow>(['cat', `${link}/raw`]))[0]?.type, 'bytes')
  await a.ok(['get', `${link}/raw`, 'raw.copy'])
  assert.deepEqual(await readFile(path.join(a.dir, 'raw.copy')), Buffer.from([0xff, 0, 1]))
  assert.match(await a.ok(['stat', `${link}/people/ana`]), /^key\tpeople\/ana\nkind\trow\ntype\tjson\nsize\t16\n/)
  assert.match(await a.ok(['info', link]), /^kind\ttable\n/)
  assert.equal(await a.ok(['rm', `${link}/word`]), '- word')
  assert.equal(await a.ok(['rm', '-r', `${link}/people`]), '- people')
  assert.equal(await a.ok(['ls', link]), linesOf(await a.ok(['ls', '-r', link])).join('\n'))

  // The log of a folder's content is a plain core.
  const drive = await a.ok(['create', 'drive', 'd'])
  await a.ok(['put', `${drive}/a.txt`, 'word'])
  const [thing] = await a.json<Thing>(['info', drive])
  const log = thing?.cores.find(({ name, length }) => length > 0 && !/^(db|entries|names)$/.test(name))
  const core = `hyper://${log?.key}`
  assert.match(await a.ok(['info', core]), /^kind\tcore\n/)
  assert.equal((await a.run(['cat', core])).stdout, 'plain words\n')
  assert.equal(await a.ok(['ls', core]), '0\t12')
  await a.ok(['get', core, 'core.copy'])
  assert.equal(await readFile(path.join(a.dir, 'core.copy'), 'utf8'), 'plain words\n')

  const cases: [string[], number, string][] = [
    [['cat', link], 2, 'WRONG_KIND'],
    [['cat', `${link}/none`], 6, 'NOT_FOUND'],
    [['ls', `${link}/none`], 6, 'NOT_FOUND'],
    [['rm', `${link}/none`], 6, 'NOT_FOUND'],
    [['rm', link], 2, 'USAGE'],
    [['mkdir', `${link}/x`], 2, 'WRONG_KIND'],
    [['put', link, 'word'], 2, 'WRONG_KIND'],
    [['put', core, 'word'], 2, 'WRONG_KIND'],
    [['rm', `${core}/x`], 2, 'WRONG_KIND'],
    [['cat', `${core}/x`], 6, 'NOT_FOUND'],
    [['sync', link, './out'], 2, 'WRONG_KIND'],
  ]
  for (const [args, exit, code] of cases) assert.deepEqual(await refused(a, args), [exit, code], args.join(' '))
})
