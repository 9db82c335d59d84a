/** Turns any error into a reply by the error table; what is not in the table becomes DEFECT without its text or stack. */
import { AppError, ERRORS, errorCode } from '@hyper-store/client/contract'
import type { ErrorBody } from '@hyper-store/client/contract'

/** A reply for a problem that HTTP names more finely than the error table, such as 405 or 416. */
export class HttpProblem extends Error {
  readonly status: number
  readonly error: AppError
  readonly headers: Readonly<Record<string, string>>

  /**
   * @param status the HTTP status, in place of the one of the error's code
   * @param error what the body says
   * @param headers sent with it, such as `Allow`
   */
  constructor(status: number, error: AppError, headers: Readonly<Record<string, string>> = {}) {
    super(error.message)
    this.name = 'HttpProblem'
    this.status = status
    this.error = error
    this.headers = headers
  }
}

/** What is said of an error: status, body and headers. `defect` is true when the error is one of ours and wants a log line. */
interface ErrorAnswer {
  readonly status: number
  readonly body: ErrorBody
  readonly headers: Readonly<Record<string, string>>
  readonly defect: boolean
}

/** The answer for an error. Errors from outside the table say nothing of their inside. */
export function answerOf(error: unknown): ErrorAnswer {
  if (error instanceof HttpProblem) return { status: error.status, body: error.error.toBody(), headers: error.headers, defect: false }
  const code = errorCode(error)
  const data = (error as { data?: unknown } | null | undefined)?.data
  // An error of the table carries data; a library's error that happens to share a code does not.
  if (code === undefined || typeof data !== 'object' || data === null) {
    return {
      status: ERRORS.DEFECT.status,
      body: new AppError('DEFECT', { reason: 'the log of the service tells more' }).toBody(),
      headers: {},
      defect: true,
    }
  }
  const known = new AppError(code, data as Record<string, unknown>)
  return { status: ERRORS[code].status, body: known.toBody(), headers: headersOf(known), defect: code === 'DEFECT' }
}

function headersOf(error: AppError): Record<string, string> {
  if (error.code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer realm="hyper-store"' }
  if (error.code === 'TOO_MANY_TRIES' && typeof error.data['seconds'] === 'number') {
    return { 'retry-after': String(Math.ceil(error.data['seconds'])) }
  }
  return {}
}

/** The JSON reply for an error; never stored by caches. */
export function errorReply(answer: ErrorAnswer): Response {
  return new Response(`${JSON.stringify(answer.body)}\n`, {
    status: answer.status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...answer.headers,
    },
  })
}

/** The problem of a method that a path does not have. */
export function methodNotAllowed(method: string, allowed: readonly string[]): HttpProblem {
  const error = new AppError('BAD_REQUEST', { reason: `${method} is not a method of this address` })
  return new HttpProblem(405, error, { allow: allowed.join(', ') })
}
