/** A user's hands on a real disk: every write and every deletion knows exactly which bytes it ended. */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { PRIVATE_DIR } from '../../src/core/paths.ts'
import { hashOf } from './ledger.ts'
import type { Ledger } from './ledger.ts'

/** Where a user works. */
export interface SoakDiskOptions {
  readonly device: string
  /** The synced folder. */
  readonly root: string
  /** A folder on the same disk for what is being made and what is being thrown away. */
  readonly side: string
  readonly ledger: Ledger
  /** Added to the time of every file that is saved, milliseconds. */
  readonly clockOffsetMs: number
}

/** One device's folder as its user sees it. Everything is synchronous: what is read is what is then changed, but for the store's own doing. */
export class SoakDisk {
  readonly #o: SoakDiskOptions
  #names = 0

  constructor(options: SoakDiskOptions) {
    this.#o = options
    for (const folder of [options.root, options.side]) mkdirSync(folder, { recursive: true })
  }

  get device(): string {
    return this.#o.device
  }
  get root(): string {
    return this.#o.root
  }

  /** Regular files, relative and sorted. */
  files(): string[] {
    return this.#list((entry) => entry.isFile())
  }
  folders(): string[] {
    return this.#list((entry) => entry.isDirectory())
  }
  isFree(rel: string): boolean {
    return lstatSync(this.#full(rel), { throwIfNoEntry: false }) === undefined
  }

  /** Saves a new file where nothing is; false when something is there. */
  create(rel: string, size: number): boolean {
    const bytes = this.#o.ledger.freshBytes(this.#o.ledger.freeSize(size))
    const staged = this.#stage(bytes)
    try {
      mkdirSync(path.dirname(this.#full(rel)), { recursive: true })
      linkSync(staged, this.#full(rel))
    } catch {
      return false
    } finally {
      rmSync(staged)
    }
    this.#saved(bytes, rel, 'create')
    return true
  }

  /** Saves as most editors do: a new file is renamed over the old one. */
  saveOver(rel: string, size: number): void {
    const bytes = this.#o.ledger.freshBytes(this.#o.ledger.freeSize(size))
    const staged = this.#stage(bytes)
    this.#replace(rel, staged, 'save over')
    this.#saved(bytes, rel, 'save over')
  }

  /** Saves as others do: into the file that is there. `make` gives the new bytes. */
  rewrite(rel: string, how: string, make: (old: Buffer) => { from: number; bytes: Buffer; size: number }): void {
    const { ledger, device } = this.#o
    const fd = openSync(this.#full(rel), 'r+')
    try {
      const old = readFileSync(fd)
      const { from, bytes, size } = make(old)
      writeSync(fd, bytes, 0, bytes.length, from)
      const written = Buffer.alloc(Math.max(old.length, from + bytes.length))
      old.copy(written)
      bytes.copy(written, from)
      if (size < written.length) {
        ledger.pass(written)
        ftruncateSync(fd, size)
      }
      const now = written.subarray(0, size)
      // The store may have put another version there meanwhile: then this save went into a file that has no name any more.
      if (statSync(this.#full(rel), { throwIfNoEntry: false })?.ino !== fstatSync(fd).ino) {
        ledger.pass(now)
        ledger.tell(device, `${how} fell into a replaced file`, [rel])
        return
      }
      ledger.take(hashOf(old), { device, how, path: rel })
      this.#saved(now, rel, how)
    } finally {
      closeSync(fd)
    }
  }

  /** Deletes a file, a link, or a folder with all that is in it. */
  remove(rel: string, how = 'delete'): void {
    const { ledger, device } = this.#o
    const bin = this.#sidePath()
    // Moved out first: what is then looked at is what went.
    renameSync(this.#full(rel), bin)
    for (const hash of hashesIn(bin)) ledger.take(hash, { device, how, path: rel })
    ledger.tell(device, `${how} ${hashesIn(bin).map(short).join(' ')}`, [rel])
    rmSync(bin, { recursive: true })
  }

  /** The user decides on what lies there now; nothing happens to it here. */
  takeShown(rel: string, how: string): void {
    const { ledger, device } = this.#o
    for (const hash of hashesIn(this.#full(rel))) ledger.take(hash, { device, how, path: rel })
  }

  /** Renames to a free name; false when it is not free. */
  move(from: string, to: string): boolean {
    if (!this.isFree(to) || `${to}/`.startsWith(`${from}/`)) return false
    const { ledger, device } = this.#o
    mkdirSync(path.dirname(this.#full(to)), { recursive: true })
    const isFile = lstatSync(this.#full(from)).isFile()
    try {
      if (isFile) linkSync(this.#full(from), this.#full(to))
      else renameSync(this.#full(from), this.#full(to))
    } catch {
      return false
    }
    // The store may have replaced the source in this moment: then that is what is to go on living there.
    if (isFile) {
      if (statSync(this.#full(from), { throwIfNoEntry: false })?.ino === statSync(this.#full(to)).ino) rmSync(this.#full(from))
      else ledger.tell(device, 'the source of a rename was replaced', [from])
    }
    ledger.tell(device, `rename to ${to} ${hashesIn(this.#full(to)).map(short).join(' ')}`, [from, to])
    return true
  }

  /** Renames a file over another one. */
  moveOver(from: string, to: string): void {
    this.#replace(to, this.#full(from), `rename ${from} over`)
    this.#o.ledger.tell(this.#o.device, `rename over ${to}`, [from, to])
  }

  /** Two files change places. */
  swap(a: string, b: string): void {
    const side = this.#sidePath()
    renameSync(this.#full(a), side)
    renameSync(this.#full(b), this.#full(a))
    // Something may have come to stand at B meanwhile; it is not to be destroyed.
    try {
      linkSync(side, this.#full(b))
      rmSync(side)
    } catch {
      this.#o.ledger.take(hashOf(readFileSync(side)), { device: this.#o.device, how: 'swap', path: a })
      rmSync(side)
    }
    this.#o.ledger.tell(this.#o.device, 'swap', [a, b])
  }

  touch(rel: string, ms: number): void {
    utimesSync(this.#full(rel), new Date(), new Date(Date.now() + this.#o.clockOffsetMs + ms))
    this.#o.ledger.tell(this.#o.device, 'touch', [rel])
  }
  makeFolder(rel: string): void {
    mkdirSync(this.#full(rel), { recursive: true })
    this.#o.ledger.tell(this.#o.device, 'mkdir', [rel])
  }
  removeEmptyFolder(rel: string): void {
    rmdirSync(this.#full(rel))
    this.#o.ledger.tell(this.#o.device, 'rmdir', [rel])
  }
  link(rel: string, target: string): void {
    mkdirSync(path.dirname(this.#full(rel)), { recursive: true })
    symlinkSync(target, this.#full(rel))
    this.#o.ledger.tell(this.#o.device, `link to ${target}`, [rel])
  }
  sizeOf(rel: string): number {
    return statSync(this.#full(rel)).size
  }

  /** What is there now: file → identity and hash. */
  contents(): Map<string, { readonly identity: string; readonly hash: string; readonly size: number }> {
    const found = new Map<string, { identity: string; hash: string; size: number }>()
    for (const rel of this.files()) {
      try {
        const { ino, mtimeMs, ctimeMs, size } = statSync(this.#full(rel))
        found.set(rel, { identity: `${ino} ${mtimeMs} ${ctimeMs} ${size}`, hash: hashOf(readFileSync(this.#full(rel))), size })
      } catch {
        // It went while we looked.
      }
    }
    return found
  }

  #full(rel: string): string {
    return path.join(this.#o.root, rel)
  }
  #sidePath(): string {
    return path.join(this.#o.side, `${this.#names++}`)
  }
  #stage(bytes: Buffer): string {
    const staged = this.#sidePath()
    writeFileSync(staged, bytes)
    return staged
  }

  #replace(rel: string, by: string, how: string): void {
    const full = this.#full(rel)
    const fd = openSync(full, 'r')
    try {
      const hash = hashOf(readFileSync(fd))
      renameSync(by, full)
      this.#o.ledger.take(hash, { device: this.#o.device, how, path: rel })
    } finally {
      closeSync(fd)
    }
  }

  #saved(bytes: Buffer, rel: string, how: string): void {
    const { ledger, device, clockOffsetMs } = this.#o
    const at = new Date(Date.now() + clockOffsetMs)
    if (clockOffsetMs !== 0 && existsSync(this.#full(rel))) utimesSync(this.#full(rel), at, at)
    const hash = ledger.save(bytes, { device, path: rel, mtimeMs: at.getTime() })
    ledger.tell(device, `${how} ${short(hash)} ${bytes.length} bytes`, [rel])
  }

  #list(fits: (entry: { isFile(): boolean; isDirectory(): boolean }) => boolean): string[] {
    const found: string[] = []
    const visit = (folder: string) => {
      let entries
      try {
        entries = readdirSync(this.#full(folder), { withFileTypes: true })
      } catch {
        return
      }
      for (const entry of entries) {
        const rel = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (rel === PRIVATE_DIR) continue
        if (fits(entry)) found.push(rel)
        if (entry.isDirectory()) visit(rel)
      }
    }
    visit('')
    return found.sort()
  }
}

function short(hash: string): string {
  return hash.slice(0, 8)
}

function hashesIn(full: string): string[] {
  const stat = lstatSync(full, { throwIfNoEntry: false })
  if (stat?.isFile() === true) return [hashOf(readFileSync(full))]
  if (stat?.isDirectory() !== true) return []
  return readdirSync(full).flatMap((name) => hashesIn(path.join(full, name)))
}
