/** Providers and devices as a user handles them, with two real services on loopback. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { Item, ReceiptEvent } from '@hyper-store/client'
import { createWorld, errorOf, freePort } from './world.ts'
import type { World } from './world.ts'

/** Pairs home `a` with the store of home `pi` under the name raspberry. */
async function pair(world: World, args: string[] = []): Promise<string> {
  const line = (await world.run('pi', ['pair', ...args])).stdout.trim()
  const [, target = ''] = /^hyper-store set-provider (\S+)/.exec(line) ?? []
  const set = await world.run('a', ['set-provider', target, 'raspberry'])
  assert.equal(set.code, 0, set.stderr)
  return target
}

test('pair prints one line, whose target makes a provider once', async () => {
  await using world = await createWorld()
  const pi = await world.serve('pi', ['--name', 'pi'])
  await world.serve('a', ['--name', 'laptop'])
  const target = await pair(world)
  assert.match(target, /^http:\/\/127\.0\.0\.1:\d+#\S+$/)
  const [local, raspberry] = await world.json('a', ['list-providers'])
  assert.deepEqual(
    [local?.['name'], raspberry?.['name'], raspberry?.['role'], raspberry?.['deviceKey']],
    ['local', 'raspberry', 'owner', pi.deviceKey],
  )
  assert.equal((await world.run('a', ['get-provider', 'raspberry'])).stdout.trim(), pi.url)
  assert.deepEqual(
    (await world.json('pi', ['devices'])).map((device) => device['name']),
    ['laptop'],
  )
  const again = await world.run('a', ['set-provider', target, 'other', '--json'])
  assert.deepEqual([again.code, errorOf(again).code], [4, 'WRONG_CODE'])
  assert.equal((await world.run('a', ['unset-provider', 'raspberry'])).code, 0)
  assert.equal((await world.run('a', ['get-provider', 'raspberry'])).code, 6)
})

test('a wrong and an expired code are exit code 4, each with its own sentence', async () => {
  await using world = await createWorld()
  const pi = await world.serve('pi')
  await world.serve('a')
  const wrong = await world.run('a', ['set-provider', `${pi.url}#ABCD-EFGH-JKMNP`, 'raspberry', '--json'])
  assert.deepEqual([wrong.code, errorOf(wrong).code], [4, 'WRONG_CODE'])
  const [code] = await world.json('pi', ['pair', '--expires', '1s'])
  const left = Date.parse(String(code?.['expiresAt'])) - Date.now()
  await new Promise((resolve) => setTimeout(resolve, left + 50))
  const expired = await world.run('a', ['set-provider', `${pi.url}#${String(code?.['code'])}`, 'raspberry', '--json'])
  assert.deepEqual([expired.code, errorOf(expired).code], [4, 'EXPIRED_CODE'])
  assert.equal((await world.run('a', ['get-provider', 'raspberry'])).code, 6)
})

test('a provider that wants rights is refused without a code, with 4', async () => {
  await using world = await createWorld()
  const pi = await world.serve('pi')
  await world.serve('a')
  const refused = await world.run('a', ['set-provider', pi.url, 'raspberry', '--json'])
  assert.deepEqual([refused.code, errorOf(refused).code], [4, 'UNAUTHENTICATED'])
})

test('with --open no code is needed', async () => {
  await using world = await createWorld()
  const pi = await world.serve('pi', ['--open'])
  await world.serve('a')
  const set = await world.run('a', ['set-provider', pi.url, 'raspberry'])
  assert.equal(set.code, 0, set.stderr)
  assert.equal((await world.run('a', ['list', 'raspberry'])).code, 0)
})

test('an address where nobody is, and one where no store is, are exit code 3', async () => {
  await using world = await createWorld()
  await world.serve('a')
  const nobody = await world.run('a', ['set-provider', `http://127.0.0.1:${await freePort()}#code`, 'raspberry', '--json'])
  assert.deepEqual([nobody.code, errorOf(nobody).code], [3, 'PROVIDER_UNREACHABLE'])
  const { createServer } = await import('node:http')
  const router = createServer((_, response) => response.end('<h1>router</h1>'))
  await new Promise<void>((resolve) => router.listen(0, '127.0.0.1', resolve))
  try {
    const address = router.address()
    const port = typeof address === 'object' ? address?.port : 0
    const wrong = await world.run('a', ['set-provider', `http://127.0.0.1:${port}`, 'raspberry', '--json'])
    assert.deepEqual([wrong.code, errorOf(wrong).code], [3, 'NOT_A_STORE'])
  } finally {
    router.close()
  }
})

test('add shares here and has the provider keep it; wait names its receipt; then the provider is off', async () => {
  await using world = await createWorld()
  const pi = await world.serve('pi', ['--name', 'pi'])
  await world.serve('a', ['--name', 'laptop'])
  await pair(world)
  const folder = await world.folder('photos')
  await writeFile(path.join(folder, 'a.txt'), 'hello')
  const link = (await world.run('a', ['add', './photos', 'raspberry'])).stdout.trim()
  const receipts = (await world.json('a', ['wait', './photos', 'raspberry', '--timeout', '30s'])) as unknown as ReceiptEvent[]
  assert.deepEqual(
    receipts.map((receipt) => [receipt.device.key, receipt.files, receipt.bytes]),
    [[pi.deviceKey, 1, 5]],
  )
  const both = await world.json('a', ['wait', './photos', '--timeout', '30s'])
  assert.equal(both.length, 2)
  const [there] = (await world.json('a', ['list', 'raspberry'])) as unknown as Item[]
  assert.deepEqual([there?.link, there?.path, there?.mode], [link, null, 'keep'])

  await pi.stop()
  const listed = await world.run('a', ['list', 'raspberry', '--json'])
  assert.deepEqual([listed.code, errorOf(listed).code], [3, 'PROVIDER_UNREACHABLE'])
  // What the provider had when last heard stays known.
  const [item] = (await world.json('a', ['status', './photos'])) as unknown as Item[]
  const device = item?.devices.find((one) => one.key === pi.deviceKey)
  assert.deepEqual([device?.complete, device?.live], [true, false])
  await writeFile(path.join(folder, 'b.txt'), 'new')
  const late = await world.run('a', ['wait', './photos', 'raspberry', '--timeout', '2s', '--json'])
  assert.deepEqual([late.code, errorOf(late).code], [5, 'TIMED_OUT'])
})

test('a link that the provider keeps is cloned by another device', async () => {
  await using world = await createWorld()
  await world.serve('pi')
  const a = await world.serve('a')
  await pair(world)
  const folder = await world.folder('photos')
  await writeFile(path.join(folder, 'a.txt'), 'hello')
  const link = (await world.run('a', ['add', './photos', 'raspberry'])).stdout.trim()
  await world.run('a', ['wait', './photos', 'raspberry', '--timeout', '30s'])
  await a.stop()
  await world.serve('b')
  const line = (await world.run('pi', ['pair', '--role', 'reader'])).stdout.trim()
  await world.run('b', ['set-provider', line.split(' ')[2] ?? '', 'raspberry'])
  const [item] = await world.json('b', ['clone', './copy', link])
  assert.equal(item?.['path'], path.join(world.dir, 'copy'))
  const waited = await world.run('b', ['wait', './copy', 'this', '--timeout', '30s'])
  assert.equal(waited.code, 0, waited.stderr)
  assert.equal(await readFile(path.join(world.dir, 'copy/a.txt'), 'utf8'), 'hello')
})

test('a revoked device is refused with 4', async () => {
  await using world = await createWorld()
  await world.serve('pi')
  await world.serve('a', ['--name', 'laptop'])
  await pair(world)
  assert.equal((await world.run('a', ['list', 'raspberry'])).code, 0)
  assert.equal((await world.run('pi', ['devices', 'revoke', 'laptop'])).code, 0)
  assert.equal((await world.run('a', ['list', 'raspberry'])).code, 4)
  assert.equal((await world.run('pi', ['devices', 'revoke', 'laptop'])).code, 6)
})

test('a reader may look and not change', async () => {
  await using world = await createWorld()
  await world.serve('pi')
  await world.serve('a')
  await pair(world, ['--role', 'reader'])
  assert.equal((await world.run('a', ['list', 'raspberry'])).code, 0)
  const refused = await world.run('a', ['add', `hyper://${'y'.repeat(52)}`, 'raspberry', '--json'])
  assert.deepEqual([refused.code, errorOf(refused).code], [4, 'FORBIDDEN'])
})

test('open and pair --browser give an address of the page with a code', async () => {
  await using world = await createWorld()
  const pi = await world.serve('pi', ['--name', 'pi'])
  await world.serve('a')
  const noDisplay = { DISPLAY: '', WAYLAND_DISPLAY: '', SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22' }
  const printed = await world.run('pi', ['open', '--print'])
  const told = await world.run('pi', ['open'], noDisplay)
  const browser = await world.run('pi', ['pair', '--browser', '--role', 'reader'])
  for (const { code, stdout } of [printed, told, browser]) {
    assert.equal(code, 0)
    assert.ok(stdout.startsWith(`${pi.url}/#code=`), stdout)
  }
  assert.match(browser.stderr, /works once, within 10 min/)
  assert.match(browser.stderr, /Only this machine reaches this store/)
  const [, code = ''] = /#code=(\S+)/.exec(printed.stdout) ?? []
  assert.equal((await world.run('a', ['set-provider', `${pi.url}#${decodeURIComponent(code)}`, 'raspberry'])).code, 0)
})

test(
  'open starts the browser of the desktop with that address, and prints it when there is none',
  { skip: process.platform !== 'linux' },
  async () => {
    await using world = await createWorld()
    const pi = await world.serve('pi')
    const opener = path.join(await world.folder('programs'), 'xdg-open')
    const seen = path.join(world.dir, 'seen')
    const env = { DISPLAY: ':9', PATH: `${path.dirname(opener)}:${process.env['PATH'] ?? ''}` }
    await writeFile(opener, `#!/bin/sh\nprintf %s "$1" > '${seen}'\n`, { mode: 0o755 })
    const opened = await world.run('pi', ['open'], env)
    assert.deepEqual([opened.code, opened.stdout], [0, ''])
    assert.ok((await readFile(seen, 'utf8')).startsWith(`${pi.url}/#code=`))
    await writeFile(opener, '#!/bin/sh\nexit 3\n')
    const failed = await world.run('pi', ['open'], env)
    assert.ok(failed.stdout.startsWith(`${pi.url}/#code=`), failed.stdout)
  },
)

test('devices limit sets what is kept for a device at most, here and at a provider, and a new code takes no limit away', async () => {
  await using world = await createWorld()
  await world.serve('pi', ['--name', 'pi'])
  await world.serve('a', ['--name', 'laptop'])
  await pair(world)
  assert.match((await world.run('pi', ['devices', 'limit', 'laptop', '1.5 GB'])).stdout, /\t0 B of 1\.5 GB$/m)
  await pair(world)
  assert.match((await world.run('pi', ['devices'])).stdout, /\t0 B of 1\.5 GB$/m)
  assert.equal((await world.run('a', ['devices', 'limit', 'laptop', 'none', 'raspberry'])).code, 0)
  assert.equal((await world.json('pi', ['devices']))[0]?.['quotaBytes'], null)
})
