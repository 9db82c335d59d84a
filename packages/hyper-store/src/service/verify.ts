/** Re-reads all that a folder has here: stored blocks against what their writers signed, files on disk against their records; repairs what can be. */
import { AppError, errorCode, type VerifyReport } from '@hyper-store/client/contract'
import type { DriveId, FileEntry, FolderPath } from '../core/entries.ts'
import { blocksOf, type CoreOf } from '../hyper/content-read.ts'
import type { PlacedBlock } from '../hyper/parts-map.ts'
import type { State } from '../state/state.ts'
import type { KeptFolder } from './kept-folder.ts'
import { checkLogs, fetchMissing } from './verify-blocks.ts'
import { checkFiles } from './verify-files.ts'
import { reasonOf, type Problem, type Verifying } from './verifying.ts'

/** How a folder is verified. */
export interface VerifyOptions {
  /** Puts right what can be put right now; without it nothing is changed. */
  readonly repair: boolean
  readonly signal?: AbortSignal | undefined
}

/** Problems that are told one by one; the rest is one line. */
const PROBLEM_LIMIT = 1000

const running = new WeakSet<KeptFolder>()

/**
 * Reads every stored block of every drive, every entry's map, and every file on disk that is as its record says. What was let go on
 * purpose is no problem. With `repair`, right bytes are taken from the disk, from peers, or from the store; what they replace on the disk
 * goes to the trash. Throws BAD_REQUEST while the folder is being verified already.
 */
export async function verifyFolder(folder: KeptFolder, options: VerifyOptions, around: { readonly state: State }): Promise<VerifyReport> {
  if (running.has(folder)) throw new AppError('BAD_REQUEST', { reason: `${folder.record.title} is being verified already` })
  running.add(folder)
  try {
    const verifying: Verifying = {
      folder,
      state: around.state,
      repair: options.repair,
      signal: options.signal,
      coreOf: (drive) => blobsOf(folder, drive),
      problems: [],
    }
    return await verify(verifying)
  } finally {
    running.delete(folder)
  }
}

async function verify(verifying: Verifying): Promise<VerifyReport> {
  const { folder } = verifying
  const stored = await checkLogs(verifying)
  const { sound, files, bytes } = await checkFiles(verifying)
  if (!folder.blind) await checkEntries(verifying, sound)
  const { problems } = verifying
  const told = problems.length <= PROBLEM_LIMIT ? problems : [...problems.slice(0, PROBLEM_LIMIT), moreOf(problems.slice(PROBLEM_LIMIT))]
  return { key: folder.key, title: folder.record.title, blocks: stored.blocks, files, bytes: stored.bytes + bytes, problems: told }
}

/** Records that can't be shown, maps that lead nowhere, and content of the newest version that is neither in the store nor on the disk. */
async function checkEntries(verifying: Verifying, sound: ReadonlySet<FolderPath>): Promise<void> {
  const { folder, problems, coreOf, signal } = verifying
  for (const { drive } of folder.set.all)
    for (const [path, reason] of drive.leftOut) problems.push({ kind: 'record', path, reason, repaired: false })
  try {
    for await (const { path, entry } of folder.drives.entries()) {
      signal?.throwIfAborted()
      if (entry?.kind !== 'file' || entry.content === null) continue
      let blocks: readonly PlacedBlock[]
      try {
        blocks = await blocksOf(coreOf, entry.content)
      } catch (error) {
        problems.push(await unreadable(verifying, path, { entry, error }))
        continue
      }
      // What the store has let go, the file on disk holds.
      if (!sound.has(path)) await fetchMissing(verifying, path, blocks)
    }
  } catch (error) {
    if (signal?.aborted === true) throw error
    problems.push({ kind: 'record', path: null, reason: reasonOf(error), repaired: false })
  }
}

/** A map that is not here may come from a peer; a malformed one was written so. */
async function unreadable(verifying: Verifying, path: FolderPath, found: { entry: FileEntry; error: unknown }): Promise<Problem> {
  const { content } = found.entry
  if (verifying.repair && content !== null && errorCode(found.error) === 'NO_PEER') {
    const map = Array.from({ length: content.blockLength }, (_, i) => ({
      drive: content.drive,
      index: content.blockOffset + i,
      byteLength: 0,
    }))
    const before = verifying.problems.length
    await fetchMissing(verifying, path, map)
    const told = verifying.problems.splice(before)
    if (told[0] !== undefined) return { ...told[0], repaired: told.every(({ repaired }) => repaired) }
  }
  return { kind: 'record', path, reason: reasonOf(found.error), repaired: false }
}

/** The blobs log of a drive of the folder. */
function blobsOf(folder: KeptFolder, id: DriveId): ReturnType<CoreOf> {
  const blobs = folder.set.all.find(({ drive }) => drive.id === id)?.drive.blobs
  if (blobs == null) throw new AppError('NO_PEER')
  return blobs
}

function moreOf(rest: readonly Problem[]): Problem {
  const repaired = rest.every((problem) => problem.repaired)
  return { kind: rest[0]?.kind ?? 'block', path: null, reason: `and ${rest.length} more`, repaired }
}
