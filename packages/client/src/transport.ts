/** One HTTP call to a store: what is sent, how long answers may be, and which error a failure becomes. */
import * as v from 'valibot'
import { AppError, isErrorCode } from './contract/errors.ts'
import type { ErrorCode } from './contract/errors.ts'

/** Longest reply that is read whole, in bytes. */
const REPLY_BYTES = 64 * 1024 * 1024

/** Where a client speaks to. */
export interface Target {
  /** `http://host:port`, without trailing slash. */
  readonly url: string
  readonly token: string | null
  readonly fetch: typeof globalThis.fetch
  /** Value of the `Origin` header where the runtime lets a program set it; null sends none. */
  readonly origin: string | null
  /** Name of the provider that is spoken to through the store at `url`; null for that store itself. */
  readonly provider: string | null
}

/** A request before it has an address: `path` begins with /api/v1/. */
export interface Call {
  readonly method: string
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, with its type. */
  readonly bytes?: { readonly type: string; readonly body: Uint8Array | Blob | ReadableStream<Uint8Array> }
  readonly headers?: Readonly<Record<string, string>>
  readonly accept: string
  readonly signal?: AbortSignal | undefined
}

/** Sends a call and gives the answer when it is a good one. Throws the code that the store said, SERVICE_UNREACHABLE, PROVIDER_UNREACHABLE, NOT_A_STORE, CANCELLED. */
export async function send(target: Target, call: Call): Promise<Response> {
  const headers: Record<string, string> = { ...call.headers, accept: call.accept }
  if (target.token !== null) headers['authorization'] = `Bearer ${target.token}`
  if (target.origin !== null) headers['origin'] = target.origin
  if (call.body !== undefined) headers['content-type'] = 'application/json'
  if (call.bytes !== undefined) headers['content-type'] = call.bytes.type
  let response: Response
  try {
    const request: RequestInit = { method: call.method, headers, redirect: 'error' }
    if (call.body !== undefined) request.body = JSON.stringify(call.body)
    if (call.bytes !== undefined) {
      const { body } = call.bytes
      // A stream can only be sent half-duplex; the types of browsers don't know that word yet.
      Object.assign(request, body instanceof ReadableStream ? { body, duplex: 'half' } : { body })
    }
    if (call.signal !== undefined) request.signal = call.signal
    response = await target.fetch(target.url + pathAt(target, call.path), request)
  } catch (error) {
    throw call.signal?.aborted === true ? new AppError('CANCELLED', {}, { cause: error }) : unreachable(target, error)
  }
  if (response.ok) return response
  throw await errorOfReply(target, response, call.signal)
}

/** The JSON of an answer. Throws NOT_A_STORE when it is none. */
export async function readJson(target: Target, response: Response, signal?: AbortSignal): Promise<unknown> {
  let text: string
  try {
    text = await readText(response)
  } catch (error) {
    if (signal?.aborted === true) throw new AppError('CANCELLED', {}, { cause: error })
    throw error instanceof RangeError ? new AppError('NOT_A_STORE', { url: target.url }, { cause: error }) : unreachable(target, error)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AppError('NOT_A_STORE', { url: target.url }, { cause: error })
  }
}

/** An error with the code, data and sentence that a store gave. A newer store's unknown code falls to the nearest that is known. */
export function errorFromWire(wire: { code: string; message: string; data?: Record<string, unknown> }, status: number): AppError {
  const error = isErrorCode(wire.code)
    ? new AppError(wire.code, wire.data)
    : new AppError(codeOfStatus(status), { ...wire.data, code: wire.code, reason: wire.message })
  // The store's own sentence may know more than the data that fills ours.
  if (wire.message !== '') error.message = wire.message
  return error
}

/** The error for a store that can't be reached at all. */
export function unreachable(target: Target, cause: unknown): AppError {
  const data = { url: target.url, home: target.url, name: hostOf(target.url) }
  return new AppError(isLoopback(target.url) ? 'SERVICE_UNREACHABLE' : 'PROVIDER_UNREACHABLE', data, { cause })
}

/** The path on the store at `target.url`, by way of its provider when one is named. */
function pathAt(target: Target, path: string): string {
  if (target.provider === null) return path
  return `/api/v1/providers/${encodeURIComponent(target.provider)}/api/${path.slice('/api/v1/'.length)}`
}

const WireError = v.object({
  error: v.object({ code: v.string(), message: v.string(), data: v.optional(v.record(v.string(), v.unknown()), {}) }),
})

async function errorOfReply(target: Target, response: Response, signal: AbortSignal | undefined): Promise<AppError> {
  let body: unknown
  try {
    body = await readJson(target, response, signal)
  } catch (error) {
    if ((error as AppError).code === 'CANCELLED') return error as AppError
  }
  const parsed = v.safeParse(WireError, body)
  if (parsed.success) return errorFromWire(parsed.output.error, response.status)
  return new AppError('NOT_A_STORE', { url: target.url, status: response.status })
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'UNAUTHENTICATED'
  if (status === 403) return 'FORBIDDEN'
  if (status === 404) return 'NOT_FOUND'
  return status < 500 ? 'BAD_REQUEST' : 'DEFECT'
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > REPLY_BYTES) {
      await reader.cancel()
      throw new RangeError(`the reply is longer than ${REPLY_BYTES} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}

function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return url
  }
}

function isLoopback(url: string): boolean {
  try {
    const { hostname } = new URL(url)
    return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  } catch {
    return true
  }
}
