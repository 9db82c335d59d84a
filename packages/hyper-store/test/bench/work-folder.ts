/** The folder that all measurements work in: everything in it is fresh, and small files are deleted only when all is done. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WORKSPACE } from './options.ts'

const BIG_BYTES = 8 * 1024 * 1024
/** ext4 passes over inodes that were freed within the last minutes, one by one, when it looks for a free one. */
const SLOW_AFTER_DELETE_S = 300

/** A new work folder below `base`. Says so when it can't be a fair one yet. */
export function makeWorkFolder(base: string): string {
  const stamp = stampFile()
  const agoS = existsSync(stamp) ? (Date.now() - statSync(stamp).mtimeMs) / 1000 : Infinity
  if (agoS < SLOW_AFTER_DELETE_S) {
    console.log(
      `many files were deleted ${Math.round(agoS)} s ago: on ext4 new files are made slowly until ${SLOW_AFTER_DELETE_S} s after (see --keep)`,
    )
  }
  mkdirSync(base, { recursive: true })
  return mkdtempSync(join(base, 'hs-bench-'))
}

/** Frees most of the space of what is done: a few big files, whose deletion disturbs nothing. */
export function dropBigFiles(folder: string): void {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && statSync(path).size >= BIG_BYTES) rmSync(path)
  }
}

/** Deletes all of it, and notes when. */
export function removeWorkFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  writeFileSync(stampFile(), '')
}

function stampFile(): string {
  const cache = join(WORKSPACE, '.cache/bench')
  mkdirSync(cache, { recursive: true })
  return join(cache, 'last-deletion')
}
