/** Conformance of the state's tables: every behaviour on the database on disk and on its twin in memory. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { FolderPath, Synced } from '../../src/core/entries.ts'
import { isDrop } from '../../src/state/receipts.ts'
import type { ReceiptRecord } from '../../src/state/records.ts'
import { openState, tokenHash } from '../../src/state/state.ts'
import type { State } from '../../src/state/state.ts'
import { folderRecord } from '../fixtures/folder-record.ts'

const at = (path: string) => path as FolderPath

/** A synced file record like those of a real tree. */
function fileRecord(size: number): Synced {
  return {
    entry: {
      kind: 'file',
      vector: { abcdefghij: 3 },
      mtimeMs: 1_700_000_000_123,
      size,
      executable: size % 2 === 1,
      hash: 'a'.repeat(64),
      content: {
        drive: 'abcdefghij' as NonNullable<Extract<Synced['entry'], { kind: 'file' }>['content']>['drive'],
        byteOffset: size,
        blockOffset: 7,
        blockLength: 1,
        byteLength: size,
        blockMap: false,
      },
    },
    local: { kind: 'file', size, mtimeMs: 1_700_000_000_123.456, ctimeMs: 1_700_000_000_200.5, ino: 4242, executable: size % 2 === 1 },
  }
}

function receipt(device: string, version: number, atMs = version): ReceiptRecord {
  return {
    folder: 'folderkey',
    device,
    name: 'raspberry',
    version,
    files: 3,
    bytes: 12,
    atMs,
    signed: '00ff',
    signature: 'cd'.repeat(64),
    shared: false,
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

for (const kind of ['on disk', 'in memory'] as const) {
  const withState = async (use: (state: State, reopen: () => Promise<State>) => Promise<void>) => {
    const home = await mkdtemp(join(tmpdir(), 'hyper-store-state-'))
    let state = await openState(kind === 'on disk' ? home : null)
    try {
      await use(state, async () => {
        if (kind === 'on disk') {
          await state.close()
          state = await openState(home)
        }
        return state
      })
    } finally {
      await state.close()
      await rm(home, { recursive: true, force: true })
    }
  }

  describe(`state ${kind}`, () => {
    test('settings keep any JSON and forget with undefined', () =>
      withState(async (state, reopen) => {
        assert.equal(await state.settings.get('hooks'), undefined)
        await state.settings.set('hooks', { exec: 'true', notify: true })
        await state.settings.set('with / odd ! name', [1, null])
        const again = await reopen()
        assert.deepEqual(await again.settings.get('hooks'), { exec: 'true', notify: true })
        assert.deepEqual(await again.settings.get('with / odd ! name'), [1, null])
        await again.settings.set('hooks', undefined)
        assert.equal(await again.settings.get('hooks'), undefined)
      }))

    test('folders survive reopening and change without lost updates', () =>
      withState(async (state, reopen) => {
        await state.folders.put(folderRecord({ key: 'b'.repeat(52) }))
        await state.folders.put(folderRecord({ key: 'a'.repeat(52) }))
        await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            state.folders.update('a'.repeat(52), (row) => ({ ...row, providers: [...row.providers, `p${n}`] })),
          ),
        )
        const again = await reopen()
        assert.equal((await again.folders.get('a'.repeat(52)))?.providers.length, 21)
        assert.deepEqual(
          (await again.folders.list()).map((row) => row.key[0]),
          ['a', 'b'],
        )
        assert.equal(await again.folders.update('c'.repeat(52), (row) => row), null)
        assert.equal(await again.folders.remove('a'.repeat(52)), true)
        assert.equal(await again.folders.remove('a'.repeat(52)), false)
        await assert.rejects(again.folders.put(folderRecord({ key: 'd', encryptionKey: 'short' })), { code: 'DEFECT' })
      }))

    test('providers and devices are kept by name and key, a token only as its hash', () =>
      withState(async (state) => {
        const provider = { name: 'my Pi/1', url: 'http://pi.local:3472', deviceKey: null, role: null, token: null }
        await state.providers.put({ ...provider, addedAtMs: 1, lastSeenAtMs: null })
        assert.equal((await state.providers.get('my Pi/1'))?.url, 'http://pi.local:3472')
        const hash = tokenHash('secret')
        assert.equal(hash.length, 64)
        await state.devices.put({ key: 'k'.repeat(52), name: 'laptop', role: 'owner', tokenHash: hash, addedAtMs: 1, lastSeenAtMs: null })
        assert.equal((await state.devices.list())[0]?.tokenHash, hash)
      }))

    test('synced gives back every kind of record unchanged', () =>
      withState(async (state, reopen) => {
        const records: [FolderPath, Synced][] = [
          [at('file'), fileRecord(12)],
          [at('empty'), { entry: { ...fileRecord(0).entry, content: null } as Synced['entry'], local: null }],
          [
            at('link'),
            {
              entry: { kind: 'symlink', vector: {}, mtimeMs: 0, target: '../x' },
              local: { kind: 'symlink', target: '../x', mtimeMs: 1.5, ctimeMs: 2, ino: 3 },
            },
          ],
          [at('folder'), { entry: { kind: 'folder', vector: { x: 1 }, mtimeMs: 0 }, local: { kind: 'folder', empty: true } }],
        ]
        await state.synced('f1').apply({ put: records, applied: { abcdefghij: 9 } }, { sync: true })
        const tree = (await reopen()).synced('f1')
        for (const [path, record] of records) assert.deepEqual(await tree.get(path), record)
        assert.equal(await tree.get(at('none')), null)
        assert.deepEqual(
          (await tree.getMany([at('none'), at('link')])).map((found) => found?.entry.kind),
          [undefined, 'symlink'],
        )
        assert.deepEqual(await tree.applied(), { abcdefghij: 9 })
        assert.equal(await tree.count(), 4)
      }))

    test('synced walks in byte order of paths, within a prefix, and apart from other folders', () =>
      withState(async (state) => {
        const names = ['a', 'a/b', 'a!', 'a.txt', 'b', 'Z', 'ä', '\u{ffee}', '\u{1f600}', '\u{10ffff}x', 'a/\u{10ffff}y', 'a\u0001']
        const tree = state.synced('f1')
        await tree.apply({ put: names.map((name) => [at(name), fileRecord(1)] as const) })
        await state.synced('f10').apply({ put: [[at('other'), fileRecord(1)]] })
        const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        assert.deepEqual(
          (await collect(tree.entries())).map(([path]) => path as string),
          sorted,
        )
        assert.deepEqual(
          (await collect(tree.entries({ prefix: 'a/' }))).map(([path]) => path as string),
          ['a/b', 'a/\u{10ffff}y'],
        )
        await tree.clear()
        assert.deepEqual(await collect(tree.entries()), [])
        assert.equal(await tree.count(), 0)
        assert.equal(await tree.applied(), null)
        assert.equal(await state.synced('f10').count(), 1)
      }))

    test('synced counts right through repeated puts, deletes of nothing and steps at once', () =>
      withState(async (state, reopen) => {
        const tree = state.synced('f1')
        await tree.apply({
          put: [
            [at('a'), fileRecord(1)],
            [at('a'), fileRecord(2)],
            [at('b'), fileRecord(3)],
          ],
          applied: { d: 1 },
        })
        assert.equal(await tree.count(), 2)
        assert.equal((await tree.get(at('a')))?.entry.kind === 'file' && (await tree.get(at('a')))?.local?.kind, 'file')
        await Promise.all([
          tree.apply({
            put: [
              [at('a'), fileRecord(4)],
              [at('c'), fileRecord(5)],
            ],
          }),
          tree.apply({ del: [at('b'), at('b'), at('never')] }),
          tree.apply({ put: [[at('c'), fileRecord(6)]], del: [at('c')] }),
        ])
        assert.equal(await tree.count(), 2)
        assert.deepEqual(await tree.applied(), { d: 1 })
        const again = (await reopen()).synced('f1')
        assert.equal(await again.count(), 2)
        assert.equal((await collect(again.entries())).length, 2)
      }))

    test('a walk sees the tree as it was when it began', () =>
      withState(async (state) => {
        const tree = state.synced('f1')
        await tree.apply({ put: Array.from({ length: 300 }, (_, n) => [at(`f${1000 + n}`), fileRecord(n)] as const) })
        let seen = 0
        for await (const [path] of tree.entries()) {
          if (seen === 0) await tree.apply({ del: [at('f1299')] })
          seen++
          assert.ok(path.startsWith('f1'))
        }
        assert.equal(seen, 300)
        assert.equal(await tree.count(), 299)
      }))

    test('chunks are found by hash, apart per drive, with the mark of what is covered', () =>
      withState(async (state, reopen) => {
        const hashes = Array.from({ length: 50 }, () => randomBytes(32))
        const chunks = hashes.map((hash, n) => ({ hash, place: { index: n * 1e9, byteLength: n } }))
        assert.equal(await state.chunks('d1').rebuilt(), null)
        await state.chunks('d1').putMany(chunks, { rebuilt: 50 })
        await state.chunks('d2').putMany(chunks.slice(0, 1))
        const index = (await reopen()).chunks('d1')
        assert.deepEqual(await index.getMany([hashes[49] as Buffer, randomBytes(32), hashes[0] as Buffer]), [
          { index: 49e9, byteLength: 49 },
          undefined,
          { index: 0, byteLength: 0 },
        ])
        assert.equal(await index.size(), 50)
        assert.equal(await index.rebuilt(), 50)
        await index.delMany(hashes.slice(0, 10))
        assert.equal(await index.size(), 40)
        await index.clear()
        assert.equal(await index.size(), 0)
        assert.equal(await index.rebuilt(), null)
        await assert.rejects(index.getMany([randomBytes(31)]), { code: 'DEFECT' })
      }))

    test('receipts keep the newest word of each device', () =>
      withState(async (state) => {
        assert.equal(await state.receipts.put(receipt('dev1', 5)), true)
        assert.equal(await state.receipts.put(receipt('dev1', 4, 99)), false)
        assert.equal(await state.receipts.put(receipt('dev1', 5)), false)
        assert.equal(await state.receipts.put(receipt('dev1', 5, 77)), true)
        assert.equal(await state.receipts.put(receipt('dev2', 1)), true)
        await state.receipts.put({ ...receipt('dev1', 9), folder: 'folderkey2' })
        assert.deepEqual(
          (await state.receipts.list('folderkey')).map((row) => [row.device, row.version, row.atMs]),
          [
            ['dev1', 5, 77],
            ['dev2', 1, 1],
          ],
        )
        await state.receipts.clear('folderkey')
        assert.deepEqual(await state.receipts.list('folderkey'), [])
        assert.equal((await state.receipts.list('folderkey2')).length, 1)
      }))

    test('a receipt gives way to the mark of a drop, which older ones do not undo and newer ones do', () =>
      withState(async (state, reopen) => {
        await state.receipts.put(receipt('dev1', 5, 50))
        await state.receipts.drop('folderkey', 'dev1', 60)
        await state.receipts.drop('folderkey', 'dev2', 10)
        assert.equal(await state.receipts.put(receipt('dev1', 9, 59)), false)
        state = await reopen()
        const rows = (await state.receipts.list('folderkey')).map((row) => [row.device, row.version, row.atMs, isDrop(row)])
        assert.deepEqual(rows, [
          ['dev1', 0, 60, true],
          ['dev2', 0, 10, true],
        ])
        assert.equal(await state.receipts.put(receipt('dev1', 5, 60)), true)
        assert.equal(await state.receipts.put({ ...receipt('dev2', 5, 11), shared: true }), true)
        await state.receipts.drop('folderkey', 'dev2', 11)
        assert.deepEqual(
          (await state.receipts.list('folderkey')).map((row) => row.version),
          [5, 5],
        )
      }))

    test('checkpoints come back ascending, limited, and old forks go', () =>
      withState(async (state, reopen) => {
        const signature = new Uint8Array(randomBytes(64))
        const lengths = [300, 5, 4_000_000_000, 17]
        await state.checkpoints.putMany(
          'aa',
          lengths.map((length) => ({ length, fork: 0, signature })),
        )
        await state.checkpoints.putMany('bb', [{ length: 1, fork: 0, signature }])
        const log = (await reopen()).checkpoints
        assert.deepEqual(
          (await log.after('aa', 5, 2)).map((point) => point.length),
          [17, 300],
        )
        assert.deepEqual((await log.after('aa', 300, 100))[0], { length: 4_000_000_000, fork: 0, signature })
        await log.putMany('aa', [{ length: 17, fork: 2, signature }])
        assert.equal(await log.truncate('aa', 2), 3)
        assert.deepEqual(
          (await log.after('aa', 0, 100)).map((point) => [point.length, point.fork]),
          [[17, 2]],
        )
        await assert.rejects(log.putMany('aa', [{ length: 1, fork: 0, signature: new Uint8Array(63) }]), { code: 'DEFECT' })
      }))

    test('ten thousand synced records and sixteen thousand chunks are written fast', { timeout: 30_000 }, () =>
      withState(async (state) => {
        const put = Array.from({ length: 10_000 }, (_, n) => [at(`folder-${n % 100}/some-name-${n}.txt`), fileRecord(n)] as const)
        const chunks = Array.from({ length: 16_000 }, (_, n) => ({ hash: randomBytes(32), place: { index: n, byteLength: 65_536 } }))
        const times: string[] = []
        const timed = async (name: string, step: () => Promise<unknown>) => {
          const from = performance.now()
          await step()
          times.push(`${name} ${(performance.now() - from).toFixed(0)} ms`)
        }
        const tree = state.synced('f1')
        await timed('10,000 new', () => tree.apply({ put }))
        await timed('10,000 again', () => tree.apply({ put }))
        await timed('walk', () => collect(tree.entries()))
        await timed('getMany', () => tree.getMany(put.map(([path]) => path)))
        await timed('16,000 chunks', () => state.chunks('d1').putMany(chunks))
        await timed('16,000 looked up', () => state.chunks('d1').getMany(chunks.map(({ hash }) => hash)))
        console.log(`# ${kind}: ${times.join(', ')}`)
        assert.equal(await tree.count(), 10_000)
      }),
    )
  })
}
