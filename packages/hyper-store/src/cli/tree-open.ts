/** From a path or link that the user writes to a side of a comparison or sync. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { looksLikeLink, parseLink } from '@hyper-store/client'
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { Context } from './context.ts'
import { absolutePath } from './references.ts'
import { findPlace, findThing, keptFolderOf, wrongKind } from './thing-ref.ts'
import type { FoundThing } from './thing-ref.ts'
import { keptChanges, lookNowAndThen } from './tree-changes.ts'
import { openDiskTree } from './tree-disk.ts'
import { ignorePatterns, selectionOf } from './tree-ignore.ts'
import type { Selection } from './tree-ignore.ts'
import { openLinkTree } from './tree-link.ts'
import type { TreeSide } from './tree-side.ts'

/** What of both sides is meant. */
export interface TreeChoice {
  /** Patterns in gitignore syntax of what stays out. */
  readonly filter: readonly string[]
  /** Only this path, with what is in it; '' means everything. */
  readonly prefix: string
  /** Version of the source; null means the newest. */
  readonly version: number | null
}

/** Both sides of a comparison. */
export interface TreeSides {
  readonly source: TreeSide
  readonly target: TreeSide
  /** Link of a folder that was made to be the target; null when it was there. */
  readonly made: string | null
}

/** What is compared, and what may be made for it. */
export interface SidesWish extends TreeChoice {
  readonly source: string
  /** Left out: a new folder, by link for a path, on this disk for a link. */
  readonly target: string | undefined
  /** Nothing is made or written. */
  readonly readOnly: boolean
  /** A target on this disk that is not there counts as empty, and is made when it is written to. */
  readonly mayMake: boolean
}

/** Opens both sides. Throws NOT_A_FOLDER, WRONG_KIND, NO_PEER, USAGE, and NOT_WRITER unless `readOnly`. */
export async function openSides(context: Context, wish: SidesWish): Promise<TreeSides> {
  const { source: from, target: to } = wish
  if (wish.version !== null && !looksLikeLink(from)) throw new AppError('USAGE', { reason: '--version is for a source that is a link' })
  const roots = [from, to].flatMap((text) => (text === undefined || looksLikeLink(text) ? [] : [absolutePath(text)]))
  const [first, second] = await Promise.all(roots.map((root) => realpath(root).catch(() => root)))
  if (first !== undefined && second !== undefined && isWithin(first, second))
    throw new AppError('USAGE', { reason: `"${first}" and "${second}" overlap; name two folders of which none is in the other` })
  // The rules of either folder count for both sides: what is ignored in one is left alone in the other.
  const selection = async (): Promise<Selection> => {
    const patterns = (await Promise.all(roots.map(ignorePatterns))).flat()
    return selectionOf([...patterns, ...wish.filter], wish.prefix)
  }
  const source = await openSide(context, from, { selection, make: false, version: wish.version })
  if (to !== undefined) {
    const target = await openSide(context, to, { selection, make: wish.mayMake, version: null })
    if (!wish.readOnly) target.checkWritable()
    return { source, target, made: null }
  }
  if (looksLikeLink(from)) {
    const target = await openSide(context, `./${parseLink(from).key}`, { selection, make: true, version: null })
    return { source, target, made: null }
  }
  if (wish.readOnly) return { source, target: nothing(), made: null }
  const client = await context.connect()
  const { link } = await client.createThing({ kind: 'folder', title: path.basename(absolutePath(from)) || 'folder' }, context)
  return { source, target: await openSide(context, link, { selection, make: false, version: null }), made: link }
}

interface SideOptions {
  readonly selection: () => Promise<Selection>
  readonly make: boolean
  readonly version: number | null
}

async function openSide(context: Context, text: string, { selection, make, version }: SideOptions): Promise<TreeSide> {
  if (looksLikeLink(text)) {
    const found = await findFolder(context, text, { make, version })
    if (found.thing.kind !== 'folder') throw wrongKind(found, 'a folder', 'hyper-store info tells what it is')
    if (found.entry !== null && found.entry.kind !== 'folder') throw new AppError('NOT_A_FOLDER', { path: found.path })
    return openLinkTree(found, { selection, make })
  }
  const folder = absolutePath(text)
  const changes = async function* (signal: AbortSignal, tookMs: () => number) {
    // A folder that the store watches already needs no looking.
    const client = await context.connectIfRunning()
    const key = client === null ? null : await keptFolderOf(client, folder, signal)
    yield* client === null || key === null ? lookNowAndThen(signal, tookMs) : keptChanges(client, key, signal)
  }
  return openDiskTree(folder, { selection, make, changes })
}

/** The thing at a place; with `make` its path need not be there yet. */
async function findFolder(context: Context, text: string, { make, version }: Omit<SideOptions, 'selection'>): Promise<FoundThing> {
  try {
    return await findThing(context, text, version)
  } catch (error) {
    if (!make || errorCode(error) !== 'NOT_FOUND') throw error
    const place = await findPlace(context, text, version)
    return { ...place, thing: await place.client.getThing(place.ref, context), entry: null }
  }
}

/** An empty tree, for what a sync would do to a folder that it would make. */
function nothing(): TreeSide {
  const none = async () => {
    throw new AppError('DEFECT', { reason: 'a new folder was written to before it was made' })
  }
  return {
    name: 'a new folder',
    moves: false,
    list: async () => new Map(),
    read: async function* () {},
    checkWritable: () => {},
    write: none,
    makeFolder: none,
    refusesSymlink: () => 'symlinks are not put by link',
    makeSymlink: none,
    remove: none,
    move: none,
    prune: none,
    changes: async function* () {},
    close: async () => {},
  }
}

function isWithin(a: string, b: string): boolean {
  const inside = (from: string, to: string) => {
    const relative = path.relative(from, to)
    return relative === '' || !(relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative))
  }
  return inside(a, b) || inside(b, a)
}
