/** Rows of folders that several devices write to: W2, W3, W3b and W6 in both directions. */
import { setTimeout as sleep } from 'node:timers/promises'
import { diskBytes } from './measure.ts'
import type { SharedPair, Side } from './program.ts'
import { freshFolder } from './scenarios.ts'
import type { Bench } from './scenarios.ts'
import { timeStep } from './timed-step.ts'
import { MIB, writeSmallFiles } from './workloads.ts'
import type { StepName } from './workloads.ts'

const TIMEOUT_S = 400
const OWN_FILES = 50

/** Names of five devices. */
export const LABELS = ['a', 'b', 'c', 'd', 'e'] as const

/** Files that a device has written before anything is measured. */
export function writeOwnFiles({ label, folder }: Side): void {
  writeSmallFiles(`${folder}/of-${label}`, { folders: 2, count: OWN_FILES, seed: `own ${label}` })
}

/** W2S, W6S, W3S and W3bS: what one writer does, seen at the other; once each way. The 1 GiB file is always the other one's. */
export async function benchShared(bench: Bench): Promise<void> {
  const wants = (name: string) => bench.wants(name)
  if (!wants('W2S') && !wants('W3S') && !wants('W6S')) return
  for (const from of ['b', 'a'] as const) {
    await using pair = await bench.program.makeSharedPair(freshFolder(bench, `shared-${from}`))
    const [writer, reader] = from === 'b' ? [pair.b, pair.a] : [pair.a, pair.b]
    const there = { pair, writer, reader }
    const back = { pair, writer: reader, reader: writer }
    const steps: [StepName, Way][] = [
      ...(wants('W2S') ? [['W2', there] as [StepName, Way]] : []),
      ...(wants('W6S') ? [['W6', there] as [StepName, Way]] : []),
      ...(wants('W3S')
        ? ([
            ['W1', back],
            ['W3', there],
            ['W3b', there],
          ] as [StepName, Way][])
        : []),
    ]
    for (const [name, way] of steps) if (!(await benchStep(bench, name, way))) return
  }
}

interface Way {
  readonly pair: SharedPair
  readonly writer: Side
  readonly reader: Side
}

/** False when it did not come through: what comes after would only tell of that. */
async function benchStep({ run, rows }: Bench, name: StepName, { pair, writer, reader }: Way): Promise<boolean> {
  const before = diskBytes(writer.store)
  const ask = pair.askOf === null ? null : () => pair.askOf?.(writer)
  const row = await timeStep(run, { name, a: writer, b: reader, ask, round: run.run, compare: true, timeoutS: TIMEOUT_S })
  await sleep(500)
  await pair.settle()
  const grew = diskBytes(writer.store) - before
  const workload = `${name}S-${writer.label.toUpperCase()}-to-${reader.label.toUpperCase()}`
  rows.add({ ...row, workload, writer_grew_bytes: grew, note: `the writer's store grew by ${(grew / MIB).toFixed(1)} MiB` })
  return row.wall_s !== null
}
