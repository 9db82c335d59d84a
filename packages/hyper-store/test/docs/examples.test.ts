/** The examples of the client run as they are printed, against a real store. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createWorld } from '../cli/world.ts'
import type { World } from '../cli/world.ts'

const folder = fileURLToPath(new URL('../../../../client/examples/', import.meta.url))

/** Runs an example with the address and token of home `a`. */
async function runExample(
  world: World,
  name: string,
  args: string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { url } = JSON.parse(await readFile(path.join(world.dir, 'a/service.json'), 'utf8')) as { url: string }
  const token = (await readFile(path.join(world.dir, 'a/token'), 'utf8')).trim()
  const env = { ...process.env, HYPER_STORE_URL: url, HYPER_STORE_TOKEN: token }
  const child = spawn(process.execPath, [path.join(folder, name), ...args], { cwd: world.dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const out = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => (out[stream] += text))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...out })))
}

test('every example of the client runs and prints what it promises', async () => {
  await using world = await createWorld()
  await world.serve('a', ['--name', 'laptop'])
  const photos = await world.folder('photos')
  await writeFile(path.join(photos, 'a.txt'), 'hello')
  const shared = await runExample(world, 'share-and-wait.mjs', ['./photos'])
  assert.equal(shared.code, 0, shared.stderr)
  assert.match(shared.stdout, /^hyper:\/\/\S+\nlaptop holds version \d+: 1 files, 5 bytes\n$/)
  const listed = await runExample(world, 'list.mjs')
  assert.match(listed.stdout, /^hyper:\/\/\S+ photos up-to-date 5 bytes\n$/)
  const watching = runExample(world, 'watch.mjs', ['3'])
  const writing = setInterval(() => void writeFile(path.join(photos, 'b.txt'), String(Date.now())), 300)
  const watched = await watching
  clearInterval(writing)
  assert.equal(watched.code, 0, watched.stderr)
  assert.match(watched.stdout, /^(add|change) b\.txt$/m)
  assert.deepEqual((await readdir(folder)).toSorted(), ['list.mjs', 'share-and-wait.mjs', 'watch.mjs'])
})
