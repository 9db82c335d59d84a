/** `ignore`: which rules apply to a folder, and what they make of a path. */
import path from 'node:path'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { absolutePath, openFolder, required } from '../references.ts'

/** Prints the rules, or with `--test` the verdict on one path. */
export const runIgnore: Run = async (context, { args: [folder], options }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const test = typeof options['test'] === 'string' ? inFolder(options['test'], item.path) : undefined
  const report = await client.getIgnore(item.key, test === undefined ? {} : { test }, { signal })
  output.show(report, ({ rules, test: verdict }) => {
    if (verdict === null) return rules.map(({ file, line, pattern }) => plain(`${file}:${line}`) + `\t${plain(pattern)}`)
    const rule = verdict.rule === null ? '' : `\t${plain(verdict.rule)}`
    return [`${verdict.ignored ? 'ignored' : 'kept'}\t${plain(verdict.path)}${rule}`]
  })
  if (report.rules.length === 0) output.talk('No rules; write patterns in gitignore syntax to .hyperignore in the folder')
  return 0
}

/** A path that was completed by a shell names the file from outside; the rules are asked from inside. */
function inFolder(text: string, root: string | null): string {
  if (root === null || !path.isAbsolute(text)) return text
  const relative = path.relative(root, absolutePath(text))
  return relative.startsWith('..') ? text : relative.split(path.sep).join('/')
}
