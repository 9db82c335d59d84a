/** `select`: what is left out on this device, against a server that speaks the contract. */
import assert from 'node:assert/strict'
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
