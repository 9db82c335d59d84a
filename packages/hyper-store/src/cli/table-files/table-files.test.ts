import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TableRow } from '@hyper-store/client'
import type { AppError, ValueType } from '@hyper-store/client/contract'
import { TABLE_LIMITS } from '@hyper-store/client/contract'
import * as fc from 'fast-check'
import { cellOf, cellValue } from '@hyper-store/client'
import { decodeText, splitLines } from './decode.ts'
import { fileFormat } from './file-format.ts'
import type { FileFormat } from './file-format.ts'
import { readRows, rowLines } from './read-rows.ts'
import { spoolText } from './spool.ts'
import { CsvShape, writeRows } from './write-rows.ts'

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const read = async (text: string | Uint8Array, format: FileFormat, { key = 'key', size = 7 } = {}) =>
  (await collect(readRows(piecesOf(Buffer.from(text), size), format, key))).map(({ key: name, type, value }) => ({
    key: name,
    type,
    value,
  }))

async function refused(text: string | Uint8Array, format: FileFormat, size = 7): Promise<[unknown, unknown]> {
  try {
    await collect(readRows(piecesOf(Buffer.from(text), size), format, 'key'))
  } catch (error) {
    assert.equal((error as AppError).code, 'BAD_ROW', String(error))
    return [(error as AppError).data['line'], (error as AppError).data['reason']]
  }
  throw new Error('it was read')
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items
}

async function write(rows: readonly TableRow[], format: FileFormat): Promise<string> {
  const shape = new CsvShape()
  for (const row of rows) shape.see(row)
  return (await collect(writeRows(iterate(rows), format, shape))).join('')
}

const row = (key: string, type: ValueType, value: unknown): TableRow => ({ key, type, value, version: 1, at: null })

test('a cell is the value that it was written for, whatever it looks like', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noneIntegerProperties: true } as object), (value) => {
      assert.deepEqual(cellValue(cellOf(value)), JSON.parse(JSON.stringify(value)))
    }),
  )
  for (const text of ['', '007', '1.10', '1e5', '12', 'null', 'true', '"', '"x"', '{', '[1]', ' 1', '-', 'a\nb', '-0', 'NaN', '1e400'])
    assert.equal(cellValue(cellOf(text)), text, JSON.stringify(text))
  assert.deepEqual(['007', '1.10', '12345678901234567890', '+1', ''].map(cellValue), ['007', '1.10', '12345678901234567890', '+1', ''])
  assert.deepEqual(['12', '-1.5', 'true', 'null', '{"a": 1}', '["x"]', '"12"'].map(cellValue), [
    12,
    -1.5,
    true,
    null,
    { a: 1 },
    ['x'],
    '12',
  ])
})

test('rows that were written are read again as they were, in every format', async () => {
  const json = fc.jsonValue()
  const anyRow = fc.oneof(
    fc.record({ key: fc.string({ minLength: 1, unit: 'grapheme' }), type: fc.constant('json' as const), value: json }),
    fc.record({
      key: fc.string({ minLength: 1 }),
      type: fc.constant('json' as const),
      value: fc.dictionary(fc.string(), json, { maxKeys: 4 }),
    }),
    fc.record({ key: fc.string({ minLength: 1 }), type: fc.constant('text' as const), value: fc.string({ unit: 'grapheme' }) }),
    fc.record({
      key: fc.string({ minLength: 1 }),
      type: fc.constant('bytes' as const),
      value: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
    }),
  )
  const objects = fc.record({
    key: fc.string({ minLength: 1 }),
    type: fc.constant('json' as const),
    value: fc.dictionary(fc.constantFrom('a', 'b', 'value', 'value_type', 'key', '__proto__', ''), json, { maxKeys: 3 }),
  })
  const property = fc.asyncProperty(
    fc.oneof(fc.array(anyRow, { maxLength: 6 }), fc.array(objects, { maxLength: 6 })),
    fc.constantFrom<FileFormat>('json', 'ndjson', 'csv'),
    fc.integer({ min: 1, max: 40 }),
    async (rows, format, size) => {
      const plain = JSON.parse(JSON.stringify(rows)) as typeof rows
      const text = await write(
        plain.map(({ key, type, value }) => row(key, type, value)),
        format,
      )
      assert.deepEqual(await read(text, format, { size }), plain)
    },
  )
  await fc.assert(property, { numRuns: 300 })
})

test('CSV of other programs: columns become properties, empty cells nothing, line ends of any kind', async () => {
  const people = '\uFEFFname,email,age,zip\r\nAna,ana@x.org,31,01067\r\n"Bo, Jr.","b""o@x.org",,\r\n\r\n'
  assert.deepEqual(await read(people, 'csv', { key: 'email' }), [
    { key: 'ana@x.org', type: 'json', value: { name: 'Ana', age: 31, zip: '01067' } },
    { key: 'b"o@x.org', type: 'json', value: { name: 'Bo, Jr.' } },
  ])
  assert.deepEqual(await read('value,key\n1,a\n,b\nx y,c\n', 'csv'), [
    { key: 'a', type: 'json', value: 1 },
    { key: 'b', type: 'json', value: '' },
    { key: 'c', type: 'json', value: 'x y' },
  ])
  assert.equal(
    await write([row('a', 'json', { n: 1, s: '2' }), row('b', 'json', { n: null, t: 'x,y' })], 'csv'),
    'key,n,s,t\na,1,"""2""",\nb,null,,"x,y"\n',
  )
  assert.deepEqual(await read('', 'csv'), [])
})

test('JSON is an object of values by key or an array of rows', async () => {
  const rows = [
    { key: 'a', type: 'json', value: { deep: ['}', ']', '"', '\\'] } },
    { key: 'b,c', type: 'json', value: null },
  ]
  assert.deepEqual(await read(' {\n "a" : {"deep":["}","]","\\"","\\\\"]} ,\n "b,c":null } \n', 'json', { size: 3 }), rows)
  assert.deepEqual(await read(JSON.stringify(rows, null, 2), 'json', { size: 1 }), rows)
  for (const empty of ['{}', ' [ ] ']) assert.deepEqual(await read(empty, 'json'), [])
})

test('what bee ls --json prints is read as NDJSON', async () => {
  assert.deepEqual(await read('{"key":"a","type":"text","value":"x","version":3,"at":null}\n\n', 'ndjson'), [
    { key: 'a', type: 'text', value: 'x' },
  ])
})

test('what is wrong is told with its line', async () => {
  const long = 'k'.repeat(TABLE_LIMITS.keyBytes + 1)
  for (const [format, text, line, reason] of [
    ['ndjson', '{"key":"a","value":1}\n{"key":"a"', 2, /is not JSON/],
    ['ndjson', '\n{"key":"a"}\n', 2, /has no value/],
    ['ndjson', '[1]\n', 1, /no object/],
    ['ndjson', '{"value":1}\n', 1, /has no key/],
    ['ndjson', '{"key":"","value":1}\n', 1, /has no key/],
    ['ndjson', `{"key":"${long}","value":1}\n`, 1, /a key of more than 4096 bytes/],
    ['ndjson', '{"key":"a","type":"number","value":1}\n', 1, /none of json, text, bytes/],
    ['ndjson', '{"key":"a","type":"bytes","value":"é"}\n', 1, /no base 64/],
    ['ndjson', '{"key":"a","type":"text","value":1}\n', 1, /no string/],
    ['json', '[{"key":"a","value":1},\n{"key":"b"}]', 2, /^row 2 has no value/],
    ['json', '{"a":1,\n"b":tru}', 2, /^row 2 is not JSON/],
    ['json', '{"a":1,\n}', 2, /comma too many/],
    ['json', '[,]', 1, /comma too many/],
    ['json', '{"a":1]', 1, /wrong bracket/],
    ['json', '{"a":1}\n{"b":2}', 2, /goes on after its end/],
    ['json', '{"a":1\n', 2, /ends before it is whole/],
    ['json', '"a"', 1, /neither/],
    ['json', '', 1, /ends before/],
    ['csv', 'key,a\n1,2\n\n3\n', 4, /has 1 of 2 cells/],
    ['csv', 'key,a\n1,2\n3,"x\n', 3, /a quote that nothing closes/],
    ['csv', 'key,a\n1,"2"x\n', 2, /after a closing quote/],
    ['csv', 'key,a\n1,2"x\n', 2, /in the middle/],
    ['csv', 'name,a\n1,2\n', 1, /no column "key"/],
    ['csv', 'key,a,a\n1,2,3\n', 1, /two columns "a"/],
    ['csv', 'key,a\n,2\n', 2, /has no key/],
    ['csv', 'key,value_type,value\na,number,2\n', 2, /none of json/],
  ] as const) {
    const [at, why] = await refused(text, format)
    assert.match(String(why), reason, JSON.stringify(text))
    assert.equal(at, line, JSON.stringify(text))
  }
  const broken = Buffer.concat([Buffer.from('{"key":"é","value":1}\n{"key":"'), Buffer.from([0xff]), Buffer.from('","value":1}\n')])
  for (const size of [1, 9, 1000]) assert.deepEqual(await refused(broken, 'ndjson', size), [2, 'it is not UTF-8'])
  assert.deepEqual(await refused(Buffer.from([...Buffer.from('key,a\n1,2\n3,'), 0xe2, 0x82]), 'csv'), [3, 'it is not UTF-8'])
  const huge = `{"key":"a","type":"text","value":"${'x'.repeat(TABLE_LIMITS.valueBytes + 1)}"}\n`
  assert.match(String((await refused(huge, 'ndjson', 1 << 20))[1]), /a value of more than 4194304 bytes/)
})

test('lines for the store keep the numbers that they have in the file', async () => {
  const file = 'key,value\n\na,1\n"b",2\n'
  let count = 0
  const lines = (await collect(rowLines(readRows(piecesOf(Buffer.from(file), 5), 'csv', 'key'), () => (count += 1)))).join('').split('\n')
  assert.deepEqual([lines[2], lines[3], count], ['{"key":"a","type":"json","value":1}', '{"key":"b","type":"json","value":2}', 2])
})

test('a format is named, or known by the name of the file', () => {
  assert.deepEqual(
    ['a.json', 'a.b.NDJSON', 'a.jsonl', './x/a.csv', '-'].map((file) => fileFormat(file, undefined)),
    ['json', 'ndjson', 'ndjson', 'csv', 'ndjson'],
  )
  assert.equal(fileFormat('a.txt', 'csv'), 'csv')
  for (const file of ['a', 'a.txt', 'a.constructor', 'json', './a.json/b'])
    assert.throws(() => fileFormat(file, undefined), { code: 'USAGE' })
})

test('a spool gives back what was put into it, and leaves nothing', async () => {
  const pieces = ['a\u2028b\n', 'c'.repeat(600_000), '\n', '', 'é']
  await using spool = await spoolText(iterate(pieces))
  assert.equal(spool.bytes, Buffer.byteLength(pieces.join('')))
  assert.deepEqual(await collect(spool.lines()), pieces.join('').split('\n'))
  assert.deepEqual((await collect(decodeText(spool.read()))).join(''), pieces.join(''))
  await spool[Symbol.asyncDispose]()
  await assert.rejects(collect(spool.read()), { code: 'ENOENT' })
  async function* failing(): AsyncGenerator<string, void> {
    yield 'a'
    throw new Error('broken')
  }
  await assert.rejects(spoolText(failing()), /broken/)
  assert.deepEqual(await collect(splitLines(iterate(['a\n', 'b']), 10)), ['a', 'b'])
})
