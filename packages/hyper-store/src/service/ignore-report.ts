/** What a folder's ignore rules are, and what they say about one path. */
import type { IgnoreReport } from '@hyper-store/client/contract'
import type { IgnoreRules } from '../core/ignore-rules.ts'

/** Reports on `rules`, undefined for a folder without files on disk, and on the path `test` unless it is null. */
export function ignoreReport(rules: IgnoreRules | undefined, test: string | null): IgnoreReport {
  if (rules === undefined) return { rules: [], test: test === null ? null : { path: test, ignored: false, rule: null } }
  return {
    rules: rules.rules.map((r) => ({ file: r.file, line: r.line, pattern: r.pattern })),
    test: test === null ? null : testOf(rules, test),
  }
}

function testOf(rules: IgnoreRules, path: string): NonNullable<IgnoreReport['test']> {
  const told = rules.explain(path)
  return { path, ignored: told.ignored, rule: told.rule === null ? null : `${told.file ?? ''}:${told.line ?? 0} ${told.rule}` }
}
