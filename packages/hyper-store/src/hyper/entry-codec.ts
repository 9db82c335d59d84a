/** Entries to and from the records of a device drive: what a stock Hyperdrive stores, plus our metadata. */
import * as v from 'valibot'
import SubEncoder from 'sub-encoder'
import type { ContentRef, DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { parseRemotePath } from '../core/paths.ts'
import { parseVector } from '../core/vectors.ts'

/** Format of our entry metadata (`f`); a greater one is read by newer programs only. */
export const ENTRY_FORMAT = 1

/** Sub-index of stock Hyperdrive: `/path` → entry. */
export const FILES = new SubEncoder('files', 'utf-8')
/** Our sub-index for what a stock Hyperdrive can't hold: `d/path` empty folders, `t/path` tombstones, `info`. */
export const EXTRAS = new SubEncoder('hyper-store', 'utf-8')
const FILES_PREFIX = 'files\0/'
const EXTRAS_PREFIX = 'hyper-store\0'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Blob = v.object({ byteOffset: count, blockOffset: count, blockLength: count, byteLength: count, blockMap: v.optional(v.boolean()) })
/** Our metadata: format, true size, mtime in milliseconds, content hash, version vector. */
const Metadata = v.object({
  f: count,
  s: count,
  m: v.pipe(v.number(), v.minValue(0)),
  h: v.pipe(v.string(), v.maxLength(100)),
  v: v.unknown(),
})
const DriveRecord = v.object({
  executable: v.optional(v.nullable(v.boolean())),
  linkname: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(4096)))),
  blob: v.optional(v.nullable(Blob)),
  metadata: v.optional(v.unknown()),
})
const Extra = v.object({ f: count, m: v.number(), v: v.unknown() })

/** A record of the bee as read: which path it is about and what it says; null for what is not ours or not valid. */
export interface ReadRecord {
  readonly path: FolderPath
  readonly slot: 'file' | 'folder' | 'tombstone'
  /** Null: the record was deleted. */
  readonly entry: EntryOrTombstone | null
  /** Blocks of the blobs core that the record needs: its range ends here; 0 for none. */
  readonly need: number
}

/** Key and value of the bee record that holds an entry or tombstone. */
export function encodeRecord(path: FolderPath, entry: EntryOrTombstone): { encoding: SubEncoder; key: string; value: unknown } {
  switch (entry.kind) {
    case 'file': {
      const c = entry.content
      const blob =
        c === null
          ? null
          : {
              byteOffset: c.byteOffset,
              blockOffset: c.blockOffset,
              blockLength: c.blockLength,
              byteLength: c.byteLength,
              ...(c.blockMap ? { blockMap: true } : {}),
            }
      return {
        encoding: FILES,
        key: '/' + path,
        value: {
          executable: entry.executable,
          linkname: null,
          blob: blob ?? { byteOffset: 0, blockOffset: 0, blockLength: 0, byteLength: 0 },
          metadata: { f: ENTRY_FORMAT, s: entry.size, m: entry.mtimeMs, h: entry.hash, v: entry.vector },
        },
      }
    }
    case 'symlink':
      return {
        encoding: FILES,
        key: '/' + path,
        value: {
          executable: false,
          linkname: entry.target,
          blob: null,
          metadata: { f: ENTRY_FORMAT, s: 0, m: entry.mtimeMs, h: '', v: entry.vector },
        },
      }
    case 'folder':
      return { encoding: EXTRAS, key: 'd/' + path, value: { f: ENTRY_FORMAT, m: entry.mtimeMs, v: entry.vector } }
    case 'tombstone':
      return { encoding: EXTRAS, key: 't/' + path, value: { f: ENTRY_FORMAT, m: entry.mtimeMs, v: entry.vector } }
  }
}

/** Format that a record claims to have; 0 for drives that others wrote, and for what is no record. */
export function formatOf(rawKey: string, value: unknown): number {
  if (!rawKey.startsWith(FILES_PREFIX) && !/^hyper-store\0[dt]\//.test(rawKey)) return 0
  const holder = rawKey.startsWith(FILES_PREFIX) ? (value as { metadata?: unknown } | null)?.metadata : value
  const format = (holder as { f?: unknown } | null | undefined)?.f
  return typeof format === 'number' && Number.isSafeInteger(format) ? format : 0
}

/** Why a record that `decodeRecord` leaves out can't be shown, for people; null for records that are none of ours. */
export function whyLeftOut(rawKey: string): { readonly name: string; readonly reason: string } | null {
  const key = /^(?:files\0\/|hyper-store\0d\/)(.*)$/s.exec(rawKey)?.[1]
  if (key === undefined) return null
  return {
    name: key.slice(0, 200),
    reason: parseRemotePath(key) === null ? 'its name cannot be stored on a disk' : 'its record is damaged',
  }
}

/**
 * Reads one raw record. `seq` gives drives written by others their version vector. Hostile paths, malformed values and
 * newer formats give null: they are left out, never an exception.
 */
export function decodeRecord(rawKey: string, value: unknown, source: { drive: DriveId; seq: number }): ReadRecord | null {
  if (rawKey.startsWith(FILES_PREFIX)) {
    const name = rawKey.slice(FILES_PREFIX.length)
    // A second slash would give one path two records.
    const path = name.startsWith('/') ? null : parseRemotePath(name)
    if (path === null) return null
    if (value === null) return { path, slot: 'file', entry: null, need: 0 }
    return decodeFile(path, value, source)
  }
  if (!rawKey.startsWith(EXTRAS_PREFIX)) return null
  const key = rawKey.slice(EXTRAS_PREFIX.length)
  const slot = key.startsWith('d/') ? 'folder' : key.startsWith('t/') ? 'tombstone' : null
  if (slot === null) return null
  const path = parseRemotePath(key.slice(2))
  if (path === null) return null
  if (value === null) return { path, slot, entry: null, need: 0 }
  const parsed = v.safeParse(Extra, value)
  const vector = parsed.success && parsed.output.f <= ENTRY_FORMAT ? parseVector(parsed.output.v) : null
  if (!parsed.success || vector === null) return null
  return { path, slot, entry: { kind: slot, vector, mtimeMs: parsed.output.m }, need: 0 }
}

function decodeFile(path: FolderPath, value: unknown, source: { drive: DriveId; seq: number }): ReadRecord | null {
  const parsed = v.safeParse(DriveRecord, value)
  if (!parsed.success) return null
  const { executable, linkname, blob } = parsed.output
  const ours = v.safeParse(Metadata, parsed.output.metadata)
  if (ours.success && ours.output.f > ENTRY_FORMAT) return null
  const vector = ours.success ? parseVector(ours.output.v) : { [source.drive]: source.seq + 1 }
  if (vector === null) return null
  const mtimeMs = ours.success ? ours.output.m : 0
  if (typeof linkname === 'string' && linkname !== '')
    return { path, slot: 'file', entry: { kind: 'symlink', target: linkname, mtimeMs, vector }, need: 0 }
  if (blob === null || blob === undefined) return null
  const content: ContentRef | null =
    blob.blockLength === 0
      ? null
      : {
          drive: source.drive,
          byteOffset: blob.byteOffset,
          blockOffset: blob.blockOffset,
          blockLength: blob.blockLength,
          byteLength: blob.byteLength,
          blockMap: blob.blockMap === true,
        }
  // The size of a mapped entry that others wrote is not in the record: -1 tells the drive to read the map.
  const size = ours.success ? ours.output.s : content === null ? 0 : content.blockMap ? -1 : content.byteLength
  return {
    path,
    slot: 'file',
    entry: { kind: 'file', size, mtimeMs, executable: executable === true, hash: ours.success ? ours.output.h : '', vector, content },
    need: blob.blockLength === 0 ? 0 : blob.blockOffset + blob.blockLength,
  }
}
