/** The doctor: every check on a well machine, and each illness with its cure. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Check } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { checkDisk, checkHome, checkWatches } from '../../src/service/doctor-home.ts'
import { checkAddons, checkLibatomic, checkPlatform } from '../../src/service/doctor-machine.ts'
import { checkClock, checkInternet, checkLan, checkNat, checkPort } from '../../src/service/doctor-network.ts'
import { runDoctor } from '../../src/service/doctor.ts'
import { makeHome, readOrCreateToken } from '../../src/service/home.ts'

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hyper-store-doctor-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function listening(server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

test('a machine that runs the tests is well, and every check has the contract’s shape', { timeout: 120_000 }, () =>
  inFolder(async (folder) => {
    const service = { port: 3472, lan: false, internet: 'off', nat: 'consistent', relay: 'none', watchesNeeded: 3 } as const
    const checks = await runDoctor({ home: join(folder, 'home'), service })
    v.parse(v.array(Check), checks)
    assert.deepEqual(
      checks.filter(({ state }) => state === 'wrong'),
      [],
    )
    const names = new Set(checks.map(({ name }) => name))
    const wanted = [
      'node',
      'architecture',
      'libatomic',
      'addons',
      'home',
      'disk',
      'watches',
      'port',
      'lan',
      'internet',
      'nat',
      'relay',
      'clock',
    ]
    for (const name of wanted) assert.ok(names.has(name), name)
    for (const { state, cure, name } of checks) if (state === 'wrong' || state === 'warning') assert.ok(cure, name)
  }),
)

test('a 32-bit machine, a missing library and native parts that crash are told with a cure', { timeout: 60_000 }, async () => {
  const checks = checkPlatform({ platform: 'linux', arch: 'arm', nodeVersion: '18.0.0', glibc: '2.31' })
  assert.deepEqual(
    checks.map(({ name, state }) => [name, state]),
    [
      ['node', 'wrong'],
      ['architecture', 'wrong'],
      ['libc', 'wrong'],
    ],
  )
  if (process.platform === 'linux') assert.equal((await checkLibatomic(['/nowhere'])).state, 'warning')
  const addons = await checkAddons(['classic-level', 'no-such-native-part'].map((name) => ({ name, through: [] })))
  assert.equal(addons.state, 'wrong')
  assert.match(addons.message, /no-such-native-part/)
  assert.doesNotMatch(addons.message, /classic-level/)
})

test('a home that others can read, that is a file, or that cannot be written is told', () =>
  inFolder(async (folder) => {
    const home = await makeHome(join(folder, 'home'))
    await readOrCreateToken(home)
    assert.equal((await checkHome(home.folder)).state, 'ok')
    assert.equal((await checkHome(join(folder, 'not yet'))).state, 'ok')
    await writeFile(join(folder, 'file'), '')
    assert.equal((await checkHome(join(folder, 'file'))).state, 'wrong')
    assert.equal((await checkDisk(join(folder, 'a/b/c'))).name, 'disk')
    if (process.platform === 'win32') return
    await chmod(home.tokenFile, 0o644)
    assert.match((await checkHome(home.folder)).cure ?? '', /chmod 600/)
    if (process.getuid?.() === 0) return
    await chmod(home.folder, 0o500)
    assert.equal((await checkHome(home.folder)).state, 'wrong')
    await chmod(home.folder, 0o700)
  }))

test('too few watches are told with the line that raises the limit', { skip: process.platform === 'linux' ? false : 'Linux only' }, () =>
  inFolder(async (folder) => {
    const limit = join(folder, 'limit')
    await writeFile(limit, '65536\n')
    assert.equal((await checkWatches(100, limit)).state, 'ok')
    const short = await checkWatches(60_000, limit)
    assert.equal(short.state, 'warning')
    assert.match(short.cure ?? '', /max_user_watches=524288/)
    assert.match((await checkWatches(900_000, limit)).cure ?? '', /max_user_watches=2097152/)
  }),
)

test('a port is free, taken, or ours', async () => {
  await using taken = await listening(createServer())
  const ask = { port: taken.port, host: '127.0.0.1' }
  assert.equal((await checkPort({ ...ask, service: undefined })).state, 'wrong')
  assert.equal((await checkPort({ ...ask, service: { port: taken.port } })).state, 'ok')
  assert.equal((await checkPort({ ...ask, port: 0, service: undefined })).state, 'ok')
})

test('the network is told as the service knows it, by choice off, or bounded when asked', { timeout: 30_000 }, async () => {
  assert.match((await checkLan({ lan: false })).message, /Off by choice/)
  assert.equal((await checkLan(undefined, { address: '224.0.0.251', port: 54_321, through: '127.0.0.1' })).name, 'lan')
  assert.match((await checkInternet({ internet: 'off' }, undefined)).message, /Off by choice/)
  assert.equal((await checkInternet({ internet: 'offline' }, undefined)).state, 'warning')
  assert.equal((await checkInternet(undefined, async () => true)).state, 'ok')
  assert.equal((await checkInternet(undefined, () => Promise.reject(new Error('no')))).state, 'warning')
  assert.equal((await checkInternet(undefined, () => new Promise(() => undefined))).state, 'warning')
  assert.equal((await checkInternet(undefined, undefined)).state, 'unknown')
  assert.equal(checkNat({ nat: 'random' }).state, 'warning')
  assert.equal(checkNat(undefined).state, 'unknown')
})

test('the clock is compared with the first provider that answers', { timeout: 30_000 }, async () => {
  const server = createHttpServer((_, response) => response.setHeader('date', new Date(1_700_000_000_000).toUTCString()).end())
  await using provider = await listening(server)
  const urls = ['http://127.0.0.1:9/', `http://127.0.0.1:${provider.port}/`]
  assert.equal((await checkClock(urls, () => 1_700_000_030_000)).state, 'ok')
  const wrong = await checkClock(urls, () => 1_700_000_900_000)
  assert.equal(wrong.state, 'warning')
  assert.match(wrong.message, /900 s apart/)
  assert.equal((await checkClock([])).state, 'unknown')
  server.closeAllConnections()
})
