/** All drives with all peers: who has what, where to fetch from, and what was heard. */
import { setTimeout as sleep } from 'node:timers/promises'
import c from 'compact-encoding'
import { manifest as manifestEncoding } from 'hypercore/lib/messages.js'
import type { LogCore } from '../log-core.ts'
import { encodeDeviceKey } from '../transports/identity.ts'
import type { PeerConnection } from '../transports/noise-connection.ts'
import { LogFetch } from './fetch.ts'
import type { LogName, PresenceMessage, RosterMessage, Status } from './messages.ts'
import { PeerSession, type SessionEvents } from './peer-session.ts'
import type { SharedDrive } from './shared-drive.ts'

/** A peer that takes no more is not waited for longer. */
const FLUSH_MS = 500

/** What replication tells the store. */
export interface ReplicationEvents {
  /** A peer's state of a drive, or the set of peers, changed. */
  onPeers(drive: SharedDrive): void
  /** Bytes of content came in for a drive. */
  onBytes(drive: SharedDrive, bytes: number): void
  /** A receipt as it came, not yet checked. */
  onReceipt(receipt: unknown, from: PeerSession): void
  /** Both sides know the drive: a moment to send receipts. */
  onMutual(session: PeerSession, drive: SharedDrive): void
  onSession(session: PeerSession, open: boolean): void
  /** A peer shares drives no more that it offered before. */
  onLetGo?(session: PeerSession): void
  /** What a peer says of the roster of the folder whose root drive this is. */
  onRoster(session: PeerSession, drive: SharedDrive, message: RosterMessage): void
  /** Presence on boards, as it came. */
  onPresence?(session: PeerSession, drive: SharedDrive, message: PresenceMessage): void
  /** A removed member asked for the drive. */
  onRefused(session: PeerSession, drive: SharedDrive): void
}

/** A status lags a little behind the log; after this it is no lag. */
const HOLES_AFTER_MS = 1500

function heldOf(status: Status | undefined, name: LogName): number | null {
  return status === undefined ? null : name === 'db' ? status.db : status.blobs
}

const VIA_RANK: Record<PeerConnection['via'], number> = { provider: 3, direct: 3, lan: 3, internet: 1 }

/** Replication of every shared drive. `attach` gives a connection's stream to the core storage for stock replication. */
export class Replication {
  readonly #deviceName: () => string
  readonly #events: ReplicationEvents
  readonly #attach: (connection: PeerConnection) => void
  readonly #drives = new Map<string, { drive: SharedDrive; fetches: Map<LogName, LogFetch>; stop: (() => void)[] }>()
  readonly #sessions = new Set<PeerSession>()
  readonly #attached = new WeakSet<PeerConnection>()
  readonly #timer: NodeJS.Timeout
  #closed = false
  #heard = 0

  constructor(options: { deviceName: () => string; attach: (connection: PeerConnection) => void; events: ReplicationEvents }) {
    this.#deviceName = options.deviceName
    this.#attach = options.attach
    this.#events = options.events
    this.#timer = setInterval(() => this.#tick(), 1000)
    this.#timer.unref()
  }

  get sessions(): Iterable<PeerSession> {
    return this.#sessions
  }

  /** Grows each time a peer says something new of what it holds. */
  get heard(): number {
    return this.#heard
  }

  /** Sessions that both sides of have proved to know the drive. */
  peersOf(drive: SharedDrive): PeerSession[] {
    return [...this.#sessions].filter((s) => s.isMutual(drive))
  }

  /** Sessions between which and us one side was removed: they speak of the roster alone. */
  refusedPeersOf(drive: SharedDrive): PeerSession[] {
    return [...this.#sessions].filter((s) => s.isRefused(drive))
  }

  /** True while more is known to exist than is here. */
  behind(drive: SharedDrive): boolean {
    const entry = this.#drives.get(drive.id)
    // Content that old versions alone refer to, and that was let go, is nothing to wait for.
    return entry !== undefined && [...entry.fetches].some(([name, f]) => f.behind && !(name === 'blobs' && drive.drive.lacksOld))
  }

  /** Blocks that are known to exist and that are here, over both logs. They may come in any order. */
  lengths(drive: SharedDrive): { held: number; known: number } {
    const sum = { held: drive.drive.db.here + (drive.drive.blobs?.here ?? 0), known: 0 }
    let db = drive.drive.db.length
    let blobs = drive.drive.blobs?.length ?? 0
    for (const session of this.peersOf(drive)) {
      const status = session.statusOf(drive)
      if (status === undefined || status.fork !== drive.drive.db.fork) continue
      db = Math.max(db, status.db)
      blobs = Math.max(blobs, status.blobs)
    }
    sum.known = db + blobs
    return sum
  }

  has(drive: SharedDrive): boolean {
    return this.#drives.has(drive.id)
  }

  async add(drive: SharedDrive): Promise<void> {
    const entry = { drive, fetches: new Map<LogName, LogFetch>(), stop: [] as (() => void)[] }
    this.#drives.set(drive.id, entry)
    const grown = () => {
      for (const session of this.#sessions) session.sendStatus(drive)
    }
    entry.stop.push(drive.drive.db.onGrown(grown))
    // Stock peers never say a status: the key of the blobs log is known as soon as the first block of the db log came.
    if (drive.fetches) entry.stop.push(drive.drive.db.onGrown(() => void (entry.fetches.has('blobs') ? null : this.#ensureBlobs(entry))))
    entry.stop.push(drive.drive.onWhole(grown))
    if (drive.fetches) this.#fetch(entry, 'db', drive.drive.db)
    await this.#ensureBlobs(entry)
    for (const session of this.#sessions) session.offer([drive])
  }

  /** A device has let go of a drive: what it said of it is forgotten, and the drive is offered anew. */
  offerAnew(drive: SharedDrive, deviceKey: string): void {
    for (const session of this.#sessions) {
      if (session.deviceKey !== deviceKey || !session.isMutual(drive)) continue
      session.forget(drive)
      this.#sessionEvents.onForgotten(session, drive)
      this.#events.onPeers(drive)
      session.offer([drive])
    }
  }

  async remove(drive: SharedDrive): Promise<void> {
    const entry = this.#drives.get(drive.id)
    if (entry === undefined) return
    this.#drives.delete(drive.id)
    for (const stop of entry.stop) stop()
    for (const session of this.#sessions) session.letGo(drive)
    for (const fetch of entry.fetches.values()) await fetch.close()
  }

  /** Says again what this store holds of a drive, after `applied` changed. */
  announce(drive: SharedDrive): void {
    for (const session of this.#sessions) session.sendStatus(drive)
  }

  /** A reader needs blocks out of order: goes on by stock replication until all is here. */
  goStock(drive: SharedDrive): void {
    for (const fetch of this.#drives.get(drive.id)?.fetches.values() ?? []) fetch.goStock()
  }

  /** Takes a drive away from the devices that are refused from now on: their connections end, with what stock replication serves on them. */
  refuse(drive: SharedDrive, devices: ReadonlySet<string>): void {
    drive.refused = devices
    for (const session of this.#sessions) {
      if (!devices.has(session.deviceKey)) {
        if (session.isRefused(drive)) this.#attachOnce(session.connection)
        session.accept(drive)
        continue
      }
      if (session.isMutual(drive)) session.connection.close()
      session.forget(drive)
    }
  }

  addConnection(connection: PeerConnection): void {
    if (this.#closed) return
    this.#attachOnce(connection)
    const session = new PeerSession(connection, this.#deviceName(), this.#sessionEvents)
    session.start()
  }

  /** Stock replication serves every log whose key the peer knows: removed members do without it. */
  #attachOnce(connection: PeerConnection): void {
    const isRefused = [...this.#drives.values()].some(({ drive }) => drive.refused.has(connection.deviceKey))
    if (isRefused || this.#attached.has(connection)) return
    this.#attached.add(connection)
    this.#attach(connection)
  }

  /** Waits, but not long, until what was said to peers is on its way. */
  async flush(): Promise<void> {
    const said = Promise.allSettled([...this.#sessions].map(async ({ connection }) => connection.stream.flush()))
    await Promise.race([said, sleep(FLUSH_MS, undefined, { ref: false })])
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    for (const session of this.#sessions) session.close()
    for (const { drive } of this.#drives.values()) await this.remove(drive)
  }

  readonly #sessionEvents: SessionEvents = {
    driveById: (id) => this.#drives.get(id)?.drive,
    allDrives: () => [...this.#drives.values()].map((e) => e.drive),
    onOpen: (session) => {
      this.#sessions.add(session)
      this.#events.onSession(session, true)
    },
    onClose: (session) => {
      this.#sessions.delete(session)
      for (const { drive, fetches } of this.#drives.values()) {
        for (const fetch of fetches.values()) fetch.dropSource(session.id)
        this.#events.onPeers(drive)
      }
      this.#events.onSession(session, false)
    },
    onMutual: (session, drive) => this.#events.onMutual(session, drive),
    onForgotten: (session, drive) => {
      for (const fetch of this.#drives.get(drive.id)?.fetches.values() ?? []) fetch.dropSource(session.id)
    },
    onLetGo: (session) => this.#events.onLetGo?.(session),
    onStatus: (session, drive, status) => this.#onStatus(session, drive, status),
    onRun: (session, drive, run) => {
      const fetch = this.#drives.get(drive.id)?.fetches.get(run.log)
      const log = drive.log(run.log)
      if (fetch === undefined || log === null) return
      fetch.receive(session.id, run, async (bytes) => {
        await log.adoptManifest(c.decode(manifestEncoding, bytes))
        const entry = this.#drives.get(drive.id)
        if (run.log === 'db' && entry !== undefined) await this.#ensureBlobs(entry)
      })
    },
    onStop: (session, drive, log) => this.#drives.get(drive.id)?.fetches.get(log)?.refuse(session.id),
    onReceipt: (session, receipt) => this.#events.onReceipt(receipt, session),
    onRoster: (session, drive, message) => this.#events.onRoster(session, drive, message),
    onPresence: (session, drive, message) => this.#events.onPresence?.(session, drive, message),
    onRefused: (session, drive) => this.#events.onRefused(session, drive),
    manifestOf: (drive, log) => {
      const manifest = drive.log(log)?.raw.manifest
      return manifest == null ? null : c.encode(manifestEncoding, manifest)
    },
  }

  #onStatus(session: PeerSession, drive: SharedDrive, status: Status): void {
    this.#heard++
    const entry = this.#drives.get(drive.id)
    if (entry === undefined) return
    for (const [name, fetch] of entry.fetches) this.#setSource(session, drive, name, fetch)
    if (drive.fetches && drive.drive.blobs === null) void this.#ensureBlobs(entry)
    this.#events.onPeers(drive)
    void status
  }

  #setSource(session: PeerSession, drive: SharedDrive, name: LogName, fetch: LogFetch): void {
    fetch.setSource({
      id: session.id,
      rank: VIA_RANK[session.connection.via],
      held: () => {
        const status = session.statusOf(drive)
        return (name === 'db' ? status?.db : status?.blobs) ?? 0
      },
      fork: () => {
        const status = session.statusOf(drive)
        return (name === 'db' ? status?.fork : status?.blobsFork) ?? 0
      },
      want: (from, manifest) => session.want(drive, name, from, manifest),
      stop: () => session.stop(drive, name),
      ack: (length) => session.ack(drive, name, length),
      cutOff: () => session.connection.close(),
    })
  }

  #fetch(entry: { drive: SharedDrive; fetches: Map<LogName, LogFetch> }, name: LogName, log: LogCore): void {
    const { drive } = entry
    let lagsSince: number | null = null
    const fetch = new LogFetch(log, name, {
      now: () => performance.now(),
      may: (pending) => drive.mayFetch(name, pending),
      stockPeerOutside: (l) => {
        const held = new Map(this.peersOf(drive).map((s) => [s.deviceKey, heldOf(s.statusOf(drive), name)]))
        let lags = false
        const outside = l.raw.peers.some((p) => {
          const ours = held.get(encodeDeviceKey(p.remotePublicKey))
          if (p.remoteLength <= l.contiguous) return false
          // A store whose log has holes can't send runs, and still has what the newest version needs.
          if (ours !== undefined && ours !== null && ours <= l.contiguous) lags = true
          return ours === undefined
        })
        lagsSince = lags ? (lagsSince ?? performance.now()) : null
        return outside || (lagsSince !== null && performance.now() - lagsSince > HOLES_AFTER_MS)
      },
    })
    fetch.onBytes = (bytes) => this.#events.onBytes(drive, bytes)
    entry.fetches.set(name, fetch)
    log.raw.on('download', (_index, byteLength) => this.#events.onBytes(drive, byteLength))
    for (const session of this.peersOf(drive)) if (session.statusOf(drive) !== undefined) this.#setSource(session, drive, name, fetch)
  }

  async #ensureBlobs(entry: { drive: SharedDrive; fetches: Map<LogName, LogFetch>; stop: (() => void)[] }): Promise<void> {
    const blobs = await entry.drive.drive.ensureBlobs().catch(() => null)
    if (blobs === null || entry.fetches.has('blobs') || !this.#drives.has(entry.drive.id)) return
    if (entry.drive.fetches && entry.drive.fetchesContent) this.#fetch(entry, 'blobs', blobs)
    entry.stop.push(
      blobs.onGrown(() => {
        for (const session of this.#sessions) session.sendStatus(entry.drive)
      }),
    )
    if (!entry.drive.fetches) entry.fetches.delete('blobs')
  }

  #tick(): void {
    for (const { fetches } of this.#drives.values()) for (const fetch of fetches.values()) fetch.evaluate()
  }
}
