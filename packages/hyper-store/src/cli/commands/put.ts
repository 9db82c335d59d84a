/** `put`: writes a file or a row by link, from a file of this disk or from stdin. */
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { AppError, TABLE_LIMITS } from '@hyper-store/client/contract'
import type { Context } from '../context.ts'
import type { Run } from '../command-spec.ts'
import { plain } from '../output.ts'
import { startProgress } from '../progress.ts'
import { absolutePath, required } from '../references.ts'
import { findPlace, wrongKind } from '../thing-ref.ts'
import type { FoundThing } from '../thing-ref.ts'
import { diskError } from '../tree-disk.ts'
import { streamOf } from '../tree-link.ts'

/** Where the content comes from. */
interface Input {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Name, size, time and mode of a file; null for stdin. */
  readonly file: { readonly name: string; readonly size: number; readonly mtimeMs: number; readonly executable: boolean } | null
}

/** Prints the path, or the row. */
export const runPut: Run = async (context, { args: [text, source] }) => {
  const { signal } = context
  const place = await findPlace(context, required(text))
  if (place.version !== null) throw new AppError('USAGE', { reason: 'a version that is past can not be written; leave it out of the link' })
  if (source === undefined && process.stdin.isTTY) throw new AppError('USAGE', { reason: 'name a file, or pipe the content in' })
  const handle = source === undefined || source === '-' ? null : await openFile(absolutePath(source))
  try {
    const input =
      handle === null ? { bytes: process.stdin as AsyncIterable<Uint8Array>, file: null } : await inputOf(handle, source ?? '', signal)
    const thing = await place.client.getThing(place.ref, { signal })
    const found: FoundThing = { ...place, thing, entry: null }
    // Before the content is sent in vain.
    if (!thing.writable && (thing.kind === 'table' || thing.kind === 'folder'))
      throw new AppError('NOT_WRITER', { title: thing.title ?? thing.link })
    if (thing.kind === 'table') await putRow(context, found, input)
    else if (thing.kind === 'folder') await putFile(context, found, input)
    else throw wrongKind(found, 'a folder or a table', 'nothing can be put there')
    return 0
  } finally {
    await handle?.close()
  }
}

async function putFile(context: Context, found: FoundThing, { bytes, file }: Input): Promise<void> {
  const { output, signal } = context
  const { client, ref, path: inside, asFolder } = found
  if ((inside === '' || asFolder) && file === null) throw new AppError('USAGE', { reason: 'add the name of the file to the link' })
  const name = inside !== '' && !asFolder ? inside : [inside, file?.name ?? ''].filter((part) => part !== '').join('/')
  using progress = startProgress(output, plain(name))
  let sent = 0
  const counted = async function* () {
    for await (const chunk of bytes) {
      yield chunk
      sent += chunk.byteLength
      progress.update({ share: file === null || file.size === 0 ? null : Math.min(1, sent / file.size) })
    }
  }
  const about = file === null ? {} : { mtimeMs: Math.floor(file.mtimeMs), executable: file.executable }
  const entry = await client.writeContent(ref, { path: name, ...about }, streamOf(counted()), { signal })
  progress[Symbol.dispose]()
  output.show(entry, () => [plain(entry.path)])
}

async function putRow({ output, signal }: Context, found: FoundThing, { bytes }: Input): Promise<void> {
  const { client, ref, rawPath } = found
  if (rawPath === '') throw wrongKind(found, 'a row', 'add the key to the link')
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > TABLE_LIMITS.valueBytes)
      throw new AppError('BAD_VALUE', { reason: `The value is longer than ${TABLE_LIMITS.valueBytes} bytes; put it in a folder` })
    chunks.push(chunk)
  }
  const value = Buffer.concat(chunks)
  const row = await client.putRow(ref, { key: rawPath, as: isText(value) ? 'json' : 'bytes' }, withoutLastBreak(value), { signal })
  output.show(row, () => [plain(row.key)])
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new AppError('NOT_FOUND', { what: file }, { cause: error })
    throw diskError(error, file)
  }
}

async function inputOf(handle: FileHandle, source: string, signal: AbortSignal): Promise<Input> {
  const facts = await handle.stat()
  if (facts.isDirectory())
    throw new AppError('USAGE', { reason: `${source} is a folder; hyper-store sync ${source} <link> puts all of it` })
  const bytes = handle.createReadStream({ autoClose: false, signal, highWaterMark: 256 * 1024 })
  // A pipe or device has no size and no time that means something.
  if (!facts.isFile()) return { bytes, file: null }
  const executable = process.platform !== 'win32' && (facts.mode & 0o100) !== 0
  return { bytes, file: { name: path.basename(absolutePath(source)), size: facts.size, mtimeMs: facts.mtimeMs, executable } }
}

/** `echo word | hyper-store put` means the word. */
function withoutLastBreak(value: Buffer): Buffer {
  return value.at(-1) === 0x0a && isText(value) ? value.subarray(0, -1) : value
}

function isText(value: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(value)
    return true
  } catch {
    return false
  }
}
