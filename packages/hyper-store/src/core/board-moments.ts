/** History of a board as people see it: its blocks, gathered into moments. */

/** A block of a log, without its content. */
export interface WrittenBlock {
  /** Key of the log. */
  readonly log: string
  /** By the writer's clock, milliseconds since 1970. */
  readonly time: number
}

/** Some time in which a board was changed without a longer pause. */
export interface BoardMoment {
  readonly since: number
  readonly at: number
  /** Blocks that were written. */
  readonly edits: number
  /** Keys of the logs that they are in. */
  readonly logs: readonly string[]
}

/** A pause that ends a moment. */
const PAUSE_MS = 5 * 60_000
/** Longer than this is more than one moment, however busy. */
const LONGEST_MS = 30 * 60_000
const MOST_MOMENTS = 500

/** Moments of a board, newest first, at most 500. */
export function momentsOf(blocks: readonly WrittenBlock[]): BoardMoment[] {
  const moments: { since: number; at: number; edits: number; logs: Set<string> }[] = []
  for (const { log, time } of [...blocks].sort((a, b) => b.time - a.time)) {
    const last = moments.at(-1)
    if (last !== undefined && last.since - time <= PAUSE_MS && last.at - time <= LONGEST_MS) {
      last.since = time
      last.edits++
      last.logs.add(log)
    } else if (moments.length >= MOST_MOMENTS) break
    else moments.push({ since: time, at: time, edits: 1, logs: new Set([log]) })
  }
  return moments.map((moment) => ({ ...moment, logs: [...moment.logs] }))
}
