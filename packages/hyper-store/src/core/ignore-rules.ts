/** Which paths of a folder stay out of sync: the rules of `.hyperignore` and `.datignore`, in gitignore syntax, and three names that always do. */
import createMatcher from 'ignore'
import type { FolderPath } from './entries.ts'
import { PRIVATE_DIR } from './paths.ts'

/** Files at the root of a folder that hold ignore rules; later ones win. They are synced as any file. */
export const IGNORE_FILES = ['.datignore', '.hyperignore'] as const

/** One rule as written. `line` counts from 1. */
export interface IgnoreRule {
  readonly file: string
  readonly line: number
  readonly pattern: string
}

/** Why a path is or is not ignored; the fields of the rule are null when none decided. Built-in rules have a rule and no file. */
export interface IgnoreExplanation {
  readonly ignored: boolean
  readonly rule: string | null
  readonly file: string | null
  readonly line: number | null
}

/** The ignore rules of one folder. */
export interface IgnoreRules {
  /** True when the path, or a folder above it, is left out. */
  ignores(path: FolderPath, isFolder: boolean): boolean
  /** The same for a path (end with `/` for a folder), with the rule that decided. */
  explain(path: string): IgnoreExplanation
  /** Rules in force, in order. */
  readonly rules: readonly IgnoreRule[]
  /** Rules left out because they are too long or have too many wildcards to be matched in bounded time. */
  readonly refused: readonly IgnoreRule[]
}

/** Built-in: the program's own folder, what dat-store kept in folders, and the file that macOS drops everywhere. */
const ALWAYS = [`/${PRIVATE_DIR}`, '/.dat', '.DS_Store'] as const

/** Most rules that are read, and longest pattern: the files may come from another device. */
const IGNORE_LIMITS = { rules: 5000, patternLength: 1024, starsPerSegment: 3, deepStars: 4 } as const

/** The rules of these files, which are given in order of weight: the last matching rule decides. */
export function createIgnore(files: readonly { readonly name: string; readonly text: string }[]): IgnoreRules {
  const rules: IgnoreRule[] = []
  const refused: IgnoreRule[] = []
  for (const file of files) {
    // A byte order mark would make the first rule match nothing.
    const lines = file.text.replace(/^\ufeff/u, '').split(/\r\n|\n|\r/u)
    for (const [index, pattern] of lines.entries()) {
      if (pattern.trim() === '' || pattern.startsWith('#')) continue
      const rule = { file: file.name, line: index + 1, pattern }
      if (rules.length < IGNORE_LIMITS.rules && isBounded(pattern)) rules.push(rule)
      else refused.push(rule)
    }
  }
  const always = createMatcher({ ignorecase: false, allowRelativePaths: true }).add([...ALWAYS])
  const own = createMatcher({ ignorecase: false, allowRelativePaths: true }).add(
    rules.map((rule, index) => ({ pattern: rule.pattern, mark: String(index) })),
  )
  return {
    rules,
    refused,
    ignores(path, isFolder) {
      const asked = isFolder ? `${path}/` : path
      return always.ignores(asked) || (rules.length > 0 && own.ignores(asked))
    },
    explain(path) {
      const asked = path.replace(/^(?:\.?\/)+/u, '')
      if (asked === '') return { ignored: false, rule: null, file: null, line: null }
      // Built-in names first: no rule can bring them back.
      const builtIn = always.checkIgnore(asked)
      if (builtIn.ignored) return { ignored: true, rule: builtIn.rule?.pattern ?? null, file: null, line: null }
      const result = own.checkIgnore(asked)
      const rule = result.rule?.mark === undefined ? undefined : rules[Number(result.rule.mark)]
      return { ignored: result.ignored, rule: rule?.pattern ?? null, file: rule?.file ?? null, line: rule?.line ?? null }
    },
  }
}

/** Patterns become backtracking expressions: `*a*a*a*…` on a long name would hang the scan of everybody who keeps the folder. */
function isBounded(pattern: string): boolean {
  if (pattern.length > IGNORE_LIMITS.patternLength) return false
  const segments = pattern.split('/')
  if (segments.filter((segment) => segment === '**').length > IGNORE_LIMITS.deepStars) return false
  return segments.every((segment) => segment === '**' || segment.split(/\*+/u).length - 1 <= IGNORE_LIMITS.starsPerSegment)
}
