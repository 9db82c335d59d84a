/** Files in the making: written in a staging area on the same disk, out of the user's sight, until they are placed. */
import * as fs from 'node:fs'
import * as fsp from 'node:fs/promises'
import { promisify } from 'node:util'
import type { FolderPath, LocalFile } from '../core/entries.ts'
import type { FileFacts, StagedFile } from '../core/ports.ts'
import { errno, readError, writeError } from './disk-errors.ts'
import { openRegular } from './open-file.ts'
import { startPace } from './pace.ts'
import type { FolderRoot } from './root.ts'
import { walkTo } from './safe-path.ts'
import { fileNode, lookAt, sameNode } from './stat.ts'

const readAsync = promisify(fs.read)

/** Ranges are copied through one buffer of this size. */
const COPY_BYTES = 1024 * 1024
/** A large file goes to the disk while it is written, so that making it durable at its end is short. */
const SYNC_EVERY_BYTES = 32 * 1024 * 1024
/** Times that every file system can hold, in seconds since 1970. */
const MIN_TIME_S = -(2 ** 31)
const MAX_TIME_S = 2 ** 33

/** A staged file on disk. `file` is its absolute path, `mode` its permission bits once finished. */
export class DiskStagedFile implements StagedFile {
  readonly file: string
  mode: number
  readonly #root: FolderRoot
  #handle: fsp.FileHandle | null
  #released = false
  #unsynced = 0
  #syncing: Promise<void> | null = null

  /** @param handle open for writing, or null for a file that is finished */
  constructor(root: FolderRoot, opened: { file: string; handle: fsp.FileHandle | null; mode: number }) {
    this.#root = root
    this.file = opened.file
    this.mode = opened.mode
    this.#handle = opened.handle
  }

  async write(data: Uint8Array | readonly Uint8Array[], position: number): Promise<void> {
    const handle = this.#open()
    try {
      this.#syncNow(handle, data)
      let at = position
      // Few systems write short, but a full disk does before it fails.
      if (data instanceof Uint8Array) {
        for (let rest = data; rest.byteLength > 0;) {
          const { bytesWritten } = await handle.write(rest, 0, rest.byteLength, at)
          at += bytesWritten
          rest = rest.subarray(bytesWritten)
        }
        return
      }
      for (let rest = data.filter((part) => part.byteLength > 0); rest.length > 0;) {
        const { bytesWritten } = await handle.writev(rest, at)
        at += bytesWritten
        rest = without(rest, bytesWritten)
      }
    } catch (error) {
      throw writeError(error, this.#root.root)
    }
  }

  async copyFrom(path: FolderPath, seen: LocalFile, range: { from: number; length: number; to: number }): Promise<boolean> {
    this.#open()
    const opened = openRegular(this.#root, path)
    if (opened === null) return false
    try {
      if (!sameNode(seen, opened.seen) || range.from + range.length > seen.size) return false
      const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, range.length))
      for (let done = 0; done < range.length;) {
        const length = Math.min(buffer.byteLength, range.length - done)
        const bytesRead = await this.#readFrom(opened.fd, buffer, { length, position: range.from + done })
        if (bytesRead === 0) return false
        await this.write(buffer.subarray(0, bytesRead), range.to + done)
        done += bytesRead
      }
      return sameNode(seen, fileNode(fs.fstatSync(opened.fd)))
    } finally {
      fs.closeSync(opened.fd)
    }
  }

  async copyWhole(path: FolderPath, seen: LocalFile): Promise<boolean> {
    this.#open()
    const walked = walkTo(this.#root, path)
    if (!('file' in walked) || !sameNode(seen, lookAt(walked.file))) return false
    try {
      // A clone where the file system can (btrfs, XFS, APFS), a copy inside the kernel elsewhere.
      await fsp.copyFile(walked.file, this.file, fs.constants.COPYFILE_FICLONE)
    } catch (error) {
      if (errno(error) === 'ENOENT' && this.#root.isSame()) return false
      throw writeError(error, this.#root.root)
    }
    return sameNode(seen, lookAt(walked.file)) && fs.statSync(this.file).size === seen.size
  }

  async finish(facts: FileFacts): Promise<void> {
    const handle = this.#open()
    try {
      await this.#syncing
      await handle.truncate(facts.size)
      this.mode = modeFor(this.mode, facts.executable)
      await handle.chmod(this.mode)
      const time = timeOf(facts)
      if (time !== null) await handle.utimes(time, time)
      this.#handle = null
      await handle.close()
    } catch (error) {
      throw writeError(error, this.#root.root)
    }
  }

  async discard(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await this.#syncing
    if (handle !== null) await handle.close().catch(() => {})
    fs.rmSync(this.file, { force: true })
    this.release()
  }

  /** Says that nothing is in the staging area any more: it was placed. */
  release(): void {
    if (this.#released) return
    this.#released = true
    this.#root.own.release()
  }

  async #readFrom(fd: number, buffer: Uint8Array, range: { length: number; position: number }): Promise<number> {
    try {
      return (await readAsync(fd, buffer, 0, range.length, range.position)).bytesRead
    } catch (error) {
      throw readError(error, this.#root.root)
    }
  }

  // A failure shows again where the file is made durable as a whole.
  #syncNow(handle: fsp.FileHandle, data: Uint8Array | readonly Uint8Array[]): void {
    this.#unsynced += data instanceof Uint8Array ? data.byteLength : data.reduce((n, part) => n + part.byteLength, 0)
    if (this.#unsynced < SYNC_EVERY_BYTES || this.#syncing !== null) return
    this.#unsynced = 0
    this.#syncing = handle
      .datasync()
      .catch(() => undefined)
      .then(() => {
        this.#syncing = null
      })
  }

  #open(): fsp.FileHandle {
    if (this.#handle === null) throw new Error('the staged file is finished')
    return this.#handle
  }
}

/** Starts an empty file in the staging area. Throws DISK_FULL, READ_ONLY_DISK, FOLDER_UNREADABLE. */
export async function stageFile(root: FolderRoot): Promise<DiskStagedFile> {
  root.check()
  const file = root.own.stagingName()
  try {
    const handle = await fsp.open(file, 'wx', 0o666)
    const { mode } = await handle.stat()
    return new DiskStagedFile(root, { file, handle, mode: mode & 0o777 })
  } catch (error) {
    root.own.release()
    throw writeError(error, root.root)
  }
}

/** Stages small whole files in one step, several times cheaper than one by one. All or none: a failure leaves nothing staged. */
export async function stageSmallFiles(
  root: FolderRoot,
  files: readonly { readonly data: Uint8Array; readonly facts: FileFacts }[],
): Promise<DiskStagedFile[]> {
  root.check()
  const pace = startPace()
  const staged: DiskStagedFile[] = []
  let plainMode: number | null = null
  try {
    for (const { data, facts } of files) {
      const file = root.own.stagingName()
      const fd = openNew(root, file)
      try {
        // The bits of a new file depend on the user's umask alone, so one look serves the whole batch.
        plainMode ??= fs.fstatSync(fd).mode & 0o777
        const mode = modeFor(plainMode, facts.executable)
        staged.push(new DiskStagedFile(root, { file, handle: null, mode }))
        writeWhole(fd, data)
        if (facts.size !== data.byteLength) fs.ftruncateSync(fd, facts.size)
        if (mode !== plainMode) fs.fchmodSync(fd, mode)
        const time = timeOf(facts)
        if (time !== null) fs.futimesSync(fd, time, time)
      } finally {
        fs.closeSync(fd)
      }
      if (pace.step()) await pace.rest()
    }
    return staged
  } catch (error) {
    for (const file of staged) await file.discard()
    throw writeError(error, root.root)
  }
}

/** Permission bits for a file: executable for whoever may read it, or for nobody. */
export function modeFor(mode: number, executable: boolean): number {
  return executable ? mode | 0o100 | ((mode & 0o444) >> 2) : mode & ~0o111
}

/** The time to give to the system, null when it is unknown or no number. */
export function timeOf(facts: FileFacts): number | Date | null {
  if (!Number.isFinite(facts.mtimeMs) || facts.mtimeMs === 0) return null
  const seconds = Math.min(Math.max(facts.mtimeMs / 1000, MIN_TIME_S), MAX_TIME_S)
  // Node takes a negative number for "now", but not a date before 1970.
  return seconds < 0 ? new Date(seconds * 1000) : seconds
}

function openNew(root: FolderRoot, file: string): number {
  try {
    return fs.openSync(file, 'wx', 0o666)
  } catch (error) {
    root.own.release()
    throw error
  }
}

function writeWhole(fd: number, data: Uint8Array): void {
  for (let done = 0; done < data.byteLength;) done += fs.writeSync(fd, data, done, data.byteLength - done, done)
}

function without(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let left = written
  const rest: Uint8Array[] = []
  for (const part of parts) {
    if (left >= part.byteLength) left -= part.byteLength
    else {
      rest.push(left === 0 ? part : part.subarray(left))
      left = 0
    }
  }
  return rest
}
