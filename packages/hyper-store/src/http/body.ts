/** Reads request bodies within their limit and parses them by their schema. */
import { AppError, LIMITS } from '@hyper-store/client/contract'
import * as v from 'valibot'
import type { HttpContext, Proof } from './context.ts'
import { HttpProblem } from './error-reply.ts'

/** Bodies of routes that take bytes. */
export const BYTES_TYPES: readonly string[] = ['application/octet-stream', 'application/x-ndjson']

/** The body of a request, at most LIMITS.bodyBytes; TOO_LARGE above that. Empty when there is none. */
export async function readBody(c: HttpContext): Promise<Uint8Array> {
  const tooLarge = (): AppError => new AppError('TOO_LARGE', { limit: LIMITS.bodyBytes })
  if (Number(c.req.header('content-length') ?? 0) > LIMITS.bodyBytes) throw tooLarge()
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return new Uint8Array()
  const reader = c.req.raw.body?.getReader()
  if (reader === undefined) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.byteLength
    if (size > LIMITS.bodyBytes) {
      await reader.cancel()
      throw tooLarge()
    }
    parts.push(value)
  }
  return Buffer.concat(parts)
}

/**
 * Refuses with 415 a change that is not marked as JSON: forms of other sites can't send that mark. A call without a body
 * needs none when it has a proof of its own: tokens and device keys are not attached by browsers, and sessions had to show the
 * store's own origin.
 */
export function requireJsonType(c: HttpContext, body: Uint8Array, proof: Proof | null): void {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return
  if (body.byteLength === 0 && proof !== null && proof !== 'open') return
  throw new HttpProblem(415, new AppError('BAD_REQUEST', { reason: 'changes are sent with content-type application/json' }))
}

/** Refuses with 415 a body of bytes that is not marked as such: forms of other sites can't send these marks either. */
export function requireBytesType(c: HttpContext): void {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== undefined && BYTES_TYPES.includes(type)) return
  const reason = `bytes are sent with content-type ${BYTES_TYPES.join(' or ')}`
  throw new HttpProblem(415, new AppError('BAD_REQUEST', { reason }))
}

/** The body as it comes, for routes that take bytes of any length. Throws BAD_REQUEST when nothing came for `idleMs`, default a minute. */
export async function* streamBody(c: HttpContext, idleMs = 60_000): AsyncIterable<Uint8Array> {
  const reader = c.req.raw.body?.getReader()
  if (reader === undefined) return
  let isLate = false
  const late = (): void => {
    isLate = true
    void reader.cancel().catch(() => undefined)
  }
  try {
    for (;;) {
      const timer = setTimeout(late, idleMs)
      const { done, value } = await reader.read().finally(() => clearTimeout(timer))
      if (isLate) throw new AppError('BAD_REQUEST', { reason: `nothing of the body came for ${idleMs / 1000} seconds` })
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** A JSON body; BAD_REQUEST when it is not a JSON object in UTF-8. */
export function parseJson(body: Uint8Array): object {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new AppError('BAD_REQUEST', { reason: 'the body is not JSON' })
  }
  // Asked here, since schemas of objects take arrays for objects without keys.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new AppError('BAD_REQUEST', { reason: 'the body is not a JSON object' })
}

/** A value by its schema; BAD_REQUEST naming every problem with its place. */
export function parseBy<S extends v.GenericSchema>(schema: S, value: unknown, where: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const problems = result.issues.slice(0, 10).map((issue) => {
    const path = v.getDotPath(issue)
    return `${path === null ? where : `${where}.${path}`}: ${issue.message}`
  })
  throw new AppError('BAD_REQUEST', { reason: problems.join('; ') })
}
