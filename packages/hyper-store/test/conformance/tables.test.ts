/** What every table does, wherever its rows are stored; and what a plain one does with a log that nobody honest wrote. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import messages from 'hyperbee/lib/messages.js'
import type { RowRange } from '../../src/core/store-api.ts'
import { keyBytes, keyText } from '../../src/core/table-keys.ts'
import type { ByteRange, StoredChange, TableSource } from '../../src/core/table-source.ts'
import { pageOf } from '../../src/http/api/tables.ts'
import { collectRows } from '../../src/tables/import.ts'
import { changeRows, historyOf, importRows, putRow, removeRow, rowOf, rowsOf } from '../../src/tables/table-room.ts'
import { watchTable } from '../../src/tables/watch.ts'
import { openPlainTable, row, TABLES } from './tables-subjects.ts'

const ALL: RowRange = { prefix: null, gt: null, gte: null, lt: null, lte: null, reverse: false, shallow: false, version: null }
const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())

async function keysIn(table: TableSource, range: ByteRange = {}, version: number | null = null): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of table.range(range, version)) keys.push(keyText(key))
  return keys
}
async function shown(table: TableSource, range: Partial<RowRange>): Promise<string[]> {
  const lines: string[] = []
  for await (const one of rowsOf(table, { ...ALL, ...range })) lines.push('sub' in one ? one.sub : one.key)
  return lines
}
async function told(changes: AsyncIterable<StoredChange>): Promise<string[]> {
  const lines: string[] = []
  for await (const { key, value } of changes) lines.push(`${keyText(key)}=${text(value) ?? '-'}`)
  return lines
}

for (const [name, open] of TABLES) {
  test(`${name}: rows are put, replaced and deleted, and lie in the order of their bytes`, async () => {
    await using subject = await open()
    const { table } = subject
    assert.equal(await table.count(null), 0)
    assert.equal(await table.get(keyBytes('crow'), null), null)
    await table.write([row('heron', 'grey'), row('crow', 'black'), row('ä', 'x'), row('Z', 'y')])
    await table.write([row('crow', 'hooded'), row('Z', null), row('nothing', null)])
    assert.deepEqual(await keysIn(table), ['crow', 'heron', 'ä'])
    assert.deepEqual(await keysIn(table, { reverse: true }), ['ä', 'heron', 'crow'])
    assert.equal(text((await table.get(keyBytes('crow'), null))?.value ?? null), 'hooded')
    assert.equal(await table.get(keyBytes('Z'), null), null)
    assert.equal(await table.count(null), 3)
    assert.equal(table.writable, true)
  })

  test(`${name}: bounds are with or without their row, from both sides`, async () => {
    await using subject = await open()
    const { table } = subject
    await table.write(['a', 'b', 'c', 'd'].map((key) => row(key, key)))
    const [b, c] = [keyBytes('b'), keyBytes('c')]
    assert.deepEqual(await keysIn(table, { gt: b }), ['c', 'd'])
    assert.deepEqual(await keysIn(table, { gte: b, lt: c }), ['b'])
    assert.deepEqual(await keysIn(table, { gte: b, lte: c, reverse: true }), ['c', 'b'])
    assert.deepEqual(await keysIn(table, { lte: b }), ['a', 'b'])
    assert.deepEqual(await keysIn(table, { gt: c, lt: b }), [])
  })

  test(`${name}: every version can be read again, and history tells what was put and deleted`, async () => {
    await using subject = await open()
    const { table } = subject
    const empty = table.version()
    const first = await table.write([row('a', '1'), row('b', '1')])
    const second = await table.write([row('a', '2')])
    const third = await table.write([row('b', null)])
    assert.ok(empty < first && first < second && second < third && third === table.version())
    assert.deepEqual(await keysIn(table, {}, empty), [])
    assert.deepEqual(await keysIn(table, {}, first), ['a', 'b'])
    assert.equal(text((await table.get(keyBytes('a'), first))?.value ?? null), '1')
    assert.equal(await table.count(second), 2)
    assert.equal(await table.count(third), 1)
    await assert.rejects(table.count(third + 1), { code: 'UNKNOWN_VERSION' })
    const changes = []
    for await (const change of table.history({ key: null, before: null })) changes.push(change)
    // In one step the order is the table's.
    assert.deepEqual(
      changes.slice(0, 2).map(({ key, value }) => [keyText(key), text(value)]),
      [
        ['b', null],
        ['a', '2'],
      ],
    )
    for (const { key, value, version } of changes.slice(0, 4))
      assert.equal(text((await table.get(key, version))?.value ?? null), text(value))
    assert.deepEqual(await told(table.history({ key: keyBytes('a'), before: null })), ['a=2', 'a=1'])
    assert.deepEqual(await told(table.history({ key: keyBytes('b'), before: changes[0]?.version ?? 0 })), ['b=1'])
    assert.deepEqual(await told(table.changesSince(first)), ['a=2', 'b=-'])
    assert.deepEqual(await told(table.changesSince(third)), [])
  })

  test(`${name}: keys, values and sub-databases as users see them`, async () => {
    await using subject = await open()
    const { table } = subject
    for (const key of ['about', 'posts/2025/a', 'posts/2026/a', 'posts/2026/b', 'tags/x', 'zebra'])
      await putRow(table, key, { type: 'json', bytes: Buffer.from('1') })
    assert.deepEqual(await shown(table, { shallow: true }), ['about', 'posts/', 'tags/', 'zebra'])
    assert.deepEqual(await shown(table, { shallow: true, reverse: true }), ['zebra', 'tags/', 'posts/', 'about'])
    assert.deepEqual(await shown(table, { shallow: true, prefix: 'posts/' }), ['posts/2025/', 'posts/2026/'])
    assert.deepEqual(await shown(table, { prefix: 'posts/2026' }), ['posts/2026/a', 'posts/2026/b'])
    assert.deepEqual(await shown(table, { prefix: 'posts/', gt: 'posts/2025/a', lt: 'posts/2026/b' }), ['posts/2026/a'])
    await putRow(table, 'a%2Fb', { type: 'bytes', bytes: Buffer.from([255]) })
    const { key, type, value } = await rowOf(table, 'a%2Fb', null)
    assert.deepEqual([key, type, value], ['a%2Fb', 'bytes', '/w=='])
    await removeRow(table, 'a%2Fb')
    await assert.rejects(rowOf(table, 'a%2Fb', null), { code: 'NOT_FOUND' })
    await assert.rejects(removeRow(table, 'a%2Fb'), { code: 'NOT_FOUND' })
    await assert.rejects(putRow(table, 'x'.repeat(65_536), { type: 'json', bytes: Buffer.from('1') }), { code: 'BAD_VALUE' })
    await assert.rejects(putRow(table, 'x', { type: 'bytes', bytes: Buffer.alloc(10 * 1024 * 1024) }), { code: 'BAD_VALUE' })
    await changeRows(table, [
      { key: 'zebra', delete: true },
      { key: 'yak', type: 'text', value: 'shaggy' },
    ])
    const { changes, more } = await historyOf(table, { key: null, limit: 2, before: null }, 'hyper://link')
    assert.deepEqual([changes.map(({ op }) => op).sort(), more], [['delete', 'put'], true])
    assert.throws(() => rowsOf(table, { ...ALL, version: table.version() + 1 }), { code: 'UNKNOWN_VERSION' })
  })

  test(`${name}: rows are searched by key and value in any case, and not by their bytes`, async () => {
    await using subject = await open()
    const { table } = subject
    const put = async (key: string, type: 'json' | 'text' | 'bytes', value: string) =>
      putRow(table, key, { type, bytes: Buffer.from(value, type === 'bytes' ? 'latin1' : 'utf8') })
    await put('birds/HERON', 'json', '{"note":"Gr\\u00e4ulich"}')
    await put('birds/crow', 'text', 'not text "quoted"')
    await put('photo', 'bytes', 'heron\u00ff')
    await put('caf\u00e9', 'json', '12345')
    assert.deepEqual(await shown(table, { match: 'heron' }), ['birds/HERON'])
    // Written as letter and dots apart.
    assert.deepEqual(await shown(table, { match: 'GRA\u0308U' }), ['birds/HERON'])
    assert.deepEqual(await shown(table, { match: 'CAFE\u0301' }), ['caf\u00e9'])
    assert.deepEqual(await shown(table, { match: '234' }), ['caf\u00e9'])
    assert.deepEqual(await shown(table, { match: 'birds/', reverse: true }), ['birds/crow', 'birds/HERON'])
    assert.deepEqual(await shown(table, { match: 'text "', prefix: 'birds/' }), ['birds/crow'])
    assert.deepEqual(await shown(table, { match: 'o', gt: 'birds/HERON', lt: 'photo' }), ['birds/crow'])
    assert.deepEqual(await shown(table, { match: 'aGVyb27' }), [])
    await assert.rejects(shown(table, { match: 'x', shallow: true }), { code: 'BAD_REQUEST' })
  })

  test(`${name}: a page of a search ends after so many rows, tells where the next one begins, and finds all in the end`, async () => {
    await using subject = await open()
    const { table } = subject
    const key = (i: number) => `row/${String(i).padStart(3, '0')}`
    await table.write(Array.from({ length: 100 }, (_, i) => row(key(i), i % 30 === 7 ? '"Seven"' : '"no"')))
    for (const reverse of [false, true]) {
      const found: string[] = []
      let pages = 0
      let next: string | null = null
      do {
        const bound: Partial<RowRange> = next === null ? {} : reverse ? { lt: next } : { gt: next }
        const looks = { rows: 20, bytes: 1e6, ms: 1e6 }
        const page = await pageOf(rowsOf(table, { ...ALL, ...bound, reverse, match: 'seven', looks }), 1000, { isSearch: true })
        found.push(...page.rows.map((one) => one.key))
        assert.equal(page.more, page.next !== undefined)
        next = page.next ?? null
        pages++
      } while (next !== null)
      assert.deepEqual(found, reverse ? [key(97), key(67), key(37), key(7)] : [key(7), key(37), key(67), key(97)])
      assert.equal(pages, 6)
    }
    const bySize = rowsOf(table, { ...ALL, match: 'seven', looks: { rows: 1e6, bytes: 40, ms: 1e6 } })
    assert.deepEqual([(await pageOf(bySize, 1000, { isSearch: true })).next, bySize.stoppedAt?.()], [key(9), key(9)])
    // A page that is full goes on after its last row.
    assert.equal((await pageOf(rowsOf(table, { ...ALL, match: 'seven' }), 2, { isSearch: true })).next, key(37))
    assert.equal('next' in (await pageOf(rowsOf(table, ALL), 2, { isSearch: false })), false)
  })

  test(`${name}: who watches hears what was changed since a version, then what changes, once each`, async () => {
    await using subject = await open()
    const { table } = subject
    await table.write([row('a', '1')])
    const since = table.version()
    await table.write([row('b/x', '1')])
    const end = new AbortController()
    const heard: string[] = []
    const options = { prefix: 'b/', since, link: 'hyper://link', signal: end.signal }
    const watching = (async () => {
      for await (const { op, key, value } of watchTable(table, options)) {
        heard.push(`${op} ${key} ${String(value)}`)
        if (heard.length === 1) {
          await table.write([row('b/x', '2'), row('c', '2')])
          await table.write([row('b/x', null)])
        }
        if (heard.length === 3) end.abort()
      }
    })()
    await watching
    assert.deepEqual(heard, ['put b/x 1', 'put b/x 2', 'delete b/x undefined'])
  })
}

test('an import is in order, has the last row of each key, and ends whole at a wrong line', async () => {
  async function* rows(last: { key: string; type: 'json' | 'text'; value: unknown }) {
    yield { key: 'b', type: 'json' as const, value: 1 }
    yield { key: 'a', type: 'json' as const, value: 1 }
    yield { key: 'b', type: 'json' as const, value: 2 }
    yield last
  }
  const writes = await collectRows(rows({ key: 'c', type: 'text', value: 'x' }))
  assert.deepEqual(
    writes.map(({ key, value }) => [text(key), text(value)]),
    [
      ['a', '1'],
      ['b', '2'],
      ['c', 'x'],
    ],
  )
  await assert.rejects(collectRows(rows({ key: 'c', type: 'text', value: 5 })), {
    code: 'BAD_ROW',
    data: { line: 4, reason: 'a value of type text is a string' },
  })
})

test('an import of what is there already writes nothing, and one of some changes only those', async () => {
  await using subject = await openPlainTable()
  const { table } = subject
  async function* rows(value: (i: number) => unknown) {
    for (let i = 0; i < 500; i++) yield { key: `row/${i}`, type: 'json' as const, value: value(i) }
  }
  assert.equal(
    (
      await importRows(
        table,
        rows((i) => i),
      )
    ).changed,
    500,
  )
  const version = table.version()
  assert.deepEqual(
    await importRows(
      table,
      rows((i) => i),
    ),
    { version, changed: 0 },
  )
  assert.deepEqual(
    await importRows(
      table,
      rows((i) => (i % 100 === 7 ? 'new' : i)),
    ),
    { version: version + 5, changed: 5 },
  )
  async function* few() {
    for (const [key, value] of [
      ['a', 1],
      ['row/0', 0],
      ['row/499', 499],
      ['z', 1],
    ] as const)
      yield { key, type: 'json' as const, value }
  }
  assert.equal((await importRows(table, few())).changed, 2)
  assert.equal(await table.count(null), 502)
})

test('a table of steps of many rows has its rows at any version, counts them, and reads them back', async () => {
  await using subject = await openPlainTable()
  const { table } = subject
  const many = Array.from({ length: 3000 }, (_, i) => row(`row/${String(i).padStart(5, '0')}`, String(i)))
  const first = await table.write(many.slice(0, 2000))
  await table.write(many.slice(1000))
  await table.write(many.slice(0, 500).map(({ key }) => ({ key, value: null })))
  assert.equal(await table.count(null), 2500)
  assert.equal(await table.count(first), 2000)
  assert.equal((await keysIn(table)).length, 2500)
  // A version inside of a step is the step.
  assert.equal(await table.count(first - 700), 2000)
})

const node = (fields: { key: string; value?: string; levels?: { keys: number[]; children: number[] }[] }) => {
  const index = (messages.YoloIndex as unknown as { encode(index: object): Uint8Array }).encode({ levels: fields.levels ?? [] })
  const value = fields.value === undefined ? null : Buffer.from(fields.value)
  return (messages.Node as unknown as { encode(node: object): Uint8Array }).encode({ key: Buffer.from(fields.key), value, index })
}

test('a log whose tree runs in a circle, leads nowhere or is no tree at all has an end, and harms nobody', async () => {
  await using subject = await openPlainTable()
  const circle = { keys: [1], children: [1, 0, 2, 0] }
  const logs = {
    circle: [node({ key: 'a', value: '1', levels: [circle] }), node({ key: 'b', value: '1', levels: [circle] })],
    beyond: [node({ key: 'a', value: '1', levels: [{ keys: [99], children: [98, 0, 1, 7] }] })],
    noise: [Buffer.from('no block of a tree'), Buffer.alloc(0), Buffer.alloc(2_000_000, 255)],
    disorder: [
      node({ key: 'b', value: '1', levels: [{ keys: [1], children: [] }] }),
      node({ key: 'a', value: '2', levels: [{ keys: [1, 2, 1, 2], children: [] }] }),
    ],
  }
  for (const [name, blocks] of Object.entries(logs)) {
    const table = await subject.hostile(blocks)
    const length = table.version()
    for (let version = 1; version <= length; version++) {
      assert.ok((await keysIn(table, {}, version)).length <= length, name)
      assert.ok((await keysIn(table, { reverse: true, gt: keyBytes('a') }, version)).length <= length, name)
      assert.ok((await table.count(version)) <= length, name)
      await table.get(keyBytes('b'), version)
    }
    assert.ok((await told(table.history({ key: null, before: null }))).length <= length, name)
    assert.ok((await told(table.changesSince(0))).length <= length, name)
  }
})
