/** How long until another device has everything: from how its share grew lately, for nobody tells the sender. */

const WINDOW_MS = 12_000
const LEAST_MS = 1500

/** Shares of one transfer as they were seen. */
export class Pace {
  #seen: { readonly at: number; readonly share: number }[] = []

  /** Notes a share, 0..1, at a moment in milliseconds. */
  note(share: number, at: number): void {
    const last = this.#seen.at(-1)
    // New content makes the share fall: what was seen before says nothing any more.
    if (last !== undefined && share < last.share) this.#seen = []
    else if (last !== undefined && last.share === share && at - last.at < WINDOW_MS) return
    this.#seen = [...this.#seen.filter((one) => one.at > at - WINDOW_MS), { at, share }]
  }

  /** Seconds left; null while nothing is known. */
  secondsLeft(now: number): number | null {
    const first = this.#seen[0]
    const last = this.#seen.at(-1)
    if (first === undefined || last === undefined || last.at - first.at < LEAST_MS || now - last.at > WINDOW_MS) return null
    const perSecond = ((last.share - first.share) * 1000) / (last.at - first.at)
    return perSecond > 0 ? (1 - last.share) / perSecond : null
  }
}
