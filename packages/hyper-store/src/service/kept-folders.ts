/** The folders that are open in this store, found by key, drive, path or title. */
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import { decodeZ32, looksLikeLink, parseLink } from '../core/links.ts'
import type { CoreStorage } from '../hyper/core-storage.ts'
import type { MayFetch } from '../hyper/replication/shared-drive.ts'
import type { FolderRecord } from '../state/records.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import { DriveSet } from './drive-set.ts'
import { KeptFolder, type KeptFolderContext } from './kept-folder.ts'
import { UNSHARED, type Membership } from './membership.ts'

/** Opens folders, finds them and closes them. */
export class KeptFolders {
  readonly #cores: CoreStorage
  readonly #context: KeptFolderContext
  readonly #membershipOf: (record: FolderRecord) => Promise<Membership>
  readonly #byKey = new Map<string, KeptFolder>()
  readonly #byDrive = new Map<string, KeptFolder>()
  readonly #openingListeners = new Set<(key: string) => Promise<void>>()
  #held: AppError | null = null

  constructor(cores: CoreStorage, context: KeptFolderContext, membershipOf: (record: FolderRecord) => Promise<Membership>) {
    this.#cores = cores
    this.#context = context
    this.#membershipOf = membershipOf
  }

  get all(): KeptFolder[] {
    return [...this.#byKey.values()]
  }
  get(key: string): KeptFolder | undefined {
    return this.#byKey.get(key)
  }
  /** The folder in which a drive is; `id` as in `SharedDrive.id`. */
  ofDrive(id: string): KeptFolder | undefined {
    return this.#byDrive.get(id)
  }

  /** The folder that a user means by a key, link, path or title. Throws BAD_LINK, UNKNOWN_FOLDER, AMBIGUOUS. */
  find(ref: string): KeptFolder {
    if (looksLikeLink(ref)) {
      const link = parseLink(ref)
      if (link === null) throw new AppError('BAD_LINK', { link: ref })
      const folder = this.#byKey.get(link.key)
      if (folder !== undefined) return folder
      throw new AppError('UNKNOWN_FOLDER', { ref })
    }
    const { all } = this
    const byPath = all.find((f) => f.record.path === path.resolve(ref))
    if (byPath !== undefined) return byPath
    const byTitle = all.filter(
      (f) => f.record.title === ref || (path.isAbsolute(ref) && f.record.title === path.basename(ref) && f.record.path === null),
    )
    if (byTitle.length > 1) throw new AppError('AMBIGUOUS', { ref })
    if (byTitle[0] === undefined) throw new AppError('UNKNOWN_FOLDER', { ref })
    return byTitle[0]
  }

  /** Opens the folder of a record, which the caller stores. Throws BAD_LINK when its key is none. */
  async open(record: FolderRecord): Promise<KeptFolder> {
    if (decodeZ32(record.key) === null) throw new AppError('BAD_LINK', { link: record.key })
    for (const listener of this.#openingListeners) await listener(record.key)
    const membership = await this.#membershipOf(record)
    const { replication, state } = this.#context
    const shownOf = async (drive: DeviceDrive) => (await state.synced(record.key).applied())?.[drive.id] ?? 0
    const mayFetch: MayFetch = (log, pending) => this.#context.mayFetch(record.key, log, pending)
    const set = await DriveSet.open(record, { cores: this.#cores, replication, shownOf, mayFetch })
    const folder = await KeptFolder.open(record, { set, membership }, this.#context, (made) => {
      this.#byKey.set(record.key, made)
      this.index(made)
    })
    if (this.#held !== null) await folder.hold(this.#held)
    return folder
  }

  /** Calls and waits before a folder is opened, with its key. */
  onOpening(listener: (key: string) => Promise<void>): void {
    this.#openingListeners.add(listener)
  }

  /** Opens a thing that is not kept: nobody finds it, nothing of it is stored but the blocks that are read, and its roster is not followed. */
  async visit(record: FolderRecord): Promise<KeptFolder> {
    const nothing = () => undefined
    const quiet = { onItem: nothing, onChanges: nothing, onReceipt: nothing, onDrives: nothing, saveRecord: async () => undefined }
    const { replication } = this.#context
    const set = await DriveSet.open(record, { cores: this.#cores, replication, shownOf: async () => 0, sparse: true })
    return KeptFolder.open(record, { set, membership: UNSHARED }, { ...this.#context, ...quiet }, nothing)
  }

  /** Gives the disk back what was let go of the logs. */
  async compact(): Promise<void> {
    await this.#context.compact()
  }

  /** Takes note of a folder's drives as they are now: it is found by them. */
  index(folder: KeptFolder): void {
    for (const [id, other] of this.#byDrive) if (other === folder) this.#byDrive.delete(id)
    for (const { shared } of folder.set.all) this.#byDrive.set(shared.id, folder)
  }

  /** Is no longer found, though still open: for what is done to a folder on its way out. */
  release(folder: KeptFolder): void {
    this.#byKey.delete(folder.key)
    for (const [id, other] of this.#byDrive) if (other === folder) this.#byDrive.delete(id)
  }

  async close(folder: KeptFolder): Promise<void> {
    this.release(folder)
    await folder.close()
  }

  /** Closes all, when the store stops. */
  async closeAll(): Promise<void> {
    for (const folder of this.all) await folder.close()
    this.#byKey.clear()
  }

  /** Holds all folders, and those that are opened from now on, because of `problem`; null lets them go on. */
  holdAll(problem: AppError | null): void {
    this.#held = problem
    for (const folder of this.all) void folder.hold(problem).catch(() => undefined)
  }
}
