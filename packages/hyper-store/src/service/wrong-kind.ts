/** Kinds of things in words, and the error of a link that names another kind than is wanted. */
import { AppError } from '@hyper-store/client/contract'
import type { LogKind } from '../hyper/log-records.ts'

/** What each kind is called. */
export const KIND_WORDS = {
  folder: 'a folder',
  table: 'a table',
  core: 'a plain core',
  unknown: 'encrypted, and its key is not known here',
} as const satisfies Record<LogKind, string>

/** The error of a link; `wanted` by default a folder, `cure` says what to do, by default how to keep it. */
export function wrongKind(link: string, kind: LogKind, options: { wanted?: string; cure?: string } = {}): AppError {
  const { wanted = KIND_WORDS.folder, cure = 'add it without a path to keep it' } = options
  return new AppError('WRONG_KIND', { link, is: KIND_WORDS[kind], wanted, cure })
}
