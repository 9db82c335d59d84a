/** Events of a store as an async iterable that reconnects by itself. */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import * as v from 'valibot'
import { ERRORS, errorCode } from './contract/errors.ts'
import { ROUTES } from './contract/routes.ts'
import { StoreEvent } from './contract/schemas.ts'
import { send, unreachable } from './transport.ts'
import type { Target } from './transport.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
/** Characters that one event may have before its stream is cut. */
const EVENT_CHARS = 16 * 1024 * 1024

/** Options of `client.events`. */
export interface EventsOptions {
  /** Only events of this folder: key, link, path or unique title. */
  readonly folder?: string
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal
  /** Told when the stream opens and when it breaks; events between the two were missed, so read the state again after each `true`. */
  readonly onConnection?: (connected: boolean) => void
}

/** Events of a store from now on; see `followStream`. Events of kinds that this version does not know are left out. */
export function readEvents(target: Target, options: EventsOptions): AsyncGenerator<StoreEvent, void> {
  const { folder, ...rest } = options
  const path = ROUTES.getEvents.path + (folder === undefined ? '' : `?folder=${encodeURIComponent(folder)}`)
  return followStream(target, { ...rest, path: () => path, schema: StoreEvent })
}

/** What is followed, and how. */
export interface StreamOptions<Event> {
  /** Asked before each connection, so that one that broke goes on where it was. */
  readonly path: () => string
  readonly schema: v.GenericSchema<unknown, Event>
  readonly signal?: AbortSignal | undefined
  readonly onConnection?: ((connected: boolean) => void) | undefined
}

/**
 * Events of a stream. The first connection must succeed (else its error is thrown); later breaks are mended for ever, with
 * pauses that grow to 10 seconds. An error that a new try can't cure (a right taken away) ends the iteration by throwing.
 * What is not of the schema is left out.
 */
export async function* followStream<Event>(target: Target, options: StreamOptions<Event>): AsyncGenerator<Event, void> {
  const { signal, onConnection } = options
  let pauseMs = FIRST_PAUSE_MS
  let opened = false
  const over = () => signal?.aborted === true
  while (!over()) {
    // Leaving the loop early (break, return) must close the connection too.
    const connection = new AbortController()
    const abort = () => connection.abort()
    signal?.addEventListener('abort', abort)
    try {
      const response = await send(target, { method: 'GET', path: options.path(), accept: 'text/event-stream', signal: connection.signal })
      if (response.body === null) throw unreachable(target, new Error('the event stream has no body'))
      opened = true
      pauseMs = FIRST_PAUSE_MS
      onConnection?.(true)
      for await (const event of messages(response.body, options.schema, connection.signal)) yield event
    } catch (error) {
      if (over()) return
      const code = errorCode(error)
      if (!opened || (code !== undefined && !ERRORS[code].retry)) throw error
    } finally {
      signal?.removeEventListener('abort', abort)
      connection.abort()
    }
    if (over()) return
    onConnection?.(false)
    await pause(pauseMs * (0.75 + Math.random() / 2), signal)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}

async function* messages<Event>(
  body: ReadableStream<Uint8Array>,
  schema: v.GenericSchema<unknown, Event>,
  signal: AbortSignal,
): AsyncGenerator<Event, void> {
  const text = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
  const reader = text.pipeThrough(new EventSourceParserStream({ maxBufferSize: EVENT_CHARS })).getReader()
  // Not left to fetch: it may forget a signal, as garbage, once the headers are there.
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', cancel)
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read()
      if (done) return
      const event = parseEvent(value.data, schema)
      if (event !== null) yield event
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}

function parseEvent<Event>(data: string, schema: v.GenericSchema<unknown, Event>): Event | null {
  try {
    const parsed = v.safeParse(schema, JSON.parse(data))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
