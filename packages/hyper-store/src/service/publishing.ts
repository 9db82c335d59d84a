/**
 * Publishes a folder from a machine that keeps nothing: a store for one run, whose keys come from a secret. It learns from the providers
 * how long its logs are before it writes, so that it goes on where the last run ended, and ends when they hold the newest version.
 */
import { hkdfSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@hyper-store/client/contract'
import { encodeZ32, formatLink } from '../core/links.ts'
import { PRIVATE_DIR } from '../core/paths.ts'
import { openDiskFolder } from '../disk/disk-folder.ts'
import { CoreStorage } from '../hyper/core-storage.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import { MergedDrives } from '../hyper/folder-drives.ts'
import type { Status } from '../hyper/replication/messages.ts'
import { Replication } from '../hyper/replication/replication.ts'
import { SharedDrive } from '../hyper/replication/shared-drive.ts'
import { encodeDeviceKey, loadIdentity, type Identity } from '../hyper/transports/identity.ts'
import { openState, type State } from '../state/state.ts'
import { Publisher } from '../sync/publish.ts'
import { existingFolder } from './folder-places.ts'
import { Network } from './network.ts'
import { Providers } from './providers.ts'
import { withFetchedBases } from './publish-bases.ts'
import { findChanges } from './publish-changes.ts'
import { reachProviders, type PublishProvider, type PublishTarget, type Reached } from './publish-providers.ts'
import { ReceiptBook, type KnownReceipt } from './receipt-book.ts'

/** Characters of the shortest secret. */
export const LEAST_SECRET = 32
const POLL_MS = 25
/** How long another run of the same secret is waited for before this one hangs up, and how long it stays away at most. */
const PATIENCE_MS = 3_000
const AWAY_MS = 3_000
/** Name of the drive in the corestore, and of the device. */
const NAME = 'publish'

/** One run. */
export interface PublishOptions {
  /** Folder, absolute. */
  readonly path: string
  /** At least 32 characters. */
  readonly secret: string
  readonly targets: readonly PublishTarget[]
  /** Default: the folder's name, or what the link is called already. */
  readonly title: string | null
  readonly private: boolean
  readonly timeoutS: number
  readonly network: { readonly lanOnly: boolean; readonly noLan: boolean; readonly bootstrap: readonly string[] }
  readonly signal: AbortSignal
  /** Hears the link as soon as it is known, and what is waited for. */
  readonly onTalk: (line: string) => void
}

/** What was published. */
export interface Published {
  readonly link: string
  readonly title: string
  readonly version: number
  readonly files: number
  readonly bytes: number
  /** Paths that were added, changed or deleted; 0: nothing was sent. */
  readonly changes: number
  readonly receipts: readonly {
    readonly device: { readonly name: string; readonly key: string }
    readonly version: number
    readonly at: string
  }[]
}

/**
 * Publishes, and resolves when every target holds the newest version. The same secret gives the same link. Throws BAD_REQUEST for a short
 * secret, TIMED_OUT, STOPPED_FOR_SAFETY, FOLDER_UNREADABLE, those of `existingFolder`, of connecting and of the providers.
 */
export async function publishFolder(options: PublishOptions): Promise<Published> {
  if (options.secret.length < LEAST_SECRET)
    throw new AppError('BAD_REQUEST', { reason: `the secret must have at least ${LEAST_SECRET} characters` })
  if (options.targets.length === 0) throw new AppError('BAD_REQUEST', { reason: 'name at least one provider to publish to' })
  const given = { ...options, path: await existingFolder(options.path) }
  const deadline = Date.now() + options.timeoutS * 1000
  for (;;) {
    const home = await mkdtemp(path.join(os.tmpdir(), 'hyper-store-publish-'))
    try {
      const published = await publishOnce(given, { home, deadline })
      if (published !== null) return published
    } finally {
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    }
    options.onTalk('Another run publishes with this secret; waiting for its end')
    // Two that met at the same moment don't come back at the same moment.
    await sleep(Math.random() * AWAY_MS, undefined, { signal: options.signal })
  }
}

/** Null when another run of the same secret is at work. */
async function publishOnce(options: PublishOptions, { home, deadline }: { home: string; deadline: number }): Promise<Published | null> {
  const derive = (what: string) => Buffer.from(hkdfSync('sha256', options.secret, 'hyper-store publish 1', what, 32))
  await using state = await openState(path.join(home, 'state'))
  const cores = await CoreStorage.open(path.join(home, 'cores'), { checkpoints: state.checkpoints, primaryKey: derive('drives') })
  try {
    const secret = options.private ? derive('content') : null
    const drive = await cores.openOwn(options.private ? `${NAME}-private` : NAME, secret)
    await drive.start(0)
    const run = new PublishRun(options, { state, cores, drive, secret, deadline, identity: loadIdentity(derive('device')) })
    try {
      return await run.run()
    } finally {
      await run.close()
    }
  } finally {
    await cores.close()
  }
}

interface RunParts {
  readonly state: State
  readonly cores: CoreStorage
  readonly drive: DeviceDrive
  readonly secret: Uint8Array | null
  readonly identity: Identity
  readonly deadline: number
}

class PublishRun {
  readonly #o: PublishOptions
  readonly #p: RunParts
  readonly #key: string
  readonly #link: string
  readonly #shared: SharedDrive
  readonly #replication: Replication
  readonly #network: Network
  readonly #providers: Providers
  readonly #receipts: ReceiptBook
  readonly #drives: MergedDrives
  #reached: Reached | null = null

  constructor(options: PublishOptions, parts: RunParts) {
    this.#o = options
    this.#p = parts
    const { state, identity, cores, drive, secret } = parts
    this.#key = encodeZ32(drive.key)
    this.#link = formatLink({ key: this.#key, ...(secret === null ? {} : { secret: encodeZ32(secret) }) })
    this.#shared = new SharedDrive(drive, { fetches: true, fetchesContent: false })
    this.#receipts = new ReceiptBook(state, identity)
    this.#drives = new MergedDrives({
      members: [{ drive, writer: drive.writer, device: '', frozenAt: null }],
      own: drive,
      writer: drive.writer,
      chunks: state.chunks(this.#key),
      index: null,
      now: () => Date.now(),
    })
    this.#replication = new Replication({
      deviceName: () => NAME,
      attach: (connection) => cores.replicate(connection),
      events: {
        onReceipt: (receipt) => void this.#receipts.take(receipt, (id) => (id === this.#shared.id ? this.#key : null)),
        onPeers: () => undefined,
        onBytes: () => undefined,
        onMutual: () => undefined,
        onSession: () => undefined,
        onRoster: () => undefined,
        onRefused: () => undefined,
      },
    })
    this.#network = new Network({
      identity,
      replication: this.#replication,
      ...options.network,
      onDevice: () => undefined,
      onTwin: () => undefined,
    })
    const { book } = this.#network
    this.#providers = new Providers({ state, identity, book, internet: () => this.#network.internet, deviceName: () => NAME })
  }

  async run(): Promise<Published | null> {
    const { drive, state, identity } = this.#p
    const { signal } = this.#o
    const serveStream = (stream: { destroy(): void }) => stream.destroy()
    this.#network.connect({ url: '', port: 0, beyondLoopback: false, serveStream }, [this.#shared.discoveryKey])
    const world = { state, identity, network: this.#network, providers: this.#providers, signal }
    this.#reached = await reachProviders(this.#o.targets, world)
    const { providers } = this.#reached
    if (!(await this.#isAlone(providers))) return null
    await this.#replication.add(this.#shared)
    const title = this.#o.title ?? path.basename(this.#o.path)
    const published = { link: this.#link, title, private: this.#o.private }
    const held = await Promise.all(providers.map(async (provider) => provider.keep(published)))
    await this.#recover(providers, Math.max(...held))
    await this.#replication.remove(this.#shared)
    this.#shared.fetches = false
    await this.#replication.add(this.#shared)
    await this.#writeTitle(providers)
    const changed = await this.#publish(Math.min(...held))
    const receipts = await this.#receiptsOf(providers)
    return {
      link: this.#link,
      title: (await drive.view().title()) ?? title,
      version: drive.db.length,
      ...changed,
      receipts: receipts.map(({ device, record, receipt }) => ({
        device: { name: providers.find((one) => one.deviceKey === device)?.name ?? record.name, key: device },
        version: receipt.version,
        at: new Date(receipt.at).toISOString(),
      })),
    }
  }

  async close(): Promise<void> {
    await this.#reached?.close()
    await this.#providers.close()
    await this.#network.close()
    // Closes the drive, too.
    await this.#drives[Symbol.asyncDispose]()
  }

  /** A provider sees a connection for each run of this secret. Who comes later sees the other one, and writes nothing. */
  async #isAlone(providers: readonly PublishProvider[]): Promise<boolean> {
    const own = this.#p.identity.deviceKey
    const until = Math.min(Date.now() + PATIENCE_MS, this.#p.deadline)
    for (;;) {
      const peers = await Promise.all(providers.map(async (provider) => provider.peers()))
      if (peers.every((keys) => keys.filter((key) => key === own).length < 2)) return true
      if (Date.now() > this.#p.deadline) throw this.#timedOut('another run that publishes with this secret')
      if (Date.now() > until) return false
      await this.#pause(POLL_MS * 8)
    }
  }

  /** Learns all records that a provider has, `held` at least, and how long the content log is: writing on from less would fork them. */
  async #recover(providers: readonly PublishProvider[], held: number): Promise<void> {
    const { drive } = this.#p
    const { db } = drive
    await this.#until(providers, ({ deviceKey }) => {
      const told = this.#statusOf(deviceKey)
      return told !== undefined && told.fork === db.fork && db.contiguous >= Math.max(told.db, held) && db.contiguous === db.length
    })
    if (db.length === 0) return
    // The drive may have looked before the last block of a run was counted: what was published must never look like nothing.
    await drive.start(db.length)
    await this.#until(providers, () => drive.whole.db === db.length)
    const blobs = await drive.ensureBlobs()
    if (blobs === null) return
    const longest = () => Math.max(0, ...blobs.raw.peers.map((peer) => peer.remoteLength))
    let asking = false
    await this.#until(providers, ({ deviceKey }) => {
      const told = this.#statusOf(deviceKey)
      if (told === undefined) return false
      const peer = blobs.raw.peers.find(({ remotePublicKey }) => encodeDeviceKey(remotePublicKey) === deviceKey)
      // One that has no record yet has no content either.
      const said = told.db === 0 || peer?.remoteSynced === true
      const isHere = blobs.length >= Math.max(longest(), told.blobs, drive.whole.need)
      if (said && !isHere && !asking) {
        asking = true
        const over = () => {
          asking = false
        }
        void blobs.raw.update({ wait: true, force: true }).then(over, over)
      }
      return said && isHere
    })
    // What others keep is not missing here.
    if (blobs.length > 0) await blobs.gone.add([{ start: 0, end: blobs.length }])
  }

  /** The title is the first record: once a provider has it, no later run takes the drive for a new one. */
  async #writeTitle(providers: readonly PublishProvider[]): Promise<void> {
    const { drive } = this.#p
    const title = drive.db.length === 0 ? path.basename(this.#o.path) : await drive.view().title()
    const wanted = this.#o.title ?? title
    if (wanted === null || (drive.db.length > 0 && wanted === title)) return
    await drive.writeInfo({ title: wanted })
    await this.#until(providers, ({ deviceKey }) => (this.#statusOf(deviceKey)?.db ?? 0) >= drive.db.length)
  }

  /** `held`: version that every provider holds whole; the content of what was written later may have been lost with the run that wrote it. */
  async #publish(held: number): Promise<Pick<Published, 'files' | 'bytes' | 'changes'>> {
    const { drive, state } = this.#p
    const { signal } = this.#o
    const drives = this.#drives
    await using disk = await openDiskFolder(this.#o.path, { privateDir: PRIVATE_DIR })
    const unsure = new Set<string>()
    if (held < drive.db.length) for await (const record of drive.history(held, drive.db.length)) unsure.add(record.path)
    const { steps, files, bytes, lost } = await findChanges({ disk, drives, writer: drive.writer, unsure }, { signal })
    const place = drive.blobs === null ? null : { core: drive.blobs, chunks: state.chunks(this.#key) }
    const sides = { disk, drives: withFetchedBases(drives, place, lost), synced: state.synced(this.#key) }
    const report = await new Publisher(sides).run(steps, { signal })
    const [left] = [...report.unreadable.keys(), ...report.again]
    if (left !== undefined)
      throw new AppError('FOLDER_UNREADABLE', { path: left, reason: 'it changed while it was read, or may not be read' })
    return { files, bytes, changes: report.done.length }
  }

  async #receiptsOf(providers: readonly PublishProvider[]): Promise<KnownReceipt[]> {
    const { db } = this.#p.drive
    const of = ({ deviceKey }: PublishProvider): KnownReceipt[] => {
      const known = this.#receipts.of(this.#key, deviceKey)
      return known !== null && known.receipt.fork === db.fork && known.receipt.version >= db.length ? [known] : []
    }
    await this.#until(providers, (provider) => of(provider).length > 0)
    return providers.flatMap(of)
  }

  #statusOf(deviceKey: string): Status | undefined {
    const session = this.#replication.peersOf(this.#shared).find((one) => one.deviceKey === deviceKey)
    return session?.statusOf(this.#shared)
  }

  /** Waits until it is so of every provider. Throws TIMED_OUT with the names of the others. */
  async #until(providers: readonly PublishProvider[], isSo: (provider: PublishProvider) => boolean): Promise<void> {
    for (;;) {
      const missing = providers.filter((provider) => !isSo(provider))
      if (missing.length === 0) return
      if (Date.now() > this.#p.deadline) throw this.#timedOut(missing.map(({ name }) => name).join(', '))
      await this.#pause(POLL_MS)
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#o.signal })
  }

  #timedOut(missing: string): AppError {
    return new AppError('TIMED_OUT', { seconds: this.#o.timeoutS, missing })
  }
}
