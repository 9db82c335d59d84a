/** The newest version of a drive that is here whole: how far its records were read, what they need of which content log, and what of that is held. */
import type { DriveId } from '../core/entries.ts'
import type { ReadRecord } from './entry-codec.ts'
import { ExactCheck, type LookedAt } from './exact-check.ts'
import type { LogCore } from './log-core.ts'

/** Drives that the entries of one may need; a hostile writer names more. */
const MAX_NEEDED_DRIVES = 1000
/** What is missing is looked for again after this. */
const LOOK_AGAIN_MS = 500

/** A version of a drive that is here whole: `db` blocks of the db log, which refer to at most `need` blocks of the blobs log. */
export interface WholeVersion {
  readonly db: number
  readonly need: number
  /** What it refers to in other drives' blobs logs, as lengths by drive. Left out: nothing. */
  readonly needs?: ReadonlyMap<DriveId, number>
}

/** The drive whose versions are looked at. */
export interface FollowedDrive extends LookedAt {
  readonly id: DriveId
  readonly db: LogCore
  /** True for a drive of this device: what it wrote itself was here when it was written. */
  readonly writable: boolean
  /** Reads what the db log is, before the first of its records is read. */
  look(): Promise<void>
  /** Opens the blobs log if that is possible now. */
  ensureBlobs(): Promise<LogCore | null>
}

/**
 * Follows one drive as its logs grow, one look at a time.
 * Invariant: `version.db` never grows past a version whose content is not here (blobs contiguous >= need), unless nobody has it (`gaps`).
 */
export class Wholeness {
  readonly #drive: FollowedDrive
  readonly #exact: ExactCheck
  readonly #listeners = new Set<() => void>()
  #version: WholeVersion = { db: 0, need: 0 }
  #readTo = 0
  #shown = 0
  #needTo = 0
  readonly #needs = new Map<DriveId, number>()
  #heldOf: (drive: DriveId) => number = () => 0
  #coreOf: (drive: DriveId) => LogCore | null = () => null
  #gaps = false
  #advancing: Promise<void> = Promise.resolve()
  #closed = false
  #again: NodeJS.Timeout | null = null

  constructor(drive: FollowedDrive) {
    this.#drive = drive
    this.#exact = new ExactCheck(drive, (id) => (id === drive.id ? drive.blobs : this.#coreOf(id)))
  }

  /** Newest version that is here whole. */
  get version(): WholeVersion {
    return this.#version
  }
  /** True while some content of `version` is not here, since nobody in reach has it. */
  get gaps(): boolean {
    return this.#gaps
  }
  /** True while all that the newest version refers to is here, and blocks of older ones are not: they were let go, here or by all. */
  get lacksOld(): boolean {
    return this.#exact.holds
  }
  /** Length of the blobs log up to which all that counts is here. */
  get heldBlobs(): number {
    const contiguous = this.#drive.blobs?.contiguous ?? 0
    return this.#gaps || this.#exact.holds ? Math.max(contiguous, this.#version.need) : contiguous
  }

  /** Calls back when `version` grew, or what it lacks changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Goes on without content that nobody in reach has: what is here is shown, what is missing is told of file by file. */
  goOnWithGaps(): void {
    if (this.#readTo <= this.#version.db || this.#closed) return
    this.#gaps = true
    this.#version = this.#read()
    this.#tell()
  }

  /** Sets how much of other drives' blobs logs is here, and where those are. */
  askOthers(heldOf: (drive: DriveId) => number, coreOf: (drive: DriveId) => LogCore | null): void {
    this.#heldOf = heldOf
    this.#coreOf = coreOf
    this.advance()
  }

  /** Looks again whether more is whole; cheap when nothing of other drives is waited for. */
  recheck(): void {
    if (this.#readTo > this.#version.db || this.#gaps || this.#needs.size > 0) this.advance()
  }

  /**
   * Finds out what is here whole; to be awaited once after opening. `shown` is a length that was whole before, 0 for none: what this
   * device has shown stays shown while newer content is on its way.
   */
  async start(shown: number): Promise<void> {
    this.#shown = shown <= this.#drive.db.contiguous ? shown : 0
    this.advance()
    await this.#advancing
  }

  /** Takes account of what came; `settled` waits for it. */
  advance(): void {
    if (this.#closed) return
    this.#advancing = this.#advancing.then(async () => this.#advanceOnce()).catch(() => undefined)
  }

  /** Waits until all growth seen so far is accounted for. */
  async settled(): Promise<void> {
    await this.#advancing
  }

  /** Ends the following; waits for a look that is under way. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#again !== null) clearTimeout(this.#again)
    await this.#advancing
    this.#listeners.clear()
  }

  async #advanceOnce(): Promise<void> {
    if (this.#closed) return
    const { db } = this.#drive
    // Signed lengths only: between two of them lies half a batch, whose tree has not what was there before.
    const target = db.contiguous === db.length ? db.length : Math.max(this.#readTo, this.#shown)
    if (target === 0) return
    await this.#drive.look()
    if (this.#drive.blobs === null) await this.#drive.ensureBlobs()
    if (this.#shown > this.#readTo) {
      await this.#readOn(this.#shown)
      this.#version = this.#read()
    }
    if (target > this.#readTo) await this.#readOn(target)
    const held = this.#drive.blobs?.contiguous ?? 0
    const knew = this.#exact.holds
    let isHere = (held >= this.#needTo || this.#needTo === 0) && this.#othersHold()
    if (isHere) this.#exact.forget()
    else {
      isHere = await this.#exact.look(this.#readTo)
      if (!isHere) this.#lookAgain()
    }
    // What this device wrote itself was here when it was written; the folder on its disk has it still.
    if (this.#readTo > this.#version.db && (this.#drive.writable || isHere)) {
      this.#version = this.#read()
      this.#gaps = false
      this.#tell()
    } else if (this.#gaps) {
      this.#gaps = !isHere
      this.#tell()
    } else if (knew !== this.#exact.holds) this.#tell()
  }

  /** Blocks of a log with holes come in no order, and the last of them is not known as such. */
  #lookAgain(): void {
    if (this.#closed) return
    this.#again ??= setTimeout(() => {
      this.#again = null
      this.advance()
    }, LOOK_AGAIN_MS).unref()
  }

  async #readOn(to: number): Promise<void> {
    for await (const record of this.#drive.history(this.#readTo, to)) this.#count(record)
    this.#readTo = to
  }

  #count(record: ReadRecord): void {
    if (record.need > this.#needTo) this.#needTo = record.need
    for (const [drive, length] of Object.entries(record.needs ?? {}) as [DriveId, number][]) {
      if (length > (this.#needs.get(drive) ?? 0) && (this.#needs.has(drive) || this.#needs.size < MAX_NEEDED_DRIVES))
        this.#needs.set(drive, length)
    }
  }

  #read(): WholeVersion {
    return { db: this.#readTo, need: this.#needTo, ...(this.#needs.size === 0 ? {} : { needs: new Map(this.#needs) }) }
  }

  #othersHold(): boolean {
    for (const [drive, length] of this.#needs) if (drive !== this.#drive.id && this.#heldOf(drive) < length) return false
    return true
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
