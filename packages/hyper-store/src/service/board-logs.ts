/** The board logs of a folder's drives: opened beside each drive, shared with peers as it is, and closed with it. */
import type { CoreStorage } from '../hyper/core-storage.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { Replication } from '../hyper/replication/replication.ts'
import { SharedDrive, type MayFetch } from '../hyper/replication/shared-drive.ts'
import type { ListedDrive } from './drive-set.ts'

/** One open board log. */
export interface HeldBoardLog {
  readonly log: DeviceDrive
  readonly shared: SharedDrive
  readonly own: boolean
  readonly listed: ListedDrive
}

/** A drive that has a board log. */
interface Owner {
  readonly drive: DeviceDrive
  readonly own: boolean
  readonly listed: ListedDrive
  /** Content key of its epoch; null for open content, and for who keeps it blind. */
  readonly secret: Uint8Array | null
  readonly fetches: boolean
}

/** The board logs of one folder. */
export class BoardLogs {
  readonly #o: { readonly cores: CoreStorage; readonly replication: Replication; readonly mayFetch: MayFetch }
  readonly #held = new Map<string, HeldBoardLog>()
  readonly #waiting = new Map<string, () => void>()
  readonly #listeners = new Set<() => void>()
  readonly #mendings = new Set<(key: string) => void>()
  readonly #frozen = new Set<string>()
  #refused: ReadonlySet<string> = new Set()
  #sharing = false
  #closed = false

  constructor(options: { readonly cores: CoreStorage; readonly replication: Replication; readonly mayFetch: MayFetch }) {
    this.#o = options
  }

  /** Those that are open. */
  get all(): readonly HeldBoardLog[] {
    return [...this.#held.values()]
  }

  /** Calls back when logs came, went or grew. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back when blocks of the log beside a drive with this key were damaged or gone, and are right again. */
  onMended(listener: (key: string) => void): () => void {
    this.#mendings.add(listener)
    return () => this.#mendings.delete(listener)
  }
  /** To be told by who mended them. */
  mended(key: string): void {
    for (const listener of this.#mendings) listener(key)
  }

  /** Opens the board log of a drive, now or as soon as the beginning of the drive is here. */
  async hold(owner: Owner): Promise<void> {
    const { key } = owner.listed
    if (this.#held.has(key) || this.#waiting.has(key) || this.#closed) return
    if (await this.#open(owner)) return
    let opening = false
    const stop = owner.drive.db.onGrown(() => {
      if (opening) return
      opening = true
      void this.#open(owner).then(
        (done) => {
          opening = false
          if (done) this.#stopWaiting(key)
        },
        () => (opening = false),
      )
    })
    this.#waiting.set(key, stop)
  }

  /** The member was removed: of its log stays what is here, nothing more is fetched or sent. */
  async freeze(key: string): Promise<void> {
    const held = this.#held.get(key)
    this.#frozen.add(key)
    if (held !== undefined) await this.#o.replication.remove(held.shared)
  }

  /** The drive with this key left the folder. */
  async drop(key: string): Promise<void> {
    this.#stopWaiting(key)
    const held = this.#held.get(key)
    if (held === undefined) return
    this.#held.delete(key)
    await this.#o.replication.remove(held.shared)
    await held.log.close()
    this.#tell()
  }

  async share(): Promise<void> {
    this.#sharing = true
    for (const held of this.#held.values()) await this.#add(held)
  }
  async unshare(): Promise<void> {
    this.#sharing = false
    for (const { shared } of this.#held.values()) await this.#o.replication.remove(shared)
  }

  /** Devices that get nothing of the folder. */
  refuse(devices: ReadonlySet<string>): void {
    this.#refused = devices
    for (const { shared } of this.#held.values()) this.#o.replication.refuse(shared, devices)
  }

  /** Own logs are fetched while the device recovers, and then no more. */
  setRecovering(recovering: boolean): void {
    for (const { own, shared } of this.#held.values()) if (own) shared.fetches = recovering
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const key of this.#waiting.keys()) this.#stopWaiting(key)
    for (const key of this.#held.keys()) await this.drop(key)
    this.#listeners.clear()
    this.#mendings.clear()
  }

  async #open(owner: Owner): Promise<boolean> {
    const { own, listed } = owner
    const log = await this.#o.cores.openBoards(owner.drive, owner.secret, { own })
    if (log === null) return false
    if (this.#closed || this.#held.has(listed.key)) {
      await log.close()
      return true
    }
    const shared = new SharedDrive(log, { fetches: owner.fetches, mayFetch: this.#o.mayFetch })
    shared.refused = this.#refused
    const held = { log, shared, own, listed }
    this.#held.set(listed.key, held)
    log.db.onGrown(() => this.#tell())
    if (this.#sharing) await this.#add(held)
    this.#tell()
    return true
  }

  async #add(held: HeldBoardLog): Promise<void> {
    if (!this.#frozen.has(held.listed.key) && !this.#o.replication.has(held.shared)) await this.#o.replication.add(held.shared)
  }

  #stopWaiting(key: string): void {
    this.#waiting.get(key)?.()
    this.#waiting.delete(key)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
