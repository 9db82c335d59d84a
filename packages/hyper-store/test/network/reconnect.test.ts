/** Connections that break: a provider that dies while it transfers, cables that come and go, and devices that find each other on the local network. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Item } from '@hyper-store/client'
import { makeNetwork, whyNoNamespaces } from '../fixtures/namespaces.ts'
import { createLoopbackSite, createSite, whyLoopback } from '../fixtures/sites.ts'
import type { Site } from '../fixtures/sites.ts'
import type { TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'
import { makeTree, treeFacts } from '../fixtures/trees.ts'
import { freePort } from '../cli/world.ts'

const MINUTES_2 = { timeout: 120_000 }

test('a provider that is killed and comes back while it transfers, in either direction, is gone on with by itself', MINUTES_2, async () => {
  await using site = await createLoopbackSite({ pi: ['--port', String(await freePort())] })
  const { a, pi, b } = site
  await fill(path.join(a.dir, 'x'), 400)
  await pair(site, a)
  // Read in first: what follows is the transfer alone, long enough to be cut.
  const link = await a.ok(['add', './x'])
  // The command may end when all is over, or fail when the provider dies under it: only what the provider does counts.
  const added = a.run(['add', link, 'raspberry'])
  await killWhileSyncing(pi, link, pi)
  await added
  await a.ok(['wait', './x', 'raspberry', '--timeout', '60'])

  await site.cut('a')
  await site.plug('b')
  await pair(site, b)
  const cloned = b.run(['clone', './x', link])
  await killWhileSyncing(b, link, pi)
  await cloned
  await b.ok(['wait', './x', '--timeout', '60'])
  assert.deepEqual(await treeFacts(path.join(b.dir, 'x')), await treeFacts(path.join(a.dir, 'x')))
})

test('a cable that comes and goes while bytes flow stops nothing for good', { ...MINUTES_2, skip: whyLoopback() }, async () => {
  await using site = await createSite()
  const { a } = site
  await fill(path.join(a.dir, 'x'), 120)
  await pair(site, a)
  await a.ok(['add', './x', 'raspberry'])
  const done = a.ok(['wait', './x', 'raspberry', '--timeout', '90'])
  for (const [down, up] of [
    [100, 200],
    [400, 100],
    [1500, 300],
    [50, 50],
    [50, 50],
  ] as const) {
    await site.cut('a')
    await sleep(down)
    await site.plug('a')
    await sleep(up)
  }
  await done
})

test(
  'two exposed stores on one network find each other by DNS-SD; a clone by link needs no provider',
  { ...MINUTES_2, skip: whyNoNamespaces() },
  async () => {
    using network = makeNetwork(2)
    await using stores = await createStores()
    const [a, b] = await Promise.all(
      ['a', 'b'].map((name, i) => stores.add(name, { prefix: ['ip', 'netns', 'exec', network.hosts[i] ?? ''] })),
    )
    assert.ok(a && b)
    const exposed = ['--lan-only', '--expose-to-internet']
    await a.serve([...exposed, '--name', 'a'])
    await b.serve([...exposed, '--name', 'b', '--no-lan'])
    await makeTree(path.join(a.dir, 'x'))
    const link = await a.ok(['add', './x'])

    // With --no-lan it neither looks nor is told: A dials nobody, B knows nobody.
    await b.ok(['clone', './x', link])
    const waited = await b.run(['wait', './x', '--timeout', '5'])
    assert.equal(waited.code, 5, waited.stderr)
    const [alone] = await b.json<Item>(['status', './x'])
    assert.deepEqual([alone?.state, alone?.peers, alone?.problem?.code], ['waiting', 0, 'NO_PEER'])
    assert.deepEqual(
      a.events.filter((event) => event.event === 'peer'),
      [],
    )

    await b.stop()
    await b.serve([...exposed, '--name', 'b'])
    await b.ok(['wait', './x', '--timeout', '30'])
    assert.deepEqual(await treeFacts(path.join(b.dir, 'x')), await treeFacts(path.join(a.dir, 'x')))
    const via = b.events.flatMap((event) => (event.event === 'peer' && event.connected ? [event.via] : []))
    assert.ok(via.includes('lan') || via.includes('direct'), via.join(' '))

    // A change flows over the same connection, and the peer that went away is found again.
    await a.stop()
    await a.serve()
    await writeFile(path.join(a.dir, 'x', 'later.txt'), 'later')
    await a.ok(['wait', './x', '--timeout', '30'])
    const [newest] = await a.json<Item>(['status', './x'])
    await until('B has the later file', async () => (await b.json<Item>(['status', './x']))[0]?.version === newest?.version, 40_000)
    await b.ok(['wait', './x', '--timeout', '30'])
    assert.deepEqual(await treeFacts(path.join(b.dir, 'x')), await treeFacts(path.join(a.dir, 'x')))
  },
)

/** A folder with one large file and some small ones, of so many MB. */
async function fill(folder: string, megabytes: number): Promise<void> {
  await mkdir(folder)
  await writeFile(path.join(folder, 'large.bin'), randomBytes(megabytes * 1_000_000))
  for (let i = 0; i < 20; i++) await writeFile(path.join(folder, `small ${i}.txt`), `small ${i}`)
}

/** Kills `victim` once `receiver` is in the middle of the folder, starts it again, and asserts that nothing begins anew. */
async function killWhileSyncing(receiver: TestStore, link: string, victim: TestStore): Promise<void> {
  const progress = () => {
    const item = receiver.events.findLast((event) => event.event === 'item' && event.link === link)
    return item?.event === 'item' ? item.item.progress : 0
  }
  // What is whole by now may be the folder before anything was in it.
  let before = 1
  try {
    await until('a transfer that is under way', () => (before = progress()) > 0.1 && before < 1, 60_000)
  } catch (error) {
    const told = receiver.events.flatMap((event) => (event.event === 'item' && event.link === link ? [event.item] : []))
    const seen = told.map(({ state, version, progress: share }) => `${state} ${version} ${share}`)
    throw new Error(`${receiver.name} told of the folder: ${seen.join(', ')}`, { cause: error })
  }
  await victim.kill()
  await victim.serve()
  const [item] = await receiver.json<Item>(['status', link])
  assert.ok((item?.progress ?? 0) >= before / 2, `${item?.progress} after ${before}`)
}

async function pair({ pi, piUrl }: Site, store: TestStore): Promise<void> {
  const [, code = ''] = /#(\S+)/.exec(await pi.ok(['pair'])) ?? []
  await store.ok(['set-provider', `${piUrl}#${code}`, 'raspberry'])
}
