/** Carries out the steps that go from the drives to the disk: stages content beside the folder, then moves it into place. */
import { errorCode } from '@hyper-store/client/contract'
import { sameContent } from '../core/content.ts'
import type { Entry, FileEntry, FolderPath, LocalFile, LocalNode, Synced } from '../core/entries.ts'
import { conflictName, keptName } from '../core/kept-names.ts'
import { parentOf } from '../core/paths.ts'
import type {
  CompareStep,
  FetchRenameStep,
  FetchStep,
  ForgetStep,
  LeaveStep,
  RecordStep,
  RemoveStep,
  SetAsideStep,
  StampStep,
} from '../core/plan.ts'
import {
  FileChanged,
  type DiskFolder,
  type DiskOutcome,
  type FileFacts,
  type FolderDrives,
  type OnBytes,
  type StagedFile,
  type SyncedStore,
  type WaitOptions,
} from '../core/ports.ts'
import { ONE_CHUNK_MAX } from '../core/chunking.ts'

/** Small files staged and placed as one group. */
const GROUP_FILES = 1000
const GROUP_BYTES = 8 * 1024 * 1024
const NAME_TRIES = 20

export type ApplyAction =
  | FetchStep
  | FetchRenameStep
  | RemoveStep
  | LeaveStep
  | StampStep
  | CompareStep
  | SetAsideStep
  | RecordStep
  | ForgetStep

/** What became of the steps. */
export interface ApplyReport {
  /** The disk was not as the plan saw it: to be looked at again. */
  readonly again: Set<FolderPath>
  /** Left unlike the drives, and why. */
  readonly unsettled: Map<FolderPath, string>
  /** The user's own below what is left out here, and why it stays. */
  readonly leftOut: Map<FolderPath, string>
  /** How many records now say that their path is not on this disk. */
  left: number
  readonly done: { op: 'add' | 'change' | 'delete' | 'rename' | 'conflict'; path: FolderPath; from?: FolderPath }[]
}

/** Applies steps of one plan to the disk. */
export class Applier {
  readonly #disk: DiskFolder
  readonly #drives: FolderDrives
  readonly #synced: SyncedStore
  readonly #deviceName: string
  readonly #report: ApplyReport = { again: new Set(), unsettled: new Map(), leftOut: new Map(), left: 0, done: [] }
  #small: { path: FolderPath; entry: FileEntry; seen: LocalNode | null }[] = []
  #smallBytes = 0
  readonly #emptied = new Set<FolderPath>()
  #leaving: LeaveStep[] = []
  #put: [FolderPath, Synced][] = []
  #del: FolderPath[] = []
  #done: ApplyReport['done'] = []

  constructor(sides: { disk: DiskFolder; drives: FolderDrives; synced: SyncedStore; deviceName: string }) {
    this.#disk = sides.disk
    this.#drives = sides.drives
    this.#synced = sides.synced
    this.#deviceName = sides.deviceName
  }

  /** Runs the steps in order; one that can't be done now does not stop the others. Full and read-only disks do. */
  async run(steps: readonly ApplyAction[], options: WaitOptions & { onBytes?: OnBytes } = {}): Promise<ApplyReport> {
    for (const step of steps) {
      options.signal?.throwIfAborted()
      const small = step.op === 'fetch' && step.entry.kind === 'file' && step.entry.size <= ONE_CHUNK_MAX && step.seen?.kind !== 'folder'
      // Small files gather; anything else may depend on them being in place.
      if (small && step.entry.kind === 'file') await this.#gather(step.path, step.entry, step.seen, options.onBytes)
      else {
        if (step.op !== 'record' && step.op !== 'forget') await this.#placeSmall(options.onBytes)
        if (step.op !== 'leave' || this.#leaving.length >= GROUP_FILES) await this.#leave()
        if (step.op !== 'remove' && step.op !== 'leave' && step.op !== 'fetch-rename') await this.#pruneEmptied()
        await this.#one(step, options)
      }
      if (this.#put.length + this.#del.length >= GROUP_FILES) await this.#remember()
    }
    await this.#placeSmall(options.onBytes)
    await this.#leave()
    await this.#pruneEmptied()
    await this.#disk.flush()
    await this.#remember()
    return this.#report
  }

  async #one(step: ApplyAction, options: WaitOptions & { onBytes?: OnBytes }): Promise<void> {
    switch (step.op) {
      case 'record':
        this.#put.push([step.path, step.synced])
        return
      case 'forget':
        this.#del.push(step.path)
        return
      case 'fetch':
        await this.#fetch(
          step.path,
          step.entry,
          { seen: step.seen, base: step.base, agreed: step.base !== null && step.seen !== null },
          options,
        )
        return
      case 'fetch-rename':
        await this.#rename(step)
        return
      case 'remove':
        await this.#remove(step)
        return
      case 'leave':
        this.#leaving.push(step)
        return
      case 'stamp':
        await this.#stamp(step.path, step.entry, step.seen)
        return
      case 'compare':
        await this.#compare(step, options)
        return
      case 'set-aside':
        await this.#setAside(step, options)
        return
      default:
        step satisfies never
    }
  }

  async #gather(path: FolderPath, entry: FileEntry, seen: LocalNode | null, onBytes: OnBytes | undefined): Promise<void> {
    this.#small.push({ path, entry, seen })
    this.#smallBytes += entry.size
    if (this.#small.length >= GROUP_FILES || this.#smallBytes >= GROUP_BYTES) {
      await this.#placeSmall(onBytes)
      await this.#remember()
    }
  }

  async #placeSmall(onBytes: OnBytes | undefined): Promise<void> {
    const files = this.#small
    this.#small = []
    this.#smallBytes = 0
    if (files.length === 0) return
    const ready: { path: FolderPath; entry: FileEntry; seen: LocalNode | null; data: Uint8Array }[] = []
    const contents = await this.#drives.readSmall(files.map((f) => f.entry))
    for (const [i, file] of files.entries()) {
      const data = contents[i]
      if (data != null && data.byteLength === file.entry.size) ready.push({ ...file, data })
      else this.#report.unsettled.set(file.path, 'its content is not here')
    }
    if (ready.length === 0) return
    const staged = await this.#disk.stageSmall(ready.map((r) => ({ data: r.data, facts: factsOf(r.entry) })))
    const items = ready.flatMap((r, i) => {
      const s = staged[i]
      return s === undefined ? [] : [{ staged: s, path: r.path, seen: r.seen, agreed: r.seen !== null }]
    })
    const outcomes = await this.#disk.place(items)
    for (const [i, item] of ready.entries()) {
      const outcome = outcomes[i]
      const stage = staged[i]
      if (outcome === undefined || stage === undefined) continue
      if (!outcome.done) await stage.discard()
      this.#settle(item.path, item.entry, item.seen, outcome)
      onBytes?.(item.entry.size)
    }
  }

  async #fetch(
    path: FolderPath,
    entry: Entry,
    was: { seen: LocalNode | null; base: Synced | null; agreed: boolean },
    options: WaitOptions & { onBytes?: OnBytes },
  ): Promise<void> {
    if (was.seen?.kind === 'folder' && entry.kind !== 'folder') {
      // It may have gone already with the last file in it.
      if (!(await this.#disk.removeFolder(path)) && (await this.#disk.look(path)) !== null) {
        this.#report.again.add(path)
        return
      }
      was = { ...was, seen: null }
    }
    if (entry.kind === 'symlink') {
      this.#settle(path, entry, was.seen, await this.#disk.makeSymlink(path, entry.target, was.seen, { agreed: was.agreed }))
      return
    }
    if (entry.kind === 'folder') {
      if (was.seen !== null && was.seen.kind !== 'folder') {
        const removed = await this.#disk.remove(path, was.seen, { trash: !was.agreed })
        if (!removed.done) {
          this.#settle(path, entry, was.seen, removed)
          return
        }
      }
      this.#settle(path, entry, was.seen, await this.#disk.makeFolder(path))
      return
    }
    await this.#fetchLarge(path, entry, was, options)
  }

  async #fetchLarge(
    path: FolderPath,
    entry: FileEntry,
    was: { seen: LocalNode | null; base: Synced | null; agreed: boolean },
    options: WaitOptions & { onBytes?: OnBytes },
  ): Promise<void> {
    const seen = was.seen?.kind === 'file' ? was.seen : null
    // Only a file that is byte for byte what was agreed may lend its ranges.
    const base = seen !== null && was.agreed && was.base?.entry.kind === 'file' ? was.base.entry : null
    const staged = await this.#disk.stage()
    try {
      await this.#fill(staged, entry, { path, base, seen }, options)
      await staged.finish(factsOf(entry))
    } catch (error) {
      await staged.discard()
      if (error instanceof FileChanged) this.#report.again.add(path)
      else if (errorCode(error) === 'NO_PEER') this.#report.unsettled.set(path, 'its content is not here')
      else if (errorCode(error) === 'DEFECT' || error instanceof RangeError) this.#report.unsettled.set(path, 'its content is damaged')
      else throw error
      return
    }
    const [outcome] = await this.#disk.place([{ staged, path, seen: was.seen, agreed: was.agreed }])
    if (outcome === undefined) return
    if (!outcome.done) await staged.discard()
    this.#settle(path, entry, was.seen, outcome)
    await this.#disk.flush()
    await this.#remember()
  }

  async #fill(
    staged: StagedFile,
    entry: FileEntry,
    from: { path: FolderPath; base: FileEntry | null; seen: LocalFile | null },
    options: WaitOptions & { onBytes?: OnBytes },
  ): Promise<void> {
    const parts = await this.#drives.parts(entry, from.base)
    const { path, seen } = from
    const reused = parts.reduce((n, p) => n + (p.from === 'base' && p.offset === p.baseOffset ? p.length : 0), 0)
    let whole = false
    // Mostly unchanged in place: the system copies the old file faster than we can, and only the rest is written over it.
    if (seen !== null && reused > entry.size / 2) {
      whole = await staged.copyWhole(path, seen)
      if (!whole) throw new FileChanged()
    }
    let length = 0
    for (const part of parts) {
      options.signal?.throwIfAborted()
      length += part.length
      if (part.from === 'base') {
        if (!(whole && part.offset === part.baseOffset)) {
          if (seen === null || !(await staged.copyFrom(path, seen, { from: part.baseOffset, length: part.length, to: part.offset })))
            throw new FileChanged()
        }
        options.onBytes?.(part.length)
        continue
      }
      let at = part.offset
      for await (const block of part.read()) {
        await staged.write(block, at)
        at += block.byteLength
        options.onBytes?.(block.byteLength)
      }
    }
    if (length !== entry.size) throw new RangeError(`the parts of ${path} do not add up to its size`)
  }

  async #rename(step: FetchRenameStep): Promise<void> {
    const outcome = await this.#disk.rename(step.from, step.path, step.seen)
    if (!outcome.done) {
      this.#report.again.add(step.path)
      this.#report.again.add(step.from)
      return
    }
    let node = outcome.node
    const { entry } = step
    if (node.kind === 'file' && (node.mtimeMs !== entry.mtimeMs || node.executable !== entry.executable)) {
      const stamped = await this.#disk.stamp(step.path, factsOf(entry), node)
      if (stamped.done) node = stamped.node
    }
    this.#put.push([step.path, { entry, local: node }])
    this.#del.push(step.from)
    this.#done.push({ op: 'rename', path: step.path, from: step.from })
    for (const folder of step.prune) this.#emptied.add(folder)
  }

  async #remove(step: RemoveStep): Promise<void> {
    // Deleted elsewhere: a way back stays in the trash of this folder.
    const outcome =
      step.seen.kind === 'folder'
        ? { done: await this.#disk.removeFolder(step.path) }
        : await this.#disk.remove(step.path, step.seen, { trash: true })
    if (!outcome.done) {
      this.#report.again.add(step.path)
      return
    }
    this.#del.push(step.path)
    this.#done.push({ op: 'delete', path: step.path })
    for (const folder of step.prune) this.#emptied.add(folder)
  }

  /** Takes what is left out here away. The records go first, for good: a file that is gone and was there by the record looks deleted by the user. */
  async #leave(): Promise<void> {
    const steps = this.#leaving
    this.#leaving = []
    if (steps.length === 0) return
    await this.#remember()
    await this.#synced.apply({ put: steps.map(({ path, base }) => [path, { entry: base.entry, local: null }] as const) }, { sync: true })
    for (const { path, seen, base, prune } of steps) {
      const gone =
        seen.kind === 'folder' ? await this.#disk.removeFolder(path) : (await this.#disk.remove(path, seen, { trash: false })).done
      this.#report.left++
      if (gone) for (const folder of prune) this.#emptied.add(folder)
      // Edited a moment ago: on record again, so that the edit is known for one.
      else if ((await this.#disk.look(path)) !== null) {
        this.#put.push([path, base])
        this.#report.again.add(path)
      }
    }
  }

  async #stamp(path: FolderPath, entry: FileEntry, seen: LocalFile): Promise<void> {
    const outcome = await this.#disk.stamp(path, factsOf(entry), seen)
    this.#settle(path, entry, seen, outcome)
  }

  /** Both sides have something and only the bytes tell. */
  async #compare(step: CompareStep, options: WaitOptions & { onBytes?: OnBytes }): Promise<void> {
    const { path, entry, local, base } = step
    const same = async (other: FileEntry): Promise<boolean> => other.size === local.size && this.#sameBytes(path, local, other)
    // Content of an older version may have been let go; then nothing says that the file is that version.
    const wasSame = async (other: FileEntry): Promise<boolean> =>
      same(other).catch((error: unknown) => {
        if (errorCode(error) === 'NO_PEER' || errorCode(error) === 'DEFECT') return false
        throw error
      })
    try {
      if (await same(entry)) {
        await this.#stamp(path, entry, local)
        return
      }
      if (base?.entry.kind === 'file' && !sameContent(base.entry, entry) && (await wasSame(base.entry))) {
        await this.#fetch(path, entry, { seen: local, base, agreed: true }, options)
        return
      }
    } catch (error) {
      if (errorCode(error) === 'NO_PEER') this.#report.unsettled.set(path, 'its content is not here')
      else if (errorCode(error) === 'DEFECT') this.#report.unsettled.set(path, 'its content is damaged')
      else if (error instanceof FileChanged) this.#report.again.add(path)
      else throw error
      return
    }
    if (step.differs === 'stay')
      this.#report.leftOut.set(path, 'its folder is left out on this device; it stays as it is and is not shared')
    else await this.#setAside({ op: 'set-aside', path, local, as: step.as, entry }, options)
  }

  async #sameBytes(path: FolderPath, local: LocalFile, entry: FileEntry): Promise<boolean> {
    await using file = await this.#disk.openFile(path)
    if (file.seen.size !== local.size || file.seen.mtimeMs !== local.mtimeMs) throw new FileChanged()
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    let at = 0
    for await (const piece of this.#drives.read(entry)) {
      for (let done = 0; done < piece.byteLength;) {
        const want = Math.min(buffer.byteLength, piece.byteLength - done)
        const n = await file.read(buffer.subarray(0, want), at)
        if (n === 0) throw new FileChanged()
        if (Buffer.compare(buffer.subarray(0, n), piece.subarray(done, done + n)) !== 0) return false
        done += n
        at += n
      }
    }
    return at === local.size
  }

  async #setAside(step: SetAsideStep, options: WaitOptions & { onBytes?: OnBytes }): Promise<void> {
    if (step.local.kind !== 'folder' || step.as !== step.path) {
      const kept = await this.#renameToFreeName(step)
      if (kept === null) {
        this.#report.again.add(step.path)
        return
      }
      this.#done.push({ op: 'conflict', path: kept, from: step.path })
      this.#report.again.add(kept)
    }
    if (step.entry === null) this.#del.push(step.path)
    else await this.#fetch(step.path, step.entry, { seen: null, base: null, agreed: false }, options)
  }

  async #renameToFreeName(step: SetAsideStep): Promise<FolderPath | null> {
    const at = step.local.kind === 'folder' ? 0 : step.local.mtimeMs
    for (let attempt = 1; attempt <= NAME_TRIES; attempt++) {
      const name =
        attempt === 1
          ? step.as
          : step.as.includes('(kept ')
            ? keptName(step.path, this.#deviceName, at, attempt)
            : conflictName(step.path, this.#deviceName, at, attempt)
      const outcome = await this.#disk.rename(step.path, name, step.local)
      if (outcome.done) return name
      if (outcome.why !== 'exists') return null
    }
    return null
  }

  /** Folders that lost something, the deepest first, go when nothing is left in them: once for all that was in them. */
  async #pruneEmptied(): Promise<void> {
    if (this.#emptied.size === 0) return
    const folders = [...this.#emptied].sort((a, b) => b.split('/').length - a.split('/').length)
    this.#emptied.clear()
    for (const folder of folders) await this.#disk.removeFolder(folder)
  }

  #settle(path: FolderPath, entry: Entry, seen: LocalNode | null, outcome: DiskOutcome): void {
    if (outcome.done) {
      this.#put.push([path, { entry, local: outcome.node }])
      this.#done.push({ op: seen === null ? 'add' : 'change', path })
    } else if (outcome.why === 'unsafe') this.#report.unsettled.set(path, 'its name or a folder above it would lead out of the folder')
    else if (outcome.why === 'blocked') this.#report.unsettled.set(path, `something else stands at ${parentOf(path) ?? 'the root'}`)
    // Not what the plan could see: the disk has the name in another case or normalisation.
    else if (outcome.why === 'exists' && this.#disk.caseInsensitive === true)
      this.#report.unsettled.set(path, 'another file stands here whose name this disk cannot tell from it')
    else this.#report.again.add(path)
  }

  /** Moves `synced` after the steps that are on disk. */
  async #remember(): Promise<void> {
    if (this.#put.length > 0 || this.#del.length > 0) await this.#synced.apply({ put: this.#put, del: this.#del })
    this.#report.done.push(...this.#done)
    this.#put = []
    this.#del = []
    this.#done = []
  }
}

function factsOf(entry: FileEntry): FileFacts {
  return { size: entry.size, mtimeMs: entry.mtimeMs, executable: entry.executable }
}
