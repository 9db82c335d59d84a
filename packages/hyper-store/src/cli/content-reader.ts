/** Bytes by link that go on where they were when the connection or the device that gives them is lost. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, ERRORS, errorCode } from '@hyper-store/client/contract'
import type { Place } from './thing-ref.ts'

/** Tries without a byte between them. */
const TRIES = 4
const FIRST_PAUSE_MS = 250
/** A store that says nothing for so long is asked again. */
const SILENCE_MS = 30_000
/** After so long without a byte no new try is made. */
const GIVE_UP_MS = 30_000

/** An open file, or all blocks of a core as one. */
export interface Content {
  /** Whole size in bytes; null when it was not told. */
  readonly size: number | null
  /** Where `bytes` begin. */
  readonly start: number
  /** Changes with the content; null when there is none. */
  readonly etag: string | null
  /** To be read once. Throws NO_PEER and TIMED_OUT once trying again is in vain, COMMAND_FAILED when it changed meanwhile. */
  readonly bytes: AsyncGenerator<Uint8Array, void>
}

/** How content is opened. */
export interface ContentOptions {
  readonly signal: AbortSignal
  /** Begin here, where what is there has this etag; else from the start. */
  readonly resume?: { readonly start: number; readonly etag: string }
}

type Source = Pick<Place, 'client' | 'ref' | 'path' | 'version'>

/** Opens what is at a place. Throws what the store says. */
export async function openContent(source: Source, { signal, resume }: ContentOptions): Promise<Content> {
  const resumed = resume === undefined ? null : await resumeAt(source, resume, signal)
  const first = resumed ?? (await withTries(signal, () => ask(source, 0, signal)))
  const { start, size, etag } = first
  return { start, size, etag, bytes: readOn(source, first, signal) }
}

interface Reply {
  readonly response: Response
  readonly start: number
  readonly size: number | null
  readonly etag: string | null
  readonly stop: AbortController
}

async function resumeAt(source: Source, { start, etag }: { start: number; etag: string }, signal: AbortSignal): Promise<Reply | null> {
  try {
    const reply = await withTries(signal, () => ask(source, start, signal))
    if (reply.etag === etag && reply.start === start) return reply
    reply.stop.abort()
  } catch (error) {
    // No such range: the part is longer than what is there now, or whole.
    if (errorCode(error) !== 'BAD_REQUEST') throw error
  }
  return null
}

async function ask({ client, ref, path, version }: Source, start: number, signal: AbortSignal): Promise<Reply> {
  // By hand: a joint signal may be collected as garbage while a request still listens to it.
  const stop = new AbortController()
  const abort = () => stop.abort()
  signal.addEventListener('abort', abort, { once: true })
  stop.signal.addEventListener('abort', () => signal.removeEventListener('abort', abort), { once: true })
  const silence = setTimeout(() => stop.abort(), SILENCE_MS)
  try {
    const response = await client.readContent(
      ref,
      { ...(path === '' ? {} : { path }), ...(version === null ? {} : { version }) },
      { signal: stop.signal, ...(start === 0 ? {} : { start }) },
    )
    const length = Number(response.headers.get('content-length') ?? Number.NaN)
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '')
    const from = response.status === 206 && range !== null ? Number(range[1]) : 0
    const size = range === null ? length : Number(range[2])
    return { response, start: from, size: Number.isSafeInteger(size) ? size : null, etag: response.headers.get('etag'), stop }
  } finally {
    clearTimeout(silence)
  }
}

async function* readOn(source: Source, first: Reply, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  let reply: Reply | null = first
  let at = first.start
  let tries = 0
  let heardMs = Date.now()
  try {
    for (;;) {
      try {
        reply ??= await ask(source, at, signal)
        if (reply.etag !== first.etag || (reply.start !== at && reply.start !== 0)) throw changed(source)
        let skip = at - reply.start
        for await (const chunk of bodyOf(reply)) {
          heardMs = Date.now()
          const fresh = chunk.subarray(Math.min(skip, chunk.byteLength))
          skip -= chunk.byteLength - fresh.byteLength
          if (fresh.byteLength === 0) continue
          tries = 0
          at += fresh.byteLength
          yield fresh
        }
        if (first.size === null || at >= first.size) return
        throw new Error(`it ended after ${at} of ${first.size} bytes`)
      } catch (error) {
        tries += 1
        if (!mayTryAgain(error, signal) || tries > TRIES || Date.now() - heardMs > GIVE_UP_MS) throw lastWord(error, signal)
        reply?.stop.abort()
        reply = null
        await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal })
      }
    }
  } finally {
    reply?.stop.abort()
  }
}

/** The chunks of a reply; a silence that lasts too long breaks it. */
async function* bodyOf({ response, stop }: Reply): AsyncGenerator<Uint8Array, void> {
  if (response.body === null) return
  const reader = response.body.getReader()
  stop.signal.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true })
  for (;;) {
    const silence = setTimeout(() => stop.abort(), SILENCE_MS)
    const { done, value } = await reader.read().finally(() => clearTimeout(silence))
    if (done) return
    yield value
  }
}

async function withTries<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
  const started = Date.now()
  for (let tries = 1; ; tries += 1) {
    try {
      return await act()
    } catch (error) {
      if (!mayTryAgain(error, signal) || tries > TRIES || Date.now() - started > GIVE_UP_MS / 2) throw lastWord(error, signal)
      await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal })
    }
  }
}

function mayTryAgain(error: unknown, signal: AbortSignal): boolean {
  const code = errorCode(error)
  return !signal.aborted && (code === undefined || ERRORS[code].retry)
}

/** A connection that was cut while bytes came means that nobody gives them any more. */
function lastWord(error: unknown, signal: AbortSignal): unknown {
  const code = errorCode(error)
  if (signal.aborted) return new AppError('CANCELLED', {}, { cause: error })
  return code === undefined || code === 'CANCELLED' ? new AppError('NO_PEER', {}, { cause: error }) : error
}

function changed({ path }: Source): AppError {
  return new AppError('COMMAND_FAILED', { command: `reading ${path}`, reason: 'it changed while it was read; try again' })
}
