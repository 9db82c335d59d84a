/** Our map of parts (version 1): the blocks, in order, that make up one file, each with the drive in whose blobs log it lies. */
import type { DriveId } from '../core/entries.ts'
import { MAX_CHUNKS, type MappedBlock } from './block-map.ts'

/** A block of a file in the blobs log of a drive. */
export interface PlacedBlock extends MappedBlock {
  readonly drive: DriveId
}

/*
 * Each block of a map stands for itself:
 *   version 1 · number of drives · their ids, 10 characters each · number of runs ·
 *   runs: ordinal of the drive, index of the first block, number of blocks, byte length of each
 * Numbers are LEB128: seven bits a byte, the lowest first.
 */
const VERSION = 1
const ID_BYTES = 10
const DRIVE_ID = /^[ybndrfg8ejkmcpqxot1uwisza345h769]{10}$/u
/** Blocks told of by one block of the map, and blocks of one map. */
const BLOCKS_PER_BLOCK = 8192
const MAX_MAP_BLOCKS = 64
/** Drives that one map may name. */
const MAX_DRIVES = 1000
/** Longest content of one block; the greatest chunk has 4 MiB. */
const MAX_BLOCK_BYTES = 64 * 1024 * 1024

/** The blocks to append for a map, in order. `blocks` are at most MAX_CHUNKS. */
export function encodePartsMap(blocks: readonly PlacedBlock[]): Uint8Array[] {
  const out: Uint8Array[] = []
  for (let at = 0; at === 0 || at < blocks.length; at += BLOCKS_PER_BLOCK) out.push(encodeOne(blocks.slice(at, at + BLOCKS_PER_BLOCK)))
  return out
}

function encodeOne(blocks: readonly PlacedBlock[]): Uint8Array {
  const drives: DriveId[] = []
  const runs: { drive: number; first: number; lengths: number[] }[] = []
  for (const block of blocks) {
    let drive = drives.indexOf(block.drive)
    if (drive < 0) drive = drives.push(block.drive) - 1
    const run = runs.at(-1)
    if (run !== undefined && run.drive === drive && run.first + run.lengths.length === block.index) run.lengths.push(block.byteLength)
    else runs.push({ drive, first: block.index, lengths: [block.byteLength] })
  }
  const bytes: number[] = []
  writeNumber(bytes, VERSION)
  writeNumber(bytes, drives.length)
  for (const drive of drives) bytes.push(...Buffer.from(drive, 'latin1'))
  writeNumber(bytes, runs.length)
  for (const { drive, first, lengths } of runs) {
    writeNumber(bytes, drive)
    writeNumber(bytes, first)
    writeNumber(bytes, lengths.length)
    for (const length of lengths) writeNumber(bytes, length)
  }
  return Buffer.from(bytes)
}

/** Reads a map; null when a block is malformed, of a newer version or beyond the limits. Where it points is for the reader to check. */
export function decodePartsMap(buffers: readonly Uint8Array[]): PlacedBlock[] | null {
  if (buffers.length === 0 || buffers.length > MAX_MAP_BLOCKS) return null
  const out: PlacedBlock[] = []
  try {
    for (const buffer of buffers) decodeOne(buffer, out)
  } catch {
    return null
  }
  return out
}

function decodeOne(buffer: Uint8Array, out: PlacedBlock[]): void {
  const from = { buffer, at: 0 }
  if (readNumber(from) !== VERSION) throw new RangeError('another version')
  const driveCount = readNumber(from)
  if (driveCount > MAX_DRIVES) throw new RangeError('too many drives')
  const drives: DriveId[] = []
  for (let i = 0; i < driveCount; i++) {
    const id = Buffer.from(buffer.subarray(from.at, from.at + ID_BYTES)).toString('latin1')
    if (!DRIVE_ID.test(id)) throw new RangeError('no drive id')
    drives.push(id as DriveId)
    from.at += ID_BYTES
  }
  const runCount = readNumber(from)
  const end = out.length + BLOCKS_PER_BLOCK
  // Each block of a run costs a byte at least: what is read is bounded by what was sent.
  for (let run = 0; run < runCount; run++) {
    const drive = drives[readNumber(from)]
    const first = readNumber(from)
    const count = readNumber(from)
    if (drive === undefined || count === 0 || out.length + count > Math.min(end, MAX_CHUNKS)) throw new RangeError('a run is out of bounds')
    if (!Number.isSafeInteger(first + count)) throw new RangeError('a run is out of bounds')
    for (let i = 0; i < count; i++) {
      const byteLength = readNumber(from)
      if (byteLength === 0 || byteLength > MAX_BLOCK_BYTES) throw new RangeError('no length of a block')
      out.push({ drive, index: first + i, byteLength })
    }
  }
  if (from.at !== buffer.byteLength) throw new RangeError('something follows')
}

function writeNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function readNumber(from: { readonly buffer: Uint8Array; at: number }): number {
  let value = 0
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = from.buffer[from.at++]
    if (byte === undefined) throw new RangeError('the end came early')
    value += (byte & 127) * scale
    if (byte < 128) {
      if (!Number.isSafeInteger(value)) break
      return value
    }
  }
  throw new RangeError('a number is too great')
}

/** How much of other drives' blobs logs these blocks need: drive → length; the drive `own` is left out. */
export function needsOf(blocks: readonly PlacedBlock[], own: DriveId): Record<string, number> {
  const needs: Record<string, number> = {}
  for (const { drive, index } of blocks) if (drive !== own) needs[drive] = Math.max(needs[drive] ?? 0, index + 1)
  return needs
}
