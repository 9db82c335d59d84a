/** Which paths stay out of a comparison: the folder's own ignore files, in gitignore syntax, and what the user filters. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import createMatcher from 'ignore'

/** What becomes of a path: compared, left out with all that is in it, or only gone through to what is in it. */
export type Selection = (path: string, isFolder: boolean) => 'in' | 'out' | 'through'

/** The store's own folder, that of dat-store, and what macOS drops everywhere: as in folders that are kept. */
const ALWAYS = ['/.hyper-store', '/.dat', '.DS_Store']
const FILES = ['.datignore', '.hyperignore']
/** The files may come from another device: what takes for ever to match is left out, as in folders that are kept. */
const LIMITS = { rules: 5000, length: 1024, stars: 3, deep: 4 } as const

/** The choice by patterns of what stays out, and by the one path that is meant with all that is in it; '' means everything. */
export function selectionOf(patterns: readonly string[], prefix: string): Selection {
  const always = createMatcher({ ignorecase: false, allowRelativePaths: true }).add(ALWAYS)
  const own = createMatcher({ ignorecase: false, allowRelativePaths: true }).add(patterns.filter(isBounded).slice(0, LIMITS.rules))
  return (name, isFolder) => {
    const asked = isFolder ? `${name}/` : name
    if (always.ignores(asked) || own.ignores(asked)) return 'out'
    if (prefix === '' || name === prefix || name.startsWith(`${prefix}/`)) return 'in'
    return isFolder && prefix.startsWith(`${name}/`) ? 'through' : 'out'
  }
}

/** The rules of the ignore files at the root of a folder, as patterns; none where there are none. */
export async function ignorePatterns(root: string): Promise<string[]> {
  const texts = await Promise.all(FILES.map((name) => readFile(path.join(root, name), 'utf8').catch(() => '')))
  return texts.flatMap((text) =>
    text
      .replace(/^\ufeff/u, '')
      .split(/\r\n|\n|\r/u)
      .filter((line) => line.trim() !== '' && !line.startsWith('#')),
  )
}

function isBounded(pattern: string): boolean {
  if (pattern.length > LIMITS.length) return false
  const segments = pattern.split('/')
  if (segments.filter((segment) => segment === '**').length > LIMITS.deep) return false
  return segments.every((segment) => segment === '**' || segment.split(/\*+/u).length - 1 <= LIMITS.stars)
}
