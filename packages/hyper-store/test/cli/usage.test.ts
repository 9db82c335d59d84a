/** What needs no service: usage mistakes, help, the alias, and that nothing is started unasked. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { COMMANDS } from '../../src/cli/command-table.ts'
import { PROGRAM, createWorld, errorOf, freePort } from './world.ts'

const exec = promisify(execFile)

test('usage mistakes end with 2 and one sentence, before anything is started', async () => {
  await using world = await createWorld()
  const mistakes: [string[], RegExp][] = [
    [['nonsense'], /unknown command 'nonsense'/],
    [['lisst'], /did you mean one of list, lists/],
    [['cloen'], /did you mean clone/],
    [['list', '--nonsense'], /unknown option '--nonsense'/],
    [['--nonsense', 'list'], /unknown option '--nonsense'/],
    [['list', 'a', 'b'], /too many arguments/],
    [['add'], /missing required argument/],
    [['service', 'explode'], /Allowed choices are status, start, stop, logs/],
    [['pair', '--role', 'king'], /Allowed choices are owner, member, reader/],
    [['pair', '--expires', 'soon'], /--expires wants a time/],
    [['wait', './x', '--timeout', 'soon'], /--timeout wants a time/],
    [['run-service', '--port', '70000'], /--port wants a port from 0 to 65535/],
    [['run-service', '--bootstrap', 'nowhere'], /--bootstrap wants host:port/],
    [['run-service', '--lan-only', '--bootstrap', 'a:1'], /leave out --bootstrap/],
    [['run-service', '--webhook', 'file:///x'], /--webhook wants/],
    [['install-service', '--user', '--system', '--print'], /Choose one of --user and --system/],
    [['alias', 'npm'], /Allowed choices are dat-store/],
  ]
  for (const [args, sentence] of mistakes) {
    const { code, stdout, stderr } = await world.run('a', [...args, '--no-start'])
    assert.deepEqual([code, stdout], [2, ''], args.join(' '))
    assert.match(stderr, sentence)
    assert.match(stderr, /^hyper-store: [^\n]+\n$/, args.join(' '))
  }
  assert.equal(errorOf(await world.run('a', ['nonsense', '--json'])).code, 'USAGE')
  await assert.rejects(access(path.join(world.dir, 'a')))
})

test('a wrong link is exit code 2 and shows what was written', async () => {
  await using world = await createWorld()
  for (const args of [
    ['clone', './x', 'hyper://wrong'],
    ['add', 'hyper://wrong'],
  ]) {
    const { code, stderr } = await world.run('a', [...args, '--no-start', '--json'])
    assert.equal(code, 2)
    assert.deepEqual(errorOf({ code, stderr, stdout: '' }), {
      code: 'BAD_LINK',
      message: '"hyper://wrong" is not a hyper:// link or key; check that it was copied whole',
      data: { link: 'hyper://wrong' },
    })
  }
})

test('--no-start ends with 3 when no service runs, also before the command and with a stale service.json', async () => {
  await using world = await createWorld()
  for (const args of [
    ['list', '--no-start'],
    ['--no-start', 'status'],
    ['wait', './x', '--no-start'],
    ['pair', '--no-start'],
  ]) {
    const { code, stdout, stderr } = await world.run('a', args)
    assert.deepEqual([code, stdout], [3, ''])
    assert.match(stderr, /No hyper-store service is running for .*\/a; start it with hyper-store run-service\n$/)
  }
  const home = path.join(world.dir, 'b')
  await mkdir(home)
  const stale = { url: `http://127.0.0.1:${await freePort()}`, pid: 999_999_999, startedAt: '2026-01-01T00:00:00Z' }
  await writeFile(path.join(home, 'service.json'), JSON.stringify(stale))
  assert.equal((await world.run('b', ['list', '--no-start'])).code, 3)
  await writeFile(path.join(home, 'service.json'), '{half of a fi')
  assert.equal((await world.run('b', ['list', '--no-start'])).code, 3)
  assert.equal((await world.run('b', ['service', 'status'])).code, 3)
})

test('help shows every command, and each command its example; no command at all is a usage mistake', async () => {
  await using world = await createWorld()
  const { code, stdout } = await world.run('a', ['--help'])
  assert.equal(code, 0)
  const commands = COMMANDS.flatMap((group) => group.commands)
  for (const { name } of commands) assert.match(stdout, new RegExp(`^ {2}${name}\\b`, 'm'))
  const helps = await Promise.all(commands.map(({ name }) => world.run('a', [name, '--help'])))
  for (const [i, help] of helps.entries()) assert.match(help.stdout, /Examples:\n {2}\$ /, commands[i]?.name)
  assert.ok(!helps.some((help) => /--any-port|--background/.test(help.stdout)))
  assert.equal((await world.run('a', [])).code, 2)
  assert.match((await world.run('a', ['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
})

test('a reader that has seen enough is no mistake', { skip: process.platform === 'win32' }, async () => {
  const { stderr } = await exec('/bin/sh', ['-c', `"${process.execPath}" "${PROGRAM}" --help | true`])
  assert.equal(stderr, '')
})

test(
  'alias dat-store writes a launcher that starts this program, and never replaces another one',
  { skip: process.platform === 'win32' },
  async () => {
    await using world = await createWorld()
    const bin = path.join(world.dir, "bin of 'ana'")
    const { code, stdout } = await world.run('a', ['alias', 'dat-store', '--dir', bin])
    assert.deepEqual([code, stdout], [0, `${path.join(bin, 'dat-store')}\n`])
    assert.match((await exec(path.join(bin, 'dat-store'), ['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
    assert.equal((await world.run('a', ['alias', 'dat-store', '--dir', bin])).code, 0)
    await writeFile(path.join(bin, 'dat-store'), '#!/bin/sh\necho the old one\n')
    const refused = await world.run('a', ['alias', 'dat-store', '--dir', bin])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /is another program/)
    assert.match(await readFile(path.join(bin, 'dat-store'), 'utf8'), /the old one/)
  },
)

test(
  'install-service --print shows the unit with the options of run-service and installs nothing',
  { skip: process.platform !== 'linux' },
  async () => {
    await using world = await createWorld()
    const env = { XDG_CONFIG_HOME: path.join(world.dir, 'config') }
    const args = ['install-service', '--print', '--expose-to-internet', '--name', 'my pi', '--no-lan', '--led', 'ACT']
    const { code, stdout } = await world.run('a', args, env)
    assert.equal(code, 0)
    assert.match(stdout, /^ExecStart=.*run-service --expose-to-internet --name "my pi" --no-lan --led ACT$/m)
    assert.ok(stdout.includes(`HYPER_STORE_HOME=${path.join(world.dir, 'a')}`))
    await assert.rejects(access(path.join(world.dir, 'config')))
  },
)

test('doctor works without a service, and starts none', async () => {
  await using world = await createWorld()
  const checks = await world.run('a', ['doctor', '--json'])
  const states = checks.stdout
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { state: string }).state)
  assert.ok(states.length > 5)
  assert.equal(checks.code, states.includes('wrong') ? 1 : 0)
  assert.equal((await world.run('a', ['service', 'status'])).code, 3)
})
