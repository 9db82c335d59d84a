/** What is done with a program: the steps in one folder, store and forward, nothing at all. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskBytes, flushDisks, median, now, residentMib } from './measure.ts'
import type { Pair, Program, Row, Rows, SaveMode, Trio } from './program.ts'
import { probeFor } from './probe.ts'
import { compareTrees } from './same-tree.ts'
import { startMeter, timeStep, until } from './timed-step.ts'
import type { Run } from './timed-step.ts'
import { MIB, STEP_NAMES, prepareStep } from './workloads.ts'
import type { StepName } from './workloads.ts'

const TIMEOUT_S = 400
const SAVE_TIMEOUT_S = 60

/** A program, where its results go, and which rows are wanted. */
export interface Bench {
  readonly program: Program
  readonly run: Run
  readonly rows: Rows
  readonly wants: (name: string) => boolean
}

/** A new folder of the run; never deleted before everything is done, because deleting slows down what follows. */
export function freshFolder({ run }: Bench, name: string): string {
  const folder = join(run.folder, name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** W2 W4 W5b W6 W1 W3 W3b W5a in one folder of a pair. */
export async function benchSteps(bench: Bench): Promise<void> {
  const wanted = stepsFor(bench.wants)
  if (wanted.length === 0) return
  await using pair = await bench.program.makePair(freshFolder(bench, 'steps'))
  for (const name of wanted) {
    if (name === 'W4') await benchSaves(bench, pair)
    else {
      const row = await timeStep(bench.run, { name, ...pair, round: bench.run.run, compare: true, timeoutS: TIMEOUT_S })
      bench.rows.add(row)
      // What comes after would only tell of this failure.
      if (row.wall_s === null) return
      await sleep(500)
      await pair.settle()
    }
  }
  const disk = { store_a_mb: diskBytes(pair.a.store) / MIB, store_b_mb: diskBytes(pair.b.store) / MIB }
  const note = `stores hold ${Math.round(disk.store_a_mb)} / ${Math.round(disk.store_b_mb)} MiB`
  bench.rows.add({
    system: bench.run.system,
    workload: 'DISK',
    run: bench.run.run,
    ok: true,
    wall_s: null,
    ...disk,
    steps: wanted.join(' '),
    note,
  })
}

/** The wanted steps, with those that they need before them. */
function stepsFor(wants: (name: string) => boolean): StepName[] {
  const needs: Partial<Record<StepName, StepName>> = { W3: 'W1', W3b: 'W1', W5a: 'W1', W5b: 'W2' }
  const wanted = STEP_NAMES.filter((name) => wants(name))
  const needed = new Set(wanted.map((name) => needs[name]))
  return STEP_NAMES.filter((name) => wanted.includes(name) || needed.has(name))
}

async function benchSaves(bench: Bench, pair: Pair): Promise<void> {
  for (const [m, mode] of pair.saves.entries()) {
    await mode.begin()
    await pair.settle()
    const saves: Row[] = []
    const count = bench.run.sizes.scale >= 1 ? 10 : mode.slow ? 1 : 3
    for (let i = 0; i < count; i++) {
      const round = bench.run.run * 1000 + m * 100 + i
      const ask = mode.asks ? pair.ask : null
      saves.push(await timeStep(bench.run, { name: 'W4', ...pair, ask, round, compare: i === count - 1, timeoutS: SAVE_TIMEOUT_S }))
      // Uneven, so that no save falls in step with a program's own clock; more than a second, for whole-second times.
      await sleep(900 + ((i * 137) % 900))
    }
    bench.rows.add(medianSave(saves, mode))
  }
}

function medianSave(saves: readonly Row[], mode: SaveMode): Row {
  const walls = saves.map((save) => save.wall_s).filter((wall) => wall !== null)
  const last = saves.at(-1)
  if (last === undefined) throw new Error('no saves')
  const spread = { wall_min_s: Math.min(...walls), wall_max_s: Math.max(...walls), samples: saves.length }
  const failed = saves.find((save) => !save.ok)
  return {
    ...last,
    ...spread,
    workload: mode.row,
    ok: failed === undefined,
    wall_s: median(walls),
    cpu_s: median(saves.map((save) => save.cpu_s)) ?? 0,
    wire_bytes: median(saves.map((save) => save.wire_bytes)),
    other_cpu_share: Math.max(...saves.map((save) => save.other_cpu_share ?? 0)),
    note: `${spread.wall_min_s.toFixed(3)} to ${spread.wall_max_s.toFixed(3)} s`,
    ...(failed?.error === undefined ? {} : { error: failed.error }),
  }
}

/** SF: A to an always-on P; then A stops, B starts and fetches all from P. SFenc: P can't read it. */
export async function benchStoreAndForward(bench: Bench): Promise<void> {
  for (const blind of [false, true]) {
    const prefix = blind ? 'SFenc' : 'SF'
    if (!bench.wants(prefix)) continue
    await using trio = await bench.program.makeTrio(freshFolder(bench, prefix), { blind })
    let files = 0
    for (const name of ['W2', 'W1'] as const) {
      const step = await prepareStep(name, {
        folder: trio.a.folder,
        stage: `${bench.run.folder}/stage-${prefix}`,
        sizes: bench.run.sizes,
        round: 0,
      })
      files += step.present.length
      flushDisks()
      const there = await forwardToProvider(bench, trio, { step, files, workload: `${prefix}-${name}-A-to-P` })
      if (!there) return
      await trio.a.stop()
      flushDisks()
      const probe = probeFor(step, trio.b.folder)
      await fetchFromProvider(bench, trio, { probe, workload: `${prefix}-${name}-P-to-B` })
      await trio.b.stop()
      await trio.a.start()
      await trio.settleA()
    }
  }
}

type Forward = Readonly<{ step: Awaited<ReturnType<typeof prepareStep>>; files: number; workload: string }>

async function forwardToProvider({ run, rows }: Bench, trio: Trio, { step, files, workload }: Forward): Promise<boolean> {
  using arrival = await trio.arrivalOf(step, files)
  const meter = startMeter(run, [trio.a, trio.p])
  const from = now()
  await step.commit()
  trio.ask?.()
  const wall = await until(() => arrival.check(), { from, everyMs: 20, timeoutS: TIMEOUT_S })
  await sleep(1000)
  const error = wall === null ? { error: `not kept after ${TIMEOUT_S} s` } : {}
  rows.add({ system: run.system, workload, run: run.run, ok: wall !== null, wall_s: wall, ...meter.stop(), ...error })
  return wall !== null
}

async function fetchFromProvider(
  { run, rows }: Bench,
  trio: Trio,
  { probe, workload }: { probe: () => boolean; workload: string },
): Promise<void> {
  const meter = startMeter(run, [trio.p])
  const from = now()
  await trio.b.start()
  meter.add(trio.b)
  const wall = await until(probe, { from, everyMs: 20, timeoutS: TIMEOUT_S })
  await sleep(1000)
  const cost = meter.stop()
  const compared = compareTrees(trio.a.folder, trio.b.folder)
  const error = wall === null ? `not there after ${TIMEOUT_S} s` : compared.differences.join('; ')
  rows.add({
    system: run.system,
    workload,
    run: run.run,
    ok: wall !== null && compared.same,
    wall_s: wall,
    ...cost,
    note: 'from the start of the B process',
    ...(error === '' ? {} : { error }),
  })
}

/** IDLE: nothing happens, with one folder and with a hundred empty ones. */
export async function benchIdle(bench: Bench): Promise<void> {
  if (!bench.wants('IDLE')) return
  const { run, rows } = bench
  const full = run.sizes.scale >= 1
  const many = full ? 100 : 5
  await using pair = await bench.program.makePair(freshFolder(bench, 'idle'))
  for (const [count, calmS] of [
    [1, full ? 20 : 2],
    [many, full ? 45 : 2],
  ] as const) {
    await pair.haveFolders(count)
    await sleep(calmS * 1000)
    const meter = startMeter(run, [pair.a, pair.b])
    await sleep(full ? 30_000 : 3000)
    const resident = { rss_a_mb: residentMib(pair.a.pid), rss_b_mb: residentMib(pair.b.pid) }
    const note = `resident ${Math.round(resident.rss_a_mb)} / ${Math.round(resident.rss_b_mb)} MiB`
    const workload = `IDLE-${count}`
    rows.add({ system: run.system, workload, run: run.run, ok: true, wall_s: full ? 30 : 3, ...meter.stop(), ...resident, note })
  }
}
