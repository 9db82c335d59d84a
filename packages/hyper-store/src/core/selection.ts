/** Selective sync: which paths of a folder are left out of one device's disk. Nothing here is told to other devices. */
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath } from './entries.ts'
import { ancestorsOf, caseKey, comparePaths, parsePath, PRIVATE_DIR } from './paths.ts'

/** Most sub-folders that may be left out, as the contract has it. */
const MAX_EXCLUDED = 1000

/** What is left out. */
export interface Selection {
  /** As normalised: sorted, none below another. */
  readonly excluded: readonly FolderPath[]
  /** True for a path that is left out itself, or lies in one that is. */
  isExcluded(path: FolderPath): boolean
  /** True for a folder that is not left out but holds something that is: it may look empty on disk and is not. */
  holdsExcluded(path: FolderPath): boolean
}

/**
 * A list from outside in its one form: without slashes at the ends and `./`, sorted, nothing twice and nothing below another.
 * Throws BAD_REQUEST, which names the first that is no path in a folder, is the whole folder, or is the program's own.
 */
export function parseExclude(list: readonly string[]): FolderPath[] {
  if (list.length > MAX_EXCLUDED) throw new AppError('BAD_REQUEST', { reason: `at most ${MAX_EXCLUDED} sub-folders can be left out` })
  return outermost(
    list.map((text) => {
      const path = parsePath(text.replace(/^(?:\.\/+)+/u, '').replace(/\/+$/u, ''))
      if (path === null || caseKey(path.split('/')[0] ?? '') === PRIVATE_DIR) {
        throw new AppError('BAD_REQUEST', { reason: `"${text.slice(0, 200)}" is no sub-folder; write its path inside the folder` })
      }
      return path
    }),
  )
}

/**
 * The selection of a list of `parseExclude`; what is no path in it is passed over. On a disk that ignores case and normalisation, so
 * does the selection.
 */
export function createSelection(excluded: readonly string[], options: { caseInsensitive?: boolean } = {}): Selection {
  const list = outermost(excluded.map((text) => parsePath(text)).filter((path) => path !== null))
  const key = options.caseInsensitive === true ? caseKey : (path: string) => path
  const keys = new Set(list.map(key))
  const above = new Set(list.flatMap((path) => ancestorsOf(path)).map(key))
  return {
    excluded: list,
    isExcluded: (path) => keys.size > 0 && (keys.has(key(path)) || ancestorsOf(path).some((folder) => keys.has(key(folder)))),
    holdsExcluded: (path) => above.has(key(path)),
  }
}

/** Without what is named twice or lies below another of the list. */
function outermost(paths: readonly FolderPath[]): FolderPath[] {
  const all = new Set(paths)
  return [...all].filter((path) => !ancestorsOf(path).some((folder) => all.has(folder))).sort(comparePaths)
}
