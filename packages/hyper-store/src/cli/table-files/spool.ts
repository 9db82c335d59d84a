/** Text on its way, kept in a temporary file of its owner alone: what is wrong with any of it shows before any of it is sent. */
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { decodeText, splitLines } from './decode.ts'

const WRITE_CHARS = 256 * 1024

/** The text that was put away; the file goes when it is disposed. */
export interface Spool extends AsyncDisposable {
  readonly bytes: number
  read(): AsyncIterable<Uint8Array>
  /** The text line by line. */
  lines(): AsyncIterable<string>
}

/** Puts all of a text away. Throws what the text throws, and leaves nothing then. */
export async function spoolText(text: AsyncIterable<string>): Promise<Spool> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'hyper-store-rows-'))
  const remove = async (): Promise<void> => rm(folder, { recursive: true, force: true })
  const file = path.join(folder, 'rows')
  let bytes = 0
  try {
    const handle = await open(file, 'w', 0o600)
    try {
      let waiting = ''
      const write = async (): Promise<void> => {
        await handle.appendFile(waiting)
        bytes += Buffer.byteLength(waiting)
        waiting = ''
      }
      for await (const piece of text) {
        waiting += piece
        if (waiting.length >= WRITE_CHARS) await write()
      }
      await write()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await remove()
    throw error
  }
  const read = () => createReadStream(file, { highWaterMark: WRITE_CHARS })
  return { bytes, read, lines: () => splitLines(decodeText(read()), Infinity), [Symbol.asyncDispose]: remove }
}
