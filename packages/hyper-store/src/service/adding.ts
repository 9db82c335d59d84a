/** Adds folders: shares one of this machine, clones or keeps one by its link, and has a provider keep it. */
import { randomBytes } from 'node:crypto'
import { readdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { AppError, errorCode, Item, ROUTES, type AddFolder } from '@hyper-store/client/contract'
import type { Caller } from '../core/store-api.ts'
import { decodeZ32, encodeZ32, parseLink } from '../core/links.ts'
import type { CoreStorage } from '../hyper/core-storage.ts'
import type { LogKind } from '../hyper/log-records.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { existingFolder, madeFolder, refuseOverlap, refuseRelative } from './folder-places.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import type { Network } from './network.ts'
import { askersOf, askersWith, refuseMembers } from './own-things.ts'
import type { Providers } from './providers.ts'
import type { Quotas } from './quotas.ts'
import { wrongKind } from './wrong-kind.ts'

/** What only owners may, as `refuseMembers` says it. */
const FOLDERS_OF_MACHINE = 'share or fill folders on this machine'
const PROVIDERS_OF_STORE = 'use the providers of this store'

/** What adding needs from the store around it. */
export interface AddingOptions {
  readonly state: State
  readonly cores: CoreStorage
  readonly folders: KeptFolders
  readonly network: Network
  readonly providers: Providers
  /** Folder of the home. */
  readonly home: string
  readonly quotas: Pick<Quotas, 'refuseMore'>
  /** A provider keeps the folder from now on. */
  readonly onProvider: (key: string) => void
  /** A folder is open from now on. */
  readonly onOpened: (folder: KeptFolder) => void
}

/** Adds one folder at a time: two adds of one path must find each other. */
export class Adding {
  readonly #o: AddingOptions
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: AddingOptions) {
    this.#o = options
  }

  /**
   * Adds what the request names; what is there already is given back as it is. Throws FORBIDDEN, BAD_REQUEST, BAD_LINK, OWN_LINK,
   * ALREADY_KEPT, FOLDER_OVERLAP, FOLDER_NOT_EMPTY, QUOTA_EXCEEDED, those of `folder-places.ts` and of a provider.
   */
  async add(caller: Caller, request: AddFolder): Promise<Item> {
    const work = this.#last.then(async () => this.#add(caller, request))
    this.#last = work.catch(() => undefined)
    return work
  }

  /** Throws when a folder can't be joined into `place`: FOLDER_OVERLAP, BAD_REQUEST, NOT_A_FOLDER, FOLDER_NOT_EMPTY when it must be empty. */
  async refusePlace(place: string, options: { empty: boolean }): Promise<void> {
    refuseRelative(place)
    const root = await existingFolder(place).catch((error: unknown) => {
      if (errorCode(error) !== 'NOT_FOUND') throw error
      return null
    })
    await this.#refuseOverlap(root ?? place)
    if (options.empty && root !== null && (await readdir(root)).length > 0) throw new AppError('FOLDER_NOT_EMPTY', { path: root })
  }

  /** Opens a folder that this device was let into; its place on disk is made when it is not there. */
  async openJoined(record: FolderRecord): Promise<KeptFolder> {
    const work = this.#last.then(async () => {
      const root = record.path === null ? null : await madeFolder(record.path)
      if (root !== null) await this.#refuseOverlap(root)
      await this.#o.state.synced(record.key).clear()
      return this.#open({ ...record, path: root }, null)
    })
    this.#last = work.catch(() => undefined)
    return work
  }

  /** Makes a folder that this device writes and that lies in the store alone, and keeps it. Throws QUOTA_EXCEEDED. */
  async makeStored(caller: Caller, request: { title: string | null; private: boolean }): Promise<KeptFolder> {
    const work = this.#last.then(async () => {
      this.#o.quotas.refuseMore(caller, request.title ?? 'A folder')
      const record = await this.#ownDrive({ ...request, titleOf: (key) => key.slice(0, 8) })
      return this.#open({ ...record, path: null, mode: 'keep' }, caller)
    })
    this.#last = work.catch(() => undefined)
    return work
  }

  /**
   * Makes a table that this device writes, and keeps it. Throws FORBIDDEN, UNKNOWN_PROVIDER and those of a provider, BAD_REQUEST,
   * QUOTA_EXCEEDED.
   */
  async makeTable(
    caller: Caller,
    request: { title: string | null; private: boolean; provider: string | null; blind: boolean },
  ): Promise<KeptFolder> {
    if (request.provider !== null) {
      refuseMembers(caller, PROVIDERS_OF_STORE)
      this.#o.providers.get(request.provider)
    }
    const work = this.#last.then(async () => {
      this.#o.quotas.refuseMore(caller, request.title ?? 'A table')
      return this.#makeTable(caller, request)
    })
    this.#last = work.catch(() => undefined)
    const folder = await work
    if (request.provider !== null) await this.#askToKeep(folder, request.provider, request.blind)
    return folder
  }

  async #makeTable(caller: Caller, request: { title: string | null; private: boolean }): Promise<KeptFolder> {
    const ownDrive = randomBytes(16).toString('hex')
    const secret = request.private ? randomBytes(32) : null
    const key = encodeZ32(await this.#o.cores.makeTable(ownDrive, secret, request.title ?? ''))
    return this.#open(
      recordOf({
        key,
        kind: 'table',
        path: null,
        title: request.title ?? key.slice(0, 8),
        mode: 'send-receive',
        encryptionKey: secret?.toString('hex') ?? null,
        private: request.private,
        ownDrive,
      }),
      caller,
    )
  }

  async #add(caller: Caller, request: AddFolder): Promise<Item> {
    if (request.path !== undefined) refuseMembers(caller, FOLDERS_OF_MACHINE)
    if (request.provider !== undefined) refuseMembers(caller, PROVIDERS_OF_STORE)
    if (request.path !== undefined && request.link !== undefined)
      return this.#clone(caller, { ...request, path: request.path }, request.link)
    if (request.path !== undefined) return this.#share(caller, request.path, request)
    if (request.link !== undefined) return this.#keep(caller, request.link, request)
    throw new AppError('BAD_REQUEST', { reason: 'a path or a link is needed' })
  }

  async #share(caller: Caller, given: string, request: AddFolder): Promise<Item> {
    const { state, folders } = this.#o
    const root = await existingFolder(given)
    const records = await state.folders.list()
    // The one that is kept now: the place may have held others before.
    const there = records.filter((r) => r.path === root)
    const here = there.find((r) => r.removedAtMs === null) ?? there.findLast((r) => r.ownDrive !== null) ?? there.at(-1)
    let folder = here === undefined ? undefined : folders.get(here.key)
    if (folder !== undefined) await this.#askedToo(folder, caller)
    else {
      this.#o.quotas.refuseMore(caller, request.title ?? path.basename(root))
      await this.#refuseOverlap(root)
      if (request.private === true && here !== undefined && !here.private)
        throw new AppError('BAD_REQUEST', { reason: `${root} was shared openly before; copy it to another folder to share it privately` })
      const record =
        here === undefined ? await this.#newRecord(root, request) : { ...here, removedAtMs: null, paused: false, safetyStop: null }
      folder = await this.#open(record, caller)
    }
    if (request.provider !== undefined) await this.#askToKeep(folder, request.provider, request.blind === true)
    return folder.item()
  }

  async #keep(caller: Caller, text: string, request: AddFolder): Promise<Item> {
    const { state, folders, providers } = this.#o
    const link = parseLink(text)
    if (link === null) throw new AppError('BAD_LINK', { link: text })
    const known = folders.get(link.key)
    if (request.provider !== undefined) {
      if (known === undefined)
        return providers.callJson(request.provider, 'POST', ROUTES.addFolder.path, { body: withoutProvider(request), schema: Item })
      // A link without its key never hands out the key.
      const withoutKey = known.record.private && link.secret === null
      await this.#askedToo(known, caller)
      await this.#askToKeep(known, request.provider, request.blind === true || withoutKey)
      return known.item()
    }
    if (known !== undefined) {
      await this.#askedToo(known, caller)
      return known.item()
    }
    this.#o.quotas.refuseMore(caller, request.title ?? `hyper://${link.key}`)
    const old = await state.folders.get(link.key)
    if (old !== null && old.ownDrive !== null) refuseMembers(caller, FOLDERS_OF_MACHINE)
    if (old?.path != null && old.ownDrive !== null) return this.#share(caller, old.path, {})
    // What this device writes in its store alone goes on where it was.
    if (old !== null && old.ownDrive !== null) return (await this.#open({ ...old, removedAtMs: null, paused: false }, caller)).item()
    const encryptionKey = link.secret === null || request.blind === true ? null : secretHex(link.secret)
    const folder = await this.#open(
      recordOf({
        key: link.key,
        kind: request.kind ?? 'folder',
        path: null,
        title: request.title ?? link.key.slice(0, 8),
        mode: request.blind === true ? 'keep-blind' : 'keep',
        encryptionKey,
        private: request.private === true || request.blind === true || encryptionKey !== null,
        ownDrive: null,
        blind: request.blind === true,
      }),
      caller,
    )
    return folder.item()
  }

  async #clone(caller: Caller, request: AddFolder & { path: string }, text: string): Promise<Item> {
    const given = request.path
    const { state, folders, providers } = this.#o
    const link = parseLink(text)
    if (link === null) throw new AppError('BAD_LINK', { link: text })
    refuseRelative(given)
    const old = await state.folders.get(link.key)
    if (old !== null && old.ownDrive !== null) throw new AppError('OWN_LINK', { path: old.path ?? link.key })
    const open = folders.get(link.key)
    refuseWrongKind(text, request.kind ?? open?.drive.kind ?? old?.kind ?? null)
    if (open?.record.path != null && open.record.path !== (await existingFolder(given).catch(() => null)))
      throw new AppError('ALREADY_KEPT', { link: link.key })
    const root = await madeFolder(given)
    if (open?.record.path != null) {
      await this.#askedToo(open, caller)
      return open.item()
    }
    if (open === undefined) this.#o.quotas.refuseMore(caller, request.title ?? path.basename(root))
    await this.#refuseOverlap(root)
    const again = old?.path === root
    if (!again && (await readdir(root)).length > 0) throw new AppError('FOLDER_NOT_EMPTY', { path: root })
    if (open !== undefined) await folders.close(open)
    const encryptionKey = link.secret === null ? (old?.encryptionKey ?? null) : secretHex(link.secret)
    const record = recordOf({
      key: link.key,
      path: root,
      title: request.title ?? path.basename(root),
      mode: 'receive-only',
      encryptionKey,
      private: encryptionKey !== null,
      ownDrive: null,
    })
    await state.synced(link.key).clear()
    const folder = await this.#open(record, caller)
    if (request.provider !== undefined) {
      await folder.addProvider(request.provider)
      providers.kick()
    }
    return folder.item()
  }

  /** Has a provider keep a folder of this store: with the key when it may read, without it when it keeps blind. */
  async #askToKeep(folder: KeptFolder, provider: string, blind: boolean): Promise<void> {
    if (blind && !folder.record.private)
      throw new AppError('BAD_REQUEST', { reason: 'only a private folder can be kept blind; add it with --private' })
    const body: AddFolder = {
      link: blind ? `hyper://${folder.key}` : folder.link,
      title: folder.record.title,
      ...(folder.record.kind === 'folder' ? {} : { kind: folder.record.kind }),
      ...(blind ? { blind: true } : {}),
      ...(folder.record.private ? { private: true } : {}),
    }
    await this.#o.providers.callJson(provider, 'POST', ROUTES.addFolder.path, { body, schema: Item })
    await folder.addProvider(provider, { blind })
    this.#o.providers.kick()
    this.#o.onProvider(folder.key)
  }

  /** Another caller asks for what is kept already. */
  async #askedToo(folder: KeptFolder, caller: Caller): Promise<void> {
    const { askedBy = [] } = folder.record
    const next = askersWith(folder.record, caller)
    if (next.length === askedBy.length) return
    if (next.length > askedBy.length) this.#o.quotas.refuseMore(caller, folder.record.title)
    await folder.remember({ askedBy: next })
  }

  /** Opened before it is stored: a folder that can't be opened is not one of this store's. `caller`: who asked for it; null: the machine itself. */
  async #open(given: FolderRecord, caller: Caller | null): Promise<KeptFolder> {
    const record = { ...given, askedBy: askersOf(caller) }
    const folder = await this.#o.folders.open(record)
    await this.#o.state.folders.put(record)
    this.#o.network.join(folder.shared.discoveryKey)
    this.#o.onOpened(folder)
    return folder
  }

  /** Makes the drive of a folder that was never shared. */
  async #newRecord(root: string, request: AddFolder): Promise<FolderRecord> {
    const made = { title: request.title ?? null, private: request.private === true, titleOf: () => path.basename(root) }
    return { ...(await this.#ownDrive(made)), path: root }
  }

  /** Makes a drive with its title, and the record of its folder; `titleOf` names it by its key when nobody did. */
  async #ownDrive(request: { title: string | null; private: boolean; titleOf: (key: string) => string }): Promise<FolderRecord> {
    const ownDrive = randomBytes(16).toString('hex')
    const secret = request.private ? randomBytes(32) : null
    const drive = await this.#o.cores.openOwn(ownDrive, secret)
    const key = encodeZ32(drive.key)
    const title = request.title ?? request.titleOf(key)
    // Before its loop may write: the title is the first thing in a drive.
    await drive.writeInfo({ title })
    await drive.close()
    const encryptionKey = secret?.toString('hex') ?? null
    return recordOf({ key, path: null, title, mode: 'send-receive', encryptionKey, private: request.private, ownDrive })
  }

  async #refuseOverlap(root: string): Promise<void> {
    const home = await realpath(this.#o.home)
    refuseOverlap(root, [...this.#o.folders.all.flatMap((f) => (f.record.path === null ? [] : [f.record.path])), home])
  }
}

/** The record of a folder that is added now. */
export function recordOf(
  fields: Pick<FolderRecord, 'key' | 'path' | 'title' | 'mode' | 'encryptionKey' | 'private' | 'ownDrive'> & {
    blind?: boolean
    kind?: FolderRecord['kind']
  },
): FolderRecord {
  return {
    kind: 'folder',
    blind: false,
    paused: false,
    rootIdentity: null,
    addedAtMs: Date.now(),
    removedAtMs: null,
    safetyStop: null,
    recovering: false,
    providers: [],
    blindProviders: [],
    shared: false,
    epochs: [],
    drives: [],
    addresses: [],
    forked: [],
    frozen: [],
    exclude: [],
    retention: { keep: 'all' },
    lend: true,
    ...fields,
  }
}

/** A table or a plain core has no files that could lie in a folder. Throws WRONG_KIND. */
function refuseWrongKind(link: string, kind: LogKind | null): void {
  if (kind === 'table' || kind === 'core') throw wrongKind(link, kind)
}

function withoutProvider(request: AddFolder): AddFolder {
  const { provider: _provider, ...rest } = request
  return rest
}

function secretHex(secret: string): string {
  const bytes = decodeZ32(secret)
  if (bytes === null || bytes.byteLength !== 32) throw new AppError('BAD_LINK', { link: 'the part after #' })
  return Buffer.from(bytes).toString('hex')
}
