/** What a store may let go: pure decisions about versions and blocks. Whoever reads the logs tells what refers to what. */
import type { DriveId } from './entries.ts'
import type { FolderVersion } from './ports.ts'

/** How many old versions a device keeps the content of (the contract's retention). */
export type RetentionRule =
  | { readonly keep: 'all' }
  | { readonly keep: 'versions'; readonly versions: number }
  | { readonly keep: 'days'; readonly days: number }

/** Blocks of one log from `start` up to but not including `end`. */
export interface BlockRange {
  readonly start: number
  readonly end: number
}

const DAY_MS = 24 * 3_600_000

/**
 * The oldest of a folder's versions (`steps`, oldest first, with the time that each counts as written at; null: unknown) that is kept:
 * its index. The newest is always kept. With days it is the version that was the newest that many days ago: what it shows was
 * deleted or replaced within them. -1: all are kept.
 */
export function oldestKept(steps: readonly { readonly at: number | null }[], rule: RetentionRule, now: number): number {
  const newest = steps.length - 1
  if (rule.keep === 'all' || newest < 0) return -1
  if (rule.keep === 'versions') return Math.max(-1, newest - Math.max(1, Math.floor(rule.versions)) + 1)
  const since = now - rule.days * DAY_MS
  let kept = newest
  // A version without a time is as old as the one after it at most: it does not end the search.
  for (let i = newest; i >= 0; i--) {
    kept = i
    const at = steps[i]?.at ?? null
    if (at !== null && at <= since) return kept
  }
  return -1
}

/** Most versions of members that are looked at one by one; beyond it nothing of the own drive is let go. */
const MAX_STATES = 64

/**
 * The states of a folder whose content must stay: `newest`, the `oldest` kept one (null: all are kept), and for a device's own drive the
 * states that members' receipts tell of: who has shown no more than that may still ask for it. Null when nothing may go.
 */
export function statesToKeep(options: {
  readonly newest: FolderVersion
  readonly oldest: FolderVersion | null
  readonly receipts: readonly FolderVersion[]
}): { readonly always: readonly FolderVersion[]; readonly inOwnDrive: readonly FolderVersion[] } | null {
  const { newest, oldest, receipts } = options
  if (oldest === null) return null
  const named = new Map<string, FolderVersion>()
  for (const receipt of receipts) {
    const clipped = Object.fromEntries(Object.entries(newest).map(([drive, length]) => [drive, Math.min(length, receipt[drive] ?? 0)]))
    named.set(nameOf(clipped), clipped)
  }
  const always = [newest, ...(nameOf(oldest) === nameOf(newest) ? [] : [oldest])]
  for (const state of always) named.delete(nameOf(state))
  return named.size > MAX_STATES ? null : { always, inOwnDrive: [...named.values()] }
}

function nameOf(state: FolderVersion): string {
  return JSON.stringify(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The blocks of each drive that something still refers to. */
export class KeptBlocks {
  readonly #kept = new Map<DriveId, Uint8Array>()

  /** Keeps blocks `start` up to but not including `end`. */
  keep(drive: DriveId, start: number, end: number = start + 1): void {
    let bits = this.#kept.get(drive)
    if (bits === undefined || bits.length < end) {
      const grown = new Uint8Array(Math.max(end, (bits?.length ?? 512) * 2))
      if (bits !== undefined) grown.set(bits)
      bits = grown
      this.#kept.set(drive, bits)
    }
    bits.fill(1, start, end)
  }

  keeps(drive: DriveId, index: number): boolean {
    return this.#kept.get(drive)?.[index] === 1
  }

  /** Blocks of a drive below `end` that may go: those that are held and that nothing refers to. */
  loose(drive: DriveId, end: number, isHeld: (index: number) => boolean): BlockRange[] {
    const ranges: { start: number; end: number }[] = []
    for (let index = 0; index < end; index++) {
      if (this.keeps(drive, index) || !isHeld(index)) continue
      const last = ranges.at(-1)
      if (last?.end === index) last.end = index + 1
      else ranges.push({ start: index, end: index + 1 })
    }
    return ranges
  }
}
