/**
 * kill -9 of real services at seeded moments of import, download and apply: what was acknowledged is there after the restart, no file
 * in sight is half of one or none of A's, and in the end both folders are equal. Another run: HYPER_STORE_KILL_SEED=<number>.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Item } from '@hyper-store/client'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { treeFacts } from '../fixtures/trees.ts'
import { until } from '../fixtures/transports.ts'
import type { VersionedFolder } from '../fixtures/versions.ts'
import { createVersionedFolder, seeded } from '../fixtures/versions.ts'
import { freePort } from './world.ts'

const SEED = Number(process.env['HYPER_STORE_KILL_SEED'] ?? 20_261_122)
const FIRST_FILES = 60
const MORE_FILES = 12

test(
  `killed at any moment, nothing acknowledged is lost and nothing half-written is seen (seed ${SEED})`,
  { timeout: 180_000 },
  async () => {
    const random = seeded(SEED)
    await using stores = await createStores('hyper-store-kill-')
    const { a, b, folder } = await makeDevices(stores, random)
    const copy = path.join(b.dir, 'x')
    let acknowledged = 0

    // Import: once the link was told the folder is shared by that link, come what may.
    await folder.change(FIRST_FILES)
    const adding = a.run(['add', './x', '--no-start'])
    await sleep(500 + random() * 600)
    await a.kill()
    const told = (await adding).stdout.trim()
    await a.serve()
    const link = await a.ok(['add', './x'])
    if (told !== '') assert.equal(link, told)
    for (let kill = 0; kill < 3; kill++) {
      await folder.change(MORE_FILES)
      await sleep(random() * 600)
      await a.kill()
      await a.serve()
      const item = await itemOf(a, link)
      assert.ok(item.version >= acknowledged, `A had version ${acknowledged} and has ${item.version}`)
      const [receipt] = await a.json<{ version: number }>(['wait', './x', '--timeout', '30'])
      acknowledged = receipt?.version ?? 0
      assert.ok(acknowledged >= item.version)
    }

    // Download and apply of the whole.
    await pair(a, b)
    await b.ok(['clone', './x', link])
    const watch = watchFor(() => folder.strangers(copy))
    for (let kill = 0; kill < 4; kill++) {
      await sleep(50 + random() * 900)
      await killAndLook({ store: b, link, copy, folder })
    }
    await b.ok(['wait', './x', '--timeout', '60'])

    // Changes flow while either side dies.
    for (let kill = 0; kill < 4; kill++) {
      await folder.change(MORE_FILES)
      await sleep(random() * 700)
      await killAndLook({ store: random() < 0.4 ? a : b, link, copy, folder })
    }

    const [receipt] = await a.json<{ version: number }>(['wait', './x', '--timeout', '30'])
    await until('B has what A has', async () => (await itemOf(b, link)).version >= (receipt?.version ?? Infinity), 60_000)
    await b.ok(['wait', './x', '--timeout', '30'])
    assert.deepEqual(await watch.end(), [])
    assert.deepEqual(await treeFacts(copy), await treeFacts(folder.root))
    assert.deepEqual([(await itemOf(b, link)).state, (await itemOf(a, link)).state], ['up-to-date', 'up-to-date'])
  },
)

async function makeDevices(stores: Stores, random: () => number): Promise<{ a: TestStore; b: TestStore; folder: VersionedFolder }> {
  const [a, b] = [await stores.add('a'), await stores.add('b')]
  const service = ['--lan-only', '--no-lan', '--port']
  await a.serve([...service, String(await freePort()), '--name', 'a'])
  await b.serve([...service, '0', '--name', 'b'])
  return { a, b, folder: await createVersionedFolder(path.join(a.dir, 'x'), random) }
}

interface Scene {
  readonly store: TestStore
  readonly link: string
  readonly copy: string
  readonly folder: VersionedFolder
}

/** Kills a store, looks at B's folder as a crash left it, and starts the store again: it holds all that it ever signed a receipt for. */
async function killAndLook({ store, link, copy, folder }: Scene): Promise<void> {
  const signed = store.events.flatMap((event) => (event.event === 'receipt' && event.device.key === store.deviceKey ? [event.version] : []))
  await store.kill()
  assert.deepEqual(await folder.strangers(copy), [])
  await store.serve()
  const item = await itemOf(store, link)
  assert.ok(item.version >= Math.max(0, ...signed), `${store.name} had signed version ${Math.max(...signed)} and has ${item.version}`)
}

/** Looks again and again, until ended, and gives everything strange that was ever seen. */
function watchFor(look: () => Promise<string[]>): { end(): Promise<string[]> } {
  const seen = new Set<string>()
  const over = new AbortController()
  const running = (async () => {
    while (!over.signal.aborted) {
      for (const line of await look()) seen.add(line)
      await sleep(100)
    }
  })()
  return {
    async end() {
      over.abort()
      await running
      return [...seen]
    },
  }
}

async function itemOf(store: TestStore, link: string): Promise<Item> {
  const [item] = await store.json<Item>(['status', link])
  assert.ok(item)
  return item
}

async function pair(a: TestStore, b: TestStore): Promise<void> {
  const [, target = ''] = /(http\S+)/.exec(await a.ok(['pair'])) ?? []
  await b.ok(['set-provider', target, 'a'])
}
