/** Rows of one table in several logs, merged: per key the newest clock counts; what was there before stays in history. */
import type { DriveId } from './entries.ts'
import type { FolderVersion } from './ports.ts'
import { compareClocks, nextClock, type RowRecord } from './table-clock.ts'
import type { Timeline, TimelineStep } from './timeline.ts'

/** A row with where it stands. */
export interface DriveRow extends Omit<RowRecord, 'writer'> {
  readonly key: Uint8Array
  readonly drive: DriveId
  /** Index of its block in that drive's log. */
  readonly seq: number
  /** Name in version vectors of the device that wrote it first. */
  readonly writer: DriveId
}

/** A row to be written to the own log. `writer` null: it is this device's. */
export type RowToWrite = RowRecord & { readonly key: Uint8Array }

/**
 * Below 0 when `a` gives way to `b`: by clock, then by the name of the device, then by log and place in it. The order of any two rows is
 * the same on all devices.
 */
export function compareRows(a: DriveRow, b: DriveRow): number {
  return compareClocks(a.clock, b.clock) || compareIds(a.writer, b.writer) || compareIds(a.drive, b.drive) || a.seq - b.seq
}

/** True for one write in two logs: a device took it over, or wrote it again. */
function isSameWrite(a: DriveRow, b: Pick<DriveRow, 'clock' | 'writer'>): boolean {
  return a.writer === b.writer && compareClocks(a.clock, b.clock) === 0
}

/** The row that counts of those at one key; null for none. A deletion counts as any other. */
export function newestRow(rows: Iterable<DriveRow | null>): DriveRow | null {
  let newest: DriveRow | null = null
  for (const row of rows) if (row !== null && (newest === null || compareRows(row, newest) > 0)) newest = row
  return newest
}

/**
 * Merges streams of rows, each in the order of its keys (`reverse`: last first) with a key once, into one: per key the row that counts,
 * deletions too. A stream whose keys are not in order ends there: its writer harms its own rows only.
 */
export async function* mergeRows(streams: readonly AsyncIterable<DriveRow>[], options: { reverse: boolean }): AsyncGenerator<DriveRow> {
  const sign = options.reverse ? -1 : 1
  const heads: Head[] = []
  try {
    for (const stream of streams) {
      const rows = stream[Symbol.asyncIterator]()
      const head: Head = { rows, row: null }
      heads.push(head)
    }
    await Promise.all(heads.map(async (head) => step(head, sign)))
    for (;;) {
      let least: DriveRow | null = null
      for (const { row } of heads) if (row !== null && (least === null || sign * Buffer.compare(row.key, least.key) < 0)) least = row
      if (least === null) return
      let newest: DriveRow = least
      const { key } = least
      for (const head of heads) {
        const { row } = head
        if (row === null || Buffer.compare(row.key, key) !== 0) continue
        if (compareRows(row, newest) > 0) newest = row
        await step(head, sign)
      }
      yield newest
    }
  } finally {
    for (const { rows } of heads) await rows.return?.()
  }
}

interface Head {
  readonly rows: AsyncIterator<DriveRow>
  row: DriveRow | null
}

async function step(head: Head, sign: number): Promise<void> {
  const before = head.row
  const next = await head.rows.next()
  const row = next.done === true ? null : next.value
  head.row = row !== null && before !== null && sign * Buffer.compare(row.key, before.key) <= 0 ? null : row
}

/** The newest of each key among changes: what is put or deleted, with the clock that it gets. `seen` is what counts at the key now. */
export function planWrites(
  changes: readonly { readonly key: Uint8Array; readonly value: Uint8Array | null; readonly seen: DriveRow | null }[],
  now: number,
): RowToWrite[] {
  const planned: RowToWrite[] = []
  for (const { key, value, seen } of changes) {
    // What is not there needs no deletion.
    if (value === null && (seen === null || seen.value === null)) continue
    planned.push({ key, value, clock: nextClock(seen?.clock ?? null, now), at: now, writer: null, repeated: false })
  }
  return planned
}

/** What a device has to write of one key to take over what a log told that stops counting. */
export interface TakenKey {
  /** What that log told of the key beyond its end. */
  readonly told: readonly DriveRow[]
  /** What counts at the key in each log that goes on counting. */
  readonly standing: readonly DriveRow[]
  /** What the own log says of it; null for nothing. */
  readonly own: DriveRow | null
}

/** Rows to be written, with their clocks and who wrote them first. What another device took over already is not taken again. */
export function planTakeOver({ told, standing, own }: TakenKey): RowToWrite[] {
  const rows = told.filter(({ repeated }) => !repeated).sort(compareRows)
  const last = rows.at(-1)
  if (last === undefined || standing.some((row) => isSameWrite(row, last))) return []
  const copies: RowToWrite[] = rows.map((row) => toWrite(row, false))
  // A log says its last word on a key: that must not become an older one.
  if (own !== null && (compareClocks(own.clock, last.clock) || compareIds(own.writer, last.writer)) > 0) copies.push(toWrite(own, true))
  return copies
}

function toWrite({ key, value, clock, at, writer }: DriveRow, repeated: boolean): RowToWrite {
  return { key, value, clock, at, writer, repeated }
}

/**
 * Picks rows for history, so that each write is told once: several devices may have taken one over, and a log may say its last word on a
 * key again. `isFirst` tells whether a row lies in a log of the device that wrote it.
 */
export function eachWriteOnce(isFirst: (row: DriveRow) => boolean): (row: DriveRow) => boolean {
  const seen = new Set<string>()
  return (row) => {
    if (row.repeated) return false
    if (isFirst(row)) return true
    const write = `${row.writer} ${row.clock.ms} ${row.clock.counter} ${Buffer.from(row.key).toString('latin1')}`
    if (seen.has(write)) return false
    seen.add(write)
    return true
  }
}

/** The versions of a folder for rows: each block has a number of its own, and a number within a step means all of that step. */
export class RowVersions {
  readonly #line: Timeline
  readonly #steps = new Map<DriveId, TimelineStep[]>()

  constructor(line: Timeline) {
    this.#line = line
    for (const step of line.steps) {
      const own = this.#steps.get(step.drive)
      if (own === undefined) this.#steps.set(step.drive, [step])
      else own.push(step)
    }
  }

  /** The newest version. */
  get total(): number {
    return this.#line.total
  }

  /** Version of the folder that a block makes; the newest for one that is not in the timeline. */
  versionOf({ drive, seq }: Pick<DriveRow, 'drive' | 'seq'>): number {
    const steps = this.#steps.get(drive) ?? []
    const step = steps[firstWhere(steps, ({ to }) => to > seq)]
    return step === undefined ? this.#line.total : versionAt(step, seq)
  }

  /** Index of the step that a version is in or ends; -1 for one before all, the number of steps for one after all. */
  indexOf(version: number): number {
    return version < 1 ? -1 : firstWhere(this.#line.steps, (step) => step.version >= version)
  }

  /** How long each drive is at a version; 0 is before all of them. Null for one that is newer than all. */
  stateOf(version: number): FolderVersion | null {
    return version < 0 || version > this.#line.total ? null : this.#line.stateAfter(this.indexOf(version))
  }

  /** Steps up to the one that `before` is in, newest first; null: from the newest. */
  *back(before: number | null): Generator<TimelineStep> {
    const last = before === null ? this.#line.steps.length - 1 : Math.min(this.indexOf(before), this.#line.steps.length - 1)
    for (let at = last; at >= 0; at--) yield this.#line.steps[at] as TimelineStep
  }

  /** Steps from the one that tells of anything after `version`, oldest first. */
  *onward(version: number): Generator<TimelineStep> {
    for (let at = Math.max(0, this.indexOf(version + 1)); at < this.#line.steps.length; at++) yield this.#line.steps[at] as TimelineStep
  }

  /** All steps, oldest first. */
  get steps(): readonly TimelineStep[] {
    return this.#line.steps
  }
}

/** Version of the folder that a block of a step makes. */
export function versionAt(step: TimelineStep, seq: number): number {
  return step.version - (step.to - (seq + 1))
}

function compareIds(a: DriveId, b: DriveId): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Index of the first item for which `holds`, in a list where it holds for all after too; its length when for none. */
function firstWhere<Item>(list: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(list[middle] as Item)) high = middle
    else low = middle + 1
  }
  return low
}
