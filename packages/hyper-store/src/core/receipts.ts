/** Receipts: a device's signed word that it holds all of a version. What is signed, and what it proves; signing itself is elsewhere. */

/** What a device says that it holds of one device drive. */
export interface Receipt {
  /** Discovery key of the drive's db core, 64 hex characters: tells nothing to who does not know the link. */
  readonly drive: string
  /** Fork of the db core that `version` counts in. */
  readonly fork: number
  /** Length of the db core held without a gap. */
  readonly version: number
  /** Fork of the blobs core that `blobs` counts in. */
  readonly blobsFork: number
  /** Length of the blobs core held without a gap. */
  readonly blobs: number
  /** True when the version is on the device's disk as files, too. */
  readonly applied: boolean
  /** Key of the device that says so, 64 hex characters. */
  readonly device: string
  /** When, milliseconds since 1970 by the device's clock. */
  readonly at: number
  /**
   * In a folder of several drives: what is held of each, by discovery key: db and blobs blocks. `drive` is then the root drive, and
   * `version` the version of the whole folder.
   */
  readonly drives?: Readonly<Record<string, readonly [db: number, blobs: number]>> | undefined
}

/** What a version consists of: a receipt that reaches all of it is complete. */
export interface ReceiptNeed {
  readonly drive: string
  readonly fork: number
  readonly version: number
  readonly blobsFork: number
  readonly blobs: number
  /** True to want the files on disk as well; default false. */
  readonly applied?: boolean
}

const HEX_32 = /^[0-9a-f]{64}$/u

/** The one sequence of bytes that a device signs for a receipt: a mark with format version, then the fields in fixed order, one a line. */
export function receiptBytes(receipt: Receipt): Uint8Array {
  const drives = receipt.drives === undefined ? [] : [JSON.stringify(Object.entries(receipt.drives).sort(([a], [b]) => (a < b ? -1 : 1)))]
  const fields = [
    `hyper-store receipt ${receipt.drives === undefined ? 1 : 2}`,
    receipt.drive,
    receipt.fork,
    receipt.version,
    receipt.blobsFork,
    receipt.blobs,
    receipt.applied ? 1 : 0,
    receipt.device,
    receipt.at,
    ...drives,
  ]
  return new TextEncoder().encode(fields.join('\n'))
}

/** True when the receipt covers all of what is needed. Another fork is another history: lengths there say nothing. */
export function isComplete(receipt: Receipt, need: ReceiptNeed): boolean {
  if (receipt.drive !== need.drive || receipt.fork !== need.fork || receipt.version < need.version) return false
  // An empty blobs core has no fork to speak of.
  if (need.blobs > 0 && (receipt.blobsFork !== need.blobsFork || receipt.blobs < need.blobs)) return false
  return need.applied !== true || receipt.applied
}

/** A receipt from outside; null when a field is missing, of another type or out of range. Unknown fields are dropped. */
export function parseReceipt(value: unknown): Receipt | null {
  if (typeof value !== 'object' || value === null) return null
  const { drive, fork, version, blobsFork, blobs, applied, device, at, drives } = value as Record<string, unknown>
  if (typeof drive !== 'string' || !HEX_32.test(drive) || typeof device !== 'string' || !HEX_32.test(device)) return null
  if (!isCount(fork) || !isCount(version) || !isCount(blobsFork) || !isCount(blobs) || !isCount(at)) return null
  if (typeof applied !== 'boolean') return null
  const receipt = { drive, fork, version, blobsFork, blobs, applied, device, at }
  if (drives === undefined) return receipt
  const held = parseDrives(drives)
  return held === null ? null : { ...receipt, drives: held }
}

/** Most drives of one folder that a receipt tells of. */
const MAX_DRIVES = 1000

function parseDrives(value: unknown): Receipt['drives'] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const entries = Object.entries(value as Record<string, unknown>)
  if (entries.length > MAX_DRIVES) return null
  const drives: Record<string, readonly [number, number]> = {}
  for (const [drive, lengths] of entries) {
    if (!HEX_32.test(drive) || !Array.isArray(lengths) || lengths.length !== 2) return null
    const [db, blobs]: unknown[] = lengths
    if (!isCount(db) || !isCount(blobs)) return null
    drives[drive] = [db, blobs]
  }
  return drives
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
