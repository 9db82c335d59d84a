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
