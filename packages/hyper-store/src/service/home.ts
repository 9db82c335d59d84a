/** The home folder of a store: where each thing lies in it, its secrets, and the file by which commands find the service. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import * as v from 'valibot'
import writeFileAtomic from 'write-file-atomic'

/** Absolute paths inside a home. */
export interface Home {
  readonly folder: string
  /** 32-byte seed of the device's key pair, hex. */
  readonly identityFile: string
  /** Token of local callers. */
  readonly tokenFile: string
  /** State database. */
  readonly stateFolder: string
  /** Corestore. */
  readonly coresFolder: string
  /** Staging and trash of the folders on disk, by key. */
  readonly diskFolder: string
  /** Address of the running service. */
  readonly serviceFile: string
  readonly logFile: string
  readonly lockFile: string
  /** Sessions of browsers, sealed. */
  readonly sessionsFile: string
  /** Binds the home to its machine. */
  readonly machineFile: string
  /** Says whether the last run ended well. */
  readonly runFile: string
}

/** What a command needs to reach the service of a home. The token lies in its own file. */
export const ServiceFile = v.object({
  url: v.string(),
  pid: v.number(),
  /** z-base-32. */
  deviceKey: v.string(),
  name: v.string(),
  /** Program version. */
  version: v.string(),
  /** ISO 8601. */
  startedAt: v.string(),
})
export type ServiceFile = v.InferOutput<typeof ServiceFile>

/** The layout of a home; nothing is made. */
export function homeAt(folder: string): Home {
  const at = resolve(folder)
  return {
    folder: at,
    identityFile: join(at, 'identity'),
    tokenFile: join(at, 'token'),
    stateFolder: join(at, 'state'),
    coresFolder: join(at, 'cores'),
    diskFolder: join(at, 'disk'),
    serviceFile: join(at, 'service.json'),
    logFile: join(at, 'service.log'),
    lockFile: join(at, 'lock'),
    sessionsFile: join(at, 'sessions'),
    machineFile: join(at, 'machine'),
    runFile: join(at, 'run'),
  }
}

/** Makes the home for its owner alone. @throws NOT_A_FOLDER; READ_ONLY_DISK; DISK_FULL */
export async function makeHome(folder: string): Promise<Home> {
  const home = homeAt(folder)
  try {
    await mkdir(home.folder, { recursive: true, mode: 0o700 })
    await mkdir(home.stateFolder, { recursive: true, mode: 0o700 })
    await mkdir(home.coresFolder, { recursive: true, mode: 0o700 })
  } catch (error) {
    // What Node says of a folder on a read-only disk when it makes several at once.
    if (codeOf(error) === 'ENOENT') throw new AppError('READ_ONLY_DISK', { path: home.folder }, { cause: error })
    throw homeError(home.folder, error)
  }
  return home
}

/**
 * The device's seed, 32 bytes; made on the first start.
 * @throws FOLDER_UNREADABLE when it is missing or broken beside existing logs: a new identity would orphan them
 */
export async function readOrCreateIdentitySeed(home: Home): Promise<Uint8Array> {
  const text = await readText(home.identityFile)
  if (text !== null) {
    if (/^[0-9a-f]{64}$/.test(text.trim())) return new Uint8Array(Buffer.from(text.trim(), 'hex'))
    throw new AppError('FOLDER_UNREADABLE', { path: home.identityFile, reason: 'it holds no identity; restore it from a backup' })
  }
  if (await hasLogs(home)) {
    throw new AppError('FOLDER_UNREADABLE', {
      path: home.identityFile,
      reason: 'it is missing, but this home holds the logs of an identity; restore it from a backup',
    })
  }
  const seed = randomBytes(32)
  await writeSecret(home.identityFile, `${seed.toString('hex')}\n`)
  return new Uint8Array(seed)
}

/** The token of local callers: 43 URL-safe characters, made when missing. */
export async function readOrCreateToken(home: Home): Promise<string> {
  const text = (await readText(home.tokenFile))?.trim()
  if (text !== undefined && /^[\w-]{43}$/.test(text)) return text
  // Unlike the identity nothing hangs on it: a broken one is replaced.
  const token = randomBytes(32).toString('base64url')
  await writeSecret(home.tokenFile, `${token}\n`)
  return token
}

/** Tells commands where the service is. */
export async function writeServiceFile(home: Home, service: ServiceFile): Promise<void> {
  await writeSecret(home.serviceFile, `${JSON.stringify(service)}\n`)
}

/** Null when there is none or it can't be read as one. It may be stale: the pid may be gone. */
export async function readServiceFile(home: Home): Promise<ServiceFile | null> {
  const text = await readText(home.serviceFile)
  if (text === null) return null
  try {
    const parsed = v.safeParse(ServiceFile, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

/** Removes the file if it is still about process `pid`. */
export async function removeServiceFile(home: Home, pid: number): Promise<void> {
  if ((await readServiceFile(home))?.pid === pid) await rm(home.serviceFile, { force: true })
}

/** Writes a file for the owner's eyes, whole or not at all, and on the disk when this returns. @throws DISK_FULL; READ_ONLY_DISK */
export async function writeSecret(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text, { mode: 0o600 })
    await flushFolder(dirname(path))
  } catch (error) {
    throw homeError(path, error)
  }
}

/** Text of a file, null when it is not there. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw homeError(path, error)
  }
}

/** True when the home holds logs: it is not a new one. */
export async function hasLogs(home: Home): Promise<boolean> {
  try {
    return (await readdir(home.coresFolder)).length > 0
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw homeError(home.coresFolder, error)
  }
}

/** Makes every file below `folder` survive a power cut, as it is now. Files that vanish meanwhile are passed over. */
export async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await flushTree(path)
    else if (entry.isFile()) await flushPath(path, process.platform === 'win32' ? 'r+' : 'r')
  }
  await flushFolder(folder)
}

async function flushFolder(folder: string): Promise<void> {
  // Windows can't open folders; its file systems write names through.
  if (process.platform !== 'win32') await flushPath(folder, 'r')
}

async function flushPath(path: string, flags: 'r' | 'r+'): Promise<void> {
  try {
    await using file = await open(path, flags)
    await file.sync()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code
}

/** What a failed call in a home means to its user: NOT_A_FOLDER, READ_ONLY_DISK, DISK_FULL, or the error as it came. */
export function homeError(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'ENOTDIR' || code === 'EEXIST') return new AppError('NOT_A_FOLDER', { path }, { cause: error })
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return new AppError('READ_ONLY_DISK', { path }, { cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { path }, { cause: error })
  return error
}
