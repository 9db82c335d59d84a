/** After the machine of a writer stopped and the end of its log is lost: it waits for who holds the newest state, and forks nothing. */
import assert from 'node:assert/strict'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { apiOf, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { freePort } from '../cli/world.ts'

let stores: Stores
let a: TestStore
let pi: TestStore

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  pi = await runningStore(stores, 'raspberry', ['--port', String(await freePort())])
  await pairWith(a, pi)
  for (const name of ['kept', 'alone']) {
    await mkdir(path.join(a.dir, name))
    await writeFile(path.join(a.dir, name, 'one.txt'), 'one')
  }
})
after(async () => stores[Symbol.asyncDispose]())

const LOGS = ['cores/db', 'state/level']

/** Keeps the databases of a stopped store, to be put back later as a disk would that had not written the rest. */
async function keepDatabases(store: TestStore): Promise<void> {
  for (const name of LOGS) await cp(path.join(store.home, name), path.join(store.dir, 'saved', name), { recursive: true })
}

/** The machine lost its power: what came after `keepDatabases` never reached the disk, and the boot is another one. */
async function losePower(store: TestStore): Promise<void> {
  await store.kill()
  for (const name of LOGS) {
    await rm(path.join(store.home, name), { recursive: true })
    await cp(path.join(store.dir, 'saved', name), path.join(store.home, name), { recursive: true })
  }
  const run = path.join(store.home, 'run')
  const mark = JSON.parse(await readFile(run, 'utf8')) as { bootId: string; clean: boolean }
  await writeFile(run, JSON.stringify({ ...mark, bootId: `${mark.bootId.slice(0, -4)}dead`, clean: false }))
}

test(
  'a writer that lost the end of its log waits for the provider, fetches it, and goes on without a fork',
  { timeout: 120_000 },
  async () => {
    const kept = await share(a, 'kept', { provider: 'raspberry' })
    const alone = await share(a, 'alone')
    await whole(a, alone.link)
    const before = await whole(a, kept.link)
    await itemOf(a, kept.link, (item) => item.devices.some((d) => d.name === 'raspberry' && d.complete))
    await a.stop()
    await keepDatabases(a)

    await a.serve()
    await writeFile(path.join(a.dir, 'kept', 'two.txt'), 'two')
    const newer = await itemOf(
      a,
      kept.link,
      (item) => item.version > before.version && item.devices.some((d) => d.name === 'raspberry' && d.complete),
    )
    await pi.stop()
    await losePower(a)

    await a.serve()
    const waiting = await itemOf(a, kept.link, (item) => item.problem?.code === 'RECOVERING')
    assert.equal(waiting.state, 'waiting')
    assert.match(waiting.problem?.message ?? '', /raspberry/)
    // Nobody else ever had this one: there is nothing to wait for.
    await whole(a, alone.link)

    await writeFile(path.join(a.dir, 'kept', 'three.txt'), 'three')
    await pi.serve()
    const after = await itemOf(
      a,
      kept.link,
      (item) =>
        item.state === 'up-to-date' && item.version > newer.version && item.devices.some((d) => d.name === 'raspberry' && d.complete),
      60_000,
    )
    assert.equal(after.files, 3)
    const there = await whole(pi, kept.link, after.version)
    assert.equal(there.version, after.version)
  },
)

test('with resume --confirm the writer goes on although nobody confirmed', { timeout: 120_000 }, async () => {
  const [kept] = (await (await apiOf(a)).listFolders()).filter((item) => item.title === 'kept')
  assert.ok(kept)
  await a.stop()
  await rm(path.join(a.dir, 'saved'), { recursive: true })
  await keepDatabases(a)
  await pi.stop()
  await a.serve()
  await losePower(a)
  await a.serve()
  await itemOf(a, kept.link, (item) => item.problem?.code === 'RECOVERING')
  await (await apiOf(a)).resumeFolder(kept.link, { confirm: true })
  await whole(a, kept.link)
})
