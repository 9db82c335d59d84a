/** Reads a kept folder by path for the gateway and the file commands, also before all of it is here. */
import { AppError } from '@hyper-store/client/contract'
import type { Entry, EntryOrTombstone, FolderPath } from '../core/entries.ts'
import { parsePath } from '../core/paths.ts'
import type { DriveNode, DriveReader } from '../core/store-api.ts'
import type { DriveView } from '../hyper/drive-view.ts'
import type { KeptFolder } from './kept-folder.ts'

/** How long a reader waits for content that is not here. */
const WAIT_MS = 10_000

/** Opens a reader at a version (newest when null); null when the version does not exist. */
export async function openDriveReader(folder: KeptFolder, version: number | null, goStock: () => void): Promise<DriveReader | null> {
  const { drive } = folder
  if (folder.blind) throw new AppError('FORBIDDEN', { reason: 'this store keeps the folder without being able to read it' })
  if (drive.unreadable) throw new AppError('FORBIDDEN', { reason: 'this log is no folder, or a private one whose key is not known here' })
  let at = version ?? drive.whole.db
  if (at === 0) {
    // Nothing whole is here yet: what is asked for is fetched out of order.
    goStock()
    await bounded(drive.db.plain.update({ wait: true }))
    await drive.ensureBlobs()
    at = drive.db.length
  }
  if (at <= 0 || at > drive.db.length) return null
  const view = drive.viewOf(at)
  return new FolderReader(folder, view)
}

class FolderReader implements DriveReader {
  readonly key: string
  readonly version: number
  readonly private: boolean
  readonly #folder: KeptFolder
  readonly #view: DriveView

  constructor(folder: KeptFolder, view: DriveView) {
    this.#folder = folder
    this.#view = view
    this.key = folder.key
    this.version = view.version
    this.private = folder.record.private
  }

  async stat(path: string): Promise<DriveNode | null> {
    if (path === '') return { kind: 'folder', path }
    const parsed = parsePath(path)
    if (parsed === null) return null
    const entry = await bounded(this.#view.get(parsed))
    if (entry !== null && entry.kind !== 'tombstone') return this.#node(parsed, entry)
    return (await bounded(this.#view.hasFolder(parsed))) ? { kind: 'folder', path } : null
  }

  async *list(path: string): AsyncIterable<DriveNode & { readonly name: string }> {
    const seen = new Set<string>()
    for await (const child of this.#view.children(path)) {
      if (child.name === '' || seen.has(child.name)) continue
      seen.add(child.name)
      const at = path === '' ? child.name : `${path}/${child.name}`
      const entry: EntryOrTombstone | null = child.record?.entry ?? null
      if (child.record !== null && (entry === null || entry.kind === 'tombstone')) continue
      const node =
        entry === null || entry.kind === 'tombstone' ? { kind: 'folder' as const, path: at } : await this.#node(at as FolderPath, entry)
      yield { ...node, name: child.name }
    }
  }

  async #node(path: FolderPath, entry: Entry): Promise<DriveNode> {
    if (entry.kind === 'folder') return { kind: 'folder', path }
    if (entry.kind === 'symlink') return { kind: 'symlink', path, target: entry.target, mtimeMs: entry.mtimeMs }
    const { drives } = this.#folder
    const sized = entry.size >= 0 ? entry : { ...entry, size: await bounded(drives.sizeOf(entry)) }
    const content = entry.content
    const etag = entry.hash !== '' ? entry.hash : `${content?.blockOffset ?? 0}-${content?.blockLength ?? 0}-${sized.size}`
    return {
      kind: 'file',
      path,
      size: sized.size,
      mtimeMs: sized.mtimeMs,
      executable: sized.executable,
      etag,
      read: (range, options) => drives.read(sized, range, { wait: true, timeoutMs: WAIT_MS, signal: options?.signal }),
    }
  }
}

/** A wait for peers ends with NO_PEER. */
async function bounded<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError('NO_PEER')), WAIT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
