/** Makes a folder on disk like an earlier state: fetches all content first, then frees names, moves, and puts things in place. */
import { sameBytes, sameNode } from '../core/content.ts'
import { ONE_CHUNK_MAX } from '../core/chunking.ts'
import type { Entry, FileEntry, FolderPath, LocalFile, LocalNode } from '../core/entries.ts'
import { ancestorsOf, comparePaths } from '../core/paths.ts'
import type { DiskFolder, DiskOutcome, FileFacts, PlaceItem, StagedFile, SyncedStore } from '../core/ports.ts'
import type { TreeChange } from '../core/tree-diff.ts'

/** Small files staged, and files placed, as one group. */
const GROUP_FILES = 1000
const GROUP_BYTES = 8 * 1024 * 1024

/** What bringing back works with. */
export interface BringBackOptions {
  readonly disk: DiskFolder
  /** Content of a file; what it throws ends all before anything is changed. */
  readonly read: (path: FolderPath, entry: FileEntry) => AsyncIterable<Uint8Array>
  /** Whole small contents that are here; null where one is not. */
  readonly readSmall: (entries: readonly FileEntry[]) => Promise<(Uint8Array | null)[]>
  /** True for a folder that is in the earlier state, with or without something in it. */
  readonly isFolder: (path: FolderPath) => Promise<boolean>
  /** What disk and drives last agreed on: such files are moved and stamped where that is enough. Null: all is put anew. */
  readonly synced: SyncedStore | null
}

/** A path that is not as wished, and why. */
export type NotBrought = ReadonlyMap<FolderPath, string>

/**
 * Carries out the changes from what is on disk to what shall be. Whatever is replaced or removed goes to the folder's trash.
 * Gives the paths where the disk was not as expected; nothing was lost there, and trying again may help.
 */
export async function bringBack(changes: readonly TreeChange[], options: BringBackOptions): Promise<NotBrought> {
  const work = new Bringing(options)
  await work.run(changes)
  return work.failed
}

/** A file whose content is to be put at its path. */
interface Put {
  readonly path: FolderPath
  readonly entry: FileEntry
}

class Bringing {
  readonly failed = new Map<FolderPath, string>()
  readonly #o: BringBackOptions
  readonly #staged = new Map<FolderPath, StagedFile>()
  readonly #emptied = new Set<FolderPath>()

  constructor(options: BringBackOptions) {
    this.#o = options
  }

  /** Carries the changes out, once; what could not be done is in `failed` then. */
  async run(changes: readonly TreeChange[]): Promise<void> {
    const { moves, puts, left } = await this.#sort(changes)
    try {
      await this.#stage(puts.flatMap(({ path, after }) => (after?.kind === 'file' ? [{ path, entry: after }] : [])))
      for (const { path, before } of changes.filter(({ op }) => op === 'delete').toReversed()) await this.#remove(path, before)
      for (const path of left) await this.#remove(path, null)
      await this.#prune()
      for (const move of moves) await this.#move(move)
      await this.#prune()
      await this.#putAll(puts)
      await this.#o.disk.flush()
    } finally {
      for (const staged of this.#staged.values()) await staged.discard().catch(() => undefined)
    }
  }

  /** What can be moved or stamped on disk needs no content. */
  async #sort(changes: readonly TreeChange[]): Promise<{ moves: TreeChange[]; puts: TreeChange[]; left: FolderPath[] }> {
    const moves: TreeChange[] = []
    const puts: TreeChange[] = []
    const left: FolderPath[] = []
    for (const change of changes) {
      if (change.op === 'delete') continue
      const from = change.from ?? change.path
      const isSame = change.before?.kind === 'file' && change.after?.kind === 'file' && sameBytes(change.before, change.after)
      if (isSame && (await this.#agreed(from)) !== null) moves.push(change)
      else {
        puts.push(change)
        // The file on disk is not what the drives say: it is put anew, and what is left of it removed.
        if (change.from !== null) left.push(change.from)
      }
    }
    return { moves, puts, left }
  }

  /** The file on disk when it still is what the drives hold of it. */
  async #agreed(path: FolderPath): Promise<LocalFile | null> {
    const known = await this.#o.synced?.get(path)
    const seen = known == null ? null : await this.#o.disk.look(path)
    return seen?.kind === 'file' && sameNode(seen, known?.local ?? null) ? seen : null
  }

  async #stage(puts: readonly Put[]): Promise<void> {
    let group: Put[] = []
    let bytes = 0
    const flush = async () => {
      const files = group
      group = []
      bytes = 0
      await this.#stageSmall(files)
    }
    for (const put of puts) {
      if (put.entry.size > ONE_CHUNK_MAX) {
        await this.#stageLarge(put)
        continue
      }
      group.push(put)
      bytes += put.entry.size
      if (group.length >= GROUP_FILES || bytes >= GROUP_BYTES) await flush()
    }
    await flush()
  }

  async #stageSmall(puts: readonly Put[]): Promise<void> {
    if (puts.length === 0) return
    const here = await this.#o.readSmall(puts.map(({ entry }) => entry))
    const files: { data: Uint8Array; facts: FileFacts }[] = []
    for (const [i, { path, entry }] of puts.entries()) {
      let data = here[i]
      if (data == null || data.byteLength !== entry.size) {
        const pieces: Uint8Array[] = []
        for await (const piece of this.#o.read(path, entry)) pieces.push(piece)
        data = Buffer.concat(pieces)
      }
      files.push({ data, facts: factsOf(entry) })
    }
    const staged = await this.#o.disk.stageSmall(files)
    for (const [i, { path }] of puts.entries()) {
      const file = staged[i]
      if (file !== undefined) this.#staged.set(path, file)
    }
  }

  async #stageLarge({ path, entry }: Put): Promise<void> {
    const staged = await this.#o.disk.stage()
    this.#staged.set(path, staged)
    let at = 0
    for await (const piece of this.#o.read(path, entry)) {
      await staged.write(piece, at)
      at += piece.byteLength
    }
    await staged.finish(factsOf(entry))
  }

  async #remove(path: FolderPath, before: Entry | null): Promise<void> {
    const { disk } = this.#o
    for (const above of ancestorsOf(path)) this.#emptied.add(above)
    const seen = await disk.look(path)
    if (seen === null) return
    if (seen.kind === 'folder') {
      if (before?.kind === 'folder') await disk.removeFolder(path)
      return
    }
    this.#note(path, await disk.remove(path, seen, { trash: true }))
  }

  /** Folders that lost their last file go too, unless the earlier state has them. */
  async #prune(): Promise<void> {
    const emptied = [...this.#emptied].sort(comparePaths).toReversed()
    this.#emptied.clear()
    for (const folder of emptied) if (!(await this.#o.isFolder(folder))) await this.#o.disk.removeFolder(folder)
  }

  async #move({ path, from, after }: TreeChange): Promise<void> {
    const { disk } = this.#o
    const seen = after?.kind === 'file' ? await this.#agreed(from ?? path) : null
    if (seen === null || after?.kind !== 'file') {
      this.failed.set(path, 'it is being changed')
      return
    }
    let now: LocalNode = seen
    if (from !== null) {
      const moved = await disk.rename(from, path, seen)
      if (!moved.done) return this.#note(path, moved)
      for (const above of ancestorsOf(from)) this.#emptied.add(above)
      now = moved.node
    }
    if (now.kind === 'file') this.#note(path, await disk.stamp(path, factsOf(after), now))
  }

  async #putAll(puts: readonly TreeChange[]): Promise<void> {
    let group: PlaceItem[] = []
    const flush = async () => {
      const items = group
      group = []
      const outcomes = await this.#o.disk.place(items)
      for (const [i, item] of items.entries()) {
        const outcome = outcomes[i]
        if (outcome?.done === true) this.#staged.delete(item.path)
        if (outcome !== undefined) this.#note(item.path, outcome)
      }
    }
    for (const { path, after } of puts) {
      const seen = await this.#freed(path, after)
      if (seen === undefined || after === null) continue
      const staged = this.#staged.get(path)
      if (after.kind === 'symlink') this.#note(path, await this.#o.disk.makeSymlink(path, after.target, seen))
      else if (after.kind === 'folder') this.#note(path, await this.#o.disk.makeFolder(path))
      else if (staged !== undefined) group.push({ staged, path, seen })
      if (group.length >= GROUP_FILES) await flush()
    }
    await flush()
  }

  /** What a new entry replaces, with what can't be replaced out of the way; undefined when it can't be put there. */
  async #freed(path: FolderPath, after: Entry | null): Promise<LocalNode | null | undefined> {
    const { disk } = this.#o
    const seen = await disk.look(path)
    if (seen === null || after === null) return seen
    if (after.kind === 'folder') {
      if (seen.kind !== 'folder') this.#note(path, await disk.remove(path, seen, { trash: true }))
      return null
    }
    if (seen.kind !== 'folder') return seen
    if (await disk.removeFolder(path)) return null
    this.failed.set(path, 'a folder with other things in it is in its place')
    return undefined
  }

  #note(path: FolderPath, outcome: DiskOutcome): void {
    if (!outcome.done) this.failed.set(path, REASONS[outcome.why])
  }
}

const REASONS = {
  changed: 'it is being changed',
  exists: 'something else has come to its place',
  blocked: 'a file is where its folder should be',
  unsafe: 'its name leads out of the folder',
} as const

function factsOf(entry: FileEntry): FileFacts {
  return { size: entry.size, mtimeMs: entry.mtimeMs, executable: entry.executable }
}
