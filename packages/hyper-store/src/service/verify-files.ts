/** Verifies the files on disk that are as their records say; bytes that rotted under an unchanged name are replaced from the store. */
import { AppError, errorCode } from '@hyper-store/client/contract'
import { averageOfHash, contentHash } from '../core/chunking.ts'
import { sameNode } from '../core/content.ts'
import type { FileEntry, FolderPath, LocalFile } from '../core/entries.ts'
import type { DiskFolder, OpenFile, StagedFile } from '../core/ports.ts'
import { blocksOf } from '../hyper/content-read.ts'
import { hashBytes } from '../hyper/hash.ts'
import { chunkHash } from '../hyper/leaf-hash.ts'
import { reasonOf, type Verifying } from './verifying.ts'

/** What was read on the disk. */
export interface FilesRead {
  /** Files whose bytes are what their entries say. */
  readonly sound: ReadonlySet<FolderPath>
  readonly files: number
  readonly bytes: number
}

/** A block of a file that is not here is waited for so long. */
const WAIT_MS = 10_000

/** Reads every file that disk and drives agreed on and that did not change since. A folder without files on disk has none. */
export async function checkFiles(verifying: Verifying): Promise<FilesRead> {
  const { folder, state, signal, problems } = verifying
  const sound = new Set<FolderPath>()
  const read = { sound, files: 0, bytes: 0 }
  const { disk } = folder
  if (disk === null || (await disk.rootState()).state !== 'present') return read
  try {
    for await (const [path, { entry, local }] of state.synced(folder.key).entries()) {
      signal?.throwIfAborted()
      if (entry.kind !== 'file' || local?.kind !== 'file') continue
      // What changed since is the user's doing, and the sync's business.
      if (!sameNode(await disk.look(path), local)) continue
      const outcome = await checkFile(verifying, disk, { path, entry, local })
      if (outcome === 'changed') continue
      read.files += 1
      read.bytes += local.size
      if (outcome === 'sound') sound.add(path)
    }
  } catch (error) {
    if (signal?.aborted === true) throw error
    problems.push(await damagedRecords(verifying, error))
  }
  return read
}

async function checkFile(
  verifying: Verifying,
  disk: DiskFolder,
  file: { readonly path: FolderPath; readonly entry: FileEntry; readonly local: LocalFile },
): Promise<'sound' | 'damaged' | 'changed'> {
  const { path, entry, local } = file
  try {
    const lengths = await lengthsOf(verifying, entry)
    // The content of a drive that another program wrote has no hash, and nothing to be compared with once it was let go.
    if (lengths === null) return 'changed'
    const isSound = await (async () => {
      await using open = await disk.openFile(path)
      return (await hashOf(open, entry, lengths)) === entry.hash
    })()
    if (isSound) return 'sound'
    if (!sameNode(await disk.look(path), local)) return 'changed'
  } catch (error) {
    if (errorCode(error) === undefined) return 'changed'
    verifying.problems.push({ kind: 'file', path, reason: reasonOf(error), repaired: false })
    return 'damaged'
  }
  const why = verifying.repair ? await replaced(verifying, disk, file) : 'not tried'
  const reason = 'its bytes are not what was synced, though nobody changed it'
  verifying.problems.push({
    kind: 'file',
    path,
    reason: why === null ? `${reason}; the old bytes are in the trash` : verifying.repair ? `${reason}; ${why}` : reason,
    repaired: why === null,
  })
  return why === null ? 'sound' : 'damaged'
}

/** Where the file was cut into chunks; null when that can't be known here. */
async function lengthsOf({ coreOf }: Verifying, entry: FileEntry): Promise<number[] | null> {
  if (entry.hash === '' || averageOfHash(entry.hash) === undefined) return null
  if (entry.content === null) return []
  const blocks = await blocksOf(coreOf, entry.content).catch(() => null)
  return blocks === null ? null : blocks.map(({ byteLength }) => byteLength)
}

/** The content hash of an open file that is cut like its entry; '' when it ends early. */
async function hashOf(file: OpenFile, entry: FileEntry, lengths: readonly number[]): Promise<string> {
  const hashes: Uint8Array[] = []
  let position = 0
  for (const length of lengths) {
    const bytes = Buffer.alloc(length)
    for (let at = 0; at < length;) {
      const n = await file.read(bytes.subarray(at), position + at)
      if (n === 0) return ''
      at += n
    }
    hashes.push(chunkHash(bytes))
    position += length
  }
  return contentHash(hashes, averageOfHash(entry.hash) ?? 0, hashBytes)
}

/** Puts the entry's content in the file's place, the old bytes in the trash; null when done, else why not. */
async function replaced(
  { folder, state }: Verifying,
  disk: DiskFolder,
  { path, entry, local }: { readonly path: FolderPath; readonly entry: FileEntry; readonly local: LocalFile },
): Promise<string | null> {
  let staged: StagedFile | null = null
  try {
    staged = await disk.stage()
    const hashes: Uint8Array[] = []
    let position = 0
    for await (const block of folder.drives.read(entry, undefined, { wait: true, timeoutMs: WAIT_MS })) {
      hashes.push(chunkHash(block))
      await staged.write(block, position)
      position += block.byteLength
    }
    // What is put in the place of damaged bytes must not be damaged itself.
    if (contentHash(hashes, averageOfHash(entry.hash) ?? 0, hashBytes) !== entry.hash)
      throw new AppError('DEFECT', { reason: 'the store holds other bytes' })
    await staged.finish({ size: entry.size, mtimeMs: local.mtimeMs, executable: local.executable })
    const [outcome] = await disk.place([{ staged, path, seen: local, agreed: false }])
    if (outcome?.done !== true) throw new AppError('DEFECT', { reason: 'it was changed meanwhile' })
    staged = null
    await disk.flush()
    await state.synced(folder.key).apply({ put: [[path, { entry, local: outcome.node }]] })
    return null
  } catch (error) {
    await staged?.discard().catch(() => undefined)
    return reasonOf(error)
  }
}

/** Records of this device that can't be read are observations only: they are made anew from disk and drives. */
async function damagedRecords({ folder, state, repair }: Verifying, error: unknown): Promise<Verifying['problems'][number]> {
  const reason = `what this device remembers of it can’t be read: ${reasonOf(error)}`
  if (!repair || errorCode(error) !== 'STATE_DAMAGED') return { kind: 'record', path: null, reason, repaired: false }
  await state.synced(folder.key).clear()
  await state.chunks(folder.key).clear()
  const done = await folder.rescan().then(
    () => true,
    () => false,
  )
  return { kind: 'record', path: null, reason: done ? reason : `${reason}; it is made anew with the next scan`, repaired: true }
}
