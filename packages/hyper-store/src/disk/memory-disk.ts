/** A folder in memory behind the port of the real one, with edits by an imagined user and crashes at any step: for model tests. */
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath, LocalFile, LocalNode } from '../core/entries.ts'
import { ancestorsOf, caseKey } from '../core/paths.ts'
import type { DiskFolder, DiskOutcome, PlaceItem, RootState, ScanNode } from '../core/ports.ts'
import { DirtyBatch } from './dirty-batch.ts'
import { MemoryStagedFile, openMemoryFile } from './memory-files.ts'
import type { MemoryNode } from './memory-tree.ts'
import { MemoryTree } from './memory-tree.ts'
import { safeNames } from './safe-path.ts'
import type { ScanOptions } from './scan.ts'
import { sameNode } from './stat.ts'

const PRIVATE_DIR = '.hyper-store'

/** A folder in memory and the hands of its user. */
export interface MemoryDisk {
  /** What the program sees. Stays usable after `restart`. */
  readonly folder: DiskFolder
  /** Writes a file as a user does: in place, with parents as needed. */
  write(path: string, bytes: Uint8Array | string, options?: { mtimeMs?: number; executable?: boolean }): void
  /** Deletes a path and all below it. */
  delete(path: string): void
  /** Renames a path and all below it; what was at `to` is gone. */
  rename(from: string, to: string): void
  mkdir(path: string): void
  symlink(path: string, target: string): void
  /** All paths: text of files, `-> target` of links, null for folders. */
  snapshot(): Record<string, string | null>
  /** What is in the trash, oldest first. */
  trash(): readonly { readonly path: string; readonly node: MemoryNode }[]
  /** What `rootState` says from now on. */
  setRoot(state: RootState['state'] | 'replaced'): void
  /** The process ended and starts again: staged files and watchers are gone, the folder is as it was. */
  restart(): void
}

/**
 * Opens a folder in memory, empty and present. With `caseInsensitive` it takes names that differ in case or normalisation for one, and
 * keeps the first spelling, as APFS and NTFS do. `onStep` is called before each step that changes something (`stage`, `write`,
 * `finish`, `sync`, `trash`, `place`, `symlink`, `folder`, `stamp`, `rename`, `remove`, `remove-folder`, `flush`); what it
 * throws comes out of the call and the step is not done.
 */
export function openMemoryDisk(options: { onStep?: (name: string) => void; caseInsensitive?: boolean } = {}): MemoryDisk {
  const caseInsensitive = options.caseInsensitive === true
  const tree = new MemoryTree()
  /** How the disk spells what stands at a path, or would: the names that are there in their spelling, the rest as given. */
  const spell = (path: string): string => {
    if (!caseInsensitive) return path
    let spelled = ''
    for (const name of path.split('/')) {
      const there = tree.namesIn(spelled).find((other) => caseKey(other) === caseKey(name))
      spelled = spelled === '' ? (there ?? name) : `${spelled}/${there ?? name}`
    }
    return spelled
  }
  const kept: { id: string; path: string; node: MemoryNode; at: number }[] = []
  let keptCount = 0
  const keep = (path: string, node: MemoryNode) => kept.push({ id: `${String((keptCount += 1))}/${path}`, path, node, at: Date.now() })
  const batches = new Set<DirtyBatch>()
  let rootState: RootState['state'] = 'present'
  let rootIno = 1
  let knownIno = 1
  let life = 1

  const dirty = (...paths: string[]) => {
    for (const batch of batches) for (const path of paths) batch.mark(path)
  }
  const check = () => {
    if (rootState !== 'present' || rootIno !== knownIno)
      throw new AppError('FOLDER_UNREADABLE', { path: '/memory', reason: 'the folder is missing' })
  }
  const step = (name: string) => {
    check()
    options.onStep?.(name)
  }
  const reach = (path: string): Refused | null => {
    if (safeNames(path, PRIVATE_DIR) === null) return refuse('unsafe')
    const obstacle = tree.obstacle(path)
    return obstacle === null ? null : refuse(obstacle === 'missing' ? 'changed' : obstacle)
  }
  /** Like `reach`, but missing parents are fine. */
  const reachNew = (path: string): Refused | null => {
    const refused = reach(path)
    return refused?.why === 'changed' ? null : refused
  }
  const lookSafe = (path: string) => (reach(path) === null ? tree.look(path) : null)
  const done = (path: string): DiskOutcome => {
    dirty(path)
    const node = tree.look(path)
    return node === null ? refuse('changed') : { done: true, node }
  }
  const trash = (path: string) => {
    step('trash')
    for (const [rest, node] of tree.take(path)) keep(`${path}${rest}`, node)
  }

  /** The checks that place and makeSymlink share, as on the real disk. */
  const replace = (
    item: { path: FolderPath; seen: LocalNode | null; agreed: boolean },
    node: () => MemoryNode,
    name: string,
  ): DiskOutcome => {
    const { seen } = item
    const path = spell(item.path) as FolderPath
    const refused = seen === null ? reachNew(path) : reach(path)
    if (refused !== null) return refused
    const now = tree.look(path)
    if (seen === null && now !== null) return refuse('exists')
    if (seen !== null && !sameNode(seen, now)) return refuse('changed')
    if (now?.kind === 'folder' && !now.empty) return refuse('blocked')
    const old = tree.nodesByPath.get(path)
    if (old !== undefined && old.kind !== 'folder' && !item.agreed) {
      step('trash')
      keep(path, old)
    }
    step(name)
    tree.makeParents(path)
    tree.nodesByPath.set(path, node())
    return done(path)
  }

  async function* scan(scanOptions: ScanOptions = {}): AsyncGenerator<ScanNode[]> {
    check()
    const { start, ignored, signal } = scanOptions
    const found: ScanNode[] = []
    const walk = (path: string): void => {
      const node = path === '' ? ({ kind: 'folder', empty: false } as const) : tree.look(path)
      if (node === null) return
      if (node.kind !== 'folder') {
        found.push({ path: path as FolderPath, node })
        return
      }
      const below = tree
        .namesIn(path)
        .map((name) => (path === '' ? name : `${path}/${name}`) as FolderPath)
        .filter((child) => ignored?.(child, tree.nodesByPath.get(child)?.kind === 'folder') !== true)
      if (path !== '') found.push({ path: path as FolderPath, node: { kind: 'folder', empty: below.length === 0 } })
      for (const child of below) walk(child)
    }
    if (start === undefined || reach(start) === null) walk(start ?? '')
    for (let at = 0; at < found.length; at += 100) {
      // A turn between batches lets tests change the folder in the middle of a scan.
      await Promise.resolve()
      signal?.throwIfAborted()
      yield found.slice(at, at + 100)
    }
    check()
  }

  const folder: DiskFolder = {
    root: '/memory',
    caseInsensitive,
    async spellingOf(path) {
      const spelled = spell(path)
      const there = [spelled, ...ancestorsOf(spelled as FolderPath)].find((part) => tree.nodesByPath.has(part))
      return (there ?? null) as FolderPath | null
    },
    async rootState() {
      if (rootState === 'unreadable') return { state: 'unreadable', reason: 'permission denied' }
      if (rootState !== 'present') return { state: rootState }
      knownIno = rootIno
      return { state: 'present', identity: { device: 1, ino: rootIno }, writable: true }
    },
    scan,
    look: async (path) => lookSafe(path),
    openFile: async (path) =>
      openMemoryFile(
        path,
        () => (lookSafe(path) === null ? undefined : tree.nodesByPath.get(path)),
        () => lookSafe(path),
      ),
    async readText(path) {
      const node = lookSafe(path) === null ? undefined : tree.nodesByPath.get(path)
      return node?.kind === 'file' ? Buffer.from(node.bytes).toString() : null
    },

    async stage() {
      step('stage')
      return new MemoryStagedFile(fileSource, step, life)
    },
    async stageSmall(files) {
      step('stage')
      return await Promise.all(
        files.map(async ({ data, facts }) => {
          const file = new MemoryStagedFile(fileSource, () => {}, life)
          await file.write(data, 0)
          await file.finish(facts)
          return file
        }),
      )
    },
    async place(items: readonly PlaceItem[]) {
      const staged = items.map((item) => {
        if (item.staged instanceof MemoryStagedFile && item.staged.life === life) return item.staged.content()
        throw new Error('the staged file belongs to another folder or an earlier life')
      })
      step('sync')
      return items.map((item, at) => {
        const content = staged[at]
        if (content === undefined) throw new Error('no content')
        const make = (): MemoryNode => ({
          kind: 'file',
          bytes: content.bytes,
          executable: content.facts.executable,
          ...tree.stamps(content.facts.mtimeMs),
        })
        return replace({ path: item.path, seen: item.seen, agreed: item.agreed === true }, make, 'place')
      })
    },
    async makeSymlink(path, target, seen, how = {}) {
      if (target === '' || target.includes('\0') || Buffer.byteLength(target) > 4095) return refuse('unsafe')
      return replace({ path, seen, agreed: how.agreed === true }, () => ({ kind: 'symlink', target, ...tree.stamps() }), 'symlink')
    },
    async makeFolder(given) {
      const path = spell(given) as FolderPath
      const refused = reachNew(path)
      if (refused !== null) return refused
      const now = tree.look(path)
      if (now !== null) return now.kind === 'folder' ? { done: true, node: now } : refuse('exists')
      step('folder')
      tree.makeParents(`${path}/`)
      return done(path)
    },
    async stamp(path, facts, seen) {
      const refused = reach(path)
      if (refused !== null) return refused
      const node = tree.nodesByPath.get(path)
      if (node?.kind !== 'file' || !sameNode(seen, tree.look(path))) return refuse('changed')
      step('stamp')
      node.executable = facts.executable
      if (facts.mtimeMs !== 0) node.mtimeMs = facts.mtimeMs
      node.ctimeMs = tree.tick()
      return done(path)
    },
    async rename(from, given, seen) {
      const refused = reach(from)
      if (refused !== null) return refused
      if (!sameNode(seen, tree.look(from))) return refuse('changed')
      const above = given.slice(0, Math.max(0, given.lastIndexOf('/')))
      const to = `${above === '' ? '' : `${spell(above)}/`}${given.slice(given.lastIndexOf('/') + 1)}` as FolderPath
      const refusedTo = reachNew(to)
      if (refusedTo !== null) return refusedTo
      // Into itself: the target's parent is the very thing that moves.
      if (to.startsWith(`${from}/`)) return refuse('blocked')
      // Only the spelling of the name changes, when it is the same file.
      if (tree.nodesByPath.has(spell(to)) && (spell(to) !== from || to === from)) return refuse('exists')
      step('rename')
      tree.makeParents(to)
      tree.move(from, to)
      dirty(from)
      return done(to)
    },
    async remove(path, seen, how) {
      const refused = reach(path)
      if (refused !== null) return refused
      const now = tree.look(path)
      if (now === null || !sameNode(seen, now) || (now.kind === 'folder' && !now.empty)) return refuse('changed')
      step('remove')
      if (how.trash && now.kind !== 'folder') trash(path)
      else tree.take(path)
      dirty(path)
      return { done: true, node: now }
    },
    async removeFolder(path) {
      const now = lookSafe(path)
      if (now?.kind !== 'folder' || !now.empty) return false
      step('remove-folder')
      tree.take(path)
      dirty(path)
      return true
    },
    async flush() {
      step('flush')
    },
    async listTrash() {
      return kept.map(({ id, path, node, at }) => ({
        id,
        path: path as FolderPath,
        size: node.kind === 'file' ? node.bytes.byteLength : 0,
        at,
      }))
    },
    async restoreTrash(id, to) {
      const index = kept.findIndex((item) => item.id === id)
      const item = kept[index]
      if (item === undefined) return refuse('changed')
      const path = to ?? (item.path as FolderPath)
      const refused = reachNew(path)
      if (refused !== null) return refused
      if (tree.look(path) !== null) return refuse('exists')
      step('restore-trash')
      tree.makeParents(path)
      tree.nodesByPath.set(path, item.node)
      kept.splice(index, 1)
      return done(path)
    },
    async pruneTrash(before) {
      const old = kept.filter(({ at }) => at < before)
      for (const item of old) kept.splice(kept.indexOf(item), 1)
      const bytes = old.reduce((sum, { node }) => sum + (node.kind === 'file' ? node.bytes.byteLength : 0), 0)
      return { items: old.length, bytes }
    },
    async watch(onDirty, { ignored }) {
      check()
      const batch = new DirtyBatch((paths) => {
        const told = [...paths].filter((path) => {
          const node = tree.nodesByPath.get(path)
          return path === '' || !ignored(path as FolderPath, node?.kind === 'folder')
        })
        if (told.length > 0) onDirty(new Set(told))
      })
      batches.add(batch)
      return {
        complete: true,
        async [Symbol.asyncDispose]() {
          batch.close()
          batches.delete(batch)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      closeWatchers()
    },
  }

  function closeWatchers(): void {
    for (const batch of batches) batch.close()
    batches.clear()
  }
  function fileSource(path: FolderPath, seen: LocalFile): Uint8Array | null {
    const node = tree.nodesByPath.get(path)
    return node?.kind === 'file' && sameNode(seen, lookSafe(path)) ? node.bytes : null
  }

  return {
    folder,
    write(given, bytes, { mtimeMs = 0, executable } = {}) {
      const path = spell(given)
      tree.makeParents(path)
      const data = typeof bytes === 'string' ? Buffer.from(bytes) : Uint8Array.from(bytes)
      const old = tree.nodesByPath.get(path)
      if (old?.kind === 'file') {
        old.bytes = data
        old.ctimeMs = tree.tick()
        old.mtimeMs = mtimeMs === 0 ? old.ctimeMs : mtimeMs
        if (executable !== undefined) old.executable = executable
      } else {
        tree.take(path)
        tree.nodesByPath.set(path, { kind: 'file', bytes: data, executable: executable === true, ...tree.stamps(mtimeMs) })
      }
      dirty(path)
    },
    delete(path) {
      tree.take(path)
      dirty(path)
    },
    rename(from, to) {
      tree.take(to)
      tree.makeParents(to)
      tree.move(from, to)
      dirty(from, to)
    },
    mkdir(path) {
      tree.makeParents(`${path}/`)
      dirty(path)
    },
    symlink(path, target) {
      tree.makeParents(path)
      tree.take(path)
      tree.nodesByPath.set(path, { kind: 'symlink', target, ...tree.stamps() })
      dirty(path)
    },
    snapshot() {
      const all = [...tree.nodesByPath].sort(([a], [b]) => (a < b ? -1 : 1))
      return Object.fromEntries(all.map(([path, node]) => [path, textOf(node)]))
    },
    trash: () => kept,
    setRoot(state) {
      if (state === 'replaced') rootIno += 1
      rootState = state === 'replaced' ? 'present' : state
      dirty('')
    },
    restart() {
      life += 1
      closeWatchers()
    },
  }
}

type Refused = Extract<DiskOutcome, { done: false }>

function refuse(why: Refused['why']): Refused {
  return { done: false, why }
}

function textOf(node: MemoryNode): string | null {
  if (node.kind === 'folder') return null
  return node.kind === 'symlink' ? `-> ${node.target}` : Buffer.from(node.bytes).toString()
}
