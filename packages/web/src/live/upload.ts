/** Sends one file to a store and says how far it is: the one thing that `fetch` can't tell. */
import { AppError, errorFromWire } from '@hyper-store/client'

/** A file on its way. */
export interface Upload {
  /** Address of the content route, with its query. */
  readonly url: string
  readonly body: Blob
  /** Bytes that left so far. */
  readonly onProgress: (sent: number) => void
  readonly signal: AbortSignal
}

/** Puts a file; resolves when the store has it. Throws what the store said, UNAUTHENTICATED, SERVICE_UNREACHABLE, CANCELLED. */
export function sendFile({ url, body, onProgress, signal }: Upload): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = (): void => request.abort()
    const end = (): void => signal.removeEventListener('abort', abort)
    request.open('PUT', url)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.setRequestHeader('accept', 'application/json')
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded))
    request.addEventListener('load', () => {
      end()
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(errorOf(request))
    })
    request.addEventListener('abort', () => {
      end()
      reject(new AppError('CANCELLED'))
    })
    request.addEventListener('error', () => {
      end()
      reject(new AppError('SERVICE_UNREACHABLE', { home: location.origin, url: location.origin }))
    })
    if (signal.aborted) return reject(new AppError('CANCELLED'))
    signal.addEventListener('abort', abort)
    request.send(body)
  })
}

function errorOf({ status, responseText }: XMLHttpRequest): AppError {
  if (status === 401) return new AppError('UNAUTHENTICATED')
  try {
    const { error } = JSON.parse(responseText) as { error?: { code?: unknown; message?: unknown } }
    if (typeof error?.code === 'string' && typeof error.message === 'string')
      return errorFromWire({ code: error.code, message: error.message }, status)
  } catch {
    // Something else than a store answered.
  }
  return new AppError('NOT_A_STORE', { url: location.origin, status })
}
