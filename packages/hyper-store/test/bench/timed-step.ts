/** One timed step: from the change in A to B showing it, with what it cost. */
import { setTimeout as sleep } from 'node:timers/promises'
import { busySeconds, cpuSeconds, flushDisks, loopbackBytes, now, peakMib, resetPeak, setNice } from './measure.ts'
import type { Row, Side } from './program.ts'
import { probeFor } from './probe.ts'
import { compareTrees } from './same-tree.ts'
import { prepareStep } from './workloads.ts'
import type { Sizes, StepName } from './workloads.ts'

/** What every measurement of a run has in common. */
export interface Run {
  readonly system: string
  readonly run: number
  readonly sizes: Sizes
  /** Work folder of this run and program. */
  readonly folder: string
  /** False when other programs share the loopback. */
  readonly wire: boolean
  /** Priority of the measured processes while they are timed. */
  readonly nice: number
}

/** Counts what some processes use between two moments. */
export interface Meter {
  /** One more side, which has just started. */
  add(side: Side): void
  /** Ends the measurement: `cpu_a_s`, `rss_a_mb` and so on for each side, and what they are together. */
  stop(): Pick<Row, 'cpu_s' | 'peak_rss_mb' | 'wire_bytes' | 'other_cpu_share'> & Record<string, number | null>
}

/** Begins to count. */
export function startMeter({ wire, nice }: Run, sides: readonly Side[]): Meter {
  const counted = sides.map(({ label, pid }) => ({ label, pid, before: cpuSeconds(pid) }))
  for (const { pid } of counted) resetPeak(pid)
  const boost = (to: number) => {
    if (nice !== 0) setNice([...counted.map(({ pid }) => pid), process.pid], to)
  }
  boost(nice)
  const begin = { wire: loopbackBytes(), busy: busySeconds(), own: process.cpuUsage(), at: now() }
  return {
    add({ label, pid }) {
      counted.push({ label, pid, before: 0 })
    },
    stop() {
      const own = process.cpuUsage(begin.own)
      const busy = busySeconds() - begin.busy - (own.user + own.system) / 1e6
      const used = counted.map(({ label, pid, before }) => ({ label, cpu: cpuSeconds(pid) - before, peak: peakMib(pid) }))
      const total = used.reduce((sum, { cpu }) => sum + cpu, 0)
      const wireBytes = loopbackBytes() - begin.wire
      boost(0)
      return {
        cpu_s: total,
        peak_rss_mb: Math.max(...used.map(({ peak }) => peak)),
        wire_bytes: wire ? wireBytes : null,
        other_cpu_share: Math.max(0, (busy - total) / (now() - begin.at)),
        ...Object.fromEntries(
          used.flatMap(({ label, cpu, peak }) => [[`cpu_${label}_s`, cpu] as const, [`rss_${label}_mb`, peak] as const]),
        ),
      }
    },
  }
}

/** Asks again and again, less often when asking is dear. Returns seconds since `from`, or null after `timeoutS`. */
export async function until(
  check: () => boolean | Promise<boolean>,
  { from, everyMs, timeoutS }: { from: number; everyMs: number; timeoutS: number },
): Promise<number | null> {
  for (;;) {
    const asked = now()
    const yes = await check()
    const at = now()
    if (yes) return at - from
    if (at - from > timeoutS) return null
    await sleep(Math.min(250, Math.max(everyMs, (at - asked) * 5000)))
  }
}

/** How a step is timed. */
export interface TimedOptions {
  readonly name: StepName
  readonly a: Side
  readonly b: Side
  /** Called just after the change. */
  readonly ask: (() => void) | null
  /** Makes edits differ between repetitions. */
  readonly round: number
  /** False leaves out the comparison of all bytes. */
  readonly compare: boolean
  readonly timeoutS: number
}

/** Applies a step to A, waits for B to show it, and compares all bytes. */
export async function timeStep(run: Run, options: TimedOptions): Promise<Row> {
  const { name, a, b, ask, round, timeoutS } = options
  const step = await prepareStep(name, { folder: a.folder, stage: `${run.folder}/stage`, sizes: run.sizes, round })
  const probe = probeFor(step, b.folder)
  flushDisks()
  const meter = startMeter(run, [a, b])
  const from = now()
  await step.commit()
  ask?.()
  const wall = await until(probe, { from, everyMs: name === 'W4' ? 2 : 20, timeoutS })
  // A moment later, so that what a program does after the last file counts too.
  await sleep(name === 'W4' ? 200 : 1000)
  const cost = meter.stop()
  const late = wall !== null && options.compare ? await compareUntilSame(a.folder, b.folder, from) : {}
  const ok = wall !== null && !('error' in late)
  const missing = wall === null ? { error: `not there after ${timeoutS} s` } : {}
  return {
    system: run.system,
    workload: name,
    run: run.run,
    ok,
    wall_s: wall,
    ...cost,
    files: step.present.length,
    bytes: step.bytes,
    ...late,
    ...missing,
  }
}

/** Compares until it is the same or a minute is over; the bytes may come after the size. */
async function compareUntilSame(a: string, b: string, from: number): Promise<{ error?: string; late_s?: number; mtime_diffs?: number }> {
  const begin = now()
  for (let first = true; ; first = false) {
    const found = compareTrees(a, b)
    const times = found.otherTimes > 0 ? { mtime_diffs: found.otherTimes } : {}
    if (found.same) return first ? times : { ...times, late_s: now() - from }
    if (now() - begin > 60) return { ...times, error: found.differences.join('; ') }
    await sleep(500)
  }
}
