/**
 * Blocks whose bytes are not stored though their log counts them as held: they come from elsewhere on this machine when somebody reads
 * them. The one place that reaches under Hypercore for it; held by test/conformance/lending.test.ts.
 */
import type { BlockReader, CoreStorageInside, Session } from 'hypercore'
import { chunkHash } from './leaf-hash.ts'

/** Contents that may be that of a block, the likeliest first; the log's tree decides. */
export type Candidates = (index: number) => AsyncIterable<Uint8Array>

/** Key of our mark in the log's own records. */
const MARK = 'hyper-store/lends'
/** Blocks looked at together when it is not known which bytes are here. */
const LOOK_STEP = 256

interface Hook {
  candidates: Candidates | null
  lost: ((index: number) => Promise<void>) | null
  /** Clears under way, during which the tree stays whole. */
  clearing: number
}

const hooks = new WeakMap<CoreStorageInside, Hook>()

/** The absent blocks of one log. `plain` and `raw` are its sessions with and without the folder's key. */
export class AbsentBlocks {
  readonly #plain: Session
  readonly #raw: Session

  constructor(plain: Session, raw: Session) {
    this.#plain = plain
    this.#raw = raw
  }

  /**
   * From now on a block whose bytes are missing is asked from `candidates`, checked against the log's tree, and served like any other. One
   * that nobody gives is `lost`: whoever is told clears it, so that it can be fetched from peers.
   */
  supplyBy(candidates: Candidates, lost: (index: number) => Promise<void>): void {
    const { core } = this.#raw
    for (const storage of new Set([core.storage, core.state.storage])) {
      const hook = hookOf(storage)
      hook.candidates = (index) => this.#verifiedOf(candidates, index)
      hook.lost = async (index) => {
        if (this.#raw.core.bitfield.get(index)) await lost(index)
      }
    }
  }

  /**
   * Clears blocks: they are no longer held. Hypercore's own `clear` takes hashes of the tree along that a neighbour needs to be proven to
   * peers; here the tree stays whole, which also lets `put` fill a cleared block. Ranges end before `end`.
   */
  async clear(ranges: readonly { readonly start: number; readonly end: number }[]): Promise<void> {
    const { core } = this.#raw
    const some = [...new Set([core.storage, core.state.storage])].map((storage) => hookOf(storage))
    for (const hook of some) hook.clearing++
    try {
      for (const { start, end } of ranges) await this.#raw.clear(start, end)
    } finally {
      for (const hook of some) hook.clearing--
    }
  }

  /** Deletes the bytes of blocks and nothing else: bits and tree stay, the log goes on to hold them. Ranges end before `end`. */
  async drop(ranges: readonly { readonly start: number; readonly end: number }[]): Promise<void> {
    const tx = this.#raw.core.storage.write()
    for (const { start, end } of ranges) {
      if (end - start === 1) tx.deleteBlock(start)
      else tx.deleteBlockRange(start, end)
    }
    await tx.flush()
  }

  /** Stores the bytes of a block again, be it absent or cleared, if `content` is what the block holds; false when it is not. */
  async put(index: number, content: Uint8Array): Promise<boolean> {
    const stored = await this.#verified(index, content)
    if (stored === null) return false
    if (!this.#raw.core.bitfield.get(index)) {
      const block = { index, nodes: [], value: stored }
      await this.#raw.core.verify({ fork: this.#raw.fork, block, hash: null, seek: null, upgrade: null, manifest: null }, null)
      return this.#raw.core.bitfield.get(index)
    }
    const tx = this.#raw.core.storage.write()
    tx.putBlock(index, stored)
    await tx.flush()
    return true
  }

  /** True when the bytes of a block are stored. */
  async isStored(index: number): Promise<boolean> {
    const reader = this.#reader()
    const block = (storedOf.get(reader) ?? reader.getBlock.bind(reader))(index)
    reader.tryFlush()
    return (await block) !== null
  }

  /** The mark of who knows which bytes are absent; null when there never was any. */
  async mark(): Promise<string | null> {
    const reader = this.#reader()
    const value = reader.getUserData(MARK)
    reader.tryFlush()
    const bytes = await value
    return bytes === null ? null : Buffer.from(bytes).toString('utf8')
  }

  /** Sets the mark: to be done before the first bytes are dropped. */
  async setMark(mark: string): Promise<void> {
    const tx = this.#raw.core.storage.write()
    tx.putUserData(MARK, Buffer.from(mark))
    await tx.flush()
  }

  /** Reads the whole log and clears blocks without bytes: for when it was forgotten which they are. Resolves to how many. */
  async clearForgotten(): Promise<number> {
    let cleared = 0
    for (let start = 0; start < this.#raw.length; start += LOOK_STEP) {
      const end = Math.min(this.#raw.length, start + LOOK_STEP)
      const reader = this.#raw.core.storage.read()
      const indices = Array.from({ length: end - start }, (_, i) => start + i).filter((i) => this.#raw.core.bitfield.get(i))
      const blocks = indices.map(async (index) => (storedOf.get(reader) ?? reader.getBlock.bind(reader))(index))
      reader.tryFlush()
      for (const [i, block] of (await Promise.all(blocks)).entries()) {
        const index = indices[i]
        if (block !== null || index === undefined) continue
        await this.clear([{ start: index, end: index + 1 }])
        cleared++
      }
    }
    return cleared
  }

  async *#verifiedOf(candidates: Candidates, index: number): AsyncIterable<Uint8Array> {
    if (!this.#raw.core.bitfield.get(index)) return
    for await (const content of candidates(index)) {
      const stored = await this.#verified(index, content)
      if (stored !== null) yield stored
    }
  }

  /** The bytes as they are stored, if they are those that the log's writer signed. */
  async #verified(index: number, content: Uint8Array): Promise<Uint8Array | null> {
    const reader = this.#reader()
    const leaf = reader.getTreeNode(2 * index)
    reader.tryFlush()
    const node = await leaf
    const stored = await this.#asStored(index, content)
    if (node === null || node.size !== stored.byteLength) return null
    return Buffer.compare(chunkHash(stored), node.hash) === 0 ? stored : null
  }

  /** What is stored of an encrypted block is a function of key, index and fork. */
  async #asStored(index: number, content: Uint8Array): Promise<Uint8Array> {
    const { encryption } = this.#plain
    if (encryption == null) return content
    const padding = encryption.padding(this.#plain.core, index)
    const block = Buffer.alloc(padding + content.byteLength)
    block.set(content, padding)
    await encryption.encrypt(index, block, this.#plain.state.encryptionFork, this.#plain.core)
    return block
  }

  #reader(): BlockReader {
    return this.#raw.core.storage.read()
  }
}

/** How a reader of ours reads what is stored, and that alone. */
const storedOf = new WeakMap<BlockReader, (index: number) => Promise<Uint8Array | null>>()

function hookOf(storage: CoreStorageInside): Hook {
  const known = hooks.get(storage)
  if (known !== undefined) return known
  const hook: Hook = { candidates: null, lost: null, clearing: 0 }
  hooks.set(storage, hook)
  const read = storage.read.bind(storage)
  storage.read = (fork?: number) => {
    const reader = read(fork)
    if (hook.candidates === null) return reader
    const stored = reader.getBlock.bind(reader)
    storedOf.set(reader, stored)
    reader.getBlock = async (index) => (await stored(index)) ?? supply(hook, index)
    return reader
  }
  const write = storage.write.bind(storage)
  storage.write = () => {
    const writer = write()
    if (hook.clearing > 0) writer.deleteTreeNode = () => undefined
    return writer
  }
  return hook
}

async function supply(hook: Hook, index: number): Promise<Uint8Array | null> {
  if (hook.candidates === null) return null
  for await (const stored of hook.candidates(index)) return stored
  await hook.lost?.(index).catch(() => undefined)
  return null
}
