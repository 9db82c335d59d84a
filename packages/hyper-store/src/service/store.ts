/** One open store: its rooms in order, its folders, and everything that its API answers. */
import { mkdir, readdir, realpath, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import {
  AppError,
  errorCode,
  Item,
  ROUTES,
  type AddFolder,
  type Check,
  type Device,
  type IgnoreReport,
  type PairCode,
  type RedeemCode,
  type Right,
  type Role,
  type StoreEvent,
  type StoreInfo,
} from '@hyper-store/client/contract'
import type { Caller, DriveReader, StoreApi } from '../core/store-api.ts'
import type { FolderPath, Synced } from '../core/entries.ts'
import { decodeZ32, encodeZ32, looksLikeLink, parseKey, parseLink } from '../core/links.ts'
import type { Clock } from '../core/ports.ts'
import { CoreStorage } from '../hyper/core-storage.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import { Replication } from '../hyper/replication/replication.ts'
import { acceptHttpStreams, type HttpStream } from '../hyper/transports/http-over-noise.ts'
import { ConnectionBook } from '../hyper/transports/connections.ts'
import { decodeDeviceKey, loadIdentity, verifySignature, type Identity } from '../hyper/transports/identity.ts'
import { Internet } from '../hyper/transports/internet.ts'
import { Lan } from '../hyper/transports/lan.ts'
import type { PeerConnection } from '../hyper/transports/noise-connection.ts'
import type { FolderRecord } from '../state/records.ts'
import { tokenHash, type State } from '../state/state.ts'
import { Completions } from './completions.ts'
import { openDriveReader } from './drive-reader.ts'
import { runDoctor } from './doctor.ts'
import { EventBus } from './event-bus.ts'
import type { Home } from './home.ts'
import { releaseIdleMemory } from './idle-memory.ts'
import { watchSpace } from './home-space.ts'
import { KeptFolder, type KeptFolderContext } from './kept-folder.ts'
import type { LoopChange } from '../sync/folder-loop.ts'
import { type KnownReceipt, ReceiptBook } from './receipt-book.ts'
import { createPairing, pairProofBytes } from './pairing.ts'
import { Providers, type ProviderReply, type ProviderRequest } from './providers.ts'
import { randomBytes } from 'node:crypto'
import { VERSION } from './version.ts'

/** How the store is run. */
export interface StoreOptions {
  readonly home: Home
  readonly state: State
  readonly seed: Uint8Array
  readonly name: string | null
  readonly lanOnly: boolean
  readonly noLan: boolean
  readonly bootstrap: readonly string[]
  readonly open: boolean
  /** Writers wait for a peer to confirm their newest state before they write. */
  readonly recovering: boolean
  /** The home was moved here on purpose. */
  readonly moved: boolean
  readonly clock: Clock
  readonly onStop: () => void
  readonly onTwin: () => void
  readonly hooks: { readonly exec?: string; readonly webhook?: string; readonly notify?: boolean; readonly led?: string }
  readonly onProblem: (message: string) => void
}

/** An item event is told at most this often for one folder. */
const ITEM_EVENT_MS = 250
/** Of one pass, so many changes are told one by one. */
const CHANGES_TOLD = 500
const IDLE_AFTER_MS = 1_000

/** Owns all rooms of one store; made by `Store.open`. */
export class Store implements StoreApi {
  readonly events_ = new EventBus()
  readonly identity: Identity
  readonly book: ConnectionBook
  readonly #o: StoreOptions
  readonly #cores: CoreStorage
  readonly #replication: Replication
  readonly #providers: Providers
  readonly #completions: Completions
  readonly #receipts: ReceiptBook
  readonly #pairing = createPairing({ now: () => Date.now(), random: (n) => new Uint8Array(randomBytes(n)) })
  readonly #folders = new Map<string, KeptFolder>()
  readonly #byDrive = new Map<string, KeptFolder>()
  readonly #itemTimers = new Map<string, NodeJS.Timeout>()
  readonly #names = new Map<string, string>()
  readonly #startedAt = new Date()
  #internet: Internet | null = null
  #lan: Lan | null = null
  #url = ''
  #port = 0
  #beyondLoopback = false
  #serve: ((stream: HttpStream, deviceKey: string) => void) | null = null
  #name: string
  #adding: Promise<unknown> = Promise.resolve()
  #idleTimer: NodeJS.Timeout | null = null
  #closed = false
  #stopWatchingSpace: () => void = () => undefined
  #full: AppError | null = null

  private constructor(options: StoreOptions, parts: { cores: CoreStorage; name: string }) {
    this.#o = options
    this.#cores = parts.cores
    this.#name = parts.name
    this.identity = loadIdentity(options.seed)
    this.book = new ConnectionBook({ identity: this.identity })
    this.#receipts = new ReceiptBook(options.state, this.identity)
    this.#providers = new Providers({
      state: options.state,
      identity: this.identity,
      book: this.book,
      internet: () => this.#internet,
      deviceName: () => this.#name,
    })
    this.#completions = new Completions({ settings: options.state.settings, hooks: options.hooks, onProblem: options.onProblem })
    this.#replication = new Replication({
      name: parts.name,
      attach: (connection) => this.#cores.replicate(connection),
      events: {
        onPeers: (shared) => this.#itemChanged(this.#byDrive.get(shared.id)),
        onBytes: (shared, bytes) => this.#byDrive.get(shared.id)?.bytesMoved(bytes),
        onReceipt: (receipt, from) => void this.#takeReceipt(receipt, from),
        onMutual: (session, shared) => {
          const folder = this.#byDrive.get(shared.id)
          if (folder === undefined) return
          for (const known of this.#receipts.list(folder.key)) session.sendReceipt(known.carried)
          this.#itemChanged(folder)
        },
        onSession: (session, open) => {
          if (session.name !== '') this.#names.set(session.deviceKey, session.name)
          this.events_.emit({
            event: 'peer',
            at: new Date().toISOString(),
            key: session.deviceKey,
            name: this.#nameOf(session.deviceKey),
            connected: open,
            via: session.connection.via,
          })
        },
      },
    })
  }

  /** Opens state, cores and folders; the network comes with `connect`. */
  static async open(options: StoreOptions): Promise<Store> {
    const cores = await CoreStorage.open(options.home.coresFolder, {
      checkpoints: options.state.checkpoints,
      recovering: options.recovering,
      moved: options.moved,
    })
    try {
      const known = await options.state.settings.get('name')
      const name = options.name ?? (typeof known === 'string' ? known : os.hostname().slice(0, 100) || 'device')
      await options.state.settings.set('name', name)
      const store = new Store(options, { cores, name })
      if (options.recovering) for (const record of await options.state.folders.list()) await options.state.chunks(record.key).clear()
      for (const record of await options.state.folders.list()) if (record.removedAtMs === null) await store.#openFolder(record)
      await store.#completions.start()
      store.#stopWatchingSpace = watchSpace(options.home.folder, (isFull) => store.#holdAll(isFull))
      return store
    } catch (error) {
      await cores.close()
      throw error
    }
  }

  /** Starts listening transports and dialers. `port` is null when only loopback is listened on. */
  async connect(listening: {
    url: string
    port: number
    beyondLoopback: boolean
    serveStream: (stream: HttpStream, deviceKey: string) => void
  }): Promise<void> {
    this.#url = listening.url
    this.#port = listening.port
    this.#beyondLoopback = listening.beyondLoopback
    this.#serve = listening.serveStream
    this.book.on('open', (connection) => this.#onConnection(connection))
    this.book.on('twin', () => this.#o.onTwin())
    if (!this.#o.lanOnly) {
      this.#internet = new Internet({ book: this.book, bootstrap: this.#o.bootstrap })
      for (const folder of this.#folders.values()) this.#internet.join(folder.shared.discoveryKey)
    }
    if (!this.#o.noLan) this.#lan = new Lan({ book: this.book, port: listening.beyondLoopback ? listening.port : null })
    await this.#providers.start()
  }

  get name(): string {
    return this.#name
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stopWatchingSpace()
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    for (const timer of this.#itemTimers.values()) clearTimeout(timer)
    await this.#providers.close()
    await this.#lan?.close()
    await this.#replication.close()
    await this.#internet?.close()
    await this.book.close()
    for (const folder of this.#folders.values()) await folder.close()
    this.#folders.clear()
    await this.#cores.close()
    await this.#completions.close()
  }

  // ---- the store itself

  async info(caller: Caller | null): Promise<StoreInfo> {
    const base = { name: this.#name, deviceKey: this.identity.deviceKey, version: VERSION, role: caller?.role ?? null }
    if (caller === null) return base
    return {
      ...base,
      url: this.#url,
      ...(caller.local ? { home: this.#o.home.folder, pid: process.pid } : {}),
      startedAt: this.#startedAt.toISOString(),
      open: this.#o.open,
      network: {
        lan: this.#lan !== null,
        internet: this.#internet !== null,
        peers: this.book.all().map((c) => ({
          key: c.deviceKey,
          name: this.#nameOf(c.deviceKey),
          via: c.via === 'direct' ? 'provider' : c.via,
          address: c.address,
        })),
      },
      memoryBytes: process.memoryUsage.rss(),
    }
  }

  async doctor(): Promise<Check[]> {
    return runDoctor({
      home: this.#o.home.folder,
      port: this.#port,
      providerUrls: this.#providers.list().flatMap((p) => (p.url === null ? [] : [p.url])),
      service: this.#doctorFacts(),
    })
  }

  #doctorFacts(): NonNullable<Parameters<typeof runDoctor>[0]['service']> {
    const internet = this.#internet?.state ?? null
    const known = internet?.state === 'online' ? 'online' : internet?.state === 'offline' ? 'offline' : undefined
    return {
      port: this.#port,
      lan: this.#lan !== null,
      internet: internet === null ? 'off' : known,
      nat: internet === null ? undefined : internet.firewalled ? 'unknown' : 'open',
      watchesNeeded: this.#folders.size,
    }
  }

  async stop(): Promise<void> {
    this.#o.onStop()
  }

  events(options: { folder: string | null; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    const link = options.folder === null ? null : this.#folder(options.folder).link
    return this.events_.listen({ folder: link, signal: options.signal })
  }

  async metrics(): Promise<Awaited<ReturnType<StoreApi['metrics']>>> {
    const items = await Promise.all([...this.#folders.values()].map(async (f) => f.item()))
    const byFolder = (value: (item: Item) => number) =>
      items.map((item) => ({ labels: { key: item.key, title: item.title }, value: value(item) }))
    return [
      { name: 'hyper_store_folders', help: 'Things kept.', type: 'gauge', values: [{ labels: {}, value: items.length }] },
      { name: 'hyper_store_connections', help: 'Devices connected now.', type: 'gauge', values: [{ labels: {}, value: this.book.size }] },
      {
        name: 'hyper_store_memory_bytes',
        help: 'Resident memory of the service.',
        type: 'gauge',
        values: [{ labels: {}, value: process.memoryUsage.rss() }],
      },
      { name: 'hyper_store_folder_bytes', help: 'Bytes of the newest version.', type: 'gauge', values: byFolder((i) => i.bytes) },
      { name: 'hyper_store_folder_files', help: 'Files of the newest version.', type: 'gauge', values: byFolder((i) => i.files) },
      { name: 'hyper_store_folder_version', help: 'Newest version held.', type: 'counter', values: byFolder((i) => i.version) },
      {
        name: 'hyper_store_folder_complete',
        help: '1 when up to date with everything known.',
        type: 'gauge',
        values: byFolder((i) => (i.state === 'up-to-date' ? 1 : 0)),
      },
    ]
  }

  // ---- folders

  async listFolders(): Promise<Item[]> {
    return Promise.all([...this.#folders.values()].map(async (f) => f.item()))
  }

  async getFolder(_caller: Caller, ref: string): Promise<Item> {
    return this.#folder(ref).item()
  }

  /** One at a time: two adds of one path must find each other. */
  async addFolder(caller: Caller, request: AddFolder): Promise<Item> {
    const work = this.#adding.then(async () => this.#add(caller, request))
    this.#adding = work.catch(() => undefined)
    return work
  }

  async removeFolder(_caller: Caller, ref: string, options: { deleteData: boolean }): Promise<void> {
    const folder = this.#folder(ref)
    this.#folders.delete(folder.key)
    this.#byDrive.delete(folder.shared.id)
    this.#internet?.leave(folder.shared.discoveryKey)
    if (options.deleteData) await folder.dropData()
    await folder.close()
    const { state } = this.#o
    await state.folders.put({ ...folder.record, removedAtMs: Date.now(), safetyStop: null })
    if (folder.record.ownDrive === null) {
      await state.synced(folder.key).clear()
      if (options.deleteData) await state.folders.remove(folder.key)
    } else if (options.deleteData) await this.#forgetContent(folder.key)
    if (options.deleteData) await this.#cores.compact()
    this.events_.emit({ event: 'removed', at: new Date().toISOString(), link: folder.link })
  }

  /** The stored content is gone, the user's files are not: added again, each is read and stored anew. */
  async #forgetContent(key: string): Promise<void> {
    const { state } = this.#o
    await state.chunks(key).clear()
    const synced = state.synced(key)
    const put: [FolderPath, Synced][] = []
    for await (const [at, record] of synced.entries()) {
      if (record.local?.kind === 'file') put.push([at, { ...record, local: { ...record.local, mtimeMs: 0, ctimeMs: 0, ino: 0 } }])
    }
    await synced.apply({ put })
  }

  async pauseFolder(_caller: Caller, ref: string): Promise<Item> {
    const folder = this.#folder(ref)
    await folder.pause()
    return folder.item()
  }
  async resumeFolder(_caller: Caller, ref: string, options: { confirm: boolean }): Promise<Item> {
    const folder = this.#folder(ref)
    await folder.resume(options)
    return folder.item()
  }
  async rescanFolder(_caller: Caller, ref: string): Promise<Item> {
    const folder = this.#folder(ref)
    await folder.rescan()
    return folder.item()
  }

  async ignoreReport(_caller: Caller, ref: string, test: string | null): Promise<IgnoreReport> {
    const rules = this.#folder(ref).loop?.ignoreRules
    if (rules === undefined) return { rules: [], test: test === null ? null : { path: test, ignored: false, rule: null } }
    const told = test === null ? null : rules.explain(test)
    return {
      rules: rules.rules.map((r) => ({ file: r.file, line: r.line, pattern: r.pattern })),
      test:
        told === null
          ? null
          : {
              path: test ?? '',
              ignored: told.ignored,
              rule: told.rule === null ? null : `${told.file ?? ''}:${told.line ?? 0} ${told.rule}`,
            },
    }
  }

  async openDrive(key: string, version: number | null): Promise<DriveReader | null> {
    const parsed = parseKey(key)
    const folder = parsed === null ? undefined : this.#folders.get(parsed)
    return folder === undefined ? null : openDriveReader(folder, version, () => this.#replication.goStock(folder.shared))
  }

  // ---- providers, devices, pairing

  async listProviders(): Promise<ReturnType<Providers['list']>> {
    return this.#providers.list()
  }
  async getProvider(name: string): Promise<ReturnType<Providers['get']>> {
    return this.#providers.get(name)
  }
  async setProvider(name: string, target: string): Promise<ReturnType<Providers['get']>> {
    return this.#providers.set(name, target)
  }
  async unsetProvider(name: string): Promise<void> {
    await this.#providers.unset(name)
  }
  async callProvider(name: string, request: ProviderRequest): Promise<ProviderReply> {
    return this.#providers.call(name, request)
  }

  async listDevices(): Promise<Device[]> {
    return (await this.#o.state.devices.list()).map((d) => ({
      name: d.name,
      key: d.key,
      role: d.role,
      addedAt: new Date(d.addedAtMs).toISOString(),
      lastSeenAt: d.lastSeenAtMs === null ? null : new Date(d.lastSeenAtMs).toISOString(),
      connected: this.book.current(d.key) !== null,
    }))
  }
  async renameDevice(device: string, name: string): Promise<Device> {
    const key = await this.#deviceKeyOf(device)
    await this.#o.state.devices.update(key, (row) => ({ ...row, name }))
    const found = (await this.listDevices()).find((d) => d.key === key)
    if (found === undefined) throw new AppError('UNKNOWN_DEVICE', { name: device })
    return found
  }
  async revokeDevice(device: string): Promise<void> {
    const key = await this.#deviceKeyOf(device)
    await this.#o.state.devices.remove(key)
    for (const connection of this.book.all()) if (connection.deviceKey === key) connection.close()
  }

  async createPair(request: { role: Role; expiresS: number }): Promise<PairCode> {
    const made = this.#pairing.create(request)
    return {
      code: made.code,
      line: `hyper-store set-provider ${this.#publicUrl()}#${made.code} ${shellName(this.#name)}`,
      role: made.role,
      expiresAt: new Date(made.expiresAtMs).toISOString(),
    }
  }

  async redeemPair(request: RedeemCode, from: string): Promise<Right> {
    const role = this.#pairing.redeem(request.code, {
      from,
      proven: () =>
        decodeDeviceKey(request.deviceKey) !== null &&
        verifySignature(pairProofBytes(request.code, this.identity.deviceKey), Buffer.from(request.proof, 'hex'), request.deviceKey),
    })
    const token = randomBytes(32).toString('base64url')
    await this.#o.state.devices.put({
      key: request.deviceKey,
      name: request.name,
      role,
      tokenHash: tokenHash(token),
      addedAtMs: Date.now(),
      lastSeenAtMs: Date.now(),
    })
    return { token, role, deviceKey: this.identity.deviceKey, name: this.#name }
  }

  async callerOfToken(token: string): Promise<Caller | null> {
    const hash = tokenHash(token)
    for (const device of await this.#o.state.devices.list()) {
      if (device.tokenHash === hash) {
        void this.#seen(device.key, device.lastSeenAtMs)
        return { role: device.role, deviceKey: device.key, local: false }
      }
    }
    return null
  }
  async callerOfDevice(deviceKey: string): Promise<Caller | null> {
    const device = await this.#o.state.devices.get(deviceKey)
    if (device === null) return null
    void this.#seen(device.key, device.lastSeenAtMs)
    return { role: device.role, deviceKey, local: false }
  }

  // ---- inside

  async #add(caller: Caller, request: AddFolder): Promise<Item> {
    if (request.path !== undefined && !caller.local && caller.role !== 'owner')
      throw new AppError('FORBIDDEN', { reason: 'only the owner may share or fill folders on this machine' })
    if (request.path !== undefined && request.link !== undefined) return this.#clone(request.path, request.link, request)
    if (request.path !== undefined) return this.#share(request.path, request)
    if (request.link !== undefined) return this.#keep(request.link, request)
    throw new AppError('BAD_REQUEST', { reason: 'a path or a link is needed' })
  }

  async #share(given: string, request: AddFolder): Promise<Item> {
    const root = await existingFolder(given)
    const records = await this.#o.state.folders.list()
    // The one that is kept now: the place may have held others before.
    const there = records.filter((r) => r.path === root)
    const here = there.find((r) => r.removedAtMs === null) ?? there.findLast((r) => r.ownDrive !== null) ?? there.at(-1)
    let folder = here === undefined ? undefined : this.#folders.get(here.key)
    if (folder === undefined) {
      await this.#refuseOverlap(root)
      if (request.private === true && here !== undefined && !here.private)
        throw new AppError('BAD_REQUEST', { reason: `${root} was shared openly before; copy it to another folder to share it privately` })
      const record =
        here === undefined ? await this.#newRecord(root, request) : { ...here, removedAtMs: null, paused: false, safetyStop: null }
      folder = await this.#openFolder(record)
      await this.#o.state.folders.put(record)
      this.#internet?.join(folder.shared.discoveryKey)
    }
    if (request.provider !== undefined) await this.#askToKeep(folder, request.provider, request.blind === true)
    return folder.item()
  }

  async #newRecord(root: string, request: AddFolder): Promise<FolderRecord> {
    const ownDrive = randomBytes(16).toString('hex')
    const encryptionKey = request.private === true ? randomBytes(32).toString('hex') : null
    const drive = await this.#cores.openOwn(ownDrive, encryptionKey === null ? null : Buffer.from(encryptionKey, 'hex'))
    const key = encodeZ32(drive.key)
    // Before its loop may write: the title is the first thing in a drive.
    await drive.writeInfo({ title: request.title ?? path.basename(root) })
    await drive.close()
    return this.#recordOf({
      key,
      path: root,
      title: request.title ?? path.basename(root),
      mode: 'send-receive',
      encryptionKey,
      private: encryptionKey !== null,
      ownDrive,
    })
  }

  #recordOf(
    fields: Pick<FolderRecord, 'key' | 'path' | 'title' | 'mode' | 'encryptionKey' | 'private' | 'ownDrive'> & { blind?: boolean },
  ): FolderRecord {
    return {
      blind: false,
      paused: false,
      rootIdentity: null,
      addedAtMs: Date.now(),
      removedAtMs: null,
      safetyStop: null,
      providers: [],
      ...fields,
    }
  }

  async #keep(text: string, request: AddFolder): Promise<Item> {
    const link = parseLink(text)
    if (link === null) throw new AppError('BAD_LINK', { link: text })
    if (request.provider !== undefined) {
      const folder = this.#folders.get(link.key)
      if (folder !== undefined) {
        // A link without its key never hands out the key.
        const withoutKey = folder.record.private && link.secret === null
        await this.#askToKeep(folder, request.provider, request.blind === true || withoutKey)
        return folder.item()
      }
      return this.#providers.callJson(request.provider, 'POST', ROUTES.addFolder.path, { body: withoutProvider(request), schema: Item })
    }
    const known = this.#folders.get(link.key)
    if (known !== undefined) return known.item()
    const old = await this.#o.state.folders.get(link.key)
    if (old?.path != null && old.ownDrive !== null) return this.#share(old.path, {})
    const encryptionKey = link.secret === null || request.blind === true ? null : secretHex(link.secret)
    const record = this.#recordOf({
      key: link.key,
      path: null,
      title: request.title ?? link.key.slice(0, 8),
      mode: request.blind === true ? 'keep-blind' : 'keep',
      encryptionKey,
      private: request.private === true || request.blind === true || encryptionKey !== null,
      ownDrive: null,
      blind: request.blind === true,
    })
    const folder = await this.#openFolder(record)
    await this.#o.state.folders.put(record)
    this.#internet?.join(folder.shared.discoveryKey)
    return folder.item()
  }

  async #clone(given: string, text: string, request: AddFolder): Promise<Item> {
    const link = parseLink(text)
    if (link === null) throw new AppError('BAD_LINK', { link: text })
    if (!path.isAbsolute(given)) throw new AppError('BAD_REQUEST', { reason: 'the path must be absolute' })
    const old = await this.#o.state.folders.get(link.key)
    if (old !== null && old.ownDrive !== null) throw new AppError('OWN_LINK', { path: old.path ?? link.key })
    const open = this.#folders.get(link.key)
    if (open?.record.path != null && open.record.path !== (await existingFolder(given).catch(() => null)))
      throw new AppError('ALREADY_KEPT', { link: link.key })
    await mkdir(given, { recursive: true }).catch((error: unknown) => {
      throw folderError(given, error)
    })
    const root = await existingFolder(given)
    if (open?.record.path != null) return open.item()
    await this.#refuseOverlap(root)
    const again = old?.path === root
    if (!again && (await readdir(root)).length > 0) throw new AppError('FOLDER_NOT_EMPTY', { path: root })
    if (open !== undefined) await this.#closeFolder(open)
    const encryptionKey = link.secret === null ? (old?.encryptionKey ?? null) : secretHex(link.secret)
    const record = this.#recordOf({
      key: link.key,
      path: root,
      title: request.title ?? path.basename(root),
      mode: 'receive-only',
      encryptionKey,
      private: encryptionKey !== null,
      ownDrive: null,
    })
    await this.#o.state.synced(link.key).clear()
    const folder = await this.#openFolder(record)
    await this.#o.state.folders.put(record)
    this.#internet?.join(folder.shared.discoveryKey)
    if (request.provider !== undefined) {
      await folder.addProvider(request.provider)
      this.#providers.kick()
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
      ...(blind ? { blind: true } : {}),
      ...(folder.record.private ? { private: true } : {}),
    }
    await this.#providers.callJson(provider, 'POST', ROUTES.addFolder.path, { body, schema: Item })
    await folder.addProvider(provider)
    this.#providers.kick()
  }

  async #openFolder(record: FolderRecord): Promise<KeptFolder> {
    const secret = record.encryptionKey === null ? null : Buffer.from(record.encryptionKey, 'hex')
    const key = decodeZ32(record.key)
    if (key === null) throw new AppError('BAD_LINK', { link: record.key })
    const drive = record.ownDrive === null ? await this.#cores.openOther(key, secret) : await this.#cores.openOwn(record.ownDrive, secret)
    const folder = await KeptFolder.open(record, drive, this.#makeContext(), (made) => {
      this.#folders.set(record.key, made)
      this.#byDrive.set(made.shared.id, made)
    })
    if (this.#full !== null) await folder.hold(this.#full)
    return folder
  }

  /** While the home's disk is full nothing is taken in: what is there stays whole. */
  #holdAll(isFull: boolean): void {
    this.#full = isFull ? new AppError('DISK_FULL', { path: this.#o.home.folder }) : null
    for (const folder of this.#folders.values()) void folder.hold(this.#full).catch(() => undefined)
  }

  async #closeFolder(folder: KeptFolder): Promise<void> {
    this.#folders.delete(folder.key)
    this.#byDrive.delete(folder.shared.id)
    await folder.close()
  }

  #folder(ref: string): KeptFolder {
    if (looksLikeLink(ref)) {
      const link = parseLink(ref)
      if (link === null) throw new AppError('BAD_LINK', { link: ref })
      const folder = this.#folders.get(link.key)
      if (folder !== undefined) return folder
      throw new AppError('UNKNOWN_FOLDER', { ref })
    }
    const all = [...this.#folders.values()]
    const byPath = all.find((f) => f.record.path === path.resolve(ref))
    if (byPath !== undefined) return byPath
    const byTitle = all.filter(
      (f) => f.record.title === ref || (path.isAbsolute(ref) && f.record.title === path.basename(ref) && f.record.path === null),
    )
    if (byTitle.length > 1) throw new AppError('AMBIGUOUS', { ref })
    if (byTitle[0] === undefined) throw new AppError('UNKNOWN_FOLDER', { ref })
    return byTitle[0]
  }

  async #refuseOverlap(root: string): Promise<void> {
    const inside = (a: string, b: string) => {
      const relative = path.relative(b, a)
      return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
    }
    const home = await realpath(this.#o.home.folder)
    const taken = [...this.#folders.values()].flatMap((f) => (f.record.path === null ? [] : [f.record.path]))
    for (const other of [...taken, home])
      if (inside(root, other) || inside(other, root)) throw new AppError('FOLDER_OVERLAP', { path: root, other })
  }

  #makeContext(): KeptFolderContext {
    const { state, clock } = this.#o
    return {
      state,
      clock,
      replication: this.#replication,
      receipts: this.#receipts,
      deviceKey: this.identity.deviceKey,
      diskFolder: this.#o.home.diskFolder,
      deviceName: () => this.#name,
      nameOf: (key) => this.#nameOf(key),
      isProvider: (key) => this.#providers.nameOfDevice(key) !== null,
      providerKeys: (names) => names.flatMap((name) => this.#providers.keyOf(name) ?? []),
      onItem: (folder) => this.#itemChanged(folder),
      onChanges: (folder, changes) => this.#toldChanges(folder, changes),
      onReceipt: (folder, known) => {
        for (const session of this.#replication.peersOf(folder.shared)) session.sendReceipt(known.carried)
        this.#toldReceipt(folder, known)
      },
      saveRecord: async (record) => state.folders.put(record),
    }
  }

  #toldChanges(folder: KeptFolder, changes: readonly LoopChange[]): void {
    const at = new Date().toISOString()
    const version = folder.drive.db.contiguous
    for (const change of changes.slice(0, CHANGES_TOLD)) {
      const { op, path: where, from, local } = change
      this.events_.emit({
        event: 'change',
        at,
        link: folder.link,
        op,
        path: where,
        ...(from === undefined ? {} : { from }),
        version,
        device: local ? this.#name : '',
      })
    }
    this.#itemChanged(folder)
  }

  #onConnection(connection: PeerConnection): void {
    this.#replication.addConnection(connection)
    acceptHttpStreams(connection, (stream) => this.#serve?.(stream, connection.deviceKey))
    void this.#seen(connection.deviceKey, null)
  }

  async #takeReceipt(message: unknown, from: PeerSession): Promise<void> {
    // Only who has proved to know the folder's key may say who holds it.
    const folderOf = (drive: string) => {
      const folder = this.#byDrive.get(drive)
      return folder !== undefined && from.isMutual(folder.shared) ? folder.key : null
    }
    const taken = await this.#receipts.take(message, folderOf)
    const folder = taken === null ? undefined : this.#folders.get(taken.folder)
    if (taken === null || folder === undefined) return
    for (const session of this.#replication.peersOf(folder.shared)) if (session.id !== from.id) session.sendReceipt(taken.known.carried)
    this.#toldReceipt(folder, taken.known)
  }

  #toldReceipt(folder: KeptFolder, known: KnownReceipt): void {
    const complete = folder.holdsNewest(known.device)
    const name = this.#nameOf(known.device) ?? known.record.name
    this.events_.emit({
      event: 'receipt',
      at: new Date(known.receipt.at).toISOString(),
      link: folder.link,
      device: { name, key: known.device },
      version: known.receipt.version,
      complete,
      files: known.record.files,
      bytes: known.record.bytes,
    })
    this.#itemChanged(folder)
    if (complete) void this.#complete(folder, name, known.receipt.version)
  }

  async #complete(folder: KeptFolder, device: string, version: number): Promise<void> {
    const item = await folder.item()
    this.#completions.completed({
      link: folder.link,
      title: item.title,
      version,
      device,
      devices: item.devices.filter((d) => d.complete).map((d) => d.name),
      at: new Date().toISOString(),
    })
  }

  #itemChanged(folder: KeptFolder | undefined): void {
    if (folder === undefined || this.#closed || this.#itemTimers.has(folder.key)) return
    this.#itemTimers.set(
      folder.key,
      setTimeout(() => {
        this.#itemTimers.delete(folder.key)
        void this.#tellItem(folder).catch(() => undefined)
      }, ITEM_EVENT_MS),
    )
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => releaseIdleMemory(), IDLE_AFTER_MS)
    this.#idleTimer.unref()
  }

  async #tellItem(folder: KeptFolder): Promise<void> {
    if (this.#closed || this.#folders.get(folder.key) !== folder) return
    const item = await folder.item()
    this.events_.emit({ event: 'item', at: new Date().toISOString(), link: folder.link, item })
    this.#completions.show([...this.#folders.values()].map((f) => f.settled))
  }

  #nameOf(deviceKey: string): string | null {
    return this.#providers.nameOfDevice(deviceKey) ?? this.#names.get(deviceKey) ?? null
  }

  async #deviceKeyOf(device: string): Promise<string> {
    const devices = await this.#o.state.devices.list()
    const found = devices.filter((d) => d.key === device || d.name === device)
    if (found.length > 1) throw new AppError('AMBIGUOUS', { ref: device })
    if (found[0] === undefined) throw new AppError('UNKNOWN_DEVICE', { name: device })
    return found[0].key
  }

  async #seen(key: string, last: number | null): Promise<void> {
    if (last !== null && Date.now() - last < 60_000) return
    await this.#o.state.devices.update(key, (row) => ({ ...row, lastSeenAtMs: Date.now() }), { sync: false }).catch(() => undefined)
  }

  #publicUrl(): string {
    const url = new URL(this.#url)
    if (!this.#beyondLoopback) return this.#url
    return `http://${os.hostname().replace(/\.local$/, '')}.local:${url.port}`
  }
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

/** The real path of an existing folder. Throws BAD_REQUEST, NOT_FOUND, NOT_A_FOLDER. */
async function existingFolder(given: string): Promise<string> {
  if (!path.isAbsolute(given)) throw new AppError('BAD_REQUEST', { reason: 'the path must be absolute' })
  try {
    const real = await realpath(given)
    if (!(await stat(real)).isDirectory()) throw new AppError('NOT_A_FOLDER', { path: given })
    return real
  } catch (error) {
    if (errorCode(error) !== undefined) throw error
    throw new AppError('NOT_FOUND', { what: given }, { cause: error })
  }
}

/** What kept a folder from being made. */
function folderError(given: string, error: unknown): AppError {
  const code = (error as { code?: unknown }).code
  if (code === 'EEXIST' || code === 'ENOTDIR') return new AppError('NOT_A_FOLDER', { path: given }, { cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT') return new AppError('DISK_FULL', { path: given }, { cause: error })
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return new AppError('READ_ONLY_DISK', { path: given }, { cause: error })
  return new AppError('BAD_REQUEST', { reason: `${given} can't be made a folder (${String(code)})` }, { cause: error })
}

/** A name that needs no quotes on a command line. */
function shellName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", '')}'`
}
