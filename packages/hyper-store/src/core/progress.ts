/** How fast bytes come and how long the rest takes, over the last five seconds. */

/** Length of the window, milliseconds. */
const RATE_WINDOW_MS = 5000
const SLOT_MS = 250

/** A measure of speed; the caller brings the time. */
export interface Rate {
  /** Counts bytes that moved at `nowMs`; times must not run backwards (earlier ones count as the latest). */
  add(nowMs: number, bytes: number): void
  /** Bytes per second over the last five seconds, or since the first byte when that is less. */
  bytesPerSecond(nowMs: number): number
  /** Seconds until `bytesLeft` have moved; 0 when nothing is left, null while nothing moves. */
  secondsLeft(nowMs: number, bytesLeft: number): number | null
}

/** A new measure that has seen nothing. */
export function createRate(): Rate {
  // Slots, not single reports: a fast transfer reports thousands of times a second.
  let slots: { at: number; bytes: number }[] = []
  let begin: number | null = null

  function drop(nowMs: number): void {
    slots = slots.filter((slot) => slot.at > nowMs - RATE_WINDOW_MS)
    if (slots.length === 0) begin = null
  }
  function bytesPerSecond(nowMs: number): number {
    drop(nowMs)
    if (begin === null) return 0
    const bytes = slots.reduce((sum, slot) => sum + slot.bytes, 0)
    // A quarter of a second at least: the first report must not look like terabytes.
    const span = Math.min(RATE_WINDOW_MS, Math.max(SLOT_MS, nowMs - begin))
    return (bytes * 1000) / span
  }
  return {
    add(nowMs, bytes) {
      if (!(bytes > 0)) return
      drop(nowMs)
      begin ??= nowMs
      const last = slots.at(-1)
      if (last !== undefined && nowMs < last.at + SLOT_MS) last.bytes += bytes
      else slots.push({ at: nowMs, bytes })
    },
    bytesPerSecond,
    secondsLeft(nowMs, bytesLeft) {
      if (bytesLeft <= 0) return 0
      const rate = bytesPerSecond(nowMs)
      return rate > 0 ? bytesLeft / rate : null
    },
  }
}
