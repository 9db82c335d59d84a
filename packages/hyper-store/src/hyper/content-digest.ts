/** The name of a file's content (its hash), found by reading alone: nothing is stored. */
import { averageOfHash, chunkParameters, contentHash, createChunker, ONE_CHUNK_MAX } from '../core/chunking.ts'
import { FileChanged, type OpenFile } from '../core/ports.ts'
import { hashBytes } from './hash.ts'
import { chunkHash } from './leaf-hash.ts'

/** Bytes of a file in memory while it is read; the longest chunk has 4 MiB. */
const WINDOW = 8 * 1024 * 1024

/**
 * Hash that the file's content has in a drive; `like` is the hash of a version that it may equal, whose way of cutting is used.
 * Throws FileChanged when the file ends before its size.
 */
export async function contentDigest(file: OpenFile, like: string): Promise<string> {
  const { size } = file.seen
  if (size <= ONE_CHUNK_MAX) return contentHash([chunkHash(await readFully(file, Buffer.allocUnsafe(size), 0))], 0, hashBytes)
  const parameters = chunkParameters(size, averageOfHash(like) ?? undefined)
  const chunker = createChunker(parameters)
  const hashes: Uint8Array[] = []
  const window = Buffer.allocUnsafe(Math.min(WINDOW, size))
  let held = 0
  let read = 0
  while (read < size || held > 0) {
    const more = Math.min(window.byteLength - held, size - read)
    await readFully(file, window.subarray(held, held + more), read)
    read += more
    held += more
    let at = 0
    while (at < held) {
      const end = chunker.nextCut(window, at, held, read === size)
      if (end < 0) break
      hashes.push(chunkHash(window.subarray(at, end)))
      at = end
    }
    window.copyWithin(0, at, held)
    held -= at
  }
  return contentHash(hashes, parameters.average, hashBytes)
}

async function readFully(file: OpenFile, into: Buffer, from: number): Promise<Buffer> {
  for (let at = 0; at < into.byteLength;) {
    const n = await file.read(into.subarray(at), from + at)
    if (n === 0) throw new FileChanged()
    at += n
  }
  return into
}
