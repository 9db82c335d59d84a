/** Which paths stay out of a comparison: the folder's own ignore files, by the rules of folders that are kept, and what the user filters. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { FolderPath } from '../core/entries.ts'
import { createIgnore, IGNORE_FILES } from '../core/ignore-rules.ts'

/** What becomes of a path: compared, left out with all that is in it, or only gone through to what is in it. */
export type Selection = (path: string, isFolder: boolean) => 'in' | 'out' | 'through'

/** The choice by patterns of what stays out, and by the one path that is meant with all that is in it; '' means everything. */
export function selectionOf(patterns: readonly string[], prefix: string): Selection {
  const rules = createIgnore([{ name: '', text: patterns.join('\n') }])
  return (name, isFolder) => {
    if (rules.ignores(name as FolderPath, isFolder)) return 'out'
    if (prefix === '' || name === prefix || name.startsWith(`${prefix}/`)) return 'in'
    return isFolder && prefix.startsWith(`${name}/`) ? 'through' : 'out'
  }
}

/** The rules of the ignore files at the root of a folder, as patterns; none where there are none. */
export async function ignorePatterns(root: string): Promise<string[]> {
  const texts = await Promise.all(IGNORE_FILES.map((name) => readFile(path.join(root, name), 'utf8').catch(() => '')))
  return texts.flatMap((text) => createIgnore([{ name: '', text }]).rules.map(({ pattern }) => pattern))
}
