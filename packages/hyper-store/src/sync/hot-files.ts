/** Files that are being written: the more often a large one changes, the longer its next reading waits. */
import type { FolderPath, LocalFile } from '../core/entries.ts'

/** Smaller files are read at once: reading them again costs nothing. */
const LARGE_BYTES = 1024 * 1024
const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 5_000
/** After so long without a change a file is cold again. */
const COLD_AFTER_MS = 15_000

/** Remembers which large files changed lately. */
export class HotFiles {
  readonly #files = new Map<FolderPath, { changes: number; lastMs: number }>()

  /** Milliseconds to wait before this file is read; 0: read it now. */
  waitFor(path: FolderPath, local: LocalFile, nowMs: number): number {
    if (local.size < LARGE_BYTES) return 0
    const changes = this.#files.get(path)?.changes ?? 0
    if (changes === 0) return 0
    const quiet = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** changes)
    return Math.max(0, Math.min(quiet, local.mtimeMs + quiet - nowMs))
  }

  /** The file was read, or could not be because it changed. */
  touched(path: FolderPath, nowMs: number): void {
    const known = this.#files.get(path)
    const hot = known !== undefined && nowMs - known.lastMs < COLD_AFTER_MS
    this.#files.set(path, { changes: hot ? known.changes + 1 : 1, lastMs: nowMs })
    if (this.#files.size > 1000) for (const [p, f] of this.#files) if (nowMs - f.lastMs >= COLD_AFTER_MS) this.#files.delete(p)
  }
}
