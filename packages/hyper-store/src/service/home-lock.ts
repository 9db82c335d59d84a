/** One service per home: an exclusive lock that the system releases even when the process is killed. */
import { open } from 'node:fs/promises'
import { AppError } from '@hyper-store/client/contract'
import { homeError, readText } from './home.ts'
import type { Home } from './home.ts'

/** The lock of a home, held until `release`; releasing twice is fine. */
export interface HomeLock extends AsyncDisposable {
  release(): Promise<void>
}

/**
 * Behind the text: Windows locks are mandatory, and the process number in the file must stay readable to others.
 * macOS ignores the range and locks the whole file, but only against other locks.
 */
const LOCKED_BYTE = 1024 * 1024

/** Takes the lock of a home that exists. @throws HOME_LOCKED with the other process's number */
export async function lockHome(home: Home): Promise<HomeLock> {
  // Loaded here and not at the top: the program first says whether this machine can load native parts at all.
  const { tryLock, unlock } = await import('fs-native-extensions')
  const file = await open(home.lockFile, 'a+', 0o600).catch((error: unknown) => {
    throw homeError(home.folder, error)
  })
  let held = false
  try {
    held = tryLock(file.fd, LOCKED_BYTE, 1)
    if (!held) {
      const pid = Number((await readText(home.lockFile)) ?? '')
      throw new AppError('HOME_LOCKED', { home: home.folder, pid: Number.isSafeInteger(pid) && pid > 0 ? pid : 'unknown' })
    }
    await file.truncate(0)
    await file.write(`${process.pid}\n`)
  } catch (error) {
    if (held) unlock(file.fd, LOCKED_BYTE, 1)
    await file.close()
    throw error
  }
  let released: Promise<void> | null = null
  const releaseOnce = async () => {
    // The file stays: removing it would let two processes lock two files of one name.
    await file.truncate(0)
    unlock(file.fd, LOCKED_BYTE, 1)
    await file.close()
  }
  const release = () => (released ??= releaseOnce())
  return { release, [Symbol.asyncDispose]: release }
}
