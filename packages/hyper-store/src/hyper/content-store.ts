/** Writes file content to a drive's blobs log: content-defined chunks stored once in a folder, stock block maps, maps of parts. */
import { averageOfHash, chunkParameters, contentHash, ONE_CHUNK_MAX } from '../core/chunking.ts'
import type { ContentRef, DriveId, FileEntry } from '../core/entries.ts'
import {
  FileChanged,
  type ChunkIndex,
  type ChunkPlace,
  type OnBytes,
  type OpenFile,
  type StoredContent,
  type WaitOptions,
} from '../core/ports.ts'
import { AppError } from '@hyper-store/client/contract'
import { encodeBlockMap, MAX_CHUNKS } from './block-map.ts'
import { blocksOf, streamBlocks, type CoreOf, type ReadOptions } from './content-read.ts'
import { FileImport } from './file-import.ts'
import { hashBytes, hex } from './hash.ts'
import { chunkHash, rememberChunkHash } from './leaf-hash.ts'
import type { LogCore } from './log-core.ts'
import type { Hold } from './pins.ts'
import { encodePartsMap, needsOf, type PlacedBlock } from './parts-map.ts'

/** Blocks that are copied from another drive at once; the greatest chunk has 4 MiB. */
const ADOPT_STEP = 16

/** The other drives of the folder, as the content store sees them. */
export interface OtherDrives {
  readonly coreOf: CoreOf
  /** False for a drive whose chunks new content must not point to: one of a removed member, say. Default: all may be. */
  readonly mayPointTo?: ((drive: DriveId) => boolean) | undefined
}

const ALONE: OtherDrives = {
  coreOf: () => {
    throw new AppError('NO_PEER')
  },
}

/** Stores content in the blobs log of one drive. */
export class ContentStore {
  readonly #drive: DriveId
  readonly #core: LogCore
  readonly #chunks: ChunkIndex
  readonly #others: OtherDrives

  /** `chunks` is the chunk index of the drive; `others` are the drives of the folder, with or without this one. */
  constructor(drive: DriveId, core: LogCore, chunks: ChunkIndex, others: OtherDrives = ALONE) {
    this.#drive = drive
    this.#core = core
    this.#chunks = chunks
    this.#others = others
  }

  /** Stores small contents (each at most ONE_CHUNK_MAX) with one append; content that is known is not stored again. */
  async storeSmall(contents: readonly Uint8Array[]): Promise<StoredContent[]> {
    const hold = this.#core.pins.hold()
    try {
      const stored = await this.#storeSmall(contents, hold)
      hold.until(stored.map((one) => one.content))
      return stored
    } catch (error) {
      hold.release()
      throw error
    }
  }

  async #storeSmall(contents: readonly Uint8Array[], hold: Hold): Promise<StoredContent[]> {
    const hashes = contents.map((c) => chunkHash(c))
    const places = await this.#lookUp(hashes, hold)
    const fresh: { hash: Uint8Array; block: Uint8Array }[] = []
    const freshAt = new Map<string, number>()
    for (const [i, content] of contents.entries()) {
      const hash = hashes[i]
      if (hash === undefined || content.byteLength === 0 || places[i] !== undefined || freshAt.has(hex(hash))) continue
      freshAt.set(hex(hash), fresh.length)
      fresh.push({ hash, block: content })
    }
    for (const { block, hash } of fresh) rememberChunkHash(block, hash)
    const first = fresh.length === 0 ? 0 : await this.#core.append(fresh.map((f) => f.block))
    hold.addRange(this.#core.pins, first, fresh.length)
    await this.#chunks.putMany(fresh.map((f, i) => ({ hash: f.hash, place: { index: first + i, byteLength: f.block.byteLength } })))
    return contents.map((content, i) => {
      const hash = hashes[i]
      if (hash === undefined) throw new Error('each content was hashed')
      const index = places[i]?.index ?? first + (freshAt.get(hex(hash)) ?? 0)
      return {
        hash: contentHash([hash], 0, hashBytes),
        size: content.byteLength,
        content: content.byteLength === 0 ? null : this.#plain(index, content.byteLength),
      }
    })
  }

  /**
   * Stores a file of any size with flat memory. With `base`, its chunk boundaries are tried first, so that an edit costs
   * hashing only. Throws FileChanged when the file was written meanwhile.
   */
  async storeFile(file: OpenFile, base: FileEntry | null, options: WaitOptions & { onBytes?: OnBytes } = {}): Promise<StoredContent> {
    const size = file.seen.size
    if (size <= ONE_CHUNK_MAX) {
      const bytes = await readWhole(file, size)
      await unchanged(file)
      const [stored] = await this.storeSmall([bytes])
      options.onBytes?.(size)
      if (stored === undefined) throw new Error('storeSmall answers each content')
      return stored
    }
    const params = chunkParameters(size, base === null ? undefined : (averageOfHash(base.hash) ?? undefined))
    const predicted = await this.#predict(base)
    return this.#held(async (hold) => {
      const target = { drive: this.#drive, core: this.#core, chunks: this.#chunks, coreOf: (d: DriveId) => this.#pointable(d), hold }
      const import_ = new FileImport(target, params, predicted)
      await import_.run(file, size, options)
      await unchanged(file)
      const { blocks, hashes } = import_.result()
      if (blocks.length > MAX_CHUNKS) throw new AppError('DEFECT', { reason: 'the file has too many chunks' })
      return { size, hash: contentHash(hashes, params.average, hashBytes), content: await this.#map(blocks, hold) }
    })
  }

  /** What the step rests on stays until a record tells of its content. */
  async #held<Result extends { readonly content: ContentRef | null }>(step: (hold: Hold) => Promise<Result>): Promise<Result> {
    const hold = this.#core.pins.hold()
    try {
      const result = await step(hold)
      hold.until([result.content])
      return result
    } catch (error) {
      hold.release()
      throw error
    }
  }

  /**
   * Content reference in this drive to the content of an entry of any drive of the folder: costs a map at most, no content. Gives what
   * the entry has where that is in this drive. Throws NO_PEER and DEFECT as `blocksOf` does.
   */
  async refer(entry: FileEntry): Promise<ContentRef | null> {
    const [referred] = await this.referAll([entry])
    return referred ?? null
  }

  /** As `refer`, of many entries with one append. All or none: throws when one of them does. */
  async referAll(entries: readonly FileEntry[]): Promise<(ContentRef | null)[]> {
    const referred = entries.map(({ content }) => content)
    const elsewhere = [...entries.entries()].filter(([, { content }]) => content !== null && content.drive !== this.#drive)
    if (elsewhere.length === 0) return referred
    const hold = this.#core.pins.hold()
    try {
      const mapped: { at: number; blocks: PlacedBlock[] }[] = []
      for (const [at, { content }] of elsewhere) {
        if (content === null) continue
        const blocks = await blocksOf(this.#coreOf, content)
        for (const { drive, index } of blocks) hold.add(this.#coreOf(drive).pins, index)
        const [only] = blocks
        if (only !== undefined && blocks.length === 1 && only.drive === this.#drive) referred[at] = this.#plain(only.index, only.byteLength)
        else mapped.push({ at, blocks })
      }
      const lists = mapped.map(({ blocks }) => blocks)
      for (const [i, content] of (await this.#maps(lists, hold)).entries()) referred[mapped[i]?.at ?? -1] = content
      hold.until(elsewhere.map(([at]) => referred[at] ?? null))
      return referred
    } catch (error) {
      hold.release()
      throw error
    }
  }

  /**
   * Content reference in this drive to content of which every byte is in this drive: blocks that lie elsewhere are appended. For what must
   * not rest on another drive. With `wait` in the options, blocks that are not here are asked from peers. Throws as `blocksOf`, NO_PEER.
   */
  async adopt(entry: FileEntry, options: ReadOptions = { wait: false }): Promise<ContentRef | null> {
    if (entry.content === null) return null
    const blocks = [...(await blocksOf(this.#coreOf, entry.content, options))]
    const mapped = entry.content.blockMap || entry.content.parts === true || blocks.length > 1
    for (let at = 0; at < blocks.length; at += ADOPT_STEP) {
      const step = blocks.slice(at, at + ADOPT_STEP)
      const bytes: Uint8Array[] = []
      const away = step.filter((block) => block.drive !== this.#drive || !this.#core.holds(block.index))
      for await (const block of streamBlocks(this.#coreOf, away, options)) bytes.push(block)
      const stored = await this.storeSmall(bytes)
      const places = new Map(away.map((block, i) => [block, stored[i]?.content?.blockOffset]))
      for (const [i, block] of step.entries()) blocks[at + i] = { ...block, drive: this.#drive, index: places.get(block) ?? block.index }
    }
    const [only] = blocks
    if (!mapped && only !== undefined) return this.#plain(only.index, only.byteLength)
    const adopted = await this.#held(async (hold) => {
      for (const { index } of blocks) hold.add(this.#core.pins, index)
      return { content: await this.#map(blocks, hold) }
    })
    return adopted.content
  }

  async #map(blocks: readonly PlacedBlock[], hold: Hold): Promise<ContentRef> {
    const [content] = await this.#maps([blocks], hold)
    if (content === undefined) throw new Error('each list of blocks has a map')
    return content
  }

  /** Appends the maps of these lists of blocks, those that this drive has not: stock ones where all blocks lie in this drive. */
  async #maps(lists: readonly (readonly PlacedBlock[])[], hold: Hold): Promise<ContentRef[]> {
    if (lists.length === 0) return []
    const maps = lists.map((blocks) => {
      const parts = blocks.some((block) => block.drive !== this.#drive)
      const map = parts ? encodePartsMap(blocks) : encodeBlockMap(blocks)
      return {
        blocks,
        parts,
        map,
        hash: hashBytes(...map, Buffer.from(parts ? 'parts' : 'map')),
        byteLength: map.reduce((n, b) => n + b.byteLength, 0),
      }
    })
    const known = await this.#lookUp(
      maps.map(({ hash }) => hash),
      hold,
    )
    const fresh: Uint8Array[] = []
    const freshAt = new Map<string, number>()
    const places: { hash: Uint8Array; at: number; byteLength: number }[] = []
    for (const [i, { hash, map, byteLength }] of maps.entries()) {
      if (known[i] !== undefined || freshAt.has(hex(hash))) continue
      freshAt.set(hex(hash), fresh.length)
      places.push({ hash, at: fresh.length, byteLength })
      fresh.push(...map)
    }
    const first = fresh.length === 0 ? 0 : await this.#core.append(fresh)
    const refs = maps.map(({ blocks, parts, map, hash, byteLength }, i): ContentRef => {
      const blockOffset = known[i]?.index ?? first + (freshAt.get(hex(hash)) ?? 0)
      hold.addRange(this.#core.pins, blockOffset, map.length)
      const range = { drive: this.#drive, byteOffset: 0, blockOffset, blockLength: map.length, byteLength }
      return parts ? { ...range, blockMap: false, parts, needs: needsOf(blocks, this.#drive) } : { ...range, blockMap: true }
    })
    if (places.length > 0)
      await this.#chunks.putMany(places.map(({ hash, at, byteLength }) => ({ hash, place: { index: first + at, byteLength } })))
    return refs
  }

  readonly #coreOf: CoreOf = (drive) => (drive === this.#drive ? this.#core : this.#others.coreOf(drive))

  #pointable(drive: DriveId): LogCore | null {
    if (this.#others.mayPointTo?.(drive) === false) return null
    try {
      return this.#others.coreOf(drive)
    } catch {
      return null
    }
  }

  /** Places in this drive; an index that outlived a lost tail or cleared blocks of the log is not believed. */
  async #lookUp(hashes: readonly Uint8Array[], hold: Hold): Promise<(ChunkPlace | undefined)[]> {
    const places = await this.#chunks.getMany(hashes)
    return places.map((place) => {
      if (place === undefined || (place.drive ?? this.#drive) !== this.#drive || !this.#core.holds(place.index)) return undefined
      hold.add(this.#core.pins, place.index)
      return place
    })
  }

  async #predict(base: FileEntry | null): Promise<readonly PlacedBlock[]> {
    if (base?.content == null || !(base.content.blockMap || base.content.parts === true)) return []
    try {
      return await blocksOf(this.#coreOf, base.content)
    } catch {
      return [] // without the old map everything is cut afresh
    }
  }

  #plain(index: number, byteLength: number): ContentRef {
    return { drive: this.#drive, byteOffset: 0, blockOffset: index, blockLength: 1, byteLength, blockMap: false }
  }
}

async function readWhole(file: OpenFile, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(size)
  let at = 0
  while (at < size) {
    const n = await file.read(bytes.subarray(at), at)
    if (n === 0) throw new FileChanged()
    at += n
  }
  return bytes
}

async function unchanged(file: OpenFile): Promise<void> {
  const now = await file.lookAgain()
  const { seen } = file
  if (now === null || now.size !== seen.size || now.mtimeMs !== seen.mtimeMs || now.ino !== seen.ino) throw new FileChanged()
}
