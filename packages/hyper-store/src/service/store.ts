/** One open store: puts its rooms together, starts and ends them in order, and answers its API through them. */
import os from 'node:os'
import {
  AppError,
  type AddFolder,
  type Backup,
  type ChangeFolder,
  type Check,
  type Device,
  type IgnoreReport,
  type Item,
  type PairCode,
  type RedeemCode,
  type Right,
  type Role,
  type StoreEvent,
  type StoreInfo,
} from '@hyper-store/client/contract'
import type { Caller, DriveReader, KeptKind, StoreApi } from '../core/store-api.ts'
import { parseKey } from '../core/links.ts'
import type { Clock } from '../core/ports.ts'
import { CoreStorage } from '../hyper/core-storage.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import { Replication, type ReplicationEvents } from '../hyper/replication/replication.ts'
import type { ConnectionBook } from '../hyper/transports/connections.ts'
import { loadIdentity, type Identity } from '../hyper/transports/identity.ts'
import type { State } from '../state/state.ts'
import { Adding } from './adding.ts'
import { gatherBackup, sealBackup } from './backup.ts'
import { Conflicts } from './conflicts.ts'
import { Completions } from './completions.ts'
import { Devices } from './devices.ts'
import { runDoctor } from './doctor.ts'
import { markRecovering } from './recovery.ts'
import { openDriveReader } from './drive-reader.ts'
import { EventBus } from './event-bus.ts'
import { GatewayLinks } from './gateway-links.ts'
import type { Home } from './home.ts'
import { watchSpace } from './home-space.ts'
import { ignoreReport } from './ignore-report.ts'
import { ItemEvents } from './item-events.ts'
import type { KeptFolder, KeptFolderContext } from './kept-folder.ts'
import { KeptFolders } from './kept-folders.ts'
import { metricsOf } from './metrics.ts'
import { Network, type Entrance } from './network.ts'
import { Providers, type ProviderReply, type ProviderRequest } from './providers.ts'
import { type KnownReceipt, ReceiptBook } from './receipt-book.ts'
import { removeFolder } from './removing.ts'
import type { Sharing } from './sharing.ts'
import { SharingRooms } from './sharing-rooms.ts'
import { createSerial } from '../lib/serial.ts'
import { occupied, StoreSpace } from './space.ts'
import { Lists } from './lists.ts'
import { Tables } from './tables.ts'
import { Things } from './things.ts'
import { TimeTravel } from './time-travel.ts'
import { DAY_MS, pruneRemovedTrash } from './trash-pruning.ts'
import { VERSION } from './version.ts'
import { Visits } from './visits.ts'

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

/** Owns all rooms of one store; made by `Store.open`. */
export class Store implements StoreApi {
  readonly bus = new EventBus()
  readonly identity: Identity
  readonly name: string
  readonly sharing: Sharing
  readonly conflicts: Conflicts
  readonly history: TimeTravel
  readonly space: StoreSpace
  readonly links: GatewayLinks
  readonly tables: Tables
  readonly things: Things
  readonly lists: Lists
  readonly #o: StoreOptions
  readonly #cores: CoreStorage
  readonly #replication: Replication
  readonly #network: Network
  readonly #providers: Providers
  readonly #devices: Devices
  readonly #completions: Completions
  readonly #receipts: ReceiptBook
  readonly #items: ItemEvents
  readonly #folders: KeptFolders
  readonly #adding: Adding
  readonly #visits: Visits
  readonly #sharing: SharingRooms
  /** What devices that were connected call themselves. */
  readonly #namesByDevice = new Map<string, string>()
  readonly #startedAt = new Date()
  readonly #compacting = createSerial()
  #stopWatchingSpace: () => void = () => undefined

  private constructor(options: StoreOptions, parts: { cores: CoreStorage; name: string }) {
    const { state, home } = options
    const { cores, name } = parts
    this.#o = options
    this.#cores = cores
    this.name = name
    this.identity = loadIdentity(options.seed)
    const { identity } = this
    this.#receipts = new ReceiptBook(state, identity)
    this.#replication = new Replication({
      name,
      attach: (connection) => cores.replicate(connection),
      events: this.#replicationEvents(),
    })
    this.#network = new Network({
      identity,
      replication: this.#replication,
      lanOnly: options.lanOnly,
      noLan: options.noLan,
      bootstrap: options.bootstrap,
      onDevice: (deviceKey) => void this.#devices.seen(deviceKey, null),
      onTwin: options.onTwin,
    })
    const network = this.#network
    this.#providers = new Providers({
      state,
      identity,
      book: network.book,
      internet: () => network.internet,
      deviceName: () => name,
    })
    this.#devices = new Devices({ state, identity, book: network.book, name, publicUrl: () => network.publicUrl })
    this.#completions = new Completions({ settings: state.settings, hooks: options.hooks, onProblem: options.onProblem })
    this.#items = new ItemEvents({
      bus: this.bus,
      completions: this.#completions,
      name,
      nameOf: (key) => this.#nameOf(key),
      folders: () => this.#folders.all,
    })
    this.#sharing = new SharingRooms({
      state,
      clock: options.clock,
      identity,
      cores,
      replication: this.#replication,
      network,
      providers: this.#providers,
      folders: () => this.#folders,
      adding: () => this.#adding,
      deviceName: () => name,
      onMembers: (folder) => this.#items.members(folder),
      onProblem: options.onProblem,
    })
    this.#folders = new KeptFolders(cores, this.#folderContext(), async (record) => this.#sharing.membershipOf(record))
    this.#visits = new Visits({ folders: this.#folders, state, network })
    const rooms = { folders: this.#folders, state, visits: this.#visits, adding: () => this.#adding }
    this.conflicts = new Conflicts(rooms)
    this.history = new TimeTravel({ ...rooms, clock: options.clock, home, deviceName: () => name })
    this.space = new StoreSpace({ ...rooms, home })
    this.links = new GatewayLinks({
      ...rooms,
      now: () => options.clock.now(),
      url: () => network.publicUrl,
      deviceName: () => name,
      openDrive: async (key) => this.openDrive(key, null),
    })
    this.tables = new Tables(rooms)
    this.things = new Things({ ...rooms, home: home.folder, goStock: (shared) => this.#replication.goStock(shared) })
    this.lists = new Lists({
      ...rooms,
      name,
      tables: this.tables,
      providers: this.#providers,
      drop: async (key) => this.removeFolder({ role: 'owner', deviceKey: null, local: true }, key, { deleteData: true }),
    })
    this.#adding = new Adding({
      state,
      cores,
      folders: this.#folders,
      network,
      providers: this.#providers,
      home: home.folder,
      onProvider: (key) => this.#sharing.providerAdded(key),
      onOpened: (folder) => this.#sharing.opened(folder),
    })
    this.sharing = this.#sharing.sharing
  }

  /** Opens state, cores and folders; the network comes with `connect`. */
  static async open(options: StoreOptions): Promise<Store> {
    const { state, home } = options
    const cores = await CoreStorage.open(home.coresFolder, {
      checkpoints: state.checkpoints,
      moved: options.moved,
    })
    try {
      const known = await state.settings.get('name')
      const name = options.name ?? (typeof known === 'string' ? known : os.hostname().slice(0, 100) || 'device')
      await state.settings.set('name', name)
      const store = new Store(options, { cores, name })
      if (options.recovering) {
        await markRecovering(state, store.identity.deviceKey)
        // An index that outlived the end of a log would point at other content.
        for (const record of await state.folders.list()) await state.chunks(record.key).clear()
      }
      for (const record of await state.folders.list()) if (record.removedAtMs === null) await store.#folders.open(record)
      await store.#visits.start()
      await store.#completions.start()
      store.#stopWatchingSpace = watchSpace(home.folder, (isFull) => store.#onSpace(isFull))
      store.#pruneTrash()
      return store
    } catch (error) {
      await cores.close()
      throw error
    }
  }

  /** The trash of folders that are kept no more: now and daily. */
  #pruneTrash(): void {
    const prune = async () => pruneRemovedTrash(this.#o.home, await this.#o.state.folders.list(), this.#o.clock)
    void prune().catch(() => undefined)
    const daily = setInterval(() => void prune().catch(() => undefined), DAY_MS)
    daily.unref()
    const stop = this.#stopWatchingSpace
    this.#stopWatchingSpace = () => {
      stop()
      clearInterval(daily)
    }
  }

  /** Starts listening transports and dialers. */
  async connect(entrance: Entrance): Promise<void> {
    this.#network.connect(
      entrance,
      this.#folders.all.map((folder) => folder.shared.discoveryKey),
    )
    await this.#providers.start()
    await this.#sharing.connect()
    await this.lists.start()
  }

  /** The connections of this store, for those that come in over HTTP. */
  get book(): ConnectionBook {
    return this.#network.book
  }

  async close(): Promise<void> {
    this.#items.close()
    this.#stopWatchingSpace()
    await this.lists.close()
    await this.#sharing.close()
    await this.#providers.close()
    await this.#visits.close()
    await this.#network.close()
    await this.#folders.closeAll()
    await this.#cores.close()
    await this.#completions.close()
  }

  // ---- the store itself

  async info(caller: Caller | null): Promise<StoreInfo> {
    const base = { name: this.name, deviceKey: this.identity.deviceKey, version: VERSION, role: caller?.role ?? null }
    if (caller === null) return base
    return {
      ...base,
      url: this.#network.url,
      ...(caller.local ? { home: this.#o.home.folder, pid: process.pid } : {}),
      startedAt: this.#startedAt.toISOString(),
      open: this.#o.open,
      network: this.#network.info((key) => this.#nameOf(key)),
      memoryBytes: process.memoryUsage.rss(),
    }
  }

  async doctor(): Promise<Check[]> {
    return runDoctor({
      home: this.#o.home.folder,
      port: this.#network.port,
      providerUrls: this.#providers.list().flatMap((p) => (p.url === null ? [] : [p.url])),
      service: { ...this.#network.facts(), watchesNeeded: this.#folders.all.length },
    })
  }

  async createBackup(caller: Caller, passphrase: string): Promise<Backup> {
    if (!caller.local) throw new AppError('FORBIDDEN', { reason: 'a backup is made on the machine itself' })
    const own = { name: this.name, seed: this.#o.seed, primaryKey: this.#cores.primaryKey }
    const sealed = await sealBackup(await gatherBackup(this.#o.state, own), passphrase)
    return { backup: Buffer.from(sealed).toString('base64') }
  }

  async stop(): Promise<void> {
    this.#o.onStop()
  }

  events(options: { folder: string | null; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    const link = options.folder === null ? null : this.#folders.find(options.folder).link
    return this.bus.listen({ folder: link, signal: options.signal })
  }

  async metrics(): Promise<Awaited<ReturnType<StoreApi['metrics']>>> {
    return metricsOf(await this.listFolders(), this.book.size)
  }

  // ---- folders

  async listFolders(): Promise<Item[]> {
    return Promise.all(this.#folders.all.map(async (f) => f.item()))
  }
  async getFolder(_caller: Caller, ref: string): Promise<Item> {
    return this.#folders.find(ref).item()
  }
  async addFolder(caller: Caller, request: AddFolder): Promise<Item> {
    const item = await this.#adding.add(caller, request)
    await this.lists.asked(item.key)
    return item
  }
  async removeFolder(_caller: Caller, ref: string, options: { deleteData: boolean }): Promise<void> {
    const folder = this.#folders.find(ref)
    await removeFolder(folder, options, { state: this.#o.state, cores: this.#cores, folders: this.#folders, network: this.#network })
    this.#sharing.removed(folder.key)
    this.#items.removed(folder)
  }
  async pauseFolder(_caller: Caller, ref: string): Promise<Item> {
    const folder = this.#folders.find(ref)
    await folder.pause()
    return folder.item()
  }
  async resumeFolder(_caller: Caller, ref: string, options: { confirm: boolean }): Promise<Item> {
    const folder = this.#folders.find(ref)
    await folder.resume(options)
    return folder.item()
  }
  async changeFolder(_caller: Caller, ref: string, change: ChangeFolder): Promise<Item> {
    const folder = this.#folders.find(ref)
    await folder.change(change)
    return folder.item()
  }
  async rescanFolder(_caller: Caller, ref: string): Promise<Item> {
    const folder = this.#folders.find(ref)
    await folder.rescan()
    return folder.item()
  }
  async ignoreReport(_caller: Caller, ref: string, test: string | null): Promise<IgnoreReport> {
    return ignoreReport(this.#folders.find(ref).loop?.ignoreRules, test)
  }
  async keptAs(key: string): Promise<KeptKind | null> {
    const parsed = parseKey(key)
    const folder = parsed === null ? undefined : this.#folders.get(parsed)
    if (folder === undefined) return null
    return { kind: folder.kind, private: folder.record.private, shared: folder.record.shared }
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
    return this.#devices.list()
  }
  async renameDevice(device: string, name: string): Promise<Device> {
    return this.#devices.rename(device, name)
  }
  async revokeDevice(device: string): Promise<void> {
    await this.#devices.revoke(device)
  }
  async createPair(request: { role: Role; expiresS: number }): Promise<PairCode> {
    return this.#devices.createPair(request)
  }
  async redeemPair(request: RedeemCode, from: string): Promise<Right> {
    return this.#devices.redeemPair(request, from)
  }
  async callerOfToken(token: string): Promise<Caller | null> {
    return this.#devices.callerOfToken(token)
  }
  async callerOfDevice(deviceKey: string): Promise<Caller | null> {
    return this.#devices.callerOfDevice(deviceKey)
  }

  // ---- inside: what the rooms tell each other

  #replicationEvents(): ReplicationEvents {
    return {
      onPeers: (shared) => {
        const folder = this.#folders.ofDrive(shared.id)
        this.#items.changed(folder)
        void folder?.recoverIfBehind().catch(() => undefined)
      },
      onBytes: (shared, bytes) => this.#folders.ofDrive(shared.id)?.bytesMoved(bytes),
      onReceipt: (receipt, from) => void this.#takeReceipt(receipt, from),
      onRoster: (session, shared, message) => this.#sharing.onRoster(session, shared, message),
      onRefused: (session, shared) => this.#sharing.onRefused(session, shared),
      onMutual: (session, shared) => {
        this.#sharing.onMutual(session, shared)
        const folder = this.#folders.ofDrive(shared.id)
        if (folder === undefined || folder.shared.id !== shared.id) return
        for (const known of this.#receipts.list(folder.key)) session.sendReceipt(known.carried)
        this.#items.changed(folder)
      },
      onSession: (session, open) => {
        if (session.name !== '') this.#namesByDevice.set(session.deviceKey, session.name)
        this.bus.emit({
          event: 'peer',
          at: new Date().toISOString(),
          key: session.deviceKey,
          name: this.#nameOf(session.deviceKey),
          connected: open,
          via: session.connection.via,
        })
      },
    }
  }

  #folderContext(): KeptFolderContext {
    const { state, clock, home } = this.#o
    return {
      state,
      clock,
      replication: this.#replication,
      receipts: this.#receipts,
      deviceKey: this.identity.deviceKey,
      diskFolder: home.diskFolder,
      deviceName: () => this.name,
      nameOf: (key) => this.#nameOf(key),
      isProvider: (key) => this.#providers.nameOfDevice(key) !== null,
      providerKeys: (names) => names.flatMap((name) => this.#providers.keyOf(name) ?? []),
      onItem: (folder) => this.#items.changed(folder),
      onChanges: (folder, changes) => this.#items.changes(folder, changes),
      onReceipt: (folder, known) => this.#spreadReceipt(folder, known, null),
      onDrives: (folder) => this.#folders.index(folder),
      saveRecord: async (record) => state.folders.put(record),
      coresBytes: async () => occupied(home.coresFolder),
      compact: async () => this.#compacting.run(async () => this.#cores.compact()),
    }
  }

  async #takeReceipt(message: unknown, from: PeerSession): Promise<void> {
    // Only who has proved to know the folder's key may say who holds it.
    const folderOf = (drive: string) => {
      const folder = this.#folders.ofDrive(drive)
      return folder !== undefined && from.isMutual(folder.shared) ? folder.key : null
    }
    const taken = await this.#receipts.take(message, folderOf)
    const folder = taken === null ? undefined : this.#folders.get(taken.folder)
    if (taken !== null && folder !== undefined) this.#spreadReceipt(folder, taken.known, from)
  }

  /** Sends a receipt to all who have the folder but the one that it came from, and tells of it. */
  #spreadReceipt(folder: KeptFolder, known: KnownReceipt, from: PeerSession | null): void {
    for (const session of this.#replication.peersOf(folder.shared)) if (session.id !== from?.id) session.sendReceipt(known.carried)
    this.#items.receipt(folder, known)
  }

  /** While the home's disk is full nothing is taken in: what is there stays whole. */
  #onSpace(isFull: boolean): void {
    this.#folders.holdAll(isFull ? new AppError('DISK_FULL', { path: this.#o.home.folder }) : null)
  }

  #nameOf(deviceKey: string): string | null {
    return this.#providers.nameOfDevice(deviceKey) ?? this.#namesByDevice.get(deviceKey) ?? null
  }
}
