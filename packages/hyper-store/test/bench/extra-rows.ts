/** Rows that no other program needs to be compared with: a rescan that finds nothing, a file that grows. */
import { openSync, closeSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesRead, diskBytes, flushDisks, now } from './measure.ts'
import { compareTrees } from './same-tree.ts'
import { freshFolder } from './scenarios.ts'
import type { Bench } from './scenarios.ts'
import { startMeter, until } from './timed-step.ts'
import { MIB, bytesFrom, writeSmallFiles } from './workloads.ts'

const RESCAN_FILES = 100_000
const GROWTH_MIB = 200
const GROWTH_STEPS = 50
const STEP_PAUSE_MS = 100

/** RESCAN100K: a rescan of 100,000 unchanged files of 4 KiB, and how many bytes the program read meanwhile. */
export async function benchRescan(bench: Bench): Promise<void> {
  if (!bench.wants('RESCAN100K')) return
  const { run, rows } = bench
  await using single = await bench.program.makeSingle(freshFolder(bench, 'rescan'))
  const count = Math.max(1000, RESCAN_FILES * run.sizes.scale)
  const content = writeSmallFiles(single.a.folder, { folders: count / 100, count, seed: 'rescan' }).reduce((sum, { size }) => sum + size, 0)
  flushDisks()
  const importFrom = now()
  await single.share()
  const importS = now() - importFrom
  // One that is not counted: what the import left to be done is done by then.
  await single.rescan()
  await sleep(1000)
  flushDisks()
  const before = bytesRead(single.a.pid)
  const meter = startMeter(run, [single.a])
  const from = now()
  await single.rescan()
  const wall = now() - from
  const cost = meter.stop()
  const read = bytesRead(single.a.pid) - before
  const row = { files: count, import_s: importS, read_bytes: read, content_bytes: content }
  const note = `read ${(read / 1e6).toFixed(1)} MB; the files hold ${(content / 1e6).toFixed(1)} MB; first import ${importS.toFixed(1)} s`
  rows.add({ system: run.system, workload: 'RESCAN100K', run: run.run, ok: true, wall_s: wall, ...cost, ...row, note })
}

/** GROWTH: a file of 200 MiB is written in 50 steps under the watcher's eyes; what the store then occupies. */
export async function benchGrowth(bench: Bench): Promise<void> {
  if (!bench.wants('GROWTH')) return
  const { run, rows } = bench
  await using pair = await bench.program.makePair(freshFolder(bench, 'growth'))
  // It is about a watcher that acts by itself.
  if (pair.ask !== null) return
  const { a, b } = pair
  const stepBytes = Math.max(16 * 1024, Math.round((GROWTH_MIB * MIB * run.sizes.scale) / GROWTH_STEPS))
  const written = stepBytes * GROWTH_STEPS
  const meter = startMeter(run, [a, b])
  const from = now()
  await growFile(join(a.folder, 'growing.bin'), stepBytes)
  const writingS = now() - from
  const wall = await until(() => compareTrees(a.folder, b.folder).same, { from, everyMs: 100, timeoutS: 120 })
  await sleep(1000)
  const cost = meter.stop()
  await pair.settle()
  const share = (side: 'a' | 'b') => diskBytes(pair[side].store) / written
  const running = { growth_running_a: share('a'), growth_running_b: share('b') }
  await a.stop()
  await b.stop()
  const stopped = { growth_a: share('a'), growth_b: share('b') }
  const [r, s] = [Object.values(running), Object.values(stopped)].map((pair) => pair.map((times) => times.toFixed(2)).join(' / '))
  const note = `stores hold ${s} of what was written (while running ${r})`
  rows.add({
    system: run.system,
    workload: 'GROWTH',
    run: run.run,
    ok: wall !== null,
    ...(wall === null ? { error: 'B does not show the file' } : {}),
    wall_s: wall,
    ...cost,
    writing_s: writingS,
    written_bytes: written,
    ...running,
    ...stopped,
    note,
  })
}

async function growFile(file: string, stepBytes: number): Promise<void> {
  const next = bytesFrom('growing')
  for (let i = 0; i < GROWTH_STEPS; i++) {
    const fd = openSync(file, 'a')
    writeSync(fd, next(stepBytes))
    closeSync(fd)
    await sleep(STEP_PAUSE_MS)
  }
}
