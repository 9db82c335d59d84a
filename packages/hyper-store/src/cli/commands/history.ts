/** `history`: the versions of a folder or of a file, newest first. */
import path from 'node:path'
import type { HistoryVersion } from '@hyper-store/client/contract'
import { AppError } from '@hyper-store/client/contract'
import { changeLine } from '../change-lines.ts'
import type { Run } from '../command-spec.ts'
import { formatMoment } from '../format.ts'
import { plain } from '../output.ts'
import type { Output } from '../output.ts'
import { absolutePath, openFolder, required } from '../references.ts'

/** Versions asked for at once, and of each so many changes shown. */
const PAGE = 200
const CHANGES_SHOWN = 10

/** Prints a block for each version. */
export const runHistory: Run = async (context, { args: [folder, file], options }) => {
  const { output, signal } = context
  const { client, item } = await openFolder(context, required(folder))
  const limit = countOf(options['limit'], '--limit') ?? 20
  let before = countOf(options['before'], '--before')
  const within = file === undefined ? {} : { path: inFolder(file, item.path) }
  for (let left = limit; left > 0;) {
    const query = { ...within, limit: String(Math.min(left, PAGE)), ...(before === undefined ? {} : { before: String(before) }) }
    const { versions, more } = await client.getHistory(item.key, query, { signal })
    for (const version of versions) output.show(version, () => versionLines(version, output))
    left -= versions.length
    before = versions.at(-1)?.version
    if (!more || before === undefined) return 0
  }
  output.talk(`There are older versions: hyper-store history ${folder ?? ''} --before ${before ?? 0}`)
  return 0
}

function versionLines(version: HistoryVersion, output: Output): string[] {
  const { changes, count } = version
  const when = version.at === null ? 'time unknown' : formatMoment(version.at)
  const lines = [`${output.paint('strong', `version ${version.version}`)}  ${when}  ${plain(version.device)}`]
  for (const change of changes.slice(0, CHANGES_SHOWN)) lines.push(`  ${changeLine(change, output)}`)
  const shown = Math.min(changes.length, CHANGES_SHOWN)
  if (count > shown) lines.push(`  and ${count - shown} more`)
  return lines
}

/** A path as the folder knows it: one that a shell completed names the file from outside. */
export function inFolder(text: string, root: string | null): string {
  if (root === null) return text
  const full = absolutePath(text)
  const relative = path.relative(root, full)
  const isOutside = relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
  if (path.isAbsolute(text) && isOutside) throw new AppError('USAGE', { reason: `"${text}" does not lie in ${root}` })
  // What is named as in the folder wins; from within the folder, `./` names it as seen from where one stands.
  if (!path.isAbsolute(text) && (isOutside || !text.startsWith('.'))) return text.replace(/^\.\//, '')
  return relative.split(path.sep).join('/')
}

/** A whole number above 0 that an option was given; undefined when it was not given. Throws USAGE. */
export function countOf(value: string | boolean | undefined, option: string): number | undefined {
  if (typeof value !== 'string') return undefined
  if (!/^\d{1,15}$/.test(value) || Number(value) < 1)
    throw new AppError('USAGE', { reason: `${option} wants a whole number from 1 on, not "${value}"` })
  return Number(value)
}
