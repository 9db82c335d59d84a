/** The service as commands see it: started, found, kept apart, stopped. */
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { createWorld, errorOf } from './world.ts'

test('run-service --json says on its first line where it is, and stops in order', async () => {
  await using world = await createWorld()
  const service = await world.serve('a', ['--name', 'laptop'])
  const { event, url, deviceKey, name, pid, home } = service.ready
  assert.deepEqual([event, name, home], ['ready', 'laptop', path.join(world.dir, 'a')])
  assert.match(String(url), /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.match(String(deviceKey), /^[a-z0-9]{52}$/)
  const file = JSON.parse(await readFile(path.join(world.dir, 'a/service.json'), 'utf8')) as Record<string, unknown>
  assert.deepEqual([file['url'], file['pid']], [url, pid])
  assert.equal((await stat(path.join(world.dir, 'a/token'))).mode & 0o777, 0o600)
  const [status] = await world.json('a', ['service', 'status'])
  assert.deepEqual([status?.['running'], status?.['url'], status?.['pid']], [true, url, pid])
  await service.stop()
  await assert.rejects(stat(path.join(world.dir, 'a/service.json')), { code: 'ENOENT' })
  assert.equal((await world.run('a', ['list', '--no-start'])).code, 3)
})

test('a command starts a service in the background, says so on stderr, and the next command finds it', async () => {
  await using world = await createWorld()
  const first = await world.run('a', ['list'])
  assert.deepEqual([first.code, first.stdout], [0, ''])
  assert.match(first.stderr, /^Starting hyper-store in the background \(its log: .*service\.log\)\n/)
  const second = await world.run('a', ['list', '--no-start'])
  assert.equal(second.code, 0)
  assert.ok(!second.stderr.includes('Starting'))
  assert.equal((await world.run('a', ['service', 'start'])).code, 0)
  assert.equal((await world.run('a', ['service', 'stop'])).code, 0)
  assert.equal((await world.run('a', ['list', '--no-start'])).code, 3)
  assert.equal((await world.run('a', ['service', 'stop'])).code, 0)
})

test('two commands that start at once share one service', async () => {
  await using world = await createWorld()
  const runs = await Promise.all([world.run('a', ['list']), world.run('a', ['list'])])
  for (const { code, stderr } of runs) assert.equal(code, 0, stderr)
})

test('a second service on the same home ends with 1 and names the first', async () => {
  await using world = await createWorld()
  const first = await world.serve('a')
  const second = await world.run('a', ['run-service', '--json', '--port', '0', '--lan-only', '--no-lan'])
  assert.equal(second.code, 1)
  const { code, data } = errorOf(second)
  assert.deepEqual([code, data['pid']], ['HOME_LOCKED', first.pid])
  assert.equal((await world.run('a', ['list', '--no-start'])).code, 0)
})

test('a taken port ends with 1 and one sentence; a service that a command starts takes another port', async () => {
  await using world = await createWorld()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  try {
    const { code, stderr } = await world.run('a', ['run-service', '--port', String(port), '--lan-only', '--no-lan'])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`hyper-store: Port ${port} on 127\\.0\\.0\\.1 is taken; choose another with --port\\n$`))
    const child = world.start('a', ['run-service', '--json', '--port', String(port), '--any-port', '--lan-only', '--no-lan'])
    const line = await new Promise<string>((resolve) => child.stdout?.setEncoding('utf8').once('data', resolve))
    const { url } = JSON.parse(line.split('\n')[0] ?? '') as { url: string }
    assert.notEqual(new URL(url).port, String(port))
  } finally {
    other.close()
  }
})

test('a service that was killed leaves nothing in the way of the next', async () => {
  await using world = await createWorld()
  const { pid } = await world.serve('a')
  process.kill(pid, 'SIGKILL')
  const { code, stderr } = await world.run('a', ['list'])
  assert.equal(code, 0, stderr)
})

test('without the token there is no right, and the token of another home is none', async () => {
  await using world = await createWorld()
  const { url } = await world.serve('a')
  await world.serve('b')
  const token = (await readFile(path.join(world.dir, 'b/token'), 'utf8')).trim()
  assert.equal((await fetch(`${url}/api/v1/folders`)).status, 401)
  assert.equal((await fetch(`${url}/api/v1/folders`, { headers: { authorization: `Bearer ${token}` } })).status, 401)
})
