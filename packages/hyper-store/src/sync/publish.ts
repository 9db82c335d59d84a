/** Carries out the steps that go from the disk to this device's drive: reads, stores, commits in batches. */
import { AppError, errorCode } from '@hyper-store/client/contract'
import { sameContent } from '../core/content.ts'
import type { Entry, FileEntry, FolderPath, LocalFile, Synced } from '../core/entries.ts'
import type { PublishRenameStep, PublishStep, UnpublishStep } from '../core/plan.ts'
import {
  FileChanged,
  type DiskFolder,
  type DriveChange,
  type FolderDrives,
  type OnBytes,
  type StoredContent,
  type SyncedStore,
  type WaitOptions,
} from '../core/ports.ts'
import { ONE_CHUNK_MAX } from '../core/chunking.ts'

/** Limits of one batch: small files in memory at once, and changes in one commit. */
const BATCH_FILES = 1000
const BATCH_BYTES = 8 * 1024 * 1024
const COMMIT_CHANGES = 2000

export type PublishAction = PublishStep | PublishRenameStep | UnpublishStep

/** What became of the steps. */
export interface PublishReport {
  /** Changed while being read, or gone: to be looked at again. */
  readonly again: Set<FolderPath>
  readonly unreadable: Map<FolderPath, string>
  readonly done: { op: 'add' | 'change' | 'delete' | 'rename'; path: FolderPath; from?: FolderPath }[]
}

/** Publishes steps of one plan. */
export class Publisher {
  readonly #disk: DiskFolder
  readonly #drives: FolderDrives
  readonly #synced: SyncedStore
  readonly #report: PublishReport = { again: new Set(), unreadable: new Map(), done: [] }
  #changes: DriveChange[] = []
  #put: [FolderPath, Synced][] = []
  #del: FolderPath[] = []
  #done: PublishReport['done'] = []
  #small: { step: PublishStep; local: LocalFile; bytes: Uint8Array }[] = []
  #smallBytes = 0

  constructor(sides: { disk: DiskFolder; drives: FolderDrives; synced: SyncedStore }) {
    this.#disk = sides.disk
    this.#drives = sides.drives
    this.#synced = sides.synced
  }

  /** Runs the steps in order; a step that can't be done now does not stop the others. */
  async run(steps: readonly PublishAction[], options: WaitOptions & { onBytes?: OnBytes } = {}): Promise<PublishReport> {
    for (const step of steps) {
      options.signal?.throwIfAborted()
      if (step.op === 'publish') await this.#publish(step, options)
      else if (step.op === 'publish-rename') this.#rename(step)
      else this.#unpublish(step)
      if (this.#changes.length >= COMMIT_CHANGES) await this.#commit()
    }
    await this.#flushSmall(options.onBytes)
    await this.#commit()
    return this.#report
  }

  async #publish(step: PublishStep, options: WaitOptions & { onBytes?: OnBytes }): Promise<void> {
    const { local } = step
    if (local.kind === 'symlink') {
      this.#put_(step, { kind: 'symlink', target: local.target, mtimeMs: local.mtimeMs, vector: step.vector }, local)
      return
    }
    if (local.kind === 'folder') {
      this.#put_(step, { kind: 'folder', mtimeMs: 0, vector: step.vector }, local)
      return
    }
    try {
      if (local.size <= ONE_CHUNK_MAX) await this.#readSmall(step, local, options.onBytes)
      else await this.#storeLarge(step, local, options)
    } catch (error) {
      if (error instanceof FileChanged || errorCode(error) === 'NOT_FOUND') this.#report.again.add(step.path)
      else if (errorCode(error) === 'FOLDER_UNREADABLE')
        this.#report.unreadable.set(step.path, error instanceof AppError ? error.message : 'cannot be read')
      else throw error
    }
  }

  async #readSmall(step: PublishStep, local: LocalFile, onBytes: OnBytes | undefined): Promise<void> {
    await using file = await this.#disk.openFile(step.path)
    if (!sameStat(file.seen, local)) throw new FileChanged()
    const bytes = Buffer.allocUnsafe(local.size)
    let at = 0
    while (at < local.size) {
      const n = await file.read(bytes.subarray(at), at)
      if (n === 0) throw new FileChanged()
      at += n
    }
    const now = await file.lookAgain()
    if (now === null || !sameStat(now, local)) throw new FileChanged()
    this.#small.push({ step, local, bytes })
    this.#smallBytes += local.size
    if (this.#small.length >= BATCH_FILES || this.#smallBytes >= BATCH_BYTES) {
      await this.#flushSmall(onBytes)
      await this.#commit()
    }
  }

  async #storeLarge(step: PublishStep, local: LocalFile, options: WaitOptions & { onBytes?: OnBytes }): Promise<void> {
    await using file = await this.#disk.openFile(step.path)
    if (!sameStat(file.seen, local)) throw new FileChanged()
    const base = step.base?.entry.kind === 'file' ? step.base.entry : null
    const stored = await this.#drives.storeFile(file, base, options)
    this.#file(step, local, stored)
    await this.#flushSmall(options.onBytes)
    await this.#commit()
  }

  async #flushSmall(onBytes: OnBytes | undefined): Promise<void> {
    const small = this.#small
    this.#small = []
    this.#smallBytes = 0
    if (small.length === 0) return
    const stored = await this.#drives.storeSmall(small.map((s) => s.bytes))
    for (const [i, { step, local }] of small.entries()) {
      const content = stored[i]
      if (content !== undefined) this.#file(step, local, content)
      onBytes?.(local.size)
    }
  }

  #file(step: PublishStep, local: LocalFile, stored: StoredContent): void {
    const entry: FileEntry = {
      kind: 'file',
      size: stored.size,
      mtimeMs: local.mtimeMs,
      executable: local.executable,
      hash: stored.hash,
      content: stored.content,
      vector: step.vector,
    }
    this.#put_(step, entry, local)
  }

  #put_(step: PublishStep, entry: Entry, local: Synced['local']): void {
    const base = step.base?.entry ?? null
    // Touched and unchanged: nothing to tell, only the disk's side is remembered.
    if (base !== null && base.mtimeMs === entry.mtimeMs && sameContent(base, entry) && samePlace(base, entry)) {
      this.#put.push([step.path, { entry: base, local }])
      return
    }
    this.#changes.push({ op: 'put', path: step.path, entry, before: base })
    this.#put.push([step.path, { entry, local }])
    this.#done.push({ op: base === null ? 'add' : 'change', path: step.path })
  }

  #rename(step: PublishRenameStep): void {
    if (step.base.entry.kind !== 'file') return
    const entry: FileEntry = { ...step.base.entry, mtimeMs: step.local.mtimeMs, executable: step.local.executable, vector: step.vector }
    this.#changes.push({ op: 'put', path: step.path, entry, before: step.over })
    this.#changes.push({
      op: 'delete',
      path: step.from,
      before: step.base.entry,
      tombstone: { vector: step.fromVector, mtimeMs: step.local.mtimeMs },
    })
    this.#put.push([step.path, { entry, local: step.local }])
    this.#del.push(step.from)
    this.#done.push({ op: 'rename', path: step.path, from: step.from })
  }

  #unpublish(step: UnpublishStep): void {
    this.#changes.push({
      op: 'delete',
      path: step.path,
      before: step.base.entry,
      tombstone: { vector: step.vector, mtimeMs: step.base.entry.mtimeMs },
    })
    this.#del.push(step.path)
    this.#done.push({ op: 'delete', path: step.path })
  }

  /** One version of the drive, then the memory of it: a crash between the two only makes the next pass compare again. */
  async #commit(): Promise<void> {
    if (this.#small.length > 0 && this.#changes.length > 0) await this.#flushSmall(undefined)
    if (this.#changes.length > 0) await this.#drives.commit(this.#changes)
    if (this.#put.length > 0 || this.#del.length > 0) await this.#synced.apply({ put: this.#put, del: this.#del })
    this.#report.done.push(...this.#done)
    this.#changes = []
    this.#put = []
    this.#del = []
    this.#done = []
  }
}

/** False when the content had to be stored again, since the store had let it go: readers must be told where it is now. */
function samePlace(a: Entry, b: Entry): boolean {
  if (a.kind !== 'file' || b.kind !== 'file' || a.content === null || b.content === null) return true
  return a.content.drive === b.content.drive && a.content.blockOffset === b.content.blockOffset
}

function sameStat(a: LocalFile, b: LocalFile): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino
}
