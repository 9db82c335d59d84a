/** A device drive as of one version: look-ups, walks and the children of a folder. */
import type Hyperbee from 'hyperbee'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { decodeRecord, EXTRAS, FILES, type ReadRecord } from './entry-codec.ts'

const LAST = '\u{10FFFF}'

/** What a user counts: files and links, and the bytes of the files. */
export interface DriveTotals {
  readonly files: number
  readonly bytes: number
}

/** One name in a folder of a drive. */
export interface Child {
  readonly name: string
  /** Null for a folder that is implied by what is in it. */
  readonly record: ReadRecord | null
}

/** Values come as text: one that is not JSON says nothing, and does not end the walk over the others. */
function valueOf(node: { value: unknown }): unknown {
  try {
    return typeof node.value === 'string' ? JSON.parse(node.value) : undefined
  } catch {
    return undefined
  }
}

/** Reads records from a bee that stands at one version. With `wait`, blocks that are not here are asked from peers. */
export class DriveView {
  readonly version: number
  readonly #bee: Hyperbee
  readonly #drive: DriveId
  readonly #writer: DriveId

  constructor(bee: Hyperbee, drive: { readonly id: DriveId; readonly writer: DriveId }) {
    this.#bee = bee
    this.version = bee.version
    this.#drive = drive.id
    this.#writer = drive.writer
  }

  /** What the drive says of a path: file, link, empty folder or tombstone; null for nothing. */
  async get(path: FolderPath): Promise<EntryOrTombstone | null> {
    if (this.version <= 1) return null
    const file = await this.#bee.get('/' + path, { keyEncoding: FILES })
    const read = file === null ? null : this.#decode('files', file)
    if (read?.entry != null) return read.entry
    for (const slot of ['d/', 't/']) {
      const extra = await this.#bee.get(slot + path, { keyEncoding: EXTRAS })
      const entry = extra === null ? null : this.#decode('hyper-store', extra)?.entry
      if (entry != null) return entry
    }
    return null
  }

  /** All records below a folder ('' for all): files in path order, then empty folders, then tombstones. */
  async *records(below = ''): AsyncIterable<ReadRecord> {
    if (this.version <= 1) return
    let walked = 0
    // Each block holds one record: a tree that gives more than there are blocks runs in a circle.
    const count = () => {
      if (++walked > this.version) throw new Error('the tree of the drive runs in a circle')
    }
    const prefix = below === '' ? '' : `${below}/`
    for await (const node of this.#bee.createReadStream({ gte: `/${prefix}`, lt: `/${prefix}${LAST}` }, { keyEncoding: FILES })) {
      count()
      const read = this.#decode('files', node)
      if (read !== null) yield read
    }
    for (const slot of ['d/', 't/']) {
      for await (const node of this.#bee.createReadStream({ gte: slot + prefix, lt: slot + prefix + LAST }, { keyEncoding: EXTRAS })) {
        count()
        const read = this.#decode('hyper-store', node)
        if (read !== null) yield read
      }
    }
  }

  /** The names in a folder, jumping over what is in its sub-folders; links and files as they are. */
  async *children(folder: string): AsyncIterable<Child> {
    yield* this.filesIn(folder)
    yield* this.emptyFoldersIn(folder)
  }

  /** Of the names in a folder those of files, links, and folders with something in them, in the order of the tree. */
  async *filesIn(folder: string): AsyncIterable<Child> {
    yield* this.#childrenBelow(folder, 'files', '/')
  }

  /** Of the names in a folder those of empty folders, and of folders with an empty one in them. */
  async *emptyFoldersIn(folder: string): AsyncIterable<Child> {
    yield* this.#childrenBelow(folder, 'hyper-store', 'd/')
  }

  async *#childrenBelow(folder: string, space: 'files' | 'hyper-store', root: string): AsyncIterable<Child> {
    if (this.version <= 1) return
    const start = root + (folder === '' ? '' : `${folder}/`)
    const encoding = { keyEncoding: space === 'files' ? FILES : EXTRAS }
    let from = start
    while (true) {
      let jumped = false
      for await (const node of this.#bee.createReadStream({ gte: from, lt: start + LAST }, encoding)) {
        const rest = node.key.slice(start.length)
        const slash = rest.indexOf('/')
        if (slash < 0) {
          const record = this.#decode(space, node)
          if (record !== null) yield { name: rest, record }
          continue
        }
        const name = rest.slice(0, slash)
        yield { name, record: null }
        // '0' follows '/' : the first key after everything in this sub-folder.
        from = `${start}${name}0`
        jumped = true
        break
      }
      if (!jumped) break
    }
  }

  /** True when anything is in the folder. */
  async hasFolder(folder: string): Promise<boolean> {
    for await (const child of this.children(folder)) return child.name !== ''
    return folder === ''
  }

  /** Files and bytes as the drive's writer counts them with each version; null in drives that others wrote. */
  async totals(): Promise<DriveTotals | null> {
    if (this.version <= 1) return null
    const node = await this.#bee.get('totals', { keyEncoding: EXTRAS })
    const totals = node === null ? null : (valueOf(node) as Partial<DriveTotals> | null | undefined)
    const isCount = (n: unknown): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0
    return totals != null && isCount(totals.files) && isCount(totals.bytes) ? { files: totals.files, bytes: totals.bytes } : null
  }

  /** When the newest batch was written, milliseconds since 1970 or null; null in place of all in drives that others wrote. */
  async lastBatch(): Promise<{ readonly at: number | null } | null> {
    if (this.version <= 1) return null
    const node = await this.#bee.get('totals', { keyEncoding: EXTRAS })
    if (node === null) return null
    const at = (valueOf(node) as { at?: unknown } | null | undefined)?.at
    return { at: typeof at === 'number' && at >= 0 ? at : null }
  }

  /** The title that the folder's writer gave it. */
  async title(): Promise<string | null> {
    if (this.version <= 1) return null
    const node = await this.#bee.get('info', { keyEncoding: EXTRAS })
    const title = (node === null ? null : (valueOf(node) as { title?: unknown } | null | undefined))?.title
    return typeof title === 'string' && title !== '' && title.length <= 200 ? title : null
  }

  /** A record of ours that is about no path, as its writer wrote it: to be parsed. Undefined for none. */
  async extra(key: string): Promise<unknown> {
    const node = this.version <= 1 ? null : await this.#bee.get(key, { keyEncoding: EXTRAS })
    return node === null ? undefined : valueOf(node)
  }

  async close(): Promise<void> {
    await this.#bee.close()
  }

  #decode(space: 'files' | 'hyper-store', node: { key: string; value: unknown; seq: number }): ReadRecord | null {
    return decodeRecord(`${space}\0${node.key}`, valueOf(node), { drive: this.#drive, seq: node.seq, writer: this.#writer })
  }
}
