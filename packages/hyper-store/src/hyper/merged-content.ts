/** Reads content of the drives of a folder, in whichever of them it lies. */
import { AppError } from '@hyper-store/client/contract'
import type { DriveId, EntryOrTombstone, FileEntry } from '../core/entries.ts'
import type { FilePart, WaitOptions } from '../core/ports.ts'
import { blocksOf, partsOf, readRange } from './content-read.ts'
import type { DeviceDrive } from './device-drive.ts'
import type { LogCore } from './log-core.ts'

/** Content of the drives that `drives` gives at each call. */
export class MergedContent {
  readonly #drives: () => readonly DeviceDrive[]

  constructor(drives: () => readonly DeviceDrive[]) {
    this.#drives = drives
  }

  /** As `FolderDrives.parts`. */
  async parts(entry: FileEntry, base: FileEntry | null): Promise<FilePart[]> {
    return partsOf(entry, base, (drive) => this.blobsOf(drive))
  }

  /** As `FolderDrives.readSmall`. */
  async readSmall(entries: readonly FileEntry[]): Promise<(Uint8Array | null)[]> {
    const out: (Uint8Array | null)[] = entries.map(() => null)
    const byDrive = new Map<DriveId, { slot: number; index: number }[]>()
    for (const [slot, entry] of entries.entries()) {
      const { content } = entry
      if (content === null) out[slot] = new Uint8Array(0)
      else if (!content.blockMap && content.parts !== true && content.blockLength === 1) {
        const list = byDrive.get(content.drive) ?? []
        list.push({ slot, index: content.blockOffset })
        byDrive.set(content.drive, list)
      } else out[slot] = await this.#whole(entry)
    }
    for (const [drive, list] of byDrive) {
      const contents = await this.blobsOf(drive)
        .readMany(list.map((l) => l.index))
        .catch(() => null)
      for (const [i, { slot }] of list.entries()) out[slot] = contents?.[i] ?? null
    }
    return out
  }

  async #whole(entry: FileEntry): Promise<Uint8Array | null> {
    const pieces: Uint8Array[] = []
    try {
      for await (const piece of this.read(entry)) pieces.push(piece)
    } catch {
      return null
    }
    return Buffer.concat(pieces)
  }

  /** As `FolderDrives.read`; with `wait`, blocks that are not here are asked from peers, for `timeoutMs` each at most. */
  read(
    entry: FileEntry,
    range?: { start: number; end: number },
    options: WaitOptions & { wait?: boolean; timeoutMs?: number } = {},
  ): AsyncIterable<Uint8Array> {
    if (entry.content === null) return nothing()
    return readRange((drive) => this.blobsOf(drive), entry.content, range ?? { start: 0, end: entry.size }, {
      wait: options.wait ?? false,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
    })
  }

  /** True size of a file, asked from its block map where the entry does not tell it. */
  async sizeOf(entry: FileEntry): Promise<number> {
    if (entry.size >= 0 || entry.content === null) return Math.max(0, entry.size)
    const blocks = await blocksOf((drive) => this.blobsOf(drive), entry.content, { wait: true })
    return blocks.reduce((n, b) => n + b.byteLength, 0)
  }

  /** The blobs log of a drive; throws NO_PEER for one that is not known here. */
  blobsOf(id: DriveId): LogCore {
    const blobs = this.#drives().find((d) => d.id === id)?.blobs
    if (blobs == null) throw new AppError('NO_PEER')
    return blobs
  }

  /** Entries that others wrote with a block map tell no size: it is the sum of the map. */
  async sized(entry: EntryOrTombstone): Promise<EntryOrTombstone> {
    if (entry.kind !== 'file' || entry.size >= 0 || entry.content === null) return entry
    try {
      const blocks = await blocksOf((drive) => this.blobsOf(drive), entry.content)
      return { ...entry, size: blocks.reduce((n, b) => n + b.byteLength, 0) }
    } catch {
      return entry // a damaged map holds back its own file when that is read, not the walk over all of them
    }
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {
  // an empty file has no bytes
}
