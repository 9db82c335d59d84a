/** A stock Hyperbee reads our tables, and we read what a stock Hyperbee wrote, in each of its encodings. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import Corestore from 'corestore'
import Hyperbee from 'hyperbee'
import { CoreStorage } from '../../src/hyper/core-storage.ts'
import { TableLog } from '../../src/hyper/table-log.ts'
import { openState } from '../../src/state/state.ts'
import { changeRows, putRow, rowsOf } from '../../src/tables/table-room.ts'

/** The calls of Hyperbee 2 that these tests use. */
interface StockBee {
  readonly version: number
  ready(): Promise<void>
  get(key: string | Uint8Array): Promise<{ key: unknown; value: unknown } | null>
  put(key: string | Uint8Array, value: unknown): Promise<void>
  del(key: string): Promise<void>
  sub(name: string, options?: object): StockBee
  checkout(version: number): StockBee
  createReadStream(range?: object): AsyncIterable<{ key: string; value: unknown }>
  getHeader(): Promise<{ metadata: { userData: Uint8Array | null } | null }>
  close(): Promise<void>
}
const StockHyperbee = Hyperbee as unknown as new (core: unknown, options: object) => StockBee

async function inFolder(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(path.join(tmpdir(), 'hyper-store-stock-table-'))
  try {
    await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

for (const [name, encryptionKey] of [
  ['open', null],
  ['private', Buffer.alloc(32, 9)],
] as const) {
  test(`a stock Hyperbee reads our ${name} table: rows, sub-databases, deletions, old versions and its title`, async () => {
    await inFolder(async (dir) => {
      let key: Uint8Array
      let first = 0
      {
        await using state = await openState(path.join(dir, 'state'))
        const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
        key = await storage.makeTable('birds', encryptionKey, 'Birds of the pond')
        const drive = await storage.openOwnTable('birds', encryptionKey)
        await drive.start(0)
        const table = new TableLog(drive, { sparse: false, title: () => 'birds' })
        await putRow(table, 'crow', { type: 'json', bytes: Buffer.from('{"legs":2}') })
        await putRow(table, 'ponds/north/heron', { type: 'json', bytes: Buffer.from('7') })
        first = table.version()
        await changeRows(table, [
          { key: 'crow', delete: true },
          { key: 'ponds/north/tern', type: 'json', value: null },
        ])
        await drive.close()
        await storage.close()
      }
      const store = new Corestore(path.join(dir, 'cores'))
      const bee = new StockHyperbee(store.get({ key, encryptionKey }), { keyEncoding: 'utf-8', valueEncoding: 'json' })
      await bee.ready()
      assert.equal(await bee.get('crow'), null)
      assert.deepEqual((await bee.checkout(first).get('crow'))?.value, { legs: 2 })
      const north = bee.sub('ponds').sub('north')
      const rows: unknown[] = []
      for await (const row of north.createReadStream()) rows.push([row.key, row.value])
      assert.deepEqual(rows, [
        ['heron', 7],
        ['tern', null],
      ])
      assert.equal(Buffer.from((await bee.getHeader()).metadata?.userData ?? []).toString(), 'Birds of the pond')
      await bee.close()
      await store.close()
    })
  })
}

test('a table that a stock Hyperbee wrote is read: JSON, text and bytes, keys of any kind, and its versions', async () => {
  await inFolder(async (dir) => {
    const store = new Corestore(path.join(dir, 'cores'))
    const core = store.get({ name: 'stock' })
    const bee = new StockHyperbee(core, { keyEncoding: 'utf-8', valueEncoding: 'json' })
    await bee.ready()
    await bee.put('json', { a: [1] })
    await bee.sub('deep').sub('down').put('text', 'a string')
    await bee.sub('text', { valueEncoding: 'utf-8' }).put('plain', 'no JSON {')
    await bee.sub('bytes', { valueEncoding: 'binary', keyEncoding: 'binary' }).put(Buffer.from([255, 47]), Buffer.from([0, 255]))
    await bee.put('gone', 1)
    const before = bee.version
    await bee.del('gone')
    const { key } = core
    await bee.close()
    await store.close()

    await using state = await openState(path.join(dir, 'state'))
    const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
    const drive = await storage.openOther(key, null)
    await drive.start(0)
    assert.equal(drive.kind, 'table')
    assert.equal(drive.blobs, null)
    const table = new TableLog(drive, { sparse: false, title: () => 'stock' })
    const rows = async (version: number | null) => {
      const all: unknown[] = []
      const range = { prefix: null, gt: null, gte: null, lt: null, lte: null, reverse: false, shallow: false, version }
      for await (const row of rowsOf(table, range)) if (!('sub' in row)) all.push([row.key, row.type, row.value])
      return all
    }
    const now = [
      ['bytes/%FF%2F', 'bytes', 'AP8='],
      ['deep/down/text', 'json', 'a string'],
      ['json', 'json', { a: [1] }],
      ['text/plain', 'text', 'no JSON {'],
    ]
    assert.deepEqual(await rows(null), now)
    assert.equal((await rows(before)).length, now.length + 1)
    assert.equal(await table.count(null), now.length)
    await assert.rejects(putRow(table, 'x', { type: 'json', bytes: Buffer.from('1') }), { code: 'NOT_WRITER' })
    await drive.close()
    await storage.close()
  })
})

test('a log of any other program is a plain core, whatever its blocks look like', async () => {
  await inFolder(async (dir) => {
    const store = new Corestore(path.join(dir, 'cores'))
    const core = store.get({ name: 'feed' })
    await core.ready()
    await core.append([Buffer.from('{"type":"post"}'), Buffer.from([255, 254, 253])])
    const { key } = core
    await store.close()
    await using state = await openState(path.join(dir, 'state'))
    const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
    const drive = await storage.openOther(key, null)
    await drive.start(0)
    assert.deepEqual([drive.kind, drive.blobs, drive.whole.db], ['core', null, 2])
    await drive.close()
    await storage.close()
  })
})

test('a private folder or table is not taken for a plain core where its key is missing and that is known', async () => {
  await inFolder(async (dir) => {
    await using state = await openState(path.join(dir, 'state'))
    const storage = await CoreStorage.open(path.join(dir, 'cores'), { checkpoints: state.checkpoints })
    const folder = await storage.openOwn('folder', Buffer.alloc(32, 1))
    await folder.writeInfo({ title: 'letters' })
    await folder.close()
    const table = await storage.makeTable('table', Buffer.alloc(32, 1), 'diary')
    const kindOf = async (key: Uint8Array, secret: Uint8Array | null, as: { sealed?: boolean; kind?: 'table' } = {}) => {
      const drive = await storage.openOther(key, secret, as)
      const { kind } = drive
      await drive.close()
      return kind
    }
    assert.equal(await kindOf(folder.key, null), 'unknown')
    assert.equal(await kindOf(folder.key, Buffer.alloc(32, 2)), 'unknown')
    assert.equal(await kindOf(folder.key, Buffer.alloc(32, 1)), 'folder')
    assert.equal(await kindOf(table, null, { sealed: true }), 'unknown')
    assert.equal(await kindOf(table, null, { sealed: true, kind: 'table' }), 'table')
    assert.equal(await kindOf(table, Buffer.alloc(32, 1)), 'table')
    await storage.close()
  })
})
