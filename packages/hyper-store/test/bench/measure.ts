/** What the kernel counts: processor time, memory, bytes read, bytes on loopback, bytes on disk. */
import { spawnSync } from 'node:child_process'
import { lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'

/** Ticks of the kernel's accounting in a second; the same on every Linux that Node runs on. */
const TICKS = 100

/** Seconds since some moment, monotonic. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e9
}

/** All bytes sent on this namespace's loopback, headers and acknowledgements included; 0 when /proc does not say. */
export function loopbackBytes(): number {
  const line = lines('/proc/net/dev').find((text) => text.trim().startsWith('lo:'))
  return Number(line?.split(':')[1]?.trim().split(/\s+/)[8] ?? 0)
}

/** Network interfaces of this namespace. */
export function interfaces(): string[] {
  return lines('/proc/net/dev')
    .slice(2)
    .map((line) => line.split(':')[0]?.trim() ?? '')
    .filter((name) => name !== '')
}

/** User and system seconds of a process and its descendants. */
export function cpuSeconds(pid: number): number {
  let ticks = 0
  for (const process of family(pid)) {
    const fields = text(`/proc/${process}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')
    for (const i of [11, 12, 13, 14]) ticks += Number(fields[i] ?? 0)
  }
  return ticks / TICKS
}

/** Busy seconds of all processors, of all processes. */
export function busySeconds(): number {
  const fields = (lines('/proc/stat')[0] ?? '').trim().split(/\s+/).slice(1).map(Number)
  return [0, 1, 2, 5, 6, 7].reduce((sum, i) => sum + (fields[i] ?? 0), 0) / TICKS
}

/** MiB that the processes held at most since `resetPeak`. */
export function peakMib(pid: number): number {
  return status(pid, 'VmHWM')
}

/** MiB that the processes hold now. */
export function residentMib(pid: number): number {
  return status(pid, 'VmRSS')
}

/** Lets the peak begin anew. */
export function resetPeak(pid: number): void {
  for (const process of family(pid)) {
    try {
      writeFileSync(`/proc/${process}/clear_refs`, '5')
    } catch {
      // Not our process, or gone: its peak then counts from its start.
    }
  }
}

/** Bytes that the processes asked the kernel to read, from anything, cached or not. */
export function bytesRead(pid: number): number {
  return family(pid).reduce((sum, process) => sum + Number(/^rchar: (\d+)/m.exec(text(`/proc/${process}/io`))?.[1] ?? 0), 0)
}

/** Bytes of content of a folder's files: without holes, and without room that a database asked for ahead and gives back. */
export function diskBytes(folder: string): number {
  let sum = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const stats = lstatSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })
    if (stats?.isFile() === true) sum += Math.min(stats.size, stats.blocks * 512)
  }
  return sum
}

/** Writes what the page cache holds, so that a step does not pay for the one before. */
export function flushDisks(): void {
  spawnSync('sync')
}

/** Gives all threads of some processes a priority, as `nice` does; below 0 needs root. */
export function setNice(pids: readonly number[], nice: number): void {
  for (const process of pids.flatMap(family)) {
    for (const thread of names(`/proc/${process}/task`)) {
      try {
        setPriority(Number(thread), nice)
      } catch {
        // The thread ended, or we may not.
      }
    }
  }
}

/** The middle, or the mean of the middle two; null without values. */
export function median(values: readonly (number | null | undefined)[]): number | null {
  const sorted = values.filter((value) => typeof value === 'number').sort((a, b) => a - b)
  const half = sorted.length / 2
  const low = sorted[Math.ceil(half) - 1]
  const high = sorted[Math.floor(half)]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** A process and its descendants. */
export function family(pid: number): number[] {
  const found = [pid]
  for (const process of found) {
    for (const thread of names(`/proc/${process}/task`)) {
      for (const child of text(`/proc/${process}/task/${thread}/children`).trim().split(' ')) if (child !== '') found.push(Number(child))
    }
  }
  return [...new Set(found)]
}

function status(pid: number, field: string): number {
  const pattern = new RegExp(`^${field}:\\s+(\\d+)`, 'm')
  return family(pid).reduce((sum, process) => sum + Number(pattern.exec(text(`/proc/${process}/status`))?.[1] ?? 0) / 1024, 0)
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function lines(file: string): string[] {
  return text(file).split('\n')
}
