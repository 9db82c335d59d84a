/** `restore`: brings back a file, a sub-folder or the whole folder as of a version or a time. */
import type { Restored } from '@hyper-store/client/contract'
import { AppError } from '@hyper-store/client/contract'
import { changeCount, changeLine } from '../change-lines.ts'
import type { Run } from '../command-spec.ts'
import { parseMoment } from '../moment.ts'
import { plain } from '../output.ts'
import { absolutePath, openFolder, required } from '../references.ts'
import { countOf, inFolder } from './history.ts'

/** Prints what was done, or with `--dry-run` what would be. */
export const runRestore: Run = async (context, { args: [folder, file], options }) => {
  const { output, signal } = context
  const version = countOf(options['version'], '--version')
  const at = typeof options['at'] === 'string' ? parseMoment(options['at'], '--at') : undefined
  if ((version === undefined) === (at === undefined))
    throw new AppError('USAGE', { reason: 'restore wants --version or --at, one of the two' })
  const to = typeof options['to'] === 'string' ? absolutePath(options['to']) : undefined
  const dryRun = options['dryRun'] === true
  const { client, item } = await openFolder(context, required(folder))
  const restored = await client.restoreFolder(
    item.key,
    {
      ...(file === undefined ? {} : { path: inFolder(file, item.path) }),
      ...(version === undefined ? {} : { version }),
      ...(at === undefined ? {} : { at }),
      ...(to === undefined ? {} : { to }),
      dryRun,
    },
    { signal },
  )
  output.show(restored, ({ changes, version: found, to: place }: Restored) => [
    ...changes.map((change) => changeLine(change, output)),
    `${changeCount(changes)}${dryRun ? ' to be made' : ''}: ${place === null ? plain(item.title) : plain(place)} as of version ${found}`,
  ])
  if (to === undefined && !dryRun && restored.changes.length > 0) output.talk('What was replaced or removed is in hyper-store trash')
  return 0
}
