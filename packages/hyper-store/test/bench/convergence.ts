/** C5: five devices edit one folder apart, a thousand edits each, then meet; until all trees are the same. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { flushDisks, now } from './measure.ts'
import type { Group, Side } from './program.ts'
import { compareTrees, listTree } from './same-tree.ts'
import { freshFolder } from './scenarios.ts'
import type { Bench } from './scenarios.ts'
import { startMeter } from './timed-step.ts'
import { bytesFrom, writeSmallFiles } from './workloads.ts'

const BASE_FILES = 3000
const EDITS = 1000
const FILE_BYTES = 4096
/** Shares of the edits of a device. */
const CONTESTED = 0.05
const NEW = 0.4
const EDITED = 0.36
const DELETED = 0.12
const TIMEOUT_S = 600
const LOOK_MS = 250
const SETTLE_S = 300

/** Five devices come to the same tree after a thousand edits each that they made apart. */
export async function benchConvergence(bench: Bench): Promise<void> {
  if (!bench.wants('C5')) return
  const { run, rows } = bench
  await using group = await bench.program.makeGroup(freshFolder(bench, 'convergence'))
  const { sides } = group
  const scale = Math.min(1, run.sizes.scale)
  const count = Math.max(100, Math.round((BASE_FILES / sides.length) * scale))
  for (const [i, { folder }] of sides.entries())
    writeSmallFiles(join(folder, `base-${i}`), { folders: 10, count: Math.ceil(count / 10) * 10, seed: `base ${i}` })
  await Promise.all(sides.map((side) => side.stop()))
  await Promise.all(sides.map((side) => side.start()))
  if ((await untilSame(group, { from: now(), timeoutS: SETTLE_S })) === null)
    throw new Error('the five do not come to rest before they part')
  await Promise.all(sides.map((side) => side.stop()))
  const edits = Math.max(50, Math.round(EDITS * scale))
  for (const i of sides.keys()) editApart(sides, i, edits)
  flushDisks()
  await sleep(1000)
  const from = now()
  await Promise.all(sides.map((side) => side.start()))
  const meter = startMeter(run, [])
  for (const side of sides) meter.add(side)
  const wall = await untilSame(group, { from, timeoutS: TIMEOUT_S })
  const cost = meter.stop()
  const [first, ...others] = sides
  const differences = first === undefined ? [] : others.flatMap(({ folder }) => compareTrees(first.folder, folder).differences)
  const copies = first === undefined ? 0 : namesIn(first.folder).filter((name) => / \(conflict |\.sync-conflict-/.test(name)).length
  const files = first === undefined ? 0 : namesIn(first.folder).length
  const error = wall === null ? `not the same after ${TIMEOUT_S} s` : differences.join('; ')
  rows.add({
    system: run.system,
    workload: 'C5',
    run: run.run,
    ok: wall !== null && differences.length === 0,
    wall_s: wall,
    ...cost,
    edits: edits * sides.length,
    files,
    copies,
    note: `${edits} edits by each of 5; ${files} files in the end, ${copies} of them conflict copies; from the start of the processes`,
    ...(error === '' ? {} : { error }),
  })
}

/** The edits of one device while nobody else is there: on files of the next device, and on paths that all of them edit. */
function editApart(sides: readonly Side[], i: number, edits: number): void {
  const side = sides[i]
  if (side === undefined) return
  const { folder, label } = side
  const next = bytesFrom(`edits of ${label}`)
  const write = (path: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), next(FILE_BYTES))
  }
  const contested = Math.round(edits * CONTESTED)
  // The first files of each base are for everybody; each device has the rest of its neighbour's base to itself.
  const shared = Math.ceil(contested / sides.length)
  for (const [n, path] of sides
    .flatMap((_, base) => filesOf(folder, base).slice(0, shared))
    .slice(0, contested)
    .entries()) {
    if (n % 10 === 0) rmSync(join(folder, path))
    else if (n % 10 === 1) write(`met/new ${n}.bin`)
    else write(path)
  }
  const theirs = filesOf(folder, (i + 1) % sides.length).slice(shared)
  const take = (n: number) => theirs.splice(0, n)
  for (let n = 0; n < edits * NEW; n++) write(`new-${label}/d${n % 10}/f${n}.bin`)
  for (const path of take(Math.round(edits * EDITED))) write(path)
  for (const path of take(Math.round(edits * DELETED))) rmSync(join(folder, path))
  mkdirSync(join(folder, `moved-${label}`), { recursive: true })
  const renamed = edits - contested - Math.ceil(edits * NEW) - Math.round(edits * EDITED) - Math.round(edits * DELETED)
  for (const [n, path] of take(renamed).entries()) renameSync(join(folder, path), join(folder, `moved-${label}/m${n}.bin`))
}

function filesOf(folder: string, base: number): string[] {
  return namesIn(join(folder, `base-${base}`)).map((name) => `base-${base}/${name}`)
}

function namesIn(folder: string): string[] {
  return [...listTree(folder).keys()].sort()
}

/** Seconds until all say that they are done and show the same names. Trees are compared only then: looking costs time that is measured. */
async function untilSame(group: Group, { from, timeoutS }: { from: number; timeoutS: number }): Promise<number | null> {
  for (let pause = LOOK_MS; now() - from < timeoutS; await sleep(pause)) {
    pause = LOOK_MS
    if (!(await group.isCalm())) continue
    const at = now()
    const lists = group.sides.map(({ folder }) => namesIn(folder).join('\n'))
    if (new Set(lists).size === 1 && group.sides.slice(1).every(({ folder }) => compareTrees(group.sides[0]?.folder ?? '', folder).same))
      return at - from
    // It costs more than the question before.
    pause = LOOK_MS * 4
  }
  return null
}
