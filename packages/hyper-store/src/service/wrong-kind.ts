/** The error of a link that names something else than what is wanted. */
import { AppError } from '@hyper-store/client/contract'

/** The error of a table or plain core where a folder is wanted; `cure` says what to do, default how to keep it. */
export function wrongKind(link: string, kind: 'table' | 'core', cure = 'add it without a path to keep it'): AppError {
  const is = kind === 'table' ? 'a table' : 'a plain core'
  return new AppError('WRONG_KIND', { link, is, wanted: 'a folder', cure })
}
