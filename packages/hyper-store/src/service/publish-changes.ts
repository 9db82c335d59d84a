/** What a folder on disk differs in from a drive, when nothing is remembered of either: by size and content, never by time. */
import { AppError } from '@hyper-store/client/contract'
import type { DriveId, Entry, FolderPath, LocalNode } from '../core/entries.ts'
import { createIgnore, IGNORE_FILES } from '../core/ignore-rules.ts'
import type { DiskFolder, FolderDrives, WaitOptions } from '../core/ports.ts'
import { bumpVector } from '../core/vectors.ts'
import { contentDigest } from '../hyper/content-digest.ts'
import type { PublishAction } from '../sync/publish.ts'

/** What is to be published. */
export interface PublishChanges {
  readonly steps: PublishAction[]
  /** Files and links on disk, and their bytes. */
  readonly files: number
  readonly bytes: number
  /** Entries that are replaced since nobody may have their content. */
  readonly lost: ReadonlySet<Entry>
}

/** The two sides. */
export interface PublishSides {
  readonly disk: DiskFolder
  readonly drives: FolderDrives
  /** The writer's name in version vectors. */
  readonly writer: DriveId
  /** Paths whose content nobody may have: they are published again. */
  readonly unsure: ReadonlySet<string>
}

/**
 * Steps that make the drive like the disk. Throws FOLDER_UNREADABLE for what can't be read: half a folder is not published; and
 * STOPPED_FOR_SAFETY for a folder without files where the drive has some.
 */
export async function findChanges(sides: PublishSides, options: WaitOptions): Promise<PublishChanges> {
  const { drives, writer } = sides
  const local = await scan(sides.disk, options)
  const steps: PublishAction[] = []
  const told = new Map<FolderPath, Entry>()
  const lost = new Set<Entry>()
  for await (const { path, entry } of drives.entries()) if (entry !== null && entry.kind !== 'tombstone') told.set(path, entry)
  const files = [...local.values()].filter((node) => node.kind !== 'folder')
  if (files.length === 0 && told.size > 0)
    throw new AppError('STOPPED_FOR_SAFETY', { reason: `${sides.disk.root} is empty`, cure: 'Publish the folder with its files' })
  for (const [path, entry] of told) {
    if (local.has(path)) continue
    steps.push({ op: 'unpublish', path, base: { entry, local: null }, vector: bumpVector(entry.vector, writer) })
  }
  for (const [path, node] of local) {
    options.signal?.throwIfAborted()
    const entry = told.get(path) ?? null
    if (entry !== null && sides.unsure.has(path)) lost.add(entry)
    else if (entry !== null && (await isSame(sides.disk, { path, node, entry }))) continue
    steps.push({
      op: 'publish',
      path,
      local: node,
      base: entry === null ? null : { entry, local: null },
      vector: bumpVector(entry?.vector ?? {}, writer),
    })
  }
  return { steps, files: files.length, bytes: files.reduce((sum, node) => sum + (node.kind === 'file' ? node.size : 0), 0), lost }
}

/** What counts on disk, by path; folders are there only when they are empty. */
async function scan(disk: DiskFolder, options: WaitOptions): Promise<Map<FolderPath, LocalNode>> {
  const texts: { name: string; text: string }[] = []
  for (const name of IGNORE_FILES) {
    const text = await disk.readText(name as FolderPath)
    if (text !== null) texts.push({ name, text })
  }
  const rules = createIgnore(texts)
  const found = new Map<FolderPath, LocalNode>()
  const unreadable: string[] = []
  const scanned = disk.scan({
    ...options,
    ignored: (path, isFolder) => rules.ignores(path, isFolder),
    onProblem: ({ path, reason }) => void (reason === 'unreadable' ? unreadable.push(path) : null),
  })
  for await (const nodes of scanned) for (const { path, node } of nodes) if (node.kind !== 'folder' || node.empty) found.set(path, node)
  const [first] = unreadable
  if (first !== undefined) throw new AppError('FOLDER_UNREADABLE', { path: first, reason: 'it may not be read' })
  return found
}

async function isSame(disk: DiskFolder, { path, node, entry }: { path: FolderPath; node: LocalNode; entry: Entry }): Promise<boolean> {
  if (node.kind === 'symlink') return entry.kind === 'symlink' && entry.target === node.target
  if (node.kind === 'folder') return entry.kind === 'folder'
  if (entry.kind !== 'file' || entry.size !== node.size || entry.executable !== node.executable) return false
  if (node.size === 0) return true
  await using file = await disk.openFile(path)
  return file.seen.size === entry.size && (await contentDigest(file, entry.hash)) === entry.hash
}
