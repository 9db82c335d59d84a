/** The program's own place for files in the making and for the trash: in the store's home where it can be, else in the folder. */
import * as fs from 'node:fs'
import * as nodePath from 'node:path'
import { randomBytes } from 'node:crypto'
import { AppError } from '@hyper-store/client/contract'
import type { RootIdentity } from '../core/ports.ts'
import { errno, writeError } from './disk-errors.ts'
import type { PathBase } from './safe-path.ts'
import { lstatIfThere } from './stat.ts'

/** Marks staged files of this process; those of others are left-overs of a crash, as one process owns a folder. */
const PROCESS_MARK = randomBytes(6).toString('hex')

const README_NAME = 'README.txt'
const README = `hyper-store keeps the files here that it replaced or removed for you, by the time when it did (trash).
They may be deleted; hyper-store deletes them by itself after a month, and this folder when nothing is left in it.
`

/** The root as the area needs it. */
export interface GuardedRoot extends PathBase {
  /** The folder that last was seen to stand there. */
  readonly identity: RootIdentity | null
  /** Throws FOLDER_UNREADABLE unless that folder still stands there. */
  check(): void
}

/**
 * Staging and trash of one folder. New files go to the home's area while names can be moved between it and the root, which
 * is found out once for each folder that stands at the root; else to the root's private folder, which is there only
 * while it holds something. A trash in either place counts.
 */
export class PrivateArea {
  readonly #root: GuardedRoot
  readonly #inFolder: string
  readonly #inHome: string | null
  #chosen: (RootIdentity & { readonly place: string }) | null = null
  #cleaned = false
  #names = 0
  #inUse = 0

  /** @param inHome absolute folder in the store's home, made when first needed; null for none */
  constructor(root: GuardedRoot, inHome: string | null) {
    this.#root = root
    this.#inFolder = nodePath.join(root.root, root.privateDir)
    this.#inHome = inHome === null ? null : nodePath.resolve(inHome)
  }

  /** The area for files in the making; made when missing, never without its root. Throws DISK_FULL, READ_ONLY_DISK, FOLDER_UNREADABLE. */
  staging(): string {
    if (!this.#cleaned) this.clean()
    return this.#make('staging')
  }

  /** A new absolute path in the staging area, not yet in use. Whoever takes one calls `release` when nothing is there any more. */
  stagingName(): string {
    const folder = this.staging()
    this.#names += 1
    this.#inUse += 1
    return nodePath.join(folder, `${PROCESS_MARK}-${String(this.#names)}-${randomBytes(4).toString('hex')}`)
  }

  /** Gives a name of `stagingName` back; with the last one the empty staging area goes from the user's folder. */
  release(): void {
    this.#inUse -= 1
    if (this.#inUse === 0 && this.#chosen?.place === this.#inFolder) this.tidy()
  }

  /** The area for what was replaced or removed; made when missing. Throws as `staging` does. */
  trash(): string {
    return this.#make('trash')
  }

  /** Every place where a trash is or may be, without making it. */
  get trashPlaces(): readonly string[] {
    return this.#places().map((place) => nodePath.join(place, 'trash'))
  }

  /** Removes what a crashed process left in the making, and then what is empty. Best effort: a disk may be read-only. */
  clean(): void {
    this.#cleaned = true
    for (const place of this.#places()) {
      const staging = nodePath.join(place, 'staging')
      if (!isRealFolder(place) || !isRealFolder(staging)) continue
      // Hard links of placed files may lie here too: removing the name is right for both.
      for (const name of quietly(() => fs.readdirSync(staging)) ?? []) {
        if (!name.startsWith(PROCESS_MARK)) quietly(() => fs.rmSync(nodePath.join(staging, name), { recursive: true, force: true }))
      }
    }
    this.tidy()
  }

  /** Removes our own folders where nothing is in them. */
  tidy(): void {
    for (const place of this.#places()) {
      if (!isRealFolder(place)) continue
      // Fails where something is in it, which is what is wanted. A name that was given out may not be made yet.
      if (this.#inUse === 0) quietly(() => fs.rmdirSync(nodePath.join(place, 'staging')))
      quietly(() => fs.rmdirSync(nodePath.join(place, 'trash')))
      if (lstatIfThere(nodePath.join(place, 'trash')) === undefined) quietly(() => fs.unlinkSync(nodePath.join(place, README_NAME)))
      quietly(() => fs.rmdirSync(place))
    }
  }

  #places(): readonly string[] {
    return this.#inHome === null ? [this.#inFolder] : [this.#inHome, this.#inFolder]
  }

  #make(name: 'staging' | 'trash'): string {
    const place = this.#choose()
    const folder = nodePath.join(place, name)
    try {
      if (isRealFolder(place) && isRealFolder(folder)) return this.#chose(place, folder)
      this.#root.check()
      // The user's folder never recursively: a root that vanished must not come back as an empty one.
      if (!isRealFolder(place)) fs.mkdirSync(place, place === this.#inHome ? { recursive: true, mode: 0o700 } : {})
      if (!isRealFolder(folder)) fs.mkdirSync(folder)
      if (name === 'trash' && place === this.#inFolder) fs.writeFileSync(nodePath.join(place, README_NAME), README)
    } catch (error) {
      if (errno(error) === 'EEXIST') throw this.#unreadable(`${place} is in the way and not a folder`, error)
      if (errno(error) === 'ENOENT') throw this.#unreadable('the folder is missing', error)
      throw writeError(error, this.#root.root)
    }
    return this.#chose(place, folder)
  }

  /** Only what worked is remembered: a disk that was full or read-only may fit later. */
  #chose(place: string, folder: string): string {
    const { identity } = this.#root
    if (identity !== null && (this.#chosen?.place !== place || !isSame(this.#chosen, identity))) this.#chosen = { ...identity, place }
    return folder
  }

  #choose(): string {
    const { identity } = this.#root
    const known = this.#chosen
    if (known !== null && identity !== null && isSame(known, identity)) return known.place
    return this.#inHome !== null && this.#fits(this.#inHome) ? this.#inHome : this.#inFolder
  }

  /** True when names can be moved between the home's area and the root. */
  #fits(inHome: string): boolean {
    this.#root.check()
    let probe: string | undefined
    try {
      const root = fs.statSync(this.#root.root)
      // Such a folder hands its group on to what is made in it, and only to that.
      if (process.platform !== 'win32' && (root.mode & 0o2000) !== 0) return false
      fs.mkdirSync(inHome, { recursive: true, mode: 0o700 })
      if (fs.lstatSync(inHome).dev !== root.dev) return false
      // Bind mounts of one disk have its number and still refuse, so it is tried. By an empty folder under our own name, so
      // that a watcher sees nothing and a crash leaves what the next start takes away.
      probe = fs.mkdtempSync(nodePath.join(inHome, 'probe-'))
      const target = isRealFolder(this.#inFolder) ? nodePath.join(this.#inFolder, nodePath.basename(probe)) : this.#inFolder
      if (lstatIfThere(target) !== undefined) return false
      fs.renameSync(probe, target)
      probe = target
      return true
    } catch {
      return false
    } finally {
      const made = probe
      if (made !== undefined) quietly(() => fs.rmdirSync(made))
      quietly(() => fs.rmdirSync(inHome))
    }
  }

  #unreadable(reason: string, cause: unknown): AppError {
    return new AppError('FOLDER_UNREADABLE', { path: this.#root.root, reason }, { cause })
  }
}

/** A real folder, not a link to one: the area has to be on the disk of the files. */
function isRealFolder(folder: string): boolean {
  return quietly(() => lstatIfThere(folder)?.isDirectory()) === true
}

function isSame(a: RootIdentity, b: RootIdentity): boolean {
  return a.device === b.device && a.ino === b.ino
}

function quietly<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
