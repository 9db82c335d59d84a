/** Entries to and from the records of a device drive: what a stock Hyperdrive stores, plus our metadata. */
import * as v from 'valibot'
import SubEncoder from 'sub-encoder'
import { AppError } from '@hyper-store/client/contract'
import type { ContentRef, DriveId, EntryOrTombstone, FileEntry, FolderPath } from '../core/entries.ts'
import { parseRemotePath } from '../core/paths.ts'
import { parseVector } from '../core/vectors.ts'

/** Greatest format of our entry metadata (`f`); a greater one is read by newer programs only. */
export const ENTRY_FORMAT = 2
/** What all programs read, and what is read by those that know maps of parts. */
const PLAIN_FORMAT = 1
const PARTS_FORMAT = 2

/** Sub-index of stock Hyperdrive: `/path` → entry. */
export const FILES = new SubEncoder('files', 'utf-8')
/** Our sub-index for what a stock Hyperdrive can't hold: `d/path` empty folders, `t/path` tombstones, `info`. */
export const EXTRAS = new SubEncoder('hyper-store', 'utf-8')
const FILES_PREFIX = 'files\0/'
const EXTRAS_PREFIX = 'hyper-store\0'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Blob = v.object({ byteOffset: count, blockOffset: count, blockLength: count, byteLength: count, blockMap: v.optional(v.boolean()) })
/** Our metadata: format, true size, mtime in milliseconds, content hash, version vector, writer; map of parts and what that needs. */
const Metadata = v.object({
  f: count,
  s: count,
  m: v.pipe(v.number(), v.minValue(0)),
  h: v.pipe(v.string(), v.maxLength(100)),
  v: v.unknown(),
  w: v.optional(v.unknown()),
  p: v.optional(v.tuple([count, v.pipe(count, v.maxValue(64)), count])),
  n: v.optional(v.unknown()),
})
const DriveRecord = v.object({
  executable: v.optional(v.nullable(v.boolean())),
  linkname: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(4096)))),
  blob: v.optional(v.nullable(Blob)),
  metadata: v.optional(v.unknown()),
})
const Extra = v.object({ f: count, m: v.number(), v: v.unknown(), w: v.optional(v.unknown()) })

/** A record of the bee as read: which path it is about and what it says; null for what is not ours or not valid. */
export interface ReadRecord {
  readonly path: FolderPath
  readonly slot: 'file' | 'folder' | 'tombstone'
  /** Null: the record was deleted. */
  readonly entry: EntryOrTombstone | null
  /** Blocks of the blobs core that the record needs: its range ends here; 0 for none. */
  readonly need: number
  /** Blocks of other drives' blobs cores that it needs, by drive; left out for none. */
  readonly needs?: Readonly<Record<string, number>>
}

/** Where a record stands: its drive, its block, and the name of the drive's device in version vectors (default: the drive's id). */
export interface RecordSource {
  readonly drive: DriveId
  readonly seq: number
  readonly writer?: DriveId
}

/** Key and value of the bee record that holds an entry or tombstone, in a drive whose device is called `writer`. */
export function encodeRecord(
  path: FolderPath,
  entry: EntryOrTombstone,
  writer?: DriveId,
): { encoding: SubEncoder; key: string; value: unknown } {
  const w = entry.writer === undefined || entry.writer === writer ? {} : { w: entry.writer }
  switch (entry.kind) {
    case 'file': {
      const c = entry.content
      if (c?.parts === true) return encodeParts(path, { ...entry, content: c }, w)
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
          metadata: { f: PLAIN_FORMAT, s: entry.size, m: entry.mtimeMs, h: entry.hash, v: entry.vector, ...w },
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
          metadata: { f: PLAIN_FORMAT, s: 0, m: entry.mtimeMs, h: '', v: entry.vector, ...w },
        },
      }
    case 'folder':
      return { encoding: EXTRAS, key: 'd/' + path, value: { f: PLAIN_FORMAT, m: entry.mtimeMs, v: entry.vector, ...w } }
    case 'tombstone':
      return { encoding: EXTRAS, key: 't/' + path, value: { f: PLAIN_FORMAT, m: entry.mtimeMs, v: entry.vector, ...w } }
  }
}

/** A stock Hyperdrive finds no content in such an entry, so that it shows no wrong bytes. */
function encodeParts(path: FolderPath, entry: FileEntry & { content: ContentRef }, writer: object) {
  const { blockOffset, blockLength, byteLength, needs } = entry.content
  if (needs === undefined) throw new AppError('DEFECT', { reason: 'a map of parts does not say what it needs' })
  const { size: s, mtimeMs: m, hash: h, vector } = entry
  const p = [blockOffset, blockLength, byteLength]
  const metadata = { f: PARTS_FORMAT, s, m, h, v: vector, ...writer, p, n: needs }
  return { encoding: FILES, key: '/' + path, value: { executable: entry.executable, linkname: null, blob: null, metadata } }
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

/** What a record that can't be shown says of its path: nothing. Null where even the path can't be told. */
export function nothingAt(rawKey: string): ReadRecord | null {
  const match = /^(files\0|hyper-store\0[dt])\/(.*)$/s.exec(rawKey)
  const [, space = '', name = ''] = match ?? []
  const path = name === '' || name.startsWith('/') ? null : parseRemotePath(name)
  if (path === null) return null
  return { path, slot: space.endsWith('d') ? 'folder' : space.endsWith('t') ? 'tombstone' : 'file', entry: null, need: 0 }
}

/**
 * Reads one raw record. `source` gives drives written by others their version vector. Hostile paths, malformed values and
 * newer formats give null: they are left out, never an exception.
 */
export function decodeRecord(rawKey: string, value: unknown, source: RecordSource): ReadRecord | null {
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
  return { path, slot, entry: { kind: slot, vector, mtimeMs: parsed.output.m, ...writerIn(parsed.output.w) }, need: 0 }
}

function decodeFile(path: FolderPath, value: unknown, source: RecordSource): ReadRecord | null {
  const parsed = v.safeParse(DriveRecord, value)
  if (!parsed.success) return null
  const { executable, linkname, blob } = parsed.output
  const ours = v.safeParse(Metadata, parsed.output.metadata)
  if (ours.success && ours.output.f > ENTRY_FORMAT) return null
  const vector = ours.success ? parseVector(ours.output.v) : { [source.writer ?? source.drive]: source.seq + 1 }
  if (vector === null) return null
  const mtimeMs = ours.success ? ours.output.m : 0
  const writer = ours.success ? writerIn(ours.output.w) : {}
  if (typeof linkname === 'string' && linkname !== '')
    return { path, slot: 'file', entry: { kind: 'symlink', target: linkname, mtimeMs, vector, ...writer }, need: 0 }
  if (ours.success && ours.output.p !== undefined) {
    const content = partsIn(ours.output.p, ours.output.n, source.drive)
    if (content?.needs === undefined) return null
    const { s: size, h: hash } = ours.output
    const entry: FileEntry = { kind: 'file', size, mtimeMs, executable: executable === true, hash, vector, content, ...writer }
    return { path, slot: 'file', entry, need: content.blockOffset + content.blockLength, needs: content.needs }
  }
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
    entry: {
      kind: 'file',
      size,
      mtimeMs,
      executable: executable === true,
      hash: ours.success ? ours.output.h : '',
      vector,
      content,
      ...writer,
    },
    need: blob.blockLength === 0 ? 0 : blob.blockOffset + blob.blockLength,
  }
}

/** The name in a record; one that is no drive id is as none. */
function writerIn(value: unknown): { writer?: DriveId } {
  return typeof value === 'string' && parseVector({ [value]: 1 }) !== null ? { writer: value as DriveId } : {}
}

/** Where a map of parts lies in its own drive; null when that, or what it needs, is malformed. */
function partsIn(range: readonly [number, number, number], needs: unknown, drive: DriveId): ContentRef | null {
  const [blockOffset, blockLength, byteLength] = range
  // Lengths by drive id have the shape of a vector.
  const parsed = parseVector(needs)
  if (parsed === null || blockLength === 0) return null
  return { drive, byteOffset: 0, blockOffset, blockLength, byteLength, blockMap: false, parts: true, needs: parsed }
}
