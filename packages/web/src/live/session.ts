/** The browser's session with the store: a token or a one-time code is exchanged for a cookie that no script can read. */
import { AppError, errorFromWire } from '@hyper-store/client'

const PATH = '/api/v1/session'

/** What proves who is here: a store's token, or a code of `hyper-store pair`, which makes this browser a device of that name. */
export type Proof = { readonly token: string } | { readonly code: string; readonly name: string }

/** Exchanges a proof for a session. Throws UNAUTHENTICATED, WRONG_CODE, EXPIRED_CODE, TOO_MANY_TRIES, SERVICE_UNREACHABLE. */
export async function openSession(proof: Proof): Promise<void> {
  await ask('POST', JSON.stringify(proof))
}

/** Ends the session of this browser. Throws SERVICE_UNREACHABLE. */
export async function closeSession(): Promise<void> {
  await ask('DELETE', null)
}

/** The proof in `/#token=…` or `/#code=…`; it is taken out of the address at once, so that it stays in no history. */
export function takeProofFromAddress(): Proof | null {
  const params = new URLSearchParams(location.hash.slice(1))
  const token = params.get('token')
  const code = params.get('code')
  if (token === null && code === null) return null
  history.replaceState(null, '', location.pathname + location.search)
  return token === null ? { code: code ?? '', name: browserName() } : { token }
}

/** What this browser is called among the devices of the store. */
export function browserName(): string {
  const { userAgent } = navigator
  const browser = /Firefox|Edg|OPR|SamsungBrowser|Chrome|Safari/.exec(userAgent)?.[0] ?? 'Browser'
  const system = /iPhone|iPad|Android|Windows|Mac OS X|CrOS|Linux/.exec(userAgent)?.[0]?.replace('Mac OS X', 'Mac') ?? ''
  return [browser.replace('Edg', 'Edge').replace('OPR', 'Opera'), system].filter((part) => part !== '').join(' on ')
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
  const said = (await response.json().catch(() => null)) as { error?: { code?: unknown; message?: unknown } } | null
  const { code, message } = said?.error ?? {}
  if (typeof code === 'string' && typeof message === 'string') throw errorFromWire({ code, message }, response.status)
  throw new AppError('NOT_A_STORE', { url: location.origin, status: response.status })
}
