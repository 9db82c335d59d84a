/** Starts the service of a home in the background and waits until it answers. */
import { spawn } from 'node:child_process'
import { open, mkdir, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Client } from '@hyper-store/client'
import { AppError, isErrorCode } from '@hyper-store/client/contract'
import { findService } from './home.ts'

const READY_MS = 20_000
const LOG_BYTES = 5 * 1024 * 1024

/** The program's own executable file, as node runs it. */
export const PROGRAM = fileURLToPath(new URL('../../../bin/hyper-store.js', import.meta.url))

/** The log of a service that runs in the background. */
export function logPath(home: string): string {
  return path.join(home, 'service.log')
}

/** Starts it, with the options of run-service in HYPER_STORE_SERVICE_OPTIONS, and resolves once it answers. Throws what kept it from starting, or SERVICE_UNREACHABLE after 20 seconds. */
export async function startService(home: string, signal: AbortSignal): Promise<Client> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const from = await makeRoom(logPath(home))
  const log = await open(logPath(home), 'a', 0o600)
  const more = (process.env['HYPER_STORE_SERVICE_OPTIONS'] ?? '').split(/\s+/).filter(Boolean)
  const args = [PROGRAM, 'run-service', '--home', home, '--background', '--any-port', ...more]
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: home,
    windowsHide: true,
    // As in the installed unit: with an arena for each thread a store that moved much keeps a fifth more memory.
    env: { MALLOC_ARENA_MAX: '2', ...process.env },
  })
  let exited: number | null = null
  let failed: Error | null = null
  child.on('exit', (code) => (exited = code ?? 70)).on('error', (error) => (failed = error))
  child.unref()
  await log.close()
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(50, undefined, { signal })) {
    const client = await findService(home, signal)
    if (client !== null) return client
    if (failed !== null) throw new AppError('SERVICE_UNREACHABLE', { home }, { cause: failed })
    // A twin that another command started in the same moment holds the home: its service is as good.
    const why = exited === null ? null : await lastError(logPath(home), from)
    if (why !== null && why.code !== 'HOME_LOCKED') throw why
  }
  throw new AppError('SERVICE_UNREACHABLE', { home, log: logPath(home) })
}

/** Length of the log now; a long one is set aside first. */
async function makeRoom(file: string): Promise<number> {
  try {
    const { size } = await stat(file)
    if (size < LOG_BYTES) return size
    await rename(file, `${file}.old`)
  } catch {
    // There is none yet.
  }
  return 0
}

/** The error that a service wrote last, from byte `from` of its log. */
async function lastError(file: string, from: number): Promise<AppError> {
  const text = (await readFile(file)).subarray(from).toString()
  for (const line of text.trimEnd().split('\n').reverse()) {
    try {
      const { error } = JSON.parse(line) as { error: { code: string; data: Record<string, unknown> } }
      if (isErrorCode(error.code)) return new AppError(error.code, error.data)
    } catch {
      // Talk, not an error.
    }
  }
  return new AppError('DEFECT', { reason: `the service ended while starting; ${file} says why` })
}
