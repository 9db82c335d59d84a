/** Events of the store to whoever listens; a listener that does not keep up is cut off. */
import type { StoreEvent } from '@hyper-store/client/contract'

/** Events that may wait for one listener. */
const QUEUE_LIMIT = 1000

interface Listener {
  readonly folder: string | null
  queue: StoreEvent[]
  wake: (() => void) | null
  cut: boolean
}

/** Tells events to any number of listeners without ever waiting for one. */
export class EventBus {
  readonly #listeners = new Set<Listener>()
  readonly #taps = new Set<(event: StoreEvent) => void>()

  emit(event: StoreEvent): void {
    for (const tap of this.#taps) tap(event)
    for (const listener of this.#listeners) {
      if (listener.folder !== null && 'link' in event && event.link !== listener.folder) continue
      // Of one item only the newest state matters.
      if (event.event === 'item') listener.queue = listener.queue.filter((e) => e.event !== 'item' || e.link !== event.link)
      listener.queue.push(event)
      if (listener.queue.length > QUEUE_LIMIT) {
        listener.cut = true
        this.#listeners.delete(listener)
      }
      listener.wake?.()
    }
  }

  /** Calls back at once for each event; for what must not miss any. */
  tap(listener: (event: StoreEvent) => void): () => void {
    this.#taps.add(listener)
    return () => this.#taps.delete(listener)
  }

  /** Events from now on, of one link or of all; ends when `signal` aborts or the listener is too slow. */
  async *listen(options: { folder: string | null; signal: AbortSignal }): AsyncIterable<StoreEvent> {
    const listener: Listener = { folder: options.folder, queue: [], wake: null, cut: false }
    this.#listeners.add(listener)
    const stop = () => listener.wake?.()
    options.signal.addEventListener('abort', stop, { once: true })
    try {
      while (!options.signal.aborted && !listener.cut) {
        const event = listener.queue.shift()
        if (event !== undefined) {
          yield event
          continue
        }
        await new Promise<void>((resolve) => {
          listener.wake = resolve
          if (listener.queue.length > 0 || options.signal.aborted) resolve()
        })
        listener.wake = null
      }
    } finally {
      this.#listeners.delete(listener)
      options.signal.removeEventListener('abort', stop)
    }
  }
}
