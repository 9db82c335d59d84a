/** Reclaim of content: finds what old versions alone refer to, tells how much it is, and lets it go on this device. */
import type { DriveId, Entry, FileEntry } from '../core/entries.ts'
import { AppError, errorCode } from '@hyper-store/client/contract'
import { KeptBlocks, oldestKept, statesToKeep, type BlockRange, type RetentionRule } from '../core/reclaim.ts'
import type { FolderVersion } from '../core/ports.ts'
import { blocksOf, type CoreOf } from './content-read.ts'
import { historyOf } from './folder-history.ts'
import type { MergedDrives } from './folder-drives.ts'
import type { LogCore } from './log-core.ts'

/** Blocks whose sizes are asked together. */
const SIZE_STEP = 4096

/** What is stored of a folder's content, in bytes of stored blocks. */
export interface ContentUse {
  /** Blocks that the newest version refers to, stored or lent. */
  readonly newest: number
  /** Held blocks that only older versions refer to, or nothing. */
  readonly history: number
  /** Of `history`, what the retention lets go. */
  readonly loose: number
}

/** What a retention lets go now. */
export interface ReclaimPlan {
  readonly use: ContentUse
  readonly loose: ReadonlyMap<DriveId, readonly BlockRange[]>
  /** The oldest state whose content stays; null when all stay. */
  readonly oldest: FolderVersion | null
  /** Why nothing may go, for people; null when nothing is in the way. */
  readonly hindered: string | null
}

/** What decides beside the logs. */
export interface ReclaimRules {
  readonly retention: RetentionRule
  /** Milliseconds since 1970. */
  readonly now: number
  /** Lengths of db logs by drive that other devices' newest receipts tell of. */
  readonly receipts: readonly FolderVersion[]
}

/** Looks at one folder and clears what may go. Blocks that content under way rests on stay; logs of records are never cleared. */
export class Reclaim {
  readonly #drives: MergedDrives

  constructor(drives: MergedDrives) {
    this.#drives = drives
  }

  /** Finds out what may go; reads records and maps, no content. */
  async plan(rules: ReclaimRules): Promise<ReclaimPlan> {
    // First of all: what is appended from now on is not looked at.
    const ends = new Map<DriveId, number>()
    for (const drive of this.#drives.drives)
      ends.set(drive.id, drive.writable ? (drive.blobs?.length ?? 0) : Math.min(drive.whole.need, drive.blobs?.length ?? 0))
    const isOwn = new Set(this.#drives.drives.filter((d) => d.writable).map((d) => d.id))
    const history = historyOf(this.#drives)
    const newest = history.newest()
    const inNewest = new KeptBlocks()
    for await (const { entry } of this.#drives.entries()) if (entry !== null) await this.#keep(inNewest, entry, 'must')
    const kept = new KeptBlocks()
    let hindered: string | null = null
    let oldest: FolderVersion | null = null
    const all = rules.retention.keep === 'all'
    if (!all) {
      const line = await history.timeline()
      const index = oldestKept(line.steps, rules.retention, rules.now)
      oldest = index < 0 ? null : line.stateAfter(index)
      const states = statesToKeep({ newest, oldest, receipts: rules.receipts })
      if (oldest !== null && states === null) hindered = 'too many devices stand at different versions'
      if (states === null) oldest = null
      else {
        for (const state of states.always) await this.#keepState(kept, state, newest)
        const inOwn = new KeptBlocks()
        for (const state of states.inOwnDrive) await this.#keepState(inOwn, state, newest)
        for (const id of isOwn) keepOf(kept, inOwn, id, ends.get(id) ?? 0)
        // Between the oldest kept version and the newest, and what is on its way to be shown.
        for (const drive of this.#drives.drives) {
          const from = Math.min(oldest?.[drive.id] ?? 0, newest[drive.id] ?? 0)
          for await (const { entry } of drive.history(from, drive.db.contiguous))
            if (entry !== null && entry.kind !== 'tombstone') await this.#keep(kept, entry, 'may')
        }
      }
    }
    const use = { newest: 0, history: 0, loose: 0 }
    const loose = new Map<DriveId, BlockRange[]>()
    for (const drive of this.#drives.drives) {
      const core = drive.blobs
      const end = ends.get(drive.id) ?? 0
      if (core === null || end === 0) continue
      const notShown = inNewest.loose(drive.id, end, (index) => core.holds(index))
      const isLoose = (index: number) => core.holds(index) && !inNewest.keeps(drive.id, index) && !core.pins.has(index)
      const ranges = oldest === null ? [] : kept.loose(drive.id, end, isLoose)
      use.history += await bytesOf(core, notShown)
      use.loose += await bytesOf(core, ranges)
      use.newest += await shownBytes(core, end, inNewest, drive.id)
      if (ranges.length > 0) loose.set(drive.id, ranges)
    }
    return { use, loose, oldest, hindered }
  }

  /** Clears what the plan found. Resolves to the bytes of the blocks. */
  async carryOut(plan: ReclaimPlan): Promise<number> {
    let bytes = 0
    for (const drive of this.#drives.drives) {
      const core = drive.blobs
      if (core === null) continue
      // Content may have come to rest on a block since the plan was made.
      const ranges = unpinned(core, plan.loose.get(drive.id) ?? [])
      if (ranges.length === 0) continue
      const sizes = bytesOf(core, ranges)
      await core.letGo(ranges)
      bytes += await sizes
    }
    return bytes
  }

  async #keepState(kept: KeptBlocks, state: FolderVersion, newest: FolderVersion): Promise<void> {
    const isNewest = Object.entries(newest).every(([drive, length]) => (state[drive] ?? 0) === length)
    if (isNewest) {
      for await (const { entry } of this.#drives.entries()) if (entry !== null) await this.#keep(kept, entry, 'must')
      return
    }
    await using past = await historyOf(this.#drives).open(state)
    for await (const { entry } of past.entries()) await this.#keep(kept, entry, 'may')
  }

  /** `must`: a map that can't be read now ends the look, since nobody knows what it needs; `may`: it went before. */
  async #keep(kept: KeptBlocks, entry: Entry | { readonly kind: 'tombstone' }, how: 'must' | 'may'): Promise<void> {
    if (entry.kind !== 'file' || entry.content === null) return
    const { drive, blockOffset, blockLength } = entry.content
    kept.keep(drive, blockOffset, blockOffset + Math.min(blockLength, 1 << 20))
    if (!entry.content.blockMap && entry.content.parts !== true) return
    try {
      for (const block of await blocksOf(this.#coreOf, contentOf(entry))) kept.keep(block.drive, block.index)
    } catch (error) {
      // A damaged map refers to nothing.
      if (how === 'must' && errorCode(error) !== 'DEFECT') throw error
    }
  }

  readonly #coreOf: CoreOf = (id) => coreIn(this.#drives, id)
}

/** The blobs log of a drive of the folder. Throws NO_PEER for one that is not known here. */
export function coreIn(drives: MergedDrives, id: DriveId): LogCore {
  const core = drives.drives.find((drive) => drive.id === id)?.blobs
  if (core == null) throw new AppError('NO_PEER')
  return core
}

function contentOf(entry: FileEntry): NonNullable<FileEntry['content']> {
  if (entry.content === null) throw new Error('an empty file has no blocks')
  return entry.content
}

function keepOf(kept: KeptBlocks, more: KeptBlocks, drive: DriveId, end: number): void {
  for (let index = 0; index < end; index++) if (more.keeps(drive, index)) kept.keep(drive, index)
}

function unpinned(core: LogCore, ranges: readonly BlockRange[]): BlockRange[] {
  const out: { start: number; end: number }[] = []
  for (const { start, end } of ranges) {
    for (let index = start; index < end; index++) {
      if (core.pins.has(index) || !core.holds(index)) continue
      const last = out.at(-1)
      if (last?.end === index) last.end = index + 1
      else out.push({ start: index, end: index + 1 })
    }
  }
  return out
}

/** Bytes of blocks as the log's tree tells them: nothing of them is read. */
async function bytesOf(core: LogCore, ranges: readonly BlockRange[]): Promise<number> {
  let bytes = 0
  for (const { start, end } of ranges)
    for (let at = start; at < end; at += SIZE_STEP) bytes += sum(await core.sizes(at, Math.min(end, at + SIZE_STEP)))
  return bytes
}

async function shownBytes(core: LogCore, end: number, shown: KeptBlocks, drive: DriveId): Promise<number> {
  let bytes = 0
  for (let start = 0; start < end; start += SIZE_STEP) {
    const sizes = await core.sizes(start, Math.min(end, start + SIZE_STEP))
    for (const [i, size] of sizes.entries()) if (shown.keeps(drive, start + i) && core.holds(start + i)) bytes += size
  }
  return bytes
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
