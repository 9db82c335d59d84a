/** Takes one large file in: reads it through a window, cuts chunks, appends those that the drive does not have. */
import { createChunker, type ChunkParameters } from '../core/chunking.ts'
import { FileChanged, type ChunkIndex, type ChunkPlace, type OnBytes, type OpenFile, type WaitOptions } from '../core/ports.ts'
import type { DriveId } from '../core/entries.ts'
import { hex } from './hash.ts'
import { chunkHash, rememberChunkHash } from './leaf-hash.ts'
import type { LogCore } from './log-core.ts'
import type { Hold } from './pins.ts'
import type { PlacedBlock } from './parts-map.ts'

/** Bytes of a file in memory while it is read in, bytes per append, and chunks of the base guessed at once. */
const WINDOW = 2 * 1024 * 1024
const APPEND_BYTES = 2 * 1024 * 1024
const GUESSES = 16
/** Chunks of the base that are put into the chunk index at once; after so many fresh chunks in a row it is twice as many each time. */
const SEARCH_STEP = 64
const SEARCHES = 8

interface Cut {
  readonly hash: Uint8Array
  readonly start: number
  readonly end: number
  /** Block that holds these bytes already; null when it is not known yet. */
  readonly place: ChunkPlace | null
}

/** Where a file goes: the own drive with its chunk index. */
export interface ImportTarget {
  readonly drive: DriveId
  readonly core: LogCore
  readonly chunks: ChunkIndex
  /** The blobs log of another drive whose chunks may be pointed to; null for one that is not known or not relied on. */
  readonly coreOf: (drive: DriveId) => LogCore | null
  /** Takes all blocks that the file rests on. */
  readonly hold: Hold
}

const nameOf = (block: PlacedBlock): string => `${block.drive}/${block.index}`

/**
 * One run over one file. With a base (the blocks of the version that the file replaces) its chunks are guessed first:
 * a guess holds when the bytes hash to the base's block. Cuts depend on the bytes from their start only, so the same bytes
 * are cut the same way; the base's last chunk ended at a file's end and is guessed only at this file's end.
 * Chunks of a base that lie in other drives are compared there, and put into the chunk index only where the file has left the base:
 * so much of the base as is searched, since those of private drives must be read and hashed for it.
 */
export class FileImport {
  readonly #drive: DriveId
  readonly #core: LogCore
  readonly #coreOf: (drive: DriveId) => LogCore | null
  readonly #chunks: ChunkIndex
  readonly #hold: Hold
  readonly #base: readonly PlacedBlock[]
  readonly #baseAt = new Map<string, number>()
  readonly #chunker: ReturnType<typeof createChunker>
  readonly #max: number
  readonly #blocks: PlacedBlock[] = []
  readonly #hashes: Uint8Array[] = []
  #pending: { hash: Uint8Array; block: Uint8Array; slots: number[] }[] = []
  readonly #pendingByHash = new Map<string, number>()
  #pendingBytes = 0
  #appending: Promise<void> = Promise.resolve()
  /** Next chunk of the base to guess; beyond its end when the file has left the base. */
  #next = 0
  /** Up to here chunks of the base were put into the chunk index; fresh chunks since the file left the base. */
  #searched = 0
  #fresh = 0

  constructor(target: ImportTarget, params: ChunkParameters, base: readonly PlacedBlock[]) {
    this.#drive = target.drive
    this.#core = target.core
    this.#coreOf = target.coreOf
    this.#chunks = target.chunks
    this.#hold = target.hold
    this.#base = base
    for (const [i, block] of base.entries()) this.#baseAt.set(nameOf(block), i)
    this.#chunker = createChunker(params)
    this.#max = params.max
  }

  /** Blocks of the file in order, and their hashes. */
  result(): { blocks: PlacedBlock[]; hashes: Uint8Array[] } {
    return { blocks: this.#blocks, hashes: this.#hashes }
  }

  /** Reads `size` bytes. Throws FileChanged when the file ends early. */
  async run(file: OpenFile, size: number, options: WaitOptions & { onBytes?: OnBytes }): Promise<void> {
    let position = 0
    // Each window is a buffer of its own, whose chunks are appended as they lie; before it is room for what the last one left over.
    const read = async (): Promise<Buffer> => {
      const buffer = Buffer.allocUnsafeSlow(this.#max + Math.min(WINDOW, size - position))
      let filled = this.#max
      while (filled < buffer.byteLength) {
        const n = await file.read(buffer.subarray(filled), position)
        if (n === 0) throw new FileChanged()
        filled += n
        position += n
      }
      return buffer
    }
    let rest: Buffer = Buffer.alloc(0)
    let next: Promise<Buffer> | null = read()
    try {
      while (next !== null) {
        options.signal?.throwIfAborted()
        const buffer: Buffer = await next
        next = position < size ? read() : null
        next?.catch(() => undefined) // told where it is awaited; the cutting in between takes longer
        const start = this.#max - rest.byteLength
        rest.copy(buffer, start)
        const window = buffer.subarray(start)
        const used = await this.#cutWindow(window, next === null)
        options.onBytes?.(used)
        rest = window.subarray(used)
      }
      await this.#flush()
      await this.#appending
    } catch (error) {
      await next?.catch(() => undefined)
      await this.#appending.catch(() => undefined)
      throw error
    }
  }

  async #cutWindow(window: Buffer, last: boolean): Promise<number> {
    let at = 0
    let fresh: Cut[] = []
    const take = async () => {
      await this.#place(window, fresh)
      fresh = []
    }
    while (at < window.byteLength) {
      const guessed = await this.#guess(window, at, last)
      if (guessed.length > 0) {
        await take()
        for (const cut of guessed) if (cut.place !== null) this.#known(cut, cut.place)
        at = guessed.at(-1)?.end ?? at
        continue
      }
      const end = this.#chunker.nextCut(window, at, window.byteLength, last)
      if (end < 0) break
      fresh.push({ hash: chunkHash(window.subarray(at, end)), start: at, end, place: null })
      at = end
      // Beside a base each fresh chunk is looked up at once: a known one tells where the file meets the base again.
      if (this.#base.length > 0) await take()
    }
    await take()
    return at
  }

  /** Chunks of the base that stand here, as far as they do. */
  async #guess(window: Buffer, from: number, last: boolean): Promise<Cut[]> {
    const cuts: Cut[] = []
    let at = from
    for (let i = this.#next; i < this.#base.length && cuts.length < GUESSES; i++) {
      const block = this.#base[i]
      if (block === undefined || at + block.byteLength > window.byteLength) break
      const end = at + block.byteLength
      if (i === this.#base.length - 1 && !(last && end === window.byteLength)) break
      cuts.push({ hash: chunkHash(window.subarray(at, end)), start: at, end, place: block })
      at = end
    }
    const good = await this.#countGood(window, cuts)
    if (good === cuts.length) this.#next += good
    else {
      const left = this.#next + good
      this.#searched = Math.max(this.#searched, left + SEARCH_STEP)
      await this.#indexBase(left, left + SEARCH_STEP)
      this.#next = this.#base.length
    }
    return cuts.slice(0, good)
  }

  /** How many of the guesses hold: the chunk index is asked, and then the other drives, whose answers it learns. */
  async #countGood(window: Buffer, cuts: readonly Cut[]): Promise<number> {
    const places = await this.#chunks.getMany(cuts.map((c) => c.hash))
    const guesses = cuts.flatMap((cut, i) => {
      const block = this.#base[this.#next + i]
      return block === undefined ? [] : [{ cut, block, place: places[i], holds: this.#isAt(places[i], block) }]
    })
    const unknown = guesses.filter(({ block, holds }) => !holds && block.drive !== this.#drive)
    for (const drive of new Set(unknown.map(({ block }) => block.drive))) {
      const asked = unknown.filter(({ block }) => block.drive === drive)
      const claims = asked.map(({ block, cut }) => ({ index: block.index, hash: cut.hash, content: window.subarray(cut.start, cut.end) }))
      const said = (await this.#coreOf(drive)?.haveContents(claims)) ?? []
      for (const [i, guess] of asked.entries()) guess.holds = said[i] === true && this.#isHeld(guess.block)
    }
    const learnt = unknown.filter(({ holds, place }) => holds && (place === undefined || !this.#isHeld(place)))
    await this.#chunks.putMany(learnt.map(({ cut, block }) => ({ hash: cut.hash, place: block })))
    const wrong = guesses.findIndex(({ holds }) => !holds)
    return wrong < 0 ? guesses.length : wrong
  }

  #isAt(place: ChunkPlace | undefined, block: PlacedBlock | undefined): boolean {
    if (place === undefined || block === undefined) return false
    return place.index === block.index && (place.drive ?? this.#drive) === block.drive && this.#isHeld(place)
  }

  /** True when the block may be pointed to: an index that outlived a lost tail or cleared blocks of a log must not be believed. */
  #isHeld(place: ChunkPlace): boolean {
    const core = place.drive === undefined || place.drive === this.#drive ? this.#core : this.#coreOf(place.drive)
    if (core == null || !core.holds(place.index)) return false
    // From now on, lest it is reclaimed before a record tells of it.
    this.#hold.add(core.pins, place.index)
    return true
  }

  /** Puts chunks `from` to `to` (not included) of the base into the chunk index: those that lie in other drives. False for none. */
  async #indexBase(from: number, to: number): Promise<boolean> {
    const byDrive = new Map<DriveId, PlacedBlock[]>()
    for (const block of this.#base.slice(from, to)) {
      if (block.drive === this.#drive) continue
      const list = byDrive.get(block.drive) ?? []
      byDrive.set(block.drive, list)
      list.push(block)
    }
    for (const [drive, blocks] of byDrive) {
      const hashes = (await this.#coreOf(drive)?.chunkHashes(blocks.map((b) => b.index))) ?? []
      const found = blocks.flatMap((place, i) => (hashes[i] == null ? [] : [{ hash: hashes[i], place }]))
      const known = await this.#chunks.getMany(found.map((f) => f.hash))
      // What the own drive has is better than what lies in another.
      await this.#chunks.putMany(found.filter((_, i) => known[i] === undefined || !this.#isHeld(known[i])))
    }
    return byDrive.size > 0
  }

  /** Puts more of the base into the chunk index, since a fresh chunk is not in it; false when all of it is, or nothing was to be put in. */
  async #searchOn(): Promise<boolean> {
    const from = this.#searched
    if (from >= this.#base.length) return false
    this.#fresh++
    this.#searched = from + SEARCH_STEP * 2 ** Math.max(0, this.#fresh - SEARCHES)
    return this.#indexBase(from, this.#searched)
  }

  /** Looks fresh chunks up and queues those that the drive does not have. */
  async #place(window: Buffer, cuts: readonly Cut[]): Promise<void> {
    if (cuts.length === 0) return
    const lookUp = async () => {
      const places = await this.#chunks.getMany(cuts.map((c) => c.hash))
      return places.map((place) => (place !== undefined && this.#isHeld(place) ? place : undefined))
    }
    let places = await lookUp()
    if (places.includes(undefined) && (await this.#searchOn())) places = await lookUp()
    for (const [i, cut] of cuts.entries()) {
      const place = places[i]
      if (place !== undefined) {
        const met = this.#baseAt.get(nameOf(this.#known(cut, place)))
        if (met === undefined) continue
        this.#next = met + 1
        this.#fresh = 0
        continue
      }
      const slot = this.#blocks.push({ drive: this.#drive, index: -1, byteLength: cut.end - cut.start }) - 1
      this.#hashes.push(cut.hash)
      const text = hex(cut.hash)
      const twin = this.#pendingByHash.get(text)
      if (twin !== undefined) this.#pending[twin]?.slots.push(slot)
      else {
        this.#pendingByHash.set(text, this.#pending.length)
        this.#pending.push({ hash: cut.hash, block: window.subarray(cut.start, cut.end), slots: [slot] })
        this.#pendingBytes += cut.end - cut.start
        if (this.#pendingBytes >= APPEND_BYTES) await this.#flush()
      }
    }
  }

  #known(cut: Cut, place: ChunkPlace): PlacedBlock {
    const block = { drive: place.drive ?? this.#drive, index: place.index, byteLength: cut.end - cut.start }
    this.#blocks.push(block)
    this.#hashes.push(cut.hash)
    return block
  }

  /** Appends what is queued, behind the appends before it: the next window is cut meanwhile, but not the one after that. */
  async #flush(): Promise<void> {
    const pending = this.#pending
    this.#pending = []
    this.#pendingByHash.clear()
    this.#pendingBytes = 0
    await this.#appending
    if (pending.length > 0) this.#appending = this.#append(pending)
    // Reported where it is awaited.
    this.#appending.catch(() => undefined)
  }

  async #append(pending: readonly { hash: Uint8Array; block: Uint8Array; slots: number[] }[]): Promise<void> {
    for (const { block, hash } of pending) rememberChunkHash(block, hash)
    const first = await this.#core.append(pending.map((p) => p.block))
    this.#hold.addRange(this.#core.pins, first, pending.length)
    for (const [i, p] of pending.entries()) {
      for (const slot of p.slots) this.#blocks[slot] = { drive: this.#drive, index: first + i, byteLength: p.block.byteLength }
    }
    await this.#chunks.putMany(pending.map((p, i) => ({ hash: p.hash, place: { index: first + i, byteLength: p.block.byteLength } })))
  }
}
