/** Which kind of thing is meant, told in words, and paths inside of one. */
import { AppError } from '@hyper-store/client/contract'
import type { FolderPath } from '../core/entries.ts'
import { isBelow, parsePath, parseRemotePath } from '../core/paths.ts'
import type { LogKind } from '../hyper/log-records.ts'
import type { OpenThing } from './visits.ts'
import { KIND_WORDS, wrongKind } from './wrong-kind.ts'

const CURES = {
  folder: 'hyper-store ls shows what is in it',
  table: 'hyper-store bee ls shows its rows',
  core: 'hyper-store cat gives its blocks',
  unknown: 'use the whole link, with what comes after the #',
} as const

/** What the thing is. A kept one may have nothing here yet: then `unknown`. */
export function kindOf({ folder }: Pick<OpenThing, 'folder'>): LogKind {
  return folder.drive.kind ?? 'unknown'
}

/** Throws WRONG_KIND when the thing is no such one; FORBIDDEN when it can't be read here. */
export function refuseOtherKind(thing: OpenThing, wanted: 'folder' | 'core'): void {
  const kind = kindOf(thing)
  if (kind === wanted) return
  // Blocks of whatever it is: a beginning that looks encrypted may be another program's.
  if (wanted === 'core' && kind === 'unknown' && thing.folder.record.encryptionKey === null && !thing.folder.blind) return
  // Nothing of it came yet: reading waits for it.
  if (thing.kept && thing.folder.drive.kind === null && !thing.folder.blind) return
  if (thing.folder.blind) throw new AppError('FORBIDDEN', { reason: 'this store keeps it without being able to read it' })
  if (kind === 'unknown') throw new AppError('FORBIDDEN', { reason: `this is ${KIND_WORDS.unknown}; ${CURES.unknown}` })
  throw wrongKind(`hyper://${thing.folder.key}`, kind, { wanted: KIND_WORDS[wanted], cure: CURES[kind] })
}

/** The path that is meant in a thing: that of its link, then the given one. '' is the root; null for none that can be. */
export function pathIn(thing: Pick<OpenThing, 'link'>, path: string): FolderPath | '' | null {
  const whole = [thing.link?.path ?? '', path.replace(/^\/|\/$/gu, '')].filter((part) => part !== '').join('/')
  return whole === '' ? '' : parseRemotePath(whole)
}

/** As `pathIn`, for what is written. Throws BAD_REQUEST for the root and for no path, and for a version in the link. */
export function writablePath(thing: Pick<OpenThing, 'link'>, path: string): FolderPath {
  if (thing.link?.version != null)
    throw new AppError('BAD_REQUEST', { reason: 'an old version is not changed; leave +version out of the link' })
  const at = pathIn(thing, path)
  if (at === null || at === '') throw new AppError('BAD_REQUEST', { reason: `"${path.slice(0, 200)}" is no path inside a folder` })
  return at
}

/** Where a path below a moved folder, or the folder itself, comes to lie. Throws BAD_REQUEST when that is too long for a path. */
export function movedPath(path: FolderPath, { from, to }: { from: FolderPath; to: FolderPath }): FolderPath {
  const moved = parsePath(`${to}${path.slice(from.length)}`)
  if (moved === null) throw new AppError('BAD_REQUEST', { reason: `"${path.slice(0, 200)}" would get a path that is too long` })
  return moved
}

/** Throws ALREADY_THERE for a move to where it is, and BAD_REQUEST for one into itself. */
export function refuseIntoItself(from: FolderPath, to: FolderPath): void {
  if (from === to) throw new AppError('ALREADY_THERE', { path: to })
  if (isBelow(to, from)) throw new AppError('BAD_REQUEST', { reason: `"${from}" can't move into itself` })
}
