/** From what a user writes for something inside of a folder, table or core to the thing that is meant. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { looksLikeLink, parseLink } from '@hyper-store/client'
import type { Client, Item, Thing, ThingEntry } from '@hyper-store/client'
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { Context } from './context.ts'
import { absolutePath, linkToKeep } from './references.ts'

/** Where something is: what to ask the store for, and the place inside. */
export interface Place {
  readonly client: Client
  /** Link with its secret where the user gave one, or key of something kept. */
  readonly ref: string
  /** Path inside, without slashes at its ends; '' is the root. */
  readonly path: string
  /** The same as it was written, for keys of tables, which are percent-encoded. */
  readonly rawPath: string
  /** True when it was written with a slash at its end. */
  readonly asFolder: boolean
  /** Null means the newest. */
  readonly version: number | null
}

/** A place, and what is there. */
export interface FoundThing extends Place {
  readonly thing: Thing
  /** The file, link or folder at a path of a folder that is not its root; null for everything else. */
  readonly entry: ThingEntry | null
}

/** Kinds as they are told to the user. */
const KIND_WORDS: Record<Thing['kind'], string> = {
  folder: 'a folder',
  table: 'a table',
  board: 'a board',
  core: 'a plain core',
  unknown: 'encrypted or empty as far as is known here',
}

/** The place that `text` names: a link with or without path and version, a path of a kept folder, or a title with or without a path. Throws BAD_LINK, UNKNOWN_FOLDER, AMBIGUOUS, USAGE. */
export async function findPlace(context: Context, text: string, version: number | null = null): Promise<Place> {
  const asFolder = text.endsWith('/')
  if (!looksLikeLink(text)) {
    const client = await context.connect()
    return { client, ...(await insideKept(client, text, context.signal)), asFolder, version }
  }
  const link = parseLink(text)
  if (version !== null && link.version !== null && version !== link.version)
    throw new AppError('USAGE', { reason: 'the link names one version and --version another; leave one out' })
  const [, rawPath = ''] = /^[^/#]+\/([^#]*?)\/*(?:#|$)/.exec(text.trim().replace(/^hyper:\/\//i, '')) ?? []
  const client = await context.connect()
  return { client, ref: linkToKeep(text), path: link.path, rawPath, asFolder, version: version ?? link.version }
}

/** The thing at a place, with the entry that its path names; a table of a shared folder is found by its name. Throws NOT_FOUND, NO_PEER too. */
export async function findThing(context: Context, text: string, version: number | null = null): Promise<FoundThing> {
  const place = await findPlace(context, text, version)
  const { client, ref } = place
  const { signal } = context
  const thing = await client.getThing(ref, { signal })
  if (thing.kind !== 'folder' || place.path === '') return { ...place, thing, entry: null }
  try {
    return { ...place, thing, entry: await client.getEntry(ref, queryOf(place), { signal }) }
  } catch (error) {
    const table = errorCode(error) === 'NOT_FOUND' ? await sharedTable(place, signal) : null
    if (table === null) throw error
    return { ...place, ...table, thing: { ...thing, kind: 'table' }, entry: null }
  }
}

/** `path` and `version` of a place, as queries take them. */
export function queryOf(place: Place, inside: string = place.path): { path?: string; version?: string } {
  return { ...(inside === '' ? {} : { path: inside }), ...(place.version === null ? {} : { version: String(place.version) }) }
}

/** The error for a thing that is of another kind than the command needs. */
export function wrongKind({ thing }: FoundThing, wanted: string, cure: string): AppError {
  return new AppError('WRONG_KIND', { link: thing.link, is: KIND_WORDS[thing.kind], wanted, cure })
}

async function sharedTable(
  { client, ref, rawPath }: Place,
  signal: AbortSignal,
): Promise<{ ref: string; path: string; rawPath: string } | null> {
  const [name = '', ...rest] = rawPath.split('/')
  const table = `${looksLikeLink(ref) ? parseLink(ref).link : ref}/${name}`
  try {
    await client.getTable(table, { signal })
  } catch (error) {
    if (signal.aborted) throw error
    return null
  }
  return { ref: table, path: rest.join('/'), rawPath: rest.join('/') }
}

interface Inside {
  readonly ref: string
  readonly path: string
  readonly rawPath: string
}

async function insideKept(client: Client, text: string, signal: AbortSignal): Promise<Inside> {
  const items = await client.listFolders({ signal })
  const full = absolutePath(text)
  const found = inPath(items, full) ?? inPath(items, await realOf(full)) ?? inTitle(items, text)
  if (found === null) throw new AppError('UNKNOWN_FOLDER', { ref: text })
  return found
}

/** The folder that holds a path of this disk: the nearest. */
function inPath(items: readonly Item[], full: string): Inside | null {
  const holders = items.filter((item) => item.path !== null && (full === item.path || full.startsWith(item.path + path.sep)))
  const nearest = holders.toSorted((a, b) => (b.path?.length ?? 0) - (a.path?.length ?? 0))[0]
  if (nearest === undefined) return null
  const inside = path
    .relative(nearest.path ?? '', full)
    .split(path.sep)
    .join('/')
  return { ref: nearest.key, path: inside, rawPath: inside }
}

function inTitle(items: readonly Item[], text: string): Inside | null {
  const named = items.filter(({ title }) => text === title || text.startsWith(`${title}/`))
  const longest = Math.max(...named.map(({ title }) => title.length))
  const [item, ...others] = named.filter(({ title }) => title.length === longest)
  if (item === undefined) return null
  if (others.length > 0) throw new AppError('AMBIGUOUS', { ref: item.title })
  const inside = text.slice(item.title.length + 1).replace(/\/+$/, '')
  return { ref: item.key, path: inside, rawPath: inside }
}

/** The path without symlinks, as far as it is there. */
async function realOf(full: string): Promise<string> {
  try {
    return await realpath(full)
  } catch {
    const parent = path.dirname(full)
    return parent === full ? full : path.join(await realOf(parent), path.basename(full))
  }
}

/** Key of the kept folder that holds a path of this disk; null for none. */
export async function keptFolderOf(client: Client, place: string, signal: AbortSignal): Promise<string | null> {
  const items = await client.listFolders({ signal })
  return (inPath(items, place) ?? inPath(items, await realOf(place)))?.ref ?? null
}
