/** Files and bytes of a folder's newest version, counted once per version and not more often than is worth it. */
import type { MergedDrives } from '../hyper/folder-drives.ts'

/** While versions come quickly, a count may be this old. */
const FRESH_MS = 3000

/** What a user counts in a folder: files and links, and their bytes. */
export interface Totals {
  readonly files: number
  readonly bytes: number
  /** Versions that stand beside others; left out where that is not known. */
  readonly conflicts?: number
}

/** Counts by walking the entries; remembers the last count. */
export class DriveTotals {
  readonly #drives: MergedDrives
  #version = -1
  #at = -Infinity
  #totals: Totals = { files: 0, bytes: 0 }
  #counting: Promise<Totals> | null = null

  constructor(drives: MergedDrives) {
    this.#drives = drives
  }

  /** The totals of `version`, or of a version counted within the last seconds. */
  async of(version: number): Promise<Totals> {
    if (version === this.#version) return this.#totals
    const told = await this.#told(version).catch(() => null)
    if (told !== null) {
      this.#totals = told
      this.#version = version
      return told
    }
    if (this.#version >= 0 && performance.now() - this.#at < FRESH_MS * Math.min(1, this.#totals.files / 5000)) return this.#totals
    this.#counting ??= this.#count(version).finally(() => {
      this.#counting = null
    })
    return this.#counting
  }

  // The writer of a drive tells its totals, and the merge of several drives counts; drives that others wrote are walked.
  async #told(version: number): Promise<Totals | null> {
    return this.#drives.total() === version ? this.#drives.totals() : null
  }

  // A folder that can't be read now (a newer format, damaged records) keeps its last count: its problem is told elsewhere.
  async #count(version: number): Promise<Totals> {
    return this.#walk(version).catch(() => this.#totals)
  }

  async #walk(version: number): Promise<Totals> {
    let files = 0
    let bytes = 0
    for await (const { entry } of this.#drives.entries()) {
      if (entry === null || entry.kind === 'tombstone' || entry.kind === 'folder') continue
      files++
      if (entry.kind === 'file') bytes += Math.max(0, entry.size)
    }
    this.#totals = { files, bytes }
    this.#version = version
    this.#at = performance.now()
    return this.#totals
  }
}
