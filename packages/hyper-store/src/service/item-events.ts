/** Tells listeners, hooks and the LED what happens to folders; the state of one folder not more often than people can read it. */
import type { PeerSession } from '../hyper/replication/peer-session.ts'
import type { LoopChange } from '../sync/loop-options.ts'
import type { Completions } from './completions.ts'
import type { EventBus } from './event-bus.ts'
import { releaseIdleMemory } from './idle-memory.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KnownReceipt } from './receipt-book.ts'

/** An item event is told at most this often for one folder. */
const ITEM_EVENT_MS = 250
/** Of one pass, so many changes are told one by one. */
const CHANGES_TOLD = 500
/** Without news for so long, the store gives memory back. */
const IDLE_AFTER_MS = 1_000

/** Whom to tell, and what the store around knows. */
export interface ItemEventsOptions {
  readonly bus: EventBus
  readonly completions: Completions
  /** Name of this store. */
  readonly deviceName: () => string
  readonly nameOf: (deviceKey: string) => string | null
  /** The folders that are open now. */
  readonly folders: () => readonly KeptFolder[]
}

/** News of folders, from their first to `close`. */
export class ItemEvents {
  readonly #o: ItemEventsOptions
  readonly #timers = new Map<string, NodeJS.Timeout>()
  #idleTimer: NodeJS.Timeout | null = null
  #closed = false

  constructor(options: ItemEventsOptions) {
    this.#o = options
  }

  /** Something about a folder may look different; undefined, of a folder that is gone, does nothing. */
  changed(folder: KeptFolder | undefined): void {
    if (folder === undefined || this.#closed || this.#timers.has(folder.key)) return
    this.#timers.set(
      folder.key,
      setTimeout(() => {
        this.#timers.delete(folder.key)
        void this.#tellItem(folder).catch(() => undefined)
      }, ITEM_EVENT_MS),
    )
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => releaseIdleMemory(), IDLE_AFTER_MS)
    this.#idleTimer.unref()
  }

  /** Files of a folder changed, here or at another device. */
  changes(folder: KeptFolder, changes: readonly LoopChange[]): void {
    const at = new Date().toISOString()
    const { version } = folder
    for (const change of changes.slice(0, CHANGES_TOLD)) {
      const { op, path: where, from, local } = change
      this.#o.bus.emit({
        event: 'change',
        at,
        link: folder.link,
        op,
        path: where,
        ...(from === undefined ? {} : { from }),
        version,
        device: local ? this.#o.deviceName() : '',
      })
    }
    this.changed(folder)
  }

  /** A device, maybe this one, holds all of a version. */
  receipt(folder: KeptFolder, known: KnownReceipt): void {
    const complete = folder.holdsNewest(known.device)
    const name = this.#o.nameOf(known.device) ?? known.record.name
    this.#o.bus.emit({
      event: 'receipt',
      at: new Date(known.receipt.at).toISOString(),
      link: folder.link,
      device: { name, key: known.device },
      version: known.receipt.version,
      complete,
      files: known.record.files,
      bytes: known.record.bytes,
    })
    this.changed(folder)
    if (complete) void this.#complete(folder, name, known.receipt.version)
  }

  /** Members, invites or requests of a folder changed. */
  members(folder: KeptFolder): void {
    this.#o.bus.emit({ event: 'members', at: new Date().toISOString(), link: folder.link })
    this.changed(folder)
  }

  /** A device is connected now, or no longer. */
  peer({ deviceKey: key, connection }: PeerSession, connected: boolean): void {
    this.#o.bus.emit({ event: 'peer', at: new Date().toISOString(), key, name: this.#o.nameOf(key), connected, via: connection.via })
  }

  /** A folder is kept no more. */
  removed(folder: KeptFolder): void {
    this.#o.bus.emit({ event: 'removed', at: new Date().toISOString(), link: folder.link })
  }

  close(): void {
    this.#closed = true
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer)
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  async #complete(folder: KeptFolder, device: string, version: number): Promise<void> {
    const item = await folder.item()
    this.#o.completions.completed({
      link: folder.link,
      title: item.title,
      version,
      device,
      devices: item.devices.filter((d) => d.complete).map((d) => d.name),
      at: new Date().toISOString(),
    })
  }

  async #tellItem(folder: KeptFolder): Promise<void> {
    if (this.#closed || !this.#o.folders().includes(folder)) return
    const item = await folder.item()
    this.#o.bus.emit({ event: 'item', at: new Date().toISOString(), link: folder.link, item })
    this.#o.completions.show(this.#o.folders().map((f) => f.settled))
  }
}
