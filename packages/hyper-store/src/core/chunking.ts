/**
 * Where files are cut into chunks, and how content is named: FastCDC with a gear hash and normalised chunking. All numbers
 * here are part of the stored format: another table or mask would find no known chunk again. Hashing is given by the caller.
 */

/** Bounds of the chunks of one file, bytes. */
export interface ChunkParameters {
  readonly average: number
  readonly min: number
  readonly max: number
}

/** Finds cuts. */
export interface Chunker {
  /**
   * The end of the chunk that begins at `start`, as an offset into `buffer`, looking at nothing from `end` on; -1 when more
   * data is wanted. `isLast` says that the file ends at `end`. Give `max` bytes where there are so many: then it never wants more.
   */
  nextCut(buffer: Uint8Array, start: number, end: number, isLast: boolean): number
}

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/** Files up to this size are one plain chunk, never cut. */
export const ONE_CHUNK_MAX = 64 * KIB

const CLASSES = [
  { average: 64 * KIB, from: 0, to: 256 * MIB },
  { average: 256 * KIB, from: 256 * MIB, to: 8 * GIB },
  { average: MIB, from: 8 * GIB, to: Number.POSITIVE_INFINITY },
] as const

/**
 * Bounds for a file of `size` bytes: average 64 KiB up to 256 MiB, 256 KiB up to 8 GiB, 1 MiB beyond. `previousAverage`, of
 * the version that it replaces, is kept while the size is within a factor 4 of that class: a growing file is not cut anew at once.
 */
export function chunkParameters(size: number, previousAverage?: number): ChunkParameters {
  const previous = CLASSES.find((rule) => rule.average === previousAverage)
  if (previous !== undefined && size >= previous.from / 4 && size <= previous.to * 4) return boundsOf(previous.average)
  const fitting = CLASSES.find((rule) => size <= rule.to) ?? CLASSES[2]
  return boundsOf(fitting.average)
}

function boundsOf(average: number): ChunkParameters {
  return { average, min: average / 4, max: average * 4 }
}

/** Seed of the gear table: part of the format, never to change. */
const GEAR_SEED = 0x68737430

/** 256 numbers of splitmix32 from `GEAR_SEED`. */
function createGear(): Int32Array {
  const gear = new Int32Array(256)
  let state = GEAR_SEED
  for (let index = 0; index < gear.length; index++) {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    gear[index] = mixed ^ (mixed >>> 15)
  }
  return gear
}
const GEAR = createGear()

/** The same shifted once, to take two bytes with one shift of the hash. */
const GEAR_SHIFTED = GEAR.map((value) => value << 1)

/**
 * A chunker for files of these bounds. A cut lies where bits of the gear hash are zero: two bits more than the average asks for
 * before it is reached, two fewer after it, so that sizes gather around it.
 */
export function createChunker(parameters: ChunkParameters): Chunker {
  const { average, min, max } = parameters
  const bits = Math.log2(average)
  const hard = maskOf(bits + 2)
  const easy = maskOf(bits - 2)
  // Both loops are written out and take two bytes a turn, because this is the hottest code of an import. A chunk begins at an
  // even distance, so whether `limit` is odd matters for the last byte alone; nothing is cut there but at the end.
  return {
    nextCut(buffer, start, end, isLast) {
      const limit = Math.min(end, start + max)
      const middle = Math.min(limit - 1, start + average)
      let at = start + min
      let hash = 0
      for (; at < middle; at += 2) {
        hash = ((hash << 2) + (GEAR_SHIFTED[buffer[at] as number] as number)) | 0
        if ((hash & (hard << 1)) === 0) return at + 1
        hash = (hash + (GEAR[buffer[at + 1] as number] as number)) | 0
        if ((hash & hard) === 0) return at + 2
      }
      const last = limit - 1
      for (; at < last; at += 2) {
        hash = ((hash << 2) + (GEAR_SHIFTED[buffer[at] as number] as number)) | 0
        if ((hash & (easy << 1)) === 0) return at + 1
        hash = (hash + (GEAR[buffer[at + 1] as number] as number)) | 0
        if ((hash & easy) === 0) return at + 2
      }
      return limit === start + max || isLast ? limit : -1
    },
  }
}

/** The `count` bits below the top one: a left-shifting sum keeps its longest memory there, and the top one is lost to the doubled step. */
function maskOf(count: number): number {
  return ((1 << count) - 1) << (31 - count)
}

/** BLAKE2b-256: 32 bytes for any input. */
export type Hash256 = (data: Uint8Array) => Uint8Array

/**
 * The `hash` of a file entry. One chunk (or an empty file): `b` and hex BLAKE2b-256 of the content. Several: `c`, the average in
 * KiB, and hex BLAKE2b-256 over the chunks' hashes in order. Equal hashes mean equal bytes; equal bytes cut by another average
 * have another hash. `chunkHashes` are 32 bytes each.
 */
export function contentHash(chunkHashes: readonly Uint8Array[], average: number, hash: Hash256): string {
  const [first] = chunkHashes
  if (first === undefined) return `b${toHex(hash(new Uint8Array(0)))}`
  if (chunkHashes.length === 1) return `b${toHex(first)}`
  const joined = new Uint8Array(chunkHashes.length * 32)
  for (const [index, chunk] of chunkHashes.entries()) joined.set(chunk, index * 32)
  return `c${average / KIB}${toHex(hash(joined))}`
}

const HASH = /^(?:b|c(64|256|1024))[0-9a-f]{64}$/u

/** The average that a hash was made with: null for a one-chunk hash; undefined when the text is no content hash of ours. */
export function averageOfHash(hash: string): number | null | undefined {
  const match = HASH.exec(hash)
  if (match === null) return undefined
  return match[1] === undefined ? null : Number(match[1]) * KIB
}

function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
