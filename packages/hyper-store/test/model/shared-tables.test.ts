/** Random histories of shared tables: whatever came when, all devices show the same rows, later writes win, and nothing is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareClocks } from '../../src/core/table-clock.ts'
import { type DriveRow, mergeRows, planTakeOver, planWrites } from '../../src/core/table-merge.ts'
import { type Deed, keyOf, RULES, rowIn, type TableDevice, type TableRules, TableWorld, valueOf } from './shared-tables-world.ts'

const HISTORIES = Number(process.env['TABLES_HISTORIES'] ?? 2_000)
const SEED = Number(process.env['TABLES_SEED'] ?? 1)
const KEYS = ['a', 'b', 'b/c', 'd', 'é']

test(`${HISTORIES} random histories of 3 to 8 devices come to one table (TABLES_SEED=${SEED})`, async () => {
  for (let at = 0; at < HISTORIES; at++) {
    const seed = SEED + at
    try {
      const world = play(seed, RULES)
      judge(world)
      if (at % 10 === 0) await judgeMerge(world)
    } catch (error) {
      throw new Error(`TABLES_SEED=${seed} TABLES_HISTORIES=1 shows it: ${String(error)}`, { cause: error })
    }
  }
})

const PLANTED: Record<string, Partial<TableRules>> = {
  'a clock that does not go above what the writer sees': {
    plan: (changes, now) => planWrites(changes, now).map((row) => ({ ...row, clock: { ms: now, counter: 0 } })),
  },
  'a tie that whoever came last wins': {
    newest: (rows) => rows.reduce<DriveRow | null>((a, b) => (a === null || compareClocks(b.clock, a.clock) >= 0 ? b : a), null),
  },
  'deletions that count for nothing': {
    newest: (rows) => RULES.newest(rows.filter(({ value }) => value !== null)),
  },
  'a removal after which nobody takes anything over': { takeOver: () => [] },
  'rows taken over with the clock of him who takes them': {
    takeOver: (taken) => planTakeOver(taken).map((row) => ({ ...row, clock: { ...row.clock, ms: row.clock.ms + 1 } })),
  },
  'a log whose last word on a key becomes an older one': {
    takeOver: (taken) => planTakeOver(taken).filter(({ repeated }) => !repeated),
  },
}
for (const [name, planted] of Object.entries(PLANTED)) {
  test(`finds a planted defect: ${name}`, () => {
    for (let seed = SEED; seed < SEED + 2_000; seed++) {
      try {
        judge(play(seed, { ...RULES, ...planted }))
      } catch (error) {
        assert.ok(error instanceof assert.AssertionError)
        return
      }
    }
    assert.fail('no history shows it')
  })
}

/** Plays a history of a seed, and brings everything to everybody in the end. */
function play(seed: number, rules: TableRules): TableWorld {
  const world = new TableWorld(seed, 2 + (seed % 6), rules)
  world.join()
  const steps = 8 + world.below(24)
  let side = 0
  for (let step = 0; step < steps; step++) {
    world.tick()
    const device = world.pick(world.devices) as TableDevice
    const dice = world.random()
    if (dice < 0.45)
      world.write(
        device,
        KEYS.filter(() => world.random() < 0.3),
      )
    else if (dice < 0.85) meet(world, device, side)
    else if (dice < 0.9) side = world.below(3)
    else if (dice < 0.93) device.skewMs += (world.below(3) - 1) * 10 * 365 * 24 * 3600 * 1000
    else if (dice < 0.96 && world.devices.length < 8) world.join()
    else if (world.devices.length > 2) world.remove(device)
    // Who was removed may not know it, and writes on.
    const gone = world.pick(world.gone)
    if (gone !== undefined && world.random() < 0.3) world.write(gone, KEYS.slice(0, 2))
  }
  world.settle()
  return world
}

/** In a partition only devices of one side meet. */
function meet(world: TableWorld, device: TableDevice, side: number): void {
  const other = world.pick(world.devices) as TableDevice
  const sideOf = (one: TableDevice) => (side === 0 ? 0 : (one.name.charCodeAt(1) + side) % 2)
  if (sideOf(device) === sideOf(other)) world.bring(device, other, world.random() < 0.3 ? 0.99 : 0.5)
}

function judge(world: TableWorld): void {
  const [first] = world.devices
  assert.ok(first !== undefined)
  const table = world.table(first)
  const history = first.history()
  for (const device of world.devices) {
    assert.deepEqual(world.table(device), table, `${device.name} shows the same rows`)
    assert.deepEqual(device.history(), history, `${device.name} tells the same history`)
    assert.equal(device.versions().total, first.versions().total, `${device.name} counts the same version`)
  }
  const told = new Set(history.map(({ write }) => write))
  for (const deed of world.counted()) assert.ok(told.has(deed.write), `${String(deed.value)} of ${deed.key} is in the table or in history`)
  assert.equal(new Set(history.map(({ version }) => version)).size, history.length, 'each change has a version of its own')
  for (const [i, { version }] of history.entries()) assert.ok(i === 0 || version < (history[i - 1]?.version ?? 0), 'newest first')
  assert.equal(told.size, history.length, 'each write is told once')
  judgeWinners(
    world.deeds.filter(({ write }) => told.has(write)),
    table,
  )
}

/** What stands was written over by nobody. */
function judgeWinners(told: readonly Deed[], table: Readonly<Record<string, string>>): void {
  const over = new Set(told.map((deed) => deed.over))
  for (const key of KEYS) {
    const last = told.filter((deed) => deed.key === key && !over.has(deed))
    if (last.length === 0) continue
    assert.ok(
      last.some(({ value }) => value === (table[key] ?? null)),
      `${key} shows ${table[key] ?? 'nothing'}, and was last ${last.map(({ value }) => String(value)).join(' or ')}`,
    )
  }
}

/** The merge of sorted streams gives the same in both directions as a look at each key. */
async function judgeMerge(world: TableWorld): Promise<void> {
  const [device] = world.devices
  assert.ok(device !== undefined)
  for (const reverse of [false, true]) {
    const streams = [...device.lengths.keys()].map(async function* (log) {
      const last = new Map<string, DriveRow>()
      for (let seq = 0; seq < device.counted(log); seq++) {
        const row = rowIn(log, seq)
        if (row !== null) last.set(keyOf(row), row)
      }
      const rows = [...last.values()].sort((a, b) => Buffer.compare(a.key, b.key))
      yield* reverse ? rows.reverse() : rows
    })
    const rows: (readonly [string, string])[] = []
    for await (const row of mergeRows(streams, { reverse })) {
      const value = valueOf(row)
      if (value !== null) rows.push([keyOf(row), value])
    }
    const wanted = Object.entries(world.table(device)).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(rows, reverse ? wanted.reverse() : wanted)
  }
}
