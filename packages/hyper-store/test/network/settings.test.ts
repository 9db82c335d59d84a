/** Settings of a running store: they hold at once and over a restart, and what the command line said can't be changed. */
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { after, before, test } from 'node:test'
import { freePort } from '../cli/world.ts'
import { apiOf, codeOf } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

let stores: Stores
let a: TestStore
let args: string[]

before(async () => {
  stores = await createStores()
  a = await stores.add('a')
  args = ['--lan-only', '--no-lan', '--port', String(await freePort())]
  await a.serve(args)
})
after(async () => stores[Symbol.asyncDispose]())

test('a name holds at once and after a restart', async () => {
  const api = await apiOf(a)
  assert.equal((await api.changeSettings({ name: ' Ana’s laptop ' })).name, 'Ana’s laptop')
  assert.equal((await api.getStore()).name, 'Ana’s laptop')
  await a.stop()
  await a.serve(args)
  assert.equal((await (await apiOf(a)).getStore()).name, 'Ana’s laptop')
})

test('what the command line said is told as fixed and can not be changed', async () => {
  const api = await apiOf(a)
  const { fixed, lan, internet } = await api.getSettings()
  assert.deepEqual([fixed, lan, internet], [['lan', 'internet'], false, false])
  for (const change of [{ lan: true }, { internet: true }, { name: ' ' }])
    assert.equal(await codeOf(api.changeSettings(change)), 'BAD_REQUEST')
  assert.equal((await api.getSettings()).lan, false)
})

const outside = Object.values(networkInterfaces())
  .flatMap((some) => some ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

test(
  'other machines reach the store as soon as it is told so, with a right, and no more when that is taken back',
  { skip: outside === undefined ? 'this machine has no address beside its own' : false },
  async () => {
    const api = await apiOf(a)
    const reached = async (): Promise<number | null> =>
      await fetch(`http://${outside}:${new URL(a.url).port}/api/v1/folders`).then(
        ({ status }) => status,
        () => null,
      )
    assert.equal((await api.getSettings()).reach, 'this-machine')
    assert.equal(await reached(), null)
    const changed = await api.changeSettings({ reach: 'network' })
    assert.ok(changed.reach === 'network')
    await until('the port is open to others', async () => (await reached()) === 401)
    await until(
      'addresses are told',
      async () => (await api.getSettings().catch(() => null))?.addresses.some((url) => url.includes(outside ?? '')) === true,
    )
    await a.stop()
    await a.serve(args)
    assert.equal(await reached(), 401)
    await (await apiOf(a)).changeSettings({ reach: 'this-machine' })
    await until('the port is closed to others', async () => (await reached()) === null)
    await until('this machine is answered', async () => (await codeOf((await apiOf(a)).getStore())) === 'done')
  },
)

test('a store that is stopped just after its reach was changed ends', async () => {
  await (await apiOf(a)).changeSettings({ reach: 'network' })
  await a.stop()
  assert.equal(
    await fetch(`${a.url}/healthz`).then(
      () => 'answered',
      () => 'nobody',
    ),
    'nobody',
  )
  await a.serve(args)
  assert.equal((await (await apiOf(a)).getSettings()).reach, 'network', 'and what was told holds')
  assert.ok(
    (await (await apiOf(a)).getLog()).lines.every(({ text }) => !/#[0-9A-Z]{4}-/.test(text)),
    'no code is in the log',
  )
})
