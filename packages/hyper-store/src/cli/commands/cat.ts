/** `cat`: the bytes of a file, of a row's value or of all blocks of a core, on stdout. */
import { once } from 'node:events'
import { AppError } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { openContent } from '../content-reader.ts'
import { startProgress } from '../progress.ts'
import { required } from '../references.ts'
import { valueBytes } from '../thing-lines.ts'
import { findThing, wrongKind } from '../thing-ref.ts'
import type { FoundThing } from '../thing-ref.ts'
import { countOf } from './history.ts'

/** Streams; goes on where it was when the device that gives it is lost, for a bounded time. */
export const runCat: Run = async (context, { args: [text], options }) => {
  const { output, signal } = context
  const found = await findThing(context, required(text), countOf(options['version'], '--version') ?? null)
  if (found.thing.kind === 'table') return await printValue(context, found)
  checkIsContent(found)
  const { bytes, size } = await openContent(found, { signal })
  // What is shown on the terminal needs no bar beside it.
  using progress = startProgress({ ...output, quiet: output.quiet || output.terminal }, 'Reading')
  let offset = 0
  for await (const chunk of bytes) {
    if (output.json) output.show({ offset, bytes: Buffer.from(chunk).toString('base64') }, () => [])
    else if (!process.stdout.write(chunk)) await once(process.stdout, 'drain', { signal })
    offset += chunk.byteLength
    progress.update({ share: size === null || size === 0 ? null : offset / size })
  }
  return 0
}

/** Throws WRONG_KIND and BAD_REQUEST unless it is a file, or a core without a path. */
export function checkIsContent(found: FoundThing): void {
  const { thing, entry, path } = found
  if (thing.kind === 'core') {
    if (path !== '') throw new AppError('NOT_FOUND', { what: `"${path}" in a plain core` })
    return
  }
  if (thing.kind !== 'folder') throw wrongKind(found, 'a file, a row or a core', 'hyper-store info tells what it is')
  if (entry === null || entry.kind === 'folder') throw wrongKind(found, 'a file', 'hyper-store ls shows the files in it')
}

/** Throws WRONG_KIND without a key. */
export async function rowAt({ signal }: Context, found: FoundThing) {
  const { client, ref, rawPath, version } = found
  if (rawPath === '') throw wrongKind(found, 'a row', 'add the key to the link; hyper-store ls shows the keys')
  return await client.getRow(ref, { key: rawPath, ...(version === null ? {} : { version: String(version) }) }, { signal })
}

async function printValue(context: Context, found: FoundThing): Promise<number> {
  const { output } = context
  const row = await rowAt(context, found)
  if (output.json) output.show(row, () => [])
  else if (row.type === 'json') output.line(JSON.stringify(row.value))
  else if (!process.stdout.write(valueBytes(row))) await once(process.stdout, 'drain')
  return 0
}
