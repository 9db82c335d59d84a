/** `backup`: saves who this store is and its keys, in one file that a passphrase opens. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import writeFileAtomic from 'write-file-atomic'
import type { Run } from '../command-spec.ts'
import { readPassphrase } from '../passphrase.ts'
import { absolutePath, required } from '../references.ts'

const LEAST_PASSPHRASE = 8

/** Writes the file for its owner alone, whole or not at all. Throws USAGE for a file that exists, without `--force`. */
export const runBackup: Run = async (context, { args: [given], options }) => {
  const { output, signal } = context
  const file = absolutePath(required(given))
  await refuseTarget(file, options['force'] === true)
  const passphrase = await readPassphrase(context, { twice: true })
  if (passphrase.length < LEAST_PASSPHRASE)
    throw new AppError('USAGE', { reason: `The passphrase is too short; take at least ${LEAST_PASSPHRASE} characters` })
  const client = await context.connect()
  const { backup } = await client.createBackup({ passphrase }, { signal })
  const bytes = Buffer.from(backup, 'base64')
  await writeFileAtomic(file, bytes, { mode: 0o600 }).catch((error: unknown) => {
    throw fileError(file, error)
  })
  output.show({ file, bytes: bytes.length }, () => [file])
  output.talk('It holds the identity and the keys, not the files; without the passphrase nobody can open it, you neither')
  return 0
}

async function refuseTarget(file: string, force: boolean): Promise<void> {
  const there = await stat(file).catch(() => null)
  if (there?.isDirectory() === true) throw new AppError('USAGE', { reason: `${file} is a folder; name a file in it` })
  if (there !== null && !force) throw new AppError('USAGE', { reason: `${file} exists already; name another file, or add --force` })
  const folder = path.dirname(file)
  const parent = await stat(folder).catch(() => null)
  if (parent === null) throw new AppError('NOT_FOUND', { what: folder })
  if (!parent.isDirectory()) throw new AppError('NOT_A_FOLDER', { path: folder })
}

function fileError(file: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return new AppError('READ_ONLY_DISK', { path: file }, { cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { path: file }, { cause: error })
  return error
}
