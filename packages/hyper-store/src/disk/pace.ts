/** Lets long synchronous work breathe: system calls in slices of a few milliseconds, the event loop in between. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Synchronous calls are several times cheaper than promised ones; a slice this long stays unnoticed by other work. */
const SLICE_MS = 8
/** Reading the clock costs as much as a stat, so only every so many steps. */
const STEPS_PER_LOOK = 16

/** Counts the time of one piece of work. */
export interface Pace {
  /** Call once per step; true when the slice is used up and `rest` is due. */
  step(): boolean
  /** Gives the event loop a turn and begins a new slice. Rejects when the work's signal is aborted. */
  rest(): Promise<void>
}

/** Begins a slice; `signal` ends the work at the next rest. */
export function startPace(signal?: AbortSignal): Pace {
  let steps = 0
  let began = performance.now()
  return {
    step() {
      steps += 1
      return steps % STEPS_PER_LOOK === 0 && performance.now() - began >= SLICE_MS
    },
    async rest() {
      await nextTurn()
      signal?.throwIfAborted()
      began = performance.now()
    },
  }
}
