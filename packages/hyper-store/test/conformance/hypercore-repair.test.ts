/** Verifying and repairing a log on real storage that was damaged in every place, and what that rests on inside of hypercore. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import Corestore from 'corestore'
import { compareHistories } from '../../src/hyper/compare-history.ts'
import { insidesOf, readNodes, type TreeNode } from '../../src/hyper/log-insides.ts'
import { LogCore } from '../../src/hyper/log-core.ts'
import { refetchBlocks, refillBlock, rewriteNode } from '../../src/hyper/repair-log.ts'
import { verifyLog, type LogFault } from '../../src/hyper/verify-log.ts'

const NO_CHECKPOINTS = { putMany: async () => undefined, after: async () => [] }
const COUNT = 1000
const content = (index: number): Uint8Array => Buffer.from(`content of block ${index} `.repeat(1 + (index % 5)))

/** Writes behind hypercore's back. */
interface Damage {
  putBlock(index: number, block: Uint8Array): void
  deleteBlock(index: number): void
  putTreeNode(node: TreeNode): void
  flush(): Promise<unknown>
}
const damage = async (log: LogCore, harm: (writes: Damage) => void): Promise<void> => {
  const writes = insidesOf(log).state.storage.write() as unknown as Damage
  harm(writes)
  await writes.flush()
}

interface World extends AsyncDisposable {
  readonly log: LogCore
  readonly other: LogCore
  /** Connects the two stores. */
  connect(): void
}

/** A writer's log of a thousand blocks, and a whole copy of it in another store. */
async function openWorld(encryptionKey: Uint8Array | null = null): Promise<World> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-repair-'))
  const stores = [new Corestore(path.join(dir, 'a')), new Corestore(path.join(dir, 'b'))] as const
  const plain = stores[0].get({ name: 'log', encryptionKey })
  await plain.ready()
  const raw = encryptionKey === null ? plain : stores[0].get({ key: plain.key })
  await raw.ready()
  const log = new LogCore(plain, raw, NO_CHECKPOINTS)
  for (let at = 0; at < COUNT; at += 100) await plain.append(Array.from({ length: 100 }, (_, i) => Buffer.from(content(at + i))))
  const copy = stores[1].get({ key: plain.key })
  await copy.ready()
  const streams: { destroy(): void }[] = []
  const connect = () => {
    const [one, two] = stores.map((store, i) => (store.replicate as unknown as (initiator: boolean) => Stream).call(store, i === 0)) as [
      Stream,
      Stream,
    ]
    one.pipe(two).pipe(one)
    streams.push(one, two)
  }
  connect()
  await copy.update({ wait: true })
  await copy.download({ start: 0, end: COUNT }).done()
  for (const stream of streams.splice(0)) stream.destroy()
  return {
    log,
    other: new LogCore(copy, copy, NO_CHECKPOINTS),
    connect,
    async [Symbol.asyncDispose]() {
      for (const stream of streams) stream.destroy()
      for (const store of stores) await store.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function isSound(log: LogCore): Promise<void> {
  const report = await verifyLog(log)
  assert.deepEqual(report.faults, [])
  assert.equal(report.blocks, COUNT)
}

test('a sound log is read whole: every block and its bytes', async () => {
  await using world = await openWorld()
  const report = await verifyLog(world.log)
  const bytes = Array.from({ length: COUNT }, (_, i) => content(i).byteLength).reduce((a, b) => a + b)
  assert.deepEqual(report, { blocks: COUNT, bytes, faults: [], more: 0, unproved: 0 })
  assert.deepEqual(await verifyLog(world.other), report)
})

test('changed, shortened, swapped and missing blocks are found, and let-go ones are not', async () => {
  await using world = await openWorld()
  const { log } = world
  const flipped = Buffer.from(content(3))
  flipped.writeUInt8(flipped.readUInt8(4) ^ 1, 4)
  await damage(log, (writes) => {
    writes.putBlock(3, flipped)
    writes.putBlock(500, content(500).subarray(1))
    writes.putBlock(501, content(502))
    writes.deleteBlock(998)
  })
  await log.clear([{ start: 100, end: 120 }])
  const { faults, blocks } = await verifyLog(log)
  const at = (index: number, gone: boolean): LogFault => ({ kind: 'block', index, gone })
  assert.deepEqual(faults, [at(3, false), at(500, false), at(501, false), at(998, true)])
  assert.equal(blocks, COUNT - 21)
})

for (const key of [null, Buffer.alloc(32, 5)]) {
  test(`the bytes of a file put a block right, ${key === null ? 'open' : 'encrypted'}; other bytes change nothing`, async () => {
    await using world = await openWorld(key)
    const { log } = world
    await damage(log, (writes) => {
      writes.putBlock(7, Buffer.from('wrong'))
      writes.deleteBlock(8)
    })
    assert.equal(await refillBlock(log, 7, content(8)), false)
    assert.equal((await verifyLog(log)).faults.length, 2)
    assert.equal(await refillBlock(log, 7, content(7)), true)
    assert.equal(await refillBlock(log, 8, content(8)), true)
    await isSound(log)
    assert.deepEqual(await log.plain.get(7), Buffer.from(content(7)))
    // A block that was let go comes back the same way.
    await log.clear([{ start: 9, end: 10 }])
    assert.equal(await refillBlock(log, 9, content(9)), true)
    await isSound(log)
  })
}

test('what is here is counted also behind a hole: blocks may come in any order', async () => {
  await using world = await openWorld()
  assert.equal(world.log.here, COUNT)
  await world.log.clear([{ start: 3, end: 5 }])
  assert.deepEqual([world.log.contiguous, world.log.here], [3, COUNT - 2])
})

test('blocks are let go without taking the tree of their neighbours along, as hypercore’s own way does', async () => {
  await using world = await openWorld()
  const { log } = world
  const first = insidesOf(log).state.roots[0]?.index ?? 0
  const before = await readNodes(log, 0, 2 * first)
  for (const [start, end] of [
    [9, 10],
    [33, 40],
    [511, 512],
    [600, 777],
    [999, 1000],
  ] as const)
    await log.clear([{ start: start, end: end }])
  assert.deepEqual(await readNodes(log, 0, 2 * first), before)
  const kept = await verifyLog(log)
  assert.deepEqual([kept.faults, kept.unproved, kept.blocks], [[], 0, COUNT - 1 - 7 - 1 - 177 - 1])
  // What hypercore does by itself.
  await log.raw.clear(101, 102)
  const after = await verifyLog(log)
  assert.deepEqual(after.faults, [])
  assert.ok(after.unproved > 0)
})

test('nodes of the tree that are damaged are found with what belongs there, at every height', async () => {
  await using world = await openWorld()
  const { log } = world
  // A leaf, its parent's neighbour, one above a whole step, and a root.
  const indices = [20, 45, 511, insidesOf(log).state.roots[0]?.index ?? 0]
  for (const index of indices) {
    const [node] = await readNodes(log, index, index)
    assert.ok(node)
    await damage(log, (writes) => writes.putTreeNode({ ...node, hash: Buffer.alloc(32, 1) }))
    const { faults } = await verifyLog(log)
    assert.equal(faults.length, 1, `node ${index}`)
    const [fault] = faults
    assert.ok(fault?.kind === 'node')
    assert.deepEqual({ ...fault.right }, { ...node })
    await rewriteNode(log, fault.right)
    await isSound(log)
  }
})

test('a peer sends what is damaged anew; without one nothing is taken away', async () => {
  await using world = await openWorld()
  const { log } = world
  await damage(log, (writes) => {
    writes.putBlock(30, Buffer.from('wrong'))
    writes.deleteBlock(31)
  })
  assert.equal(await refetchBlocks(log, { start: 30, end: 32 }, 1000), false)
  assert.equal((await verifyLog(log)).faults.length, 2)
  world.connect()
  while (log.raw.peers.length === 0 || log.raw.peers[0]?.remoteContiguousLength !== COUNT)
    await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await refetchBlocks(log, { start: 30, end: 32 }, 20_000), true)
  await isSound(log)
})

test('a branch that nothing here proves comes from a peer with its blocks', async () => {
  await using world = await openWorld()
  const { log } = world
  // A leaf and its block at once: neither tells what the other was. And two neighbours high up.
  const wrong = (index: number): TreeNode => ({ index, size: 5, hash: Buffer.alloc(32, 2) })
  await damage(log, (writes) => {
    writes.putTreeNode(wrong(80))
    writes.putBlock(40, Buffer.from('wrong'))
    for (const index of [1023 - 512 - 256, 1023 - 512 + 256, 1023 - 512 - 256 - 128, 1023 - 512 + 256 + 128])
      writes.putTreeNode(wrong(index))
  })
  world.connect()
  while (log.raw.peers.length === 0 || log.raw.peers[0]?.remoteContiguousLength !== COUNT)
    await new Promise((resolve) => setImmediate(resolve))
  const { faults } = await verifyLog(log)
  assert.ok(faults.some((fault) => fault.kind === 'branch'))
  for (const fault of faults) {
    if (fault.kind === 'branch') assert.equal(await refetchBlocks(log, fault, 20_000), true)
    if (fault.kind === 'node') await rewriteNode(log, fault.right)
  }
  for (const fault of (await verifyLog(log)).faults)
    if (fault.kind === 'branch') assert.equal(await refetchBlocks(log, fault, 20_000), true)
  await isSound(log)
})

test('roots that the writer never signed are told of', async () => {
  await using world = await openWorld()
  const { state } = insidesOf(world.other)
  const roots = state.roots as TreeNode[]
  const [first] = roots
  assert.ok(first)
  roots[0] = { ...first, hash: Buffer.alloc(32, 3) }
  assert.deepEqual((await verifyLog(world.other)).faults, [{ kind: 'signature' }])
})

/** Two stores with one key, as a copied home makes them: each wrote `own` after 20 blocks that both have. */
async function openTwins(own: readonly [readonly string[], readonly string[]]): Promise<{ logs: LogCore[] } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-twins-'))
  const primaryKey = Buffer.alloc(32, 6)
  const stores = ['a', 'b'].map((name) => new Corestore(path.join(dir, name), { primaryKey, unsafe: true }))
  const logs: LogCore[] = []
  for (const [i, store] of stores.entries()) {
    const session = store.get({ name: 'log' })
    await session.ready()
    await session.append(Array.from({ length: 20 }, (_, index) => Buffer.from(content(index))))
    for (const text of own[i] ?? []) await session.append([Buffer.from(text)])
    logs.push(new LogCore(session, session, NO_CHECKPOINTS))
  }
  const [one, two] = stores.map((store, i) => (store.replicate as unknown as (initiator: boolean) => Stream).call(store, i === 0)) as [
    Stream,
    Stream,
  ]
  one.pipe(two).pipe(one)
  for (const log of logs)
    while (log.raw.peers[0]?.remoteLength === undefined || log.raw.peers[0].remoteLength < 20)
      await new Promise((resolve) => setImmediate(resolve))
  return {
    logs,
    async [Symbol.asyncDispose]() {
      one.destroy()
      two.destroy()
      for (const store of stores) await store.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
interface Stream {
  pipe(to: Stream): Stream
  destroy(): void
}

test('two signed histories of one log are told apart, without freezing either', async () => {
  for (const own of [
    [['x'], ['y']],
    [['same'], ['same']],
    [[], []],
  ] as const) {
    await using twins = await openTwins(own)
    const expected = own[0][0] === own[1][0] ? 'same' : 'forked'
    for (const log of twins.logs) {
      const [compared] = await compareHistories(log, 10_000)
      assert.equal(compared?.history, expected)
      assert.deepEqual((await verifyLog(log)).faults, [])
      assert.equal(insidesOf(log).header.frozen === true, false)
    }
  }
})
