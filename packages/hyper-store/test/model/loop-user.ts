/** The user of a device in the loop model: random deeds on its folder, and what must be found again in the end. */
import * as fc from 'fast-check'
import type { MemoryDisk } from '../../src/disk/memory-disk.ts'

// Few names, so that files, folders and renames meet often.
const NAMES = ['a', 'b', 'c'] as const
const pathArb = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))

/** Content of large files: several chunks, the same ones whatever stands before them. */
const LARGE = largeText(180_000)

/** One deed. */
export type LoopDeed =
  | { do: 'write'; path: string; length: number; replace: boolean; keepTime: boolean }
  | { do: 'append'; path: string; large: boolean }
  | { do: 'link'; path: string }
  | { do: 'folder'; path: string }
  | { do: 'touch'; path: string; executable: boolean }
  | { do: 'delete'; path: string }
  | { do: 'rename'; path: string; to: string }
  | { do: 'swap'; path: string; to: string }
  | { do: 'file-for-folder'; path: string }

/** Any deed. */
export const deedArb: fc.Arbitrary<LoopDeed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      path: pathArb,
      length: fc.integer({ min: 0, max: 2 }),
      replace: fc.boolean(),
      keepTime: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('append' as const), path: pathArb, large: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('link' as const), path: pathArb }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('folder' as const), path: pathArb }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('touch' as const), path: pathArb, executable: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), path: pathArb }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rename' as const), path: pathArb, to: pathArb }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('swap' as const), path: pathArb, to: pathArb }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('file-for-folder' as const), path: pathArb }) },
)

/** What a folder showed at one moment. */
export type Shown = Readonly<Record<string, string | null>>

/** A user and the disk in front of it. */
export class LoopUser {
  /** Texts that this user saved and did not take away again. */
  readonly saved = new Set<string>()
  /** Paths that this user ever changed. */
  readonly touched = new Set<string>()
  readonly #disk: MemoryDisk
  readonly #name: string
  #count = 0

  constructor(name: string, disk: MemoryDisk) {
    this.#name = name
    this.#disk = disk
  }

  /** Does what is possible now, else nothing; gives the paths that a watcher would tell. */
  perform(deed: LoopDeed): string[] {
    const before = this.#disk.snapshot()
    const told = this.#act(deed, before)
    if (told.length === 0) return told
    const after = this.#disk.snapshot()
    for (const path of new Set([...Object.keys(before), ...Object.keys(after), ...told])) {
      if (before[path] !== after[path] || told.includes(path)) this.touched.add(path)
    }
    const left = new Set(Object.values(after))
    const had = new Set(Object.values(before))
    for (const text of had) if (text !== null && !left.has(text)) this.saved.delete(text)
    for (const text of left) if (text !== null && !had.has(text)) this.saved.add(text)
    return told
  }

  #act(deed: LoopDeed, shown: Shown): string[] {
    const disk = this.#disk
    const { path } = deed
    const node = shown[path]
    if (!isFree(shown, path)) return []
    switch (deed.do) {
      case 'write': {
        if (node === null) return []
        // Equal lengths are common and texts are unique, so that only reading tells two versions apart.
        const text = `${this.#next()}${'.'.repeat(deed.length)}`
        if (node?.startsWith('-> ') === true) disk.delete(path)
        if (deed.replace && node !== undefined) {
          disk.write('~new', text)
          disk.rename('~new', path)
          return [path]
        }
        disk.write(path, text)
        return [path]
      }
      case 'append': {
        if (node === null || node === undefined || node.startsWith('-> ')) return []
        disk.write(path, deed.large ? `${this.#next()}${LARGE}` : `${node}${this.#next()}`)
        return [path]
      }
      case 'link':
        if (node === null) return []
        disk.symlink(path, this.#next())
        return [path]
      case 'folder':
        if (node !== undefined) return []
        disk.mkdir(path)
        return [path]
      case 'touch':
        if (typeof node !== 'string' || node.startsWith('-> ')) return []
        disk.write(path, node, { executable: deed.executable })
        return [path]
      case 'delete':
        if (node === undefined) return []
        disk.delete(path)
        return [path]
      case 'rename':
        return this.#move(shown, path, deed.to) ? [path, deed.to] : []
      case 'swap': {
        const { to } = deed
        if (node === undefined || shown[to] === undefined || path === to || isInside(to, path) || isInside(path, to)) return []
        disk.rename(path, '~side')
        disk.rename(to, path)
        disk.rename('~side', to)
        return [path, to]
      }
      case 'file-for-folder':
        if (node !== null) return []
        disk.delete(path)
        disk.write(path, this.#next())
        return [path]
    }
  }

  #move(shown: Shown, from: string, to: string): boolean {
    if (shown[from] === undefined || shown[to] !== undefined || isInside(to, from) || !isFree(shown, to)) return false
    this.#disk.rename(from, to)
    return true
  }

  #next(): string {
    return `${this.#name}${String(this.#count++).padStart(4, '0')}`
  }
}

/** True when everything above the path is a folder or nothing. */
function isFree(shown: Shown, path: string): boolean {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    if (typeof shown[path.slice(0, slash)] === 'string') return false
  }
  return true
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function largeText(length: number): string {
  let text = ''
  let seed = 7
  while (text.length < length) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    text += seed.toString(36)
  }
  return text.slice(0, length)
}
