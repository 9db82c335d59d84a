/** `conflicts`: files of which several versions stand side by side, and which of them to keep. */
import type { Conflict } from '@hyper-store/client'
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { formatBytes, formatMoment } from '../format.ts'
import { plain } from '../output.ts'
import type { Output } from '../output.ts'
import { openFolder, pathInFolder, required } from '../references.ts'

/** Lists conflicts; with `keep` settles one, for all members, and lists what is left. */
export const runConflicts: Run = async (context, { args: [folder, action, which, file] }) => {
  const { output, signal } = context
  if (action !== undefined && (which === undefined || file === undefined)) {
    throw new AppError('USAGE', { reason: 'Write conflicts <folder> keep mine, theirs or both, and the file' })
  }
  const { client, item } = await openFolder(context, required(folder))
  if (action === undefined) {
    const conflicts = await client.listConflicts(item.key, { signal })
    show(output, conflicts)
    if (conflicts.length === 0) output.talk(`${plain(item.title)} has no conflicts`)
    return 0
  }
  const path = pathInFolder(required(file), item.path)
  const left = await client.settleConflict(item.key, { path, keep: which as 'mine' | 'theirs' | 'both' }, { signal })
  show(output, left)
  output.talk(
    `${plain(path)} is settled for all members; ${left.length === 0 ? 'no conflict is' : `${left.length} more ${left.length === 1 ? 'is' : 'are'}`} left`,
  )
  return 0
}

function show(output: Output, conflicts: readonly Conflict[]): void {
  if (output.json) for (const conflict of conflicts) output.show(conflict, () => [])
  else output.table(conflicts.map(row))
}

/** File, who wrote it and when; then the same of the copy beside it. */
function row({ path, device, mtimeMs, size, copy, copyDevice, copyMtimeMs, copySize }: Conflict): string[] {
  return [plain(path), side(device, size, mtimeMs), plain(copy), side(copyDevice, copySize, copyMtimeMs)]
}

function side(device: string, size: number, mtimeMs: number): string {
  return `${plain(device)}, ${formatBytes(size)}, ${formatMoment(momentOf(mtimeMs))}`
}

/** Times come from other devices: what is no date is shown as the number that it is. */
function momentOf(mtimeMs: number): string {
  const date = new Date(mtimeMs)
  return Number.isNaN(date.getTime()) ? String(mtimeMs) : date.toISOString()
}
