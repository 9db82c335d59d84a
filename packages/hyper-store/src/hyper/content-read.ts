/** Reads content: the blocks that make up a file, in whichever drives of the folder they lie, and ranges of its bytes. */
import type { ContentRef, DriveId, FileEntry } from '../core/entries.ts'
import type { FilePart } from '../core/ports.ts'
import { AppError } from '@hyper-store/client/contract'
import { decodeBlockMap } from './block-map.ts'
import type { LogCore } from './log-core.ts'
import { decodePartsMap, type PlacedBlock } from './parts-map.ts'

/** Blocks read ahead when content is read, at least one and at most this many bytes. */
const READ_AHEAD_BYTES = 2 * 1024 * 1024

/** The blobs log of a drive of the folder; throws NO_PEER for one that is not known here. */
export type CoreOf = (drive: DriveId) => LogCore

/** How content is read. With `wait`, blocks that are not here are asked from peers, for `timeoutMs` each at most (default: no limit). */
export interface ReadOptions {
  readonly wait: boolean
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

function getOptions(options: ReadOptions): { wait: boolean; timeout?: number } {
  return options.timeoutMs === undefined ? { wait: options.wait } : { wait: options.wait, timeout: options.timeoutMs }
}

/**
 * The blocks of a file in order; throws DEFECT when the map is damaged or points outside its own log, NO_PEER when it points to a
 * drive, or an end of one, that is not known here.
 */
export async function blocksOf(coreOf: CoreOf, content: ContentRef, options: ReadOptions = { wait: false }): Promise<PlacedBlock[]> {
  const { drive } = content
  const core = coreOf(drive)
  if (!content.blockMap && content.parts !== true) {
    if (content.blockLength === 1) return [{ drive, index: content.blockOffset, byteLength: content.byteLength }]
    return plainBlocks(core, content, options)
  }
  if (content.blockLength > 64) throw new AppError('DEFECT', { reason: 'a block map is too large' })
  const buffers = await readBlocks(core, content.blockOffset, content.blockOffset + content.blockLength, options)
  if (content.parts === true) return checkedParts(coreOf, drive, decodePartsMap(buffers))
  const blocks = decodeBlockMap(buffers, core.length)
  if (blocks === null) throw new AppError('DEFECT', { reason: 'a block map is damaged' })
  return blocks.map((block) => ({ drive, ...block }))
}

function checkedParts(coreOf: CoreOf, own: DriveId, blocks: PlacedBlock[] | null): PlacedBlock[] {
  if (blocks === null) throw new AppError('DEFECT', { reason: 'a map of parts is damaged' })
  const lengths = new Map<DriveId, number>()
  for (const { drive, index } of blocks) {
    const length = lengths.get(drive) ?? coreOf(drive).length
    lengths.set(drive, length)
    if (index < length) continue
    // The end of another drive may still be on its way.
    throw drive === own ? new AppError('DEFECT', { reason: 'a map of parts points outside' }) : new AppError('NO_PEER')
  }
  return blocks
}

// A stock blob is a run of blocks of 64 KiB but the last; the writer may have chosen other sizes, so lengths are read where that does not add up.
async function plainBlocks(core: LogCore, content: ContentRef, options: ReadOptions): Promise<PlacedBlock[]> {
  const usual = 64 * 1024
  const { drive } = content
  const last = content.byteLength - usual * (content.blockLength - 1)
  const blocks: PlacedBlock[] = []
  if (last > 0 && last <= usual) {
    for (let i = 0; i < content.blockLength; i++)
      blocks.push({ drive, index: content.blockOffset + i, byteLength: i === content.blockLength - 1 ? last : usual })
    return blocks
  }
  for (let i = 0; i < content.blockLength; i++) {
    const [block] = await readBlocks(core, content.blockOffset + i, content.blockOffset + i + 1, options)
    blocks.push({ drive, index: content.blockOffset + i, byteLength: block?.byteLength ?? 0 })
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

const nameOf = (block: PlacedBlock): string => `${block.drive}/${block.index}`

/** The parts of a file: ranges that `base` has in the same chunks are taken from there, the rest from the logs. */
export async function partsOf(entry: FileEntry, base: FileEntry | null, coreOf: CoreOf): Promise<FilePart[]> {
  if (entry.content === null) return []
  const blocks = await blocksOf(coreOf, entry.content)
  const baseAt = new Map<string, number>()
  let at = 0
  // Without the old map all is read from the logs.
  for (const block of base?.content == null ? [] : await blocksOf(coreOf, base.content).catch(() => [])) {
    baseAt.set(nameOf(block), at)
    at += block.byteLength
  }
  const parts: FilePart[] = []
  let run: { kind: 'base' | 'store'; offset: number; length: number; baseOffset: number; blocks: PlacedBlock[] } | null = null
  const close = () => {
    if (run === null) return
    const done = run
    if (done.kind === 'base') parts.push({ from: 'base', offset: done.offset, length: done.length, baseOffset: done.baseOffset })
    else
      parts.push({
        from: 'store',
        offset: done.offset,
        length: done.length,
        read: () => streamBlocks(coreOf, done.blocks, { wait: false }),
      })
    run = null
  }
  let offset = 0
  for (const block of blocks) {
    const baseOffset = baseAt.get(nameOf(block))
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
  coreOf: CoreOf,
  content: ContentRef,
  range: { start: number; end: number },
  options: ReadOptions,
): AsyncIterable<Uint8Array> {
  const blocks = await blocksOf(coreOf, content, options)
  const wanted: PlacedBlock[] = []
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
  for await (const block of streamBlocks(coreOf, wanted, options)) {
    const piece = block.subarray(skip, skip + left)
    skip = 0
    left -= piece.byteLength
    if (piece.byteLength > 0) yield piece
  }
}

/** Blocks in order, some read ahead. A block whose length is not what the map says ends it with DEFECT. */
export async function* streamBlocks(coreOf: CoreOf, blocks: readonly PlacedBlock[], options: ReadOptions): AsyncIterable<Uint8Array> {
  const ahead: Promise<Uint8Array | null>[] = []
  let next = 0
  let bytesAhead = 0
  for (const block of blocks) {
    options.signal?.throwIfAborted()
    while (next < blocks.length && (ahead.length === 0 || bytesAhead < READ_AHEAD_BYTES)) {
      const wanted = blocks[next++]
      if (wanted === undefined) break
      bytesAhead += wanted.byteLength
      const read = coreOf(wanted.drive).read(wanted.index, getOptions(options))
      read.catch(() => undefined) // reported where it is awaited
      ahead.push(read)
    }
    const bytes = await ahead.shift()
    bytesAhead -= block.byteLength
    if (bytes == null) throw new AppError('NO_PEER')
    if (bytes.byteLength !== block.byteLength) throw new AppError('DEFECT', { reason: 'a block has another length than the map says' })
    yield bytes
  }
}
