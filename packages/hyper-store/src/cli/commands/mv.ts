/** `mv`: another name or place for a file or folder inside of a folder, by link. */
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { required } from '../references.ts'
import { findPlace } from '../thing-ref.ts'

/** Prints the new path; with `--json` the entry. */
export const runMv: Run = async (context, { args: [text, was, is] }) => {
  const { output, signal } = context
  const { client, ref, path, version } = await findPlace(context, required(text))
  if (version !== null) throw new AppError('USAGE', { reason: 'a version that is past can not be changed; leave it out of the link' })
  const within = (inside: string): string => {
    const bare = inside.replace(/^\/+|\/+$/gu, '')
    if (bare === '') throw new AppError('USAGE', { reason: 'the root can not be moved; give a path inside of the folder' })
    return path === '' ? bare : `${path}/${bare}`
  }
  const entry = await client.moveEntry(ref, { from: within(required(was)), to: within(required(is)) }, { signal })
  output.show(entry, () => [`${plain(entry.path)}${entry.kind === 'folder' ? '/' : ''}`])
  return 0
}
