/** Boards as a user works with them on the command line, with a real service. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { createWorld, errorOf } from './world.ts'
import type { World } from './world.ts'

let world: World
let folder: string
before(async () => {
  world = await createWorld()
  await world.serve('a')
  folder = path.join(world.dir, 'trip')
  await mkdir(folder)
  await writeFile(path.join(folder, 'one.txt'), 'x')
  await ok(['add', folder])
})
after(async () => world[Symbol.asyncDispose]())

const ok = async (args: string[], input?: string): Promise<string> => {
  const { code, stdout, stderr } = await world.run('a', args, {}, input)
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`)
  return stdout
}

test('a board is made, written on from arguments and pipes, listed, shown, and taken out and in', async () => {
  const id = (await ok(['board', 'create', folder, 'Where to go'])).trim()
  assert.match(id, /^[0-9a-f]{16}$/)
  await ok(['board', 'add', folder, 'Where to go', 'Faro\nLagos'])
  await ok(['board', 'add', folder, id, 'https://example.org/x'])
  await ok(['board', 'add', folder, id, '-'], 'from a pipe')
  assert.match(await ok(['board', 'ls', folder]), new RegExp(`^${id}\\s+3\\s+Where to go`))
  assert.match(await ok(['board', 'show', folder, id]), /text\s+Faro Lagos\nlink\s+https:\/\/example\.org\/x\ntext\s+from a pipe/)
  const file = path.join(world.dir, 'out.canvas')
  await ok(['board', 'export', folder, id, file])
  const canvas = JSON.parse(await readFile(file, 'utf8')) as { nodes: { text?: string }[] }
  assert.deepEqual(
    canvas.nodes.map(({ text }) => text),
    ['Faro\nLagos', undefined, 'from a pipe'],
  )
  const other = (await ok(['board', 'create', folder, 'Other'])).trim()
  assert.equal((await ok(['board', 'import', folder, other, file])).trim(), '3')
  assert.match(await ok(['board', 'export', folder, other, '-', '--format', 'html']), /^<!doctype html>[^]*from a pipe/)
  assert.match(await ok(['board', 'open', folder, other, '--print']), new RegExp(`/#/folders/[a-z0-9]{52}/boards/${other}\n`))
})

test('what is not there, or can’t be read, is said in one sentence', async () => {
  const refused = async (args: string[]): Promise<string> => errorOf(await world.run('a', [...args, '--json'])).code
  assert.equal(await refused(['board', 'show', folder, 'nothing']), 'NOT_FOUND')
  assert.equal(await refused(['board', 'ls', path.join(world.dir, 'elsewhere')]), 'UNKNOWN_FOLDER')
  assert.equal(await refused(['board']), 'USAGE')
  const file = path.join(world.dir, 'bad.canvas')
  await writeFile(file, 'not a canvas')
  await ok(['board', 'create', folder, 'Bad'])
  assert.equal(await refused(['board', 'import', folder, 'Bad', file]), 'BAD_REQUEST')
})
