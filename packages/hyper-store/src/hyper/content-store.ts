/** File content in a drive's blobs log: content-defined chunks written once, stock block maps, verified reads, shared ranges. */
import { averageOfHash, chunkParameters, contentHash, ONE_CHUNK_MAX } from '../core/chunking.ts'
import type { ContentRef, DriveId, FileEntry } from '../core/entries.ts'
import {
  FileChanged,
  type ChunkIndex,
  type ChunkPlace,
  type FilePart,
  type OnBytes,
  type OpenFile,
  type StoredContent,
  type WaitOptions,
} from '../core/ports.ts'
import { AppError } from '@hyper-store/client/contract'
import { decodeBlockMap, encodeBlockMap, MAX_CHUNKS, type MappedBlock } from './block-map.ts'
import { FileImport } from './file-import.ts'
import { hashBytes, hex } from './hash.ts'
import { chunkHash, rememberChunkHash } from './leaf-hash.ts'
import type { LogCore } from './log-core.ts'

/** Blocks read ahead when content is read, at least one and at most this many bytes. */
const READ_AHEAD_BYTES = 2 * 1024 * 1024

/** How content is read. With `wait`, blocks that are not here are asked from peers, for `timeoutMs` each at most (default: no limit). */
export interface ReadOptions {
  readonly wait: boolean
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

function getOptions(options: ReadOptions): { wait: boolean; timeout?: number } {
  return options.timeoutMs === undefined ? { wait: options.wait } : { wait: options.wait, timeout: options.timeoutMs }
}

/** The blocks of a file in order; throws DEFECT when the map is damaged or points outside the log. */
export async function blocksOf(core: LogCore, content: ContentRef, options: ReadOptions = { wait: false }): Promise<MappedBlock[]> {
  if (!content.blockMap) {
    if (content.blockLength === 1) return [{ index: content.blockOffset, byteLength: content.byteLength }]
    return plainBlocks(core, content, options)
  }
  if (content.blockLength > 64) throw new AppError('DEFECT', { reason: 'a block map is too large' })
  const buffers = await readBlocks(core, content.blockOffset, content.blockOffset + content.blockLength, options)
  const blocks = decodeBlockMap(buffers, core.length)
  if (blocks === null) throw new AppError('DEFECT', { reason: 'a block map is damaged' })
  return blocks
}

// A stock blob is a run of blocks of 64 KiB but the last; the writer may have chosen other sizes, so lengths are read where that does not add up.
async function plainBlocks(core: LogCore, content: ContentRef, options: ReadOptions): Promise<MappedBlock[]> {
  const usual = 64 * 1024
  const last = content.byteLength - usual * (content.blockLength - 1)
  const blocks: MappedBlock[] = []
  if (last > 0 && last <= usual) {
    for (let i = 0; i < content.blockLength; i++)
      blocks.push({ index: content.blockOffset + i, byteLength: i === content.blockLength - 1 ? last : usual })
    return blocks
  }
  for (let i = 0; i < content.blockLength; i++) {
    const [block] = await readBlocks(core, content.blockOffset + i, content.blockOffset + i + 1, options)
    blocks.push({ index: content.blockOffset + i, byteLength: block?.byteLength ?? 0 })
  }
  return blocks
}

async function readBlocks(core: LogCore, start: number, end: number, options: ReadOptions): Promise<Uint8Array[]> {
  const reads: Promise<Uint8Array | null>[] = []
  for (let i = start; i < end; i++) reads.push(core.read(i, getOptions(options)))
  return (await Promise.all(reads)).map((block) => {
    if (block === null) throw new AppError('NO_PEER')
    return block
  })
}

/** Stores and reads content in the blobs log of one drive. */
export class ContentStore {
  readonly #drive: DriveId
  readonly #core: LogCore
  readonly #chunks: ChunkIndex

  constructor(drive: DriveId, core: LogCore, chunks: ChunkIndex) {
    this.#drive = drive
    this.#core = core
    this.#chunks = chunks
  }

  /** Stores small contents (each at most ONE_CHUNK_MAX) with one append; content that is known is not stored again. */
  async storeSmall(contents: readonly Uint8Array[]): Promise<StoredContent[]> {
    const hashes = contents.map((c) => chunkHash(c))
    const places = await this.#lookUp(hashes)
    const fresh: { hash: Uint8Array; block: Uint8Array }[] = []
    const freshAt = new Map<string, number>()
    for (const [i, content] of contents.entries()) {
      const hash = hashes[i]
      if (hash === undefined || content.byteLength === 0 || places[i] !== undefined || freshAt.has(hex(hash))) continue
      freshAt.set(hex(hash), fresh.length)
      fresh.push({ hash, block: content })
    }
    for (const { block, hash } of fresh) rememberChunkHash(block, hash)
    const first = fresh.length === 0 ? 0 : await this.#core.append(fresh.map((f) => f.block))
    await this.#chunks.putMany(fresh.map((f, i) => ({ hash: f.hash, place: { index: first + i, byteLength: f.block.byteLength } })))
    return contents.map((content, i) => {
      const hash = hashes[i]
      if (hash === undefined) throw new Error('each content was hashed')
      const index = places[i]?.index ?? first + (freshAt.get(hex(hash)) ?? 0)
      return {
        hash: contentHash([hash], 0, hashBytes),
        size: content.byteLength,
        content: content.byteLength === 0 ? null : this.#plain(index, content.byteLength),
      }
    })
  }

  /**
   * Stores a file of any size with flat memory. With `base`, its chunk boundaries are tried first, so that an edit costs
   * hashing only. Throws FileChanged when the file was written meanwhile.
   */
  async storeFile(file: OpenFile, base: FileEntry | null, options: WaitOptions & { onBytes?: OnBytes } = {}): Promise<StoredContent> {
    const size = file.seen.size
    if (size <= ONE_CHUNK_MAX) {
      const bytes = await readWhole(file, size)
      await unchanged(file)
      const [stored] = await this.storeSmall([bytes])
      options.onBytes?.(size)
      if (stored === undefined) throw new Error('storeSmall answers each content')
      return stored
    }
    const params = chunkParameters(size, base === null ? undefined : (averageOfHash(base.hash) ?? undefined))
    const predicted = await this.#predict(base)
    const import_ = new FileImport(this.#core, this.#chunks, params, predicted)
    await import_.run(file, size, options)
    await unchanged(file)
    const { blocks, hashes } = import_.result()
    if (blocks.length > MAX_CHUNKS) throw new AppError('DEFECT', { reason: 'the file has too many chunks' })
    const map = encodeBlockMap(blocks)
    const mapHash = hashBytes(...map, Buffer.from('map'))
    const [known] = await this.#lookUp([mapHash])
    const byteLength = map.reduce((n, b) => n + b.byteLength, 0)
    const blockOffset = known?.index ?? (await this.#core.append(map))
    if (known === undefined) await this.#chunks.putMany([{ hash: mapHash, place: { index: blockOffset, byteLength } }])
    return {
      size,
      hash: contentHash(hashes, params.average, hashBytes),
      content: { drive: this.#drive, byteOffset: 0, blockOffset, blockLength: map.length, byteLength, blockMap: true },
    }
  }

  async #lookUp(hashes: readonly Uint8Array[]): Promise<(ChunkPlace | undefined)[]> {
    const length = this.#core.length
    // An index that outlived a lost tail of the log must not point past its end.
    return (await this.#chunks.getMany(hashes)).map((place) => (place !== undefined && place.index < length ? place : undefined))
  }

  async #predict(base: FileEntry | null): Promise<readonly MappedBlock[]> {
    if (base?.content == null || base.content.drive !== this.#drive || !base.content.blockMap) return []
    try {
      return await blocksOf(this.#core, base.content)
    } catch {
      return [] // without the old map everything is cut afresh
    }
  }

  #plain(index: number, byteLength: number): ContentRef {
    return { drive: this.#drive, byteOffset: 0, blockOffset: index, blockLength: 1, byteLength, blockMap: false }
  }
}

async function readWhole(file: OpenFile, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(size)
  let at = 0
  while (at < size) {
    const n = await file.read(bytes.subarray(at), at)
    if (n === 0) throw new FileChanged()
    at += n
  }
  return bytes
}

async function unchanged(file: OpenFile): Promise<void> {
  const now = await file.lookAgain()
  const { seen } = file
  if (now === null || now.size !== seen.size || now.mtimeMs !== seen.mtimeMs || now.ino !== seen.ino) throw new FileChanged()
}

/** The parts of a file: ranges that `base` has in the same chunks are taken from there, the rest from the log. */
export async function partsOf(entry: FileEntry, base: FileEntry | null, coreOf: (drive: DriveId) => LogCore): Promise<FilePart[]> {
  if (entry.content === null) return []
  const core = coreOf(entry.content.drive)
  const blocks = await blocksOf(core, entry.content)
  const baseAt = new Map<number, number>()
  if (base?.content != null && base.content.drive === entry.content.drive) {
    let at = 0
    for (const block of await blocksOf(core, base.content)) {
      baseAt.set(block.index, at)
      at += block.byteLength
    }
  }
  const parts: FilePart[] = []
  let run: { kind: 'base' | 'store'; offset: number; length: number; baseOffset: number; blocks: MappedBlock[] } | null = null
  const close = () => {
    if (run === null) return
    const done = run
    if (done.kind === 'base') parts.push({ from: 'base', offset: done.offset, length: done.length, baseOffset: done.baseOffset })
    else
      parts.push({ from: 'store', offset: done.offset, length: done.length, read: () => streamBlocks(core, done.blocks, { wait: false }) })
    run = null
  }
  let offset = 0
  for (const block of blocks) {
    const baseOffset = baseAt.get(block.index)
    if (baseOffset !== undefined) {
      if (run?.kind === 'base' && run.baseOffset + run.length === baseOffset) run.length += block.byteLength
      else {
        close()
        run = { kind: 'base', offset, length: block.byteLength, baseOffset, blocks: [] }
      }
    } else if (run?.kind === 'store') {
      run.blocks.push(block)
      run.length += block.byteLength
    } else {
      close()
      run = { kind: 'store', offset, length: block.byteLength, baseOffset: 0, blocks: [block] }
    }
    offset += block.byteLength
  }
  close()
  return parts
}

/** A byte range `[start, end)` of a file. With `wait`, blocks that are not here are asked from peers. */
export async function* readRange(
  core: LogCore,
  content: ContentRef,
  range: { start: number; end: number },
  options: ReadOptions,
): AsyncIterable<Uint8Array> {
  const blocks = await blocksOf(core, content, options)
  const wanted: MappedBlock[] = []
  let at = 0
  let skip = 0
  for (const block of blocks) {
    const end = at + block.byteLength
    if (end > range.start && at < range.end) {
      if (wanted.length === 0) skip = range.start - at
      wanted.push(block)
    }
    at = end
  }
  let left = Math.min(range.end, at) - range.start
  for await (const block of streamBlocks(core, wanted, options)) {
    const piece = block.subarray(skip, skip + left)
    skip = 0
    left -= piece.byteLength
    if (piece.byteLength > 0) yield piece
  }
}

/** Blocks in order, some read ahead. A block whose length is not what the map says ends it with DEFECT. */
async function* streamBlocks(core: LogCore, blocks: readonly MappedBlock[], options: ReadOptions): AsyncIterable<Uint8Array> {
  const ahead: Promise<Uint8Array | null>[] = []
  let next = 0
  let bytesAhead = 0
  for (const block of blocks) {
    options.signal?.throwIfAborted()
    while (next < blocks.length && (ahead.length === 0 || bytesAhead < READ_AHEAD_BYTES)) {
      const wanted = blocks[next++]
      if (wanted === undefined) break
      bytesAhead += wanted.byteLength
      const read = core.read(wanted.index, getOptions(options))
      read.catch(() => undefined) // reported where it is awaited
      ahead.push(read)
    }
    const bytes = await ahead.shift()?.catch((error: unknown) => {
      throw (error as { code?: unknown }).code === 'REQUEST_TIMEOUT' ? new AppError('NO_PEER', {}, { cause: error }) : error
    })
    bytesAhead -= block.byteLength
    if (bytes == null) throw new AppError('NO_PEER')
    if (bytes.byteLength !== block.byteLength) throw new AppError('DEFECT', { reason: 'a block has another length than the map says' })
    yield bytes
  }
}
