/** What failed system calls mean: sentences for the user, outcomes for the plan, or defects. */
import { AppError } from '@hyper-store/client/contract'
import type { DiskOutcome } from '../core/ports.ts'

/** Why a step on the disk was not done. */
export type Refusal = Extract<DiskOutcome, { done: false }>['why']

/** The system's error name (`ENOENT`), or undefined for errors of another kind. */
export function errno(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

/** What to throw for a failed write below `root`: DISK_FULL, READ_ONLY_DISK, FOLDER_UNREADABLE, or the error as it came. */
export function writeError(error: unknown, root: string): unknown {
  const code = errno(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { path: root }, { cause: error })
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return new AppError('READ_ONLY_DISK', { path: root }, { cause: error })
  return deviceError(error, root)
}

/** What to throw for a failed read of `path`: FOLDER_UNREADABLE, or the error as it came. */
export function readError(error: unknown, path: string): unknown {
  const code = errno(error)
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError('FOLDER_UNREADABLE', { path, reason: 'permission denied' }, { cause: error })
  }
  return deviceError(error, path)
}

/** A disk that went away or broke looks like this on any call. */
function deviceError(error: unknown, path: string): unknown {
  const code = errno(error)
  if (code === 'EIO' || code === 'ESTALE' || code === 'ENOTCONN' || code === 'ENODEV' || code === 'ENXIO') {
    return new AppError('FOLDER_UNREADABLE', { path, reason: `the disk reports ${code}` }, { cause: error })
  }
  return error
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ENAMETOOLONG: 'unsafe',
  EINVAL: 'unsafe', // a name that this file system can't hold
  EILSEQ: 'unsafe',
  ELOOP: 'unsafe',
  ENOENT: 'changed', // something that was just checked is gone
  EEXIST: 'exists',
  ENOTDIR: 'blocked',
  EISDIR: 'blocked',
  ENOTEMPTY: 'blocked',
  EXDEV: 'blocked', // another disk is mounted inside the folder
  EBUSY: 'blocked',
}

/** The outcome for errors that concern one path only; all others are thrown, translated by `writeError`. */
export function refusalOf(error: unknown, root: string): DiskOutcome {
  const why = REFUSALS[errno(error) ?? '']
  if (why === undefined) throw writeError(error, root)
  return { done: false, why }
}
