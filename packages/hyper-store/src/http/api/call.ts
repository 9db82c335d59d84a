/** The types that tie a handler to its row of the route table: parsed input in, checked reply out. */
import type { Route } from '@hyper-store/client/contract'
import type * as v from 'valibot'
import type { Caller } from '../../core/store-api.ts'
import type { HttpContext } from '../context.ts'
import type { SERVED_ROUTES, ServedOperation } from './routes.ts'

type ParamName<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamName<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never
type OutputOf<R extends Route, Part extends 'query' | 'body'> = R extends { readonly [P in Part]: infer S extends v.GenericSchema }
  ? v.InferOutput<S>
  : undefined
type ReplyOf<R extends Route> = R extends { readonly reply: infer S extends v.GenericSchema } ? v.InferOutput<S> : Response

/** One call of an operation, parsed. */
interface Call<R extends Route> {
  /** Null only where the route wants no right. */
  readonly caller: R extends { readonly right: 'none' } ? Caller | null : Caller
  readonly params: Readonly<Record<ParamName<R['path']>, string>>
  readonly query: OutputOf<R, 'query'>
  readonly body: OutputOf<R, 'body'>
  readonly context: HttpContext
}

/** A handler for each of the named operations; a missing one does not compile. */
export type Handlers<Names extends ServedOperation> = {
  readonly [Name in Names]: (call: Call<(typeof SERVED_ROUTES)[Name]>) => Promise<ReplyOf<(typeof SERVED_ROUTES)[Name]> | Response>
}

/** A handler seen without its row, as the mounting loop calls it. */
export type AnyHandler = (call: {
  readonly caller: Caller | null
  readonly params: Readonly<Record<string, string>>
  readonly query: unknown
  readonly body: unknown
  readonly context: HttpContext
}) => Promise<unknown>
