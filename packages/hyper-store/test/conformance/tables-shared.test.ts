/** Tables in shared folders: several devices write one table, apart and together, and come to the same rows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import messages from 'hyperbee/lib/messages.js'
import { encodeRow } from '../../src/core/table-clock.ts'
import type { ByteRange, StoredChange, StoredRow } from '../../src/core/table-source.ts'
import type { FolderPath } from '../../src/core/entries.ts'
import type { FolderTable } from '../../src/hyper/folder-table.ts'
import { tableNames, takeOverRows } from '../../src/hyper/folder-table.ts'
import { openSharedTables } from './tables-shared-subjects.ts'

const bytes = (text: string) => Buffer.from(text)
const text = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString())
const put = async (table: FolderTable, key: string, value: string | null) =>
  table.write([{ key: bytes(key), value: value === null ? null : bytes(value) }])
const rowsOf = async (table: FolderTable, range: ByteRange = {}, version: number | null = null) => {
  const rows: string[] = []
  for await (const row of table.range(range, version)) rows.push(`${text(row.key)}=${text(row.value)}`)
  return rows
}
const shown = (row: StoredRow | StoredChange | null) =>
  row === null ? null : `${text(row.key)}=${text(row.value) ?? '-'} by ${row.device}`
const all = async (changes: AsyncIterable<StoredChange>) => {
  const list: StoredChange[] = []
  for await (const change of changes) list.push(change)
  return list
}

for (const [name, key] of [
  ['open', null],
  ['encrypted', Buffer.alloc(32, 7)],
] as const) {
  test(`${name}: what two devices write apart is one table on both, and the newest clock wins`, async () => {
    await using world = await openSharedTables(2, key)
    const [desk, couch] = [world.table(0), world.table(1)]
    await put(desk, 'heron', 'grey')
    await put(desk, 'crow', 'black')
    await put(couch, 'stork', 'white')
    await world.bringAll()
    assert.deepEqual(await rowsOf(desk), ['crow=black', 'heron=grey', 'stork=white'])
    assert.deepEqual(await rowsOf(couch), await rowsOf(desk))
    await put(couch, 'crow', 'hooded')
    await put(desk, 'heron', null)
    await world.bringAll()
    for (const table of [desk, couch]) {
      assert.deepEqual(await rowsOf(table), ['crow=hooded', 'stork=white'])
      assert.deepEqual(await rowsOf(table, { reverse: true }), ['stork=white', 'crow=hooded'])
      assert.deepEqual(await rowsOf(table, { gt: bytes('crow') }), ['stork=white'])
      assert.deepEqual(await rowsOf(table, { gte: bytes('crow'), lt: bytes('stork') }), ['crow=hooded'])
      assert.equal(shown(await table.get(bytes('crow'), null)), 'crow=hooded by couch')
      assert.equal(await table.get(bytes('heron'), null), null)
      assert.equal(await table.count(null), 2)
    }
    assert.equal(desk.version(), couch.version())
    assert.equal(desk.version(), world.drives(0).total())
  })
}

test('every version of the table can be read again, and history has what was before, newest first', async () => {
  await using world = await openSharedTables(2)
  const [desk, couch] = [world.table(0), world.table(1)]
  const first = await put(desk, 'crow', 'black')
  await world.bringAll()
  const second = await put(couch, 'crow', 'hooded')
  const third = await put(couch, 'crow', null)
  await world.bringAll()
  const history = await all(desk.history({ key: null, before: null }))
  assert.deepEqual(history.map(shown), ['crow=- by couch', 'crow=hooded by couch', 'crow=black by desk'])
  assert.ok(history.every((change, i) => i === 0 || change.version < (history[i - 1]?.version ?? 0)))
  assert.deepEqual(
    (await all(couch.history({ key: null, before: null }))).map(({ version }) => version),
    history.map(({ version }) => version),
  )
  for (const { version, value } of history) assert.deepEqual((await desk.get(bytes('crow'), version))?.value ?? null, value)
  for (const { version, value } of history) assert.equal(await desk.count(version), value === null ? 0 : 1)
  assert.deepEqual((await all(desk.history({ key: bytes('crow'), before: history[0]?.version ?? 0 }))).map(shown), [
    'crow=hooded by couch',
    'crow=black by desk',
  ])
  assert.ok(first < second && second < third)
  await assert.rejects(async () => desk.count(desk.version() + 1), { code: 'UNKNOWN_VERSION' })
})

test('who follows a table hears every change once, also of a device whose clock is far behind', async () => {
  await using world = await openSharedTables(2)
  const [desk, couch] = [world.table(0), world.table(1)]
  await put(desk, 'a', '1')
  let at = couch.version()
  const heard: (string | null)[] = []
  let told = 0
  const stop = couch.onVersion(() => told++)
  const follow = async () => {
    const to = couch.version()
    for await (const change of couch.changesSince(at)) heard.push(shown(change))
    at = to
  }
  await put(couch, 'b', '2')
  await follow()
  // What the desk wrote first comes last.
  await world.bringAll()
  await follow()
  await put(desk, 'a', null)
  await world.bringAll()
  await follow()
  stop()
  assert.deepEqual(heard, ['b=2 by couch', 'a=1 by desk', 'a=- by desk'])
  assert.ok(told >= 3)
  const again = await all(couch.changesSince(0))
  assert.deepEqual(again.map(shown), ['a=1 by desk', 'b=2 by couch', 'a=- by desk'])
  assert.deepEqual(await all(couch.changesSince(again.at(-1)?.version ?? 0)), [])
})

test('rows come while the content of a file of the same device is still missing', async () => {
  await using world = await openSharedTables(2)
  const [desk, couch] = [world.table(0), world.table(1)]
  const drives = world.drives(0)
  const [stored] = await drives.storeSmall([bytes('a long song')])
  assert.ok(stored !== undefined)
  const entry = { kind: 'file' as const, ...stored, mtimeMs: 1, executable: false, vector: {} }
  await drives.commit([{ op: 'put', path: 'song.txt' as FolderPath, entry }])
  await put(desk, 'crow', 'black')
  let told = 0
  const stop = couch.onVersion(() => told++)
  await world.bringRecords(0, 1)
  assert.deepEqual(await rowsOf(couch), ['crow=black'])
  assert.ok(told > 0)
  stop()
  assert.equal(await world.drives(1).get('song.txt' as FolderPath), null)
  await world.bring(0, 1)
  assert.notEqual(await world.drives(1).get('song.txt' as FolderPath), null)
  assert.deepEqual(await rowsOf(couch), ['crow=black'])
})

test('files are as they were: totals, entries, and nothing is left out', async () => {
  await using world = await openSharedTables(2)
  const drives = world.drives(0)
  const [stored] = await drives.storeSmall([bytes('song')])
  assert.ok(stored !== undefined)
  const entry = { kind: 'file' as const, ...stored, mtimeMs: 1, executable: false, vector: {} }
  await drives.commit([{ op: 'put', path: 'song.txt' as FolderPath, entry }])
  const from = drives.version()
  await put(world.table(0), 'files', 'hyper-store\0totals')
  await put(world.table(0, 'trees'), 'oak', 'tall')
  await world.table(0, 'empty').make()
  await world.bringAll()
  for (const at of [0, 1]) {
    const one = world.drives(at)
    await one.settled()
    assert.deepEqual(await one.totals(), { files: 1, bytes: 4, conflicts: 0 })
    for (const drive of one.drives) assert.deepEqual([drive.leftOut.size, drive.newerFormat], [0, null])
    assert.deepEqual(await tableNames(one), ['birds', 'empty', 'trees'])
    assert.equal(await world.table(at, 'empty').count(null), 0)
  }
  for await (const change of drives.changesSince(from)) assert.fail(`nothing changed, but ${change.path}`)
  await world.folder.reopen(1)
  assert.deepEqual(await rowsOf(world.table(1, 'trees')), ['oak=tall'])
})

test('rows of a removed device count up to its end, and who had shown more takes that over', async () => {
  await using world = await openSharedTables(3)
  const [desk, couch, phone] = [world.table(0), world.table(1), world.table(2)]
  await put(phone, 'a', 'first')
  await world.bring(2, 0)
  const end = world.folder.lengthOf(2)
  await put(phone, 'a', 'second')
  await put(phone, 'b', 'third')
  await put(phone, 'a', 'fourth')
  await world.bring(2, 1)
  await put(couch, 'b', 'mine')
  await world.folder.freeze(2, end, 0)
  await world.bringAll()
  assert.deepEqual(await rowsOf(desk), ['a=first', 'b=mine'])
  const [, , drive] = world.drives(1).drives
  assert.ok(drive !== undefined)
  assert.ok((await takeOverRows(world.drives(1), drive, end)) >= 3)
  await world.folder.freeze(2, end, 1)
  // A stop in between makes it do so again.
  await takeOverRows(world.drives(1), drive, end)
  await world.bringAll()
  for (const table of [desk, couch]) {
    assert.deepEqual(await rowsOf(table), ['a=fourth', 'b=mine'])
    const told = (await all(table.history({ key: null, before: null }))).map(
      ({ key, value, device }) => `${text(key)}=${text(value)} by ${device}`,
    )
    assert.deepEqual(told.sort(), ['a=first by phone', 'a=fourth by phone', 'a=second by phone', 'b=mine by couch', 'b=third by phone'])
  }
})

test('one write of many rows is one step, reads what many devices said before, and goes above it', async () => {
  await using world = await openSharedTables(2)
  const [desk, couch] = [world.table(0), world.table(1)]
  const many = Array.from({ length: 300 }, (_, i) => ({ key: bytes(`k${String(i).padStart(4, '0')}`), value: bytes(`desk ${i}`) }))
  const version = await desk.write(many)
  assert.equal(await desk.count(version), 300)
  assert.equal(await desk.count(version - 1), 300)
  await world.bringAll()
  const some = many.filter((_, i) => i % 50 === 0)
  await couch.write(some.map(({ key }) => ({ key, value: bytes('couch') })))
  await world.bringAll()
  assert.equal((await rowsOf(desk)).filter((row) => row.endsWith('couch')).length, 6)
  await desk.write([...some.map(({ key }) => ({ key, value: null })), { key: bytes('k0000'), value: bytes('last') }])
  await world.bringAll()
  assert.equal(await couch.count(null), 295)
  assert.equal(text((await couch.get(bytes('k0000'), null))?.value ?? null), 'last')
})

test('a reader of the folder may not write its tables', async () => {
  await using world = await openSharedTables(2)
  const drives = world.drives(1)
  await drives.setMembers(drives.members, null)
  assert.equal(world.table(1).writable, false)
  await assert.rejects(put(world.table(1), 'a', 'b'), { code: 'NOT_WRITER' })
})

interface Forge {
  readonly Node: { encode(node: object): Uint8Array }
  readonly YoloIndex: { encode(index: { levels: { keys: number[]; children: number[] }[] }): Uint8Array }
}
const forge = messages as unknown as Forge
const rawKey = (key: string) => bytes(`hyper-store-table\0birds\0${key}`)
const soundRow = encodeRow({ clock: { ms: 1, counter: 0 }, value: bytes('forged'), at: 1, writer: null, repeated: false })

const LIES: Record<string, (length: number) => { keys: number[]; children: number[] }[]> = {
  'a tree that runs in a circle': (length) => [{ keys: [length], children: [length, 0, length, 0] }],
  'a tree that runs in a circle of empty nodes': (length) => [
    { keys: [], children: [length, 1, length, 1] },
    { keys: [], children: [length, 0, length, 0] },
  ],
  'a tree that leads to blocks that never come': (length) => [{ keys: [length + 9], children: [] }],
  'a tree that leads to a later block': (length) => [{ keys: [length], children: [length + 9, 0, length + 9, 0] }],
  'a tree that leads to a node that is not there': (length) => [{ keys: [length], children: [length, 7, length, 7] }],
  'a tree whose keys are in no order': (length) => [{ keys: [length, 2, length, 2], children: [] }],
}
for (const [name, lie] of Object.entries(LIES)) {
  test(`${name} harms only the rows of its writer`, async () => {
    await using world = await openSharedTables(2)
    await put(world.table(0), 'crow', 'black')
    await put(world.table(1), 'heron', 'grey')
    const { db } = world.drives(1).members.find(({ drive }) => drive.id === world.drives(1).ownId)?.drive ?? assert.fail()
    const index = forge.YoloIndex.encode({ levels: lie(db.length) })
    await db.append([forge.Node.encode({ key: rawKey('dove'), value: soundRow, index })])
    await world.bring(1, 0)
    const desk = world.table(0)
    assert.equal(text((await desk.get(bytes('crow'), null))?.value ?? null), 'black')
    assert.ok((await rowsOf(desk)).includes('crow=black'))
    assert.ok((await rowsOf(desk, { reverse: true })).includes('crow=black'))
    await desk.get(bytes('zebra'), null)
    await put(desk, 'dove', 'white')
    assert.equal(text((await desk.get(bytes('dove'), null))?.value ?? null), 'white')
    assert.ok((await tableNames(world.drives(0))).includes('birds'))
    for await (const change of desk.history({ key: null, before: null })) assert.ok(change.version > 0)
  })
}

test('rows that are none, or too large, are as if they were not there', async () => {
  await using world = await openSharedTables(2)
  await put(world.table(0), 'crow', 'black')
  const drives = world.drives(1)
  const own = drives.members.find(({ drive }) => drive.id === drives.ownId)?.drive ?? assert.fail()
  await own.writeRows(
    [
      { key: rawKey('crow'), value: bytes('{"no":"row"}') },
      { key: rawKey('dove'), value: new Uint8Array() },
      { key: rawKey('x'.repeat(5000)), value: soundRow },
      { key: rawKey('large'), value: Buffer.concat([soundRow, Buffer.alloc(5 * 1024 * 1024)]) },
      { key: Buffer.concat([bytes('hyper-store-table\0'), Buffer.from([0xff, 0xfe, 0, 1])]), value: soundRow },
      { key: bytes('hyper-store-table\0a/b\0k'), value: soundRow },
      { key: bytes('hyper-store-table\0'), value: soundRow },
    ],
    { at: 1 },
  )
  await world.bring(1, 0)
  assert.deepEqual(await rowsOf(world.table(0)), ['crow=black'])
  assert.deepEqual(await tableNames(world.drives(0)), ['birds'])
  assert.equal((await all(world.table(0).history({ key: null, before: null }))).length, 1)
  for (const name of ['', 'a/b', 'a\0b', 'x'.repeat(700), '\ud800']) assert.throws(() => world.table(0, name), { code: 'BAD_REQUEST' })
  for (const key of ['', 'x'.repeat(5000)]) await assert.rejects(put(world.table(0), key, 'v'), { code: 'BAD_VALUE' })
})
