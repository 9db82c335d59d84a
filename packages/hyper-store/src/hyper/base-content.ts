/** Content of an older version that is kept elsewhere: fetched and made known, so that a new version of the file stores only what differs. */
import type { FileEntry } from '../core/entries.ts'
import type { ChunkIndex } from '../core/ports.ts'
import { blocksOf } from './content-read.ts'
import type { LogCore } from './log-core.ts'

/** Blocks that are asked for together, and how long one may take. */
const TOGETHER = 16
const WAIT_MS = 10_000

/** Where it is fetched to. */
export interface BasePlace {
  /** The blobs log of the drive that has the entry. */
  readonly core: LogCore
  /** Chunks of that drive. */
  readonly chunks: ChunkIndex
}

/** False when there is nothing to compare by block, or nobody gave it: the file is stored whole then. */
export async function fetchBase(
  base: FileEntry,
  { core, chunks }: BasePlace,
  options: { signal?: AbortSignal | undefined },
): Promise<boolean> {
  if (base.content === null || !base.content.blockMap) return false
  try {
    const blocks = await blocksOf(() => core, base.content, { wait: true, timeoutMs: WAIT_MS, signal: options.signal })
    for (let at = 0; at < blocks.length; at += TOGETHER) {
      options.signal?.throwIfAborted()
      const part = blocks.slice(at, at + TOGETHER)
      await Promise.all(part.map(async ({ index }) => core.read(index, { wait: true, timeout: WAIT_MS })))
      const hashes = await core.chunkHashes(part.map(({ index }) => index))
      await chunks.putMany(
        part.flatMap(({ index, byteLength }, i) => (hashes[i] == null ? [] : [{ hash: hashes[i], place: { index, byteLength } }])),
      )
    }
    return true
  } catch {
    options.signal?.throwIfAborted()
    return false
  }
}
