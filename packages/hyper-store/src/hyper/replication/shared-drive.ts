/** A device drive as replication sees it: its logs, what its folder on disk shows, and who listens. */
import type { DeviceDrive } from '../device-drive.ts'
import { hashBytes, hex } from '../hash.ts'
import type { LogCore } from '../log-core.ts'
import type { LogName, Status } from './messages.ts'

/** Says whether more of a log may be fetched and stored. */
export type MayFetch = (log: LogName, pending: number) => boolean

/** A drive that this store shares with peers that prove to know its key. */
export class SharedDrive {
  readonly drive: DeviceDrive
  /** Hex discovery key of the db log: the name of the drive between peers. */
  readonly id: string
  readonly discoveryKey: Uint8Array
  /** Version that this device's folder on disk shows; null when it keeps no folder. */
  applied: number | null = null
  /** Drives that others write are fetched, and one's own while it recovers. */
  fetches: boolean
  /** False for a drive of which only the records are fetched. */
  readonly fetchesContent: boolean
  /** False for a log of which nothing more is fetched for now; `pending`: bytes that came unasked and are not stored yet. */
  readonly mayFetch: MayFetch
  /** Devices that get nothing of it, though they know its key: members that were removed. */
  refused: ReadonlySet<string> = new Set()

  constructor(drive: DeviceDrive, options: { fetches: boolean; fetchesContent?: boolean; mayFetch?: MayFetch }) {
    this.drive = drive
    this.discoveryKey = drive.db.plain.discoveryKey
    this.id = hex(this.discoveryKey)
    this.fetches = options.fetches
    this.fetchesContent = options.fetchesContent ?? true
    this.mayFetch = options.mayFetch ?? (() => true)
  }

  log(name: LogName): LogCore | null {
    return name === 'db' ? this.drive.db : this.drive.blobs
  }

  status(): Status {
    const { db, blobs } = this.drive
    return {
      drive: this.id,
      fork: db.fork,
      db: db.contiguous,
      dbBytes: db.raw.byteLength,
      blobs: blobs?.contiguous ?? 0,
      blobsBytes: blobs?.raw.byteLength ?? 0,
      blobsFork: blobs?.fork ?? 0,
      applied: this.applied,
    }
  }

  /** Proof to a peer that this side knows the drive's key, bound to one connection and direction. */
  proof(handshakeHash: Uint8Array, initiator: boolean): string {
    return hex(hashBytes(Buffer.from('hyper-store offer 1'), Buffer.from([initiator ? 1 : 0]), handshakeHash, this.drive.key))
  }
}
