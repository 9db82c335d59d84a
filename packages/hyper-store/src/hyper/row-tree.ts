/** The tree of a bee as raw bytes at one length of its log: look-ups and ranges that no hostile writer can lead in a circle. */
import { AppError, errorCode } from '@hyper-store/client/contract'
import messages from 'hyperbee/lib/messages.js'
import type { ByteRange } from '../core/table-source.ts'
import type { LogCore } from './log-core.ts'

/** Blocks read together where most of a tree is read; alone again once such a group had more bytes. */
const AHEAD = 64
const AHEAD_BYTES = 256 * 1024
/** Blocks kept while a tree is in use. */
const KEPT_BLOCKS = 16_384
const KEPT_BYTES = 16 * 1024 * 1024
/** A tree of all rows of the world is less deep. */
const MOST_DEEP = 64
/** How long a block that is not here is waited for. */
const WAIT_MS = 15_000

/** A key with its value, and the block that both are in. */
export interface TreeRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly seq: number
}

/** One node of the tree: blocks of its keys, and places of its children as pairs of block and index. */
interface Level {
  readonly keys: readonly number[]
  readonly children: readonly number[]
}
interface Block {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
  readonly index: Uint8Array
  readonly bytes: number
  levels: readonly Level[] | null
}
/** A node on the way down, and what comes next in it: even numbers are children, odd ones keys. */
interface Place {
  readonly level: Level
  readonly seq: number
  at: number
}

/**
 * Reads the tree that ends at a length of a log. Blocks that are not here are asked from peers; throws NO_PEER when none has them.
 * `many`: most of it will be read, so that blocks beside each other are read together; what was put at once lies in the order of keys.
 */
export class RowTree {
  readonly #log: LogCore
  readonly #length: number
  readonly #blocks = new Map<number, Block>()
  /** Groups of blocks that are being read, by the first. */
  readonly #reading = new Map<number, Promise<readonly Uint8Array[]>>()
  #bytes = 0
  #ahead: boolean

  constructor(log: LogCore, length: number, options: { readonly many?: boolean } = {}) {
    this.#log = log
    this.#length = length
    this.#ahead = options.many === true
  }

  /** The row of a key; null for none. */
  async get(key: Uint8Array): Promise<TreeRow | null> {
    // One block is only the header.
    if (this.#length < 2) return null
    return sound(async () => {
      let place: Place | null = await this.#place(this.#length - 1, 0, 0)
      for (let depth = 1; place !== null; depth++) {
        const at: number = await this.#lowerBound(place.level, key, false)
        const seq = place.level.keys[at]
        const found = seq === undefined ? null : await this.#block(seq)
        if (found !== null && seq !== undefined && Buffer.compare(found.key, key) === 0) return rowAt(found, seq)
        place = await this.#child(place, at, depth)
      }
      return null
    })
  }

  /** Rows in the order of their keys. What can't be read ends the stream, as if there were no more. */
  async *range(range: ByteRange): AsyncGenerator<TreeRow> {
    if (this.#length < 2) return
    const reverse = range.reverse === true
    const stack: Place[] = []
    if ((await sound(async () => this.#seek(stack, range))) === null) return
    let left = this.#length + MOST_DEEP
    let last: Uint8Array | null = null
    for (;;) {
      const row: TreeRow | 'gone' | null = await sound(async () => this.#next(stack, reverse, () => left--))
      if (row === null || left < 0) return
      if (row === 'gone') continue
      if (isPast(row.key, range)) return
      // A tree that is not in order harms its own rows only.
      if (last !== null && (reverse ? Buffer.compare(row.key, last) >= 0 : Buffer.compare(row.key, last) <= 0)) return
      last = row.key
      if (isWithin(row.key, range)) yield row
    }
  }

  /** Lets go what was read. */
  async close(): Promise<void> {
    this.#blocks.clear()
    this.#bytes = 0
  }

  /** The next key on the way; 'gone' for one without a value, null at the end. */
  async #next(stack: Place[], reverse: boolean, count: () => void): Promise<TreeRow | 'gone' | null> {
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const at = reverse ? top.at-- : top.at++
      if (at < 0 || at > 2 * top.level.keys.length) {
        stack.pop()
        continue
      }
      if (at % 2 === 0) {
        const child = await this.#child(top, at / 2, stack.length)
        if (child === null) continue
        count()
        child.at = reverse ? 2 * child.level.keys.length : 0
        stack.push(child)
        continue
      }
      const seq = top.level.keys[(at - 1) / 2]
      if (seq !== undefined) return rowAt(await this.#block(seq), seq) ?? 'gone'
    }
    return null
  }

  /** Goes down to where a range begins. */
  async #seek(stack: Place[], { gt, gte, lt, lte, reverse }: ByteRange): Promise<true> {
    const [from, after] = reverse === true ? [lte ?? lt, lt === undefined] : [gte ?? gt, gte === undefined]
    let place: Place | null = await this.#place(this.#length - 1, 0, 0)
    if (from === undefined) {
      place.at = reverse === true ? 2 * place.level.keys.length : 0
      stack.push(place)
      return true
    }
    for (let depth = 1; place !== null; depth++) {
      const at: number = await this.#lowerBound(place.level, from, after)
      place.at = reverse === true ? 2 * at - 1 : 2 * at + 1
      stack.push(place)
      place = await this.#child(place, at, depth)
    }
    return true
  }

  /** Index of the first key that is not below `key` (`after`: that is above it). */
  async #lowerBound(level: Level, key: Uint8Array, after: boolean): Promise<number> {
    let low = 0
    let high = level.keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = Buffer.compare((await this.#block(level.keys[middle] as number)).key, key)
      if (order > 0 || (order === 0 && !after)) high = middle
      else low = middle + 1
    }
    return low
  }

  async #child({ level, seq }: Place, at: number, depth: number): Promise<Place | null> {
    const [block, index] = [level.children[2 * at], level.children[2 * at + 1]]
    if (block === undefined || index === undefined) return null
    if (block > seq || depth > MOST_DEEP) throw new Error('the tree runs in a circle')
    return this.#place(block, index, 0)
  }

  async #place(seq: number, index: number, at: number): Promise<Place> {
    const block = await this.#block(seq)
    block.levels ??= messages.YoloIndex.decode(block.index).levels
    const level = block.levels[index]
    if (level === undefined) throw new Error('the tree leads to a node that is not there')
    return { level, seq, at }
  }

  async #block(seq: number): Promise<Block> {
    const known = this.#blocks.get(seq)
    if (known !== undefined) return known
    if (seq < 1 || seq >= this.#length) throw new Error('the tree leads out of its log')
    const start = seq - (seq % AHEAD)
    const end = Math.min(start + AHEAD, this.#length)
    if (!this.#ahead || end > this.#log.contiguous) return this.#keep(seq, await this.#read(seq))
    let reading = this.#reading.get(start)
    if (reading === undefined) {
      reading = this.#readAhead(start, end).finally(() => this.#reading.delete(start))
      this.#reading.set(start, reading)
    }
    const blocks = await reading
    return this.#blocks.get(seq) ?? this.#keep(seq, blocks[seq - start] as Uint8Array)
  }

  async #readAhead(start: number, end: number): Promise<readonly Uint8Array[]> {
    const blocks = await this.#log.readMany(Array.from({ length: end - start }, (_, i) => start + i))
    // Large rows are better read alone than kept.
    if (blocks.reduce((sum, { byteLength }) => sum + byteLength, 0) > AHEAD_BYTES) this.#ahead = false
    else for (const [i, bytes] of blocks.entries()) if (start + i > 0) this.#keepSound(start + i, bytes)
    return blocks
  }

  async #read(seq: number): Promise<Uint8Array> {
    const block = await this.#log.read(seq, { wait: true, timeout: WAIT_MS })
    if (block === null) throw new AppError('NO_PEER')
    return block
  }

  /** A block beside the one that is asked for may be malformed: that is seen when it is asked for. */
  #keepSound(seq: number, bytes: Uint8Array): void {
    try {
      this.#keep(seq, bytes)
    } catch {
      // see above
    }
  }

  #keep(seq: number, bytes: Uint8Array): Block {
    const node = messages.Node.decode(bytes)
    const block: Block = { key: node.key, value: node.value, index: node.index, bytes: bytes.byteLength, levels: null }
    if (!this.#blocks.has(seq)) this.#bytes += block.bytes
    this.#blocks.set(seq, block)
    for (const [oldest, { bytes: size }] of this.#blocks) {
      if (oldest === seq || (this.#blocks.size <= KEPT_BLOCKS && this.#bytes <= KEPT_BYTES)) break
      this.#blocks.delete(oldest)
      this.#bytes -= size
    }
    return block
  }
}

function rowAt({ key, value }: Block, seq: number): TreeRow | null {
  return value === null ? null : { key, value, seq }
}

/** Null for what a malformed block makes of a step; failures of the store and of the network have codes and are thrown. */
async function sound<Result>(step: () => Promise<Result>): Promise<Result | null> {
  try {
    return await step()
  } catch (error) {
    const { code } = error as { code?: unknown }
    const isMalformed = errorCode(error) === undefined && (code === undefined || (typeof code === 'string' && code.startsWith('ERR_')))
    if (!isMalformed) throw error
    return null
  }
}

function isWithin(key: Uint8Array, { gt, gte, lt, lte }: ByteRange): boolean {
  return (
    (gt === undefined || Buffer.compare(key, gt) > 0) &&
    (gte === undefined || Buffer.compare(key, gte) >= 0) &&
    (lt === undefined || Buffer.compare(key, lt) < 0) &&
    (lte === undefined || Buffer.compare(key, lte) <= 0)
  )
}

/** True for a key behind the end of a range, in its direction. */
function isPast(key: Uint8Array, { gt, gte, lt, lte, reverse }: ByteRange): boolean {
  return !isWithin(key, reverse === true ? { gt, gte } : { lt, lte })
}
