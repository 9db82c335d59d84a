/** Folders of the machine that the store runs on, for choosing one in a page. */
import { mkdir, readdir, realpath, stat, statfs } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { DiskListing } from '@hyper-store/client/contract'
import type { MachineFoldersApi } from '../core/store-api.ts'
import type { FolderRecord } from '../state/records.ts'

/** What is kept already, and what is nobody's to choose. */
export interface MachineFoldersOptions {
  readonly folders: () => readonly Pick<FolderRecord, 'path' | 'title'>[]
  /** Absolute path of the store's own home. */
  readonly home: string
}

const MOST = 2000
const names = new Intl.Collator('en', { numeric: true })

/** Lists and makes folders. Hidden ones, links and the store's own home are not told of. */
export class MachineFolders implements MachineFoldersApi {
  readonly #o: MachineFoldersOptions

  constructor(options: MachineFoldersOptions) {
    this.#o = options
  }

  async list(asked: string | null): Promise<DiskListing> {
    const at = await this.#folder(asked ?? os.homedir())
    let children: string[]
    let free: number
    try {
      // A name that is no UTF-8 can't be asked for again by its text.
      const entries = await readdir(at, { withFileTypes: true })
      children = entries
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !entry.name.includes('\uFFFD'))
        .map(({ name }) => name)
      const disk = await statfs(at)
      free = disk.bavail * disk.bsize
    } catch (error) {
      throw diskError(at, error)
    }
    children.sort((a, b) => names.compare(a, b) || (a < b ? -1 : 1))
    const shown = children.map((name) => ({ name, path: path.join(at, name) })).filter((child) => !isIn(this.#o.home, child.path))
    const parent = path.dirname(at)
    return {
      path: at,
      parent: parent === at ? null : parent,
      folders: shown.slice(0, MOST).map((child) => ({ ...child, keptAs: this.#keptAs(child.path) })),
      more: shown.length > MOST,
      free,
    }
  }

  async make(wanted: string): Promise<{ path: string }> {
    const name = path.basename(wanted)
    if (!path.isAbsolute(wanted) || name === '' || name === '..' || wanted.includes('\0'))
      throw new AppError('BAD_REQUEST', { reason: 'a folder is named by its whole path' })
    const made = path.join(await this.#folder(path.dirname(wanted)), name)
    try {
      await mkdir(made)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new AppError('ALREADY_THERE', { path: made }, { cause: error })
      throw diskError(made, error)
    }
    return { path: made }
  }

  /** The real path of a folder that is there. */
  async #folder(wanted: string): Promise<string> {
    if (!path.isAbsolute(wanted) || wanted.includes('\0')) throw new AppError('NOT_A_FOLDER', { path: wanted })
    try {
      const real = await realpath(wanted)
      if (isIn(this.#o.home, real) || !(await stat(real)).isDirectory()) throw new AppError('NOT_A_FOLDER', { path: wanted })
      return real
    } catch (error) {
      if (errorCode(error) !== undefined) throw error
      throw diskError(wanted, error)
    }
  }

  /** Title of what is kept there, above it or below it. */
  #keptAs(at: string): string | null {
    return this.#o.folders().find(({ path: kept }) => kept !== null && (isIn(at, kept) || isIn(kept, at)))?.title ?? null
  }
}

/** True when `at` is `folder` or lies in it. */
function isIn(folder: string, at: string): boolean {
  const relative = path.relative(folder, at)
  return relative === '' || (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative))
}

function diskError(at: string, error: unknown): AppError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG')
    return new AppError('NOT_A_FOLDER', { path: at }, { cause: error })
  if (code === 'EROFS') return new AppError('READ_ONLY_DISK', { path: at }, { cause: error })
  const reason = code === 'EACCES' || code === 'EPERM' ? 'the service may not' : String(code ?? error)
  return new AppError('FOLDER_UNREADABLE', { path: at, reason }, { cause: error })
}
