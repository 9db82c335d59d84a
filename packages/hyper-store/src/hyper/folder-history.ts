/** The history of a folder: where each device's steps lie in its log, their one timeline, and the folder as of any of them. */
import messages from 'hyperbee/lib/messages.js'
import { liveEntry } from '../core/content.ts'
import type { DriveId, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { ancestorsOf, isBelow } from '../core/paths.ts'
import type { FolderVersion } from '../core/ports.ts'
import { buildTimeline, type Mark, type Timeline, type TimelineStep } from '../core/timeline.ts'
import { diffTrees, type PathPair, type TreeChange } from '../core/tree-diff.ts'
import type { DeviceDrive } from './device-drive.ts'
import type { MemberDrive, MergedDrives } from './folder-drives.ts'
import { COPY_NAME, PastFolder, type PastDrive } from './past-folder.ts'

/** Blocks read together while a log is searched. */
const WINDOW = 512
/** Steps of the timeline that are searched together for a path. */
const SEARCH_STEPS = 1024
/** Of a step with more changes, only so many are looked up; its count stays right but for renames beyond. */
const LOOK_UPS = 2000

const EXTRAS_KEY = Buffer.from('hyper-store\0')
const FILES_KEY = 'files\0/'

/** What one step changed: at most as many as were asked for, in path order, and how many there are. */
export interface StepChanges {
  readonly changes: readonly TreeChange[]
  readonly count: number
}

/** Steps of one drive as far as its log was read. */
interface KnownMarks {
  fork: number
  /** Steps that end with a record that only ends a step. */
  marks: Mark[]
  /** The log was read up to here. */
  read: number
  /** Some step told its totals, as all steps of this program do. */
  counted: boolean
}

const histories = new WeakMap<MergedDrives, FolderHistory>()

/** The history of these drives; one for each merged view, so that logs are read once. */
export function historyOf(drives: MergedDrives): FolderHistory {
  let history = histories.get(drives)
  if (history === undefined) {
    history = new FolderHistory(drives)
    histories.set(drives, history)
  }
  return history
}

/** Reads the history of a folder; remembers where steps end, since logs only grow. */
export class FolderHistory {
  readonly #drives: MergedDrives
  readonly #lengthOf: (drive: DeviceDrive) => number
  readonly #known = new Map<DriveId, KnownMarks>()
  #timeline: { readonly of: string; readonly line: Timeline } | null = null
  #reading: Promise<unknown> = Promise.resolve()

  /** `lengthOf`: how much of a drive there is to be read; default: what is here whole. */
  constructor(drives: MergedDrives, lengthOf: (drive: DeviceDrive) => number = (drive) => drive.whole.db) {
    this.#drives = drives
    this.#lengthOf = lengthOf
  }

  /** The versions of the folder, as far as they are here whole. */
  async timeline(): Promise<Timeline> {
    const work = this.#reading.then(async () => this.#readTimeline())
    this.#reading = work.catch(() => undefined)
    return work
  }

  /** The newest state that is here whole. */
  newest(): FolderVersion {
    return Object.fromEntries(this.#lengths().map(({ drive, length }) => [drive.id, length]))
  }

  /** The state as of a version number; null when there is none so new. In a folder of one drive without reading all of its log. */
  async stateOf(version: number): Promise<FolderVersion | null> {
    const [only] = this.#lengths()
    if (this.#drives.members.length > 1 || only === undefined) {
      const line = await this.timeline()
      return version < 1 || version > line.total ? null : line.stateAfter(line.indexOf(version))
    }
    const { drive, length } = only
    if (version < 1 || version > Math.max(length, drive.db.length)) return null
    if (version > length || version > drive.db.contiguous) return { [drive.id]: version }
    if (version === length || !(await isCounted(drive, length))) return { [drive.id]: version }
    // The middle of a step is no state that anybody has seen: the records before it would be missing.
    for (let end = version; end > 1; end -= WINDOW) {
      const start = Math.max(1, end - WINDOW)
      const blocks = await drive.db.readMany(Array.from({ length: end - start }, (_, i) => start + i))
      const last = blocks.findLastIndex((block) => endOf(block)?.counted === true)
      if (last !== -1) return { [drive.id]: start + last + 1 }
    }
    return { [drive.id]: 1 }
  }

  #lengths(): { drive: DeviceDrive; length: number }[] {
    return this.#drives.members.map(({ drive, frozenAt }) => ({
      drive,
      length: drive.unreadable ? 0 : Math.min(this.#lengthOf(drive), frozenAt ?? Infinity),
    }))
  }

  /** Name of the device that wrote a step; '' for the writer of a folder that was never shared. */
  deviceOf(step: TimelineStep): string {
    return this.#member(step.drive)?.device ?? ''
  }
  /** True when this device wrote the step. */
  isOwn(step: TimelineStep): boolean {
    return this.#member(step.drive)?.drive.writable === true
  }

  /** The folder with its drives at these lengths; to be closed. */
  async open(state: FolderVersion): Promise<PastFolder> {
    const drives: PastDrive[] = []
    for (const { drive, writer, device } of this.#drives.members) {
      const length = await soundLength(drive, state[drive.id] ?? 0)
      // A drive of one block has only its header, and a look at it as of nothing would be a look at the newest.
      drives.push({ id: drive.id, writer, device: device === '' ? writer : device, view: drive.viewOf(Math.max(1, length)) })
    }
    return new PastFolder(drives)
  }

  /** The paths that differ between two states, at or below `path` ('' for all). */
  async pairs(from: FolderVersion, to: FolderVersion, path: string): Promise<PathPair[]> {
    await using before = await this.open(from)
    await using after = await this.open(to)
    const touched = new Set<FolderPath>()
    for (const { drive } of this.#drives.members) {
      const [low, high] = [from[drive.id] ?? 0, to[drive.id] ?? 0].sort((a, b) => a - b) as [number, number]
      for await (const record of drive.history(low, high)) touched.add(record.path)
    }
    const isAlone = this.#drives.members.length === 1
    const pairs: PathPair[] = []
    const add = async (pair: PathPair) => {
      const isWanted = path === '' || pair.path === path || isBelow(pair.path, path as FolderPath)
      if (isWanted && !(await isNoise(pair, before, after))) pairs.push(pair)
    }
    if (isAlone) {
      for (const at of touched)
        await add({ path: at, before: (await before.get(at))?.entry ?? null, after: (await after.get(at))?.entry ?? null })
      return pairs
    }
    const [was, is] = [new Map<FolderPath, PathPair['before']>(), new Map<FolderPath, PathPair['after']>()]
    if ([...touched].some((at) => COPY_NAME.test(at))) {
      // A real entry may have taken or freed the name of a copy of another path: only all of both states tells.
      for await (const one of before.entries()) was.set(one.path, one.entry)
      for await (const one of after.entries()) is.set(one.path, one.entry)
    } else {
      for (const at of touched) for (const above of ancestorsOf(at)) touched.add(above)
      for (const at of touched) {
        for (const one of await before.shownBy(at)) was.set(one.path, one.entry)
        for (const one of await after.shownBy(at)) is.set(one.path, one.entry)
      }
    }
    for (const at of new Set([...was.keys(), ...is.keys()])) await add({ path: at, before: was.get(at) ?? null, after: is.get(at) ?? null })
    return pairs
  }

  /** What a step changed at or below `path` ('' for all), as its device wrote it; at most `limit` changes are told. */
  async changesOf(line: Timeline, index: number, options: { limit: number; path: string }): Promise<StepChanges> {
    const step = line.steps[index]
    const drive = step === undefined ? undefined : this.#member(step.drive)?.drive
    if (step === undefined || drive === undefined) return { changes: [], count: 0 }
    const { path } = options
    const isWanted = (at: FolderPath) => path === '' || at === path || isBelow(at, path as FolderPath)
    const written = await lastRecords(drive, step)
    const wanted = [...written.keys()].filter(isWanted).sort()
    if (wanted.length === 0) return { changes: [], count: 0 }
    await using before = await this.open(line.stateAfter(index - 1))
    await using after = await this.open(line.stateAfter(index))
    const gone = [...written].filter(([, entry]) => liveEntry(entry) === null).map(([at]) => at)
    // Where a file moved from lies outside of what is wanted, perhaps; deletions are few beside what is put.
    const looked = new Set([...wanted.slice(0, wanted.length <= LOOK_UPS ? LOOK_UPS : options.limit), ...gone.slice(0, LOOK_UPS)])
    const pairs: PathPair[] = []
    for (const at of looked) {
      const pair = { path: at, before: (await before.get(at))?.entry ?? null, after: liveEntry(written.get(at) ?? null) }
      if (!(await isNoise(pair, before, after))) pairs.push(pair)
    }
    const found = diffTrees(pairs, { times: true }).filter(
      (change) => isWanted(change.path) || (change.from !== null && isWanted(change.from)),
    )
    const unseen = wanted.filter((at) => !looked.has(at)).length
    return { changes: found.slice(0, options.limit), count: found.length + unseen }
  }

  /** Indexes of steps before `index` that touch a path or what is below it, newest first. */
  async *touching(line: Timeline, index: number, path: FolderPath): AsyncIterable<number> {
    for (let end = index; end >= 0; end -= SEARCH_STEPS) {
      const steps = line.steps.slice(Math.max(0, end - SEARCH_STEPS + 1), end + 1)
      const hits = new Map<DriveId, number[]>()
      for (const { drive } of this.#drives.members) {
        const own = steps.filter((step) => step.drive === drive.id)
        const [first, last] = [own[0], own.at(-1)]
        if (first !== undefined && last !== undefined)
          hits.set(drive.id, await blocksOfPath(drive, { from: first.from, to: last.to }, path))
      }
      for (let i = steps.length - 1; i >= 0; i--) {
        const step = steps[i]
        if (step === undefined) continue
        const blocks = hits.get(step.drive) ?? []
        while ((blocks.at(-1) ?? -1) >= step.to) blocks.pop()
        if ((blocks.at(-1) ?? -1) >= step.from) yield Math.max(0, end - SEARCH_STEPS + 1) + i
      }
    }
  }

  #member(id: DriveId): MemberDrive | undefined {
    return this.#drives.members.find(({ drive }) => drive.id === id)
  }

  async #readTimeline(): Promise<Timeline> {
    const lengths = this.#lengths()
    const of = lengths.map(({ drive, length }) => `${drive.id} ${length} ${drive.db.fork}`).join()
    if (this.#timeline?.of === of) return this.#timeline.line
    const marked = []
    for (const { drive, length } of lengths) marked.push({ drive: drive.id, marks: await this.#marksOf(drive, length) })
    const line = buildTimeline(marked)
    this.#timeline = { of, line }
    return line
  }

  async #marksOf(drive: DeviceDrive, length: number): Promise<Mark[]> {
    let known = this.#known.get(drive.id)
    if (known === undefined || known.fork !== drive.db.fork || known.read > length) {
      known = { fork: drive.db.fork, marks: [], read: 0, counted: false }
      this.#known.set(drive.id, known)
    }
    for await (const { index, block } of blocksOf(drive, { from: known.read, to: length })) {
      const end = index === 0 ? null : endOf(block)
      if (end === null) continue
      known.marks.push({ length: index + 1, at: end.at })
      known.counted ||= end.counted
    }
    known.read = length
    const last = known.marks.at(-1)?.length ?? 0
    if (last === length) return known.marks
    if (known.counted) return [...known.marks, { length, at: null }]
    // Stock drives do not tell where a step ends: each record counts as one. The header goes with the first.
    const rest = Array.from({ length: length - Math.max(last, 1) }, (_, i) => ({ length: Math.max(last, 1) + i + 1, at: null }))
    return [...known.marks, ...(rest.length === 0 ? [{ length, at: null }] : rest)]
  }
}

/** True for a folder that only began or ceased to be empty: to people it was there all the time. */
async function isNoise({ path, before: was, after: is }: PathPair, before: PastFolder, after: PastFolder): Promise<boolean> {
  if (was?.kind === 'folder' && is === null) return after.hasFolder(path)
  return is?.kind === 'folder' && was === null && before.hasFolder(path)
}

/** True for a drive whose steps end with their totals. */
async function isCounted(drive: DeviceDrive, length: number): Promise<boolean> {
  const view = drive.viewOf(Math.max(1, length))
  try {
    return (await view.lastBatch()) !== null
  } finally {
    await view.close()
  }
}

/** The last thing that a step says of each of its paths. */
async function lastRecords(drive: DeviceDrive, step: TimelineStep): Promise<Map<FolderPath, EntryOrTombstone | null>> {
  const bySlot = new Map<FolderPath, Map<string, EntryOrTombstone | null>>()
  for await (const { path, slot, entry } of drive.history(step.from, step.to)) {
    const slots = bySlot.get(path) ?? new Map<string, EntryOrTombstone | null>()
    slots.set(slot, entry)
    bySlot.set(path, slots)
  }
  return new Map([...bySlot].map(([path, slots]) => [path, slots.get('file') ?? slots.get('folder') ?? slots.get('tombstone') ?? null]))
}

async function* blocksOf(drive: DeviceDrive, range: { from: number; to: number }): AsyncIterable<{ index: number; block: Uint8Array }> {
  for (let start = range.from; start < range.to; start += WINDOW) {
    const end = Math.min(range.to, start + WINDOW)
    const blocks = await drive.db.readMany(Array.from({ length: end - start }, (_, i) => start + i))
    for (const [i, block] of blocks.entries()) yield { index: start + i, block }
  }
}

/** What a record says that only ends a step (our totals, or what stands alone, as the title); null for any other. */
function endOf(block: Uint8Array): { readonly at: number | null; readonly counted: boolean } | null {
  if (!Buffer.from(block.buffer, block.byteOffset, block.byteLength).includes(EXTRAS_KEY)) return null
  const node = nodeOf(block)
  if (node === null || !node.key.startsWith('hyper-store\0') || /^hyper-store\0[dt]\//.test(node.key)) return null
  const counted = node.key === 'hyper-store\0totals'
  return { at: counted ? timeOf(node.value) : null, counted }
}

function nodeOf(block: Uint8Array): { readonly key: string; readonly value: Uint8Array | null } | null {
  try {
    const { key, value } = messages.Node.decode(block)
    return { key: Buffer.from(key).toString('utf8'), value }
  } catch {
    return null // a malformed block of a hostile writer says nothing
  }
}

/** The time in totals; null for none and for what is no time. */
function timeOf(value: Uint8Array | null): number | null {
  try {
    const at = (JSON.parse(Buffer.from(value ?? []).toString('utf8')) as { at?: unknown } | null)?.at
    return typeof at === 'number' && Number.isSafeInteger(at) && at >= 0 && at <= 8.64e15 ? at : null
  } catch {
    return null
  }
}

/** Blocks whose record is about a path or something below it, ascending. */
async function blocksOfPath(drive: DeviceDrive, range: { from: number; to: number }, path: FolderPath): Promise<number[]> {
  const text = Buffer.from(path)
  const found: number[] = []
  for await (const { index, block } of blocksOf(drive, { from: Math.max(1, range.from), to: range.to })) {
    if (!Buffer.from(block.buffer, block.byteOffset, block.byteLength).includes(text)) continue
    const key = nodeOf(block)?.key ?? ''
    const of = key.startsWith(FILES_KEY) ? key.slice(FILES_KEY.length) : (/^hyper-store\0[dt]\/(.*)$/s.exec(key)?.[1] ?? '')
    if (of === path || isBelow(of as FolderPath, path)) found.push(index)
  }
  return found
}

/** The length at or below `length` whose last block can be read: the root of the tree is in it. */
async function soundLength(drive: DeviceDrive, length: number): Promise<number> {
  if (length > drive.db.contiguous) return length
  for (let at = length; at > 1; at--) {
    const [block] = await drive.db.readMany([at - 1])
    if (block !== undefined && nodeOf(block) !== null) return at
  }
  return length
}
