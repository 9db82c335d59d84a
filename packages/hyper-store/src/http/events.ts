/** Server-sent events: one stream per listener, at the listener's pace, with a heartbeat that also asks whether the right still holds. */
import { AppError, LIMITS } from '@hyper-store/client/contract'
import type { StoreApi } from '../core/store-api.ts'
import type { Auth } from './auth.ts'
import type { HttpContext } from './context.ts'
import { HttpProblem } from './error-reply.ts'

/** Seconds between two heartbeats. */
const HEARTBEAT_S = 15

/** The open event streams of a store. */
export interface EventStreams {
  /** Opens one for a request; 503 when LIMITS.eventStreams are open. `folder` is a reference, null for everything. */
  open(c: HttpContext, folder: string | null): Response
  /** The same over events of another kind. */
  openOf(c: HttpContext, source: (signal: AbortSignal) => AsyncIterable<Streamed>): Response
}

/** An event of a stream. */
export interface Streamed {
  readonly event: string
}

/** Makes the event streams. `onDefect` hears why one ended that nobody closed. */
export function createEventStreams(store: StoreApi, auth: Auth, onDefect: (error: unknown) => void): EventStreams {
  let open = 0
  const streams: EventStreams = {
    open: (c, folder) => streams.openOf(c, (signal) => store.events({ folder, signal })),
    openOf(c, source) {
      const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }
      if (c.req.method === 'HEAD') return new Response(null, { headers })
      if (open >= LIMITS.eventStreams) {
        const error = new AppError('BAD_REQUEST', { reason: `${LIMITS.eventStreams} event streams are open, close one first` })
        throw new HttpProblem(503, error, { 'retry-after': String(HEARTBEAT_S) })
      }
      open += 1
      const stopped = new AbortController()
      const events = source(stopped.signal)[Symbol.asyncIterator]()
      const stop = (): void => {
        if (stopped.signal.aborted) return
        open -= 1
        stopped.abort()
      }
      const body = eventBody(events, {
        stop,
        stillAllowed: async () => (await auth.identify(c)).caller !== null,
        onDefect,
      })
      c.req.raw.signal.addEventListener('abort', stop, { once: true })
      return new Response(body, { headers })
    },
  }
  return streams
}

interface StreamHooks {
  stop(): void
  stillAllowed(): Promise<boolean>
  onDefect(error: unknown): void
}

function eventBody(events: AsyncIterator<Streamed>, hooks: StreamHooks): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let heartbeat: ReturnType<typeof setInterval> | undefined
  let ended = false
  const end = (): void => {
    ended = true
    clearInterval(heartbeat)
    hooks.stop()
  }
  return new ReadableStream<Uint8Array>({
    start(controller) {
      // Something is sent at once, so that proxies and clients know that the stream stands.
      controller.enqueue(encoder.encode('retry: 2000\n: listening\n\n'))
      const beat = async (): Promise<void> => {
        const allowed = await hooks.stillAllowed()
        if (ended) return
        if (!allowed) {
          end()
          controller.close()
        } else if ((controller.desiredSize ?? 0) > 0) {
          controller.enqueue(encoder.encode(': heartbeat\n\n'))
        }
      }
      heartbeat = setInterval(() => {
        beat().catch((error: unknown) => {
          end()
          hooks.onDefect(error)
        })
      }, HEARTBEAT_S * 1000)
      heartbeat.unref()
    },
    // Called only when the listener has room: what it leaves unread stays with the store, which cuts off the slow.
    async pull(controller) {
      try {
        const { done, value } = await events.next()
        if (ended) return
        if (done === true) {
          end()
          controller.close()
        } else {
          controller.enqueue(encoder.encode(`event: ${value.event}\ndata: ${JSON.stringify(value)}\n\n`))
        }
      } catch (error) {
        if (ended) return
        end()
        hooks.onDefect(error)
        controller.close()
      }
    },
    cancel() {
      end()
    },
  })
}
