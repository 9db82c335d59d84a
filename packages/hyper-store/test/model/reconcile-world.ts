/** A pure world for model tests: disks, drives and an executor of plans that checks every promise of reconcile as it goes. */
import assert from 'node:assert/strict'
import { sameNode } from '../../src/core/content.ts'
import type { DriveId, Entry, EntryOrTombstone, FileEntry, FolderPath, LocalNode, Synced, VersionVector } from '../../src/core/entries.ts'
import { conflictName, keptName } from '../../src/core/kept-names.ts'
import { ancestorsOf, isBelow, parentOf } from '../../src/core/paths.ts'
import { reconcile, type PathView, type Plan, type Step } from '../../src/core/reconcile.ts'
import { createSelection } from '../../src/core/selection.ts'

/** A node of the model disk. `text` is the content of a file or the target of a symlink. */
export interface DiskNode {
  readonly kind: 'file' | 'symlink' | 'folder'
  readonly text: string
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly ino: number
  readonly executable: boolean
}

/** A disk of the model: every parent of a node is there and is a folder. */
export class ModelDisk {
  readonly nodes = new Map<FolderPath, DiskNode>()
  private readonly stealthy = new Set<number>()
  private readonly moved = new Set<number>()
  private tick: number

  /** `start` is what its clock shows first, milliseconds since 1970. */
  constructor(start = 1000) {
    this.tick = start
  }

  private next(): number {
    return ++this.tick
  }
  /** True when a node can be made here: all parents are folders or absent. */
  isFree(path: FolderPath): boolean {
    return ancestorsOf(path).every((above) => (this.nodes.get(above)?.kind ?? 'folder') === 'folder')
  }
  isEmpty(path: FolderPath): boolean {
    for (const other of this.nodes.keys()) if (isBelow(other, path)) return false
    return true
  }
  makeFolder(path: FolderPath): void {
    assert(this.isFree(path))
    for (const each of [...ancestorsOf(path).reverse(), path]) {
      const now = this.next()
      if (!this.nodes.has(each)) this.nodes.set(each, { kind: 'folder', text: '', mtimeMs: now, ctimeMs: now, ino: now, executable: false })
    }
  }
  write(path: FolderPath, text: string, facts: { kind?: 'file' | 'symlink'; mtimeMs?: number; executable?: boolean } = {}): void {
    const parent = parentOf(path)
    if (parent !== null) this.makeFolder(parent)
    const old = this.nodes.get(path)
    assert(old?.kind !== 'folder')
    const now = this.next()
    const isStealthy = old?.kind === 'file' && facts.mtimeMs === old.mtimeMs
    if (isStealthy) this.stealthy.add(old.ino)
    this.nodes.set(path, {
      kind: facts.kind ?? 'file',
      text,
      mtimeMs: facts.mtimeMs ?? now,
      ctimeMs: now,
      // Written in place as often as replaced: the program must cope with either.
      ino: old?.kind === 'file' && facts.kind !== 'symlink' && (isStealthy ? !this.moved.has(old.ino) : now % 2 === 0) ? old.ino : now,
      executable: facts.executable ?? false,
    })
  }
  stamp(path: FolderPath, facts: { mtimeMs: number; executable: boolean }): void {
    const node = this.nodes.get(path)
    assert(node !== undefined)
    this.nodes.set(path, { ...node, ...facts, ctimeMs: this.next() })
  }
  delete(path: FolderPath): void {
    for (const other of this.nodes.keys()) if (other === path || isBelow(other, path)) this.nodes.delete(other)
  }
  rename(from: FolderPath, to: FolderPath): void {
    assert(!this.nodes.has(to) && this.isFree(to) && to !== from && !isBelow(to, from))
    const parent = parentOf(to)
    if (parent !== null) this.makeFolder(parent)
    for (const [other, node] of this.nodes) {
      if (other !== from && !isBelow(other, from)) continue
      this.nodes.delete(other)
      const moved = (to + other.slice(from.length)) as FolderPath
      // An edit in place that keeps size and time, together with a rename between two scans, is the one thing that no stat value
      // tells from a plain rename: here such a file is copied, or replaced by the edit.
      this.moved.add(node.ino)
      const ino = this.stealthy.has(node.ino) ? this.next() : node.ino
      this.nodes.set(moved, other === from ? { ...node, ino, ctimeMs: this.next() } : { ...node, ino })
    }
  }
  look(path: FolderPath): LocalNode | null {
    const node = this.nodes.get(path)
    if (node === undefined) return null
    const { mtimeMs, ctimeMs, ino, executable, text } = node
    if (node.kind === 'folder') return { kind: 'folder', empty: this.isEmpty(path) }
    if (node.kind === 'symlink') return { kind: 'symlink', target: text, mtimeMs, ctimeMs, ino }
    return { kind: 'file', size: text.length, mtimeMs, ctimeMs, ino, executable }
  }
  /** What a scan sees. */
  scan(): Map<FolderPath, LocalNode> {
    const seen = new Map<FolderPath, LocalNode>()
    for (const path of this.nodes.keys()) seen.set(path, this.look(path) as LocalNode)
    return seen
  }
  /** Texts of all files and links. */
  texts(): Set<string> {
    return new Set([...this.nodes.values()].filter((node) => node.kind !== 'folder').map((node) => node.text))
  }
}

/** Hash of the model: tells the text. */
function hashOf(text: string): string {
  return `b${text}`
}
function textOf(entry: FileEntry): string {
  return entry.hash.slice(1)
}

/** What a drive says of its paths. */
export type RemoteTree = ReadonlyMap<FolderPath, EntryOrTombstone>

/** A mode with files on disk. */
export type ModelMode = 'send-receive' | 'receive-only' | 'send-only'

/** What one device is. */
export interface DeviceOptions {
  readonly name: string
  readonly drive: DriveId
  /** The mode that it begins with. */
  readonly mode: ModelMode
  /** Every text that was ever put in a drive: what history can bring back. */
  readonly history: Set<string>
  /** What the drives say now, as this device sees them. */
  readonly remote: () => RemoteTree
  /** Which of these paths are conflict copies that the merge derived; default: none. */
  readonly derived?: () => ReadonlySet<FolderPath>
  /** Told before a tombstone is written. */
  readonly onTombstone?: (path: FolderPath) => void
}

/** A part of the folder, as top-level names; null is all. */
export type Scope = ReadonlySet<string> | null

/** One device with its disk, its drive, its record of agreements, and a step-by-step executor. */
export class ModelDevice {
  readonly disk = new ModelDisk()
  readonly own = new Map<FolderPath, EntryOrTombstone>()
  readonly synced = new Map<FolderPath, Synced>()
  readonly options: DeviceOptions
  /** May be changed at any time. */
  mode: ModelMode
  /** What is left out of its disk; may be changed at any time. */
  exclude: readonly FolderPath[] = []
  /** Paths that left the disk for being left out. */
  readonly left = new Set<FolderPath>()
  private clock = 5000
  private recorded = 0

  constructor(options: DeviceOptions) {
    this.options = options
    this.mode = options.mode
  }

  /** Plans what a scan of `scope` asks for; paths below `unknown` could not be read. */
  plan(scope: Scope = null, unknown: ReadonlySet<string> = new Set()): Plan {
    const local = this.disk.scan()
    const remote = this.options.remote()
    const derived = this.options.derived?.()
    const paths: PathView[] = []
    for (const path of new Set([...local.keys(), ...remote.keys(), ...this.synced.keys()])) {
      const top = path.split('/')[0] ?? ''
      if (scope !== null && !scope.has(top)) continue
      const localUnknown = unknown.has(top)
      paths.push({
        path,
        remote: remote.get(path) ?? null,
        local: localUnknown ? null : (local.get(path) ?? null),
        synced: this.synced.get(path) ?? null,
        ...(derived?.has(path) === true ? { derived: true } : {}),
        ...(localUnknown ? { localUnknown } : {}),
      })
    }
    const { drive, name } = this.options
    const selection = createSelection(this.exclude)
    return reconcile({ paths, mode: this.mode, drive, deviceName: name, selection, written: this.written(), recorded: this.recorded })
  }

  /** Notes that a pass over everything came to its end: what was written so far is on record, and no news after a stop. */
  endPass(): void {
    this.recorded = this.written()
  }

  private written(): number {
    let highest = 0
    for (const { vector } of this.own.values()) highest = Math.max(highest, vector[this.options.drive] ?? 0)
    return highest
  }

  /** Carries out one step. `record: false` stops the store after the deed and before it is recorded. */
  execute(step: Step, record = true): void {
    if (step.op === 'leave') {
      // The other way round: what is stopped in the middle is still there, and not on record as such.
      this.synced.set(step.path, { entry: step.base.entry, local: null })
      if (!record) return
    }
    const outcome = this.perform(step)
    if (outcome === null || !record) return
    for (const [path, synced] of outcome) {
      if (synced === null) this.synced.delete(path)
      else this.synced.set(path, synced)
    }
  }

  /** Does the deed and says what to record; null when the disk was not as the plan saw it. */
  private perform(step: Step): Map<FolderPath, Synced | null> | null {
    const { disk } = this
    const receives = this.mode !== 'send-only'
    const sends = this.mode !== 'receive-only'
    switch (step.op) {
      case 'record':
        return new Map([[step.path, step.synced]])
      case 'forget':
        return new Map([[step.path, null]])
      case 'publish': {
        assert(sends)
        if (!sameNode(disk.look(step.path), step.local)) return null
        const entry = this.entryOf(step.path, step.vector)
        const base = step.base?.entry
        if (base !== undefined && equalEntries(base, entry)) return new Map([[step.path, { entry: base, local: step.local }]])
        this.put(step.path, entry)
        return new Map([[step.path, { entry, local: step.local }]])
      }
      case 'publish-rename': {
        assert(sends)
        if (!sameNode(disk.look(step.path), step.local) || !this.isGone(step.from)) return null
        const known = step.base.entry
        assert(known.kind === 'file')
        // P1: nothing is read, so what the plan takes for the same must be the same.
        assert.equal(textOf(known), disk.nodes.get(step.path)?.text)
        const entry = { ...known, mtimeMs: step.local.mtimeMs, executable: step.local.executable, vector: step.vector }
        this.put(step.from, { kind: 'tombstone', mtimeMs: this.clock++, vector: step.fromVector })
        this.put(step.path, entry)
        return new Map<FolderPath, Synced | null>([
          [step.from, null],
          [step.path, { entry, local: step.local }],
        ])
      }
      case 'unpublish': {
        assert(sends)
        if (!this.isGone(step.path)) return null
        this.put(step.path, { kind: 'tombstone', mtimeMs: this.clock++, vector: step.vector })
        return new Map([[step.path, null]])
      }
      case 'fetch': {
        assert(receives)
        return this.place(step.path, step.entry, step.seen, step.base)
      }
      case 'fetch-rename': {
        assert(receives)
        if (!sameNode(disk.look(step.from), step.seen) || disk.look(step.path) !== null || !disk.isFree(step.path)) return null
        assert.equal(textOf(step.entry), disk.nodes.get(step.from)?.text)
        disk.rename(step.from, step.path)
        disk.stamp(step.path, step.entry)
        this.prune(step.prune)
        return new Map<FolderPath, Synced | null>([
          [step.from, null],
          [step.path, { entry: step.entry, local: disk.look(step.path) }],
        ])
      }
      case 'remove': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.seen)) return null
        if (step.seen.kind === 'folder' && !disk.isEmpty(step.path)) return null
        this.assertReplaceable(step.path, step.base)
        disk.delete(step.path)
        this.prune(step.prune)
        return new Map([[step.path, null]])
      }
      case 'leave': {
        assert(receives)
        const now = disk.look(step.path)
        if (!sameNode(now, step.seen) || (step.seen.kind === 'folder' && !disk.isEmpty(step.path))) {
          return now === null ? null : new Map([[step.path, step.base]])
        }
        this.assertReplaceable(step.path, step.base)
        this.left.add(step.path)
        disk.delete(step.path)
        this.prune(step.prune)
        return new Map()
      }
      case 'stamp': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.seen)) return null
        assert.equal(textOf(step.entry), disk.nodes.get(step.path)?.text)
        disk.stamp(step.path, step.entry)
        return new Map([[step.path, { entry: step.entry, local: disk.look(step.path) }]])
      }
      case 'compare': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.local)) return null
        const text = disk.nodes.get(step.path)?.text ?? ''
        if (hashOf(text) === step.entry.hash) {
          disk.stamp(step.path, step.entry)
          return new Map([[step.path, { entry: step.entry, local: disk.look(step.path) }]])
        }
        if (step.base?.entry.kind === 'file' && hashOf(text) === step.base.entry.hash) {
          return this.place(step.path, step.entry, step.local, { entry: step.base.entry, local: step.local })
        }
        return step.differs === 'stay' ? null : this.setAside(step.path, step.as, step.entry)
      }
      case 'set-aside': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.local)) return null
        return this.setAside(step.path, step.as, step.entry)
      }
      default:
        return assert.fail('every step has its case')
    }
  }

  /** A folder with content in its place is no version of the path. */
  private isGone(path: FolderPath): boolean {
    const now = this.disk.look(path)
    return now === null || (now.kind === 'folder' && !now.empty)
  }

  private setAside(path: FolderPath, as: FolderPath, entry: Entry | null): Map<FolderPath, Synced | null> | null {
    const { disk } = this
    const nameIt = this.mode === 'receive-only' ? keptName : conflictName
    let free = as
    for (let attempt = 2; disk.look(free) !== null; attempt++) free = nameIt(path, this.options.name, 0, attempt)
    disk.rename(path, free)
    if (entry === null) return new Map([[path, null]])
    return this.place(path, entry, null, null)
  }

  private place(path: FolderPath, entry: Entry, seen: LocalNode | null, base: Synced | null): Map<FolderPath, Synced | null> | null {
    const { disk } = this
    const now = disk.look(path)
    if (!sameNode(now, seen) || !disk.isFree(path)) return null
    if (now?.kind === 'folder') {
      if (!disk.isEmpty(path)) return null
      disk.delete(path)
    } else if (now !== null) {
      this.assertReplaceable(path, base)
      disk.delete(path)
    }
    this.left.delete(path)
    if (entry.kind === 'folder') disk.makeFolder(path)
    else if (entry.kind === 'symlink') disk.write(path, entry.target, { kind: 'symlink', mtimeMs: entry.mtimeMs })
    else disk.write(path, textOf(entry), { mtimeMs: entry.mtimeMs, executable: entry.executable })
    return new Map([[path, { entry, local: disk.look(path) }]])
  }

  /** P2: what the program takes away or overwrites is exactly what both sides agreed on, and history has it. */
  private assertReplaceable(path: FolderPath, base: Synced | null): void {
    const node = this.disk.nodes.get(path)
    if (node === undefined || node.kind === 'folder') return
    assert(base !== null, `${path} is replaced without a record`)
    if (node.kind === 'symlink') assert(base.entry.kind === 'symlink' && base.entry.target === node.text)
    else assert(base.entry.kind === 'file' && textOf(base.entry) === node.text, `${path} is replaced, and differs from the record`)
    assert(this.options.history.has(node.text), `${path} is replaced, and no history has it`)
  }

  private prune(folders: readonly FolderPath[]): void {
    for (const folder of folders) if (this.disk.look(folder)?.kind === 'folder' && this.disk.isEmpty(folder)) this.disk.delete(folder)
  }

  private put(path: FolderPath, entry: EntryOrTombstone): void {
    if (entry.kind === 'tombstone') this.options.onTombstone?.(path)
    this.own.set(path, entry)
    if (entry.kind === 'file') this.options.history.add(textOf(entry))
    if (entry.kind === 'symlink') this.options.history.add(entry.target)
  }

  private entryOf(path: FolderPath, vector: VersionVector): Entry {
    const node = this.disk.nodes.get(path)
    assert(node !== undefined)
    const { mtimeMs, text, executable } = node
    if (node.kind === 'folder') return { kind: 'folder', mtimeMs: 0, vector }
    if (node.kind === 'symlink') return { kind: 'symlink', target: text, mtimeMs, vector }
    return { kind: 'file', size: text.length, hash: hashOf(text), executable, mtimeMs, vector, content: null }
  }
}

function equalEntries(a: Entry, b: Entry): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.hash === b.hash && a.mtimeMs === b.mtimeMs && a.executable === b.executable
  return a.kind === 'symlink' ? b.kind === 'symlink' && a.target === b.target : b.kind === 'folder'
}
