/** Rows of one shared table as they lie in the db logs, block by block: what history and takers-over read. */
import messages from 'hyperbee/lib/messages.js'
import type { DriveId } from '../core/entries.ts'
import { TABLE_LIMITS } from '@hyper-store/client/contract'
import { decodeRow, ROW_OVERHEAD_BYTES } from '../core/table-clock.ts'
import { startsWith } from '../core/table-keys.ts'
import type { DriveRow } from '../core/table-merge.ts'
import type { MemberDrive } from './merged-feed.ts'

/** Key of all rows of shared tables in a db log; the name of the table and another NUL follow. */
export const ROWS_PREFIX = 'hyper-store-table\0'
/** Blocks read together. */
const WINDOW = 512
const PREFIX = Buffer.from(ROWS_PREFIX)

/** Raw keys of a table begin with this. */
export function prefixOf(name: string): Buffer {
  return Buffer.from(`${ROWS_PREFIX}${name}\0`)
}

/** The row that lies under a raw key; null for what is none, and for what is larger than a row may be. */
export function rowOf(
  raw: { readonly key: Uint8Array; readonly value: Uint8Array | null; readonly seq: number },
  of: { readonly prefix: Uint8Array; readonly member: MemberDrive },
): DriveRow | null {
  const key = raw.key.subarray(of.prefix.length)
  if (raw.value === null || key.length === 0 || key.length > TABLE_LIMITS.keyBytes) return null
  if (raw.value.length > TABLE_LIMITS.valueBytes + ROW_OVERHEAD_BYTES) return null
  const row = decodeRow(raw.value)
  if (row === null) return null
  return { ...row, key, drive: of.member.drive.id, seq: raw.seq, writer: row.writer ?? of.member.writer }
}

/** A raw row of any table. */
interface RawRow {
  readonly seq: number
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Rows of any table between two lengths of a log, oldest first, in windows. */
async function rawRows({ drive }: MemberDrive, from: number, to: number): Promise<RawRow[]> {
  const start = Math.max(1, from)
  const rows: RawRow[] = []
  if (start >= to) return rows
  const blocks = await drive.db.readMany(Array.from({ length: to - start }, (_, i) => start + i))
  for (const [i, block] of blocks.entries()) {
    if (!Buffer.from(block.buffer, block.byteOffset, block.byteLength).includes(PREFIX)) continue
    try {
      const { key, value } = messages.Node.decode(block)
      if (startsWith(key, PREFIX)) rows.push({ seq: start + i, key, value })
    } catch {
      // a malformed block of a hostile writer says nothing
    }
  }
  return rows
}

/** Reads steps of logs that follow each other closely, forwards or backwards, without reading a block twice. */
export class RowBlocks {
  readonly #members: ReadonlyMap<DriveId, MemberDrive>
  readonly #prefix: Uint8Array
  readonly #windows = new Map<DriveId, { readonly from: number; readonly to: number; readonly rows: readonly DriveRow[] }>()

  constructor(members: readonly MemberDrive[], prefix: Uint8Array) {
    this.#members = new Map(members.map((member) => [member.drive.id, member]))
    this.#prefix = prefix
  }

  /** The table's rows in a step, first or last first. */
  async *rows(step: { readonly drive: DriveId; readonly from: number; readonly to: number }, reverse = false): AsyncGenerator<DriveRow> {
    const member = this.#members.get(step.drive)
    if (member === undefined) return
    const first = Math.floor(step.from / WINDOW)
    const last = Math.floor((step.to - 1) / WINDOW)
    for (let at = reverse ? last : first; at >= first && at <= last; at += reverse ? -1 : 1) {
      const rows = await this.#window(member, at * WINDOW, step.to)
      const wanted = rows.filter(({ seq }) => seq >= step.from && seq < step.to)
      yield* reverse ? wanted.reverse() : wanted
    }
  }

  async #window(member: MemberDrive, from: number, needed: number): Promise<readonly DriveRow[]> {
    const known = this.#windows.get(member.drive.id)
    const { frozenAt, drive } = member
    const end = Math.min(from + WINDOW, Math.max(needed, Math.min(drive.db.contiguous, frozenAt ?? Infinity)))
    if (known?.from === from && known.to >= Math.min(end, needed)) return known.rows
    const rows: DriveRow[] = []
    for (const raw of await rawRows(member, from, end)) {
      const row = startsWith(raw.key, this.#prefix) ? rowOf(raw, { prefix: this.#prefix, member }) : null
      if (row !== null) rows.push(row)
    }
    this.#windows.set(drive.id, { from, to: end, rows })
    return rows
  }
}

/** What a log tells of all tables from one length to another: table → key as hex → rows, oldest first. */
export async function rowsByTable(member: MemberDrive, from: number, to: number): Promise<Map<string, Map<string, DriveRow[]>>> {
  const tables = new Map<string, Map<string, DriveRow[]>>()
  for (let start = from; start < to; start += WINDOW) {
    for (const raw of await rawRows(member, start, Math.min(to, start + WINDOW))) {
      const name = nameIn(raw.key)
      const row = name === null ? null : rowOf(raw, { prefix: prefixOf(name), member })
      if (name === null || row === null) continue
      const keys = tables.get(name) ?? new Map<string, DriveRow[]>()
      tables.set(name, keys)
      const key = Buffer.from(row.key).toString('hex')
      const rows = keys.get(key)
      if (rows === undefined) keys.set(key, [row])
      else rows.push(row)
    }
  }
  return tables
}

/** Name of the table that a raw key is of; null for none, and for a name that is no text. */
export function nameIn(key: Uint8Array): string | null {
  if (!startsWith(key, PREFIX)) return null
  const rest = Buffer.from(key.buffer, key.byteOffset, key.byteLength).subarray(PREFIX.length)
  const end = rest.indexOf(0)
  const name = end < 1 ? null : rest.toString('utf8', 0, end)
  return name !== null && prefixOf(name).length === PREFIX.length + end + 1 && startsWith(key, prefixOf(name)) ? name : null
}
