/** Blocks of a log that this device let go on purpose: they are not fetched again, unless a newer version needs one. */
import type { CoreStorageInside } from 'hypercore'
import type { BlockRange } from '../core/reclaim.ts'

/** Key in the log's own records. */
const KEY = 'hyper-store/gone'
const MAX_INDEX = Number.MAX_SAFE_INTEGER

/** Ranges of blocks, kept with the log. */
export class GoneBlocks {
  readonly #storage: () => CoreStorageInside
  #ranges: readonly BlockRange[] = []
  /** Changes with the set. */
  version = 0

  constructor(storage: () => CoreStorageInside) {
    this.#storage = storage
  }

  /** Reads what is remembered; what does not parse is as nothing: the blocks would be fetched again. */
  async load(): Promise<void> {
    const reader = this.#storage().read()
    const value = reader.getUserData(KEY)
    reader.tryFlush()
    const bytes = await value
    if (bytes === null) return
    try {
      const rows: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
      if (Array.isArray(rows)) this.#ranges = merged(rows.map(([start, end]: [number, number]) => ({ start, end })))
    } catch {
      this.#ranges = []
    }
  }

  has(index: number): boolean {
    let low = 0
    let high = this.#ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const range = this.#ranges[middle]
      if (range !== undefined && range.end <= index) low = middle + 1
      else high = middle
    }
    const range = this.#ranges[low]
    return range !== undefined && range.start <= index
  }

  async add(ranges: readonly BlockRange[]): Promise<void> {
    await this.#set(merged([...this.#ranges, ...ranges]))
  }

  async remove(index: number): Promise<void> {
    await this.#set(
      this.#ranges.flatMap(({ start, end }) => {
        if (index < start || index >= end) return [{ start, end }]
        return [
          { start, end: index },
          { start: index + 1, end },
        ].filter((range) => range.end > range.start)
      }),
    )
  }

  /** What is to be fetched: ranges between those that are gone; the last one has no end (-1). */
  wanted(): BlockRange[] {
    const out: BlockRange[] = []
    let from = 0
    for (const { start, end } of this.#ranges) {
      if (start > from) out.push({ start: from, end: start })
      from = end
    }
    return [...out, { start: from, end: -1 }]
  }

  /** The first block from `index` on that is not gone. */
  firstNotGone(index: number): number {
    for (const { start, end } of this.#ranges) {
      if (end <= index) continue
      return start <= index ? end : index
    }
    return index
  }

  async #set(ranges: readonly BlockRange[]): Promise<void> {
    this.#ranges = ranges
    this.version++
    const tx = this.#storage().write()
    tx.putUserData(KEY, Buffer.from(JSON.stringify(ranges.map(({ start, end }) => [start, end]))))
    await tx.flush()
  }
}

function merged(ranges: readonly BlockRange[]): BlockRange[] {
  const out: { start: number; end: number }[] = []
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end <= start || end > MAX_INDEX) continue
    const last = out.at(-1)
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
    else out.push({ start, end })
  }
  return out
}
