/** The root of a user's folder: whether it can be trusted now. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import { AppError } from '@hyper-store/client/contract'
import type { RootIdentity, RootState } from '../core/ports.ts'
import { errno } from './disk-errors.ts'
import { PrivateArea, type GuardedRoot } from './private-area.ts'
import { ignoresCase } from './spelling.ts'

/**
 * The root of a folder. It remembers which folder stands there (as of the last `state()`), so that nothing is written
 * when another disk or folder takes its place in the middle of a pass.
 */
export class FolderRoot implements GuardedRoot {
  readonly root: string
  readonly privateDir: string
  /** Staging and trash. */
  readonly own: PrivateArea
  #identity: RootIdentity | null = null
  #caseInsensitive: boolean | null = null

  /**
   * @param root absolute or relative path; @param privateDir name of our own sub-folder in it
   * @param area absolute folder in the store's home for staging and trash, null for none
   */
  constructor(root: string, privateDir: string, area: string | null = null) {
    this.root = nodePath.resolve(root)
    this.privateDir = privateDir
    this.own = new PrivateArea(this, area)
  }

  /** True when the disk takes names that differ in case for one; false until the root was present. */
  get caseInsensitive(): boolean {
    return this.#caseInsensitive === true
  }

  get identity(): RootIdentity | null {
    return this.#identity
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
    if (this.#caseInsensitive === null || this.#identity?.device !== stat.dev || this.#identity.ino !== stat.ino)
      this.#caseInsensitive = ignoresCase(this.root, this.privateDir)
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

  #unreadable(reason: string, cause?: unknown): AppError {
    return new AppError('FOLDER_UNREADABLE', { path: this.root, reason }, { cause })
  }
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
