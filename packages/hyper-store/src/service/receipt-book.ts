/** Receipts of one store: signs its own, checks and keeps those of others, and passes them on. */
import { AppError } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { parseReceipt, receiptBytes, type Receipt } from '../core/receipts.ts'
import { decodeDeviceKey, encodeDeviceKey, type Identity, verifySignature } from '../hyper/transports/identity.ts'
import { hex } from '../hyper/hash.ts'
import { isDrop } from '../state/receipts.ts'
import type { ReceiptRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import type { DriveSet } from './drive-set.ts'

/** A receipt as it travels: what was signed, and what goes with it. */
const Carried = v.object({
  receipt: v.unknown(),
  name: v.pipe(v.string(), v.maxLength(100)),
  files: v.pipe(v.number(), v.integer(), v.minValue(0)),
  bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
})
export type CarriedReceipt = v.InferOutput<typeof Carried>

/** A receipt that was checked, or made here. */
export interface KnownReceipt {
  readonly receipt: Receipt
  /** Device key as text. */
  readonly device: string
  readonly record: ReceiptRecord
  readonly carried: CarriedReceipt
}

/** Most devices that are remembered for one folder: strangers can hold a public link. */
const DEVICES_LIMIT = 64

/** Keeps receipts by folder; `folder` is the z-base-32 key of its root drive. */
export class ReceiptBook {
  readonly #state: State
  readonly #identity: Identity
  readonly #known = new Map<string, Map<string, KnownReceipt>>()
  /** By folder and device: the moment since which older receipts say nothing, because the device stopped keeping the folder. */
  readonly #drops = new Map<string, Map<string, number>>()

  constructor(state: State, identity: Identity) {
    this.#state = state
    this.#identity = identity
  }

  /** Loads what is stored about a folder. */
  async load(folder: string): Promise<void> {
    const devices = new Map<string, KnownReceipt>()
    const drops = new Map<string, number>()
    for (const record of await this.#state.receipts.list(folder)) {
      const known = fromRecord(record)
      if (isDrop(record)) drops.set(record.device, record.atMs)
      else if (known !== null) devices.set(known.device, known)
    }
    this.#known.set(folder, devices)
    this.#drops.set(folder, drops)
  }

  /** Newest receipt of each device for a folder. */
  list(folder: string): KnownReceipt[] {
    return [...(this.#known.get(folder)?.values() ?? [])]
  }
  /** Newest receipt of one device; null for none. */
  of(folder: string, device: string): KnownReceipt | null {
    return this.#known.get(folder)?.get(device) ?? null
  }

  /** True for a device that let go of the folder and did not say since that it keeps it again. */
  keepsNoMore(folder: string, device: string): boolean {
    return this.droppedAt(folder, device) > 0 && this.of(folder, device) === null
  }

  /**
   * A device, default this one, keeps the folder no more: its receipt goes, and those dated before `atMs` (by that device's clock) or
   * not later than it count no more, whoever brings them. Resolves when that is durable.
   */
  async drop(folder: string, atMs: number, device: string = this.#identity.deviceKey): Promise<void> {
    const last = this.of(folder, device)?.receipt.at ?? -1
    const drops = this.#drops.get(folder) ?? new Map<string, number>()
    const at = Math.max(atMs, last + 1, drops.get(device) ?? 0)
    drops.set(device, at)
    this.#drops.set(folder, drops)
    this.#known.get(folder)?.delete(device)
    await this.#state.receipts.drop(folder, device, at)
  }

  /** Signs what this device holds; null when it said so already. */
  async sign(
    folder: string,
    said: Omit<Receipt, 'device'>,
    facts: { name: string; files: number; bytes: number },
  ): Promise<KnownReceipt | null> {
    const before = this.of(folder, this.#identity.deviceKey)
    const publicKey = decodeDeviceKey(this.#identity.deviceKey)
    if (publicKey === null) throw new AppError('DEFECT', { reason: 'the own device key does not parse' })
    if (
      before !== null &&
      before.receipt.version === said.version &&
      before.receipt.blobs === said.blobs &&
      before.receipt.applied === said.applied &&
      before.receipt.fork === said.fork &&
      JSON.stringify(before.receipt.drives) === JSON.stringify(said.drives)
    )
      return null
    // Later than the one before by any clock: it takes its place.
    const at = Math.max(said.at, (before?.receipt.at ?? 0) + 1, this.droppedAt(folder, this.#identity.deviceKey))
    const receipt: Receipt = { ...said, at, device: hex(publicKey) }
    const carried: CarriedReceipt = { receipt, ...facts, signature: hex(this.#identity.sign(receiptBytes(receipt))) }
    return this.#keep(folder, receipt, carried)
  }

  /**
   * Takes a receipt from a peer. Null when it is malformed, badly signed, of an unknown drive, not newer than what is known,
   * or of before its device was found to keep the folder no more.
   * `folderOf` finds the folder of a drive's discovery key.
   */
  async take(message: unknown, folderOf: (drive: string) => string | null): Promise<{ folder: string; known: KnownReceipt } | null> {
    const parsed = v.safeParse(Carried, message)
    const receipt = parsed.success ? parseReceipt(parsed.output.receipt) : null
    if (!parsed.success || receipt === null) return null
    const folder = folderOf(receipt.drive)
    const device = encodeDeviceKey(Buffer.from(receipt.device, 'hex'))
    if (folder === null || device === this.#identity.deviceKey) return null
    const before = this.of(folder, device)
    if (receipt.at < this.droppedAt(folder, device)) return null
    if (before !== null && (before.receipt.at >= receipt.at || (receipt.drives === undefined && before.receipt.version > receipt.version)))
      return null
    if (before === null && this.list(folder).length >= DEVICES_LIMIT) return null
    if (!verifySignature(receiptBytes(receipt), Buffer.from(parsed.output.signature, 'hex'), device)) return null
    const known = await this.#keep(folder, receipt, { ...parsed.output, receipt })
    return { folder, known }
  }

  /** The moment, by the device's clock, since which older receipts say nothing; 0 for a device that never let go of the folder. */
  droppedAt(folder: string, device: string): number {
    return this.#drops.get(folder)?.get(device) ?? 0
  }

  async #keep(folder: string, receipt: Receipt, carried: CarriedReceipt): Promise<KnownReceipt> {
    const device = encodeDeviceKey(Buffer.from(receipt.device, 'hex'))
    const record: ReceiptRecord = {
      folder,
      device,
      name: carried.name,
      version: receipt.version,
      files: carried.files,
      bytes: carried.bytes,
      atMs: receipt.at,
      signed: Buffer.from(JSON.stringify(receipt)).toString('hex'),
      signature: carried.signature,
      shared: receipt.drives !== undefined,
    }
    const known = { receipt, device, record, carried }
    const devices = this.#known.get(folder) ?? new Map<string, KnownReceipt>()
    devices.set(device, known)
    this.#known.set(folder, devices)
    await this.#state.receipts.put(record, { sync: false })
    return known
  }
}

/** What this device holds of a folder's drives, to be signed; `version` is the one of the whole folder that it shows. */
export function heldOf(set: DriveSet, shown: Pick<Receipt, 'version' | 'applied' | 'at'>): Omit<Receipt, 'device'> {
  const { drive, shared } = set.root
  return {
    ...shown,
    drive: shared.id,
    fork: drive.db.fork,
    blobsFork: drive.blobs?.fork ?? 0,
    blobs: drive.heldBlobs,
    ...(set.all.length === 1
      ? {}
      : { drives: Object.fromEntries(set.all.map((held) => [held.shared.id, [held.drive.db.contiguous, held.drive.heldBlobs] as const])) }),
  }
}

function fromRecord(record: ReceiptRecord): KnownReceipt | null {
  try {
    const receipt = parseReceipt(JSON.parse(Buffer.from(record.signed, 'hex').toString('utf8')))
    if (receipt === null) return null
    return {
      receipt,
      device: record.device,
      record,
      carried: { receipt, name: record.name, files: record.files, bytes: record.bytes, signature: record.signature },
    }
  } catch {
    return null
  }
}
