/** `restore-backup`: makes a new home from a file of `backup`; it brings the service's own code along, since none may run. */
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { loadNativeParts } from '../native-parts.ts'
import { plain } from '../output.ts'
import { readPassphrase } from '../passphrase.ts'
import { absolutePath, required } from '../references.ts'

/** More than the records of a hundred thousand folders. */
const MOST_BYTES = 64 * 1024 * 1024

/** Restores into the home of this run. Throws NOT_FOUND, BAD_BACKUP with the file, HOME_LOCKED, HOME_NOT_EMPTY. */
export const runRestoreBackup: Run = async (context, { args: [given] }) => {
  const { output } = context
  const file = absolutePath(required(given))
  const bytes = await readBackup(file)
  const passphrase = await readPassphrase(context, { twice: false })
  const { restoreBackup } = await loadNativeParts(async () => import('../../service/restore.ts'))
  const restored = await restoreBackup({ homeFolder: context.home, bytes, passphrase }).catch((error: unknown) => {
    throw errorCode(error) === 'BAD_BACKUP' ? badBackup(file, error) : error
  })
  output.show(restored, () => [restored.home])
  for (const path of restored.unmade)
    output.talk(`${plain(path)} can't be made on this machine; its files can't come back before it exists`)
  output.talk(`"${plain(restored.name)}" is back; hyper-store run-service starts it, and its files come from the devices that have them`)
  output.talk('Should the device that this was saved from still run, stop it for good: two stores with one identity damage shared folders')
  return 0
}

async function readBackup(file: string): Promise<Uint8Array> {
  let handle: FileHandle | null = null
  try {
    handle = await open(file, 'r')
    const { size } = await handle.stat()
    if (size > MOST_BYTES) throw badBackup(file)
    return await handle.readFile()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') throw new AppError('NOT_FOUND', { what: file }, { cause: error })
    if (code === 'EISDIR' || code === 'ENOTDIR') throw badBackup(file, error)
    if (code === 'EACCES' || code === 'EPERM')
      throw new AppError('FOLDER_UNREADABLE', { path: file, reason: 'it belongs to another user' }, { cause: error })
    throw error
  } finally {
    await handle?.close()
  }
}

function badBackup(file: string, cause?: unknown): AppError {
  return new AppError('BAD_BACKUP', { file }, { cause })
}
