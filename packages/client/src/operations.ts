/** Turns the table of routes into typed functions, one per operation. */
import * as v from 'valibot'
import { AppError } from './contract/errors.ts'
import { ROUTES } from './contract/routes.ts'
import type { Operation, Route } from './contract/routes.ts'
import { readJson, send } from './transport.ts'
import type { Target } from './transport.ts'

/** Last argument of every operation. */
export interface CallOptions {
  /** Stops the call with CANCELLED; what the store began by then may still finish. */
  readonly signal?: AbortSignal
}

/** Operations whose request or reply is no JSON: they are functions of their own. */
const OWN_FUNCTIONS = ['getEvents', 'watchTable', 'watchBlocks', 'readContent', 'writeContent', 'putRow', 'importRows'] as const

/** Operations that are plain calls. */
export type CallName = Exclude<Operation, (typeof OWN_FUNCTIONS)[number]>

type PathParams<P extends string> = P extends `${string}/:${string}/${infer Rest}`
  ? [name: string, ...PathParams<`/${Rest}`>]
  : P extends `${string}/:${string}`
    ? [name: string]
    : []
type BodyOf<R> = R extends { body: infer B extends v.GenericSchema } ? [body: v.InferInput<B>] : []
type Loose<T> = T extends 'true' | 'false' ? T | boolean : T
type QueryOf<R> = R extends { query: infer Q extends v.GenericSchema }
  ? [query?: { readonly [K in keyof v.InferInput<Q>]: Loose<v.InferInput<Q>[K]> }]
  : []
type ReplyOf<R> = R extends { reply: infer S extends v.GenericSchema } ? v.InferOutput<S> : unknown

/**
 * Every operation of the API: path parameters first, then the body, then the query, then `{ signal }`.
 * Each may throw the codes of the error table, as AppError.
 */
export type Operations = {
  readonly [O in CallName]: (
    ...args: [
      ...PathParams<(typeof ROUTES)[O]['path']>,
      ...BodyOf<(typeof ROUTES)[O]>,
      ...QueryOf<(typeof ROUTES)[O]>,
      options?: CallOptions,
    ]
  ) => Promise<ReplyOf<(typeof ROUTES)[O]>>
}

/** The operations of the store (or provider) at `target`. */
export function createOperations(target: Target): Operations {
  const names = Object.keys(ROUTES).filter((name): name is CallName => !(OWN_FUNCTIONS as readonly string[]).includes(name))
  const calls = names.map((name) => [name, (...args: unknown[]) => callRoute(target, ROUTES[name], args)])
  return Object.fromEntries(calls) as Operations
}

async function callRoute(target: Target, route: Route, args: unknown[]): Promise<unknown> {
  const rest = [...args]
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = rest.shift()
    // An empty or dotted parameter would be folded into another route by the URL parser.
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
      throw new AppError('BAD_REQUEST', { reason: `${name} is missing` })
    }
    return encodeURIComponent(value)
  })
  const body = route.body === undefined ? undefined : check(route.body, rest.shift())
  const query = route.query === undefined ? '' : queryText(check(route.query, asText(rest.shift())))
  const signal = (rest.shift() as CallOptions | undefined)?.signal
  const response = await send(target, { method: route.method, path: path + query, body, accept: 'application/json', signal })
  const reply = await readJson(target, response, signal)
  if (route.reply === undefined) return reply
  const parsed = v.safeParse(route.reply, reply)
  if (parsed.success) return parsed.output
  throw new AppError('NOT_A_STORE', { url: target.url }, { cause: new Error(problems(parsed.issues)) })
}

function check(schema: v.GenericSchema, value: unknown): unknown {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  throw new AppError('BAD_REQUEST', { reason: problems(parsed.issues) })
}

function problems(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.map((issue) => `${v.getDotPath(issue) ?? 'value'}: ${issue.message}`).join('; ')
}

function asText(query: unknown): Record<string, string> {
  const given = Object.entries((query ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

function queryText(query: unknown): string {
  const text = new URLSearchParams(query as Record<string, string>).toString()
  return text === '' ? '' : `?${text}`
}
