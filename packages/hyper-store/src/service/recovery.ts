/**
 * A writer whose machine stopped, or that came back from a backup, may have lost the end of its log while others hold it. Writing on
 * would fork the log for ever: it waits until a device that counts says what is newest, and fetches that first (docs/design/identity-and-rights.md).
 */
import type { Replication } from '../hyper/replication/replication.ts'
import type { SharedDrive } from '../hyper/replication/shared-drive.ts'
import { isDrop } from '../state/receipts.ts'
import type { FolderRecord } from '../state/records.ts'
import type { State } from '../state/state.ts'
import type { FolderLoop } from '../sync/folder-loop.ts'
import type { DriveSet } from './drive-set.ts'

/** Marks the own folders that others may hold more of. A folder that nobody else ever had has nothing to wait for. */
export async function markRecovering(state: State, ownDevice: string): Promise<void> {
  for (const record of await state.folders.list()) {
    if ((record.ownDrive === null && record.drives.length === 0) || record.recovering) continue
    const receipts = await state.receipts.list(record.key)
    const others =
      receipts.some((receipt) => receipt.device !== ownDevice && !isDrop(receipt)) || (await hasOthers(state, record.key, ownDevice))
    if (record.providers.length > 0 || others) await state.folders.put({ ...record, recovering: true })
  }
}

/** Somebody else wrote in the folder's roster: a guest at least, who may hold what this device wrote. */
async function hasOthers(state: State, key: string, ownDevice: string): Promise<boolean> {
  const commands = (await state.roster(key).list()) as readonly { readonly author?: unknown }[]
  return commands.some(({ author }) => author !== ownDevice)
}

/**
 * True when a device that counts is there and nobody there has more of this device's drive than is here. `providers` are the
 * device keys of the folder's providers: when it has any, one of them must speak; otherwise whoever holds the drive. `root` is the
 * folder's root drive: who has that, and nothing of a drive that is empty here, says that it is empty.
 */
function isConfirmed(shared: SharedDrive, replication: Replication, providers: readonly string[], root: SharedDrive = shared): boolean {
  const { db, blobs } = shared.drive
  let spoken = false
  for (const session of replication.peersOf(shared)) {
    const status = session.statusOf(shared)
    if (status === undefined) continue
    const here = db.contiguous >= status.db && (blobs?.contiguous ?? 0) >= status.blobs
    if (status.fork !== db.fork || !here) return false
    const knows = status.db > 0 || db.length > 0 || (session.statusOf(root)?.db ?? 0) > 0
    if (knows && (providers.length === 0 || providers.includes(session.deviceKey))) spoken = true
  }
  return spoken && db.contiguous === db.length
}

/** True when a provider that is connected has more of an own drive than is here. */
function isBehind(shared: SharedDrive, replication: Replication, isProvider: (deviceKey: string) => boolean): boolean {
  const sessions = replication.peersOf(shared)
  return sessions.some((session) => isProvider(session.deviceKey) && (session.statusOf(shared)?.db ?? 0) > shared.drive.db.length)
}

/** The folder that recovers. */
export interface RecoveringFolder {
  readonly record: FolderRecord
  readonly set: DriveSet
  readonly loop: FolderLoop | null
}

/** What recovery needs of the store, and what it tells the folder. */
export interface RecoveryContext {
  readonly replication: Replication
  /** Device keys of providers by their names. */
  providerKeys(names: readonly string[]): string[]
  isProvider(deviceKey: string): boolean
  save(change: Partial<Pick<FolderRecord, 'recovering'>>): Promise<void>
  /** True while the folder is open. */
  mayBegin(): boolean
  onBegin(): void
  /** It writes again; nothing of it is shared at that moment. */
  onEnd(): Promise<void>
}

/** The recovery of one folder. While it is on, nothing is written and what this device once wrote is fetched from others. */
export class Recovery {
  readonly #folder: RecoveringFolder
  readonly #context: RecoveryContext

  constructor(folder: RecoveringFolder, context: RecoveryContext) {
    this.#folder = folder
    this.#context = context
  }

  /** True while it waits for a peer to confirm its newest state. */
  get isOn(): boolean {
    const { record, set } = this.#folder
    return record.recovering && set.own !== null
  }

  /**
   * Begins when a provider holds more of what this device writes than the device itself: it lost the end of its log, or another store
   * writes with its identity.
   */
  async beginIfBehind(): Promise<void> {
    const { record, set, loop } = this.#folder
    if (set.own === null || record.recovering || !this.#context.mayBegin()) return
    const { shared } = set.own
    if (!isBehind(shared, this.#context.replication, (key) => this.#context.isProvider(key))) return
    await this.#context.save({ recovering: true })
    loop?.pause()
    await set.unshare()
    shared.fetches = true
    set.boards.setRecovering(true)
    await set.share()
    this.#context.onBegin()
  }

  /** Ends it when those who count say that nobody has more of any own log. */
  async endIfConfirmed(): Promise<void> {
    const { record, set } = this.#folder
    if (set.own === null || record.paused) return
    const providers = this.#context.providerKeys(record.providers)
    const own = [set.own.shared, ...set.boards.all.flatMap((log) => (log.own ? [log.shared] : []))]
    if (own.every((shared) => isConfirmed(shared, this.#context.replication, providers, set.root.shared))) await this.end()
  }

  /** What is here is the newest: from now on this device writes and nobody else is asked. Nothing happens when it does not recover. */
  async end(): Promise<void> {
    if (!this.isOn) return
    const { set } = this.#folder
    await set.unshare()
    for (const { own, shared } of set.all) if (own) shared.fetches = false
    set.boards.setRecovering(false)
    await this.#context.save({ recovering: false })
    for (const { drive } of set.all) await drive.settled()
    await this.#context.onEnd()
  }
}
