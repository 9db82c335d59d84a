/** A file of this disk that is fetched by link: it appears whole, and what an aborted run got is taken up again. */
import { constants } from 'node:fs'
import { chmod, lstat, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { ThingEntry } from '@hyper-store/client'
import { openContent } from './content-reader.ts'
import type { Place } from './thing-ref.ts'
import { diskError, giveTime } from './tree-disk.ts'

/** What is told meanwhile: bytes that are there, and of how many. */
export type OnShare = (held: number, size: number | null) => void

/** What is fetched, and where to. */
export interface Fetching {
  /** Absolute path of the file. */
  readonly file: string
  /** Gives the file its time and mode; null for what has none. */
  readonly entry: ThingEntry | null
  readonly signal: AbortSignal
  readonly onShare: OnShare
}

/**
 * Fetches what is at a place to `<file>.part`, then gives it its name. A part that is there already is gone on with when what
 * it was fetched from has not changed, which `<file>.part.etag` tells. Gives the bytes of the file.
 */
export async function fetchFile(place: Pick<Place, 'client' | 'ref' | 'path' | 'version'>, fetching: Fetching): Promise<number> {
  const { file, entry, signal, onShare } = fetching
  const part = `${file}.part`
  const mark = `${part}.etag`
  const resume = await partOf(part, mark)
  const content = await openContent(place, { signal, ...(resume === null ? {} : { resume }) })
  try {
    const { start, etag, size, bytes } = content
    if (start === 0) {
      // Removed first: what has this name may be a symlink to somewhere.
      await Promise.all([rm(part, { force: true }), rm(mark, { force: true })])
      if (etag !== null) await writeFile(mark, etag, { flag: 'wx' })
    }
    const handle = await open(part, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o666)
    let held = start
    try {
      for await (const chunk of bytes) {
        await handle.writeFile(chunk)
        held += chunk.byteLength
        onShare(held, size)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (entry?.executable === true) await chmod(part, (await lstat(part)).mode | 0o111)
    await giveTime(part, entry?.mtimeMs ?? null)
    await rename(part, file)
    await rm(mark, { force: true })
    return held
  } catch (error) {
    throw diskError(error, file)
  } finally {
    await content.bytes.return()
  }
}

/** How far an aborted run came, and with what; null for none that can be gone on with. */
async function partOf(part: string, mark: string): Promise<{ start: number; etag: string } | null> {
  try {
    const [stat, etag] = [await lstat(part), (await readFile(mark, 'utf8')).trim()]
    return stat.isFile() && stat.size > 0 && etag !== '' ? { start: stat.size, etag } : null
  } catch {
    return null
  }
}
