/** Whether every block that a version refers to is here, though the log has holes: blocks of older versions that were let go. */
import { AppError } from '@hyper-store/client/contract'
import type { DriveId } from '../core/entries.ts'
import { blocksOf, type CoreOf } from './content-read.ts'
import type { DriveView } from './drive-view.ts'
import type { ReadRecord } from './entry-codec.ts'
import type { LogCore } from './log-core.ts'

/** What is looked at: the drive whose version it is. */
export interface LookedAt {
  readonly blobs: LogCore | null
  viewOf(version: number): DriveView
  history(from: number, to: number): AsyncIterable<ReadRecord>
}

/**
 * Looks block by block; remembers how far it was right, so that a new version costs what is new in it.
 * Invariant: `holds` is true only for the version that was looked at last, with all blocks that it refers to held then.
 */
export class ExactCheck {
  readonly #drive: LookedAt
  readonly #coreOf: CoreOf
  #checkedTo = 0
  #clears = ''
  #missing: { readonly core: LogCore; readonly index: number; readonly version: number } | null = null
  #looking = 0
  readonly #cores = new Set<LogCore>()
  #holds = false

  constructor(drive: LookedAt, coreOf: (drive: DriveId) => LogCore | null) {
    this.#drive = drive
    this.#coreOf = (id) => {
      const core = coreOf(id)
      if (core === null) throw new AppError('NO_PEER')
      this.#cores.add(core)
      return core
    }
  }

  get holds(): boolean {
    return this.#holds
  }

  /** All is here without holes: nothing to look for. */
  forget(): void {
    this.#holds = false
    this.#checkedTo = 0
  }

  /** True when all that the drive shows at `version` is here. While blocks come in it is false: the question is asked again then. */
  async look(version: number): Promise<boolean> {
    this.#holds = await this.#look(version)
    return this.#holds
  }

  async #look(version: number): Promise<boolean> {
    const { blobs } = this.#drive
    if (blobs === null || !blobs.isQuiet) return false
    // What one version lacks another may not need.
    if (this.#missing !== null && this.#missing.version === version && !this.#missing.core.holds(this.#missing.index)) return false
    this.#missing = null
    this.#looking = version
    if (this.#checkedTo > 0 && this.#clears === this.#clearsNow()) {
      for await (const record of this.#drive.history(this.#checkedTo, version)) if (!(await this.#isHere(record))) return false
    } else {
      this.#checkedTo = 0
      const view = this.#drive.viewOf(version)
      try {
        for await (const record of view.records()) if (!(await this.#isHere(record))) return false
      } finally {
        await view.close()
      }
    }
    this.#checkedTo = version
    this.#clears = this.#clearsNow()
    return true
  }

  #clearsNow(): string {
    return [...this.#cores].map((core) => `${core.id}:${core.clears}`).join()
  }

  async #isHere({ entry }: ReadRecord): Promise<boolean> {
    if (entry?.kind !== 'file' || entry.content === null) return true
    const { drive, blockOffset, blockLength, blockMap, parts } = entry.content
    try {
      const core = this.#coreOf(drive)
      for (let index = blockOffset; index < blockOffset + blockLength; index++) if (!this.#holdsBlock(core, index)) return false
      if (!blockMap && parts !== true) return true
      for (const block of await blocksOf(this.#coreOf, entry.content))
        if (!this.#holdsBlock(this.#coreOf(block.drive), block.index)) return false
      return true
    } catch (error) {
      // A damaged map holds back its own file when that is read, not the version.
      return error instanceof AppError && error.code === 'DEFECT'
    }
  }

  #holdsBlock(core: LogCore, index: number): boolean {
    if (core.holds(index)) return true
    this.#missing = { core, index, version: this.#looking }
    void core.want(index).catch(() => undefined)
    return false
  }
}
