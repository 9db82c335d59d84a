/** The cores of one store on disk: opens device drives by name (own) or key (others') and gives streams to stock replication. */
import path from 'node:path'
import Corestore from 'corestore'
import type { Session } from 'hypercore'
import HypercoreStorage from 'hypercore-storage'
import Hyperbee from 'hyperbee'
import messages from 'hyperbee/lib/messages.js'
import Hyperdrive from 'hyperdrive'
import { AppError } from '@hyper-store/client/contract'
import type { DriveId } from '../core/entries.ts'
import { encodeZ32 } from '../core/links.ts'
import type { CheckpointLog } from '../core/ports.ts'
import { boardLogOf } from './companion-log.ts'
import { DeviceDrive } from './device-drive.ts'
import type { LogKind } from './log-records.ts'
import { LogCore } from './log-core.ts'
import { proveRoot } from './root-proof.ts'
import type { PeerConnection } from './transports/noise-connection.ts'

/** Memory that RocksDB fills before it writes a file; it keeps two. Its default of 64 MiB is most of our memory target. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024

/** The drive's name in version vectors. */
function driveIdOf(key: Uint8Array): DriveId {
  return encodeZ32(key).slice(0, 10) as DriveId
}

/**
 * Share of the oldest content that each compaction would rewrite, in case some of it was cleared. With the default of a quarter, a
 * first sync of 512 MiB cost 15.5 CPU seconds instead of 11.4. `compact` does it when something was cleared.
 */
const REWRITE_SHARE = 0

/** In RocksDB's numbers: blob files of any age are rewritten (FORCE), and the lowest level too (FORCE). */
const EVERYTHING = { blobGarbageCollectionPolicy: 1, blobGarbageCollectionAgeCutoff: 1, bottommostLevelCompaction: 2 }

/** Opens and closes the cores under one folder. */
export class CoreStorage {
  readonly #store: Corestore
  readonly #checkpoints: CheckpointLog

  private constructor(store: Corestore, checkpoints: CheckpointLog) {
    this.#store = store
    this.#checkpoints = checkpoints
  }

  /**
   * Opens the storage in `dir`. `moved`: it was brought here on purpose. `primaryKey`, 32 bytes: what own drives of a new storage are
   * derived from. Throws HOME_LOCKED when another process has it open.
   */
  static async open(dir: string, options: { checkpoints: CheckpointLog; moved?: boolean; primaryKey?: Uint8Array }): Promise<CoreStorage> {
    const storage = new HypercoreStorage(dir, {
      writeBufferSize: WRITE_BUFFER_BYTES,
      blobGarbageCollectionAgeCutOff: REWRITE_SHARE,
      allowBackup: options.moved === true,
    })
    const { primaryKey } = options
    const store = new Corestore(storage, primaryKey === undefined ? {} : { primaryKey, unsafe: true })
    try {
      await store.ready()
    } catch (error) {
      await store.close().catch(() => undefined)
      const reason = error instanceof Error ? error.message : String(error)
      if (reason.includes('could not be locked'))
        throw new AppError('HOME_LOCKED', { home: path.dirname(dir), pid: 'unknown' }, { cause: error })
      if (reason.includes('moved unsafely')) throw new AppError('STORE_COPIED', { home: path.dirname(dir) }, { cause: error })
      throw error
    }
    return new CoreStorage(store, options.checkpoints)
  }

  /** The secret that the keys of all own drives come from, 32 bytes. */
  get primaryKey(): Uint8Array {
    return this.#store.primaryKey
  }

  /** Key of the drive that `openOwn` opens under `name`; nothing is written to it, so that its content key may come later. */
  async keyOfOwn(name: string): Promise<Uint8Array> {
    const core = this.#store.namespace(name).get({ name: 'db' })
    await core.ready()
    const { key } = core
    await core.close()
    return key
  }

  /** Proves that this device writes the drive under `name`: signs the message that `messageOf` makes of its key. */
  async proveOwn(name: string, messageOf: (key: Uint8Array) => Uint8Array): Promise<{ readonly key: Uint8Array; readonly proof: string }> {
    const core = this.#store.namespace(name).get({ name: 'db' })
    await core.ready()
    const { key } = core
    const proof = proveRoot(core, messageOf(key))
    await core.close()
    if (proof === null) throw new AppError('DEFECT', { reason: 'an own drive has no key to sign with' })
    return { key, proof }
  }

  /**
   * Opens or makes the drive that this device writes under `name`. `encryptionKey` is 32 bytes, or null for an open folder;
   * `writer`: its name in version vectors, default its own id.
   */
  async openOwn(name: string, encryptionKey: Uint8Array | null, options: { writer?: DriveId } = {}): Promise<DeviceDrive> {
    const drive = new Hyperdrive(this.#store.namespace(name), null, { encryptionKey })
    await drive.ready()
    const blobs = (await drive.getBlobs()).core
    const key = drive.key
    const db = this.#log(drive.db.core, encryptionKey)
    const log = this.#log(blobs, encryptionKey)
    await log.raw.ready()
    await log.gone.load()
    return new DeviceDrive({
      id: driveIdOf(key),
      writer: options.writer ?? driveIdOf(key),
      db,
      bee: drive.db,
      blobs: log,
      openBlobs: async () => null,
      writable: true,
    })
  }

  /**
   * Opens the table that this device writes under `name`: a drive without content, whose db log is a plain bee. Nothing is written
   * before the first row; `title` is what the header says that comes with it.
   */
  async openOwnTable(
    name: string,
    encryptionKey: Uint8Array | null,
    options: { writer?: DriveId; title?: string } = {},
  ): Promise<DeviceDrive> {
    const core = this.#store.namespace(name).get({ name: 'db', encryptionKey })
    await core.ready()
    const { title } = options
    const metadata = { contentFeed: null, ...(title === undefined ? {} : { userData: Buffer.from(title) }) }
    const bee = new Hyperbee(core, { keyEncoding: 'binary', valueEncoding: 'binary', metadata, extension: false })
    await bee.ready()
    const db = this.#log(core, encryptionKey)
    await db.raw.ready()
    const id = driveIdOf(db.key)
    return new DeviceDrive({
      id,
      writer: options.writer ?? id,
      db,
      bee,
      blobs: null,
      openBlobs: async () => null,
      writable: true,
      told: 'table',
      sealed: encryptionKey !== null,
    })
  }

  /** Makes a table under a new name, with its header and no rows; gives its key. */
  async makeTable(name: string, encryptionKey: Uint8Array | null, title: string): Promise<Uint8Array> {
    const drive = await this.openOwnTable(name, encryptionKey)
    try {
      if (drive.db.length === 0)
        await drive.db.append([
          messages.Header.encode({ protocol: 'hyperbee', metadata: { contentFeed: null, userData: Buffer.from(title) } }),
        ])
      return drive.key
    } finally {
      await drive.close()
    }
  }

  /** Opens a drive that another device writes; `forked`: one that is read and asked from nobody; `kind`: what it was said to be. Without its encryption key an encrypted drive is kept blind: records are not read. */
  async openOther(
    key: Uint8Array,
    encryptionKey: Uint8Array | null,
    options: { writer?: DriveId; forked?: boolean; kind?: LogKind; sealed?: boolean } = {},
  ): Promise<DeviceDrive> {
    const active = options.forked !== true
    const plain = this.#store.get({ key, encryptionKey, active })
    await plain.ready()
    const db = this.#log(plain, encryptionKey, active)
    await db.raw.ready()
    db.followByStock(false)
    const bee = new Hyperbee(plain, { keyEncoding: 'utf-8', valueEncoding: 'json' })
    const openBlobs = async (): Promise<LogCore | null> => {
      const blobsKey = await this.#blobsKeyOf(plain, bee)
      if (blobsKey === null) return null
      const session = this.#store.get({ key: blobsKey, encryptionKey, active })
      await session.ready()
      const log = this.#log(session, encryptionKey, active)
      await log.raw.ready()
      await log.gone.load()
      log.followByStock(false)
      return log
    }
    const id = driveIdOf(key)
    const { kind } = options
    const drive = new DeviceDrive({
      id,
      writer: options.writer ?? id,
      db,
      bee,
      // A table has none.
      blobs: kind === 'table' || kind === 'core' ? null : await openBlobs(),
      openBlobs,
      writable: false,
      ...(kind === undefined ? {} : { told: kind }),
      sealed: encryptionKey !== null || options.sealed === true,
    })
    await drive.look()
    return drive
  }

  /**
   * The board log of a drive, as a thing of its own that is kept and sent like a plain core; `own`: this device writes it. Null while the
   * manifest of the drive is not known, and for drives of old formats.
   */
  async openBoards(of: DeviceDrive, encryptionKey: Uint8Array | null, options: { own: boolean }): Promise<DeviceDrive | null> {
    const { manifest, keyPair } = of.db.plain
    const log = manifest === null ? null : boardLogOf(manifest, of.key)
    if (log === null) return null
    const core = this.#store.get({ manifest: log.manifest, encryptionKey, ...(options.own ? { keyPair } : {}) })
    await core.ready()
    const db = this.#log(core, encryptionKey)
    await db.raw.ready()
    if (!options.own) db.followByStock(false)
    const drive = new DeviceDrive({
      id: driveIdOf(db.key),
      writer: of.writer,
      db,
      bee: new Hyperbee(core, { keyEncoding: 'binary', valueEncoding: 'binary', extension: false }),
      blobs: null,
      openBlobs: async () => null,
      writable: options.own,
      told: 'core',
      sealed: encryptionKey !== null,
    })
    await drive.readSparse()
    return drive
  }

  /** Runs stock replication of all cores over a connection. */
  replicate(connection: PeerConnection): void {
    this.#store.replicate(connection.stream)
  }

  /** Gives the disk back what was cleared; the database would do so some day. */
  async compact(): Promise<void> {
    await this.#store.storage.rocks.flush()
    await this.#store.storage.db.compactRange(null, null, EVERYTHING)
  }

  async close(): Promise<void> {
    await this.#store.close()
  }

  #log(session: Session, encryptionKey: Uint8Array | null, active = true): LogCore {
    const raw = encryptionKey === null ? session : this.#store.get({ key: session.key, active })
    return new LogCore(session, raw, this.#checkpoints)
  }

  // Today's drives derive the blobs key from the db's manifest; old ones wrote it in the bee's header.
  async #blobsKeyOf(db: Session, bee: Hyperbee): Promise<Uint8Array | null> {
    if (db.manifest === null) return null
    const derived = Hyperdrive.getContentKey(db.manifest, db.key)
    if (derived !== null) return derived
    const header = db.length > 0 ? await bee.getHeader({ wait: false }).catch(() => null) : null
    return header?.metadata?.contentFeed ?? null
  }
}
