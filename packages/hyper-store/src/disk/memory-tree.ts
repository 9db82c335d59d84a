/** The state of a folder in memory: a flat map of paths with the stat values that a disk would give. */
import type { LocalNode } from '../core/entries.ts'

interface Stamps {
  mtimeMs: number
  ctimeMs: number
  readonly ino: number
}
/** What stands at a path. */
export type MemoryNode =
  | (Stamps & { readonly kind: 'file'; bytes: Uint8Array; executable: boolean })
  | (Stamps & { readonly kind: 'symlink'; readonly target: string })
  | (Stamps & { readonly kind: 'folder' })

/** Paths and nodes of one folder. Every change of a node gets a later `ctimeMs`, every new node an `ino` of its own. */
export class MemoryTree {
  readonly nodesByPath = new Map<string, MemoryNode>()
  #now = 1_700_000_000_000
  #lastIno = 100

  /** A time later than all before it, in milliseconds. */
  tick(): number {
    this.#now += 1
    return this.#now
  }

  /** Stamps of a node that is made now; an mtime of 0 means now. */
  stamps(mtimeMs = 0): Stamps {
    const now = this.tick()
    this.#lastIno += 1
    return { mtimeMs: mtimeMs === 0 ? now : mtimeMs, ctimeMs: now, ino: this.#lastIno }
  }

  /** The local node at a path, null when nothing is there. */
  look(path: string): LocalNode | null {
    const node = this.nodesByPath.get(path)
    if (node === undefined) return null
    const { mtimeMs, ctimeMs, ino } = node
    if (node.kind === 'folder') return { kind: 'folder', empty: this.namesIn(path).length === 0 }
    if (node.kind === 'symlink') return { kind: 'symlink', target: node.target, mtimeMs, ctimeMs, ino }
    return { kind: 'file', size: node.bytes.byteLength, mtimeMs, ctimeMs, ino, executable: node.executable }
  }

  /** Names of what is right in a folder ('' is the root), in order. */
  namesIn(folder: string): string[] {
    const names: string[] = []
    for (const path of this.nodesByPath.keys()) if (parentOf(path) === folder) names.push(nameOf(path))
    return names.sort()
  }

  /** What keeps a path from being reached: a parent that is missing, a link or a file. Null when nothing does. */
  obstacle(path: string): 'missing' | 'unsafe' | 'blocked' | null {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const parent = this.nodesByPath.get(path.slice(0, at))
      if (parent === undefined) return 'missing'
      if (parent.kind === 'symlink') return 'unsafe'
      if (parent.kind === 'file') return 'blocked'
    }
    return null
  }

  /** Makes the parents of a path that are missing. Call only when `obstacle` is null or `missing`. */
  makeParents(path: string): void {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      const parent = path.slice(0, at)
      if (!this.nodesByPath.has(parent)) this.nodesByPath.set(parent, { kind: 'folder', ...this.stamps() })
    }
  }

  /** Takes a path and all below it away; gives what was there, by the rest of its path ('' for the path itself). */
  take(path: string): Map<string, MemoryNode> {
    const taken = new Map<string, MemoryNode>()
    for (const [at, node] of this.nodesByPath) {
      if (at !== path && !at.startsWith(`${path}/`)) continue
      taken.set(at.slice(path.length), node)
      this.nodesByPath.delete(at)
    }
    return taken
  }

  /** Moves a path and all below it; the node itself gets a later ctime, as on disk. */
  move(from: string, to: string): void {
    for (const [rest, node] of this.take(from)) this.nodesByPath.set(`${to}${rest}`, node)
    const node = this.nodesByPath.get(to)
    if (node !== undefined) node.ctimeMs = this.tick()
  }
}

/** The folder of a path, '' for the root. */
function parentOf(path: string): string {
  const at = path.lastIndexOf('/')
  return at === -1 ? '' : path.slice(0, at)
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
