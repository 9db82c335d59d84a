/** Where on this machine a folder may lie: an existing folder, apart from all others and from the home. */
import { mkdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError, errorCode } from '@hyper-store/client/contract'

/** The real path of an existing folder. Throws BAD_REQUEST, NOT_FOUND, NOT_A_FOLDER. */
export async function existingFolder(given: string): Promise<string> {
  refuseRelative(given)
  try {
    const real = await realpath(given)
    if (!(await stat(real)).isDirectory()) throw new AppError('NOT_A_FOLDER', { path: given })
    return real
  } catch (error) {
    if (errorCode(error) !== undefined) throw error
    throw new AppError('NOT_FOUND', { what: given }, { cause: error })
  }
}

/** The real path of a folder that is made when it is not there. Throws as `existingFolder`, and DISK_FULL, READ_ONLY_DISK. */
export async function madeFolder(given: string): Promise<string> {
  await mkdir(given, { recursive: true }).catch((error: unknown) => {
    throw notMade(given, error)
  })
  return existingFolder(given)
}

/** Throws BAD_REQUEST when a path is not absolute: the store does not know where its caller stands. */
export function refuseRelative(given: string): void {
  if (!path.isAbsolute(given)) throw new AppError('BAD_REQUEST', { reason: 'the path must be absolute' })
}

/** Throws FOLDER_OVERLAP when `root` lies in one of the `taken` folders, or one of them in it; all are real paths. */
export function refuseOverlap(root: string, taken: readonly string[]): void {
  for (const other of taken) if (isInside(root, other) || isInside(other, root)) throw new AppError('FOLDER_OVERLAP', { path: root, other })
}

/** True when `inner` is `outer` or lies in it; both are real paths. */
export function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner)
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}

/** What kept a folder from being made. */
function notMade(given: string, error: unknown): AppError {
  const code = (error as { code?: unknown }).code
  if (code === 'EEXIST' || code === 'ENOTDIR') return new AppError('NOT_A_FOLDER', { path: given }, { cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { path: given }, { cause: error })
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return new AppError('READ_ONLY_DISK', { path: given }, { cause: error })
  return new AppError('BAD_REQUEST', { reason: `${given} can't be made a folder (${String(code)})` }, { cause: error })
}
