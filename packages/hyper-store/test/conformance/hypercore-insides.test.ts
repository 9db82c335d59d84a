/** What hypercore does not document and this program rests on. A release that changes one of these fails here first. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import Corestore from 'corestore'
import type { Session } from 'hypercore'
import { chunkHash, rememberChunkHash } from '../../src/hyper/leaf-hash.ts'
import { linkedStreams } from '../fixtures/stock-links.ts'

const PRIMARY_KEY = Buffer.alloc(32, 7)
const blocks = (...texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text))

/** A log with its writer's key, and the same log by its key alone in another storage. */
async function openPair(): Promise<{ writer: Session; reader: Session } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-insides-'))
  const [a, b] = [new Corestore(path.join(dir, 'a'), { primaryKey: PRIMARY_KEY, unsafe: true }), new Corestore(path.join(dir, 'b'))]
  const writer = a.get({ name: 'log' })
  await writer.ready()
  const reader = b.get({ key: writer.key })
  await reader.ready()
  return {
    writer,
    reader,
    async [Symbol.asyncDispose]() {
      await a.close()
      await b.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function signatureOf(log: Session): Uint8Array {
  const { signature } = log.core.state
  assert.ok(signature !== null)
  return new Uint8Array(signature)
}

test('a log opened by key alone has no verifier until it is given the manifest', async () => {
  await using pair = await openPair()
  assert.equal(pair.reader.core.verifier, null)
  await assert.rejects(pair.reader.core.setManifest({ ...pair.writer.manifest, signers: [] }))
  await pair.reader.core.setManifest(pair.writer.manifest)
  assert.notEqual(pair.reader.core.verifier, null)
})

test('a run is appended without the secret key, under the signature that the writer had at its end', async () => {
  await using pair = await openPair()
  await pair.writer.append(blocks('one', 'two'))
  const first = signatureOf(pair.writer)
  await pair.writer.append(blocks('three'))
  const second = signatureOf(pair.writer)
  await pair.reader.core.setManifest(pair.writer.manifest)
  assert.equal(pair.reader.writable, false)
  await pair.reader.append(blocks('one', 'two'), { signature: first, writable: true })
  await pair.reader.append(blocks('three'), { signature: second, writable: true })
  assert.equal(pair.reader.length, 3)
  assert.equal(pair.reader.contiguousLength, 3)
  assert.deepEqual(signatureOf(pair.reader), second)
})

test('a run with an altered, a missing or a further block is refused, and nothing of it is stored', async () => {
  await using pair = await openPair()
  await pair.writer.append(blocks('one', 'two'))
  const signature = signatureOf(pair.writer)
  await pair.reader.core.setManifest(pair.writer.manifest)
  for (const wrong of [blocks('one', 'twO'), blocks('one'), blocks('one', 'two', 'three')]) {
    await assert.rejects(pair.reader.append(wrong, { signature, writable: true }))
    assert.equal(pair.reader.length, 0)
  }
  await pair.reader.append(blocks('one', 'two'), { signature, writable: true })
  assert.equal(pair.reader.length, 2)
})

test('a block whose hash was told is not hashed again: its log is signed over what was told', async () => {
  await using told = await openPair()
  await using untold = await openPair()
  const [block] = blocks('content')
  const [same] = blocks('content')
  const [other] = blocks('content')
  assert.ok(block !== undefined && same !== undefined && other !== undefined)
  rememberChunkHash(block, chunkHash(block))
  await told.writer.append([block])
  await untold.writer.append([same])
  assert.deepEqual(signatureOf(told.writer), signatureOf(untold.writer))
  // A wrong hash shows that it really is the told one that counts.
  rememberChunkHash(other, Buffer.alloc(32))
  await told.writer.append([other])
  await untold.writer.append(blocks('content'))
  assert.notDeepEqual(signatureOf(told.writer), signatureOf(untold.writer))
})

test('a peer that is paused is asked nothing, and asked again once it is not', async () => {
  await using pair = await openPair()
  await pair.writer.append(blocks('one', 'two'))
  const [left, right] = linkedStreams()
  pair.writer.replicate(left)
  pair.reader.replicate(right)
  await pair.reader.update({ wait: true })
  const [peer] = pair.reader.peers
  assert.ok(peer !== undefined)
  assert.equal(peer.paused, false)
  peer.paused = true
  await assert.rejects(pair.reader.get(0, { timeout: 200 }))
  const asked = pair.reader.get(1)
  peer.paused = false
  pair.reader.core.replicator.updateAll()
  assert.equal(Buffer.from((await asked) ?? []).toString(), 'two')
  left.destroy()
})

test('whether stock replication extends a log by itself can be switched', async () => {
  await using pair = await openPair()
  assert.equal(typeof pair.reader.core.replicator.eagerUpgrade, 'boolean')
})

test('the first block that is here is told, -1 where nothing is, after blocks were let go too', async () => {
  await using pair = await openPair()
  assert.equal(pair.writer.core.bitfield.firstSet(0), -1)
  await pair.writer.append(blocks('one', 'two', 'three'))
  await pair.writer.clear(0, 1)
  assert.equal(pair.writer.core.bitfield.firstSet(0), 1)
  await pair.writer.clear(0, 3)
  assert.equal(pair.writer.core.bitfield.firstSet(0), -1)
})
