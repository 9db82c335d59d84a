/** What folders occupy, as lines for people. */
import type { FolderSpace, Retention } from '@hyper-store/client/contract'
import { formatBytes } from './format.ts'
import { plain } from './output.ts'
import type { Output } from './output.ts'

/** The block of one folder. */
export function spaceLines(folder: FolderSpace, output: Output): string[] {
  const rows: [string, number, string][] = [
    ['content', folder.content, 'of the newest version'],
    ['stored', folder.stored, 'of it in the store'],
    ['lent', folder.lent, 'of it in the files alone, since a keeper has it'],
    ['history', folder.history, `of older versions alone, ${formatBytes(folder.reclaimable)} of it may go now`],
    ['records', folder.records, 'names, versions and boards'],
    ['trash', folder.trash, 'replaced or removed on this disk'],
  ]
  const lines = [
    `${output.paint('strong', plain(folder.title))}${folder.path === null ? '' : `  ${plain(folder.path)}`}  ${retentionWords(folder.retention)}`,
  ]
  for (const [name, bytes, words] of rows) lines.push(`  ${name.padEnd(8)} ${formatBytes(bytes).padStart(8)}  ${words}`)
  if (folder.reason !== null) lines.push(`  ${output.paint('warn', plain(folder.reason))}`)
  return lines
}

/** `keeps all versions`, `keeps 10 versions`, `keeps versions of 30 days`. */
export function retentionWords(retention: Retention): string {
  if (retention.keep === 'all') return 'keeps all versions'
  if (retention.keep === 'versions') return `keeps ${retention.versions} ${retention.versions === 1 ? 'version' : 'versions'}`
  return `keeps versions of ${retention.days} ${retention.days === 1 ? 'day' : 'days'}`
}
