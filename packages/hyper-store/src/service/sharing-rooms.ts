/** Puts together what sharing is made of: rosters, duties, joins, addresses, and the members that people ask for. */
import type { Clock } from '../core/ports.ts'
import type { CoreStorage } from '../hyper/core-storage.ts'
import type { RosterMessage } from '../hyper/replication/messages.ts'
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import type { Identity } from '../hyper/transports/identity.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import { Addresses } from './addresses.ts'
import type { Adding } from './adding.ts'
import { Joining } from './joining.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import type { Membership } from './membership.ts'
import type { Network } from './network.ts'
import type { Providers } from './providers.ts'
import { RosterDuties } from './roster-duties.ts'
import { Rosters } from './rosters.ts'
import { Sharing } from './sharing.ts'

/** The store around sharing. */
export interface SharingRoomsOptions {
  readonly state: State
  readonly clock: Clock
  readonly identity: Identity
  readonly cores: CoreStorage
  readonly replication: Replication
  readonly network: Network
  readonly providers: Providers
  readonly folders: () => KeptFolders
  readonly adding: () => Adding
  readonly deviceName: () => string
  readonly onMembers: (folder: KeptFolder) => void
  readonly onProblem: (message: string) => void
}

/** Sharing of one store. */
export class SharingRooms {
  readonly #o: SharingRoomsOptions
  readonly #rosters: Rosters
  readonly #duties: RosterDuties
  readonly #addresses: Addresses
  #joining: Joining | null = null
  #sharing: Sharing | null = null

  constructor(options: SharingRoomsOptions) {
    this.#o = options
    const { identity, state, cores, network, providers, replication } = options
    this.#addresses = new Addresses({ book: () => network.book, isOwn: (url) => url === network.url || url === network.publicUrl })
    this.#rosters = new Rosters({
      identity,
      tableOf: (key) => state.roster(key),
      now: () => options.clock.now(),
      peersOf: (drive) => replication.peersOf(drive),
      refusedPeersOf: (drive) => replication.refusedPeersOf(drive),
      rootOf: (key) => options.folders().get(key)?.shared ?? this.#joining?.rootOf(key) ?? null,
      folderOf: (drive) => this.#folderOf(drive),
      onChange: (roster) => {
        this.#joining?.act(roster.key)
        this.#duties.act(roster.key)
      },
    })
    this.#duties = new RosterDuties({
      identity,
      cores,
      folders: options.folders,
      rosters: () => this.#rosters,
      providerKey: (name) => providers.keyOf(name),
      onMembers: options.onMembers,
      onProblem: options.onProblem,
    })
  }

  /** What people ask for; made once folders and adding are there. */
  get sharing(): Sharing {
    this.#sharing ??= new Sharing({
      state: this.#o.state,
      clock: this.#o.clock,
      identity: this.#o.identity,
      folders: this.#o.folders(),
      rosters: this.#rosters,
      duties: this.#duties,
      joining: this.joining,
      deviceName: this.#o.deviceName,
      addresses: (folder) => this.#addressesOf(folder),
    })
    return this.#sharing
  }
  /** Joins of this device; made once folders and adding are there. */
  get joining(): Joining {
    this.#joining ??= new Joining({
      state: this.#o.state,
      clock: this.#o.clock,
      identity: this.#o.identity,
      cores: this.#o.cores,
      replication: this.#o.replication,
      network: this.#o.network,
      folders: this.#o.folders(),
      rosters: this.#rosters,
      adding: this.#o.adding(),
      addresses: this.#addresses,
      deviceName: this.#o.deviceName,
      onProblem: this.#o.onProblem,
    })
    return this.#joining
  }

  /** The membership of a folder that is being opened. */
  async membershipOf(record: FolderRecord): Promise<Membership> {
    return this.#duties.membershipOf(record)
  }

  /** The network is there: goes on with joins, dials the addresses of folders, does what rosters ask for. */
  async connect(): Promise<void> {
    for (const folder of this.#o.folders().all) this.opened(folder)
    await this.joining.start()
  }

  /** A folder is open. */
  opened(folder: KeptFolder): void {
    this.#addresses.use(folder.key, folder.record.addresses)
    this.#duties.act(folder.key)
  }
  /** A folder is kept no more. */
  removed(key: string): void {
    this.#addresses.drop(key)
    this.#rosters.close(key)
  }
  /** A provider keeps a folder from now on. */
  providerAdded(key: string): void {
    this.#duties.act(key)
  }

  /** A peer and this device have proved to each other that they know the drive. */
  onMutual(session: PeerSession, drive: SharedDrive): void {
    this.#rosters.greet(session, drive)
  }
  /** A peer says something of a roster. */
  onRoster(session: PeerSession, drive: SharedDrive, message: RosterMessage): void {
    void this.#rosters.hear(session, drive, message).catch((error: unknown) => this.#o.onProblem(String(error)))
  }
  /** A removed member hears of its removal, and can read nothing that came after. */
  onRefused(session: PeerSession, drive: SharedDrive): void {
    this.#rosters.tellRefused(session, drive)
  }

  async close(): Promise<void> {
    this.#duties.close()
    await this.#addresses.close()
    await this.#joining?.close()
  }

  #folderOf(drive: SharedDrive): string | null {
    const folder = this.#o.folders().ofDrive(drive.id)
    if (folder !== undefined) return folder.shared.id === drive.id ? folder.key : null
    return this.#joining?.folderOf(drive) ?? null
  }

  /** Where a guest may find the folder: here, and at its providers. */
  #addressesOf(folder: KeptFolder): string[] {
    const urls = folder.record.providers.flatMap((name) => {
      const url = this.#o.providers.list().find((p) => p.name === name)?.url
      return url == null ? [] : [url]
    })
    return [this.#o.network.publicUrl, ...urls].filter((url) => url !== '')
  }
}
