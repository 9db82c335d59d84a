/** Reads a folder as of a version with the limits that its callers need: bounded waits, true sizes, and why content is gone. */
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { Entry, FileEntry } from '../core/entries.ts'
import type { FolderVersion } from '../core/ports.ts'
import { historyOf } from '../hyper/folder-history.ts'
import type { MergedDrives } from '../hyper/folder-drives.ts'
import type { PastFolder } from '../hyper/past-folder.ts'
import { within } from '../lib/deadline.ts'
import type { KeptFolder } from './kept-folder.ts'

/** How long a reader waits for content that is not here. */
const WAIT_MS = 10_000
/** And for content that this device may have let go, while nobody is connected who could have it. */
const ALONE_MS = 1_000

/** Views of one folder that stay open for the next readers. */
const VIEWS = 8
/** A view that was put away stays readable for those who began with it. */
const LINGER_MS = 30_000

const views = new WeakMap<MergedDrives, Map<string, Promise<PastFolder>>>()

/** The folder at a state, open for a while; not to be closed by the caller. */
export async function pastOf(folder: KeptFolder, state: FolderVersion): Promise<PastFolder> {
  const open = views.get(folder.drives) ?? new Map<string, Promise<PastFolder>>()
  views.set(folder.drives, open)
  const key = folder.drives.members.map(({ drive, device }) => `${drive.id} ${device} ${state[drive.id] ?? 0}`).join()
  const known = open.get(key)
  const view = known ?? historyOf(folder.drives).open(state)
  open.delete(key)
  open.set(key, view)
  const [oldest] = open.keys()
  if (open.size > VIEWS && oldest !== undefined) {
    const old = open.get(oldest)
    open.delete(oldest)
    setTimeout(() => void old?.then(async (past) => past[Symbol.asyncDispose]()).catch(() => undefined), LINGER_MS).unref()
  }
  // What could not be opened is tried anew.
  view.catch(() => open.delete(key))
  return view
}

/** Closes what `pastOf` holds open, when the folder closes. */
export async function closeViews(folder: KeptFolder): Promise<void> {
  const open = views.get(folder.drives)
  views.delete(folder.drives)
  for (const view of open?.values() ?? []) await view.then(async (past) => past[Symbol.asyncDispose]()).catch(() => undefined)
}

/** Throws FORBIDDEN when this store can't read the folder. */
export function refuseUnreadable(folder: KeptFolder): void {
  if (folder.blind) throw new AppError('FORBIDDEN', { reason: 'this store keeps the folder without being able to read it' })
  if (folder.drive.unreadable)
    throw new AppError('FORBIDDEN', { reason: 'this log is no folder, or a private one whose key is not known here' })
}

/** A folder as reading needs it. */
export interface ReadableFolder {
  readonly drives: Pick<MergedDrives, 'read' | 'drives'>
  readonly record: Pick<KeptFolder['record'], 'retention'>
}

/** Content of a file, fetched from who has it. Throws NO_PEER, and VERSION_GONE where this device let old versions go. */
export async function* readPast(
  folder: ReadableFolder,
  entry: FileEntry,
  options: { what: string; range?: { start: number; end: number } | undefined; signal?: AbortSignal | undefined },
): AsyncIterable<Uint8Array> {
  const { range, signal } = options
  const isAlone = folder.record.retention.keep !== 'all' && folder.drives.drives.every(({ db }) => db.raw.peers.length === 0)
  const timeoutMs = isAlone ? ALONE_MS : WAIT_MS
  try {
    yield* folder.drives.read(entry, range, { wait: true, timeoutMs, signal })
  } catch (error) {
    throw goneOf(folder, error, options.what)
  }
}

/** What is told when content did not come: it was let go here, or nobody who is on has it. */
function goneOf(folder: ReadableFolder, error: unknown, what: string): unknown {
  if (errorCode(error) !== 'NO_PEER' || folder.record.retention.keep === 'all') return error
  return new AppError('VERSION_GONE', { what }, { cause: error })
}

/** The entry with its true size, where a stock drive did not tell it. */
export async function sized<Known extends Entry>(folder: KeptFolder, entry: Known): Promise<Known> {
  if (entry.kind !== 'file' || entry.size >= 0) return entry
  return { ...entry, size: await bounded(folder.drives.sizeOf(entry)) }
}

/** A wait for peers ends with NO_PEER. */
export async function bounded<Value>(work: Promise<Value>): Promise<Value> {
  return within(work, WAIT_MS, () => {
    throw new AppError('NO_PEER')
  })
}
