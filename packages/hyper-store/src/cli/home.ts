/** The home of a store: where it is, and how its running service is found in it. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createClient } from '@hyper-store/client'
import type { Client } from '@hyper-store/client'
import { AppError, errorCode } from '@hyper-store/client/contract'
import envPaths from 'env-paths'
import * as v from 'valibot'

const ANSWER_MS = 3000
/** How long a service that lives but is too busy to answer gets. */
const BUSY_MS = 15_000

/** What the service writes to `<home>/service.json` when it is ready. */
const ServiceFile = v.object({ url: v.pipe(v.string(), v.url()), pid: v.number(), startedAt: v.string() })
export type ServiceFile = v.InferOutput<typeof ServiceFile>

/** The home meant by `--home`, else HYPER_STORE_HOME, else the platform's folder for this user. Absolute. */
export function resolveHome(option: string | undefined, env: NodeJS.ProcessEnv): string {
  const given = option ?? (env['HYPER_STORE_HOME'] || undefined)
  return given === undefined ? envPaths('hyper-store', { suffix: '' }).data : path.resolve(given)
}

/** The text of `service.json`; null when there is none that can be read as one. */
export async function readServiceFile(home: string): Promise<ServiceFile | null> {
  try {
    const parsed = v.safeParse(ServiceFile, JSON.parse(await readFile(path.join(home, 'service.json'), 'utf8')))
    return parsed.success ? parsed.output : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw notOurs(home, error)
    return null
  }
}

/** A client of the service that runs on the home; null when none does. Throws FORBIDDEN when the home is another user's. */
export async function findService(home: string, signal: AbortSignal): Promise<Client | null> {
  const started = Date.now()
  for (;;) {
    const file = await readServiceFile(home)
    if (file === null) return null
    const client = createClient({ url: file.url, token: await readToken(home) })
    const answer = await probe(client, signal)
    if (answer === 'silent' && isAlive(file.pid) && Date.now() - started < BUSY_MS) continue
    // Another store may have got the port of one that was killed: only the one that wrote the file counts.
    return typeof answer === 'object' && (answer.pid === undefined || answer.pid === file.pid) ? client : null
  }
}

async function probe(client: Client, signal: AbortSignal): Promise<{ pid?: number | undefined } | 'silent' | 'other'> {
  try {
    const info = await client.getStore({ signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) })
    return info.role === null ? 'other' : info
  } catch (error) {
    if (signal.aborted) throw error
    return errorCode(error) === 'CANCELLED' ? 'silent' : 'other'
  }
}

async function readToken(home: string): Promise<string> {
  try {
    return (await readFile(path.join(home, 'token'), 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw notOurs(home, error)
    return ''
  }
}

function notOurs(home: string, cause: unknown): AppError {
  return new AppError('FORBIDDEN', { reason: `${home} belongs to another user; use sudo -u, or your own --home` }, { cause })
}

/** True when a process of that id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
