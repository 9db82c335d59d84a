/** The channel `hyper-store/sync/1` on one connection: offers, status, runs and receipts with one other store. */
import type { Channel, Message } from 'protomux'
import * as v from 'valibot'
import type { PeerConnection } from '../transports/noise-connection.ts'
import { Feed } from './feed.ts'
import {
  Ack,
  Hello,
  json,
  Offer,
  PresenceMessage,
  ReceiptMessage,
  RosterMessage,
  type Run,
  run as runEncoding,
  Status,
  Stop,
  Want,
  type LogName,
} from './messages.ts'
import type { SharedDrive } from './shared-drive.ts'

export const SYNC_PROTOCOL = 'hyper-store/sync/1'
/** A status is sent at most this often while it changes. */
const STATUS_MS = 50

/** What the replication does with what a peer says. All calls are about drives that both sides have proved to know. */
export interface SessionEvents {
  /** The drive of a discovery key, if this store shares it. */
  driveById(id: string): SharedDrive | undefined
  allDrives(): Iterable<SharedDrive>
  onOpen(session: PeerSession): void
  onMutual(session: PeerSession, drive: SharedDrive): void
  /** The peer stopped sharing the drive; it may offer it again. */
  onForgotten(session: PeerSession, drive: SharedDrive): void
  /** The peer shares drives no more that it offered before. */
  onLetGo?(session: PeerSession): void
  onStatus(session: PeerSession, drive: SharedDrive, status: Status): void
  onRun(session: PeerSession, drive: SharedDrive, run: Run): void
  onStop(session: PeerSession, drive: SharedDrive, log: LogName): void
  onReceipt(session: PeerSession, receipt: unknown): void
  onPresence?(session: PeerSession, drive: SharedDrive, message: PresenceMessage): void
  /** A peer that knows the drive, refused or not, tells of the roster. */
  onRoster(session: PeerSession, drive: SharedDrive, message: RosterMessage): void
  /** A removed member knows the drive: it is told of its removal, and nothing else. */
  onRefused(session: PeerSession, drive: SharedDrive): void
  onClose(session: PeerSession): void
  /** Encoded manifest of a log. */
  manifestOf(drive: SharedDrive, log: LogName): Uint8Array | null
}

let lastId = 0
function nextId(): string {
  return String(++lastId)
}

/** One other store, while it is connected and speaks our channel. */
export class PeerSession {
  readonly connection: PeerConnection
  /** Unlike the device key, another one for each connection: a device may have two for a moment. */
  readonly id = nextId()
  /** Name that the other store gave itself; empty until it said so. */
  name = ''
  readonly #name: string
  readonly #events: SessionEvents
  #channel: Channel | null = null
  #messages!: {
    offer: Message<unknown>
    status: Message<unknown>
    want: Message<unknown>
    run: Message<Run | null>
    ack: Message<unknown>
    stop: Message<unknown>
    receipt: Message<unknown>
    roster: Message<unknown>
    presence: Message<unknown>
  }
  readonly #offered = new Set<string>()
  readonly #mutual = new Set<string>()
  /** Drives that the peer knows and gets nothing of. */
  readonly #refused = new Set<string>()
  /** Drives of which the peer gives nothing, by what it says of their rosters. */
  readonly #refusedBy = new Set<string>()
  readonly #statuses = new Map<string, Status>()
  readonly #feeds = new Map<string, Feed>()
  readonly #statusTimers = new Map<string, { timer: NodeJS.Timeout; again: boolean }>()

  constructor(connection: PeerConnection, name: string, events: SessionEvents) {
    this.connection = connection
    this.#name = name
    this.#events = events
  }

  get deviceKey(): string {
    return this.connection.deviceKey
  }
  get open(): boolean {
    return this.#channel?.opened === true && !this.#channel.closed
  }

  /** Opens the channel; nothing happens when the other side does not speak it. */
  start(): void {
    const channel = this.connection.mux.createChannel({
      protocol: SYNC_PROTOCOL,
      handshake: json,
      onopen: (hello) => this.#guard(() => this.#opened(hello)),
      onclose: () => this.#closed(),
    })
    if (channel === null) return
    this.#channel = channel
    const on = (handle: (message: unknown) => void) => ({
      encoding: json,
      onmessage: (message: unknown) => this.#guard(() => handle(message)),
    })
    this.#messages = {
      offer: channel.addMessage(on((m) => this.#onOffer(m))),
      status: channel.addMessage(on((m) => this.#onStatus(m))),
      want: channel.addMessage(on((m) => this.#onWant(m))),
      run: channel.addMessage({ encoding: runEncoding, onmessage: (m) => this.#guard(() => this.#onRun(m)) }),
      ack: channel.addMessage(on((m) => this.#onAck(m))),
      stop: channel.addMessage(on((m) => this.#onStop(m))),
      receipt: channel.addMessage(on((m) => this.#onReceipt(m))),
      roster: channel.addMessage(on((m) => this.#onRoster(m))),
      presence: channel.addMessage(on((m) => this.#onPresence(m))),
    }
    channel.open({ name: this.#name, protocol: 1 })
  }

  close(): void {
    this.#channel?.close()
  }

  /** Tells the peer of drives that came after the connection. */
  offer(drives: Iterable<SharedDrive>, options: { answer?: boolean } = {}): void {
    if (!this.open) return
    const { stream } = this.connection
    const handshakeHash = stream.handshakeHash
    if (handshakeHash == null) return
    const list: { drive: string; proof: string; answer?: boolean }[] = []
    const answer = options.answer === true ? { answer: true } : {}
    for (const drive of drives) {
      if (this.#offered.has(drive.id) || drive.refused.has(this.deviceKey)) continue
      this.#offered.add(drive.id)
      list.push({ drive: drive.id, proof: drive.proof(handshakeHash, this.connection.initiator), ...answer })
    }
    for (let at = 0; at < list.length; at += 500) this.#messages.offer.send({ drives: list.slice(at, at + 500) })
  }

  /** Takes an offered drive back, and says so. */
  letGo(drive: SharedDrive): void {
    if (this.open && this.#mutual.has(drive.id)) this.#messages.offer.send({ drives: [], gone: [drive.id] })
    this.forget(drive)
  }

  /** Takes an offered drive back, locally: it is no longer served. */
  forget(drive: SharedDrive): void {
    this.#offered.delete(drive.id)
    this.#mutual.delete(drive.id)
    this.#refused.delete(drive.id)
    this.#statuses.delete(drive.id)
    for (const name of ['db', 'blobs'] as const) this.#closeFeed(drive.id, name)
  }

  isMutual(drive: SharedDrive): boolean {
    return this.#mutual.has(drive.id)
  }
  /** One side gets nothing of the drive, and both may speak of its roster. */
  isRefused(drive: SharedDrive): boolean {
    return this.#refused.has(drive.id) || this.#refusedBy.has(drive.id)
  }
  /** The peer is a member again. */
  accept(drive: SharedDrive): void {
    if (!this.#refused.delete(drive.id)) return
    this.#offered.delete(drive.id)
    this.offer([drive])
  }
  /** Newest word of the peer on a drive. */
  statusOf(drive: SharedDrive): Status | undefined {
    return this.#statuses.get(drive.id)
  }

  /** Sends the drive's state, at most every 50 ms. */
  sendStatus(drive: SharedDrive): void {
    if (!this.#mutual.has(drive.id)) return
    const waiting = this.#statusTimers.get(drive.id)
    if (waiting !== undefined) {
      waiting.again = true
      return
    }
    this.#sendStatusNow(drive)
  }

  want(drive: SharedDrive, log: LogName, from: number, manifest: boolean): void {
    if (!this.open) return
    this.#messages.want.send({ drive: drive.id, log, fork: drive.log(log)?.fork ?? 0, from, manifest } satisfies Want)
  }
  ack(drive: SharedDrive, log: LogName, length: number): void {
    if (this.open) this.#messages.ack.send({ drive: drive.id, log, length })
  }
  stop(drive: SharedDrive, log: LogName): void {
    if (this.open) this.#messages.stop.send({ drive: drive.id, log, reason: 'not-needed' })
  }
  sendReceipt(receipt: unknown): void {
    if (this.open) this.#messages.receipt.send({ receipt })
  }
  sendRoster(drive: SharedDrive, message: Omit<RosterMessage, 'drive'>): void {
    if (this.open) this.#messages.roster.send({ drive: drive.id, ...message } satisfies RosterMessage)
  }

  /** Passes presence on; nothing to a peer that did not prove to know the folder. */
  sendPresence(drive: SharedDrive, message: Omit<PresenceMessage, 'drive'>): void {
    if (this.open && this.#mutual.has(drive.id)) this.#messages.presence.send({ drive: drive.id, ...message } satisfies PresenceMessage)
  }

  #sendStatusNow(drive: SharedDrive): void {
    if (this.open) this.#messages.status.send(drive.status())
    const entry = {
      again: false,
      timer: setTimeout(() => {
        this.#statusTimers.delete(drive.id)
        if (entry.again) this.sendStatus(drive)
      }, STATUS_MS),
    }
    this.#statusTimers.set(drive.id, entry)
  }

  // A peer's message never throws through protomux: that would cut everything else on the connection.
  #guard(handle: () => void): void {
    try {
      handle()
    } catch {
      this.connection.close()
    }
  }

  #opened(hello: unknown): void {
    const parsed = v.safeParse(Hello, hello)
    if (!parsed.success) {
      this.close()
      return
    }
    this.name = parsed.output.name
    // The channel counts as open only after this callback has returned.
    queueMicrotask(() =>
      this.#guard(() => {
        if (!this.open) return
        this.#events.onOpen(this)
        this.offer(this.#events.allDrives())
      }),
    )
  }

  #closed(): void {
    for (const feed of this.#feeds.values()) feed.close()
    this.#feeds.clear()
    for (const { timer } of this.#statusTimers.values()) clearTimeout(timer)
    this.#statusTimers.clear()
    this.#mutual.clear()
    this.#events.onClose(this)
  }

  #onOffer(message: unknown): void {
    const parsed = v.safeParse(Offer, message)
    const handshakeHash = this.connection.stream.handshakeHash
    if (!parsed.success || handshakeHash == null) return
    if (parsed.output.gone?.some((id) => this.#mutualDrive(id) !== undefined) === true) this.#events.onLetGo?.(this)
    for (const { drive: id, proof, answer } of parsed.output.drives) {
      const drive = this.#events.driveById(id)
      if (drive === undefined || drive.proof(handshakeHash, !this.connection.initiator) !== proof) continue
      if (drive.refused.has(this.deviceKey)) {
        this.#refused.add(id)
        this.#events.onRefused(this, drive)
        continue
      }
      const again = this.#mutual.has(id)
      if (again && answer === true) continue
      // The peer let go of the drive and took it up anew: what was under way with it is over.
      if (again) {
        this.forget(drive)
        this.#events.onForgotten(this, drive)
      }
      this.#mutual.add(id)
      this.#refusedBy.delete(id)
      // Said again although it was said before: the peer may have come by the drive since.
      this.#offered.delete(id)
      this.offer([drive], { answer: true })
      this.sendStatus(drive)
      this.#events.onMutual(this, drive)
    }
  }

  #mutualDrive(id: string): SharedDrive | undefined {
    return this.#mutual.has(id) ? this.#events.driveById(id) : undefined
  }

  #onStatus(message: unknown): void {
    const parsed = v.safeParse(Status, message)
    const drive = parsed.success ? this.#mutualDrive(parsed.output.drive) : undefined
    if (!parsed.success || drive === undefined) return
    this.#statuses.set(drive.id, parsed.output)
    this.#events.onStatus(this, drive, parsed.output)
  }

  #onWant(message: unknown): void {
    const parsed = v.safeParse(Want, message)
    const drive = parsed.success ? this.#mutualDrive(parsed.output.drive) : undefined
    if (!parsed.success || drive === undefined) return
    const { log: name, fork, from, manifest } = parsed.output
    this.#closeFeed(drive.id, name)
    const log = drive.log(name)
    if (log === null || log.fork !== fork || from > log.length) {
      this.#messages.stop.send({ drive: drive.id, log: name, reason: 'refused' })
      return
    }
    const feed = new Feed({
      drive: drive.discoveryKey,
      name,
      log,
      from,
      manifest: manifest ? this.#events.manifestOf(drive, name) : null,
      send: (run) => {
        this.#messages.run.send(run)
      },
      onStop: (reason) => {
        this.#messages.stop.send({ drive: drive.id, log: name, reason })
      },
    })
    this.#feeds.set(`${drive.id}/${name}`, feed)
  }

  #onRun(message: Run | null): void {
    if (message === null) throw new Error('a run that does not parse')
    const drive = this.#mutualDrive(Buffer.from(message.drive).toString('hex'))
    if (drive !== undefined) this.#events.onRun(this, drive, message)
  }

  #onAck(message: unknown): void {
    const parsed = v.safeParse(Ack, message)
    if (parsed.success) this.#feeds.get(`${parsed.output.drive}/${parsed.output.log}`)?.acknowledge(parsed.output.length)
  }

  #onStop(message: unknown): void {
    const parsed = v.safeParse(Stop, message)
    if (!parsed.success) return
    if (parsed.output.reason === 'not-needed') this.#closeFeed(parsed.output.drive, parsed.output.log)
    else {
      const drive = this.#mutualDrive(parsed.output.drive)
      if (drive !== undefined) this.#events.onStop(this, drive, parsed.output.log)
    }
  }

  #onRoster(message: unknown): void {
    const parsed = v.safeParse(RosterMessage, message)
    if (!parsed.success) return
    const { drive: id, have } = parsed.output
    const drive = this.#events.driveById(id)
    if (drive === undefined) return
    const knows = this.#mutual.has(id) || this.#refused.has(id)
    // Who was offered the drive, answers nothing but this: it holds us for removed. Its commands prove themselves.
    if (!knows && this.#offered.has(id)) this.#refusedBy.add(id)
    if (knows || have === undefined) this.#events.onRoster(this, drive, parsed.output)
  }

  #onPresence(message: unknown): void {
    const parsed = v.safeParse(PresenceMessage, message)
    const drive = parsed.success ? this.#mutualDrive(parsed.output.drive) : undefined
    if (parsed.success && drive !== undefined) this.#events.onPresence?.(this, drive, parsed.output)
  }

  #onReceipt(message: unknown): void {
    const parsed = v.safeParse(ReceiptMessage, message)
    if (parsed.success) this.#events.onReceipt(this, parsed.output.receipt)
  }

  #closeFeed(id: string, name: LogName): void {
    const key = `${id}/${name}`
    this.#feeds.get(key)?.close()
    this.#feeds.delete(key)
  }
}
