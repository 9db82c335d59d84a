/** Things by their link: what they are, their entries and blocks, kept here or opened for the call. */
import { rm } from 'node:fs/promises'
import path from 'node:path'
import {
  AppError,
  type BlockEvent,
  type Blocks,
  type CreateThing,
  type Thing,
  type ThingEntry,
  type ThingPage,
} from '@hyper-store/client/contract'
import type { Caller, ThingFile, ThingsApi } from '../core/store-api.ts'
import { PlainCore } from '../hyper/plain-core.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { State } from '../state/state.ts'
import type { Adding } from './adding.ts'
import { infoOf } from './thing-info.ts'
import { kindOf, pathIn, refuseOtherKind, writablePath } from './thing-kinds.ts'
import { entryOf, fileOf, holding, nodeOf, pageOf, type ReadQuery, readerOf } from './thing-reading.ts'
import { type NewFile, ThingWriting } from './thing-writing.ts'
import type { OpenThing, Visits } from './visits.ts'

/** How long a block that is not here is waited for. */
const WAIT_MS = 10_000

/** What things need from the store around them. */
export interface ThingsOptions {
  readonly state: State
  readonly visits: Visits
  readonly adding: () => Pick<Adding, 'makeStored'>
  /** Folder of the home. */
  readonly home: string
  /** Content of a kept folder is needed out of order. */
  readonly goStock: (drive: SharedDrive) => void
}

/** Answers what is asked of things by their link. */
export class Things implements ThingsApi {
  readonly #o: ThingsOptions
  readonly #writing: ThingWriting

  constructor(options: ThingsOptions) {
    this.#o = options
    const spool = path.join(options.home, 'spool')
    // What a store that was killed left over.
    void rm(spool, { recursive: true, force: true }).catch(() => undefined)
    this.#writing = new ThingWriting({ state: options.state, spool })
  }

  async info(ref: string): Promise<Thing> {
    return await infoOf(await this.#o.visits.open(ref))
  }

  async create(caller: Caller, request: CreateThing): Promise<Thing> {
    const folder = await this.#o.adding().makeStored(caller, { title: request.title ?? null, private: request.private === true })
    return await infoOf({ folder, kept: true, link: null, hold: () => () => undefined })
  }

  async list(
    ref: string,
    query: ReadQuery & { recursive: boolean; after: string | null; limit: number; match: string | null },
  ): Promise<ThingPage> {
    return await this.#using(ref, async (thing) => pageOf(thing, await this.#reader(thing, query), query))
  }

  async entry(ref: string, query: ReadQuery): Promise<ThingEntry> {
    return await this.#using(ref, async (thing) => entryOf(await nodeOf(await this.#reader(thing, query), pathIn(thing, query.path))))
  }

  async file(ref: string, query: ReadQuery): Promise<ThingFile> {
    return await this.#using(ref, async (thing) => {
      if (kindOf(thing) === 'core') return coreFile(thing, query)
      return await fileOf(thing, await this.#reader(thing, query), query)
    })
  }

  async write(ref: string, at: string, content: NewFile): Promise<ThingEntry> {
    return await this.#using(ref, async (thing) => this.#entryNow(thing, await this.#writing.write(thing, at, content)))
  }

  async remove(ref: string, at: string, options: { recursive: boolean }): Promise<number> {
    return await this.#using(ref, async (thing) => this.#writing.change(thing, at, async (writing, file) => writing.remove(file, options)))
  }

  async move(ref: string, from: string, to: string): Promise<ThingEntry> {
    return await this.#using(ref, async (thing) =>
      this.#writing.change(thing, from, async (writing, at) => {
        const target = writablePath(thing, to)
        await writing.move(at, target)
        return await this.#entryNow(thing, target)
      }),
    )
  }

  async makeFolder(ref: string, at: string): Promise<ThingEntry> {
    return await this.#using(ref, async (thing) =>
      this.#writing.change(thing, at, async (writing, folder) => {
        await writing.makeFolder(folder)
        return { path: folder, kind: 'folder', size: 0, mtimeMs: null }
      }),
    )
  }

  async blocks(ref: string, { from, limit }: { from: number; limit: number }): Promise<Blocks> {
    return await this.#using(ref, async (thing) => {
      const core = coreOf(thing)
      const blocks = await core.blocks(from, limit, { timeoutMs: WAIT_MS })
      return { blocks: blocks.map(({ index, bytes }) => ({ index, bytes: base64(bytes) })), length: core.length }
    })
  }

  async *watchBlocks(ref: string, { since, signal }: { since: number | null; signal: AbortSignal }): AsyncIterable<BlockEvent> {
    const thing = await this.#o.visits.open(ref)
    const core = coreOf(thing)
    const link = thing.folder.link
    const blocks = core.follow(since ?? core.length, { timeoutMs: WAIT_MS, signal })
    for await (const { index, bytes } of holding(thing, blocks)) yield { event: 'block', link, index, bytes: base64(bytes) }
  }

  async #using<Result>(ref: string, work: (thing: OpenThing) => Promise<Result>): Promise<Result> {
    const thing = await this.#o.visits.open(ref)
    const release = thing.hold()
    try {
      return await work(thing)
    } finally {
      release()
    }
  }

  async #reader(thing: OpenThing, query: Pick<ReadQuery, 'version'>): ReturnType<typeof readerOf> {
    return await readerOf(thing, query, this.#o.goStock)
  }

  async #entryNow(thing: OpenThing, at: string): Promise<ThingEntry> {
    const reader = await this.#reader({ ...thing, link: null }, { version: null })
    return entryOf(await nodeOf(reader, pathIn({ link: null }, at)))
  }
}

function coreOf(thing: OpenThing): PlainCore {
  refuseOtherKind(thing, 'core')
  return new PlainCore(thing.folder.drive.db)
}

/** All blocks of a plain core as one file. */
function coreFile(thing: OpenThing, query: ReadQuery): ThingFile {
  if (pathIn(thing, query.path) !== '') throw new AppError('NOT_FOUND', { what: 'a path in a plain core' })
  if ((query.version ?? thing.link?.version ?? null) !== null)
    throw new AppError('BAD_REQUEST', { reason: 'a plain core has no versions to go back to; its blocks stay' })
  const core = coreOf(thing)
  const size = core.byteLength
  return {
    kind: 'file',
    path: '',
    size,
    mtimeMs: 0,
    executable: false,
    etag: core.etag,
    read: (range, options) => holding(thing, core.read(range ?? { start: 0, end: size }, { timeoutMs: WAIT_MS, signal: options?.signal })),
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
