/** Entries survive the way to records and back; records of stock tools are understood, hostile ones left out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { decodeRecord, encodeRecord } from './entry-codec.ts'

const DRIVE = 'abcdefghij' as DriveId
const source = { drive: DRIVE, seq: 6 }
const rawKey = (path: string) => `files\0/${path}`

const vector = fc
  .dictionary(fc.constantFrom('abcdefghij', 'kmnopqrstu'), fc.integer({ min: 1, max: 9 }), { minKeys: 1 })
  .map((v) => ({ ...v }))
const mtimeMs = fc.integer({ min: 0, max: 2e12 })
const count = fc.integer({ min: 0, max: 2 ** 40 })
const content = fc.record({
  drive: fc.constant(DRIVE),
  byteOffset: count,
  blockOffset: count,
  blockLength: fc.integer({ min: 1, max: 64 }),
  byteLength: count,
  blockMap: fc.boolean(),
})
const entries: fc.Arbitrary<EntryOrTombstone> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    vector,
    mtimeMs,
    size: count,
    executable: fc.boolean(),
    hash: fc.constantFrom('', `b${'0'.repeat(64)}`),
    content: fc.option(content),
  }),
  fc.record({ kind: fc.constant('symlink' as const), vector, mtimeMs, target: fc.string({ minLength: 1, maxLength: 40 }) }),
  fc.record({ kind: fc.constant('folder' as const), vector, mtimeMs }),
  fc.record({ kind: fc.constant('tombstone' as const), vector, mtimeMs }),
)

// Vectors may have no prototype.
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('every entry reads back as it was written', () => {
  fc.assert(
    fc.property(entries, fc.constantFrom('a', 'dir/ünïcode 日本', 'a b/.hidden'), (entry, path) => {
      const record = encodeRecord(path as FolderPath, entry)
      const space = entry.kind === 'file' || entry.kind === 'symlink' ? 'files' : 'hyper-store'
      const read = decodeRecord(`${space}\0${record.key}`, JSON.parse(JSON.stringify(record.value)), source)
      assert.equal(read?.path, path)
      assert.deepEqual(plain(read?.entry), plain(entry))
      const need = entry.kind === 'file' && entry.content !== null ? entry.content.blockOffset + entry.content.blockLength : 0
      assert.equal(read?.need, need)
    }),
  )
})

test('a record of a stock tool has no size for a block map, and a vector from its place in the log', () => {
  const blob = { byteOffset: 0, blockOffset: 2, blockLength: 1, byteLength: 40 }
  const whole = decodeRecord(rawKey('f'), { executable: true, linkname: null, blob, metadata: null }, source)
  assert.deepEqual(whole?.entry, {
    kind: 'file',
    size: 40,
    mtimeMs: 0,
    executable: true,
    hash: '',
    vector: { [DRIVE]: 7 },
    content: { drive: DRIVE, ...blob, blockMap: false },
  })
  const mapped = decodeRecord(
    rawKey('f'),
    { executable: false, linkname: null, blob: { ...blob, blockMap: true }, metadata: { mine: 1 } },
    source,
  )
  assert.equal(mapped?.entry?.kind === 'file' && mapped.entry.size, -1)
  const link = decodeRecord(rawKey('l'), { executable: false, linkname: 'to', blob: null, metadata: null }, source)
  assert.equal(link?.entry?.kind === 'symlink' && link.entry.target, 'to')
})

test('a deleted record says that nothing is there', () => {
  assert.deepEqual(decodeRecord(rawKey('f'), null, source), { path: 'f', slot: 'file', entry: null, need: 0 })
  assert.deepEqual(decodeRecord('hyper-store\0t/f', null, source), { path: 'f', slot: 'tombstone', entry: null, need: 0 })
})

test('hostile names, newer formats, malformed values and keys of others are left out', () => {
  const value = {
    executable: false,
    linkname: null,
    blob: { byteOffset: 0, blockOffset: 0, blockLength: 1, byteLength: 1 },
    metadata: null,
  }
  for (const name of ['../x', 'a/../../x', '/x', 'a//b', '.', '', '.hyper-store/x', '.Hyper-Store/x', 'a\0b', 'x'.repeat(300)]) {
    assert.equal(decodeRecord(rawKey(name), value, source), null, name)
  }
  const newer = { ...value, metadata: { f: 99, s: 1, m: 1, h: '', v: {} } }
  const negative = { ...value, blob: { ...value.blob, blockOffset: -1 } }
  for (const bad of [newer, negative, { ...value, blob: null }, 'text', 7, [], { ...value, linkname: 'x'.repeat(5000) }]) {
    assert.equal(decodeRecord(rawKey('f'), bad, source), null)
  }
  assert.equal(decodeRecord('hyper-store\0d/f', { f: 99, m: 0, v: {} }, source), null)
  assert.equal(decodeRecord('hyper-store\0d/f', { f: 1, m: 0, v: 'x' }, source), null)
  assert.equal(decodeRecord('hyper-store\0info', {}, source), null)
  assert.equal(decodeRecord('another\0key', value, source), null)
})

test('random values never throw', () => {
  fc.assert(fc.property(fc.string(), fc.jsonValue(), (name, value) => void decodeRecord(rawKey(name), value, source)))
})
