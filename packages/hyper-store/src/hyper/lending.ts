/**
 * No second copy: blocks of files that lie unchanged in the folder, and that a keeper holds too, are not stored; their bytes come from
 * the files when somebody asks. What comes is checked against the log before it is served, so that a changed file only means that
 * the block is no longer held.
 */
import { randomBytes } from 'node:crypto'
import type { ContentRef, DriveId, FileEntry, FolderPath, LocalFile } from '../core/entries.ts'
import { RUN_BLOCKS, type LentFile, type LentRun, type LentTable } from '../core/lent.ts'
import type { DiskFolder } from '../core/ports.ts'
import { blocksOf, type CoreOf } from './content-read.ts'
import type { LogCore } from './log-core.ts'
import type { PlacedBlock } from './parts-map.ts'

/** Blocks below this are stored: what is remembered of them weighs as much as they do. */
const LEAST_BYTES = 1024
/** Length of the mark that table and logs share. */
const MARK_BYTES = 16

/** What lending works with: the folder's files, the logs of its drives, and the table of what is lent. */
export interface LendingOptions {
  readonly table: LentTable
  readonly disk: Pick<DiskFolder, 'openFile'>
  readonly coreOf: CoreOf
}

/** A file of the folder that is on the disk as it was published or fetched. */
export interface FileOnDisk {
  readonly path: FolderPath
  readonly entry: FileEntry
  readonly local: LocalFile
}

/** Lends the files of one folder to its logs. Calls follow each other. */
export class Lending {
  readonly #table: LentTable
  readonly #disk: Pick<DiskFolder, 'openFile'>
  readonly #coreOf: CoreOf
  readonly #attached = new Map<string, LogCore>()
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: LendingOptions) {
    this.#table = options.table
    this.#disk = options.disk
    this.#coreOf = options.coreOf
  }

  /**
   * Makes a log read what its files lend; to be called for each blobs log of the folder before it is read or shared. A log that lends more
   * than the table knows (a lost state) is searched for blocks without bytes, which are then fetched from peers.
   */
  async attach(core: LogCore): Promise<void> {
    if (this.#attached.get(core.id) === core) return
    this.#attached.set(core.id, core)
    const known = await this.#table.mark()
    const mark = await core.absent.mark()
    if (mark !== null && mark !== known) {
      await core.absent.clearForgotten()
      await core.absent.setMark(known ?? (await this.#newMark()))
    }
    if (mark !== null) this.#supply(core)
  }

  /**
   * Lets the stored bytes of a file go where `covered` says that a keeper holds the blocks: up to that length of a drive's blobs log.
   * Resolves to the bytes that were let go; 0 when the file is not as it was, or is lent already.
   */
  async lend(file: FileOnDisk, covered: (drive: DriveId) => number): Promise<number> {
    return this.#serial(async () => {
      const { path, entry, local } = file
      const before = await this.#table.get(path)
      const content = nameOf(entry.content)
      if (before !== null && before.dropped && before.content === content && sameStat(before.seen, local)) return 0
      if (entry.content === null || !(await this.#isStill(file))) return 0
      const blocks = await blocksOf(this.#coreOf, entry.content)
      for (const drive of new Set(blocks.map((block) => block.drive))) await this.attach(this.#coreOf(drive))
      const runs = this.#runsOf(blocks, (core, block) => {
        return block.byteLength >= LEAST_BYTES && block.index < covered(block.drive) && core.holds(block.index)
      })
      if (runs.length === 0) return 0
      await this.#remember(file, runs, before)
      let bytes = 0
      for (const [core, list] of this.#byCore(runs)) {
        await this.#prepare(core)
        await core.absent.drop(rangesOf(list))
        for (const run of list) bytes += sum(run.lengths)
      }
      await this.#table.put({ path, seen: statOf(local), content, bytes, dropped: true, runs })
      return bytes
    })
  }

  /**
   * The folder shows something else at a path now: `file`, or nothing of use (null). Blocks that the new file has are lent by it; those
   * that no file has any more are no longer held. Where several paths changed, tell of files first and then of what is gone.
   */
  async settle(path: FolderPath, file: FileOnDisk | null): Promise<void> {
    await this.#serial(async () => {
      const before = await this.#table.get(path)
      const content = nameOf(file?.entry.content ?? null)
      if (before !== null && file !== null && before.content === content && sameStat(before.seen, file.local)) return
      const runs: LentRun[] = []
      if (file?.entry.content != null) {
        const lent = new Set<PlacedBlock>()
        const blocks = await blocksOf(this.#coreOf, file.entry.content).catch(() => [])
        for (const block of blocks) if ((await this.#table.lenders(this.#coreOf(block.drive).id, block.index)).length > 0) lent.add(block)
        runs.push(...this.#runsOf(blocks, (_core, block) => lent.has(block)))
      }
      if (file !== null && runs.length > 0) await this.#remember(file, runs, before, before?.dropped ?? true)
      else if (before !== null) {
        await this.#giveUp(before)
        await this.#table.remove(path)
      }
    })
  }

  /** Paths that lend, with what they looked like. */
  files(): AsyncIterable<Omit<LentFile, 'runs'>> {
    return this.#table.files()
  }

  /** True when a block's bytes are in a file and not in the store. */
  async isLent(core: LogCore, index: number): Promise<boolean> {
    return (await this.#table.lenders(core.id, index)).length > 0
  }

  /** Stores all that is lent again: for a folder that shall hold its own copy. What its file no longer has is no longer held. */
  async end(): Promise<void> {
    const paths: FolderPath[] = []
    for await (const { path } of this.#table.files()) paths.push(path)
    for (const path of paths) {
      await this.#serial(async () => {
        const file = await this.#table.get(path)
        if (file === null) return
        for (const { core, index } of blocksIn(file.runs)) await this.#putBack(core, index)
        await this.#giveUp(file)
        await this.#table.remove(path)
      })
    }
  }

  /** Ends when nothing is under way. */
  async close(): Promise<void> {
    await this.#work
  }

  async #remember(file: FileOnDisk, runs: readonly LentRun[], before: LentFile | null, dropped = false): Promise<void> {
    const content = nameOf(file.entry.content)
    const bytes = runs.reduce((n, run) => n + sum(run.lengths), 0)
    if (before !== null) await this.#giveUp(before, runs)
    await this.#table.put({ path: file.path, seen: statOf(file.local), content, bytes, dropped, runs })
  }

  /**
   * Blocks that a file lent, that `still` and other files do not, and whose bytes are not stored: no longer held. To be done before the
   * table forgets them: a stop in between would leave a log that says for ever that it holds what is nowhere.
   */
  async #giveUp(before: LentFile, still: readonly LentRun[] = []): Promise<void> {
    const kept = new Set([...blocksIn(still)].map(({ core, index }) => `${core}/${index}`))
    const gone = new Map<LogCore, number[]>()
    for (const { core: id, index } of blocksIn(before.runs)) {
      const core = this.#attached.get(id)
      if (core === undefined || !core.holds(index) || kept.has(`${id}/${index}`)) continue
      if ((await this.#table.lenders(id, index)).some(({ path }) => path !== before.path)) continue
      if (await core.absent.isStored(index)) continue
      gone.set(core, [...(gone.get(core) ?? []), index])
    }
    for (const [core, indices] of gone) await core.clear(rangesIn(indices))
  }

  /**
   * Fills blocks that a file of the folder has and its logs do not: what was given up is here again without asking anybody. Resolves to
   * the number of blocks that were filled.
   */
  async refill(file: FileOnDisk): Promise<number> {
    return this.#serial(async () => {
      if (file.entry.content === null || !(await this.#isStill(file))) return 0
      let offset = 0
      let filled = 0
      for (const block of await blocksOf(this.#coreOf, file.entry.content)) {
        const core = this.#coreOf(block.drive)
        if (!core.holds(block.index)) {
          const content = await this.#read(file.path, offset, block.byteLength).catch(() => null)
          if (content !== null && (await core.absent.put(block.index, content))) filled++
        }
        offset += block.byteLength
      }
      return filled
    })
  }

  async #putBack(id: string, index: number): Promise<void> {
    const core = this.#attached.get(id)
    if (core === undefined || (await core.absent.isStored(index))) return
    for await (const content of this.#candidates(core, index)) if (await core.absent.put(index, content)) return
  }

  async *#candidates(core: LogCore, index: number): AsyncIterable<Uint8Array> {
    for (const { path, offset, byteLength } of await this.#table.lenders(core.id, index)) {
      const bytes = await this.#read(path, offset, byteLength).catch(() => null)
      if (bytes !== null) yield bytes
    }
  }

  async #read(path: FolderPath, offset: number, byteLength: number): Promise<Uint8Array | null> {
    await using file = await this.#disk.openFile(path)
    if (offset + byteLength > file.seen.size) return null
    const bytes = Buffer.allocUnsafeSlow(byteLength)
    let at = 0
    while (at < byteLength) {
      const n = await file.read(bytes.subarray(at), offset + at)
      if (n === 0) return null
      at += n
    }
    return bytes
  }

  async #isStill(file: FileOnDisk): Promise<boolean> {
    try {
      await using open = await this.#disk.openFile(file.path)
      return sameStat(open.seen, file.local)
    } catch {
      return false
    }
  }

  /** The log is marked before its first bytes go: who opens it without the table knows that some are missing. */
  async #prepare(core: LogCore): Promise<void> {
    this.#attached.set(core.id, core)
    const known = (await this.#table.mark()) ?? (await this.#newMark())
    if ((await core.absent.mark()) !== known) await core.absent.setMark(known)
    this.#supply(core)
  }

  async #newMark(): Promise<string> {
    const mark = randomBytes(MARK_BYTES).toString('hex')
    await this.#table.setMark(mark)
    return mark
  }

  #supply(core: LogCore): void {
    core.absent.supplyBy(
      (index) => this.#candidates(core, index),
      async (index) => core.clear([{ start: index, end: index + 1 }]),
    )
  }

  #runsOf(blocks: readonly PlacedBlock[], isWanted: (core: LogCore, block: PlacedBlock) => boolean): LentRun[] {
    const runs: { core: string; first: number; offset: number; lengths: number[] }[] = []
    const seen = new Set<string>()
    let offset = 0
    let open: (typeof runs)[number] | null = null
    for (const block of blocks) {
      const core = this.#coreOf(block.drive)
      const name = `${core.id}/${block.index}`
      // A chunk that is in the file twice is lent once.
      const wanted = !seen.has(name) && isWanted(core, block)
      if (wanted) seen.add(name)
      const fits =
        open !== null && open.core === core.id && open.first + open.lengths.length === block.index && open.lengths.length < RUN_BLOCKS
      if (wanted && fits) open?.lengths.push(block.byteLength)
      else if (wanted) runs.push((open = { core: core.id, first: block.index, offset, lengths: [block.byteLength] }))
      else open = null
      offset += block.byteLength
    }
    return runs
  }

  *#byCore(runs: readonly LentRun[]): Iterable<[LogCore, LentRun[]]> {
    const byId = new Map<string, LentRun[]>()
    for (const run of runs) byId.set(run.core, [...(byId.get(run.core) ?? []), run])
    for (const [id, list] of byId) {
      const core = this.#attached.get(id)
      if (core !== undefined) yield [core, list]
    }
  }

  async #serial<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#work.then(step)
    this.#work = result.catch(() => undefined)
    return result
  }
}

/** Tells content of an entry from that of another; empty for none. */
function nameOf(content: ContentRef | null): string {
  return content === null ? '' : `${content.drive}/${content.blockOffset}+${content.blockLength}`
}

function statOf({ size, mtimeMs, ctimeMs, ino }: LocalFile): LentFile['seen'] {
  return { size, mtimeMs, ctimeMs, ino }
}

function sameStat(a: LentFile['seen'], b: LentFile['seen']): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino
}

function sum(lengths: readonly number[]): number {
  return lengths.reduce((n, length) => n + length, 0)
}

function* blocksIn(runs: readonly LentRun[]): Iterable<{ core: string; index: number }> {
  for (const { core, first, lengths } of runs) for (const i of lengths.keys()) yield { core, index: first + i }
}

function rangesOf(runs: readonly LentRun[]): { start: number; end: number }[] {
  return rangesIn(runs.flatMap((run) => run.lengths.map((_, i) => run.first + i)))
}

/** Block numbers as ranges that end before `end`. */
export function rangesIn(indices: readonly number[]): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = []
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last?.end === index) last.end = index + 1
    else if (last === undefined || index >= last.end) ranges.push({ start: index, end: index + 1 })
  }
  return ranges
}
