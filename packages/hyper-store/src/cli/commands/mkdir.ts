/** `mkdir`: an empty folder inside of a folder, by its link. */
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { required } from '../references.ts'
import { findPlace } from '../thing-ref.ts'

/** Prints its path. */
export const runMkdir: Run = async (context, { args: [text] }) => {
  const { output, signal } = context
  const { client, ref, path, version } = await findPlace(context, required(text))
  if (path === '') throw new AppError('USAGE', { reason: 'the root is there already; add a path to the link' })
  if (version !== null) throw new AppError('USAGE', { reason: 'a version that is past can not be written; leave it out of the link' })
  const entry = await client.makeFolder(ref, { path }, { signal })
  output.show(entry, () => [`${plain(entry.path)}/`])
  return 0
}
