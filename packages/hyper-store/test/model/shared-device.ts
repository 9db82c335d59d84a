/** One device of the shared model: a disk, its record of agreements, the drives that it holds, and an executor of real plans that checks each promise. */
import assert from 'node:assert/strict'
import type { FolderMode } from '@hyper-store/client/contract'
import { sameNode } from '../../src/core/content.ts'
import type { DriveId, Entry, EntryOrTombstone, FileEntry, FolderPath, LocalNode, Synced, VersionVector } from '../../src/core/entries.ts'
import { conflictName, keptName } from '../../src/core/kept-names.ts'
import type { DriveChange } from '../../src/core/ports.ts'
import type { PathView, Plan, reconcile, Step } from '../../src/core/reconcile.ts'
import { createSelection } from '../../src/core/selection.ts'
import { ModelDisk } from './reconcile-world.ts'
import type { DeviceLog, HeldDrives } from './shared-drives.ts'

/** The text of a file entry of the model: its hash tells it. */
function textOf(entry: EntryOrTombstone): string | null {
  if (entry.kind === 'file') return entry.hash.slice(1)
  return entry.kind === 'symlink' ? entry.target : null
}

/** How a device stands in the folder. */
export interface SharedDeviceOptions {
  readonly index: number
  readonly name: string
  /** How many drives it ever made. */
  readonly drives: { made: number }
  readonly held: HeldDrives
  /** What its clock shows first. */
  readonly clock: number
  /** Every text that was ever put in a log: what history can bring back. */
  readonly history: Set<string>
  /** Plans; planted defects replace it. */
  readonly reconcile: typeof reconcile
}

/** How far a pass goes and what it sees. */
export interface PassShape {
  /** Top-level names that are looked at; null for all. */
  readonly scope: readonly string[] | null
  /** Top-level names that can't be read now. */
  readonly unknown: readonly string[]
  /** Steps that are done before the store stops; null for all. */
  readonly stopAfter: number | null
  /** The store stops after the last deed and before its record. */
  readonly unrecorded: boolean
  /** As the loop does it: the disk first, then everything published as one version. Else step by step in the order of the plan. */
  readonly atOnce: boolean
}

/** A pass that nothing disturbs. */
export const WHOLE_PASS: PassShape = { scope: null, unknown: [], stopAfter: null, unrecorded: false, atOnce: true }

interface Outcome {
  readonly records: ReadonlyMap<FolderPath, Synced | null>
  readonly changes: readonly DriveChange[]
}
const isPublishing = (step: Step) => step.op === 'publish' || step.op === 'publish-rename' || step.op === 'unpublish'

export class SharedDevice {
  readonly disk: ModelDisk
  readonly synced = new Map<FolderPath, Synced>()
  readonly options: SharedDeviceOptions
  mode: FolderMode = 'send-receive'
  /** The drives that it wrote, oldest first: it writes the last one. */
  readonly logs: DeviceLog[] = []
  /** Paths of which a version was published or placed, and not recorded, when the store stopped. */
  readonly unrecorded = new Set<FolderPath>()
  readonly excluded = new Set<string>()
  /** Paths that are left alone on every side. */
  ignores: (path: FolderPath) => boolean = () => false
  /** How much it had written when a pass last ended and was recorded. */
  recorded = 0

  constructor(options: SharedDeviceOptions) {
    this.options = options
    this.disk = new ModelDisk(options.clock)
  }

  get log(): DeviceLog {
    const log = this.logs.at(-1)
    assert(log !== undefined, `${this.options.name} writes before it has a drive`)
    return log
  }

  /** Records that it wrote in all its drives: each of its counters is below. */
  get written(): number {
    return this.logs.reduce((sum, log) => sum + log.records.length, 0)
  }

  get hasDisk(): boolean {
    return this.mode !== 'keep' && this.mode !== 'keep-blind'
  }

  isExcluded(path: FolderPath): boolean {
    return this.excluded.size > 0 && this.excluded.has(path.split('/')[0] ?? '')
  }

  async plan({ scope, unknown }: Pick<PassShape, 'scope' | 'unknown'> = WHOLE_PASS): Promise<Plan> {
    const remote = await this.options.held.shown()
    const local = this.disk.scan()
    const paths: PathView[] = []
    for (const path of new Set([...local.keys(), ...remote.keys(), ...this.synced.keys()])) {
      const top = path.split('/')[0] ?? ''
      if ((scope !== null && !scope.includes(top)) || this.ignores(path)) continue
      const localUnknown = unknown.includes(top)
      paths.push({
        path,
        remote: remote.get(path)?.entry ?? null,
        local: localUnknown ? null : (local.get(path) ?? null),
        synced: this.synced.get(path) ?? null,
        ...(localUnknown ? { localUnknown } : {}),
        ...(remote.get(path)?.conflictOf == null ? {} : { derived: true }),
      })
    }
    const { reconcile, name } = this.options
    const writer = this.logs[0]?.writer ?? ('nobodyyyyy' as DriveId)
    const selection = createSelection([...this.excluded])
    return reconcile({ paths, mode: this.mode, drive: writer, deviceName: name, written: this.written, recorded: this.recorded, selection })
  }

  /** One pass; `between` runs before each step. Gives the number of steps in its plan. */
  async pass(shape: PassShape = WHOLE_PASS, between: (step: number) => void = () => undefined): Promise<number> {
    if (!this.hasDisk) return 0
    const { steps } = await this.plan(shape)
    const ordered = shape.atOnce ? [...steps.filter((step) => !isPublishing(step)), ...steps.filter(isPublishing)] : steps
    const stop = shape.stopAfter ?? ordered.length
    const gathered: Outcome[] = []
    for (const [index, step] of ordered.entries()) {
      between(index)
      if (index >= stop) break
      const outcome = this.#perform(step)
      if (outcome === null) continue
      if (shape.atOnce && isPublishing(step)) gathered.push(outcome)
      else await this.#finish([outcome], !(shape.unrecorded && index + 1 === stop))
    }
    // A store that stops while it gathers has published nothing.
    if (stop < ordered.length && !shape.unrecorded) return steps.length
    const ends = !(shape.unrecorded && shape.stopAfter !== null)
    await this.#finish(gathered, ends)
    if (ends && shape.stopAfter === null) this.recorded = this.written
    return steps.length
  }

  async #finish(outcomes: readonly Outcome[], record: boolean): Promise<void> {
    const changes = outcomes.flatMap((outcome) => outcome.changes)
    if (changes.length > 0) {
      assert(this.mode !== 'receive-only')
      this.remember(await this.options.held.commit(this.log, changes))
    }
    for (const { records } of outcomes) {
      for (const [path, synced] of records) {
        if (!record) this.unrecorded.add(path)
        else if (synced === null) this.synced.delete(path)
        else this.synced.set(path, synced)
      }
    }
  }

  /** What was written to a log can be brought back from now on. */
  remember(records: readonly { readonly entry: EntryOrTombstone }[]): void {
    for (const { entry } of records) {
      const text = textOf(entry)
      if (text !== null) this.options.history.add(text)
    }
  }

  /** Does the deed; null when the disk was not as the plan saw it. */
  #perform(step: Step): Outcome | null {
    const { disk } = this
    const receives = this.mode !== 'send-only'
    const done = (path: FolderPath, synced: Synced | null, changes: readonly DriveChange[] = []): Outcome => ({
      records: new Map([[path, synced]]),
      changes,
    })
    switch (step.op) {
      case 'record':
        return done(step.path, step.synced)
      case 'forget':
        return done(step.path, null)
      case 'publish': {
        if (!sameNode(disk.look(step.path), step.local)) return null
        const entry = this.#entryOf(step.path, step.vector)
        const base = step.base?.entry
        if (base !== undefined && equalEntries(base, entry)) return done(step.path, { entry: base, local: step.local })
        return done(step.path, { entry, local: step.local }, [{ op: 'put', path: step.path, entry, before: step.base?.entry ?? null }])
      }
      case 'publish-rename': {
        if (!sameNode(disk.look(step.path), step.local) || !this.#isGone(step.from)) return null
        const known = step.base.entry
        assert(known.kind === 'file')
        // What the plan takes for the same, unread, must be the same.
        assert.equal(textOf(known), disk.nodes.get(step.path)?.text, 'a rename moved other bytes')
        const entry = { ...known, mtimeMs: step.local.mtimeMs, executable: step.local.executable, vector: step.vector }
        return {
          records: new Map<FolderPath, Synced | null>([
            [step.from, null],
            [step.path, { entry, local: step.local }],
          ]),
          changes: [
            { op: 'put', path: step.path, entry, before: step.over },
            { op: 'delete', path: step.from, tombstone: { vector: step.fromVector, mtimeMs: step.local.mtimeMs } },
          ],
        }
      }
      case 'unpublish':
        if (!this.#isGone(step.path)) return null
        return done(step.path, null, [
          { op: 'delete', path: step.path, tombstone: { vector: step.vector, mtimeMs: step.base.entry.mtimeMs } },
        ])
      case 'fetch':
        assert(receives)
        return this.#place(step.path, step.entry, step.seen, step.base)
      case 'fetch-rename': {
        assert(receives)
        if (!sameNode(disk.look(step.from), step.seen) || disk.look(step.path) !== null || !disk.isFree(step.path)) return null
        assert.equal(textOf(step.entry), disk.nodes.get(step.from)?.text, 'a rename on disk moved other bytes')
        disk.rename(step.from, step.path)
        disk.stamp(step.path, step.entry)
        this.#prune(step.prune)
        return {
          records: new Map<FolderPath, Synced | null>([
            [step.from, null],
            [step.path, { entry: step.entry, local: disk.look(step.path) }],
          ]),
          changes: [],
        }
      }
      case 'remove': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.seen)) return null
        if (step.seen.kind === 'folder' && !disk.isEmpty(step.path)) return null
        this.#assertReplaceable(step.path, step.base)
        disk.delete(step.path)
        this.#prune(step.prune)
        return done(step.path, null)
      }
      case 'leave': {
        if (!sameNode(disk.look(step.path), step.seen)) return null
        if (step.seen.kind === 'folder' && !disk.isEmpty(step.path)) return null
        this.#assertReplaceable(step.path, step.base)
        // The record goes first: what is on record and gone looks deleted by the user.
        this.synced.set(step.path, { entry: step.base.entry, local: null })
        disk.delete(step.path)
        this.#prune(step.prune)
        return { records: new Map(), changes: [] }
      }
      case 'stamp': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.seen)) return null
        assert.equal(textOf(step.entry), disk.nodes.get(step.path)?.text, 'a stamp on other bytes')
        disk.stamp(step.path, step.entry)
        return done(step.path, { entry: step.entry, local: disk.look(step.path) })
      }
      case 'compare': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.local)) return null
        const text = disk.nodes.get(step.path)?.text ?? ''
        if (text === textOf(step.entry)) {
          disk.stamp(step.path, step.entry)
          return done(step.path, { entry: step.entry, local: disk.look(step.path) })
        }
        if (step.base !== null && text === textOf(step.base.entry)) {
          return this.#place(step.path, step.entry, step.local, { entry: step.base.entry, local: step.local })
        }
        if (step.differs === 'stay') return null
        return this.#setAside(step.path, step.as, step.entry)
      }
      case 'set-aside': {
        assert(receives)
        if (!sameNode(disk.look(step.path), step.local)) return null
        return this.#setAside(step.path, step.as, step.entry)
      }
      default:
        return assert.fail('every step has its case')
    }
  }

  /** A folder with content in its place is no version of the path. */
  #isGone(path: FolderPath): boolean {
    const now = this.disk.look(path)
    return now === null || (now.kind === 'folder' && !now.empty)
  }

  #setAside(path: FolderPath, as: FolderPath, entry: Entry | null): Outcome | null {
    const { disk } = this
    const nameIt = this.mode === 'receive-only' ? keptName : conflictName
    let free = as
    for (let attempt = 2; disk.look(free) !== null; attempt++) free = nameIt(path, this.options.name, 0, attempt)
    disk.rename(path, free)
    if (entry === null) return { records: new Map([[path, null]]), changes: [] }
    return this.#place(path, entry, null, null)
  }

  #place(path: FolderPath, entry: Entry, seen: LocalNode | null, base: Synced | null): Outcome | null {
    const { disk } = this
    const now = disk.look(path)
    if (!sameNode(now, seen) || !disk.isFree(path)) return null
    if (now?.kind === 'folder') {
      if (!disk.isEmpty(path)) return null
      disk.delete(path)
    } else if (now !== null) {
      this.#assertReplaceable(path, base)
      disk.delete(path)
    }
    if (entry.kind === 'folder') disk.makeFolder(path)
    else if (entry.kind === 'symlink') disk.write(path, entry.target, { kind: 'symlink', mtimeMs: entry.mtimeMs })
    else disk.write(path, textOf(entry) ?? '', { mtimeMs: entry.mtimeMs, executable: entry.executable })
    return { records: new Map([[path, { entry, local: disk.look(path) }]]), changes: [] }
  }

  /** What the program takes away or overwrites is exactly what both sides agreed on, and history has it. */
  #assertReplaceable(path: FolderPath, base: Synced | null): void {
    const node = this.disk.nodes.get(path)
    if (node === undefined || node.kind === 'folder') return
    assert(base !== null, `${path} is replaced without a record`)
    assert.equal(textOf(base.entry), node.text, `${path} is replaced, and differs from the record`)
    assert(this.options.history.has(node.text), `${path} is replaced, and no history has "${node.text}"`)
  }

  #prune(folders: readonly FolderPath[]): void {
    for (const folder of folders) if (this.disk.look(folder)?.kind === 'folder' && this.disk.isEmpty(folder)) this.disk.delete(folder)
  }

  #entryOf(path: FolderPath, vector: VersionVector): Entry {
    const node = this.disk.nodes.get(path)
    assert(node !== undefined)
    const { mtimeMs, text, executable } = node
    if (node.kind === 'folder') return { kind: 'folder', mtimeMs: 0, vector }
    if (node.kind === 'symlink') return { kind: 'symlink', target: text, mtimeMs, vector }
    return fileEntry(text, { mtimeMs, executable, vector })
  }
}

/** A file entry of the model. */
function fileEntry(text: string, facts: Pick<FileEntry, 'mtimeMs' | 'executable' | 'vector'>): FileEntry {
  return { kind: 'file', size: text.length, hash: `b${text}`, content: null, ...facts }
}

function equalEntries(a: Entry, b: Entry): boolean {
  if (a.kind === 'file') return b.kind === 'file' && a.hash === b.hash && a.mtimeMs === b.mtimeMs && a.executable === b.executable
  return a.kind === 'symlink' ? b.kind === 'symlink' && a.target === b.target : b.kind === 'folder'
}
