/** The root of a user's folder: whether it can be trusted now, and the program's own sub-folder in it. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import { randomBytes } from 'node:crypto'
import { AppError } from '@hyper-store/client/contract'
import type { RootIdentity, RootState } from '../core/ports.ts'
import { errno, writeError } from './disk-errors.ts'
import type { PathBase } from './safe-path.ts'
import { lstatIfThere } from './stat.ts'

/** Marks staged files of this process; those of others are left-overs of a crash, as one process owns a folder. */
const PROCESS_MARK = randomBytes(6).toString('hex')

const README = `hyper-store keeps files here that it is still receiving (staging) and files that it replaced or removed for you (trash).
It may be deleted while the hyper-store service is stopped; the trash is then gone.
`

/**
 * The root of a folder. It remembers which folder stands there (as of the last `state()`), so that nothing is written
 * when another disk or folder takes its place in the middle of a pass.
 */
export class FolderRoot implements PathBase {
  readonly root: string
  readonly privateDir: string
  #identity: RootIdentity | null = null
  #cleaned = false
  #count = 0

  /** @param root absolute or relative path; @param privateDir name of our own sub-folder */
  constructor(root: string, privateDir: string) {
    this.root = nodePath.resolve(root)
    this.privateDir = privateDir
  }

  /** How the root looks now. A present root becomes the one that later steps expect. */
  state(): RootState {
    let stat: fs.Stats | undefined
    try {
      stat = fs.statSync(this.root, { throwIfNoEntry: false })
    } catch (error) {
      return errno(error) === 'ENOTDIR' ? { state: 'missing' } : { state: 'unreadable', reason: reasonOf(error) }
    }
    if (stat === undefined) return { state: 'missing' }
    if (!stat.isDirectory()) return { state: 'not-a-folder' }
    try {
      fs.accessSync(this.root, fs.constants.R_OK | fs.constants.X_OK)
    } catch (error) {
      return { state: 'unreadable', reason: reasonOf(error) }
    }
    this.#identity = { device: stat.dev, ino: stat.ino }
    return { state: 'present', identity: this.#identity, writable: isWritable(this.root) }
  }

  /** Throws FOLDER_UNREADABLE unless the folder that `state()` last reported still stands there. */
  check(): void {
    let stat: fs.Stats | undefined
    try {
      stat = fs.statSync(this.root, { throwIfNoEntry: false })
    } catch (error) {
      throw this.#unreadable(reasonOf(error), error)
    }
    if (stat?.isDirectory() !== true) throw this.#unreadable('the folder is missing')
    this.#identity ??= { device: stat.dev, ino: stat.ino }
    if (stat.dev !== this.#identity.device || stat.ino !== this.#identity.ino) {
      throw this.#unreadable('another folder stands in its place')
    }
  }

  /** True while the folder that `state()` last reported stands there. */
  isSame(): boolean {
    try {
      this.check()
      return true
    } catch {
      return false
    }
  }

  /** The area for files in the making; made when missing, never without its root. Throws DISK_FULL, READ_ONLY_DISK, FOLDER_UNREADABLE. */
  staging(): string {
    const folder = this.#private('staging')
    if (!this.#cleaned) {
      this.#cleaned = true
      // Hard links of placed files may lie here too: removing the name is right for both.
      for (const name of fs.readdirSync(folder)) {
        if (!name.startsWith(PROCESS_MARK)) fs.rmSync(nodePath.join(folder, name), { recursive: true, force: true })
      }
    }
    return folder
  }

  /** A new absolute path in the staging area, not yet in use. */
  stagingName(): string {
    this.#count += 1
    return nodePath.join(this.staging(), `${PROCESS_MARK}-${String(this.#count)}-${randomBytes(4).toString('hex')}`)
  }

  /** The area for what was replaced or removed; made when missing. Throws as `staging` does. */
  trash(): string {
    return this.#private('trash')
  }

  /** Where the trash is or would be, without making it. */
  get trashPath(): string {
    return nodePath.join(this.root, this.privateDir, 'trash')
  }

  #private(name: 'staging' | 'trash'): string {
    const own = nodePath.join(this.root, this.privateDir)
    const folder = nodePath.join(own, name)
    try {
      if (isRealFolder(own) && isRealFolder(folder)) return folder
      this.check()
      // Never recursive: a root that vanished must not come back as an empty folder.
      if (!isRealFolder(own)) {
        fs.mkdirSync(own)
        fs.writeFileSync(nodePath.join(own, 'README.txt'), README)
      }
      if (!isRealFolder(folder)) fs.mkdirSync(folder)
      return folder
    } catch (error) {
      if (errno(error) === 'EEXIST') throw this.#unreadable(`${own} is in the way and not a folder`, error)
      if (errno(error) === 'ENOENT') throw this.#unreadable('the folder is missing', error)
      throw writeError(error, this.root)
    }
  }

  #unreadable(reason: string, cause?: unknown): AppError {
    return new AppError('FOLDER_UNREADABLE', { path: this.root, reason }, { cause })
  }
}

/** A real folder, not a link to one: our area has to be on the disk of the files. */
function isRealFolder(folder: string): boolean {
  return lstatIfThere(folder)?.isDirectory() === true
}

function isWritable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}

function reasonOf(error: unknown): string {
  const code = errno(error)
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  return code === undefined ? 'unknown reason' : `the system reports ${code}`
}
