/** Receipts: the newest signed word of each device about each folder. */
import { AppError } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { rangeOf, tablePrefix, writeBatch } from './level.ts'
import type { Durability, Level } from './level.ts'
import { safeJson } from './record-table.ts'
import { ReceiptRecord } from './records.ts'
import { createSerial } from '../lib/serial.ts'

/** What was received, by folder and device. */
export interface Receipts {
  /**
   * Keeps it when it is newer (greater version, or same version and later; of a shared folder: later) than what is here; false when
   * it is not.
   */
  put(receipt: ReceiptRecord, durability?: Durability): Promise<boolean>
  /**
   * The device keeps the folder no more: its receipt gives way to a mark with version 0 and that time, unless what is here is later.
   * Of what `put` is given then, only receipts of that time or later are kept.
   */
  drop(folder: string, device: string, atMs: number): Promise<void>
  get(folder: string, device: string): Promise<ReceiptRecord | null>
  /** The newest receipt of each device for a folder, or the mark of its drop. */
  list(folder: string): Promise<ReceiptRecord[]>
  /** Forgets what was said about a folder. */
  clear(folder: string): Promise<void>
}

/** True for the mark that a device keeps the folder no more: it says nothing of what is held, and is never passed on. */
export function isDrop(record: Pick<ReceiptRecord, 'signed'>): boolean {
  return record.signed === ''
}

/** Makes the receipts table. */
export function createReceipts(level: Level): Receipts {
  const serial = createSerial()
  const keyOf = (folder: string, device: string) => tablePrefix('receipt', folder, device)
  const parse = (text: string): ReceiptRecord => {
    const parsed = v.safeParse(ReceiptRecord, safeJson(text))
    if (!parsed.success) throw new AppError('STATE_DAMAGED', { path: 'the state (receipts)', reason: parsed.issues[0].message })
    return parsed.output
  }
  const get = async (folder: string, device: string): Promise<ReceiptRecord | null> => {
    const text = await level.get(keyOf(folder, device))
    return text === undefined ? null : parse(text)
  }
  return {
    get,
    put: (receipt, durability = {}) =>
      serial.run(async () => {
        const row = v.parse(ReceiptRecord, receipt)
        const known = await get(row.folder, row.device)
        if (known !== null && isDrop(known) && known.atMs > row.atMs) return false
        if (known !== null && !isDrop(known) && known.atMs >= row.atMs && (row.shared || known.version >= row.version)) return false
        if (known !== null && !row.shared && known.version > row.version) return false
        await writeBatch(level, [{ type: 'put', key: keyOf(row.folder, row.device), value: JSON.stringify(row) }], durability)
        return true
      }),
    drop: (folder, device, atMs) =>
      serial.run(async () => {
        const known = await get(folder, device)
        if (known !== null && known.atMs >= atMs) return
        const mark = {
          folder,
          device,
          name: '',
          version: 0,
          files: 0,
          bytes: 0,
          atMs,
          signed: '',
          signature: '0'.repeat(128),
          shared: false,
        }
        const value = JSON.stringify(v.parse(ReceiptRecord, mark))
        await writeBatch(level, [{ type: 'put', key: keyOf(folder, device), value }], {})
      }),
    async list(folder) {
      const rows: ReceiptRecord[] = []
      for await (const text of level.values(rangeOf(tablePrefix('receipt', folder)))) rows.push(parse(text))
      return rows
    },
    clear: (folder) => level.clear(rangeOf(tablePrefix('receipt', folder))),
  }
}
