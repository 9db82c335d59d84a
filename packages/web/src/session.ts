/** The browser's session with the store: a token is exchanged for a cookie that no script can read. */
import { AppError } from '@hyper-store/client'

const PATH = '/api/v1/session'

/** Exchanges a token for a session. Throws UNAUTHENTICATED when the store knows no such token, SERVICE_UNREACHABLE. */
export async function openSession(token: string): Promise<void> {
  await ask('POST', JSON.stringify({ token }))
}

/** Ends the session of this browser. Throws SERVICE_UNREACHABLE. */
export async function closeSession(): Promise<void> {
  await ask('DELETE', null)
}

async function ask(method: string, body: string | null): Promise<void> {
  let response: Response
  try {
    response = await fetch(PATH, { method, body, headers: body === null ? {} : { 'content-type': 'application/json' } })
  } catch (error) {
    throw new AppError('SERVICE_UNREACHABLE', { home: location.origin, url: location.origin }, { cause: error })
  }
  if (response.ok) return
  // A text that is too long or empty for a token is no token either.
  if (response.status === 401 || response.status === 400) throw new AppError('UNAUTHENTICATED')
  throw new AppError('NOT_A_STORE', { url: location.origin, status: response.status })
}
