/** Linux watches one folder at a time: this keeps a watch on every folder of a tree as folders come, move and go. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import type { FolderPath } from '../core/entries.ts'
import type { FolderWatcher } from '../core/ports.ts'
import type { DirtyBatch } from './dirty-batch.ts'
import { errno } from './disk-errors.ts'
import { startPace } from './pace.ts'
import type { FolderRoot } from './root.ts'
import { lstatIfThere } from './stat.ts'
import type { Ignored } from './watch.ts'

interface Watched {
  readonly watcher: fs.FSWatcher
  /** Names of watched folders in it. */
  readonly below: Set<string>
}

/**
 * One `fs.watch` per folder that is not ignored. Invariant: a folder is watched before it is listed, and its path is marked
 * after that, so what is put into it at any moment is either in the listing, or in the scan that the mark causes, or an event.
 */
export class FolderTreeWatch implements FolderWatcher {
  readonly #root: FolderRoot
  readonly #batch: DirtyBatch
  readonly #ignored: Ignored
  readonly #watchedByPath = new Map<string, Watched>()
  readonly #adoptions = new Set<Promise<void>>()
  #complete = true
  #closed = false

  constructor(root: FolderRoot, batch: DirtyBatch, ignored: Ignored) {
    this.#root = root
    this.#batch = batch
    this.#ignored = ignored
  }

  get complete(): boolean {
    return this.#complete
  }

  /** Watches everything that is there now. */
  async start(): Promise<void> {
    await this.#adopt('')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#batch.close()
    for (const { watcher } of this.#watchedByPath.values()) watcher.close()
    this.#watchedByPath.clear()
    await Promise.all(this.#adoptions)
  }

  #onEvent(folder: string, type: string, name: string | null): void {
    if (this.#closed) return
    this.#batch.count()
    if (name === null) return this.#batch.mark('')
    if (folder === '') {
      if (name === this.#root.privateDir) return
      // The root's own end carries its own name.
      if (type === 'rename' && name === nodePath.basename(this.#root.root) && !this.#root.isSame()) return this.#batch.mark('')
    }
    // Not valid UTF-8: there is no path to look at, a scan of the folder will name the problem.
    if (name.includes('\uFFFD')) return this.#batch.mark(folder)
    const path = folder === '' ? name : `${folder}/${name}`
    if (type === 'change' && this.#batch.has(path)) return
    this.#onPath(path as FolderPath, type)
  }

  #onPath(path: FolderPath, type: string): void {
    const stat = this.#stat(path)
    if (stat?.isDirectory() === true) {
      if (this.#ignored(path, true)) return this.#drop(path)
      this.#batch.mark(path)
      // A name that comes is always a new folder to us, even if one of that name was watched: it may have been replaced, and
      // inode numbers are used again at once. A change of bits may have made it readable.
      if (type === 'rename' || !this.#watchedByPath.has(path)) this.#adoptLater(path)
      return
    }
    this.#drop(path)
    // Of what is gone the kind is not known: only what is ignored as either is left out.
    if (this.#ignored(path, false) && (stat !== undefined || this.#ignored(path, true))) return
    this.#batch.mark(path)
  }

  #adoptLater(path: string): void {
    const adoption = this.#adopt(path).finally(() => this.#adoptions.delete(adoption))
    this.#adoptions.add(adoption)
  }

  /** Watches a folder and all below it. The first slice is done before this returns to its caller. */
  async #adopt(start: string): Promise<void> {
    const pace = startPace()
    const folders = [start]
    let rested = false
    for (let folder = folders.pop(); folder !== undefined && !this.#closed; folder = folders.pop()) {
      folders.push(...this.#watchOne(folder))
      if (pace.step()) {
        rested = true
        await pace.rest()
      }
    }
    // While it rested, a scan may have seen a folder that was not watched yet.
    if (rested && start !== '') this.#batch.mark(start)
  }

  /** Watches one folder, then lists it; gives the folders in it. */
  #watchOne(folder: string): string[] {
    this.#drop(folder)
    const place = folder === '' ? this.#root.root : `${this.#root.root}/${folder}`
    try {
      // A link is never followed: what it leads to is not part of the folder.
      if (folder !== '' && lstatIfThere(place)?.isDirectory() !== true) return []
      const watcher = fs.watch(place, (type, name) => this.#onEvent(folder, type, name))
      watcher.on('error', () => {
        this.#complete = false
        this.#drop(folder)
        this.#batch.mark(folder)
      })
      this.#watchedByPath.set(folder, { watcher, below: new Set() })
      this.#enter(folder)
      const below: string[] = []
      for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
        if (!entry.isDirectory() || (folder === '' && entry.name === this.#root.privateDir)) continue
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (!this.#ignored(path as FolderPath, true)) below.push(path)
      }
      return below
    } catch (error) {
      const code = errno(error)
      // Gone again, or closed to us (which a scan reports): nothing to watch. All else means that watches ran out.
      if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES' && code !== 'EPERM' && code !== 'ENAMETOOLONG')
        this.#complete = false
      return []
    }
  }

  #enter(folder: string): void {
    if (folder === '') return
    const at = folder.lastIndexOf('/')
    this.#watchedByPath.get(at === -1 ? '' : folder.slice(0, at))?.below.add(folder.slice(at + 1))
  }

  /** Ends the watches on a folder and all below it. */
  #drop(folder: string): void {
    const watched = this.#watchedByPath.get(folder)
    if (watched === undefined) return
    watched.watcher.close()
    this.#watchedByPath.delete(folder)
    for (const name of watched.below) this.#drop(folder === '' ? name : `${folder}/${name}`)
    const at = folder.lastIndexOf('/')
    if (folder !== '') this.#watchedByPath.get(at === -1 ? '' : folder.slice(0, at))?.below.delete(folder.slice(at + 1))
  }

  #stat(path: string): fs.Stats | undefined {
    try {
      return lstatIfThere(`${this.#root.root}/${path}`)
    } catch {
      return undefined
    }
  }
}
