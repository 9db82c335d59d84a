/** The chunk index of a drive: which block of its content log holds the chunk with a given hash. */
import { AppError } from '@hyper-store/client/contract'
import type { BatchOptions } from 'classic-level'
import type { DriveId } from '../core/entries.ts'
import type { ChunkIndex, ChunkPlace } from '../core/ports.ts'
import { rangeOf, tablePrefix } from './level.ts'
import type { Durability, Level } from './level.ts'

/** Chunks of one drive by their 32-byte hash. Rebuildable from the drive; hashes never leave the device. */
export interface StoredChunkIndex extends ChunkIndex {
  /** Adds or moves chunks, as one step. `rebuilt` is the length of the content log that the index covers by this step. */
  putMany(
    chunks: readonly { readonly hash: Uint8Array; readonly place: ChunkPlace }[],
    options?: Durability & { readonly rebuilt?: number | undefined },
  ): Promise<void>
  /** Removes chunks, as one step. */
  delMany(hashes: readonly Uint8Array[]): Promise<void>
  /** Length of the content log that the index covers; null when it has to be rebuilt. */
  rebuilt(): Promise<number | null>
  /** Number of chunks; counts them, so for reports only. */
  size(): Promise<number>
  /** Forgets everything, the mark too. */
  clear(): Promise<void>
}

const HASH_BYTES = 32
const PLACE_BYTES = 10
/** A chunk in another drive has that drive's id behind the place. */
const DRIVE_BYTES = 10

/** Makes the chunk index of a drive. */
export function createChunkIndex(level: Level, driveKey: string): StoredChunkIndex {
  const prefix = tablePrefix('chunk', driveKey)
  const prefixBytes = Buffer.from(prefix)
  const markKey = tablePrefix('chunk-mark', driveKey)
  const bytesIn = { keyEncoding: 'view', valueEncoding: 'view' } as const

  /** All keys in one allocation. */
  const keysOf = (hashes: readonly Uint8Array[]): Uint8Array[] => {
    const width = prefixBytes.length + HASH_BYTES
    const all = new Uint8Array(width * hashes.length)
    return hashes.map((hash, position) => {
      if (hash.length !== HASH_BYTES) throw new AppError('DEFECT', { reason: `a chunk hash has ${hash.length} bytes` })
      const key = all.subarray(position * width, (position + 1) * width)
      key.set(prefixBytes)
      key.set(hash, prefixBytes.length)
      return key
    })
  }

  return {
    async getMany(hashes) {
      if (hashes.length === 0) return []
      const found = await level.getMany<Uint8Array, Uint8Array>(keysOf(hashes), bytesIn)
      return found.map((value) => (value === undefined ? undefined : decodePlace(value)))
    },
    async putMany(chunks, options = {}) {
      const keys = keysOf(chunks.map(({ hash }) => hash))
      const width = PLACE_BYTES + DRIVE_BYTES
      const values = Buffer.allocUnsafe(width * chunks.length)
      const writes = chunks.map(({ place }, position) => {
        const from = position * width
        values.writeUIntBE(place.index, from, 6)
        values.writeUInt32BE(place.byteLength, from + 6)
        let end = from + PLACE_BYTES
        if (place.drive !== undefined) end += values.write(place.drive, end, DRIVE_BYTES, 'latin1')
        return { type: 'put' as const, key: keys[position] as Uint8Array, value: values.subarray(from, end) as Uint8Array }
      })
      if (options.rebuilt !== undefined) {
        writes.push({ type: 'put', key: Buffer.from(markKey), value: Buffer.from(String(options.rebuilt)) })
      }
      const batchOptions: BatchOptions<Uint8Array, Uint8Array> = { ...bytesIn, sync: options.sync === true }
      await level.batch<Uint8Array, Uint8Array>(writes, batchOptions)
    },
    async delMany(hashes) {
      const writes = keysOf(hashes).map((key) => ({ type: 'del' as const, key }))
      await level.batch<Uint8Array, Uint8Array>(writes, bytesIn)
    },
    async rebuilt() {
      const text = await level.get(markKey)
      const length = Number(text)
      return text !== undefined && Number.isSafeInteger(length) ? length : null
    },
    async size() {
      let size = 0
      const keys = level.keys<Uint8Array>({ ...keyBounds(prefix), keyEncoding: 'view' })
      try {
        for (;;) {
          const some = await keys.nextv(4096)
          if (some.length === 0) return size
          size += some.length
        }
      } finally {
        await keys.close()
      }
    },
    async clear() {
      // The mark first: a half-cleared index must read as one to rebuild.
      await level.del(markKey)
      await level.clear(rangeOf(prefix))
    },
  }
}

function keyBounds(prefix: string): { gte: Uint8Array; lt: Uint8Array } {
  const range = rangeOf(prefix)
  return { gte: Buffer.from(range.gte), lt: Buffer.from(range.lt) }
}

function decodePlace(value: Uint8Array): ChunkPlace {
  if (value.length !== PLACE_BYTES && value.length !== PLACE_BYTES + DRIVE_BYTES) {
    throw new AppError('STATE_DAMAGED', { path: 'the state (chunks)', reason: `a record has ${value.length} bytes` })
  }
  const view = Buffer.from(value.buffer, value.byteOffset, value.length)
  const place = { index: view.readUIntBE(0, 6), byteLength: view.readUInt32BE(6) }
  return value.length === PLACE_BYTES ? place : { ...place, drive: view.toString('latin1', PLACE_BYTES) as DriveId }
}
