/** Members of a shared folder whose device is lost: they come back from the backup and the others, and write on without a fork. */
import assert from 'node:assert/strict'
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Item } from '@hyper-store/client'
import { freePort } from '../cli/world.ts'
import { apiOf, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import { invite, join, sameTrees } from '../fixtures/sharing.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'

process.env['HYPER_STORE_PASSPHRASE'] = 'correct horse battery'

let stores: Stores
let pi: TestStore
let a: TestStore
let b: TestStore
let folder: Item

before(async () => {
  stores = await createStores('hyper-store-backup-')
  pi = await runningStore(stores, 'raspberry', ['--port', String(await freePort())])
  a = await runningStore(stores, 'a')
  b = await runningStore(stores, 'b')
  for (const store of [a, b]) await pairWith(store, pi)
  await mkdir(path.join(a.dir, 'ours'))
  await writeFile(path.join(a.dir, 'ours/a.txt'), 'by a')
  folder = await share(a, 'ours', { private: true, provider: 'raspberry' })
  await whole(a, folder.key)
  const { code } = await invite(a, folder.key)
  await join(b, code, 'ours')
  await (await apiOf(b)).addFolder({ link: folder.key, provider: 'raspberry' })
  await writeFile(path.join(b.dir, 'ours/b.txt'), 'by b')
  await same(['a.txt', 'b.txt'])
})
after(async () => stores[Symbol.asyncDispose]())

const places = () => [a, b].map((store) => ({ store, name: 'ours', ref: folder.key }))
async function same(names: readonly string[]): Promise<void> {
  await sameTrees(places(), (tree) => names.every((name) => name in tree))
}
/** Waits until the keeper holds all that a store shows. */
async function kept(store: TestStore): Promise<Item> {
  return itemOf(
    store,
    folder.key,
    (item) => item.devices.some((d) => d.name === 'raspberry' && d.complete && d.version >= item.version),
    40_000,
  )
}

for (const who of ['a member', 'the owner'] as const) {
  test(
    `${who} whose device is lost comes back from the backup and the keeper, with what was written since, and writes on`,
    { timeout: 180_000 },
    async () => {
      const [lost, other] = who === 'a member' ? [b, a] : [a, b]
      const mark = who.replace(' ', '-')
      const file = path.join(stores.dir, `${mark}.backup`)
      await lost.ok(['backup', file])
      await writeFile(path.join(lost.dir, `ours/${mark} after.txt`), 'written after the backup')
      await same([`${mark} after.txt`])
      await kept(lost)
      const { deviceKey } = lost
      await lost.stop()
      await rm(lost.home, { recursive: true })
      await rm(path.join(lost.dir, 'ours'), { recursive: true })
      // Only the keeper is on: neither the invite nor the other member is needed.
      await other.stop()

      await lost.ok(['restore-backup', file])
      await lost.serve()
      assert.equal(lost.deviceKey, deviceKey)
      const back = await whole(lost, folder.key, 1, 60_000)
      assert.equal(back.problem, null)
      await writeFile(path.join(lost.dir, `ours/${mark} back.txt`), 'written after the restore')
      await appendFile(path.join(lost.dir, 'ours/a.txt'), ` and ${mark}`)
      await (await apiOf(lost)).rescanFolder(folder.key)
      await kept(lost)
      await other.serve()
      await same([`${mark} after.txt`, `${mark} back.txt`])
      assert.match(await readFile(path.join(other.dir, 'ours/a.txt'), 'utf8'), new RegExp(`and ${mark}$`))
      // Both histories are one: what all hold is what their writers signed, and nobody was asked to settle anything.
      for (const store of [pi, a, b]) {
        const report = await (await apiOf(store)).verifyFolder(folder.key, {})
        assert.deepEqual(report.problems, [], store.name)
        assert.equal((await (await apiOf(store)).getFolder(folder.key)).conflicts, 0)
      }
    },
  )
}

test('a member that comes back while the keeper is off writes nothing until the keeper has spoken', { timeout: 120_000 }, async () => {
  const file = path.join(stores.dir, 'waiting.backup')
  await b.ok(['backup', file])
  await writeFile(path.join(b.dir, 'ours/late.txt'), 'late')
  await same(['late.txt'])
  await kept(b)
  for (const store of [a, pi, b]) await store.stop()
  await rm(b.home, { recursive: true })
  await rm(path.join(b.dir, 'ours'), { recursive: true })
  await b.ok(['restore-backup', file])
  await mkdir(path.join(b.dir, 'ours'), { recursive: true })
  await writeFile(path.join(b.dir, 'ours/meanwhile.txt'), 'meanwhile')
  await b.serve()
  const waiting = await itemOf(b, folder.key, (item) => item.problem?.code === 'RECOVERING')
  assert.equal(waiting.state, 'waiting')
  await pi.serve()
  await a.serve()
  await same(['late.txt', 'meanwhile.txt'])
})
