/** Child processes that end with the benchmark, however it ends. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { family } from './measure.ts'

const STOP_MS = 20_000
const alive = new Set<ChildProcess>()

/** Starts a program whose output goes to a file. */
export function startChild(program: string, args: readonly string[], { log, env }: { log: string; env?: NodeJS.ProcessEnv }): ChildProcess {
  const fd = openSync(log, 'a')
  const child = spawn(program, args, { stdio: ['ignore', fd, fd], env: env ?? process.env })
  closeSync(fd)
  alive.add(child)
  child.on('exit', () => alive.delete(child)).on('error', () => alive.delete(child))
  return child
}

/** True until it ended. */
export function runsStill(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

/** Asks a program to end, and makes it after a while. */
export async function stopChild(child: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  if (!runsStill(child)) return
  const ended = once(child, 'exit')
  const processes = family(child.pid ?? 0)
  const timer = setTimeout(() => processes.forEach(killNow), STOP_MS)
  await ask().catch(() => child.kill('SIGTERM'))
  await ended
  clearTimeout(timer)
}

/** Ends all of them at once when this process is told to end. */
export function endWithChildren(): void {
  process.on('exit', () => {
    for (const child of alive) family(child.pid ?? 0).forEach(killNow)
  })
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.on(signal, () => process.exit(code))
}

function killNow(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
