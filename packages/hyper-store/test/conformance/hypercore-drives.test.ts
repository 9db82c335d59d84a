/** What Hyperdrive, Hyperbee, Hyperblobs and replication do without saying so, and this program rests on. A release that changes it fails here first. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Corestore from 'corestore'
import type { Session } from 'hypercore'
import Hyperdrive from 'hyperdrive'
import messages from 'hyperbee/lib/messages.js'
import { encodeBlockMap } from '../../src/hyper/block-map.ts'
import { EXTRAS } from '../../src/hyper/entry-codec.ts'
import { linkedStreams } from '../fixtures/stock-links.ts'

const WAIT_MS = 10_000

interface StockDrive {
  readonly key: Uint8Array
  readonly db: {
    readonly core: Session
    batch(): {
      put(key: string, value: unknown, options: object): Promise<void>
      del(key: string, options: object): Promise<void>
      flush(): Promise<void>
    }
  }
  ready(): Promise<void>
  close(): Promise<void>
  getBlobs(): Promise<{ readonly core: Session; get(id: object): Promise<Buffer> }>
  put(path: string, bytes: Uint8Array): Promise<void>
  del(path: string): Promise<void>
}

/** Stores in a temporary folder, closed and removed in the end. */
async function openStores(): Promise<{ open(name: string): Corestore; drive(store: Corestore): Promise<StockDrive> } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-insides-'))
  const stores: Corestore[] = []
  return {
    open(name) {
      const store = new Corestore(path.join(dir, name))
      stores.push(store)
      return store
    },
    async drive(store) {
      const drive = new Hyperdrive(store) as unknown as StockDrive
      await drive.ready()
      return drive
    },
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Connects two stores by stock replication; returns how to end that. */
function connect(a: Corestore, b: Corestore): () => void {
  const streams = linkedStreams()
  a.replicate(streams[0])
  b.replicate(streams[1])
  return () => streams[0].destroy()
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = Date.now() + WAIT_MS
  while (!isSo()) {
    if (Date.now() > end) assert.fail(`Changed in this release of the Hypercore packages: ${what}`)
    await sleep(5)
  }
}

test('the blobs log of a drive follows from the public manifest of its db log', async () => {
  await using stores = await openStores()
  const drive = await stores.drive(stores.open('a'))
  const { manifest } = drive.db.core
  assert.ok(manifest !== null)
  const derived = Hyperdrive.getContentKey(manifest, drive.key)
  assert.deepEqual(
    derived,
    (await drive.getBlobs()).core.key,
    'Hyperdrive.getContentKey no longer gives the key of the blobs log: blind keepers would keep half a drive',
  )
  await drive.close()
})

test('with eagerUpgrade off a log does not follow its writer by stock replication; on again, it does', async () => {
  await using stores = await openStores()
  const [a, b] = [stores.open('a'), stores.open('b')]
  const writer = a.get({ name: 'log' })
  await writer.ready()
  await writer.append([Buffer.from('one')])
  const reader = b.get({ key: writer.key })
  await reader.ready()
  reader.core.replicator.eagerUpgrade = false
  const disconnect = connect(a, b)
  await until('the peers meet', () => reader.peers.length > 0 && (reader.peers[0]?.remoteLength ?? 0) > 0)
  await writer.append([Buffer.from('two')])
  await until('a peer tells its length', () => reader.peers[0]?.remoteLength === 2)
  await sleep(50)
  assert.equal(reader.length, 0, 'core.replicator.eagerUpgrade = false no longer keeps stock replication from extending a log')
  reader.core.replicator.eagerUpgrade = true
  void reader.update({ wait: true })
  await until('update({ wait: true }) asks for what peers told before', () => reader.length === 2)
  await writer.append([Buffer.from('three')])
  await until('core.replicator.eagerUpgrade = true makes a log follow its writer', () => reader.length === 3)
  disconnect()
})

test('stock Hyperblobs reads our block maps', async () => {
  await using stores = await openStores()
  const drive = await stores.drive(stores.open('a'))
  const blobs = await drive.getBlobs()
  const chunks = [Buffer.alloc(1000, 1), Buffer.alloc(70_000, 2), Buffer.alloc(3, 3)]
  const { length } = await blobs.core.append(chunks)
  const first = length - chunks.length
  const order = [2, 0, 1, 0]
  const map = encodeBlockMap(order.map((i) => ({ index: first + i, byteLength: chunks[i]?.byteLength ?? 0 })))
  const byteLength = map.reduce((sum, block) => sum + block.byteLength, 0)
  await blobs.core.append(map)
  const got = await blobs.get({ byteOffset: 0, blockOffset: length, blockLength: map.length, byteLength, blockMap: true })
  assert.ok(
    got.equals(Buffer.concat(order.map((i) => chunks[i] ?? Buffer.alloc(0)))),
    'stock Hyperblobs reads block maps differently: other Hypercore tools could not read our files',
  )
  await drive.close()
})

test("a bee's blocks decode to key and value, and a deletion to the key alone", async () => {
  await using stores = await openStores()
  const drive = await stores.drive(stores.open('a'))
  const batch = drive.db.batch()
  await batch.put('t/x', { f: 1 }, { keyEncoding: EXTRAS })
  await batch.flush()
  await drive.put('/dir/file', Buffer.from('text'))
  await drive.del('/dir/file')
  const { core } = drive.db
  const nodes: (readonly [string, unknown])[] = []
  for (let seq = 1; seq < core.length; seq++) {
    const block = await core.get(seq)
    assert.ok(block !== null)
    const node = messages.Node.decode(block)
    const value: unknown = node.value === null ? null : JSON.parse(Buffer.from(node.value).toString())
    nodes.push([Buffer.from(node.key).toString(), value])
  }
  const why = 'the records of a bee are stored differently: history could not be read'
  assert.deepEqual(
    nodes.map(([key]) => key),
    ['hyper-store\0t/x', 'files\0/dir/file', 'files\0/dir/file'],
    why,
  )
  assert.deepEqual(nodes[0]?.[1], { f: 1 }, why)
  assert.equal((nodes[1]?.[1] as { blob: { byteLength: number } } | undefined)?.blob.byteLength, 4, why)
  assert.equal(nodes[2]?.[1], null, why)
  await drive.close()
})
