/** `space`: what the store and its folders occupy, and why. */
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { formatBytes } from '../format.ts'
import { openFolder } from '../references.ts'
import { spaceLines } from '../space-lines.ts'

/** Prints a block for each folder, then the store as a whole. */
export const runSpace: Run = async (context, { args: [folder] }) => {
  const { output, signal } = context
  if (folder !== undefined) {
    const { client, item } = await openFolder(context, folder)
    const found = (await client.getSpace({ signal })).folders.find(({ key }) => key === item.key)
    if (found === undefined) throw new AppError('UNKNOWN_FOLDER', { ref: folder })
    output.show(found, () => spaceLines(found, output))
    return 0
  }
  const client = await context.connect()
  output.show(await client.getSpace({ signal }), ({ folders, cores, state, disk, free }) => [
    ...folders.flatMap((one) => spaceLines(one, output)),
    `${output.paint('strong', 'store')}  ${formatBytes(cores)} content and records, ${formatBytes(state)} state; ${formatBytes(free)} of the disk's ${formatBytes(disk)} free`,
  ])
  return 0
}
