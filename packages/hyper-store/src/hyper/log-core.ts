/** One append-only log (a Hypercore) with its signed checkpoints: own appends, received runs, raw reads. */
import type { CorePeer, Session } from 'hypercore'
import { AppError } from '@hyper-store/client/contract'
import type { Checkpoint, CheckpointLog } from '../core/ports.ts'
import { AbsentBlocks } from './absent-blocks.ts'
import { cacheBlock, cachedBlock, uncacheBlocks } from './block-cache.ts'
import { decryptBlocks } from './decrypt-blocks.ts'
import { GoneBlocks } from './gone-blocks.ts'
import { chunkHash } from './leaf-hash.ts'
import { Pins } from './pins.ts'

/** Nothing came for so long: what can come now has come. */
const QUIET_MS = 250
/** Blocks that are read together to be looked at; a chunk has 4 MiB at most. */
const READ_AT_ONCE = 8
/** Blocks behind the first hole that are counted one by one. */
const COUNTED = 65_536
const EMPTY = Buffer.alloc(0)
/** So often a peer is asked again after answers that did not fit. */
const ASK_AGAIN = 10

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/**
 * A log of a device drive. `plain` reads and writes content (decrypting with the folder's key), `raw` sees the stored bytes.
 * Invariant: every checkpoint kept for the log was verified by hypercore when its blocks were appended.
 */
export class LogCore {
  readonly plain: Session
  readonly raw: Session
  readonly id: string
  /** Blocks of it whose bytes only files of the user hold. */
  readonly absent: AbsentBlocks
  /** Blocks that this device let go on purpose. */
  readonly gone: GoneBlocks
  /** Blocks that content under way rests on. */
  readonly pins = new Pins()
  readonly #checkpoints: CheckpointLog
  readonly #encrypted: boolean
  readonly #listeners = new Set<() => void>()
  #receiving: Promise<unknown> = Promise.resolve()
  #asking = false
  readonly #askedAgain = new WeakMap<CorePeer, number>()
  #downloadedAt = -Infinity
  #quiet: NodeJS.Timeout | null = null
  #clears = 0
  /** Blocks that are being cleared: gone already for who wants to point to them. */
  readonly #going = new Set<{ readonly start: number; readonly end: number }>()

  constructor(plain: Session, raw: Session, checkpoints: CheckpointLog) {
    this.plain = plain
    this.raw = raw
    this.#encrypted = plain !== raw
    this.#checkpoints = checkpoints
    this.id = hex(plain.discoveryKey)
    this.absent = new AbsentBlocks(plain, raw)
    this.gone = new GoneBlocks(() => raw.core.storage)
    const grown = () => {
      for (const listener of this.#listeners) listener()
    }
    raw.on('append', grown)
    // Blocks that stock replication brings one by one move the contiguous length without an append.
    raw.on('download', (index) => {
      this.#downloadedAt = performance.now()
      if (index % 64 === 0 || raw.contiguousLength === raw.length) grown()
      // A log with holes never becomes contiguous: its end is that nothing comes any more.
      this.#quiet ??= setInterval(() => {
        if (!this.isQuiet) return
        if (this.#quiet !== null) clearInterval(this.#quiet)
        this.#quiet = null
        grown()
      }, QUIET_MS).unref()
    })
  }

  get key(): Uint8Array {
    return this.plain.key
  }
  /** Length of the log as signed, held or not. */
  get length(): number {
    return this.raw.length
  }
  /** Blocks 0 to this are all here. */
  get contiguous(): number {
    return this.raw.contiguousLength
  }
  /** How many blocks are here; of a log that has more than 65,536 behind its first hole, at least so many. */
  get here(): number {
    const { contiguous } = this
    const end = Math.min(this.length, contiguous + COUNTED)
    let here = contiguous
    for (let index = contiguous; index < end; index++) if (this.raw.core.bitfield.get(index)) here++
    return here
  }
  get fork(): number {
    return this.raw.fork
  }

  /** Calls back when a peer proved another history of this log: two signatures of its writer for one length. The log is closed then. */
  onForked(listener: () => void): () => void {
    this.raw.on('conflict', listener)
    return () => this.raw.off('conflict', listener)
  }

  /** Calls back after the log grew here; returns how to stop that. */
  onGrown(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Appends own blocks; returns the index of the first. The blocks must not be changed afterwards. */
  async append(blocks: readonly Uint8Array[]): Promise<number> {
    const result = await this.plain.append(blocks)
    const start = result.length - blocks.length
    if (!this.#encrypted) for (const [i, block] of blocks.entries()) cacheBlock(this.id, start + i, block)
    await this.#checkpoint(result.length)
    return start
  }

  /** Remembers the signature of the log as it is now, after a bee has appended by itself. */
  async markHead(): Promise<void> {
    await this.#checkpoint(this.raw.length)
  }

  /**
   * Appends a run that a peer sent. Resolves false when the log is no longer at `from`; throws when the signature is wrong.
   */
  async receive(from: number, blocks: readonly Uint8Array[], checkpoint: Checkpoint): Promise<boolean> {
    const step = this.#receiving.then(async () => {
      if (this.raw.length !== from || this.filled !== from || this.raw.fork !== checkpoint.fork) return false
      await this.raw.append(blocks, { signature: checkpoint.signature, writable: true })
      for (const [i, block] of blocks.entries()) cacheBlock(this.id, from + i, block)
      await this.#checkpoints.putMany(this.id, [checkpoint])
      return true
    })
    this.#receiving = step.catch(() => undefined)
    return step
  }

  /** Signed states after `length` that are here whole, ascending; ends with the head when that is here whole. */
  async checkpointsAfter(length: number, limit: number): Promise<Checkpoint[]> {
    const contiguous = this.contiguous
    const fork = this.fork
    const found = (await this.#checkpoints.after(this.id, length, limit)).filter((c) => c.fork === fork && c.length <= contiguous)
    const head = this.#head()
    if (found.length < limit && head !== null && contiguous === this.length && this.length > (found.at(-1)?.length ?? length))
      found.push(head)
    return found
  }

  /**
   * One block as content, out of memory where it was just written or received; null for one that is not here and not waited for. Throws
   * NO_PEER when nobody brought it in time.
   */
  async read(index: number, options: { wait: boolean; timeout?: number }): Promise<Uint8Array | null> {
    const block = this.#encrypted ? undefined : cachedBlock(this.id, index)
    return block ?? this.plain.get(index, options).catch(nobodyCame)
  }

  /** Stored bytes of blocks `start` to `end` (not included), all of which must be here. */
  async readRaw(start: number, end: number): Promise<Uint8Array[]> {
    return this.#held(await this.#readTogether(Array.from({ length: end - start }, (_, i) => start + i)))
  }

  /** The contents of these blocks, all of which must be here: read in one call where that is possible. */
  async readMany(indices: readonly number[]): Promise<Uint8Array[]> {
    const stored = this.#held(await this.#readTogether(indices))
    return this.#encrypted ? decryptBlocks(this.plain, indices, stored) : stored
  }

  /** True when no block came for a moment. */
  get isQuiet(): boolean {
    return performance.now() - this.#downloadedAt >= QUIET_MS
  }
  /** How often blocks were let go since the log was opened. */
  get clears(): number {
    return this.#clears
  }

  /** True when the block is here. */
  holds(index: number): boolean {
    if (index >= this.length || !this.raw.core.bitfield.get(index)) return false
    for (const { start, end } of this.#going) if (index >= start && index < end) return false
    return true
  }

  /**
   * Hashes of blocks as content (see leaf-hash.ts); null where one is not here. Where blocks are stored as they are, the log's tree
   * has the hash; else the block is read.
   */
  async chunkHashes(indices: readonly number[]): Promise<(Uint8Array | null)[]> {
    const held = indices.map((index) => (this.holds(index) ? index : null))
    if (!this.#encrypted) return this.#leafHashes(held)
    return this.#eachRead(held, (block) => chunkHash(block))
  }

  /** Whether these blocks are here and have these very contents, whose hashes are known: asked as cheaply as the log allows. */
  async haveContents(claims: readonly { index: number; content: Uint8Array; hash: Uint8Array }[]): Promise<boolean[]> {
    const held = claims.map(({ index }) => (this.holds(index) ? index : null))
    if (!this.#encrypted) {
      const hashes = await this.#leafHashes(held)
      return claims.map(({ hash }, i) => Buffer.compare(hashes[i] ?? EMPTY, hash) === 0)
    }
    const same = await this.#eachRead(held, (block, i) => Buffer.compare(block, claims[i]?.content ?? EMPTY) === 0)
    return same.map((is) => is === true)
  }

  async #leafHashes(indices: readonly (number | null)[]): Promise<(Uint8Array | null)[]> {
    const reader = this.raw.core.state.storage.read()
    const nodes = indices.map(async (index) => (index === null ? null : reader.getTreeNode(2 * index)))
    reader.tryFlush()
    return (await Promise.all(nodes)).map((node) => node?.hash ?? null)
  }

  /** What is said of each block's content, a few at a time; null where one is not here. */
  async #eachRead<Said>(indices: readonly (number | null)[], say: (block: Uint8Array, at: number) => Said): Promise<(Said | null)[]> {
    const said: (Said | null)[] = []
    for (let at = 0; at < indices.length; at += READ_AT_ONCE) {
      const reads = indices.slice(at, at + READ_AT_ONCE).map(async (index, i) => {
        const block = index === null ? null : await this.plain.get(index, { wait: false })
        return block === null ? null : say(block, at + i)
      })
      said.push(...(await Promise.all(reads)))
    }
    return said
  }

  /** Sizes of stored blocks `start` to `end` (not included), of those cleared too, as the log's tree tells them; 0 where it does not. */
  async sizes(start: number, end: number): Promise<number[]> {
    const reader = this.raw.core.state.storage.read()
    const nodes = Array.from({ length: Math.max(0, end - start) }, async (_, i) => reader.getTreeNode(2 * (start + i)))
    reader.tryFlush()
    return (await Promise.all(nodes)).map((node) => node?.size ?? 0)
  }

  /** Blocks 0 to this are all here, or were let go on purpose. */
  get filled(): number {
    let at = this.contiguous
    while (at < this.length) {
      const next = this.gone.firstNotGone(at)
      at = next
      while (at < this.length && this.raw.core.bitfield.get(at)) at++
      if (at === next) break
    }
    return Math.min(at, this.length)
  }

  /** Lets blocks go on purpose: they are not fetched again. Ranges end before `end`. */
  async letGo(ranges: readonly { readonly start: number; readonly end: number }[]): Promise<void> {
    await this.gone.add(ranges)
    await this.clear(ranges)
  }

  /** Something needs a block that is not here: it is fetched from whoever has it, be it one that was let go. What is to come comes by itself. */
  async want(index: number): Promise<void> {
    if (index >= this.length) return
    if (this.gone.has(index)) await this.gone.remove(index)
    this.raw.download({ blocks: [index] })
  }

  /** Lets blocks go for good here: they are no longer held, and can be fetched from peers. Ranges end before `end`. */
  async clear(ranges: readonly { readonly start: number; readonly end: number }[]): Promise<void> {
    this.#clears++
    for (const range of ranges) this.#going.add(range)
    try {
      await this.absent.clear(ranges)
    } finally {
      for (const range of ranges) {
        this.#going.delete(range)
        uncacheBlocks(this.id, range.start, range.end)
      }
    }
    for (const listener of this.#listeners) listener()
  }

  // One call to the database for all: asked one by one, half of the time of ten thousand small blocks is the asking.
  async #readTogether(indices: readonly number[]): Promise<(Uint8Array | null)[]> {
    const reader = this.raw.core.state.storage.read()
    const reads = indices.map(async (index) => cachedBlock(this.id, index) ?? reader.getBlock(index))
    reader.tryFlush()
    return Promise.all(reads)
  }

  #held(blocks: readonly (Uint8Array | null)[]): Uint8Array[] {
    return blocks.map((block) => {
      if (block === null) throw new Error('a block that was counted as held is gone')
      return block
    })
  }

  /** Sets the manifest (who may sign) of a log that was opened by key alone; throws when it does not belong to the key. */
  async adoptManifest(manifest: unknown): Promise<void> {
    if (this.raw.core.verifier === null) await this.raw.core.setManifest(manifest)
  }
  /** True when the log knows who signs it. */
  get hasManifest(): boolean {
    return this.raw.core.verifier !== null && this.raw.manifest !== null
  }

  /** Lets stock replication extend the log by itself (`true`) or leaves that to runs of signed blocks. */
  followByStock(on: boolean): void {
    this.raw.core.replicator.eagerUpgrade = on
    if (on) this.#askAgain()
    // A peer that told its length before is asked now: without a request of our own the replicator waits for its next word.
    if (!on || this.#asking) return
    this.#asking = true
    const over = () => {
      this.#asking = false
    }
    void this.raw.update({ wait: true }).then(over, over)
  }

  /**
   * The replicator asks a peer nothing more whose answer did not fit. One that was on its way while a run brought the log further never
   * fits, and the peer is not to blame.
   */
  #askAgain(): void {
    for (const peer of this.raw.peers) {
      const times = this.#askedAgain.get(peer) ?? 0
      if (!peer.paused || times >= ASK_AGAIN) continue
      this.#askedAgain.set(peer, times + 1)
      peer.paused = false
      this.raw.core.replicator.updateAll()
    }
  }

  async close(): Promise<void> {
    await this.#receiving
    if (this.#quiet !== null) clearInterval(this.#quiet)
    this.#listeners.clear()
    if (this.#encrypted) await this.raw.close()
    await this.plain.close()
  }

  #head(): Checkpoint | null {
    const signature = this.raw.core.state.signature
    return signature === null ? null : { length: this.raw.length, fork: this.raw.fork, signature: new Uint8Array(signature) }
  }

  async #checkpoint(length: number): Promise<void> {
    const head = this.#head()
    if (head !== null && head.length === length) await this.#checkpoints.putMany(this.id, [head])
  }
}

function nobodyCame(error: unknown): never {
  const { code } = error as { code?: unknown }
  throw code === 'REQUEST_TIMEOUT' || code === 'REQUEST_CANCELLED' ? new AppError('NO_PEER', {}, { cause: error }) : error
}
