/** A device that says garbage on the channel `hyper-store/sync/1`: it is cut off or ignored, learns nothing that it must not, and harms nobody. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import c from 'compact-encoding'
import hypercoreCrypto from 'hypercore-crypto'
import type { Channel, Message } from 'protomux'
import { decodeZ32 } from '../../src/core/links.ts'
import { hashBytes, hex } from '../../src/hyper/hash.ts'
import { json, run as runEncoding } from '../../src/hyper/replication/messages.ts'
import { SYNC_PROTOCOL } from '../../src/hyper/replication/peer-session.ts'
import type { PeerConnection } from '../../src/hyper/transports/noise-connection.ts'
import { HostileWriter } from '../fixtures/hostile-writer.ts'
import { apiOf, cloneTo, itemOf, pairWith, runningStore, share, whole } from '../fixtures/lab.ts'
import type { Stores, TestStore } from '../fixtures/stores.ts'
import { createStores } from '../fixtures/stores.ts'
import { until } from '../fixtures/transports.ts'

let stores: Stores
let a: TestStore
let b: TestStore
let key: Uint8Array
let folder: string

before(async () => {
  stores = await createStores()
  a = await runningStore(stores, 'a')
  b = await runningStore(stores, 'b')
  await pairWith(b, a)
  await mkdir(path.join(a.dir, 'docs'))
  await writeFile(path.join(a.dir, 'docs', 'big.bin'), randomBytes(9_000_000))
  const item = await share(a, 'docs')
  await whole(a, item.key)
  await cloneTo(b, 'docs', item.link)
  await itemOf(b, item.key, (i) => i.state === 'up-to-date' && i.files === 1)
  folder = item.key
  key = decodeZ32(item.key) ?? new Uint8Array()
})
after(async () => stores[Symbol.asyncDispose]())

const NAMES = ['offer', 'status', 'want', 'run', 'ack', 'stop', 'receipt'] as const
type Name = (typeof NAMES)[number]

interface Talker {
  readonly connection: PeerConnection
  readonly channel: Channel
  readonly heard: { name: Name; message: unknown }[]
  say(name: Name, bytes: Uint8Array): void
  tell(name: Name, value: unknown): void
  /** The honest proof that the drive's key is known. */
  proof(): string
}

/** Connects to a store and opens the channel. */
async function talkTo(writer: HostileWriter, store: TestStore): Promise<Talker> {
  const connection = await writer.connect(store.url, { replicate: false })
  const heard: Talker['heard'] = []
  const channel = connection.mux.createChannel({ protocol: SYNC_PROTOCOL, handshake: json })
  if (channel === null) throw new Error('no channel')
  const messages = new Map<Name, Message<Uint8Array>>()
  for (const name of NAMES) {
    const decode = (bytes: Uint8Array): unknown => (name === 'run' ? c.decode(runEncoding, bytes) : c.decode(json, bytes))
    messages.set(
      name,
      channel.addMessage({ encoding: c.raw, onmessage: (bytes: Uint8Array) => void heard.push({ name, message: decode(bytes) }) }),
    )
  }
  channel.open({ name: 'evil', protocol: 1 })
  await channel.fullyOpened()
  return {
    connection,
    channel,
    heard,
    say: (name, bytes) => void messages.get(name)?.send(bytes),
    tell: (name, value) => void messages.get(name)?.send(c.encode(json, value) as Uint8Array),
    proof: () =>
      hex(hashBytes(Buffer.from('hyper-store offer 1'), Buffer.from([1]), connection.stream.handshakeHash ?? new Uint8Array(), key)),
  }
}

const id = () => hex(hypercoreCrypto.discoveryKey(key))

/** What the garbage must not have touched. */
async function unharmed(): Promise<void> {
  for (const store of [a, b]) {
    const item = await itemOf(store, folder, (i) => i.state === 'up-to-date')
    assert.equal(item.files, 1)
  }
  assert.deepEqual(await readFile(path.join(b.dir, 'docs', 'big.bin')), await readFile(path.join(a.dir, 'docs', 'big.bin')))
}

test('a wrong proof in an offer gets no status, no offer and no blocks', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, a)
  talker.tell('offer', { drives: [{ drive: id(), proof: '0'.repeat(64) }] })
  talker.tell('want', { drive: id(), log: 'blobs', fork: 0, from: 0, manifest: true })
  await sleep(500)
  assert.deepEqual(
    talker.heard.filter((h) => h.name !== 'offer'),
    [],
  )
  // What a store offers by itself proves nothing to who does not know the key, and says no key.
  assert.equal(JSON.stringify(talker.heard).includes(hex(key)), false)
})

test('who has not proved to know a folder cannot say who holds it', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, a)
  const before = (await (await apiOf(a)).getFolder(folder)).devices.length
  talker.tell('receipt', {
    receipt: {
      receipt: { drive: id(), device: '0'.repeat(64), version: 99 },
      name: 'evil',
      files: 0,
      bytes: 0,
      signature: '0'.repeat(128),
    },
  })
  await sleep(300)
  assert.equal((await (await apiOf(a)).getFolder(folder)).devices.length, before)
})

test('messages that do not parse, and runs of garbage, cut the speaker off or are passed over', async () => {
  await using writer = await HostileWriter.open()
  for (const name of NAMES) {
    const talker = await talkTo(writer, b)
    talker.say(name, randomBytes(2000))
    talker.say(name, Buffer.alloc(0))
    if (name === 'run') await until('the cut', () => talker.connection.closed)
    talker.connection.close()
  }
  await unharmed()
})

test('control messages of megabytes are passed over', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, b)
  talker.tell('offer', { drives: Array.from({ length: 5000 }, () => ({ drive: '0'.repeat(64), proof: '0'.repeat(64) })) })
  talker.tell('status', { drive: 'x'.repeat(1_000_000) })
  await unharmed()
})

test('a million offers of unknown drives cost the store no memory', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, b)
  const before = (await (await apiOf(b)).getStore()).memoryBytes ?? 0
  for (let i = 0; i < 400 && !talker.connection.closed; i++) {
    talker.tell('offer', {
      drives: Array.from({ length: 900 }, (_, n) => ({ drive: hex(hashBytes(Buffer.from(`${i} ${n}`))), proof: '0'.repeat(64) })),
    })
    if (i % 20 === 0) await sleep(5)
  }
  await unharmed()
  const grown = ((await (await apiOf(b)).getStore()).memoryBytes ?? 0) - before
  assert.ok(grown < 150_000_000, `it grew by ${grown}`)
})

test('wants beyond the end and of other forks are refused', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, a)
  talker.tell('offer', { drives: [{ drive: id(), proof: talker.proof() }] })
  talker.tell('want', { drive: id(), log: 'blobs', fork: 0, from: 2 ** 50, manifest: false })
  talker.tell('want', { drive: id(), log: 'db', fork: 7, from: 0, manifest: false })
  await until('two refusals', () => talker.heard.filter((h) => h.name === 'stop').length === 2)
  await unharmed()
})

test('wants without end from a peer that reads nothing do not fill the memory', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, a)
  talker.tell('offer', { drives: [{ drive: id(), proof: talker.proof() }] })
  await until('the status', () => talker.heard.some((h) => h.name === 'status'))
  const before = (await (await apiOf(a)).getStore()).memoryBytes ?? 0
  talker.connection.stream.rawStream.pause()
  for (let i = 0; i < 200; i++) {
    talker.tell('want', { drive: id(), log: 'blobs', fork: 0, from: 0, manifest: false })
    if (i % 10 === 0) await sleep(20)
  }
  await sleep(1000)
  const grown = ((await (await apiOf(a)).getStore()).memoryBytes ?? 0) - before
  assert.ok(grown < 250_000_000, `it grew by ${grown}`)
  await unharmed()
})

test('runs with a wrong signature are thrown away, their sender is cut off, and the honest one goes on', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, b)
  talker.tell('offer', { drives: [{ drive: id(), proof: talker.proof() }] })
  await until('the status', () => talker.heard.some((h) => h.name === 'status'))
  const status = talker.heard.find((h) => h.name === 'status')?.message as { db: number; blobs: number; fork: number }
  talker.tell('status', {
    drive: id(),
    fork: 0,
    db: status.db + 1,
    dbBytes: 1,
    blobs: status.blobs + 1,
    blobsBytes: 1,
    blobsFork: 0,
    applied: null,
  })
  await until('a want', () => talker.heard.some((h) => h.name === 'want'))
  for (const log of ['db', 'blobs'] as const) {
    const from = log === 'db' ? status.db : status.blobs
    talker.say(
      'run',
      c.encode(runEncoding, {
        drive: hypercoreCrypto.discoveryKey(key),
        log,
        fork: 0,
        from,
        blocks: [Buffer.from('forged')],
        signature: randomBytes(64),
        manifest: null,
      }) as Uint8Array,
    )
  }
  await until('the cut', () => talker.connection.closed)
  await writeFile(path.join(a.dir, 'docs', 'small.txt'), 'after the forgery')
  await until(
    'the honest change',
    async () => (await readFile(path.join(b.dir, 'docs', 'small.txt'), 'utf8').catch(() => '')) === 'after the forgery',
  )
})

test('a peer that claims a version which does not exist does not keep the writer from being told complete', async () => {
  await using writer = await HostileWriter.open()
  const talker = await talkTo(writer, a)
  talker.tell('offer', { drives: [{ drive: id(), proof: talker.proof() }] })
  talker.tell('status', { drive: id(), fork: 0, db: 2 ** 40, dbBytes: 1, blobs: 2 ** 40, blobsBytes: 1, blobsFork: 0, applied: null })
  await sleep(300)
  const item = await itemOf(a, folder, (i) => i.state === 'up-to-date')
  const reader = item.devices.find((d) => d.name === 'b')
  assert.equal(reader?.complete, true)
})
