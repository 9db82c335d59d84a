/** Full comparison of two folders: names, types, sizes, bytes, link targets, execute bits. */
import { closeSync, lstatSync, openSync, readSync, readdirSync, readlinkSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'

/** What differs between two folders. */
export interface Comparison {
  readonly same: boolean
  readonly files: number
  readonly bytes: number
  /** The first differences, like `bytes note.txt`. */
  readonly differences: readonly string[]
  /** Files whose modification times are more than a second apart; not a difference. */
  readonly otherTimes: number
}

const SHOWN = 10
/** What Syncthing keeps inside of the folder itself. */
const OWN_NAMES = new Set(['.stfolder', '.stversions'])
/** What it has not finished, or left behind. */
const OWN_TEMPORARY = /^\.syncthing\..*\.tmp$/

/** Compares all of A with all of B; reads every byte of both. */
export function compareTrees(a: string, b: string): Comparison {
  const left = listTree(a)
  const right = listTree(b)
  const differences: string[] = []
  let bytes = 0
  let otherTimes = 0
  for (const [path, stats] of left) {
    const other = right.get(path)
    const difference = other === undefined ? 'missing' : compareFile({ path: join(a, path), stats }, { path: join(b, path), stats: other })
    if (difference !== null) differences.push(`${difference} ${path}`)
    if (other !== undefined && stats.isFile() && Math.abs(stats.mtimeMs - other.mtimeMs) > 1000) otherTimes++
    bytes += stats.size
  }
  for (const path of right.keys()) if (!left.has(path)) differences.push(`extra ${path}`)
  return { same: differences.length === 0, files: left.size, bytes, differences: differences.slice(0, SHOWN), otherTimes }
}

/** What lies in a folder, without what a program keeps there for itself: path → facts. */
export function listTree(root: string): Map<string, Stats> {
  const files = new Map<string, Stats>()
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if ((folder === '' && OWN_NAMES.has(entry.name)) || OWN_TEMPORARY.test(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) visit(path)
      else {
        // It may go while we look: then it is a difference, not an end of the run.
        const stats = lstatSync(join(root, path), { throwIfNoEntry: false })
        if (stats !== undefined) files.set(path, stats)
      }
    }
  }
  visit('')
  return files
}

interface Found {
  readonly path: string
  readonly stats: Stats
}

function compareFile(a: Found, b: Found): string | null {
  if (a.stats.isSymbolicLink() || b.stats.isSymbolicLink()) {
    const both = a.stats.isSymbolicLink() && b.stats.isSymbolicLink()
    return both && readlinkSync(a.path) === readlinkSync(b.path) ? null : 'link'
  }
  if (a.stats.size !== b.stats.size) return 'size'
  if ((a.stats.mode & 0o100) !== (b.stats.mode & 0o100)) return 'execute-bit'
  return sameBytes(a.path, b.path) ? null : 'bytes'
}

const MIB = 1024 * 1024
const left = Buffer.allocUnsafe(MIB)
const right = Buffer.allocUnsafe(MIB)

function sameBytes(a: string, b: string): boolean {
  const x = openSync(a, 'r')
  const y = openSync(b, 'r')
  try {
    for (;;) {
      const n = fill(x, left)
      const m = fill(y, right)
      if (n !== m || left.compare(right, 0, n, 0, n) !== 0) return false
      if (n < MIB) return true
    }
  } finally {
    closeSync(x)
    closeSync(y)
  }
}

function fill(fd: number, buffer: Buffer): number {
  let filled = 0
  while (filled < buffer.length) {
    const n = readSync(fd, buffer, filled, buffer.length - filled, null)
    if (n === 0) break
    filled += n
  }
  return filled
}
