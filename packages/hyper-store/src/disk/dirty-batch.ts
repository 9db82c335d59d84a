/** Collects dirty paths and hands them over together, a few milliseconds after the first. */

/** Saving a file makes several events within a millisecond or two; this joins them and no more. */
const DELIVER_MS = 10
/** The system's queue holds 16,384 events and drops the rest without a word we can hear; from half of it on, anything may be missing. */
const BURST_EVENTS = 8192

/** The set of paths to be delivered next. */
export class DirtyBatch {
  readonly #deliver: (paths: ReadonlySet<string>) => void
  #paths = new Set<string>()
  #events = 0
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(deliver: (paths: ReadonlySet<string>) => void) {
    this.#deliver = deliver
  }

  /** Counts an event of the system, also one that marks nothing. */
  count(): void {
    this.#events += 1
    if (this.#events === BURST_EVENTS) this.mark('')
  }

  /** Marks a path; '' means anything. */
  mark(path: string): void {
    if (this.#closed) return
    if (path === '') this.#paths.clear()
    if (!this.has(path)) this.#paths.add(path)
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      const paths = this.#paths
      this.#paths = new Set()
      this.#events = 0
      this.#deliver(paths)
    }, DELIVER_MS)
  }

  /** True when a path waits for delivery, by itself or as part of "anything". */
  has(path: string): boolean {
    return this.#paths.has('') || this.#paths.has(path)
  }

  /** Delivers nothing from here on. */
  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
