/** The merge of tables: any order of streams and rows gives the same table, in both directions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId } from './entries.ts'
import { compareRows, type DriveRow, eachWriteOnce, mergeRows, newestRow, planTakeOver, planWrites, RowVersions } from './table-merge.ts'
import { buildTimeline } from './timeline.ts'

const IDS = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc'] as DriveId[]
const row = (key: string, ms: number, by: number, more: Partial<DriveRow> = {}): DriveRow => ({
  key: Buffer.from(key),
  clock: { ms, counter: 0 },
  value: Buffer.from(`${key} ${ms} ${by}`),
  at: ms,
  repeated: false,
  drive: IDS[by] as DriveId,
  writer: IDS[by] as DriveId,
  seq: ms,
  ...more,
})
const logs = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'b/c', 'é', 'z'), fc.integer({ min: 1, max: 4 })), {
  minLength: 3,
  maxLength: 3,
})
const streamOf = async function* (rows: readonly DriveRow[]) {
  yield* rows
}
const sorted = (log: Record<string, number>, by: number): DriveRow[] =>
  Object.entries(log)
    .map(([key, ms]) => row(key, ms, by))
    .sort((a, b) => Buffer.compare(a.key, b.key))
const merged = async (streams: readonly (readonly DriveRow[])[], reverse: boolean): Promise<DriveRow[]> => {
  const rows: DriveRow[] = []
  for await (const one of mergeRows(streams.map(streamOf), { reverse })) rows.push(one)
  return rows
}

test('the merge has each key once, with the row that is newest, however the logs are ordered', async () => {
  await fc.assert(
    fc.asyncProperty(logs, async (all) => {
      const streams = all.map(sorted)
      const forward = await merged(streams, false)
      const keys = [...new Set(all.flatMap((log) => Object.keys(log)))].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      assert.deepEqual(
        forward,
        keys.map((key) => newestRow(streams.flat().filter((one) => one.key.toString() === key))),
      )
      assert.deepEqual(await merged([...streams].reverse(), false), forward)
      assert.deepEqual(
        await merged(
          streams.map((rows) => [...rows].reverse()),
          true,
        ),
        [...forward].reverse(),
      )
    }),
  )
})

test('any two rows have an order, the same from both sides', () => {
  const any = fc.record({ ms: fc.integer({ min: 1, max: 2 }), by: fc.integer({ min: 0, max: 2 }), writer: fc.constantFrom(...IDS) })
  fc.assert(
    fc.property(any, any, any, (a, b, c) => {
      const [x, y, z] = [a, b, c].map(({ ms, by, writer }) => row('k', ms, by, { writer })) as [DriveRow, DriveRow, DriveRow]
      assert.equal(Math.sign(compareRows(x, y)), -Math.sign(compareRows(y, x)) + 0)
      assert.deepEqual(newestRow([x, y, z]), newestRow([z, x, y]))
    }),
  )
})

test('a stream that is not in order ends there, and the others go on', async () => {
  const rows = await merged(
    [
      [row('b', 1, 0), row('a', 9, 0), row('c', 9, 0)],
      [row('a', 1, 1), row('c', 1, 1)],
    ],
    false,
  )
  assert.deepEqual(
    rows.map((one) => `${Buffer.from(one.key).toString()}${one.clock.ms}`),
    ['a1', 'b1', 'c1'],
  )
})

test('what is left early closes all streams', async () => {
  let closed = 0
  const endless = async function* (by: number) {
    try {
      for (let i = 0; ; i++) yield row(`k${String(i).padStart(9, '0')}`, 1, by)
    } finally {
      closed++
    }
  }
  for await (const one of mergeRows([endless(0), endless(1)], { reverse: false }))
    if (Buffer.from(one.key).toString() === 'k000000003') break
  assert.equal(closed, 2)
})

test('a deletion of what is not there is not written, any other write goes above what stands', () => {
  const key = Buffer.from('a')
  const gone = row('a', 5, 0, { value: null })
  assert.deepEqual(
    planWrites(
      [
        { key, value: null, seen: null },
        { key, value: null, seen: gone },
      ],
      3,
    ),
    [],
  )
  const [deletion] = planWrites([{ key, value: null, seen: row('a', 5, 0) }], 3)
  assert.deepEqual([deletion?.clock, deletion?.value, deletion?.at], [{ ms: 5, counter: 1 }, null, 3])
})

test('a taker-over writes what was told in the order of clocks, then its own newer word again', () => {
  const told = [row('a', 7, 0), row('a', 5, 0), row('a', 6, 0, { repeated: true })]
  const own = row('a', 9, 1)
  const rows = planTakeOver({ told, standing: [own], own })
  assert.deepEqual(
    rows.map(({ clock, writer, repeated }) => [clock.ms, writer, repeated]),
    [
      [5, IDS[0], false],
      [7, IDS[0], false],
      [9, IDS[1], true],
    ],
  )
  assert.deepEqual(planTakeOver({ told, standing: [row('a', 7, 2, { writer: IDS[0] as DriveId })], own: null }), [])
  assert.deepEqual(planTakeOver({ told: [], standing: [], own }), [])
})

test('history tells each write once', () => {
  const isNew = eachWriteOnce(({ drive, writer }) => drive === writer)
  assert.ok(isNew(row('a', 1, 0)))
  assert.ok(isNew(row('a', 1, 1, { writer: IDS[2] as DriveId })))
  assert.ok(!isNew(row('a', 1, 0, { writer: IDS[2] as DriveId })))
  assert.ok(!isNew(row('a', 2, 0, { repeated: true })))
})

test('each block has a version of its own, and a version within a step means all of it', () => {
  const [a, b] = IDS as [DriveId, DriveId, DriveId]
  const versions = new RowVersions(
    buildTimeline([
      {
        drive: a,
        marks: [
          { length: 3, at: 1 },
          { length: 7, at: 3 },
        ],
      },
      { drive: b, marks: [{ length: 2, at: 2 }] },
    ]),
  )
  assert.equal(versions.total, 9)
  assert.deepEqual([versions.versionOf({ drive: a, seq: 2 }), versions.versionOf({ drive: b, seq: 1 })], [3, 5])
  assert.deepEqual([versions.versionOf({ drive: a, seq: 3 }), versions.versionOf({ drive: a, seq: 6 })], [6, 9])
  assert.deepEqual(versions.stateOf(6), { [a]: 7, [b]: 2 })
  assert.deepEqual(versions.stateOf(5), { [a]: 3, [b]: 2 })
  assert.deepEqual([versions.stateOf(0), versions.stateOf(10)], [{ [a]: 0, [b]: 0 }, null])
  assert.deepEqual(
    [...versions.back(5)].map(({ to }) => to),
    [2, 3],
  )
  assert.deepEqual(
    [...versions.onward(3)].map(({ to }) => to),
    [2, 7],
  )
  assert.deepEqual([...versions.onward(9)], [])
})
