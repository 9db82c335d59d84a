/** What a provider keeps for a device at most: refused beyond, nothing more fetched beyond, and whole again once there is room. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Client } from '@hyper-store/client'
import { freePort } from '../cli/world.ts'
import { apiOf, codeOf, itemOf, runningStore, share } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

const KIB = 1024

let stores: Stores
let a: TestStore
let pi: TestStore
let atPi: Client

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  pi = await runningStore(stores, 'raspberry', ['--port', String(await freePort())])
  atPi = await apiOf(pi)
  const { code } = await atPi.createPair({ role: 'member' })
  await (await apiOf(a)).setProvider('raspberry', { target: `${pi.url}#${code}` })
})
after(async () => stores[Symbol.asyncDispose]())

const put = async (name: string, file: string, bytes: number) => {
  const at = path.join(a.dir, name)
  await mkdir(at, { recursive: true })
  await writeFile(path.join(at, file), randomBytes(bytes))
}
const deviceAtPi = async () => {
  const device = (await atPi.listDevices()).find(({ key }) => key === a.deviceKey)
  assert.ok(device)
  return device
}
const limit = async (quotaBytes: number | null) => atPi.changeDevice(a.deviceKey, { quotaBytes })
const holds = async (key: string, bytes: number) => itemOf(pi, key, (item) => item.state === 'up-to-date' && item.bytes === bytes)
const stands = async (key: string) => itemOf(pi, key, (item) => item.state === 'waiting' && item.problem?.code === 'QUOTA_EXCEEDED')

test('a device adds nothing beyond its limit, what grows beyond it waits untouched, and goes on when there is room', async () => {
  await put('one', 'a.bin', 300 * KIB)
  const one = await share(a, 'one', { provider: 'raspberry' })
  await holds(one.key, 300 * KIB)
  const { usedBytes = 0, quotaBytes } = await deviceAtPi()
  assert.equal(quotaBytes, null)
  assert.ok(usedBytes >= 300 * KIB && usedBytes < 310 * KIB, `${usedBytes} bytes are used`)

  assert.equal((await limit(usedBytes)).quotaBytes, usedBytes)
  await put('two', 'b.bin', 100 * KIB)
  assert.equal(await codeOf(share(a, 'two', { provider: 'raspberry' })), 'QUOTA_EXCEEDED')
  const two = await share(a, 'two')
  assert.equal(await codeOf(atPi.getFolder(two.key)), 'UNKNOWN_FOLDER')

  await put('one', 'c.bin', 200 * KIB)
  const waiting = await stands(one.key)
  assert.match(waiting.problem?.message ?? '', /"one" goes beyond .* keeps for a;/)
  assert.equal(waiting.bytes, 300 * KIB)
  assert.equal((await deviceAtPi()).usedBytes, usedBytes)
  // It is not told as held, and what is here stays in reach.
  const here = await itemOf(a, one.key, (item) => item.state === 'up-to-date' && item.bytes === 500 * KIB)
  assert.equal(here.devices.find(({ name }) => name === 'raspberry')?.complete, false)

  await limit(usedBytes + 220 * KIB)
  await holds(one.key, 500 * KIB)
  await limit(560 * KIB)
  await share(a, 'two', { provider: 'raspberry' })
  await stands(two.key)
  await pi.stop()
  await pi.serve()
  atPi = await apiOf(pi)
  await stands(two.key)
  await a.ok(['remove', 'one', 'raspberry'])
  await holds(two.key, 100 * KIB)
  const used = (await deviceAtPi()).usedBytes ?? 0
  assert.ok(used >= 100 * KIB && used < 110 * KIB, `${used} bytes are used`)
})

test('boards count as what they are: beyond a limit no more of them comes, and the rest comes once there is room', async () => {
  await limit(null)
  await put('plans', 'a.txt', 10)
  const { key } = await share(a, 'plans', { provider: 'raspberry' })
  const api = await apiOf(a)
  const before = (await deviceAtPi()).usedBytes ?? 0
  const { id } = await api.createBoard(key, { title: 'Trip' })
  const write = async (cards: number) => {
    for (let i = 0; i < cards; i++) await api.addCard(key, id, { type: 'text', text: randomBytes(4 * KIB).toString('hex') })
  }
  const kept = async () =>
    until('the keeper has it', async () =>
      (await api.getBoardSaved(key, id)).holders.some(({ name, behind }) => name === 'raspberry' && behind === 0),
    )
  await write(10)
  await kept()
  const used = (await deviceAtPi()).usedBytes ?? 0
  assert.ok(used - before >= 80 * KIB && used - before < 90 * KIB, `${used - before} bytes for a board of 80 KiB`)

  await limit(used + 40 * KIB)
  await write(10)
  await stands(key)
  assert.ok(((await deviceAtPi()).usedBytes ?? 0) <= used + 40 * KIB)
  await limit(null)
  await kept()
  assert.ok(((await deviceAtPi()).usedBytes ?? 0) >= used + 80 * KIB)
  await atPi.removeFolder(key, { deleteData: true })
})

test('a member changes only what it had added itself, and what others ask for too stays when it leaves', async () => {
  await limit(null)
  await put('mine', 'a.txt', 10)
  const mine = await share(a, 'mine', { provider: 'raspberry' })
  await mkdir(path.join(pi.dir, 'theirs'))
  const theirs = await share(pi, 'theirs')
  const remote = (await apiOf(a)).provider('raspberry')
  assert.equal(await codeOf(remote.pauseFolder(mine.key)), 'done')
  assert.equal(await codeOf(remote.resumeFolder(mine.key)), 'done')
  const forbidden: readonly (() => Promise<unknown>)[] = [
    () => remote.pauseFolder(theirs.key),
    () => remote.resumeFolder(theirs.key),
    () => remote.rescanFolder(theirs.key),
    () => remote.removeFolder(theirs.key),
    () => remote.addFolder({ link: theirs.link, provider: 'any' }),
    () => remote.createTable({ title: 'rows', folder: theirs.key }),
  ]
  for (const call of forbidden) assert.equal(await codeOf(call()), 'FORBIDDEN')
  // Asking for what is the store's own gives no right to it.
  assert.equal((await remote.addFolder({ link: theirs.link })).key, theirs.key)
  assert.equal(await codeOf(remote.removeFolder(theirs.key)), 'FORBIDDEN')
  await atPi.removeFolder(theirs.key)
  assert.equal(await codeOf(remote.addFolder({ link: theirs.link })), 'FORBIDDEN')

  const b = await runningStore(stores, 'b')
  const { code } = await atPi.createPair({ role: 'member' })
  await (await apiOf(b)).setProvider('raspberry', { target: `${pi.url}#${code}` })
  const remoteOfB = (await apiOf(b)).provider('raspberry')
  assert.equal(await codeOf(remoteOfB.pauseFolder(mine.key)), 'FORBIDDEN')
  await remoteOfB.addFolder({ link: mine.link })
  await remote.removeFolder(mine.key)
  assert.equal((await atPi.getFolder(mine.key)).key, mine.key)
  assert.equal(await codeOf(remote.removeFolder(mine.key)), 'FORBIDDEN')
  await remoteOfB.removeFolder(mine.key)
  assert.equal(await codeOf(atPi.getFolder(mine.key)), 'UNKNOWN_FOLDER')
})
