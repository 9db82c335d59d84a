/** Reads a user's file without following links, bounded by what was seen, with the proof that it did not change. */
import * as fs from 'node:fs'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath, LocalFile } from '../core/entries.ts'
import type { OpenFile } from '../core/ports.ts'
import { FileChanged } from '../core/ports.ts'
import { errno, readError } from './disk-errors.ts'
import type { FolderRoot } from './root.ts'
import { placeOf, walkTo } from './safe-path.ts'
import { fileNode, lookAt } from './stat.ts'

const readAsync = promisify(fs.read)

/** Reads up to this size are made at once: for small files a trip to another thread costs more than the read. */
const DIRECT_BYTES = 64 * 1024
/** Older kernels stamp files by a clock of up to this step: a write within it would not show in the times. */
const STAMP_STEP_MS = 10
/** The longest rule file that is read whole. */
const MAX_TEXT_BYTES = 1024 * 1024

/** Never through a link, and never waiting for the other end of a fifo. */
const OPEN_FLAGS = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0)

/** A descriptor of a regular file of the folder, with its stat. Null when no regular file is there. Throws FOLDER_UNREADABLE. */
export function openRegular(root: FolderRoot, path: FolderPath): { fd: number; seen: LocalFile } | null {
  try {
    const walked = walkTo(root, path)
    if (!('file' in walked)) return null
    const fd = fs.openSync(walked.file, OPEN_FLAGS)
    const stat = fs.fstatSync(fd)
    if (stat.isFile()) return { fd, seen: fileNode(stat) }
    fs.closeSync(fd)
    return null
  } catch (error) {
    const code = errno(error)
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENXIO' || code === 'ENAMETOOLONG') return null
    throw readError(error, placeOf(root, path) ?? root.root)
  }
}

/** Opens a file for reading. Throws `FileChanged` when no regular file is there, FOLDER_UNREADABLE when it may not be read. */
export async function openUserFile(root: FolderRoot, path: FolderPath): Promise<OpenFile> {
  let opened = openRegular(root, path)
  if (opened === null) throw new FileChanged(`${path} is not there any more`)
  const age = Date.now() - opened.seen.ctimeMs
  if (age >= 0 && age < STAMP_STEP_MS) {
    fs.closeSync(opened.fd)
    await sleep(STAMP_STEP_MS - age)
    opened = openRegular(root, path)
    if (opened === null) throw new FileChanged(`${path} is not there any more`)
  }
  return new UserFile(root, path, opened)
}

class UserFile implements OpenFile {
  readonly seen: LocalFile
  readonly #root: FolderRoot
  readonly #path: FolderPath
  #fd: number | null
  #reading: Promise<unknown> = Promise.resolve()

  constructor(root: FolderRoot, path: FolderPath, opened: { fd: number; seen: LocalFile }) {
    this.#root = root
    this.#path = path
    this.#fd = opened.fd
    this.seen = opened.seen
  }

  /** Never gives more than the size that was seen; throws `FileChanged` when the file has become shorter. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (this.#fd === null) throw new Error('the file is closed')
    const length = Math.min(buffer.byteLength, this.seen.size - position)
    if (length <= 0) return 0
    let done = 0
    while (done < length) {
      const bytes = await this.#readSome(buffer, { done, length: length - done, position: position + done })
      if (bytes === 0) throw new FileChanged(`${this.#path} has become shorter`)
      done += bytes
    }
    return done
  }

  async #readSome(buffer: Uint8Array, range: { done: number; length: number; position: number }): Promise<number> {
    const fd = this.#fd
    if (fd === null) throw new Error('the file is closed')
    try {
      if (range.length <= DIRECT_BYTES) return fs.readSync(fd, buffer, range.done, range.length, range.position)
      const reading = readAsync(fd, buffer, range.done, range.length, range.position)
      this.#reading = reading.catch(() => {})
      return (await reading).bytesRead
    } catch (error) {
      throw readError(error, this.#root.root)
    }
  }

  async lookAgain(): Promise<LocalFile | null> {
    const walked = walkTo(this.#root, this.#path)
    const node = 'file' in walked ? lookAt(walked.file) : null
    return node?.kind === 'file' ? node : null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const fd = this.#fd
    this.#fd = null
    await this.#reading
    if (fd !== null) fs.closeSync(fd)
  }
}

/** A small text file whole, null when absent. Throws FOLDER_UNREADABLE when it may not be read or is over 1 MiB. */
export function readSmallText(root: FolderRoot, path: FolderPath): string | null {
  const opened = openRegular(root, path)
  if (opened === null) return null
  try {
    if (opened.seen.size > MAX_TEXT_BYTES) {
      throw new AppError('FOLDER_UNREADABLE', { path: `${root.root}/${path}`, reason: 'it is larger than 1 MiB' })
    }
    const bytes = Buffer.alloc(opened.seen.size)
    let done = 0
    while (done < bytes.byteLength) {
      const count = fs.readSync(opened.fd, bytes, done, bytes.byteLength - done, done)
      if (count === 0) break
      done += count
    }
    return bytes.toString('utf8', 0, done)
  } finally {
    fs.closeSync(opened.fd)
  }
}
