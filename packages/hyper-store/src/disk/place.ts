/** Brings finished files and links into the user's sight: every step checks, right before it acts, that nothing changed. */
import * as fs from 'node:fs'
import type { FolderPath, LocalNode } from '../core/entries.ts'
import type { DiskOutcome, PlaceItem } from '../core/ports.ts'
import { refusalOf, writeError } from './disk-errors.ts'
import { syncFiles } from './durable.ts'
import { moveToFree } from './move.ts'
import type { StepContext } from './step-context.ts'
import { startPace } from './pace.ts'
import { walkTo } from './safe-path.ts'
import { DiskStagedFile, modeFor } from './stage.ts'
import { lookAt, lstatIfThere, sameNode } from './stat.ts'
import { keepInTrash } from './trash.ts'

/**
 * Makes the contents durable together, then gives each its name. A file that could not be placed stays staged, so that the
 * caller may place it elsewhere or discard it. When the disk refuses (full, read-only), the others are still placed
 * before the first error is thrown.
 */
export async function placeFiles(context: StepContext, items: readonly PlaceItem[]): Promise<DiskOutcome[]> {
  const { root } = context
  if (items.length === 0) return []
  root.check()
  const staged = items.map(({ staged }) => {
    if (staged instanceof DiskStagedFile) return staged
    throw new Error('the staged file belongs to another folder')
  })
  try {
    await syncFiles(
      staged.map(({ file }) => file),
      root.own.staging(),
    )
  } catch (error) {
    throw writeError(error, root.root)
  }

  const pace = startPace()
  const verified = new Set<string>()
  const outcomes: DiskOutcome[] = []
  const failures: unknown[] = []
  for (const [at, item] of items.entries()) {
    const file = staged[at]
    if (file === undefined) continue
    try {
      const outcome = placeOne(context, item, { file, verified })
      if (outcome.done) file.release()
      outcomes.push(outcome)
    } catch (error) {
      failures.push(error)
    }
    if (pace.step()) {
      await pace.rest()
      // What was checked in an earlier slice may be a link by now.
      verified.clear()
      root.check()
    }
  }
  if (failures.length > 0) throw failures[0]
  return outcomes
}

function placeOne(context: StepContext, item: PlaceItem, how: { file: DiskStagedFile; verified: Set<string> }): DiskOutcome {
  const { file, verified } = how
  return replaceAt(context, { path: item.path, seen: item.seen, agreed: item.agreed === true, verified }, (target, old) => {
    if (old.stat?.isFile() === true) keepBits(file, old.stat)
    if (old.gone) moveToFree(file.file, target)
    else fs.renameSync(file.file, target)
  })
}

/** Makes a symlink with any target text; it is never followed. */
export function makeSymlinkAt(
  context: StepContext,
  link: { path: FolderPath; target: string; seen: LocalNode | null; agreed: boolean },
): DiskOutcome {
  const { root } = context
  root.check()
  if (link.target === '' || link.target.includes('\0') || Buffer.byteLength(link.target) > 4095) return { done: false, why: 'unsafe' }
  return replaceAt(context, link, (target, old) => {
    if (old.gone) {
      fs.symlinkSync(link.target, target)
      return
    }
    const temp = root.own.stagingName()
    try {
      fs.symlinkSync(link.target, temp)
      fs.renameSync(temp, target)
    } catch (error) {
      fs.rmSync(temp, { force: true })
      throw error
    } finally {
      root.own.release()
    }
  })
}

interface Replacement {
  readonly path: FolderPath
  readonly seen: LocalNode | null
  /** True when the old version needs no copy in the trash. */
  readonly agreed: boolean
  readonly verified?: Set<string>
}

interface Replaced {
  readonly gone: boolean
  readonly stat?: fs.Stats
}

/**
 * The checks that all ways of putting something at a path share. `put` is told what it replaces and whether that is gone already.
 * Node has no exchange of names, so between the last look and the rename over an old version some microseconds remain; what is
 * written into the old file within them is in the trash, or, for an agreed version, lost.
 */
function replaceAt(context: StepContext, item: Replacement, put: (target: string, old: Replaced) => void): DiskOutcome {
  const { root } = context
  const { path, seen, verified } = item
  try {
    const walked = walkTo(root, path, { make: seen === null, ...(verified === undefined ? {} : { verified }) })
    if ('why' in walked) return { done: false, why: walked.why === 'missing' ? 'changed' : walked.why }
    const target = walked.file
    const old = lstatIfThere(target)
    if (seen === null) {
      // On a file system that ignores case, a twin of the name is found here too.
      if (old !== undefined) return { done: false, why: 'exists' }
      put(target, { gone: true })
    } else {
      if (old === undefined || !sameNode(seen, lookAt(target))) return { done: false, why: 'changed' }
      if (old.isDirectory()) {
        // Fails with `blocked` unless it is empty.
        fs.rmdirSync(target)
        try {
          put(target, { gone: true })
        } catch (error) {
          if (lstatIfThere(target) === undefined) fs.mkdirSync(target)
          throw error
        }
      } else {
        const moved = item.agreed ? null : keepInTrash(context, { path, file: target, copy: true })
        try {
          put(target, { gone: moved !== null, stat: old })
        } catch (error) {
          if (moved !== null && lstatIfThere(target) === undefined) fs.renameSync(moved, target)
          throw error
        }
      }
    }
    context.touched(target)
    const node = lookAt(target)
    // Gone again already: somebody else is at work here.
    return node === null ? { done: false, why: 'changed' } : { done: true, node }
  } catch (error) {
    return refusalOf(error, root.root)
  }
}

/** A new version of a file is no more readable than the old one: somebody may have closed it to others on purpose. */
function keepBits(file: DiskStagedFile, old: fs.Stats): void {
  if (process.platform === 'win32') return
  const bits = modeFor(old.mode & 0o777, (file.mode & 0o100) !== 0)
  if (bits === file.mode) return
  fs.chmodSync(file.file, bits)
  file.mode = bits
}
