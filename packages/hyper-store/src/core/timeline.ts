/** The one numbered line of versions of a folder that several devices write: every step of every drive, in order of time. */
import type { DriveId } from './entries.ts'
import type { FolderVersion } from './ports.ts'

/** The end of one step (batch) in a drive's log. */
export interface Mark {
  /** Length of the db log after the step. */
  readonly length: number
  /** When its device says that it wrote the step, milliseconds since 1970; null when it does not say. */
  readonly at: number | null
}
/** The steps of one drive, oldest first; lengths grow. */
export interface DriveMarks {
  readonly drive: DriveId
  readonly marks: readonly Mark[]
}

/** One version of a folder: what one device wrote in one step. */
export interface TimelineStep {
  /** Number of the version: blocks of all steps up to this one. */
  readonly version: number
  readonly drive: DriveId
  /** The drive's length before and after the step. */
  readonly from: number
  readonly to: number
  /** The time that the device told; null when it did not. */
  readonly at: number | null
}

/** Versions of a folder by number and by time. */
export interface Timeline {
  /** Number of the newest version, the sum of all drives' lengths; 0 for an empty folder. */
  readonly total: number
  /** Oldest first. */
  readonly steps: readonly TimelineStep[]
  /** Index of the newest step whose number is at most `version`; -1 when there is none. */
  indexOf(version: number): number
  /** Index of the last step that counts as written by `ms`; -1 when there is none. */
  indexAt(ms: number): number
  /** How long each drive was after a step; -1 is before all of them. */
  stateAfter(index: number): FolderVersion
}

interface Placed extends Omit<TimelineStep, 'version'> {
  readonly order: number
}

/**
 * Numbers the steps of all drives. A step counts as written at the greatest time that its drive told up to then, so that a drive's
 * own order always holds; one without a time counts with the step before it, and at the beginning of a log with the first
 * step that has one. Drives that never told a time come last. At one time the drive ids decide. Any two devices with the same logs
 * get the same line, whatever came when.
 */
export function buildTimeline(drives: readonly DriveMarks[]): Timeline {
  const placed = drives.flatMap(placeSteps)
  placed.sort(byOrder)
  const steps: TimelineStep[] = []
  const indexes = new Map<DriveId, number[]>(drives.map(({ drive }) => [drive, []]))
  let total = 0
  for (const { drive, from, to, at } of placed) {
    total += to - from
    indexes.get(drive)?.push(steps.length)
    steps.push({ version: total, drive, from, to, at })
  }
  return {
    total,
    steps,
    indexOf: (version) => lastWhere(steps, (step) => step.version <= version),
    indexAt: (ms) => lastWhere(placed, (step) => step.order <= ms),
    stateAfter(index) {
      const state: Record<string, number> = {}
      for (const [drive, own] of indexes) {
        const last = own[lastWhere(own, (at) => at <= index)]
        state[drive] = last === undefined ? 0 : (steps[last]?.to ?? 0)
      }
      return state
    },
  }
}

function placeSteps({ drive, marks }: DriveMarks): Placed[] {
  let order = marks.find(({ at }) => at !== null)?.at ?? Infinity
  let from = 0
  return marks.map(({ length, at }) => {
    if (at !== null && at > order) order = at
    const step = { drive, from, to: length, at, order }
    from = length
    return step
  })
}

function byOrder(a: Placed, b: Placed): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  if (a.drive !== b.drive) return a.drive < b.drive ? -1 : 1
  return a.to - b.to
}

/** Index of the last item for which `holds`, in a list where it holds for all before too; -1 when for none. */
function lastWhere<Item>(list: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = list[middle]
    if (item !== undefined && holds(item)) low = middle + 1
    else high = middle
  }
  return low - 1
}
