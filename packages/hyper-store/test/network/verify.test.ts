/** Verifying and repairing stores whose databases and files were really damaged. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { Item, VerifyReport } from '@hyper-store/client'
import { freePort } from '../cli/world.ts'
import type { FolderPath } from '../../src/core/entries.ts'
import { decodeZ32 } from '../../src/core/links.ts'
import { PRIVATE_DIR } from '../../src/core/paths.ts'
import { openDiskFolder } from '../../src/disk/disk-folder.ts'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import type { DeviceDrive } from '../../src/hyper/device-drive.ts'
import { insidesOf } from '../../src/hyper/log-insides.ts'
import type { LogCore } from '../../src/hyper/log-core.ts'
import { openState, type State } from '../../src/state/state.ts'
import { apiOf, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

let stores: Stores
let a: TestStore
let pi: TestStore
let blind: TestStore
let folder: Item
let secret: Item
const big = randomBytes(3 * 1024 * 1024)

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  pi = await runningStore(stores, 'raspberry', ['--port', String(await freePort())])
  blind = await runningStore(stores, 'blind', ['--port', String(await freePort())])
  for (const keeper of [pi, blind]) await pairWith(a, keeper)
  for (const name of ['open', 'secret']) {
    await mkdir(path.join(a.dir, name, 'sub'), { recursive: true })
    await writeFile(path.join(a.dir, name, 'big.bin'), big)
    for (let i = 0; i < 40; i++) await writeFile(path.join(a.dir, name, 'sub', `${i}.txt`), `file ${i} of ${name}`)
  }
  folder = await share(a, 'open', { provider: 'raspberry' })
  secret = await share(a, 'secret', { private: true, provider: 'raspberry' })
  await (await apiOf(a)).addFolder({ link: secret.link, provider: 'blind', blind: true })
  const keep = await whole(a, folder.key)
  const hidden = await whole(a, secret.key)
  await whole(pi, folder.key, keep.version)
  await whole(pi, secret.key, hidden.version)
  await whole(blind, secret.key, hidden.version)
})
after(async () => stores[Symbol.asyncDispose]())

/** Writes behind hypercore's back. */
interface Harm {
  putBlock(index: number, block: Uint8Array): void
  deleteBlock(index: number): void
  flush(): Promise<unknown>
}
const harm = async (log: LogCore, what: (writes: Harm) => void): Promise<void> => {
  const writes = insidesOf(log).state.storage.write() as unknown as Harm
  what(writes)
  await writes.flush()
}

/** Does something to the databases of a store while its service is off. */
async function insideOf(
  store: TestStore,
  key: string,
  deed: (drive: DeviceDrive, state: State, boards: LogCore) => Promise<void>,
): Promise<void> {
  await store.stop()
  {
    await using state = await openState(path.join(store.home, 'state'))
    const record = await state.folders.get(key)
    const root = decodeZ32(key)
    assert.ok(record && root)
    const cores = await CoreStorage.open(path.join(store.home, 'cores'), { checkpoints: state.checkpoints })
    const open = record.encryptionKey === null ? null : Buffer.from(record.encryptionKey, 'hex')
    const drive = record.ownDrive === null ? await cores.openOther(root, open) : await cores.openOwn(record.ownDrive, open)
    const boards = await cores.openBoards(drive, open, { own: record.ownDrive !== null })
    assert.ok(boards)
    await deed(drive, state, boards.db)
    await boards.close()
    await drive.close()
    await cores.close()
  }
  await store.serve()
}
function blobsOf(drive: DeviceDrive): LogCore {
  assert.ok(drive.blobs)
  return drive.blobs
}
async function flip(log: LogCore, index: number): Promise<void> {
  const [block] = await log.readRaw(index, index + 1)
  assert.ok(block)
  const wrong = Buffer.from(block)
  wrong.writeUInt8(wrong.readUInt8(wrong.length >> 1) ^ 0x10, wrong.length >> 1)
  await harm(log, (writes) => writes.putBlock(index, wrong))
}

const verify = async (store: TestStore, key: string, repair = false): Promise<VerifyReport> =>
  (await apiOf(store)).verifyFolder(key, { repair })
async function isSound(store: TestStore, key: string): Promise<VerifyReport> {
  const report = await verify(store, key)
  assert.deepEqual(report.problems, [])
  return report
}
const inReach = async (store: TestStore, key: string): Promise<Item> => itemOf(store, key, (item) => item.peers > 0)

test('sound stores: everything is read, nothing is found, and nothing changes', async () => {
  const before = await (await apiOf(a)).getFolder(folder.key)
  const report = await isSound(a, folder.key)
  assert.equal(report.files, 41)
  assert.ok(report.blocks > 60 && report.bytes > 2 * big.byteLength)
  assert.equal((await isSound(pi, folder.key)).files, 0)
  await isSound(pi, secret.key)
  await isSound(blind, secret.key)
  assert.equal((await (await apiOf(a)).getFolder(folder.key)).version, before.version)
})

test('stored blocks that changed or are gone are filled again from the files on disk, with nobody else on', async () => {
  for (const { key } of [folder, secret]) {
    await pi.stop()
    await blind.stop()
    await insideOf(a, key, async (drive) => {
      const blobs = blobsOf(drive)
      await flip(blobs, 0)
      await flip(blobs, 5)
      await harm(blobs, (writes) => writes.deleteBlock(6))
    })
    const found = await verify(a, key)
    assert.equal(found.problems.length, 3)
    for (const problem of found.problems) assert.deepEqual([problem.kind, problem.repaired], ['block', false])
    assert.ok(found.problems.some(({ path: at }) => at === 'big.bin'))
    const repaired = await verify(a, key, true)
    assert.deepEqual(
      repaired.problems.map(({ repaired }) => repaired),
      [true, true, true],
    )
    await isSound(a, key)
    await pi.serve()
    await blind.serve()
  }
})

test('a keeper has damaged blocks sent anew; while nobody is on that has them, it says so and takes nothing away', async () => {
  await insideOf(pi, folder.key, async (drive) => {
    await flip(blobsOf(drive), 3)
    await harm(blobsOf(drive), (writes) => writes.deleteBlock(7))
    await flip(drive.db, 4)
  })
  await a.stop()
  const alone = await verify(pi, folder.key, true)
  assert.equal(alone.problems.length, 3)
  for (const problem of alone.problems) {
    assert.equal(problem.repaired, false)
    assert.match(problem.reason, /no device that is on/)
  }
  await a.serve()
  await inReach(pi, folder.key)
  const { problems } = await verify(pi, folder.key, true)
  assert.deepEqual(
    problems.map(({ repaired }) => repaired),
    [true, true, true],
  )
  await isSound(pi, folder.key)
  const served = await fetch(`${pi.url}/gateway/${folder.key}/big.bin`)
  assert.ok(big.equals(Buffer.from(await served.arrayBuffer())))
})

test('a blind keeper is repaired by who holds the same blocks, without a key', async () => {
  await insideOf(blind, secret.key, async (drive) => {
    await flip(blobsOf(drive), 2)
    await flip(drive.db, 6)
  })
  await inReach(blind, secret.key)
  const { problems } = await verify(blind, secret.key, true)
  assert.deepEqual(
    problems.map(({ repaired }) => repaired),
    [true, true],
  )
  await isSound(blind, secret.key)
})

test('a writer’s damaged record comes back from its keeper', async () => {
  await insideOf(a, folder.key, async (drive) => {
    await flip(drive.db, 3)
    await flip(drive.db, 12)
  })
  await inReach(a, folder.key)
  const { problems } = await verify(a, folder.key, true)
  assert.deepEqual(
    problems.map(({ repaired }) => repaired),
    [true, true],
  )
  await isSound(a, folder.key)
})

/** Flips a byte of a file so that nothing of its record tells: what a rotting disk does. */
async function rot(store: TestStore, key: string, name: string): Promise<void> {
  const file = path.join(store.dir, 'open', name)
  await insideOf(store, key, async (_, state) => {
    const bytes = await readFile(file)
    const { atime, mtime } = await stat(file)
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
    await writeFile(file, bytes)
    await utimes(file, atime, mtime)
    // A disk that rots leaves the change time alone, which a test can't.
    const at = name as FolderPath
    await using disk = await openDiskFolder(path.dirname(file), { privateDir: PRIVATE_DIR })
    const [local, known] = [await disk.look(at), await state.synced(key).get(at)]
    assert.ok(local?.kind === 'file' && known?.local?.kind === 'file')
    await state.synced(key).apply({ put: [[at, { ...known, local: { ...local, mtimeMs: known.local.mtimeMs } }]] })
    await utimes(file, atime, known.local.mtimeMs / 1000)
    const again = await disk.look(at)
    assert.ok(again?.kind === 'file')
    await state.synced(key).apply({ put: [[at, { ...known, local: again }]] })
  })
}

test('edits of boards that are damaged or gone come back from who holds them, without a key too, and the board is read on', async () => {
  const api = await apiOf(a)
  const { id } = await api.createBoard(secret.key, { title: 'Trip' })
  for (const text of ['one', 'two', 'three']) await api.addCard(secret.key, id, { type: 'text', text })
  const areKept = async () => {
    const { holders } = await (await apiOf(a)).getBoardSaved(secret.key, id)
    return ['raspberry', 'blind'].every((keeper) => holders.some(({ name, behind }) => name === keeper && behind === 0))
  }
  await until('the keepers have it', areKept)

  await insideOf(a, secret.key, async (_drive, _state, boards) => {
    assert.ok(boards.length >= 4)
    await harm(boards, (writes) => writes.deleteBlock(1))
    await flip(boards, 2)
  })
  await inReach(a, secret.key)
  const found = await verify(a, secret.key, false)
  assert.deepEqual(
    found.problems.map(({ reason }) => reason),
    ['an edit of boards by this device is gone', 'an edit of boards by this device is damaged'],
  )
  const mended = await verify(a, secret.key, true)
  assert.ok(mended.problems.length === 2 && mended.problems.every(({ repaired }) => repaired))
  const { items } = await (await apiOf(a)).getBoard(secret.key, id)
  assert.deepEqual(new Set(items.map(({ text }) => text)), new Set(['one', 'two', 'three']))

  await insideOf(blind, secret.key, async (_drive, _state, boards) => flip(boards, 0))
  await inReach(blind, secret.key)
  assert.equal((await verify(blind, secret.key, true)).problems[0]?.repaired, true)
  for (const store of [a, blind]) await isSound(store, secret.key)
})

test('a file that rotted is replaced from the store, the rotten one is in the trash, and no other device hears of it', async () => {
  const { version } = await whole(a, folder.key)
  await rot(a, folder.key, 'big.bin')
  await whole(a, folder.key, version)
  assert.ok(!big.equals(await readFile(path.join(a.dir, 'open/big.bin'))))
  const found = await verify(a, folder.key)
  assert.deepEqual(
    found.problems.map(({ kind, path: at, repaired }) => ({ kind, path: at, repaired })),
    [{ kind: 'file', path: 'big.bin', repaired: false }],
  )
  const { problems } = await verify(a, folder.key, true)
  assert.deepEqual(
    problems.map(({ repaired }) => repaired),
    [true],
  )
  assert.ok(big.equals(await readFile(path.join(a.dir, 'open/big.bin'))))
  await isSound(a, folder.key)
  const areas = await readdir(path.join(a.home, 'disk'), { recursive: true })
  assert.ok(
    areas.some((name) => name.endsWith('big.bin')),
    'the rotten file is in the trash',
  )
  assert.equal((await whole(a, folder.key)).version, version)
})

test('a file that rotted, with its block damaged too, comes from the keeper', async () => {
  await rot(a, folder.key, 'big.bin')
  await insideOf(a, folder.key, async (drive) => {
    const blobs = blobsOf(drive)
    for (let index = 0; index < blobs.length; index++) if (blobs.holds(index)) await flip(blobs, index)
  })
  await inReach(a, folder.key)
  const { problems } = await verify(a, folder.key, true)
  assert.ok(problems.length > 40)
  assert.deepEqual(
    problems.filter(({ repaired }) => !repaired),
    [],
  )
  assert.ok(big.equals(await readFile(path.join(a.dir, 'open/big.bin'))))
  await isSound(a, folder.key)
})

test('what a user did to a file is no damage: it is left as it is', async () => {
  await (await apiOf(a)).pauseFolder(folder.key)
  const file = path.join(a.dir, 'open/sub/1.txt')
  await truncate(file, 3)
  await isSound(a, folder.key)
  await verify(a, folder.key, true)
  assert.equal(await readFile(file, 'utf8'), 'fil')
  await (await apiOf(a)).resumeFolder(folder.key, { confirm: false })
  const { version } = await whole(a, folder.key)
  await whole(pi, folder.key, version)
  await isSound(a, folder.key)
})

test('killed in the middle of a repair, it goes on with the next one', async () => {
  await insideOf(pi, folder.key, async (drive) => {
    const blobs = blobsOf(drive)
    for (let index = 0; index < blobs.length; index++) await flip(blobs, index)
  })
  await inReach(pi, folder.key)
  const cut = verify(pi, folder.key, true).catch(() => null)
  // At some moment of it, whichever: every one must do.
  await new Promise((resolve) => setImmediate(resolve))
  await fetch(`${pi.url}/healthz`)
  await pi.kill()
  await cut
  await pi.serve()
  await inReach(pi, folder.key)
  await verify(pi, folder.key, true)
  await isSound(pi, folder.key)
})

test('the command tells what is damaged, with exit code 1, and 0 once it is repaired', async () => {
  await insideOf(pi, folder.key, async (drive) => flip(blobsOf(drive), 3))
  await inReach(pi, folder.key)
  const damaged = await pi.run(['verify', folder.key])
  assert.equal(damaged.code, 1)
  assert.match(damaged.stderr, /verify --repair/)
  assert.equal((await pi.run(['verify', folder.key, '--repair'])).code, 0)
  assert.equal((await pi.run(['verify'])).code, 0)
})
