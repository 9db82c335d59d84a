/** Versions of a folder, what differs between them, restoring, and the trash. */
import path from 'node:path'
import {
  AppError,
  errorCode,
  type Diff,
  type EmptiedTrash,
  type History,
  type HistoryVersion,
  type PathChange,
  type Restored,
  type RestoreFolder,
  type RestoredTrash,
  type TrashItem,
} from '@hyper-store/client/contract'
import type { Entry, FolderPath } from '../core/entries.ts'
import { restoredName } from '../core/kept-names.ts'
import { isBelow, nameOf, parsePath, PRIVATE_DIR } from '../core/paths.ts'
import type { Clock, DiskFolder } from '../core/ports.ts'
import type { HistoryApi } from '../core/store-api.ts'
import type { Timeline, TimelineStep } from '../core/timeline.ts'
import { diffTrees, type PathPair, type TreeChange } from '../core/tree-diff.ts'
import { openDiskFolder } from '../disk/disk-folder.ts'
import { historyOf, type FolderHistory } from '../hyper/folder-history.ts'
import { createSerial } from '../lib/serial.ts'
import type { State } from '../state/state.ts'
import { bringBack, type NotBrought } from './bring-back.ts'
import type { KeptFolder } from './kept-folder.ts'
import type { KeptFolders } from './kept-folders.ts'
import { pastOf, readPast, refuseUnreadable, sized } from './past-reading.ts'
import { checkPlace, makePlace, type RestorePlace } from './restore-place.ts'

/** Changes that a version of the history tells. */
const CHANGES_TOLD = 100
/** A folder that is being edited is brought back in so many rounds at most. */
const ROUNDS = 3
const NAME_TRIES = 20
/** Clocks of devices differ; a moment no later than this is not in the future. */
const FUTURE_MS = 60_000
const DAY_MS = 86_400_000

/** What time travel needs from the store around it. */
export interface TimeTravelOptions {
  readonly folders: KeptFolders
  readonly state: State
  readonly clock: Clock
  /** Folder of the home, and the one in it for staging and trash. */
  readonly home: { readonly folder: string; readonly diskFolder: string }
  /** Name of this device. */
  readonly deviceName: () => string
}

/** Versions of a folder, what differs between them, restoring, and the trash. */
export class TimeTravel implements HistoryApi {
  readonly #o: TimeTravelOptions
  readonly #restores = createSerial()

  constructor(options: TimeTravelOptions) {
    this.#o = options
  }

  // ---- history and differences

  async history(ref: string, query: { path: string | null; limit: number; before: number | null }): Promise<History> {
    const folder = this.#readable(ref)
    const history = historyOf(folder.drives)
    const line = await history.timeline()
    const within = query.path === null ? '' : pathOf(query.path)
    const last = query.before === null ? line.steps.length - 1 : line.indexOf(query.before - 1)
    const versions: HistoryVersion[] = []
    let more = false
    for await (const index of indexesOf(history, line, { last, within })) {
      if (versions.length >= query.limit) {
        more = true
        break
      }
      const step = line.steps[index]
      if (step === undefined) continue
      const { changes, count } = await history.changesOf(line, index, { limit: CHANGES_TOLD, path: within })
      // A record may be written again as it was: nobody sees a change in that.
      if (within !== '' && count === 0) continue
      versions.push({
        version: step.version,
        at: momentOf(step.at),
        device: this.#deviceOf(history, step),
        changes: await this.#shown(folder, changes),
        count,
      })
    }
    if (versions.length === 0 && within !== '' && query.before === null)
      throw new AppError('NOT_FOUND', { what: `"${within}" in any version` })
    return { versions, more }
  }

  async diff(ref: string, query: { from: string; to: string | null; path: string | null }): Promise<Diff> {
    const folder = this.#readable(ref)
    const history = historyOf(folder.drives)
    const line = await history.timeline()
    const from = this.#find(line, query.from)
    const to = query.to === null ? line.steps.length - 1 : this.#find(line, query.to)
    const within = query.path === null ? '' : pathOf(query.path)
    const pairs = await history.pairs(line.stateAfter(from), line.stateAfter(to), within)
    const changes = diffTrees(await this.#sizedPairs(folder, pairs))
    return { from: line.steps[from]?.version ?? 0, to: line.steps[to]?.version ?? 0, changes: changes.map(shownChange) }
  }

  // ---- restoring

  async restore(ref: string, request: RestoreFolder): Promise<Restored> {
    const folder = this.#readable(ref)
    return this.#restores.run(async () => this.#restore(folder, request))
  }

  async #restore(folder: KeptFolder, request: RestoreFolder): Promise<Restored> {
    const { version, at, to, dryRun = false } = request
    if ((version === undefined) === (at === undefined))
      throw new AppError('BAD_REQUEST', { reason: 'name a version or a moment to restore, one of the two' })
    const within = request.path === undefined ? '' : pathOf(request.path)
    const line = await historyOf(folder.drives).timeline()
    const index = this.#find(line, at ?? String(version))
    if (index < 0) throw new AppError('UNKNOWN_VERSION', { version: version ?? 0 })
    const wish: Wish = { folder, line, index, within, dryRun, isFile: await isFileIn(folder, { line, index, within }) }
    const { place, changes } = to === undefined ? { place: null, changes: await this.#inPlace(wish) } : await this.#aside(wish, to)
    const step = line.steps[index]
    return {
      version: step?.version ?? 0,
      at: momentOf(step?.at ?? null),
      to: place?.to ?? null,
      changes: await this.#shown(folder, changes),
    }
  }

  /** Changes the folder on disk, from where the changes go to the drives as new versions. */
  async #inPlace(wish: Wish): Promise<readonly TreeChange[]> {
    const { folder, within, line, index } = wish
    const { disk, loop } = folder
    if (disk === null || loop === null)
      throw new AppError('BAD_REQUEST', { reason: 'this device has no files of the folder; name a place to restore to with --to' })
    if (!folder.drives.writable || (folder.record.mode !== 'send-receive' && folder.record.mode !== 'send-only'))
      throw new AppError('FORBIDDEN', { reason: 'this device only reads the folder; name a place to restore to with --to' })
    const leftOut = folder.record.exclude.find((out) => within === out || isBelow(within as FolderPath, out as FolderPath))
    if (leftOut !== undefined)
      throw new AppError('BAD_REQUEST', { reason: `${leftOut} is left out on this device; name a place to restore to with --to` })
    const state = line.stateAfter(index)
    const root = await disk.rootState()
    let first: readonly TreeChange[] | null = null
    let failed: NotBrought = new Map()
    for (let round = 0; round < ROUNDS; round++) {
      // What the user saved until now becomes a version before it is replaced.
      if (round === 0) await folder.rescan()
      const changes = await this.#changesTo(folder, { state, within })
      first ??= changes
      if (wish.dryRun || changes.length === 0) break
      const past = await pastOf(folder, state)
      failed = await bringBack(changes, {
        disk,
        read: (at, entry) => readPast(folder, entry, { what: `"${at}" in version ${line.steps[index]?.version ?? 0}` }),
        readSmall: (entries) => folder.drives.readSmall(entries),
        isFolder: async (at) => (await past.get(at))?.entry.kind === 'folder' || (await past.hasFolder(at)),
        synced: round === 0 ? this.#o.state.synced(folder.key) : null,
      })
      await this.#publish(folder, root)
      if (failed.size === 0) break
    }
    const [left] = failed
    if (left !== undefined) throw new AppError('NOT_ALL_RESTORED', { count: failed.size, path: left[0], reason: left[1] })
    return first ?? []
  }

  /** Has the loop write what was brought back. It was asked for: that much of the folder went at once is no accident. */
  async #publish(folder: KeptFolder, before: Awaited<ReturnType<DiskFolder['rootState']>>): Promise<void> {
    try {
      await folder.rescan()
    } catch (error) {
      const now = await folder.disk?.rootState()
      const isSame =
        before.state === 'present' &&
        now?.state === 'present' &&
        now.identity.device === before.identity.device &&
        now.identity.ino === before.identity.ino
      if (errorCode(error) !== 'STOPPED_FOR_SAFETY' || !isSame) throw error
      await folder.resume({ confirm: true })
      await folder.rescan()
    }
  }

  /** What must change to get from now to a state, as far as it is on this device's disk. */
  async #changesTo(folder: KeptFolder, then: { state: Readonly<Record<string, number>>; within: string }): Promise<TreeChange[]> {
    const history = historyOf(folder.drives)
    const pairs = await history.pairs(history.newest(), then.state, then.within)
    const out = folder.record.exclude as FolderPath[]
    const here = pairs.filter(({ path: at }) => !out.some((folderOut) => at === folderOut || isBelow(at, folderOut)))
    return diffTrees(await this.#sizedPairs(folder, here), { times: true })
  }

  /** Writes a copy elsewhere. */
  async #aside(wish: Wish, to: string): Promise<{ place: RestorePlace; changes: readonly TreeChange[] }> {
    const { folder, within, line, index, isFile } = wish
    const { home } = this.#o
    const name = within === '' ? folder.record.title : nameOf(within as FolderPath)
    const place = await checkPlace(to, { isFile, name }, { folder: folder.record.path, home: home.folder })
    const past = await pastOf(folder, line.stateAfter(index))
    const changes: TreeChange[] = []
    const add = async (at: FolderPath, entry: Entry) =>
      changes.push({ op: 'add', path: at, from: null, before: null, after: await sized(folder, entry) })
    if (isFile) {
      const found = await past.get(within as FolderPath)
      if (found !== null) await add((place.name ?? name) as FolderPath, found.entry)
    } else {
      const cut = within === '' ? 0 : within.length + 1
      for await (const { path: at, entry } of past.entries(within)) await add(at.slice(cut) as FolderPath, entry)
    }
    if (wish.dryRun) return { place, changes }
    await makePlace(place)
    await using disk = await openDiskFolder(place.root, {
      privateDir: PRIVATE_DIR,
      area: path.join(home.diskFolder, `restored-${folder.key}`),
    })
    await disk.rootState()
    const failed = await bringBack(changes, {
      disk,
      read: (at, entry) => readPast(folder, entry, { what: `"${at}" in version ${line.steps[index]?.version ?? 0}` }),
      readSmall: (entries) => folder.drives.readSmall(entries),
      isFolder: async () => true,
      synced: null,
    })
    const [left] = failed
    if (left !== undefined) throw new AppError('NOT_ALL_RESTORED', { count: failed.size, path: left[0], reason: left[1] })
    return { place, changes }
  }

  // ---- trash

  async trash(ref: string): Promise<TrashItem[]> {
    const items = (await this.#o.folders.find(ref).disk?.listTrash()) ?? []
    return items.map(({ id, path: at, size, at: ms }) => ({ id, path: at, size, at: new Date(ms).toISOString() }))
  }

  async restoreTrash(ref: string, ids: readonly string[]): Promise<RestoredTrash> {
    const { disk } = this.#o.folders.find(ref)
    const items = new Map((await disk?.listTrash())?.map((item) => [item.id, item]))
    const missing = ids.find((id) => !items.has(id))
    if (disk === null || missing !== undefined) throw new AppError('NOT_FOUND', { what: `"${missing ?? ids[0] ?? ''}" in the trash` })
    const restored: { id: string; path: string }[] = []
    for (const id of new Set(ids)) {
      const item = items.get(id)
      if (item !== undefined) restored.push({ id, path: await takeFromTrash(disk, item) })
    }
    await disk.flush()
    return { restored }
  }

  async emptyTrash(ref: string, options: { olderThanDays: number }): Promise<EmptiedTrash> {
    const { olderThanDays } = options
    const before = olderThanDays === 0 ? Infinity : this.#o.clock.now() - olderThanDays * DAY_MS
    return (await this.#o.folders.find(ref).disk?.pruneTrash(before)) ?? { items: 0, bytes: 0 }
  }

  // ---- inside

  #readable(ref: string): KeptFolder {
    const folder = this.#o.folders.find(ref)
    refuseUnreadable(folder)
    return folder
  }

  #deviceOf(history: FolderHistory, step: TimelineStep): string {
    const told = history.deviceOf(step)
    if (told !== '') return told
    return history.isOwn(step) ? this.#o.deviceName() : step.drive
  }

  /** Index of the version that a number or a moment means. Throws UNKNOWN_VERSION, BAD_REQUEST. */
  #find(line: Timeline, text: string): number {
    if (/^\d{1,15}$/.test(text)) {
      const version = Number(text)
      if (version < 1 || version > line.total) throw new AppError('UNKNOWN_VERSION', { version })
      return line.indexOf(version)
    }
    const ms = Date.parse(text)
    if (Number.isNaN(ms)) throw new AppError('BAD_REQUEST', { reason: `"${text}" is neither a version nor a moment` })
    if (ms > this.#o.clock.now() + FUTURE_MS) throw new AppError('BAD_REQUEST', { reason: `${text} lies in the future` })
    const index = line.indexAt(ms)
    if (index < 0) throw new AppError('UNKNOWN_VERSION', { version: `of ${text} or before` })
    return index
  }

  async #sizedPairs(folder: KeptFolder, pairs: readonly PathPair[]): Promise<PathPair[]> {
    const all: PathPair[] = []
    for (const { path: at, before, after } of pairs)
      all.push({
        path: at,
        before: before === null ? null : await sized(folder, before),
        after: after === null ? null : await sized(folder, after),
      })
    return all
  }

  async #shown(folder: KeptFolder, changes: readonly TreeChange[]): Promise<PathChange[]> {
    const all: PathChange[] = []
    for (const change of changes) {
      const { before, after } = change
      // A map that nobody has leaves its file without a size, and the others with theirs.
      const told = async (entry: Entry | null) => (entry === null ? null : await sized(folder, entry).catch(() => entry))
      all.push(shownChange({ ...change, before: await told(before), after: await told(after) }))
    }
    return all
  }
}

/** What is to be restored. */
interface Wish {
  readonly folder: KeptFolder
  readonly line: Timeline
  readonly index: number
  /** '' for the whole folder. */
  readonly within: string
  readonly isFile: boolean
  readonly dryRun: boolean
}

/** True when one file or link is meant, false for a folder. Throws NOT_FOUND when the version has neither. */
async function isFileIn(folder: KeptFolder, wish: { line: Timeline; index: number; within: string }): Promise<boolean> {
  const { line, index, within } = wish
  if (within === '') return false
  const past = await pastOf(folder, line.stateAfter(index))
  const found = await past.get(within as FolderPath)
  if (found !== null) return found.entry.kind !== 'folder'
  if (await past.hasFolder(within)) return false
  throw new AppError('NOT_FOUND', { what: `"${within}" in version ${line.steps[index]?.version ?? 0}` })
}

async function* indexesOf(history: FolderHistory, line: Timeline, from: { last: number; within: string }): AsyncIterable<number> {
  if (from.within === '') for (let index = from.last; index >= 0; index--) yield index
  else yield* history.touching(line, from.last, from.within as FolderPath)
}

/** Brings one item back, beside its name where that is taken, and to the root where its folder can't be. */
async function takeFromTrash(disk: DiskFolder, item: { id: string; path: FolderPath; at: number }): Promise<FolderPath> {
  let why: string = 'exists'
  for (const wanted of [item.path, nameOf(item.path) as FolderPath]) {
    for (let attempt = 0; attempt <= NAME_TRIES; attempt++) {
      const to = attempt === 0 ? wanted : restoredName(wanted, item.at, attempt)
      const outcome = await disk.restoreTrash(item.id, to)
      if (outcome.done) return to
      why = outcome.why
      if (why !== 'exists') break
    }
    if (why === 'changed') throw new AppError('NOT_FOUND', { what: `"${item.id}" in the trash` })
  }
  throw new AppError('BAD_REQUEST', { reason: `${item.path} can't be brought back: all names beside it are taken` })
}

function shownChange({ op, path: at, from, before, after }: TreeChange): PathChange {
  return { op, path: at, from, sizeBefore: sizeOf(before), sizeAfter: sizeOf(after) }
}

function sizeOf(entry: Entry | null): number | null {
  return entry?.kind === 'file' ? Math.max(0, entry.size) : null
}

function momentOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

/** Throws BAD_REQUEST for what is no path in a folder. */
function pathOf(text: string): FolderPath {
  const parsed = parsePath(text.replace(/\/+$/, ''))
  if (parsed === null) throw new AppError('BAD_REQUEST', { reason: `"${text}" is no path in the folder` })
  return parsed
}
