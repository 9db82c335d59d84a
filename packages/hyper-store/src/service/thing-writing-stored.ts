/** Changes files of a folder that lies in the store alone: stored and committed directly. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import { ONE_CHUNK_MAX } from '../core/chunking.ts'
import { liveEntry } from '../core/content.ts'
import type { Entry, FileEntry, FolderPath } from '../core/entries.ts'
import { ancestorsOf, parentOf } from '../core/paths.ts'
import type { DriveChange, OpenFile, StoredContent } from '../core/ports.ts'
import { bumpVector } from '../core/vectors.ts'
import { historyOf } from '../hyper/folder-history.ts'
import type { PastFolder } from '../hyper/past-folder.ts'
import type { KeptFolder } from './kept-folder.ts'
import { pastOf } from './past-reading.ts'
import { movedPath, refuseIntoItself } from './thing-kinds.ts'
import type { Alone, NewFile, Writing } from './thing-writing.ts'

/** Writes to the own drive of a folder without a place on disk. */
export class StoredWriting implements Writing {
  readonly #folder: KeptFolder
  readonly #spool: string

  constructor(options: { folder: KeptFolder; spool: string }) {
    this.#folder = options.folder
    this.#spool = options.spool
  }

  async write(at: FolderPath, file: NewFile, alone: Alone): Promise<void> {
    await alone(async () => this.#write(at, file))
  }

  async #write(at: FolderPath, file: NewFile): Promise<void> {
    const { drives } = this.#folder
    const before = await this.#entry(at)
    await this.#refuseBlocked(at)
    if ((await (await this.#past()).hasFolder(at)) || before?.kind === 'folder')
      throw new AppError('BAD_REQUEST', { reason: `"${at}" is a folder` })
    const base = before?.kind === 'file' ? before : null
    const stored = await this.#store(file, base)
    const entry: FileEntry = {
      kind: 'file',
      size: stored.size,
      mtimeMs: file.mtimeMs ?? Date.now(),
      executable: file.executable ?? base?.executable ?? false,
      hash: stored.hash,
      content: stored.content,
      vector: this.#next(before),
    }
    // Folders that are told of because they are empty have something in them now.
    const changes: DriveChange[] = [{ op: 'put', path: at, entry, before }]
    for (const above of ancestorsOf(at)) {
      const folder = await this.#entry(above)
      if (folder?.kind === 'folder') changes.push(this.#deletion(above, folder))
    }
    await drives.commit(changes)
  }

  async remove(at: FolderPath, options: { recursive: boolean }): Promise<number> {
    const past = await this.#past()
    const changes: DriveChange[] = []
    const folders = new Set<FolderPath>()
    const only = await this.#entry(at)
    if (only !== null && only.kind !== 'folder') changes.push(this.#deletion(at, only))
    else {
      for await (const one of past.entries(at)) {
        if (one.entry.kind === 'folder') folders.add(one.path)
        for (const above of ancestorsOf(one.path)) if (above.length > at.length) folders.add(above)
        changes.push(this.#deletion(one.path, one.entry))
      }
      if (changes.length > 0 && !options.recursive)
        throw new AppError('BAD_REQUEST', { reason: `"${at}" has something in it; remove it with all that by --recursive` })
      if (only !== null) changes.push(this.#deletion(at, only))
      if (changes.length === 0) throw new AppError('NOT_FOUND', { what: `"${at}"` })
      folders.add(at)
    }
    const count = folders.size + changes.filter((c) => !folders.has(c.path)).length
    await this.#folder.drives.commit(changes)
    await this.#keepFolder(parentOf(at))
    return count
  }

  async makeFolder(at: FolderPath): Promise<void> {
    for (const one of [at, ...ancestorsOf(at)]) {
      const there = await this.#entry(one)
      if (there !== null && there.kind !== 'folder') throw new AppError('BAD_REQUEST', { reason: `"${one}" is no folder` })
    }
    const changes: DriveChange[] = []
    for (const above of ancestorsOf(at)) {
      const folder = await this.#entry(above)
      if (folder?.kind === 'folder') changes.push(this.#deletion(above, folder))
    }
    if ((await this.#entry(at)) === null && !(await (await this.#past()).hasFolder(at)))
      changes.push({ op: 'put', path: at, entry: { kind: 'folder', mtimeMs: 0, vector: this.#next(null) }, before: null })
    else return
    await this.#folder.drives.commit(changes)
  }

  async move(from: FolderPath, to: FolderPath): Promise<void> {
    const only = await this.#entry(from)
    const moved: { path: FolderPath; entry: Entry }[] = only === null ? [] : [{ path: from, entry: only }]
    if (only === null || only.kind === 'folder')
      for await (const { path: at, entry } of (await this.#past()).entries(from)) moved.push({ path: at, entry })
    if (moved.length === 0) throw new AppError('NOT_FOUND', { what: `"${from}"` })
    refuseIntoItself(from, to)
    await this.#refuseBlocked(to)
    if ((await this.#entry(to)) !== null || (await (await this.#past()).hasFolder(to))) throw new AppError('ALREADY_THERE', { path: to })
    const changes: DriveChange[] = []
    for (const { path: at, entry } of moved) {
      const { writer: _, ...same } = entry
      const is = movedPath(at, { from, to })
      changes.push({ op: 'put', path: is, entry: { ...same, vector: this.#next(null) }, before: null }, this.#deletion(at, entry))
    }
    for (const above of ancestorsOf(to)) {
      const folder = await this.#entry(above)
      if (folder?.kind === 'folder') changes.push(this.#deletion(above, folder))
    }
    await this.#folder.drives.commit(changes)
    await this.#keepFolder(parentOf(from))
  }

  /** A folder whose last file went stays, as it would on a disk. */
  async #keepFolder(folder: FolderPath | null): Promise<void> {
    if (folder === null || (await this.#entry(folder)) !== null || (await (await this.#past()).hasFolder(folder))) return
    const entry = { kind: 'folder', mtimeMs: 0, vector: this.#next(null) } as const
    await this.#folder.drives.commit([{ op: 'put', path: folder, entry, before: null }])
  }

  async #entry(at: FolderPath): Promise<Entry | null> {
    return liveEntry(await this.#folder.drives.get(at))
  }

  async #past(): Promise<PastFolder> {
    return await pastOf(this.#folder, historyOf(this.#folder.drives).newest())
  }

  async #refuseBlocked(at: FolderPath): Promise<void> {
    for (const above of ancestorsOf(at)) {
      const there = await this.#entry(above)
      if (there !== null && there.kind !== 'folder') throw new AppError('BAD_REQUEST', { reason: `"${above}" is no folder` })
    }
  }

  #deletion(at: FolderPath, before: Entry): DriveChange {
    return { op: 'delete', path: at, before, tombstone: { vector: this.#next(before), mtimeMs: Date.now() } }
  }

  #next(before: Entry | null): FileEntry['vector'] {
    const { writer } = this.#folder.drives
    if (writer === null) throw new AppError('NOT_WRITER', { title: this.#folder.record.title })
    return bumpVector(before?.vector ?? {}, writer)
  }

  /** Small contents are stored from memory, large ones wait in the home until they are whole. */
  async #store(file: NewFile, base: FileEntry | null): Promise<StoredContent> {
    const { drives } = this.#folder
    const pieces: Uint8Array[] = []
    let size = 0
    let handle: FileHandle | null = null
    const spooled = path.join(this.#spool, randomBytes(12).toString('hex'))
    try {
      for await (const piece of file.body) {
        if (handle === null && size + piece.byteLength > ONE_CHUNK_MAX) {
          await mkdir(this.#spool, { recursive: true, mode: 0o700 })
          handle = await open(spooled, 'wx+', 0o600)
          for (const early of pieces.splice(0)) await handle.appendFile(early)
        }
        if (handle === null) pieces.push(piece)
        else await handle.appendFile(piece)
        size += piece.byteLength
      }
      if (handle !== null) return await drives.storeFile(spooledFile(handle, size), base)
      const [stored] = await drives.storeSmall([Buffer.concat(pieces)])
      if (stored === undefined) throw new AppError('DEFECT', { reason: 'a content was not stored' })
      return stored
    } catch (error) {
      const { code } = error as { code?: unknown }
      throw code === 'ENOSPC' ? new AppError('DISK_FULL', { path: this.#spool }, { cause: error }) : error
    } finally {
      await handle?.close()
      if (handle !== null) await rm(spooled, { force: true })
    }
  }
}

function spooledFile(handle: FileHandle, size: number): OpenFile {
  const seen = { kind: 'file', size, mtimeMs: 0, ctimeMs: 0, ino: 0, executable: false } as const
  return {
    seen,
    read: async (buffer, position) => (await handle.read(buffer, 0, buffer.byteLength, position)).bytesRead,
    lookAgain: async () => seen,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
