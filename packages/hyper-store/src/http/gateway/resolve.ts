/** Finds what is at a path of a drive, following symlinks inside it and never out of it. */
import type { DriveNode, DriveReader } from '../../core/store-api.ts'

/** A file or folder that was found. */
export type FoundNode = Exclude<DriveNode, { readonly kind: 'symlink' }>

const MAX_HOPS = 16

/** The node at `path` ('' is the root), behind at most 16 symlinks; null when nothing is there or the way leads out. */
export async function findNode(drive: DriveReader, path: string): Promise<FoundNode | null> {
  let wanted = path
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const node = wanted === '' ? await rootOf(drive) : await drive.stat(wanted)
    if (node !== null && node.kind !== 'symlink') return node
    // Nothing at the whole path: one of its folders may be a symlink, which only shows when asked for by itself.
    const link = node === null ? await firstLink(drive, wanted) : { at: wanted, rest: '', target: node.target }
    const next = link === null ? null : follow(link.at, link.target, link.rest)
    if (next === null) return null
    wanted = next
  }
  return null
}

async function rootOf(drive: DriveReader): Promise<DriveNode> {
  return (await drive.stat('')) ?? { kind: 'folder', path: '' }
}

interface Link {
  readonly at: string
  readonly rest: string
  readonly target: string
}

/** The first symlink among the folders above `path`; null when there is none. */
async function firstLink(drive: DriveReader, path: string): Promise<Link | null> {
  const segments = path.split('/')
  for (let depth = 1; depth < segments.length; depth++) {
    const at = segments.slice(0, depth).join('/')
    const node = await drive.stat(at)
    if (node?.kind === 'symlink') return { at, rest: segments.slice(depth).join('/'), target: node.target }
    if (node?.kind !== 'folder') return null
  }
  return null
}

/** The path that a symlink at `at` leads to, with `rest` below it; null when that is outside of the drive. */
export function follow(at: string, target: string, rest: string): string | null {
  if (target === '' || target.startsWith('/') || target.includes('\0') || target.length > 4096) return null
  const segments = at.split('/').slice(0, -1)
  for (const step of [...target.split('/'), ...rest.split('/')]) {
    if (step === '' || step === '.') continue
    if (step !== '..') segments.push(step)
    else if (segments.pop() === undefined) return null
  }
  return segments.join('/')
}
