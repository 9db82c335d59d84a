/** A log of any program, read as what it is: blocks, which are appended one after the other. */
import { AppError } from '@hyper-store/client/contract'
import { within } from '../lib/deadline.ts'
import type { LogCore } from './log-core.ts'

/** Read ahead: about so many bytes, in at most so many blocks. */
const AHEAD_BYTES = 2 * 1024 * 1024
const AHEAD_BLOCKS = 64
/** Bytes of one answer of blocks. */
const ANSWER_BYTES = 8 * 1024 * 1024

/** How blocks are read: those that are not here are asked from peers, for `timeoutMs` each at most. */
export interface BlockWait {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** One block. */
export interface PlainBlock {
  readonly index: number
  readonly bytes: Uint8Array
}

/** Reads the blocks of a log. Throws NO_PEER for what does not come in time. */
export class PlainCore {
  readonly #log: LogCore

  constructor(log: LogCore) {
    this.#log = log
  }

  /** Blocks, as signed by the writer last. */
  get length(): number {
    return this.#log.plain.length
  }
  /** Bytes of all blocks together. */
  get byteLength(): number {
    return this.#log.plain.byteLength
  }
  /** Changes with the content. */
  get etag(): string {
    return `${this.#log.fork}-${this.length}`
  }

  /** Blocks from an index on: at most `limit`, and 8 MiB, but one at least where there is one. */
  async blocks(from: number, limit: number, wait: BlockWait): Promise<PlainBlock[]> {
    const found: PlainBlock[] = []
    let bytes = 0
    for await (const block of this.#from(from, Math.min(this.length, from + limit), wait)) {
      bytes += block.bytes.byteLength
      if (found.length > 0 && bytes > ANSWER_BYTES) break
      found.push(block)
    }
    return found
  }

  /** Bytes `start` up to but not including `end` of all blocks as one file. */
  async *read(range: { readonly start: number; readonly end: number }, wait: BlockWait): AsyncIterable<Uint8Array> {
    const end = Math.min(range.end, this.byteLength)
    let left = end - range.start
    if (left <= 0) return
    const [first, offset] = range.start === 0 ? [0, 0] : await this.#seek(range.start, wait)
    let skip = offset
    for await (const { bytes } of this.#from(first, this.length, wait)) {
      const piece = bytes.subarray(skip, skip + left)
      skip = 0
      left -= piece.byteLength
      if (piece.byteLength > 0) yield piece
      if (left <= 0) return
    }
  }

  /** Blocks from an index on, then as they are appended, until the signal aborts. What does not come is waited for. */
  async *follow(since: number, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): AsyncIterable<PlainBlock> {
    const { signal } = options
    let next = since
    let wake: () => void = () => undefined
    const grown = () => wake()
    const stop = this.#log.onGrown(grown)
    signal.addEventListener('abort', grown)
    try {
      while (!signal.aborted) {
        // Its writer may have cut off the end.
        if (next > this.length && since <= this.length) next = this.length
        if (next < this.length) {
          const block = await this.#get(next, options).catch((error: unknown) => {
            if (error instanceof AppError && error.code === 'NO_PEER') return null
            throw error
          })
          if (block === null || signal.aborted) continue
          yield { index: next, bytes: block }
          next++
          continue
        }
        await new Promise<void>((resolve) => {
          wake = resolve
          if (signal.aborted || next < this.length) resolve()
        })
      }
    } finally {
      stop()
      signal.removeEventListener('abort', grown)
    }
  }

  async *#from(start: number, end: number, wait: BlockWait): AsyncIterable<PlainBlock> {
    const ahead: Promise<Uint8Array>[] = []
    let asked = start
    const usual = this.byteLength / Math.max(1, this.length)
    const most = Math.max(1, Math.min(AHEAD_BLOCKS, Math.floor(AHEAD_BYTES / Math.max(1, usual))))
    for (let index = start; index < end; index++) {
      wait.signal?.throwIfAborted()
      while (asked < end && ahead.length < most) {
        const read = this.#get(asked++, wait)
        read.catch(() => undefined) // reported where it is awaited
        ahead.push(read)
      }
      const bytes = await ahead.shift()
      if (bytes === undefined) return
      yield { index, bytes }
    }
  }

  async #get(index: number, wait: BlockWait): Promise<Uint8Array> {
    const block = await this.#log.read(index, { wait: true, timeout: wait.timeoutMs })
    if (block === null) throw new AppError('NO_PEER')
    return block
  }

  /** The block in which a byte lies, and its place there. */
  async #seek(byte: number, wait: BlockWait): Promise<[number, number]> {
    const found = await within(this.#log.plain.seek(byte), wait.timeoutMs, () => null)
    if (found === null) throw new AppError('NO_PEER')
    return found
  }
}
