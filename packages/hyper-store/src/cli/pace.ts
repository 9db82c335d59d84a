/** Rate and time left of work at another device, worked out from how far it has come. */
import type { ProgressState } from './progress.ts'

const WINDOW_MS = 5000
/** A rate over less than this jumps about too much to be shown. */
const LEAST_MS = 500

/** Adds rate and time left to states that lack them. */
export type Pace = (state: ProgressState, work: { readonly bytes: number; readonly nowMs: number }) => ProgressState

/** Makes a pace, which remembers the last five seconds. */
export function createPace(): Pace {
  let seen: { share: number; atMs: number }[] = []
  return (state, { bytes, nowMs }) => {
    const { share } = state
    if (share === null) return state
    // A newer version starts the work anew.
    if (share < (seen.at(-1)?.share ?? 0)) seen = []
    seen = [...seen.filter(({ atMs }) => nowMs - atMs <= WINDOW_MS), { share, atMs: nowMs }]
    const [first] = seen
    if (first === undefined || share === 1 || (state.bytesPerSecond ?? 0) > 0 || nowMs - first.atMs < LEAST_MS) return state
    const bytesPerSecond = ((share - first.share) * bytes * 1000) / (nowMs - first.atMs)
    if (bytesPerSecond <= 0) return state
    return { ...state, bytesPerSecond, secondsLeft: ((1 - share) * bytes) / bytesPerSecond }
  }
}
