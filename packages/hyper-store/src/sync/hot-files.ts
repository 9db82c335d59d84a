/** Files that are being written: the more often a large one changes, the longer its next reading waits. */
import type { FolderPath, LocalFile } from '../core/entries.ts'

/** Smaller files are read at once: reading them again costs nothing. */
const LARGE_BYTES = 1024 * 1024
const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 5_000
/** A file that never rests is read nevertheless, this long after its first unread change. */
const LONGEST_DELAY_MS = 30_000
/** After so long without a reading a file is cold again. */
const COLD_AFTER_MS = 15_000
/** Above this number cold files are forgotten. */
const MANY = 1000

interface HotFile {
  /** Readings since it was cold. */
  readonly readings: number
  readonly lastReadMs: number
  /** The state that waits to be read; null when none does. */
  readonly waiting: {
    readonly size: number
    readonly mtimeMs: number
    readonly ctimeMs: number
    readonly sinceMs: number
    readonly firstMs: number
  } | null
}

/** Remembers which large files were read lately. Times are milliseconds of the caller's clock. */
export class HotFiles {
  readonly #files = new Map<FolderPath, HotFile>()

  /** Milliseconds to wait before this file is read; 0: read it now. Asking again about the same state does not make the wait longer. */
  waitFor(path: FolderPath, local: LocalFile, nowMs: number): number {
    const file = this.#files.get(path)
    if (local.size < LARGE_BYTES || file === undefined || this.#isCold(file, nowMs)) return 0
    const { waiting } = file
    const isKnown =
      waiting !== null && waiting.size === local.size && waiting.mtimeMs === local.mtimeMs && waiting.ctimeMs === local.ctimeMs
    // By the time of the change where that is believable: a file's own times may lie in the future.
    const changedMs = local.ctimeMs > file.lastReadMs && local.ctimeMs <= nowMs ? local.ctimeMs : nowMs
    const sinceMs = isKnown ? waiting.sinceMs : changedMs
    const firstMs = waiting?.firstMs ?? sinceMs
    if (!isKnown)
      this.#files.set(path, { ...file, waiting: { size: local.size, mtimeMs: local.mtimeMs, ctimeMs: local.ctimeMs, sinceMs, firstMs } })
    const quietMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** file.readings)
    return Math.max(0, Math.min(sinceMs + quietMs, firstMs + LONGEST_DELAY_MS) - nowMs)
  }

  /** The file is read now, or could not be because it changed meanwhile. */
  read(path: FolderPath, nowMs: number): void {
    const file = this.#files.get(path)
    const readings = file !== undefined && !this.#isCold(file, nowMs) ? file.readings + 1 : 1
    this.#files.set(path, { readings, lastReadMs: nowMs, waiting: null })
    if (this.#files.size <= MANY) return
    for (const [other, known] of this.#files) if (this.#isCold(known, nowMs)) this.#files.delete(other)
  }

  #isCold(file: HotFile, nowMs: number): boolean {
    return file.waiting === null && nowMs - file.lastReadMs >= COLD_AFTER_MS
  }
}
