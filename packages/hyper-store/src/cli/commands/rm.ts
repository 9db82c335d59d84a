/** `rm`: removes a file, a folder or a row, by link. */
import { AppError } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { required } from '../references.ts'
import { pagesOf } from '../table-ref.ts'
import { findThing, wrongKind } from '../thing-ref.ts'
import type { FoundThing } from '../thing-ref.ts'

/** Prints what was removed; with `--json` how much. */
export const runRm: Run = async (context, { args: [text], options }) => {
  const { output, signal } = context
  const found = await findThing(context, required(text))
  const { client, ref, path, version, thing } = found
  const recursive = options['recursive'] === true
  if (version !== null) throw new AppError('USAGE', { reason: 'a version that is past can not be changed; leave it out of the link' })
  if (thing.kind !== 'folder' && thing.kind !== 'table') throw wrongKind(found, 'a folder or a table', 'nothing can be removed from it')
  if (path === '') throw new AppError('USAGE', { reason: 'the root can not be removed; hyper-store remove stops keeping it' })
  if (thing.kind === 'table') return await removeRows(context, found, recursive)
  const { removed } = await client.removeEntry(ref, { path, recursive }, { signal })
  output.show({ path, removed }, () => [`- ${plain(path)}${removed > 1 ? ` (${removed} entries)` : ''}`])
  return 0
}

/** With `recursive` every row of the sub-database goes, else the one of the key. */
async function removeRows({ output, signal }: Context, found: FoundThing, recursive: boolean): Promise<number> {
  const { client, ref, rawPath } = found
  let removed = 0
  if (recursive) {
    for await (const { rows } of pagesOf(client, { ref, version: null }, { prefix: `${rawPath}/` }, { signal })) {
      if (rows.length > 0) await client.changeRows(ref, { changes: rows.map(({ key }) => ({ key, delete: true })) }, { signal })
      removed += rows.length
    }
  }
  if (removed === 0) {
    await client.deleteRow(ref, { key: rawPath }, { signal })
    removed = 1
  }
  output.show({ path: rawPath, removed }, () => [`- ${plain(rawPath)}${removed > 1 ? ` (${removed} rows)` : ''}`])
  return 0
}
