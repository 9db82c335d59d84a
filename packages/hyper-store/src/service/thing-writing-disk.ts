/** Changes files of a folder that lies on this machine: there, through the disk room; the loop publishes them. */
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath, LocalNode } from '../core/entries.ts'
import { ancestorsOf } from '../core/paths.ts'
import type { DiskFolder, DiskOutcome, StagedFile, SyncedStore } from '../core/ports.ts'
import { createSelection } from '../core/selection.ts'
import type { FolderLoop } from '../sync/folder-loop.ts'
import type { KeptFolder } from './kept-folder.ts'
import { movedPath, refuseIntoItself } from './thing-kinds.ts'
import type { Alone, NewFile, Writing } from './thing-writing.ts'

/** A change that is not published by then is told of as such. */
const PUBLISHED_MS = 60_000
/** A large file that was read just before waits a little; it is asked again. */
const AGAIN_MS = 100

/** The folder as writing needs it. */
export interface DiskWritingOptions {
  readonly folder: KeptFolder
  readonly disk: DiskFolder
  readonly loop: FolderLoop
  readonly synced: Pick<SyncedStore, 'get'>
}

/** Writes to the disk, and waits until the drives say the same. */
export class DiskWriting implements Writing {
  readonly #o: DiskWritingOptions

  constructor(options: DiskWritingOptions) {
    this.#o = options
  }

  async write(path: FolderPath, file: NewFile, alone: Alone): Promise<void> {
    const { disk } = this.#o
    this.#refuseLeftOut(path, false)
    await this.#refuseBlocked(path)
    const staged = await disk.stage()
    let size = 0
    try {
      for await (const piece of file.body) {
        await staged.write(piece, size)
        size += piece.byteLength
      }
    } catch (error) {
      await staged.discard()
      throw error
    }
    await alone(async () => this.#place(path, { staged, size, file }))
  }

  async #place(path: FolderPath, { staged, size, file }: { staged: StagedFile; size: number; file: NewFile }): Promise<void> {
    const { disk } = this.#o
    let isPlaced = false
    try {
      const seen = await disk.look(path)
      if (seen?.kind === 'folder') throw new AppError('BAD_REQUEST', { reason: `"${path}" is a folder` })
      const executable = file.executable ?? (seen?.kind === 'file' && seen.executable)
      await staged.finish({ size, mtimeMs: file.mtimeMs ?? Date.now(), executable })
      const [outcome] = await disk.place([{ staged, path, seen, agreed: await this.#isAgreed(path, seen) }])
      isPlaced = outcome?.done === true
      this.#refuse(path, outcome)
    } finally {
      if (!isPlaced) await staged.discard()
    }
    await disk.flush()
    const is = await disk.look(path)
    await this.#published([path], {
      isDone: async () => is === null || (await this.#isAgreed(path, is)) || !same(is, await disk.look(path)),
    })
  }

  async remove(path: FolderPath, options: { recursive: boolean }): Promise<number> {
    const { disk, loop } = this.#o
    await this.#refuseBlocked(path)
    const found: { path: FolderPath; node: LocalNode }[] = []
    const top = await disk.look(path)
    if (top === null) throw new AppError('NOT_FOUND', { what: `"${path}"` })
    if (top.kind !== 'folder') found.push({ path, node: top })
    else {
      for await (const batch of disk.scan({ start: path })) found.push(...batch)
      if (!found.some((one) => one.path === path)) found.unshift({ path, node: top })
      if (found.length > 1 && !options.recursive)
        throw new AppError('BAD_REQUEST', { reason: `"${path}" has something in it; remove it with all that by --recursive` })
    }
    const gone = found.map((one) => one.path)
    loop.deletions.mean(gone)
    try {
      for (const { path: at, node } of found.toReversed()) {
        if (node.kind === 'folder') await disk.removeFolder(at)
        else this.#refuse(at, await disk.remove(at, node, { trash: !(await this.#isAgreed(at, node)) }))
      }
      await disk.flush()
      await this.#published(gone, {
        isDone: async () => {
          for (const at of gone) if (!(await this.#isToldGone(at))) return false
          return true
        },
      })
    } finally {
      loop.deletions.unmean(gone)
    }
    return found.length
  }

  async makeFolder(path: FolderPath): Promise<void> {
    const { disk } = this.#o
    this.#refuseLeftOut(path, true)
    for (const at of [...ancestorsOf(path).toReversed(), path]) {
      const there = await disk.look(at)
      if (there?.kind === 'folder') continue
      if (there !== null) throw new AppError('BAD_REQUEST', { reason: `"${at}" is no folder` })
      this.#refuse(at, await disk.makeFolder(at))
    }
    await disk.flush()
    await this.#published([path], {
      isDone: async () => {
        const now = await disk.look(path)
        return now?.kind !== 'folder' || !now.empty || (await this.#o.synced.get(path)) !== null
      },
    })
  }

  async move(from: FolderPath, to: FolderPath): Promise<void> {
    const { disk, loop } = this.#o
    await this.#refuseBlocked(from)
    const node = await disk.look(from)
    if (node === null) throw new AppError('NOT_FOUND', { what: `"${from}"` })
    refuseIntoItself(from, to)
    const isFolder = node.kind === 'folder'
    this.#refuseLeftOut(from, isFolder)
    this.#refuseLeftOut(to, isFolder)
    await this.#refuseBlocked(to)
    if ((await disk.look(to)) !== null) throw new AppError('ALREADY_THERE', { path: to })
    const moved = isFolder ? await this.#movable(from, to) : [{ was: from, is: to }]
    const gone = moved.map(({ was }) => was)
    loop.deletions.mean(gone)
    try {
      const outcome = await disk.rename(from, to, node)
      if (!outcome.done && outcome.why === 'exists') throw new AppError('ALREADY_THERE', { path: to })
      this.#refuse(outcome.done || outcome.why !== 'blocked' ? from : to, outcome)
      await disk.flush()
      let settled = 0
      await this.#published([from, to], {
        about: moved.map(({ is }) => is),
        isDone: async () => {
          for (; settled < moved.length; settled++) {
            const one = moved[settled]
            if (one !== undefined && !((await this.#isToldGone(one.was)) && (await this.#isTold(one.is)))) return false
          }
          return true
        },
      })
    } finally {
      loop.deletions.unmean(gone)
    }
  }

  /** Every path of a folder with the one that it moves to. Throws BAD_REQUEST when a part of it would not come along. */
  async #movable(from: FolderPath, to: FolderPath): Promise<{ was: FolderPath; is: FolderPath }[]> {
    const { disk, loop, folder } = this.#o
    if (createSelection(folder.record.exclude, { caseInsensitive: disk.caseInsensitive === true }).holdsExcluded(from))
      throw new AppError('BAD_REQUEST', { reason: `a part of "${from}" is left out on this device; move it where all of it is` })
    const ignored = (path: FolderPath, isFolder: boolean): boolean => loop.ignoreRules.ignores(path, isFolder)
    const moved = [{ was: from, is: to }]
    for await (const batch of disk.scan({ start: from, ignored })) {
      for (const { path, node } of batch) {
        if (path === from) continue
        const is = movedPath(path, { from, to })
        if (node.kind !== 'folder') this.#refuseLeftOut(is, false)
        moved.push({ was: path, is })
      }
    }
    return moved
  }

  /** True when the drives have nothing at a path, or when something is there again. */
  async #isToldGone(path: FolderPath): Promise<boolean> {
    return (await this.#o.synced.get(path)) === null || (await this.#o.disk.look(path)) !== null
  }

  /** True when the drives have what is on disk. A folder is told only where nothing is in it. */
  async #isTold(path: FolderPath): Promise<boolean> {
    const node = await this.#o.disk.look(path)
    if (node === null || (node.kind === 'folder' && !node.empty)) return true
    return await this.#isAgreed(path, node)
  }

  /** What the folder leaves out would never be published. */
  #refuseLeftOut(path: FolderPath, isFolder: boolean): void {
    const { folder, loop, disk } = this.#o
    if (loop.ignoreRules.ignores(path, isFolder))
      throw new AppError('BAD_REQUEST', { reason: `"${path}" is left out by the ignore rules of the folder` })
    const selection = createSelection(folder.record.exclude, { caseInsensitive: disk.caseInsensitive === true })
    if (selection.isExcluded(path)) throw new AppError('BAD_REQUEST', { reason: `"${path}" is left out on this device` })
  }

  async #refuseBlocked(path: FolderPath): Promise<void> {
    const root = await this.#o.disk.rootState()
    if (root.state !== 'present')
      throw this.#o.loop.problem ?? new AppError('FOLDER_UNREADABLE', { path: this.#o.disk.root, reason: 'the folder is not there' })
    for (const above of ancestorsOf(path)) {
      const there = await this.#o.disk.look(above)
      if (there !== null && there.kind !== 'folder') throw new AppError('BAD_REQUEST', { reason: `"${above}" is no folder` })
    }
  }

  #refuse(path: FolderPath, outcome: DiskOutcome | undefined): void {
    if (outcome?.done === true) return
    const reason =
      outcome?.why === 'unsafe' ? `"${path}" leads out of the folder` : `"${path}" was changed by another program at this moment; try again`
    throw new AppError('BAD_REQUEST', { reason })
  }

  /** True when the drives have what is on disk. */
  async #isAgreed(path: FolderPath, node: LocalNode | null): Promise<boolean> {
    if (node === null) return false
    const known = await this.#o.synced.get(path)
    return known?.local != null && same(known.local, node)
  }

  /** Waits until the loop has told the drives. Throws why it does not, TIMED_OUT. */
  async #published(
    paths: readonly FolderPath[],
    { isDone, about = paths }: { isDone: () => Promise<boolean>; about?: readonly FolderPath[] },
  ): Promise<void> {
    const { loop } = this.#o
    const until = performance.now() + PUBLISHED_MS
    for (;;) {
      await loop.rescan(paths)
      if (await isDone()) return
      for (const path of loop.unsettled.size === 0 ? [] : about) {
        const reason = loop.unsettled.get(path)
        if (reason !== undefined) throw new AppError('FOLDER_UNREADABLE', { path, reason })
      }
      if (loop.state === 'paused') throw new AppError('BAD_REQUEST', { reason: `${this.#o.folder.record.title} was paused` })
      if (performance.now() > until)
        throw new AppError('TIMED_OUT', { seconds: PUBLISHED_MS / 1000, missing: 'it is written, and not published yet' })
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}

function same(a: LocalNode | null, b: LocalNode | null): boolean {
  if (a === null || b === null || a.kind !== b.kind) return a === b
  if (a.kind === 'folder' || b.kind === 'folder') return true
  if (a.kind === 'file' && b.kind === 'file')
    return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino && a.executable === b.executable
  return a.kind === 'symlink' && b.kind === 'symlink' && a.target === b.target
}
