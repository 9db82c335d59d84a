/** Time travel as a user does it, with real services: history, diff, restore, trash. */
import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { Diff, FolderSpace, HistoryVersion, Item, Reclaimed, Restored, TrashItem } from '@hyper-store/client/contract'
import {
  Diff as DiffShape,
  FolderSpace as SpaceShape,
  HistoryVersion as VersionShape,
  Restored as RestoredShape,
} from '@hyper-store/client/contract'
import * as v from 'valibot'
import { changeTree, makeTree, treeFacts } from '../fixtures/trees.ts'
import { createWorld, errorOf, type World } from './world.ts'

interface Kept {
  readonly world: World
  readonly folder: string
  readonly write: (name: string, text: string) => Promise<void>
  /** Has the store see what was written, and gives its newest version. */
  readonly seen: () => Promise<number>
  readonly history: (...args: string[]) => Promise<HistoryVersion[]>
}

async function keptFolder(world: World, name = 'photos'): Promise<Kept> {
  const folder = await world.folder(name)
  const added = await world.run('a', ['add', `./${name}`])
  assert.equal(added.code, 0, added.stderr)
  return {
    world,
    folder,
    write: async (file, text) => {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
      // In one go: a file that is looked at while it is still empty is a version too.
      await writeFile(`${folder}.new`, text)
      await rename(`${folder}.new`, path.join(folder, file))
    },
    seen: async () => ((await world.json('a', ['rescan', name]))[0] as unknown as Item).version,
    history: async (...args) => (await world.json('a', ['history', name, ...args])) as unknown as HistoryVersion[],
  }
}

const ok = async (world: World, args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await world.run('a', args)
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
  return stdout
}
const refused = async (world: World, args: string[]): Promise<[number | null, string]> => {
  const ended = await world.run('a', [...args, '--json'])
  return [ended.code, errorOf(ended).code]
}

test('history tells each version with time, device, changes and sizes; diff tells what differs, with renames', async () => {
  await using world = await createWorld()
  await world.serve('a', ['--name', 'laptop'])
  const { write, seen, history, folder } = await keptFolder(world)
  const started = Date.now()
  await write('a.txt', 'one')
  await write('b/b.txt', 'bee')
  const first = await seen()
  await write('a.txt', 'two, longer')
  const second = await seen()
  await rename(path.join(folder, 'b/b.txt'), path.join(folder, 'b/renamed.txt'))
  await rm(path.join(folder, 'a.txt'))
  const third = await seen()

  const versions = await history()
  for (const version of versions) assert.deepEqual(v.parse(VersionShape, version), version)
  assert.equal(versions[0]?.version, third)
  assert.ok(versions.every(({ device }) => device === 'laptop'))
  const told = versions.flatMap(({ changes }) =>
    changes.map(({ op, path: at, from, sizeBefore, sizeAfter }) => [op, at, from, sizeBefore, sizeAfter]),
  )
  for (const change of [
    ['add', 'a.txt', null, null, 3],
    ['add', 'b/b.txt', null, null, 3],
    ['change', 'a.txt', null, 3, 11],
    ['rename', 'b/renamed.txt', 'b/b.txt', 3, 3],
    ['delete', 'a.txt', null, 11, null],
  ])
    assert.ok(
      told.some((one) => JSON.stringify(one) === JSON.stringify(change)),
      JSON.stringify([change, told]),
    )
  const times = versions.flatMap(({ at }) => (at === null ? [] : [Date.parse(at)]))
  assert.ok(times.length >= 3 && times.every((ms) => ms >= started - 1000 && ms <= Date.now()))
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  )

  assert.deepEqual(
    (await history('a.txt')).map(({ changes }) => changes[0]?.op),
    ['delete', 'change', 'add'],
  )
  const [newest] = await history('--limit', '1')
  assert.equal(newest?.version, third)
  assert.ok((await history('--before', String(second))).every(({ version }) => version < second))

  const [diff] = (await world.json('a', ['diff', 'photos', '--from', String(first), '--to', String(third)])) as unknown as Diff[]
  assert.deepEqual(v.parse(DiffShape, diff), diff)
  assert.deepEqual(
    diff?.changes.map(({ op, path: at }) => [op, at]),
    [
      ['delete', 'a.txt'],
      ['rename', 'b/renamed.txt'],
    ],
  )
  const link = ((await world.json('a', ['status', 'photos']))[0] as unknown as Item).link
  assert.equal(
    await ok(world, ['diff', `${link}+${first}`, `${link}+${second}`]),
    `~ a.txt (3 B to 11 B)\n1 changed between versions ${first} and ${second}\n`,
  )
  assert.equal(
    await ok(world, ['diff', `${link}+${second}`, `${link}+${first}`]),
    `~ a.txt (11 B to 3 B)\n1 changed between versions ${second} and ${first}\n`,
  )
  assert.match(await ok(world, ['diff', 'photos', '--from', '1h']).catch(() => 'none'), /none/)
  assert.match(await ok(world, ['diff', 'photos', '--from', String(first), '--path', 'b']), /^> b\/b.txt to b\/renamed.txt\n1 renamed/)
})

test('a file comes back as of a version and as of a time, and what it replaced is in the trash', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const { write, seen, folder, history } = await keptFolder(world)
  await write('a.txt', 'one')
  const first = await seen()
  await write('a.txt', 'two')
  await write('other.txt', 'stays')
  await seen()
  const out = await ok(world, ['restore', './photos', 'a.txt', '--version', String(first)])
  assert.match(out, /^~ a\.txt \(3 B\)\n1 changed: photos as of version \d+\n$/)
  assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'one')
  assert.equal(await readFile(path.join(folder, 'other.txt'), 'utf8'), 'stays')
  const trash = (await world.json('a', ['trash', 'photos'])) as unknown as TrashItem[]
  assert.deepEqual(
    trash.map(({ path: at, size }) => [at, size]),
    [['a.txt', 3]],
  )
  // It is a version like any other.
  const [newest] = await history('a.txt')
  assert.deepEqual(
    newest?.changes.map(({ op }) => op),
    ['change'],
  )

  const then = (await history('a.txt')).at(-2)?.at ?? ''
  await ok(world, ['restore', './photos', 'a.txt', '--at', then])
  assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'two')
  // Deleted files come back too.
  await rm(path.join(folder, 'a.txt'))
  await seen()
  assert.match(
    await ok(world, ['restore', './photos', 'a.txt', '--version', String(first), '--dry-run']),
    /^\+ a\.txt.*\n1 added to be made/,
  )
  await assert.rejects(readFile(path.join(folder, 'a.txt')))
  await ok(world, ['restore', './photos', 'a.txt', '--version', String(first)])
  assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'one')
})

test('a whole folder of all kinds goes back, and back again, byte for byte', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const { folder, seen } = await keptFolder(world)
  await makeTree(folder)
  for (let i = 0; i < 1000; i++) await writeFile(path.join(folder, 'letters', `n${i}`), `number ${i}`)
  // A file that becomes a folder, and a folder that becomes a file.
  await writeFile(path.join(folder, 'swap'), 'a file')
  await mkdir(path.join(folder, 'swop'))
  await writeFile(path.join(folder, 'swop/inner'), 'in a folder')
  const before = await seen()
  const first = await treeFacts(folder)
  await changeTree(folder)
  for (let i = 0; i < 900; i++) await rm(path.join(folder, 'letters', `n${i}`))
  await rm(path.join(folder, 'swap'))
  await mkdir(path.join(folder, 'swap'))
  await writeFile(path.join(folder, 'swap/inner'), 'now a folder')
  await rm(path.join(folder, 'swop'), { recursive: true })
  await writeFile(path.join(folder, 'swop'), 'now a file')
  await chmod(path.join(folder, 'run.sh'), 0o644)
  await world.run('a', ['rescan', 'photos'])
  await world.run('a', ['resume', 'photos', '--confirm'])
  const after = await seen()
  const second = await treeFacts(folder)

  const dry = (await world.json('a', ['restore', 'photos', '--version', String(before), '--dry-run'])) as unknown as Restored[]
  assert.deepEqual(v.parse(RestoredShape, dry[0]), dry[0])
  assert.deepEqual(await treeFacts(folder), second)
  const [done] = (await world.json('a', ['restore', 'photos', '--version', String(before)])) as unknown as Restored[]
  assert.deepEqual(done?.changes, dry[0]?.changes)
  assert.deepEqual(await treeFacts(folder), first)
  assert.deepEqual(((await world.json('a', ['diff', 'photos', '--from', String(before)])) as unknown as Diff[])[0]?.changes, [])

  // Now more goes than stays: it was asked for, so nothing stops it.
  await ok(world, ['restore', 'photos', '--version', String(after)])
  assert.deepEqual(await treeFacts(folder), second)
  const [item] = (await world.json('a', ['status', 'photos'])) as unknown as Item[]
  assert.equal(item?.state, 'up-to-date')
  await ok(world, ['restore', 'photos', '--version', String(before)])
  assert.deepEqual(await treeFacts(folder), first)

  // A sub-folder alone.
  await rm(path.join(folder, 'photos'), { recursive: true })
  await rm(path.join(folder, 'read me.txt'))
  await seen()
  await ok(world, ['restore', 'photos', 'photos', '--version', String(before)])
  const { 'read me.txt': _, ...rest } = first
  assert.deepEqual(await treeFacts(folder), rest)

  // A copy elsewhere, whole and of a part; nothing of ours is left in it.
  await ok(world, ['restore', 'photos', '--version', String(after), '--to', './copy'])
  assert.deepEqual(await treeFacts(path.join(world.dir, 'copy')), second)
  await mkdir(path.join(world.dir, 'part'))
  await ok(world, ['restore', 'photos', 'letters', '--version', String(before), '--to', './part'])
  assert.equal((await readdir(path.join(world.dir, 'part'))).length, (await readdir(path.join(folder, 'letters'))).length)
  await ok(world, ['restore', 'photos', 'run.sh', '--version', String(before), '--to', './old-run.sh'])
  assert.match(await readFile(path.join(world.dir, 'old-run.sh'), 'utf8'), /echo hello/)
})

test('the trash is listed, brought back beside an occupied name, and emptied', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const { write, seen, folder } = await keptFolder(world)
  await write('d/a.txt', 'one')
  const first = await seen()
  await write('d/a.txt', 'two')
  await symlink('a.txt', path.join(folder, 'd/link'))
  await seen()
  await ok(world, ['restore', 'photos', '--version', String(first)])
  const items = (await world.json('a', ['trash', 'photos'])) as unknown as TrashItem[]
  assert.deepEqual(items.map(({ path: at, size }) => `${at} ${size}`).sort(), ['d/a.txt 3', 'd/link 0'])
  const back = (await ok(world, ['trash', 'photos', 'restore', 'd/a.txt', 'd/link'])).trimEnd().split('\n')
  assert.match(back[0] ?? '', /^d\/a \(restored \d{4}-\d\d-\d\d \d\d-\d\d\)\.txt$/)
  assert.equal(back[1], 'd/link')
  assert.equal(await readFile(path.join(folder, back[0] ?? ''), 'utf8'), 'two')
  assert.equal(await readFile(path.join(folder, 'd/a.txt'), 'utf8'), 'one')
  assert.equal(await ok(world, ['trash', 'photos']), '')
  await write('d/a.txt', 'three')
  await seen()
  await ok(world, ['restore', 'photos', '--version', String(first)])
  assert.match(await ok(world, ['trash', 'photos', 'empty', '--older-than', '30d']), /^0 files, 0 B/)
  assert.match(await ok(world, ['trash', 'photos', 'empty']), /^\d+ files?, \d+ B deleted for good\n$/)
  assert.deepEqual(await world.json('a', ['trash', 'photos']), [])
  assert.deepEqual(await refused(world, ['trash', 'photos', 'restore', 'd/a.txt']), [6, 'NOT_FOUND'])
})

test('what is no version, no time, no place or no path is refused with one sentence, and nothing is touched', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const { write, seen, folder } = await keptFolder(world)
  await write('a.txt', 'one')
  const version = String(await seen())
  await write('a.txt', 'two')
  await seen()
  await world.folder('full')
  await writeFile(path.join(world.dir, 'full/x'), '')
  const before = await treeFacts(folder)
  const cases: [string[], number, string][] = [
    [['restore', 'photos'], 2, 'USAGE'],
    [['restore', 'photos', '--version', version, '--at', '1h'], 2, 'USAGE'],
    [['restore', 'photos', '--version', '0'], 2, 'USAGE'],
    [['restore', 'photos', '--version', '1'], 6, 'UNKNOWN_VERSION'],
    [['restore', 'photos', '--version', '999999'], 6, 'UNKNOWN_VERSION'],
    [['restore', 'photos', '--at', 'soon'], 2, 'USAGE'],
    [['restore', 'photos', '--at', '2999-01-01'], 2, 'BAD_REQUEST'],
    [['restore', 'photos', '--at', '2001-01-01'], 6, 'UNKNOWN_VERSION'],
    [['restore', 'photos', 'none.txt', '--version', version], 6, 'NOT_FOUND'],
    [['restore', 'photos', '../out', '--version', version], 2, 'BAD_REQUEST'],
    [['restore', 'photos', '--version', version, '--to', './photos/inside'], 2, 'BAD_REQUEST'],
    [['restore', 'photos', '--version', version, '--to', './photos'], 2, 'BAD_REQUEST'],
    [['restore', 'photos', '--version', version, '--to', './full'], 1, 'FOLDER_NOT_EMPTY'],
    [['restore', 'photos', '--version', version, '--to', './full/x'], 2, 'NOT_A_FOLDER'],
    [['restore', 'photos', 'a.txt', '--version', version, '--to', './full/x'], 2, 'BAD_REQUEST'],
    [['restore', 'nowhere', '--version', version], 6, 'UNKNOWN_FOLDER'],
    [['history', 'photos', 'none.txt'], 6, 'NOT_FOUND'],
    [['history', 'photos', '--limit', '0'], 2, 'USAGE'],
    [['diff', 'photos', '--from', '999999'], 6, 'UNKNOWN_VERSION'],
    [['diff', 'photos', '--from', '0'], 6, 'UNKNOWN_VERSION'],
    [['diff', './photos', './full', '--from', version], 2, 'USAGE'],
    [['diff', './photos', './nowhere'], 2, 'NOT_A_FOLDER'],
    [['trash', 'photos', 'restore'], 2, 'USAGE'],
    [['trash', 'photos', 'burn'], 2, 'USAGE'],
    [['retain', 'photos'], 2, 'USAGE'],
    [['retain', 'photos', '--all', '--days', '3'], 2, 'USAGE'],
  ]
  for (const [args, exit, code] of cases) assert.deepEqual(await refused(world, args), [exit, code], args.join(' '))
  assert.deepEqual(await treeFacts(folder), before)
})

test('space tells what a folder occupies; retain lets old versions go, which are then told as gone', async () => {
  await using world = await createWorld()
  const { url } = await world.serve('a')
  const { write, seen, folder } = await keptFolder(world)
  await write('a.bin', 'a'.repeat(50_000))
  const first = String(await seen())
  await write('a.bin', 'b'.repeat(60_000))
  await seen()
  const [space] = (await world.json('a', ['space', 'photos'])) as unknown as FolderSpace[]
  assert.deepEqual(v.parse(SpaceShape, space), space)
  assert.deepEqual([space?.content, space?.history, space?.retention], [60_000, 50_000, { keep: 'all' }])
  assert.match(await ok(world, ['space']), /^photos .*keeps all versions\n {2}content +60\.0 kB .*\n[^]*\nstore /)

  const [reclaimed] = (await world.json('a', ['retain', 'photos', '--versions', '1'])) as unknown as Reclaimed[]
  assert.deepEqual([reclaimed?.freed, reclaimed?.space.history], [50_000, 0])
  const before = await treeFacts(folder)
  assert.deepEqual(await refused(world, ['restore', 'photos', '--version', first]), [6, 'VERSION_GONE'])
  assert.deepEqual(await treeFacts(folder), before)
  // What was there is still told, only its content is gone.
  assert.match(await ok(world, ['history', 'photos', 'a.bin']), /~ a\.bin \(50.0 kB to 60.0 kB\)/)
  const key = ((await world.json('a', ['status', 'photos']))[0] as unknown as Item).key
  assert.equal((await fetch(`${url}/gateway/${key}+${first}/a.bin`)).status, 410)
  assert.match(await ok(world, ['retain', 'photos', '--all']), /^photos keeps all versions: 0 B let go/)
})
