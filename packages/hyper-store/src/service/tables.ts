/** Tables: rows of what this store keeps, or of a link opened for the call. */
import { AppError, type Table } from '@hyper-store/client/contract'
import { formatLink } from '../core/links.ts'
import type { Caller, TablesApi } from '../core/store-api.ts'
import { keyBytes } from '../core/table-keys.ts'
import type { TableSource } from '../core/table-source.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import { folderTable, tableNames } from '../hyper/folder-table.ts'
import { TableLog } from '../hyper/table-log.ts'
import { subTable } from '../tables/sub-table.ts'
import { changeRows, historyOf, importRows, putRow, removeRow, rowOf, rowsOf } from '../tables/table-room.ts'
import { watchTable } from '../tables/watch.ts'
import type { Adding } from './adding.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import { refuseMembers } from './own-things.ts'
import { holding } from './thing-reading.ts'
import type { OpenThing, Visits } from './visits.ts'
import { KIND_WORDS, wrongKind } from './wrong-kind.ts'

/** What tables need from the store around them. */
export interface TablesOptions {
  readonly folders: KeptFolders
  readonly visits: Visits
  readonly adding: () => Adding
}

/** A table, open for a call. */
interface OpenTable {
  readonly thing: OpenThing
  readonly source: TableSource
  /** True in a folder: each writer of the folder writes it. */
  readonly shared: boolean
  /** The link that leads to it. */
  readonly link: string
  readonly title: string
}

/** Tables: rows of what this store keeps, or of a link opened for the call. */
export class Tables implements TablesApi {
  readonly #o: TablesOptions
  readonly #logs = new WeakMap<DeviceDrive, TableLog>()
  /** Tables of folders that were met: their names never go. */
  readonly #names = new WeakMap<KeptFolder, ReadonlySet<string>>()

  constructor(options: TablesOptions) {
    this.#o = options
  }

  async create(caller: Caller, request: Parameters<TablesApi['create']>[1]): Promise<Table> {
    if (request.folder !== undefined) return this.#createShared(caller, { ...request, folder: request.folder })
    const { title, private: isPrivate, provider, blind } = request
    if (blind === true && isPrivate !== true)
      throw new AppError('BAD_REQUEST', { reason: 'only a private table can be kept blind; make it with --private' })
    const folder = await this.#o.adding().makeTable(caller, {
      title: title ?? null,
      private: isPrivate === true,
      provider: provider ?? null,
      blind: blind === true,
    })
    return this.info(folder.link)
  }

  async info(ref: string): Promise<Table> {
    return this.#with(ref, async ({ thing, source, shared, link, title }) => {
      const { folder, kept } = thing
      const version = source.version()
      return {
        kind: 'table',
        link,
        key: folder.key,
        title,
        version,
        rows: await source.count(null),
        bytes: folder.set.all.reduce((sum, { drive }) => sum + drive.db.raw.byteLength, 0),
        private: folder.record.private,
        writable: kept && source.writable,
        shared,
        kept,
        peers: (await folder.item()).peers,
      }
    })
  }

  async rows(
    ref: string,
    range: Parameters<TablesApi['rows']>[1],
    options: Parameters<TablesApi['rows']>[2],
  ): ReturnType<TablesApi['rows']> {
    const table = await this.#open(ref)
    const version = range.version ?? table.thing.link?.version ?? null
    const rows = rowsOf(table.source, { ...range, version }, options.signal)
    return { ...rows, [Symbol.asyncIterator]: () => holding(table.thing, rows)[Symbol.asyncIterator]() }
  }

  async row(ref: string, key: string, version: number | null): ReturnType<TablesApi['row']> {
    return this.#with(ref, async ({ source, thing }) => rowOf(source, key, version ?? thing.link?.version ?? null))
  }

  async put(ref: string, key: string, value: Parameters<TablesApi['put']>[2]): ReturnType<TablesApi['put']> {
    return this.#writing(ref, async (source) => putRow(source, key, value))
  }

  async remove(ref: string, key: string): Promise<void> {
    return this.#writing(ref, async (source) => removeRow(source, key))
  }

  async change(ref: string, changes: Parameters<TablesApi['change']>[1]): ReturnType<TablesApi['change']> {
    return this.#writing(ref, async (source) => changeRows(source, changes))
  }

  async importRows(ref: string, rows: Parameters<TablesApi['importRows']>[1]): ReturnType<TablesApi['importRows']> {
    return this.#writing(ref, async (source) => importRows(source, rows))
  }

  async history(ref: string, query: Parameters<TablesApi['history']>[1]): ReturnType<TablesApi['history']> {
    return this.#with(ref, async ({ source, link }) => historyOf(source, query, link))
  }

  async *watch(ref: string, options: Parameters<TablesApi['watch']>[1]): ReturnType<TablesApi['watch']> {
    const table = await this.#open(ref)
    const release = table.thing.hold()
    try {
      yield* watchTable(table.source, { ...options, link: table.link })
    } finally {
      release()
    }
  }

  async #createShared(caller: Caller, request: Parameters<TablesApi['create']>[1] & { readonly folder: string }): Promise<Table> {
    refuseMembers(caller, 'make a table in a folder')
    const { folder: ref, title, provider, private: isPrivate, blind } = request
    if (title === undefined) throw new AppError('BAD_REQUEST', { reason: 'a table in a folder needs a title' })
    if (provider !== undefined || isPrivate === true || blind === true)
      throw new AppError('BAD_REQUEST', { reason: 'a table in a folder is kept and encrypted as the folder is' })
    const folder = this.#o.folders.find(ref)
    if (folder.kind !== 'folder') throw wrongKind(ref, folder.drive.kind ?? 'unknown', { cure: 'leave the folder out' })
    folder.refuseHalted()
    await folderTable(folder.drives, title).make()
    return this.info(linkTo(folder, title))
  }

  /** Throws NOT_FOUND for a table that nobody made. */
  async #refuseUnknown(folder: KeptFolder, name: string): Promise<void> {
    if (this.#names.get(folder)?.has(name) === true) return
    const names = new Set(await tableNames(folder.drives))
    this.#names.set(folder, names)
    if (!names.has(name)) throw new AppError('NOT_FOUND', { what: `A table "${name}" in ${folder.record.title}` })
  }

  /** Does something with a table that stays open for as long as it takes. */
  async #with<Result>(ref: string, work: (table: OpenTable) => Promise<Result>): Promise<Result> {
    const table = await this.#open(ref)
    const release = table.thing.hold()
    try {
      return await work(table)
    } finally {
      release()
    }
  }

  /** Writes to a table of this store. Throws NOT_WRITER, RECOVERING. */
  async #writing<Result>(ref: string, work: (source: TableSource) => Promise<Result>): Promise<Result> {
    return this.#with(ref, async ({ thing, source, title }) => {
      if (thing.link?.version != null) throw new AppError('BAD_REQUEST', { reason: 'an old version is not changed; leave the version out' })
      if (!thing.kept || !source.writable) throw new AppError('NOT_WRITER', { title })
      thing.folder.refuseHalted()
      return work(source)
    })
  }

  async #open(ref: string): Promise<OpenTable> {
    const thing = await this.#o.visits.open(ref)
    const { folder, kept, link } = thing
    const path = link?.path ?? ''
    await folder.drive.look()
    if (folder.blind) throw new AppError('FORBIDDEN', { reason: 'this store keeps it without being able to read it' })
    const { kind } = folder.drive
    if (kind === null) throw new AppError('NO_PEER')
    if (kind === 'folder' && path !== '') {
      // A visit follows no roster: it would show the rows of one device, and leave out the others without a word.
      if (!kept) throw new AppError('BAD_REQUEST', { reason: 'a table in a folder is read where the folder is kept; add its link first' })
      // A name has no slashes: what follows is a sub-database of that table.
      const [name = '', ...below] = path.split('/')
      await this.#refuseUnknown(folder, name)
      const source = subTable(folderTable(folder.drives, name), below.length === 0 ? new Uint8Array() : keyBytes(`${below.join('/')}/`))
      return { thing, source, shared: true, link: linkTo(folder, path), title: below.at(-1) ?? name }
    }
    if (kind !== 'table')
      throw wrongKind(ref, kind, {
        wanted: KIND_WORDS.table,
        cure: kind === 'folder' ? 'a table in a folder has its name as path of the link' : 'info tells what it is',
      })
    const source = subTable(this.#logOf(folder, kept), path === '' ? new Uint8Array() : keyBytes(`${path}/`))
    return {
      thing,
      source,
      shared: false,
      link: linkTo(folder, path),
      title: path.split('/').at(-1) || (kept ? null : folder.drive.tableTitle) || folder.record.title,
    }
  }

  #logOf(folder: KeptFolder, kept: boolean): TableLog {
    const { drive } = folder
    let log = this.#logs.get(drive)
    if (log === undefined) {
      log = new TableLog(drive, { sparse: !kept, title: () => folder.record.title })
      this.#logs.set(drive, log)
    }
    return log
  }
}

function linkTo(folder: KeptFolder, path: string): string {
  const [link, secret] = folder.link.split('#')
  if (path === '') return folder.link
  return `${link ?? ''}${formatLink({ key: '', path }).slice('hyper://'.length)}${secret === undefined ? '' : `#${secret}`}`
}
