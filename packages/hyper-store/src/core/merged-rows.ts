/** Rows of the path index as shapes, to and from compact arrays: read and written by the ten thousand, so checked by hand. */
import { AppError } from '@hyper-store/client/contract'
import type { ContentRef, DriveId, EntryOrTombstone, FolderPath, VersionVector } from './entries.ts'
import type { Row } from './path-index.ts'

/** What one drive tells of a path. */
export interface ToldVersion {
  readonly drive: DriveId
  readonly entry: EntryOrTombstone
}

/** The name of a conflict copy, and the drive that tells the version shown there. */
export interface CopyName {
  readonly name: FolderPath
  readonly drive: DriveId
}

/** A path of the folder. */
export interface PathRow {
  /** At most one for each drive, those too that another has seen: a drive may take its word back. */
  readonly versions: readonly ToldVersion[]
  /** True when a folder has the name, so that the winner is shown as a copy. */
  readonly demoted: boolean
  readonly copies: readonly CopyName[]
  /** Names that its copies tried, taken or not. */
  readonly tried: readonly FolderPath[]
}

/** The name of a conflict copy. Stays when nobody has it any more, so that a reader can be told that it is gone. */
export interface NameRow {
  /** The path whose copy is shown here. */
  readonly holder: FolderPath | null
  /** Paths with a copy that wants the name, the holder among them. */
  readonly claimants: readonly FolderPath[]
}

/** What the index knows of itself. */
export interface MetaRow {
  readonly format: number
  /** Chosen when the index was made: a number of changes means something within one life only. */
  readonly life: number
  readonly change: number
  /** Changes up to this number are forgotten. */
  readonly floor: number
  /** Paths in the `change` table. */
  readonly logged: number
  readonly files: number
  readonly bytes: number
  readonly conflicts: number
  /** Indexed length of each drive, with who writes it and what that device is called. */
  readonly drives: readonly (readonly [drive: DriveId, length: number, writer: DriveId, device: string])[]
}

/** Format of the rows; an index of another format is built anew. */
export const INDEX_FORMAT = 1

export const EMPTY_PATH: PathRow = { versions: [], demoted: false, copies: [], tried: [] }
export const EMPTY_NAME: NameRow = { holder: null, claimants: [] }

export function encodePath(row: PathRow): Row {
  const versions = row.versions.map(encodeVersion)
  if (row.copies.length === 0 && row.tried.length === 0) return [row.demoted ? 1 : 0, versions]
  return [row.demoted ? 1 : 0, versions, row.copies.map((copy) => [copy.name, copy.drive]), row.tried]
}
export function decodePath(row: Row | null): PathRow {
  if (row === null) return EMPTY_PATH
  const copies = row[2] === undefined ? [] : list(row[2]).map((copy) => ({ name: path(list(copy)[0]), drive: drive(list(copy)[1]) }))
  return {
    versions: list(row[1]).map((version) => decodeVersion(list(version))),
    demoted: row[0] === 1,
    copies,
    tried: row[3] === undefined ? [] : list(row[3]).map(path),
  }
}

export function encodeName(row: NameRow): Row {
  return [row.holder ?? 0, row.claimants]
}
export function decodeName(row: Row | null): NameRow {
  if (row === null) return EMPTY_NAME
  return { holder: row[0] === 0 ? null : path(row[0]), claimants: list(row[1]).map(path) }
}

export function encodeMeta(meta: MetaRow): Row {
  return [meta.format, meta.life, meta.change, meta.floor, meta.logged, meta.files, meta.bytes, meta.conflicts, meta.drives]
}
/** Null for none, and for one of another format. */
export function decodeMeta(row: Row | null): MetaRow | null {
  if (row === null || row[0] !== INDEX_FORMAT) return null
  return {
    format: INDEX_FORMAT,
    life: number(row[1]),
    change: number(row[2]),
    floor: number(row[3]),
    logged: number(row[4]),
    files: number(row[5]),
    bytes: number(row[6]),
    conflicts: number(row[7]),
    drives: list(row[8]).map((d) => [drive(list(d)[0]), number(list(d)[1]), drive(list(d)[2]), text(list(d)[3])] as const),
  }
}

/** Keys of changes sort as their numbers do. */
export function changeKey(change: number): string {
  return change.toString(16).padStart(13, '0')
}
export function changeOf(key: string): number {
  return Number.parseInt(key, 16)
}

export function countIn(row: Row | null): number {
  return row === null ? 0 : number(row[0])
}

/*
 * version: ['f', drive, writer | 0, vector, mtimeMs, size, executable, hash, content] | ['l', …, target] | ['d', …] | ['t', …]
 * content: 0 | [byteOffset, blockOffset, blockLength, byteLength, 0 plain | 1 block map | 2 parts, needs, drive], the last two only where
 * there is something to tell: content lies in the drive that tells of it.
 */
const KINDS = { file: 'f', symlink: 'l', folder: 'd', tombstone: 't' } as const

function encodeVersion({ drive: told, entry }: ToldVersion): unknown[] {
  const base = [KINDS[entry.kind], told, entry.writer ?? 0, entry.vector, entry.mtimeMs]
  if (entry.kind === 'symlink') return [...base, entry.target]
  if (entry.kind !== 'file') return base
  const { content } = entry
  return [...base, entry.size, entry.executable ? 1 : 0, entry.hash, content === null ? 0 : encodeContent(content, told)]
}

function encodeContent(content: ContentRef, told: DriveId): unknown[] {
  const how = content.parts === true ? 2 : content.blockMap ? 1 : 0
  const range = [content.byteOffset, content.blockOffset, content.blockLength, content.byteLength, how]
  if (content.drive !== told) return [...range, content.needs ?? 0, content.drive]
  return content.needs === undefined ? range : [...range, content.needs]
}

function decodeVersion(row: readonly unknown[]): ToldVersion {
  const told = drive(row[1])
  const base = { vector: vector(row[3]), mtimeMs: number(row[4]), ...(row[2] === 0 ? {} : { writer: drive(row[2]) }) }
  switch (row[0]) {
    case 't':
      return { drive: told, entry: { kind: 'tombstone', ...base } }
    case 'd':
      return { drive: told, entry: { kind: 'folder', ...base } }
    case 'l':
      return { drive: told, entry: { kind: 'symlink', ...base, target: text(row[5]) } }
    case 'f':
      break
    default:
      throw damaged()
  }
  const content = row[8] === 0 ? null : decodeContent(list(row[8]), told)
  const entry = { kind: 'file', ...base, size: number(row[5]), executable: row[6] === 1, hash: text(row[7]), content } as const
  return { drive: told, entry }
}

function decodeContent(row: readonly unknown[], told: DriveId): ContentRef {
  return {
    drive: row[6] === undefined ? told : drive(row[6]),
    byteOffset: number(row[0]),
    blockOffset: number(row[1]),
    blockLength: number(row[2]),
    byteLength: number(row[3]),
    blockMap: row[4] === 1,
    ...(row[4] === 2 ? { parts: true } : {}),
    ...(row[5] === undefined || row[5] === 0 ? {} : { needs: vector(row[5]) }),
  }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged()
  return value
}
function number(value: unknown): number {
  if (typeof value !== 'number') throw damaged()
  return value
}
function text(value: unknown): string {
  if (typeof value !== 'string') throw damaged()
  return value
}
function path(value: unknown): FolderPath {
  return text(value) as FolderPath
}
function drive(value: unknown): DriveId {
  return text(value) as DriveId
}
function vector(value: unknown): VersionVector {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged()
  return value as VersionVector
}
function damaged(): AppError {
  return new AppError('STATE_DAMAGED', { path: 'the state (paths)', reason: 'a record has another shape' })
}
