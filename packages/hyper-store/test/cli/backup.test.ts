/** A device that is lost and comes back from its backup: the same links, its files from its provider, and no log that forks. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { Item } from '@hyper-store/client'
import Corestore from 'corestore'
import Hyperdrive from 'hyperdrive'
import { decodeZ32 } from '../../src/core/links.ts'
import { homeAt } from '../../src/service/home.ts'
import { openBackup } from '../../src/service/backup.ts'
import { apiOf, itemOf, pairWith, runningStore, sentenceOf, share, whole } from '../fixtures/lab.ts'
import { createStores } from '../fixtures/stores.ts'
import type { TestStore } from '../fixtures/stores.ts'
import { makeTree, treeFacts } from '../fixtures/trees.ts'
import { until } from '../fixtures/transports.ts'
import { createWorld } from './world.ts'

const PASSPHRASE = 'correct horse battery'
process.env['HYPER_STORE_PASSPHRASE'] = PASSPHRASE

test(
  'a lost device comes back: same links, every byte from the provider, and what it adds then continues its logs',
  { timeout: 120_000 },
  async () => {
    await using stores = await createStores('hyper-store-backup-')
    const [p, a] = [await runningStore(stores, 'p'), await runningStore(stores, 'a')]
    await pairWith(a, p)
    const names = ['open', 'letters']
    for (const name of names) await makeTree(path.join(a.dir, name), { largeBytes: 3_000_000 })
    const shared = [await share(a, 'open', { provider: 'p' }), await share(a, 'letters', { provider: 'p', private: true })]
    const file = path.join(stores.dir, 'a.backup')

    await a.ok(['backup', file])

    // After the backup both go on: the logs that come back are longer than they were in it.
    const facts: Record<string, unknown> = {}
    const versions: number[] = []
    for (const [index, { link }] of shared.entries()) {
      await writeFile(path.join(a.dir, names[index] ?? '', 'after the backup.txt'), `${index}`)
      await a.ok(['rescan', link])
      await a.ok(['wait', link, 'p', '--timeout', '60'])
      versions.push((await whole(a, link)).version)
      facts[link] = await treeFacts(path.join(a.dir, names[index] ?? ''))
    }
    const { deviceKey } = a
    await a.stop()
    await rm(a.home, { recursive: true })
    for (const name of names) await rm(path.join(a.dir, name), { recursive: true })

    const again = await stores.add('a-again')
    const [restored] = await again.json<{ deviceKey: string; folders: { path: string }[] }>(['restore-backup', file])
    assert.equal(restored?.deviceKey, deviceKey)
    assert.deepEqual(restored.folders.map((folder) => folder.path).toSorted(), names.map((name) => path.join(a.dir, name)).toSorted())
    // P is where it was, A comes back under the name that it had.
    await again.serve(['--port', '0', '--lan-only', '--no-lan'])
    assert.equal(again.deviceKey, deviceKey)

    for (const [index, before] of shared.entries()) {
      const { link } = before
      const root = path.join(a.dir, names[index] ?? '')
      const version = versions[index] ?? Infinity
      const back = await whole(again, link, version, 60_000)
      assert.deepEqual([back.link, back.path, back.private, back.role], [link, root, before.private, before.role])
      await until('the files are back', async () => JSON.stringify(await treeFacts(root)) === JSON.stringify(facts[link]), 60_000)
      assert.equal((await itemOf(again, link, () => true)).problem, null)

      const added = randomBytes(100_000)
      await writeFile(path.join(root, 'added then.bin'), added)
      await again.ok(['rescan', link])
      await again.ok(['wait', link, 'p', '--timeout', '60'])
      const there = await whole(p, before.key, version + 1, 60_000)
      assert.ok(there.version > version)
      assert.equal((await itemOf(again, link, (item) => item.state === 'up-to-date')).version, there.version)
      assert.equal(await digestAt(p, before, 'added then.bin'), createHash('sha256').update(added).digest('hex'))
    }
    await p.stop()
    assert.deepEqual(await forksAt(p, shared), [0, 0, 0, 0])
  },
)

test('a backup is for its owner alone, shows no secret, and does not overwrite unless told to', { timeout: 60_000 }, async () => {
  await using stores = await createStores('hyper-store-backup-')
  const a = await runningStore(stores, 'laptop')
  await mkdir(path.join(a.dir, 'diary'))
  const item = await share(a, 'diary', { private: true })
  const file = path.join(a.dir, 'a.backup')
  assert.equal(await a.ok(['backup', 'a.backup']), file)
  if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600)

  const bytes = await readFile(file)
  const content = await openBackup(bytes, PASSPHRASE)
  const seed = (await readFile(homeAt(a.home).identityFile, 'utf8')).trim()
  assert.deepEqual([content.seed, content.name, content.folders.map((folder) => folder.key)], [seed, 'laptop', [item.key]])
  const secrets = [seed, content.primaryKey, content.folders[0]?.encryptionKey ?? '']
  for (const secret of secrets) {
    assert.match(secret, /^[0-9a-f]{64}$/)
    assert.equal(bytes.includes(secret) || bytes.includes(Buffer.from(secret, 'hex')), false)
  }
  for (const text of ['diary', item.key, 'laptop', PASSPHRASE]) assert.equal(bytes.includes(text), false, text)
  const log = JSON.stringify(a.events)
  for (const secret of [...secrets, PASSPHRASE]) assert.equal(log.includes(secret), false)

  const refused = await a.run(['backup', 'a.backup'])
  assert.deepEqual([refused.code, sentenceOf(refused)], [2, `hyper-store: ${file} exists already; name another file, or add --force`])
  assert.deepEqual(await readFile(file), bytes)
  await a.ok(['backup', 'a.backup', '--force'])
  assert.notDeepEqual(await readFile(file), bytes)
  const nowhere = await a.run(['backup', 'none/a.backup'])
  assert.deepEqual([nowhere.code, sentenceOf(nowhere)], [6, `hyper-store: ${path.join(a.dir, 'none')} was not found`])

  const second = await stores.add('second')
  const inUse = await a.run(['restore-backup', file])
  assert.equal(inUse.code, 1)
  assert.match(sentenceOf(inUse), /^hyper-store: A service already runs on .*home-laptop \(process \d+\); stop it, or use another --home$/)
  await a.stop()
  const notEmpty = await a.run(['restore-backup', file])
  assert.deepEqual([notEmpty.code, sentenceOf(notEmpty)], [1, `hyper-store: ${a.home} holds a store already; restore into a new --home`])
  assert.equal((await readFile(homeAt(a.home).identityFile, 'utf8')).trim(), seed)

  // What lies in the folder is the user's.
  await writeFile(path.join(a.dir, 'diary', 'mine.txt'), 'mine')
  assert.equal(await second.ok(['restore-backup', file]), second.home)
  assert.equal(await readFile(path.join(a.dir, 'diary', 'mine.txt'), 'utf8'), 'mine')
})

test(
  'wrong passphrases and files that are no backup end in one sentence, and leave a home that can still be restored into',
  { timeout: 60_000 },
  async () => {
    await using world = await createWorld()
    const service = await world.serve('a', ['--name', 'laptop'])
    const file = path.join(world.dir, 'a.backup')
    const ended = async (home: string, args: string[], passphrase: string) => {
      const run = await world.run(home, args, { HYPER_STORE_PASSPHRASE: passphrase })
      return [run.code, run.stdout, sentenceOf(run)]
    }
    const noBackup = (name: string) => [
      4,
      '',
      `hyper-store: The passphrase is wrong, or ${path.join(world.dir, name)} is no backup of hyper-store`,
    ]
    const needed = 'hyper-store: A passphrase is needed; run this on a terminal, or set HYPER_STORE_PASSPHRASE'
    assert.deepEqual(await ended('a', ['backup', file], ''), [2, '', needed])
    assert.deepEqual(await ended('a', ['backup', file], '1234567'), [
      2,
      '',
      'hyper-store: The passphrase is too short; take at least 8 characters',
    ])
    await assert.rejects(stat(file), { code: 'ENOENT' })
    assert.equal((await world.run('a', ['backup', file])).code, 0)
    await service.stop()

    await writeFile(path.join(world.dir, 'letter.txt'), 'Dear Bo')
    await writeFile(path.join(world.dir, 'newer'), 'hyper-store backup 2\n')
    assert.deepEqual(await ended('b', ['restore-backup', file], ''), [2, '', needed])
    assert.deepEqual(await ended('b', ['restore-backup', file], 'another passphrase'), noBackup('a.backup'))
    assert.deepEqual(await ended('b', ['restore-backup', 'letter.txt'], PASSPHRASE), noBackup('letter.txt'))
    assert.deepEqual(await ended('b', ['restore-backup', '.'], PASSPHRASE), noBackup(''))
    assert.deepEqual(await ended('b', ['restore-backup', 'none'], PASSPHRASE), [
      6,
      '',
      `hyper-store: ${path.join(world.dir, 'none')} was not found`,
    ])
    assert.deepEqual(await ended('b', ['restore-backup', 'newer'], PASSPHRASE), [
      1,
      '',
      'hyper-store: This was written in format 2 by a newer hyper-store; update this one',
    ])

    assert.equal((await world.run('b', ['restore-backup', file])).code, 0)
    const back = await world.serve('b')
    assert.deepEqual([back.deviceKey, back.ready['name']], [service.deviceKey, 'laptop'])
  },
)

/** SHA-256 of a file as a store keeps it. */
async function digestAt(store: TestStore, { key }: Item, name: string): Promise<string> {
  const token = (await readFile(path.join(store.home, 'token'), 'utf8')).trim()
  const { url } = await (await apiOf(store)).getStore()
  const response = await fetch(`${url ?? store.url}/gateway/${key}/${encodeURIComponent(name)}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  assert.equal(response.status, 200)
  return createHash('sha256')
    .update(new Uint8Array(await response.arrayBuffer()))
    .digest('hex')
}

/** Fork numbers of both logs of each drive, as a store that does not run holds them. */
async function forksAt(store: TestStore, items: readonly Item[]): Promise<number[]> {
  const cores = new Corestore(homeAt(store.home).coresFolder)
  const forks: number[] = []
  for (const { key } of items) {
    const db = cores.get({ key: decodeZ32(key) ?? new Uint8Array() })
    await db.ready()
    assert.ok(db.length > 0 && db.manifest !== null)
    const blobs = cores.get({ key: Hyperdrive.getContentKey(db.manifest, db.key) ?? new Uint8Array() })
    await blobs.ready()
    assert.ok(blobs.length > 0)
    forks.push(db.fork, blobs.fork)
  }
  await cores.close()
  return forks
}
