/** `select`: what is left out on this device, against a server that speaks the contract. */
import assert from 'node:assert/strict'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { KEY, makeItem, startFakeStore } from './fake-store.ts'
import { createWorld } from './world.ts'

test('select leaves out and brings back, with several at once and paths from inside or outside; alone it lists', async () => {
  await using world = await createWorld()
  let exclude = ['raw', 'video/2024']
  const answers = {
    [`GET /api/v1/folders/${KEY}`]: () => makeItem({ exclude }),
    [`PATCH /api/v1/folders/${KEY}`]: (body: { exclude: string[] }) => makeItem({ exclude: (exclude = body.exclude) }),
  }
  await using store = await startFakeStore(path.join(world.dir, 'a'), answers)
  assert.equal((await world.run('a', ['select', KEY])).stdout, 'raw\nvideo/2024\n')
  assert.ok(!store.calls.some((call) => call.startsWith('PATCH')))
  const change = async (...args: string[]) => {
    const { code, stderr } = await world.run('a', ['select', ...args])
    assert.equal(code, 0, stderr)
    return (store.bodies.at(-1) as { exclude: string[] }).exclude
  }
  assert.deepEqual(await change('--exclude', 'tmp/', '--exclude', './old', KEY), ['raw', 'video/2024', 'tmp', 'old'])
  assert.deepEqual(await change(KEY, '--include', '/home/a/photos/raw', '--include', 'video'), ['tmp', 'old'])
  assert.deepEqual(await change(KEY, '--include', 'tmp', '--exclude', 'new'), ['old', 'new'])
  assert.deepEqual(await change(KEY, '--include', '.'), [])
  const [item] = await world.json('a', ['select', KEY, '--exclude', 'raw'])
  assert.deepEqual(item?.['exclude'], ['raw'])
  for (const [args, sentence] of [
    [['--exclude', '.'], /The whole folder cannot be left out/],
    [['--include', 'raw/2024'], /raw is left out as a whole; include it/],
  ] as const) {
    const { code, stderr } = await world.run('a', ['select', KEY, ...args])
    assert.equal(code, 2)
    assert.match(stderr, sentence)
  }
})

test('a sub-folder that is left out goes from the disk, and comes back whole, with a real service', async () => {
  await using world = await createWorld()
  await world.serve('a', ['--name', 'laptop'])
  const folder = await world.folder('photos')
  await mkdir(path.join(folder, 'raw/2024'), { recursive: true })
  await writeFile(path.join(folder, 'raw/2024/a.txt'), 'hello')
  await writeFile(path.join(folder, 'b.txt'), 'stays')
  assert.equal((await world.run('a', ['add', './photos'])).code, 0)
  const isThere = async (name: string) =>
    access(path.join(folder, name)).then(
      () => true,
      () => false,
    )
  const before = (await world.json('a', ['rescan', './photos']))[0]
  const [item] = await world.json('a', ['select', './photos', '--exclude', './photos/raw'])
  assert.deepEqual(item?.['exclude'], ['raw'])
  // Somebody must hold it before it may go; alone, it may stay with a reason. The drive is the same either way.
  const [excluded] = await world.json('a', ['rescan', './photos'])
  assert.deepEqual([excluded?.['version'], excluded?.['files']], [before?.['version'], before?.['files']])
  await world.json('a', ['select', './photos', '--include', 'raw'])
  const [back] = await world.json('a', ['rescan', './photos'])
  assert.deepEqual([back?.['version'], back?.['files'], back?.['exclude'] ?? []], [before?.['version'], 2, []])
  assert.ok(await isThere('b.txt'))
  assert.equal(await readFile(path.join(folder, 'raw/2024/a.txt'), 'utf8'), 'hello')
  const escape = await world.run('a', ['select', './photos', '--exclude', '../b', '--json'])
  assert.equal(escape.code, 2)
})

test('modes are changed on a real service, and no file is touched by it', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const folder = await world.folder('photos')
  await writeFile(path.join(folder, 'a.txt'), 'hello')
  assert.equal((await world.run('a', ['add', './photos'])).code, 0)
  for (const mode of ['send-only', 'receive-only', 'send-receive']) {
    assert.equal((await world.run('a', ['mode', './photos', mode])).stdout, `${mode}\n`)
    assert.equal((await world.json('a', ['rescan', './photos']))[0]?.['files'], 1)
    assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'hello')
  }
})
