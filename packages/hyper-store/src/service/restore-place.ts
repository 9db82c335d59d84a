/** Where a restored copy goes: a new or empty folder, or a free name for a file, outside of the folder and of the home. */
import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import { isInside, madeFolder } from './folder-places.ts'

/** A place for a copy: the folder to write into and, for a single file, its name there. */
export interface RestorePlace {
  readonly root: string
  readonly name: string | null
  /** What is told: the file or folder that comes to be. */
  readonly to: string
}

/**
 * Checks a place and gives it; nothing is made. `isFile`: one file named `name` is restored, and a place that is a folder takes
 * it under that name. Throws BAD_REQUEST, FOLDER_NOT_EMPTY, NOT_A_FOLDER.
 */
export async function checkPlace(
  to: string,
  what: { readonly isFile: boolean; readonly name: string },
  outside: { readonly folder: string | null; readonly home: string },
): Promise<RestorePlace> {
  if (!path.isAbsolute(to) || to.includes('\0'))
    throw new AppError('BAD_REQUEST', { reason: 'the place to restore to must be an absolute path' })
  const real = await realOf(path.resolve(to))
  if (outside.folder !== null && isInside(real, await realOf(outside.folder)))
    throw new AppError('BAD_REQUEST', { reason: `${to} lies in the folder itself; restore in place, or name a place outside` })
  if (isInside(real, await realOf(outside.home))) throw new AppError('BAD_REQUEST', { reason: `${to} lies in the home of the store` })
  const there = await stat(real).catch(() => null)
  if (!what.isFile) {
    if (there !== null && !there.isDirectory()) throw new AppError('NOT_A_FOLDER', { path: to })
    if (there !== null && (await readdir(real)).length > 0) throw new AppError('FOLDER_NOT_EMPTY', { path: to })
    return { root: real, name: null, to: real }
  }
  const file = there?.isDirectory() === true ? path.join(real, what.name) : real
  if ((await stat(file).catch(() => null)) !== null)
    throw new AppError('BAD_REQUEST', { reason: `${file} is there already; name a free place` })
  return { root: path.dirname(file), name: path.basename(file), to: file }
}

/** Makes the folder of a place. Throws as `madeFolder`. */
export async function makePlace(place: RestorePlace): Promise<void> {
  await madeFolder(place.root)
}

/** The real path, of as much as is there. */
async function realOf(file: string): Promise<string> {
  const real = await realpath(file).catch(() => null)
  if (real !== null) return real
  const parent = path.dirname(file)
  return parent === file ? file : path.join(await realOf(parent), path.basename(file))
}
