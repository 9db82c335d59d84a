/** The doctor's checks of the disk: the home and its rights, free space, and how many folders the system can watch. */
import { open, readFile, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Check } from '@hyper-store/client/contract'
import { homeAt } from './home.ts'

const GIB = 1024 ** 3

/** Whether the home can be written and its secrets are for the owner's eyes. */
export async function checkHome(folder: string): Promise<Check> {
  const name = 'home'
  const home = homeAt(folder)
  const facts = await statOrNull(home.folder)
  if (facts === null) return { name, state: 'ok', message: `${home.folder} is made when the service first starts`, cure: null }
  if (!facts.isDirectory()) {
    return { name, state: 'wrong', message: `${home.folder} is not a folder`, cure: 'Choose another with --home' }
  }
  const probe = join(home.folder, `.write-test-${process.pid}`)
  try {
    await (await open(probe, 'wx', 0o600)).close()
  } catch (error) {
    const reason = (error as { code?: unknown }).code
    return {
      name,
      state: 'wrong',
      message: `${home.folder} cannot be written (${String(reason)})`,
      cure: 'Run the command as the user of the service, or give that user the folder (chown)',
    }
  } finally {
    await rm(probe, { force: true })
  }
  if (process.platform !== 'win32') {
    for (const path of [home.identityFile, home.tokenFile]) {
      const secret = await statOrNull(path)
      if (secret !== null && (secret.mode & 0o077) !== 0) {
        return { name, state: 'wrong', message: `Others on this machine can read ${path}`, cure: `chmod 600 '${path}'` }
      }
    }
  }
  return { name, state: 'ok', message: home.folder, cure: null }
}

/** Free space where the home lies, or will lie. */
export async function checkDisk(folder: string): Promise<Check> {
  const name = 'disk'
  let at = homeAt(folder).folder
  while ((await statOrNull(at)) === null) at = join(at, '..')
  const { bavail, bsize } = await statfs(at)
  const free = bavail * bsize
  const message = `${(free / GIB).toFixed(1)} GiB free at ${at}`
  if (free < 0.1 * GIB) return { name, state: 'wrong', message, cure: 'Free some space; a store with a full disk stands still' }
  if (free < GIB) return { name, state: 'warning', message, cure: 'Free some space soon' }
  return { name, state: 'ok', message, cure: null }
}

/** Whether the system lets one user watch as many folders as are shared. `needed` counts folders; the file is a parameter for tests. */
export async function checkWatches(needed: number, limitFile = '/proc/sys/fs/inotify/max_user_watches'): Promise<Check> {
  const name = 'watches'
  if (process.platform !== 'linux') return { name, state: 'ok', message: 'This system has no such limit', cure: null }
  const limit = Number((await readFile(limitFile, 'utf8')).trim())
  if (!Number.isSafeInteger(limit)) return { name, state: 'unknown', message: `${limitFile} holds no number`, cure: null }
  const message = `${needed} of at most ${limit} folders to watch`
  // Editors and desktops use watches too: a quarter stays for them.
  if (needed <= limit * 0.75 && limit >= 8192) return { name, state: 'ok', message, cure: null }
  const wanted = Math.max(524_288, 2 ** Math.ceil(Math.log2(needed * 2 + 1)))
  return {
    name,
    state: 'warning',
    message: `${message}; changes beyond that are seen by rescans only, minutes later`,
    cure: `echo fs.inotify.max_user_watches=${wanted} | sudo tee /etc/sysctl.d/60-hyper-store.conf && sudo sysctl --system`,
  }
}

async function statOrNull(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}
