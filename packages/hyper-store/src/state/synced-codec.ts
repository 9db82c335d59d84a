/** Synced records as compact JSON arrays: read and written by the ten thousand, so checked by hand and not by a schema. */
import { AppError } from '@hyper-store/client/contract'
import type { ContentRef, DriveId, Entry, LocalNode, Synced, VersionVector } from '../core/entries.ts'

/*
 * [entry, local]
 * entry: ['f', vector, mtimeMs, size, executable, hash, content] | ['l', vector, mtimeMs, target] | ['d', vector, mtimeMs]
 * content: null | [drive, byteOffset, blockOffset, blockLength, byteLength, blockMap] and, for a map of parts, its needs
 * writer, where the entry names one, is the last of an entry: ['f', … content, writer], ['l', … target, writer], ['d', … mtimeMs, writer]
 * local: null | ['f', size, mtimeMs, ctimeMs, ino, executable] | ['l', target, mtimeMs, ctimeMs, ino] | ['d', empty]
 * Booleans are 0 and 1. New fields go to the end; a changed meaning needs a migration.
 */

/** Text of a synced record. */
export function encodeSynced(synced: Synced): string {
  return JSON.stringify([encodeEntry(synced.entry), synced.local === null ? null : encodeLocal(synced.local)])
}

/** The record of a text. @throws STATE_DAMAGED when the text is none */
export function decodeSynced(text: string): Synced {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch {
    throw damaged()
  }
  const [entry, local] = list(row)
  return { entry: decodeEntry(list(entry)), local: local === null ? null : decodeLocal(list(local)) }
}

function encodeEntry(entry: Entry): unknown[] {
  const writer = entry.writer === undefined ? [] : [entry.writer]
  if (entry.kind === 'symlink') return ['l', entry.vector, entry.mtimeMs, entry.target, ...writer]
  if (entry.kind === 'folder') return ['d', entry.vector, entry.mtimeMs, ...writer]
  const content = entry.content
  return [
    'f',
    entry.vector,
    entry.mtimeMs,
    entry.size,
    entry.executable ? 1 : 0,
    entry.hash,
    content === null ? null : encodeContent(content),
    ...writer,
  ]
}

function encodeContent(content: ContentRef): unknown[] {
  const row = [content.drive, content.byteOffset, content.blockOffset, content.blockLength, content.byteLength, content.blockMap ? 1 : 0]
  return content.parts === true ? [...row, content.needs ?? {}] : row
}

function decodeEntry(row: readonly unknown[]): Entry {
  const writer = row[row[0] === 'f' ? 7 : row[0] === 'l' ? 4 : 3]
  const base = { vector: vector(row[1]), mtimeMs: number(row[2]), ...(writer === undefined ? {} : { writer: text(writer) as DriveId }) }
  if (row[0] === 'l') return { kind: 'symlink', ...base, target: text(row[3]) }
  if (row[0] === 'd') return { kind: 'folder', ...base }
  if (row[0] !== 'f') throw damaged()
  return {
    kind: 'file',
    ...base,
    size: number(row[3]),
    executable: row[4] === 1,
    hash: text(row[5]),
    content: row[6] === null ? null : decodeContent(list(row[6])),
  }
}

function decodeContent(row: readonly unknown[]): ContentRef {
  return {
    drive: text(row[0]) as DriveId,
    byteOffset: number(row[1]),
    blockOffset: number(row[2]),
    blockLength: number(row[3]),
    byteLength: number(row[4]),
    blockMap: row[5] === 1,
    ...(row[6] === undefined ? {} : { parts: true, needs: vector(row[6]) }),
  }
}

function encodeLocal(node: LocalNode): unknown[] {
  if (node.kind === 'symlink') return ['l', node.target, node.mtimeMs, node.ctimeMs, node.ino]
  if (node.kind === 'folder') return ['d', node.empty ? 1 : 0]
  return ['f', node.size, node.mtimeMs, node.ctimeMs, node.ino, node.executable ? 1 : 0]
}

function decodeLocal(row: readonly unknown[]): LocalNode {
  if (row[0] === 'l') {
    return { kind: 'symlink', target: text(row[1]), mtimeMs: number(row[2]), ctimeMs: number(row[3]), ino: number(row[4]) }
  }
  if (row[0] === 'd') return { kind: 'folder', empty: row[1] === 1 }
  if (row[0] !== 'f') throw damaged()
  return {
    kind: 'file',
    size: number(row[1]),
    mtimeMs: number(row[2]),
    ctimeMs: number(row[3]),
    ino: number(row[4]),
    executable: row[5] === 1,
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
function vector(value: unknown): VersionVector {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged()
  for (const count of Object.values(value)) if (typeof count !== 'number') throw damaged()
  return value as VersionVector
}
function damaged(): AppError {
  return new AppError('STATE_DAMAGED', { path: 'the state (synced)', reason: 'a record has another shape' })
}
