/** One open store: puts its rooms together, starts and ends them in order, and answers its API through them. */
import os from 'node:os'
import {
  AppError,
  type AddFolder,
  type Backup,
  type ChangeDevice,
  type ChangeFolder,
  type Check,
  type Device,
  type Found,
  type Holders,
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
import { CoreStorage } from '../hyper/core-storage.ts'
import { Replication } from '../hyper/replication/replication.ts'
import type { ConnectionBook } from '../hyper/transports/connections.ts'
import { loadIdentity, type Identity } from '../hyper/transports/identity.ts'
import { Activities } from './activities.ts'
import { Adding } from './adding.ts'
import { gatherBackup, sealBackup } from './backup.ts'
import { Boards } from './boards.ts'
import { Conflicts } from './conflicts.ts'
import { Completions } from './completions.ts'
import { Devices } from './devices.ts'
import { runDoctor } from './doctor.ts'
import { holdersOf } from './holders.ts'
import { MachineFolders } from './machine-folders.ts'
import { replicationEvents } from './replication-events.ts'
import { searchStore } from './search.ts'
import { StoreSettings, waysOf } from './settings.ts'
import type { StoreOptions } from './store-options.ts'
import { markRecovering } from './recovery.ts'
import { openDriveReader } from './drive-reader.ts'
import { EventBus } from './event-bus.ts'
import { FolderCalls } from './folder-calls.ts'
import { GatewayLinks } from './gateway-links.ts'
import { watchSpace } from './home-space.ts'
import { ignoreReport } from './ignore-report.ts'
import { ItemEvents } from './item-events.ts'
import type { KeptFolderContext } from './kept-folder.ts'
import { KeptFolders } from './kept-folders.ts'
import { metricsOf } from './metrics.ts'
import { Network, type Entrance } from './network.ts'
import { ProviderHolding } from './provider-holding.ts'
import { Providers, type ProviderReply, type ProviderRequest } from './providers.ts'
import { ReceiptBook } from './receipt-book.ts'
import { ReceiptSpreading } from './receipt-spreading.ts'
import { Quotas } from './quotas.ts'
import type { Sharing } from './sharing.ts'
import { SharingRooms } from './sharing-rooms.ts'
import { createSerial } from '../lib/serial.ts'
import { occupied, StoreSpace } from './space.ts'
import { Lists } from './lists.ts'
import { Tables } from './tables.ts'
import { Things } from './things.ts'
import { TimeTravel } from './time-travel.ts'
import { pruneDaily, pruneRemovedTrash } from './trash-pruning.ts'
import { VERSION } from './version.ts'
import { Visits } from './visits.ts'

/** Owns all rooms of one store; made by `Store.open`. */
export class Store implements StoreApi {
  readonly bus = new EventBus()
  readonly identity: Identity
  readonly sharing: Sharing
  readonly conflicts: Conflicts
  readonly history: TimeTravel
  readonly space: StoreSpace
  readonly links: GatewayLinks
  readonly tables: Tables
  readonly boards: Boards
  readonly things: Things
  readonly lists: Lists
  readonly activity: Activities
  readonly settings: StoreSettings
  readonly machineFolders: MachineFolders
  readonly #o: StoreOptions
  #name: string
  readonly #cores: CoreStorage
  readonly #replication: Replication
  readonly #network: Network
  readonly #providers: Providers
  readonly #holding: ProviderHolding
  readonly #devices: Devices
  readonly #quotas: Quotas
  readonly #calls: FolderCalls
  readonly #completions: Completions
  readonly #receipts: ReceiptBook
  readonly #spreading: ReceiptSpreading
  readonly #items: ItemEvents
  readonly #folders: KeptFolders
  readonly #adding: Adding
  readonly #visits: Visits
  readonly #sharing: SharingRooms
  /** What devices that were connected call themselves. */
  readonly #namesByDevice = new Map<string, string>()
  readonly #startedAt = new Date()
  readonly #compacting = createSerial()
  readonly #stops: (() => void)[] = []

  private constructor(options: StoreOptions, parts: { cores: CoreStorage; name: string }) {
    const { state, home } = options
    const { cores, name } = parts
    this.#o = options
    this.#cores = cores
    this.#name = name
    const deviceName = () => this.#name
    this.identity = loadIdentity(options.seed)
    const { identity } = this
    this.#receipts = new ReceiptBook(state, identity)
    this.#replication = new Replication({
      deviceName,
      attach: (connection) => cores.replicate(connection),
      events: replicationEvents(
        () => ({
          folders: this.#folders,
          items: this.#items,
          boards: this.boards,
          holding: this.#holding,
          spreading: this.#spreading,
          sharing: this.#sharing,
        }),
        ({ name: called, deviceKey }) => {
          if (called !== '') this.#namesByDevice.set(deviceKey, called)
        },
      ),
    })
    const [receipts, replication] = [this.#receipts, this.#replication]
    this.#spreading = new ReceiptSpreading({
      receipts,
      replication,
      folders: () => this.#folders,
      items: () => this.#items,
      boards: () => this.boards.receipts,
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
      deviceName,
    })
    this.#holding = new ProviderHolding({
      providers: this.#providers,
      receipts,
      replication,
      folders: () => this.#folders,
      onDropped: (folder) => this.boards.receipts.dropped(folder),
    })
    this.#quotas = new Quotas({
      state,
      replication: () => this.#replication,
      folders: () => this.#folders,
      onChanged: (folder) => this.#items.changed(folder),
    })
    this.#devices = new Devices({
      state,
      identity,
      book: network.book,
      deviceName,
      publicUrl: () => network.publicUrl,
      quotas: this.#quotas,
    })
    this.#completions = new Completions({ settings: state.settings, hooks: options.hooks, onProblem: options.onProblem })
    this.#items = new ItemEvents({
      bus: this.bus,
      completions: this.#completions,
      deviceName,
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
      deviceName,
      onMembers: (folder) => this.#items.members(folder),
      onProblem: options.onProblem,
    })
    this.#folders = new KeptFolders(cores, this.#folderContext(), async (record) => this.#sharing.membershipOf(record))
    this.#calls = new FolderCalls({
      state,
      cores,
      folders: this.#folders,
      network,
      receipts,
      quotas: this.#quotas,
      onRemoved: (folder) => {
        this.#sharing.removed(folder.key)
        this.#items.removed(folder)
      },
    })
    this.#visits = new Visits({ folders: this.#folders, state, network })
    const rooms = { folders: this.#folders, state, visits: this.#visits, adding: () => this.#adding }
    this.conflicts = new Conflicts(rooms)
    this.history = new TimeTravel({ ...rooms, clock: options.clock, home, deviceName })
    this.space = new StoreSpace({ ...rooms, home })
    this.links = new GatewayLinks({
      ...rooms,
      now: () => options.clock.now(),
      url: () => network.publicUrl,
      deviceName,
      openDrive: async (key) => this.openDrive(key, null),
    })
    this.tables = new Tables(rooms)
    this.boards = new Boards({
      folders: () => this.#folders,
      replication: this.#replication,
      receipts,
      now: () => options.clock.now(),
      deviceName,
      deviceKey: identity.deviceKey,
      nameOf: (key) => this.#nameOf(key),
      onProblem: options.onProblem,
    })
    this.things = new Things({ ...rooms, home: home.folder, goStock: (shared) => this.#replication.goStock(shared) })
    this.lists = new Lists({
      ...rooms,
      deviceName,
      tables: this.tables,
      providers: this.#providers,
      drop: async (key) => this.removeFolder({ role: 'owner', deviceKey: null, local: true }, key, { deleteData: true }),
    })
    this.activity = new Activities({ bus: this.bus, traffic: () => network.book.traffic, now: () => options.clock.now() })
    this.settings = new StoreSettings({
      state,
      home: home.folder,
      options,
      network,
      name: { get: deviceName, set: (to) => (this.#name = to) },
    })
    this.machineFolders = new MachineFolders({ home: home.folder, folders: () => this.#folders.all.map(({ record }) => record) })
    this.#adding = new Adding({
      state,
      cores,
      folders: this.#folders,
      network,
      providers: this.#providers,
      home: home.folder,
      quotas: this.#quotas,
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
      const ways = await waysOf(state, options)
      const store = new Store({ ...options, ...ways }, { cores, name })
      if (options.recovering) {
        await markRecovering(state, store.identity.deviceKey)
        // An index that outlived the end of a log would point at other content.
        for (const record of await state.folders.list()) await state.chunks(record.key).clear()
      }
      await store.#quotas.load()
      for (const record of await state.folders.list()) if (record.removedAtMs === null) await store.#folders.open(record)
      await store.#visits.start()
      await store.#completions.start()
      // While the home's disk is full nothing is taken in: what is there stays whole.
      const full = new AppError('DISK_FULL', { path: home.folder })
      store.#stops.push(
        watchSpace(home.folder, (isFull) => store.#folders.holdAll(isFull ? full : null)),
        pruneDaily(async () => pruneRemovedTrash(home, await state.folders.list(), options.clock)),
      )
      return store
    } catch (error) {
      await cores.close()
      throw error
    }
  }

  get name(): string {
    return this.#name
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

  /** The port is opened elsewhere now. */
  moved(entrance: Pick<Entrance, 'url' | 'port' | 'beyondLoopback'>): void {
    this.#network.moved(entrance)
  }

  /** The connections of this store, for those that come in over HTTP. */
  get book(): ConnectionBook {
    return this.#network.book
  }

  /** Tells peers what they were not told yet; before the way to them is closed, and not for long. */
  async sayGoodbye(): Promise<void> {
    await this.boards.receipts.sayAll()
  }

  async close(): Promise<void> {
    this.#items.close()
    this.activity.close()
    for (const stop of this.#stops) stop()
    await this.lists.close()
    await this.#sharing.close()
    await this.#holding.close()
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
  async search(query: string, limit: number): Promise<Found> {
    const { boards, things, sharing } = this
    return await searchStore(query, limit, { folders: () => this.#folders, boards, things, sharing })
  }
  async holders(ref: string, path: string): Promise<Holders> {
    return holdersOf(this.#folders.find(ref), path, { replication: this.#replication })
  }
  async removeFolder(caller: Caller, ref: string, options: { deleteData: boolean }): Promise<void> {
    await this.#calls.remove(caller, ref, options)
  }
  async pauseFolder(caller: Caller, ref: string): Promise<Item> {
    return this.#calls.pause(caller, ref)
  }
  async resumeFolder(caller: Caller, ref: string, options: { confirm: boolean; bringBack: boolean }): Promise<Item> {
    return this.#calls.resume(caller, ref, options)
  }
  async changeFolder(caller: Caller, ref: string, change: ChangeFolder): Promise<Item> {
    return this.#calls.change(caller, ref, change)
  }
  async rescanFolder(caller: Caller, ref: string): Promise<Item> {
    return this.#calls.rescan(caller, ref)
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
    return this.#holding.call(name, request)
  }

  async listDevices(): Promise<Device[]> {
    return this.#devices.list()
  }
  async changeDevice(device: string, change: ChangeDevice): Promise<Device> {
    return this.#devices.change(device, change)
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
  async pairBrowser(code: string, name: string, from: string): Promise<Right> {
    return this.#devices.redeemForBrowser(code, name, from)
  }
  async callerOfToken(token: string): Promise<Caller | null> {
    return this.#devices.callerOfToken(token)
  }
  async callerOfDevice(deviceKey: string): Promise<Caller | null> {
    return this.#devices.callerOfDevice(deviceKey)
  }

  // ---- inside: what the rooms tell each other

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
      mayFetch: (key, ...wish) => this.#quotas.mayFetch(key, ...wish),
      overQuota: (key) => this.#quotas.problemOf(key),
      providerKeys: (names) => names.flatMap((name) => this.#providers.keyOf(name) ?? []),
      onItem: (folder) => this.#items.changed(folder),
      onChanges: (folder, changes) => this.#items.changes(folder, changes),
      onReceipt: (folder, known) => this.#spreading.spread(folder, known, null),
      onDrives: (folder) => this.#folders.index(folder),
      onOpen: (folder) => this.boards.opened(folder),
      onClosing: async (folder) => this.boards.left(folder),
      saveRecord: async (record) => state.folders.put(record),
      coresBytes: async () => occupied(home.coresFolder),
      compact: async () => this.#compacting.run(async () => this.#cores.compact()),
    }
  }

  #nameOf(deviceKey: string): string | null {
    return this.#providers.nameOfDevice(deviceKey) ?? this.#namesByDevice.get(deviceKey) ?? null
  }
}
