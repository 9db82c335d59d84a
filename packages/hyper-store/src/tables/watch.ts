/** Follows a table: what changed since a version, then what changes. */
import { errorCode, type RowEvent } from '@hyper-store/client/contract'
import { keyBytes, startsWith } from '../core/table-keys.ts'
import type { TableSource } from '../core/table-source.ts'
import { shownChange } from './table-room.ts'

/** What nobody who is on has is asked for again after this. */
const AGAIN_MS = 5000

/** Changes after `since` (null: from now on) of keys with `prefix`, oldest first, then as they happen; ends when `signal` aborts. */
export async function* watchTable(
  source: TableSource,
  options: { readonly prefix: string | null; readonly since: number | null; readonly link: string; readonly signal: AbortSignal },
): AsyncGenerator<RowEvent> {
  const { signal, link } = options
  const prefix = keyBytes(options.prefix ?? '')
  const news = new News(source, signal)
  try {
    let at = options.since ?? source.version()
    while (!signal.aborted) {
      const to = source.version()
      let told = at
      try {
        for await (const change of source.changesSince(at)) {
          if (signal.aborted) return
          if (startsWith(change.key, prefix)) yield shownChange(change, link)
          told = change.version
        }
        at = Math.max(at, to)
      } catch (error) {
        if (errorCode(error) !== 'NO_PEER') throw error
        at = told
        await news.wait(AGAIN_MS)
        continue
      }
      if (source.version() === to) await news.wait(null)
    }
  } finally {
    news.close()
  }
}

/** Wakes one waiter when there is a newer version, or at the end. */
class News {
  readonly #stop: () => void
  readonly #signal: AbortSignal
  #came = false
  #wake: () => void = () => undefined

  constructor(source: TableSource, signal: AbortSignal) {
    this.#signal = signal
    this.#stop = source.onVersion(this.#tell)
    signal.addEventListener('abort', this.#tell)
  }

  /** Waits for news since the last call, at most `longestMs`. */
  async wait(longestMs: number | null): Promise<void> {
    if (!this.#came && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = longestMs === null ? null : setTimeout(resolve, longestMs)
        this.#wake = () => {
          if (timer !== null) clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#came = false
  }

  close(): void {
    this.#stop()
    this.#signal.removeEventListener('abort', this.#tell)
  }

  readonly #tell = () => {
    this.#came = true
    this.#wake()
  }
}
