/** Whether a folder shows what a step made, found at the cost of about one stat. */
import { closeSync, lstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Expected, Mark, Step } from './workloads.ts'

/**
 * A cheap test of whether `folder` shows what the step made: it stops at the first file that is missing and looks there
 * first the next time, so that a negative answer costs about one stat. No proof: `compareTrees` is.
 */
export function probeFor(step: Step, folder: string): () => boolean {
  const list = shuffled(step.present)
  let from = 0
  return () => {
    for (; from < list.length; from++) {
      const file = list[from]
      if (file === undefined || !shows(folder, file)) return false
    }
    return step.gone.every((path) => look(join(folder, path)) === undefined) && step.marks.every((mark) => showsBytes(folder, mark))
  }
}

function shows(folder: string, file: Expected): boolean {
  const found = look(join(folder, file.path))
  if (found === undefined) return false
  return file.link ? found.isSymbolicLink() : found.isFile() && found.size === file.size
}

function look(path: string) {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** The first bytes decide before all are read: a big mark is probed many times. */
function showsBytes(folder: string, mark: Mark): boolean {
  const fd = tryOpen(join(folder, mark.path))
  if (fd === null) return false
  try {
    for (const length of [Math.min(64, mark.bytes.length), mark.bytes.length]) {
      const buffer = Buffer.alloc(length)
      if (readSync(fd, buffer, 0, length, mark.offset) !== length || !buffer.equals(mark.bytes.subarray(0, length))) return false
    }
    return true
  } finally {
    closeSync(fd)
  }
}

function tryOpen(path: string): number | null {
  try {
    return openSync(path, 'r')
  } catch {
    return null
  }
}

/** In an order that does not follow the program's own, so that the last file to arrive is met early. */
function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((value, i) => ({ value, order: (Math.imul(i + 1, 2654435761) >>> 0) % 1_000_003 }))
    .sort((x, y) => x.order - y.order)
    .map(({ value }) => value)
}
