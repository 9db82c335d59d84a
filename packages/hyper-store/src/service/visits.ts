/** Things by link that this store does not keep, opened for a call: only what is read comes, and stays for some minutes. */
import { AppError } from '@hyper-store/client/contract'
import { decodeZ32, looksLikeLink, parseLink, type Link } from '../core/links.ts'
import type { LogCore } from '../hyper/log-core.ts'
import { within } from '../lib/deadline.ts'
import { createSerial } from '../lib/serial.ts'
import type { State } from '../state/state.ts'
import { recordOf } from './adding.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import type { Network } from './network.ts'
import { heldOf } from './held-bytes.ts'
import { closeViews } from './past-reading.ts'

/** A visit that nobody used for so long is over. */
const IDLE_MS = 5 * 60_000
/** How long the beginning of a thing, and its newest length, are waited for. */
const WAIT_MS = 10_000
/** A length that is known already is asked for anew no longer than this. */
const RENEW_MS = 2_000
/** Things that are visited at once; the one that was used longest ago makes room. */
const MOST_VISITS = 64
/** The database is rewritten when visits let so much go: it gives nothing back by itself. */
const COMPACT_BYTES = 64 * 1024 * 1024
/** The setting that names what was visited when the store ended without saying so. */
const LEFT_OVER = 'visits'

/** What a link names, open for use. */
export interface OpenThing {
  readonly folder: KeptFolder
  /** True when this store keeps it; else it is a visit: what is not here is asked from peers block by block. */
  readonly kept: boolean
  /** The link as it was given; null for a path or title. */
  readonly link: Link | null
  /** Keeps a visit open until the returned function is called. */
  hold(): () => void
}

/** What visits need from the store around them. */
export interface VisitsOptions {
  readonly folders: KeptFolders
  readonly state: State
  readonly network: Pick<Network, 'join' | 'leave'>
  /** Milliseconds without use after which a visit ends; default 5 minutes. */
  readonly idleMs?: number
}

/** One thing that is visited. */
interface Visit {
  readonly key: string
  readonly folder: KeptFolder
  /** Calls and streams under way. */
  uses: number
  usedAt: number
  isOver: boolean
}

/** Opens links for calls; kept things are given as they are. */
export class Visits {
  readonly #o: VisitsOptions
  readonly #open = new Map<string, Promise<Visit>>()
  /** Keys of which nothing was here before their visits began. */
  readonly #fresh = new Set<string>()
  /** Beginnings and ends come one after the other. */
  readonly #serial = createSerial()
  readonly #timer: NodeJS.Timeout
  #freed = 0
  #closed = false

  constructor(options: VisitsOptions) {
    this.#o = options
    options.folders.onOpening(async (key) => this.end(key))
    const idle = options.idleMs ?? IDLE_MS
    this.#timer = setInterval(() => void this.#endIdle(idle).catch(() => undefined), Math.max(100, Math.min(idle / 4, 30_000)))
    this.#timer.unref()
  }

  /** Lets go of what a store that was killed left over. To be called once, before the first visit. */
  async start(): Promise<void> {
    const left = await this.#o.state.settings.get(LEFT_OVER)
    if (!Array.isArray(left)) return
    for (const key of left) {
      if (typeof key !== 'string' || decodeZ32(key)?.byteLength !== 32) continue
      const folder = await this.#o.folders.visit(visitRecord({ key, secret: null }))
      this.#fresh.add(key)
      await this.#finish({ key, folder, uses: 0, usedAt: 0, isOver: true }, { drop: true })
    }
    await this.#remember()
  }

  /**
   * What a key, link, path or title means: something kept, or a link that is opened for the call and stays open for some minutes. Its
   * first block is here and its newest length known when it resolves. Throws BAD_LINK, UNKNOWN_FOLDER, AMBIGUOUS, NO_PEER.
   */
  async open(ref: string): Promise<OpenThing> {
    const link = looksLikeLink(ref) ? parseLink(ref) : null
    const kept = link === null ? this.#o.folders.find(ref) : this.#o.folders.get(link.key)
    // A blind keeper's own copy can be read by whoever has the whole link.
    if (kept !== undefined && !(kept.blind && link !== null && link.secret !== null))
      return { folder: kept, kept: true, link, hold: () => () => undefined }
    if (link === null) throw new AppError('BAD_LINK', { link: ref })
    const visit = await this.#visit(link)
    const release = hold(visit)
    try {
      await newest(visit.folder, (log) => !this.#isHeld(log))
    } catch (error) {
      // It was added meanwhile, say.
      if (visit.isOver && !this.#closed) return await this.open(ref)
      throw error
    } finally {
      release()
    }
    return { folder: visit.folder, kept: false, link, hold: () => hold(visit) }
  }

  /** Ends the visits of a key; what came of it stays when it is about to be kept. */
  async end(key: string): Promise<void> {
    for (const [name, opening] of this.#open) if (name.startsWith(key)) await this.#close(name, opening, { drop: false })
  }

  /** Ends all visits; what came goes. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    for (const [name, opening] of this.#open) await this.#close(name, opening, { drop: true })
  }

  async #visit(link: Link): Promise<Visit> {
    if (this.#closed) throw new AppError('NO_PEER')
    const name = `${link.key}#${link.secret ?? ''}`
    if (!this.#open.has(name)) await this.#makeRoom()
    let opening = this.#open.get(name)
    if (opening === undefined) {
      opening = this.#serial.run(async () => this.#begin(link))
      this.#open.set(name, opening)
      opening.catch(() => this.#open.delete(name))
    }
    const visit = await opening
    return visit.isOver ? await this.#visit(link) : visit
  }

  async #begin(link: Link): Promise<Visit> {
    const { folders, network } = this.#o
    const folder = await folders.visit(visitRecord(link))
    if (logsOf(folder).every(isEmpty)) {
      this.#fresh.add(link.key)
      await this.#remember()
    }
    network.join(folder.shared.discoveryKey)
    return { key: link.key, folder, uses: 0, usedAt: performance.now(), isOver: false }
  }

  /** So that what was fetched is let go after a crash too. */
  async #remember(): Promise<void> {
    await this.#o.state.settings.set(LEFT_OVER, [...this.#fresh])
  }

  async #makeRoom(): Promise<void> {
    if (this.#open.size < MOST_VISITS) return
    let oldest: { name: string; opening: Promise<Visit>; usedAt: number } | null = null
    for (const [name, opening] of this.#open) {
      const visit = await opening.catch(() => null)
      if (visit !== null && visit.uses === 0 && (oldest === null || visit.usedAt < oldest.usedAt))
        oldest = { name, opening, usedAt: visit.usedAt }
    }
    if (oldest === null)
      throw new AppError('BAD_REQUEST', {
        reason: `${MOST_VISITS} links are being read; try again when one is done, or add what you read often`,
      })
    await this.#close(oldest.name, oldest.opening, { drop: true })
  }

  async #endIdle(idleMs: number): Promise<void> {
    for (const [name, opening] of this.#open) {
      const visit = await opening.catch(() => null)
      if (visit !== null && visit.uses === 0 && performance.now() - visit.usedAt >= idleMs) await this.#close(name, opening, { drop: true })
    }
  }

  async #close(name: string, opening: Promise<Visit>, options: { drop: boolean }): Promise<void> {
    if (this.#open.get(name) !== opening) return
    this.#open.delete(name)
    const visit = await opening.catch(() => null)
    if (visit === null) return
    visit.isOver = true
    await this.#serial.run(async () => this.#finish(visit, options))
    await this.#remember()
  }

  /** Ends a visit; what came is let go unless something kept rests on it, or it was here before. */
  async #finish({ key, folder }: Visit, { drop }: { drop: boolean }): Promise<void> {
    const { folders, network, state } = this.#o
    const isLast = ![...this.#open.keys()].some((name) => name.startsWith(key))
    if (isLast && this.#fresh.delete(key) && drop && (await state.folders.get(key)) === null) {
      await folder.drive.ensureBlobs().catch(() => null)
      for (const log of logsOf(folder)) if (!this.#isHeld(log)) await this.#letGo(log).catch(() => undefined)
    }
    if (isLast) {
      for (const log of logsOf(folder)) if (!this.#isHeld(log)) log.followByStock(false)
      if (folders.get(key) === undefined) network.leave(folder.shared.discoveryKey)
    }
    await closeViews(folder)
    await folder.close()
  }

  async #letGo(log: LogCore): Promise<void> {
    this.#freed += (await heldOf(log)).bytes
    await log.clear([{ start: 0, end: log.length }])
    // A store that ends does so at once; what is to be given back then, waits for the next time.
    if (this.#freed < COMPACT_BYTES || this.#closed) return
    this.#freed = 0
    void this.#o.folders.compact().catch(() => undefined)
  }

  /** True for a log of something that is kept. */
  #isHeld(log: LogCore): boolean {
    return this.#o.folders.all.some(({ set }) => set.all.some(({ drive }) => drive.db.id === log.id || drive.blobs?.id === log.id))
  }
}

function hold(visit: Visit): () => void {
  let isHeld = true
  visit.uses++
  return () => {
    if (!isHeld) return
    isHeld = false
    visit.uses--
    visit.usedAt = performance.now()
  }
}

/** A record that is never stored: it stands still, so that nothing of it is fetched or shared by itself. */
function visitRecord({ key, secret }: Pick<Link, 'key' | 'secret'>): ReturnType<typeof recordOf> {
  const bytes = secret === null ? null : decodeZ32(secret)
  const encryptionKey = bytes === null ? null : Buffer.from(bytes).toString('hex')
  const fields = {
    key,
    path: null,
    title: key.slice(0, 8),
    mode: 'keep',
    encryptionKey,
    private: encryptionKey !== null,
    ownDrive: null,
  } as const
  return { ...recordOf(fields), paused: true, lend: false }
}

function logsOf({ drive }: KeptFolder): LogCore[] {
  return drive.blobs === null ? [drive.db] : [drive.db, drive.blobs]
}

function isEmpty(log: LogCore): boolean {
  return log.contiguous === 0 && log.raw.core.bitfield.firstSet(0) === -1
}

/** Brings the beginning of a thing and its newest length, of logs that nobody else follows. Throws NO_PEER. */
async function newest({ drive }: KeptFolder, isOurs: (log: LogCore) => boolean): Promise<void> {
  const { db } = drive
  if (isOurs(db) && !db.raw.core.replicator.eagerUpgrade) db.followByStock(true)
  if (!db.holds(0)) {
    const first = await db.read(0, { wait: true, timeout: WAIT_MS })
    if (first === null) throw new AppError('NO_PEER')
  }
  // What is known is good enough where nobody tells more.
  if (db.raw.peers.length > 0) await within(db.plain.update({ wait: true }), RENEW_MS, () => undefined).catch(() => undefined)
  await drive.look()
  const known = drive.blobs
  const blobs = known ?? (await drive.ensureBlobs())
  if (blobs !== null && isOurs(blobs) && !blobs.raw.core.replicator.eagerUpgrade) blobs.followByStock(true)
}
