/** Files with rows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TableRow } from '@hyper-store/client'
import { formatOf, lineOf, likelyKey, NUMBERED, rowOf } from './file-rows.ts'
import type { FileFormat } from './file-rows.ts'
import { readFile } from './read-file.ts'
import { csvText, ndjsonText } from './written-rows.ts'

async function rowsOf(text: string | Uint8Array<ArrayBuffer>, format: FileFormat, key = 'key'): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const record of readFile(new Blob([text]), format)) {
    const { key: named, type, value } = rowOf(record, key, rows.length + 1)
    rows.push(type === 'json' ? [named, value] : [named, value, type])
  }
  return rows
}

test('CSV makes objects of its columns, or single values, with quotes, line ends and a byte order mark', async () => {
  assert.deepEqual(await rowsOf('\ufeffid,name,age\r\n1,"Ann ""A"", née B",31\r\n2,"two\nlines",\r\n', 'csv', 'id'), [
    ['1', { name: 'Ann "A", née B', age: 31 }],
    ['2', { name: 'two\nlines' }],
  ])
  assert.deepEqual(await rowsOf('key,value_type,value\na,,3\nb,text,3\nc,bytes,AAE=\n', 'csv'), [
    ['a', 3],
    ['b', '3', 'text'],
    ['c', 'AAE=', 'bytes'],
  ])
  assert.deepEqual(await rowsOf('name\nx\ny\n', 'csv', NUMBERED), [
    ['0000001', { name: 'x' }],
    ['0000002', { name: 'y' }],
  ])
})

test('JSON and NDJSON make rows of rows, of objects and of values by key', async () => {
  assert.deepEqual(await rowsOf('{"key":"a","value":1,"at":null}\n\n{"id":"b","n":2}', 'ndjson', 'id'), [
    ['a', 1],
    ['b', { n: 2 }],
  ])
  assert.deepEqual(await rowsOf('[{"key":"a","type":"text","value":"x"}]', 'json'), [['a', 'x', 'text']])
  assert.deepEqual(await rowsOf('{"a":1,"b":{"c":2}}', 'json'), [
    ['a', 1],
    ['b', { c: 2 }],
  ])
})

test('a line that is no row is named', async () => {
  const cases: readonly (readonly [string, FileFormat, RegExp])[] = [
    ['key,n\na,1\nb\n', 'csv', /^Line 3 has 1 of 2 cells/],
    ['key,n\na,1\nb,"2\n', 'csv', /^Line \d begins a quote/],
    ['key,n\n,1\n', 'csv', /^Line 2 has no key/],
    ['n,n\n', 'csv', /^Line 1 has two columns “n”/],
    ['{"key":"a","value":1}\n{oops}\n', 'ndjson', /^Line 2 is not JSON/],
    ['{"key":"a","value":1}\n3\n', 'ndjson', /^Line 2 is no object/],
    ['[\n{"key":"a","value":1},\n{"key" "b"}\n]', 'json', /^Line 3 is not JSON/],
    ['"word"', 'json', /^Line 1 begins no array/],
  ]
  for (const [text, format, said] of cases) await assert.rejects(rowsOf(text, format), { message: said })
  await assert.rejects(rowsOf(Uint8Array.from([0x61, 0x0a, 0xff]), 'csv'), { message: /^Line 1 is not UTF-8/ })
})

test('format and key are found out', () => {
  assert.deepEqual(['a.CSV', 'b.jsonl', 'c.json', 'd.txt', 'csv', 'e.constructor'].map(formatOf), [
    'csv',
    'ndjson',
    'json',
    null,
    null,
    null,
  ])
  assert.deepEqual([likelyKey(['name', 'Id']), likelyKey(['name', 'age']), likelyKey([])], ['Id', 'name', NUMBERED])
  assert.equal(lineOf({ line: 1, key: 'a', type: 'json', value: 2 }), '{"key":"a","type":"json","value":2}')
})

test('what is written as CSV and NDJSON is read back as it was', async () => {
  const row = (key: string, value: unknown, type: TableRow['type'] = 'json'): TableRow => ({ key, type, value, version: 1, at: null })
  const tables = [
    [row('a', { name: 'Ann, "B"', zip: '007', tags: ['x'] }), row('b/c', { name: null, n: 1.5 })],
    [row('a', 'true'), row('b', true), row('c', { value: 1 }), row('d', '')],
    [row('a', 'plain', 'text'), row('b', 'AAE=', 'bytes'), row('c', { k: '\n' })],
  ]
  for (const rows of tables) {
    const wanted = rows.map(({ key, type, value }) => (type === 'json' ? [key, value] : [key, value, type]))
    assert.deepEqual(await rowsOf((await csvText(rows)).join(''), 'csv'), wanted)
    assert.deepEqual(await rowsOf(ndjsonText(rows).join(''), 'ndjson'), wanted)
  }
})
