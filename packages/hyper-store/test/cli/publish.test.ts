/** Publishing from a machine that keeps nothing: the built program against stores that run. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createWorld, PROGRAM, type RunningService, type World } from './world.ts'

const SECRET = 'a secret of a build machine, long enough to be one'
const KEY = { HYPER_STORE_PUBLISH_KEY: SECRET }

interface Published {
  link: string
  version: number
  changes: number
  files: number
  receipts: { device: { name: string; key: string }; version: number }[]
}

describe('publish', { timeout: 110_000 }, () => {
  let world: World
  let pi: RunningService
  let site: string

  beforeEach(async () => {
    world = await createWorld()
    pi = await world.serve('pi', ['--name', 'pi'])
    site = await world.folder('site')
    await writeFile(path.join(site, 'index.html'), '<h1>one</h1>')
    await writeFile(path.join(site, 'large.bin'), randomBytes(300_000))
  })
  afterEach(async () => world[Symbol.asyncDispose]())

  const target = async (): Promise<string> => {
    const [pair] = await world.json('pi', ['pair'])
    return `${pi.url}#${String(pair?.['code'])}`
  }
  const publish = async (to: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = KEY) => {
    const ended = await world.run('ci', ['publish', site, '--to', to, '--timeout', '40s', '--json', ...args], { TMPDIR: world.dir, ...env })
    const said = ended.stdout === '' ? null : (JSON.parse(ended.stdout) as Published)
    return { ...ended, said }
  }
  const published = async (to: string, args: readonly string[] = []): Promise<Published> => {
    const { code, said, stderr } = await publish(to, args)
    assert.equal(code, 0, stderr)
    assert.ok(said !== null)
    return said
  }
  const shown = async (link: string, name: string): Promise<Response> => fetch(`${pi.url}/gateway/${link.replace('hyper://', '')}/${name}`)

  it('goes on where the last run ended, sends nothing when nothing changed, and leaves nothing behind', async () => {
    const to = await target()
    const first = await published(to)
    assert.equal(first.files, 2)
    assert.equal(first.receipts[0]?.device.key, pi.deviceKey)
    assert.equal(await (await shown(first.link, 'index.html')).text(), '<h1>one</h1>')

    // A checkout has new times.
    await utimes(path.join(site, 'index.html'), new Date(), new Date())
    await utimes(path.join(site, 'large.bin'), new Date(), new Date())
    const again = await published(to)
    assert.deepEqual([again.link, again.version, again.changes], [first.link, first.version, 0])

    await writeFile(path.join(site, 'index.html'), '<h1>two</h1>')
    await writeFile(path.join(site, 'more.html'), 'more')
    await rm(path.join(site, 'large.bin'))
    const changed = await published(to)
    assert.equal(changed.link, first.link)
    assert.equal(changed.changes, 3)
    assert.ok(changed.version > first.version)
    assert.equal(await (await shown(first.link, 'index.html')).text(), '<h1>two</h1>')
    assert.equal(await (await shown(first.link, 'more.html')).text(), 'more')
    assert.equal((await shown(first.link, 'large.bin')).status, 404)
    assert.deepEqual(
      (await readdir(world.dir)).filter((name) => name.startsWith('hyper-store-publish-')),
      [],
    )
  })

  it('sends the changed part of a large file only', async () => {
    const to = await target()
    const bytes = randomBytes(3_000_000)
    await writeFile(path.join(site, 'large.bin'), bytes)
    const first = await published(to)
    const stored = async () => Number((await world.json('pi', ['info', first.link]))[0]?.['bytes'])
    const before = await stored()
    bytes[1_500_000] = (bytes[1_500_000] ?? 0) ^ 255
    await writeFile(path.join(site, 'large.bin'), bytes)
    const next = await published(to)
    assert.equal(next.changes, 1)
    assert.ok((await stored()) - before < 800_000)
    assert.ok(Buffer.from(await (await shown(first.link, 'large.bin')).arrayBuffer()).equals(bytes))
    await published(to)
    assert.ok((await stored()) - before < 800_000)
  })

  it('goes on after a run that was killed', async () => {
    const to = await target()
    const first = await published(to)
    await writeFile(path.join(site, 'large.bin'), randomBytes(6_000_000))
    const env = { ...process.env, ...KEY, TMPDIR: world.dir, HYPER_STORE_SERVICE_OPTIONS: '--lan-only --no-lan' }
    const aborted = spawn(process.execPath, [PROGRAM, 'publish', site, '--to', to], { env, stdio: 'ignore' })
    const ended = once(aborted, 'close')
    // Killed as soon as the provider has records of the new version, or when it was faster than that.
    const key = first.link.replace('hyper://', '')
    for (let done = false; !done && aborted.exitCode === null;) {
      const [item] = await world.json('pi', ['list'])
      done = String(item?.['link']).includes(key) && item?.['state'] !== 'up-to-date'
    }
    aborted.kill('SIGKILL')
    await ended
    await writeFile(path.join(site, 'index.html'), '<h1>after</h1>')
    const next = await published(to)
    assert.equal(next.link, first.link)
    assert.equal(await (await shown(first.link, 'index.html')).text(), '<h1>after</h1>')
    assert.equal((await (await shown(first.link, 'large.bin')).arrayBuffer()).byteLength, 6_000_000)
  })

  it('never forks when two runs of one secret meet: one waits for the other', async () => {
    const to = await target()
    const first = await published(to)
    await writeFile(path.join(site, 'index.html'), '<h1>both</h1>')
    const both = await Promise.all([published(to), published(to)])
    assert.deepEqual(
      both.map((one) => one.link),
      [first.link, first.link],
    )
    assert.equal(both[0]?.version, both[1]?.version)
    assert.deepEqual(
      both.map((one) => one.changes).sort((a, b) => a - b),
      [0, 1],
    )
  })

  it('publishes to a provider that the own store knows by name', async () => {
    const [pair] = await world.json('pi', ['pair'])
    await world.json('laptop', ['set-provider', `${pi.url}#${String(pair?.['code'])}`, 'raspberry'])
    const { code, stdout, stderr } = await world.run('laptop', ['publish', site, '--to', 'raspberry', '--json'], KEY)
    assert.equal(code, 0, stderr)
    const said = JSON.parse(stdout) as Published
    assert.equal(said.receipts[0]?.device.name, 'raspberry')
    assert.equal(await (await shown(said.link, 'index.html')).text(), '<h1>one</h1>')
  })

  it('encrypts with --private, under a link of its own, and takes a token as right', async () => {
    const token = (await readFile(path.join(world.dir, 'pi', 'token'), 'utf8')).trim()
    const open = await published(`${pi.url}#${token}`)
    const sealed = await published(`${pi.url}#${token}`, ['--private', '--title', 'Secret site'])
    assert.match(sealed.link, /^hyper:\/\/[a-z0-9]{52}#[a-z0-9]{52}$/)
    assert.notEqual(sealed.link.slice(0, 60), open.link.slice(0, 60))
    assert.equal((await published(`${pi.url}#${token}`, ['--private'])).version, sealed.version)
    const items = await world.json('pi', ['list'])
    assert.deepEqual(
      items.filter((item) => item['private'] === true).map((item) => item['title']),
      ['Secret site'],
    )
  })

  it('leaves nothing behind when it is interrupted', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const env = { ...process.env, ...KEY, TMPDIR: world.dir, HYPER_STORE_SERVICE_OPTIONS: '--lan-only --no-lan' }
    const waiting = spawn(process.execPath, [PROGRAM, 'publish', site, '--to', `http://127.0.0.1:${port}#oak`], { env, stdio: 'ignore' })
    const ended = once(waiting, 'close')
    const [socket] = (await once(silent, 'connection')) as [Socket]
    waiting.kill('SIGINT')
    await ended
    socket.destroy()
    silent.close()
    assert.notEqual(waiting.exitCode, 0)
    assert.deepEqual(
      (await readdir(world.dir)).filter((name) => name.startsWith('hyper-store-publish-')),
      [],
    )
  })

  it('says what is wrong: no secret, a short one, nobody there, no time', async () => {
    const to = await target()
    const none = await publish(to, [], { HYPER_STORE_PUBLISH_KEY: '' })
    assert.equal(none.code, 2)
    const short = await publish(to, [], { HYPER_STORE_PUBLISH_KEY: 'too short' })
    assert.match(short.stderr, /32 characters/)
    assert.doesNotMatch(short.stderr, /too short/)
    assert.equal((await publish('http://127.0.0.1:1#oak')).code, 3)
    const late = await publish(to, ['--timeout', '0s'])
    assert.equal(late.code, 5, late.stderr)
    assert.match(late.stderr, /pi/)
  })
})
