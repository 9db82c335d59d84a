/** What all tables of a shared folder have in common: how much of each drive counts, the versions, and the order of writes. */
import { AppError } from '@hyper-store/client/contract'
import type { FolderVersion } from '../core/ports.ts'
import { RowVersions } from '../core/table-merge.ts'
import { createSerial } from '../lib/serial.ts'
import type { DeviceDrive } from './device-drive.ts'
import type { MergedDrives } from './folder-drives.ts'
import { FolderHistory } from './folder-history.ts'
import type { MemberDrive } from './merged-feed.ts'

/** Versions told lately that `toldState` knows. */
const TOLD_LIMIT = 256
/** Tables whose number of rows is remembered. */
const COUNT_LIMIT = 64

const rows = new WeakMap<MergedDrives, FolderRows>()

/** The rows of a folder; one for each merged view, so that logs are read once and writes go one after the other. */
export function rowsOf(drives: MergedDrives): FolderRows {
  let one = rows.get(drives)
  if (one === undefined) {
    one = new FolderRows(drives)
    rows.set(drives, one)
  }
  return one
}

/** The drives of a folder as tables see them: each at its signed length that is here whole, whatever content of files is missing. */
export class FolderRows {
  /** A write reads what is there and goes above it: one after the other. */
  readonly writes = createSerial()
  readonly #drives: MergedDrives
  readonly #history: FolderHistory
  /** Signed lengths seen whole. */
  readonly #signed = new WeakMap<DeviceDrive, number>()
  readonly #told = new Map<number, FolderVersion>()
  readonly #counts = new Map<string, { readonly of: string; readonly rows: number }>()
  #versions: { readonly of: object; readonly versions: RowVersions } | null = null

  /** By `rowsOf` only. */
  constructor(drives: MergedDrives) {
    this.#drives = drives
    this.#history = new FolderHistory(drives, (drive) => this.signedLength(drive))
  }

  /** Drives that can be read: not those without their key. */
  get members(): MemberDrive[] {
    return this.#drives.members.filter(({ drive }) => !drive.unreadable)
  }

  /** Length of a drive's log that its writer signed and that is here without holes. */
  signedLength(drive: DeviceDrive): number {
    const { contiguous, length } = drive.db
    // Between two signed lengths lies half a batch, whose tree has not what was there before.
    const known = contiguous >= length ? length : Math.max(drive.whole.db, this.#signed.get(drive) ?? 0)
    this.#signed.set(drive, known)
    return known
  }

  /** How long each drive is now, as far as it counts. */
  newest(): FolderVersion {
    return Object.fromEntries(
      this.members.map(({ drive, frozenAt }) => [drive.id, Math.min(this.signedLength(drive), frozenAt ?? Infinity)]),
    )
  }

  /** The newest version of the folder of which all rows can be read; remembers what was there. */
  version(): number {
    const state = this.newest()
    const version = Object.values(state).reduce((sum, length) => sum + length, 0)
    this.#told.delete(version)
    this.#told.set(version, state)
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= TOLD_LIMIT) break
      this.#told.delete(oldest)
    }
    return version
  }

  /** How long each drive was when `version` gave that number lately; undefined when it did not. */
  toldState(version: number): FolderVersion | undefined {
    return this.#told.get(version)
  }

  /** Rows of a table in a state of the drives, which `count` counts when that was not asked last. */
  async countOf(table: string, state: FolderVersion, count: () => Promise<number>): Promise<number> {
    const of = JSON.stringify(state)
    const known = this.#counts.get(table)
    if (known?.of === of) return known.rows
    const counted = await count()
    this.#counts.delete(table)
    this.#counts.set(table, { of, rows: counted })
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= COUNT_LIMIT) break
      this.#counts.delete(oldest)
    }
    return counted
  }

  /** How long each drive is as of a version, null for now. Throws UNKNOWN_VERSION. */
  async stateOf(version: number | null): Promise<FolderVersion> {
    if (version === null) return this.newest()
    const state = (await this.versions()).stateOf(version)
    if (state === null) throw new AppError('UNKNOWN_VERSION', { version })
    return state
  }

  /** The versions of the folder, as far as rows can be read. */
  async versions(): Promise<RowVersions> {
    const of = await this.#history.timeline()
    if (this.#versions?.of !== of) this.#versions = { of, versions: new RowVersions(of) }
    return this.#versions.versions
  }
}
