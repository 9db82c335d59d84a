/** Properties of the timeline: one line for all devices, that no clock can bend. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DriveId } from './entries.ts'
import { buildTimeline, type DriveMarks, type Mark } from './timeline.ts'

const A = 'aaaaaaaaaa' as DriveId
const B = 'bbbbbbbbbb' as DriveId
const C = 'cccccccccc' as DriveId

const markArb = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.option(fc.nat({ max: 20 }), { nil: null }))
const marksArb: fc.Arbitrary<Mark[]> = fc.array(markArb, { maxLength: 12 }).map((steps) => {
  let length = 0
  return steps.map(([blocks, at]) => ({ length: (length += blocks), at }))
})
const drivesArb: fc.Arbitrary<DriveMarks[]> = fc
  .tuple(marksArb, marksArb, marksArb)
  .map(([a, b, c]) => [A, B, C].map((drive, i) => ({ drive, marks: [a, b, c][i] ?? [] })))

const lengthsOf = (drives: readonly DriveMarks[]) =>
  Object.fromEntries(drives.map(({ drive, marks }) => [drive, marks.at(-1)?.length ?? 0]))
const sumOf = (state: Readonly<Record<string, number>>) => Object.values(state).reduce((a, b) => a + b, 0)

test('the newest version is the sum of all lengths and shows all drives whole', () => {
  fc.assert(
    fc.property(drivesArb, (drives) => {
      const line = buildTimeline(drives)
      assert.equal(line.total, sumOf(lengthsOf(drives)))
      assert.equal(line.steps.at(-1)?.version ?? 0, line.total)
      assert.deepEqual(line.stateAfter(line.indexOf(line.total)), lengthsOf(drives))
    }),
  )
})

test('the number of a version is the sum of the lengths that it shows', () => {
  fc.assert(
    fc.property(drivesArb, (drives) => {
      const line = buildTimeline(drives)
      for (const [index, step] of line.steps.entries()) assert.equal(sumOf(line.stateAfter(index)), step.version)
      assert.equal(sumOf(line.stateAfter(-1)), 0)
    }),
  )
})

test('it is the same whatever the order of the drives, and every step is in it once, in the order of its drive', () => {
  fc.assert(
    fc.property(drivesArb, (drives) => {
      const line = buildTimeline(drives)
      assert.deepEqual(buildTimeline(drives.toReversed()).steps, line.steps)
      for (const { drive, marks } of drives) {
        const own = line.steps.filter((step) => step.drive === drive)
        assert.deepEqual(
          own.map(({ to, at }) => ({ length: to, at })),
          marks,
        )
      }
    }),
  )
})

test('a number between two versions means the one below', () => {
  fc.assert(
    fc.property(drivesArb, fc.nat({ max: 200 }), (drives, version) => {
      const line = buildTimeline(drives)
      const index = line.indexOf(version)
      assert.ok((line.steps[index]?.version ?? 0) <= version)
      assert.ok((line.steps[index + 1]?.version ?? Infinity) > version)
    }),
  )
})

test('as of a moment is all that was written by then, and nothing that its drive says came later', () => {
  fc.assert(
    fc.property(drivesArb, fc.nat({ max: 25 }), (drives, ms) => {
      const line = buildTimeline(drives)
      const state = line.stateAfter(line.indexAt(ms))
      for (const { drive, marks } of drives) {
        const shown = marks.filter(({ length }) => length <= (state[drive] ?? 0))
        const hidden = marks.slice(shown.length)
        assert.ok(shown.every(({ at }) => at === null || at <= ms))
        // The first step that is left out has a time after it, or no time is known of the drive at all.
        const [first] = hidden
        const later = first?.at ?? hidden.find(({ at }) => at !== null)?.at ?? Infinity
        assert.ok(first === undefined || later > ms || shown.length === 0)
      }
    }),
  )
})

test('a clock ten years ahead hides no later version: all are in the line, and the newest shows them', () => {
  const ahead = 10 * 365 * 86_400_000
  const a = {
    drive: A,
    marks: [
      { length: 2, at: null },
      { length: 5, at: 100 + ahead },
      { length: 8, at: 300 },
    ],
  }
  const b = {
    drive: B,
    marks: [
      { length: 2, at: null },
      { length: 4, at: 200 },
      { length: 6, at: 400 },
    ],
  }
  const line = buildTimeline([a, b])
  assert.equal(line.steps.length, 6)
  assert.deepEqual(line.stateAfter(line.indexOf(line.total)), { [A]: 8, [B]: 6 })
  assert.deepEqual(
    line.steps.slice(-2).map(({ drive, at }) => [drive, at]),
    [
      [A, 100 + ahead],
      [A, 300],
    ],
  )
  // What is asked for by time is what all other clocks say.
  assert.deepEqual(line.stateAfter(line.indexAt(500)), { [A]: 0, [B]: 6 })
})

test('steps of a device that was off line take their place by their time: older versions keep their numbers, later ones move up', () => {
  const a = {
    drive: A,
    marks: [
      { length: 3, at: 100 },
      { length: 6, at: 300 },
    ],
  }
  const before = buildTimeline([a])
  const after = buildTimeline([
    a,
    {
      drive: B,
      marks: [
        { length: 2, at: null },
        { length: 4, at: 200 },
      ],
    },
  ])
  assert.deepEqual(
    before.steps.map(({ version }) => version),
    [3, 6],
  )
  assert.deepEqual(
    after.steps.map(({ drive, version }) => [drive, version]),
    [
      [A, 3],
      [B, 5],
      [B, 7],
      [A, 10],
    ],
  )
})

test('a drive that was made and not written to yet comes last and moves no number', () => {
  const a = { drive: A, marks: [{ length: 3, at: 100 }] }
  const line = buildTimeline([{ drive: B, marks: [{ length: 2, at: null }] }, a])
  assert.deepEqual(
    line.steps.map(({ drive, version }) => [drive, version]),
    [
      [A, 3],
      [B, 5],
    ],
  )
  assert.equal(line.indexAt(1e15), 0)
})
