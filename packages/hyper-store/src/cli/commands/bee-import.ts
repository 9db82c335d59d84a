/** `bee import`: many rows out of a file, all or none. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { AppError } from '@hyper-store/client/contract'
import type { Run } from '../command-spec.ts'
import { startProgress } from '../progress.ts'
import type { Progress } from '../progress.ts'
import { absolutePath, required } from '../references.ts'
import { fileFormat } from '../table-files/file-format.ts'
import { readRows, rowLines } from '../table-files/read-rows.ts'
import { spoolText } from '../table-files/spool.ts'
import { tableRef } from '../table-ref.ts'

/** Reads the whole file before anything is sent, then puts its rows and prints how many. */
export const runBeeImport: Run = async (context, { args: [table, file], options }) => {
  const { output, signal } = context
  const { ref } = tableRef(required(table))
  const name = required(file)
  const format = fileFormat(name, options['format'])
  using progress = startProgress(output, 'Importing')
  const { bytes, size } =
    name === '-' ? { bytes: process.stdin as AsyncIterable<Uint8Array>, size: null } : await openFile(absolutePath(name))
  let rows = 0
  const read = readRows(told(bytes, size, { progress, note: () => `${rows} rows read`, signal }), format, String(options['key'] ?? 'key'))
  await using spool = await spoolText(rowLines(read, () => (rows += 1)))
  const client = await context.connect()
  const lines = told(spool.read(), spool.bytes, { progress, note: () => `${rows} rows`, signal })
  const body = Readable.toWeb(Readable.from(lines, { objectMode: false })) as NodeReadableStream<Uint8Array> as ReadableStream<Uint8Array>
  const done = await client.importRows(ref, body, { signal })
  progress[Symbol.dispose]()
  output.show(done, ({ changed }) => [String(changed)])
  output.talk(`The table is at version ${done.version}`)
  return 0
}

async function openFile(file: string): Promise<{ bytes: AsyncIterable<Uint8Array>; size: number }> {
  const found = await stat(file).catch(() => null)
  if (found === null) throw new AppError('NOT_FOUND', { what: file })
  if (found.isDirectory()) throw new AppError('USAGE', { reason: `${file} is a folder; name a file in it` })
  return { bytes: createReadStream(file, { highWaterMark: 256 * 1024 }), size: found.size }
}

/** The same bytes, with progress. */
async function* told(
  bytes: AsyncIterable<Uint8Array>,
  size: number | null,
  { progress, note, signal }: { readonly progress: Progress; readonly note: () => string; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array, void> {
  let seen = 0
  for await (const part of bytes) {
    signal.throwIfAborted()
    yield part
    seen += part.byteLength
    progress.update({ share: size === null || size === 0 ? null : Math.min(1, seen / size), note: note() })
  }
}
