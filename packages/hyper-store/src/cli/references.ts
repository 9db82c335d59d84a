/** From what a user writes for a folder or provider to the item that is meant. */
import { realpath } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { looksLikeLink, parseLink } from '@hyper-store/client'
import type { Client, Item } from '@hyper-store/client'
import { AppError, errorCode } from '@hyper-store/client/contract'
import type { Context } from './context.ts'

/** A store and one item of it. */
export interface OpenFolder {
  readonly client: Client
  readonly item: Item
}

/** The store that a command means: this one, or the provider named. */
export async function openStore(context: Context, provider: string | undefined): Promise<Client> {
  const client = await context.connect()
  return provider === undefined ? client : client.provider(provider)
}

/** The item that `ref` names at this store or at the provider. Paths are always of this machine. Throws UNKNOWN_FOLDER, BAD_LINK, AMBIGUOUS. */
export async function openFolder(context: Context, ref: string, provider?: string): Promise<OpenFolder> {
  const local = await context.connect()
  if (provider === undefined || provider === 'local') return { client: local, item: await findItem(local, ref, context) }
  const there = local.provider(provider)
  if (looksLikeLink(ref)) return { client: there, item: await there.getFolder(parseLink(ref).key, context) }
  const here = await ifKnown(findItem(local, ref, context))
  return { client: there, item: await there.getFolder(here?.key ?? ref, context) }
}

/** The absolute path that a user means; `~` is the home folder where a shell left it. */
export function absolutePath(text: string): string {
  return path.resolve(text === '~' || text.startsWith(`~${path.sep}`) ? os.homedir() + text.slice(1) : text)
}

/** A path inside a folder as its store knows it: one that a shell completed, or that names the file from outside, is made relative. */
export function pathInFolder(text: string, root: string | null): string {
  const inside = (base: string) => {
    const relative = path.relative(base, absolutePath(text))
    return relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? null : relative.split(path.sep).join('/')
  }
  if (root === null) return text
  if (path.isAbsolute(text) || text.startsWith('~')) return inside(root) ?? text
  // `./photos/a.jpg`, written where the folder is; a plain name is looked for in the folder first.
  return (/^\.{1,2}[/\\]/.test(text) ? inside(root) : null) ?? text
}

/** A link as it is handed to a store: with the key that opens it, unless the store shall keep it blind. */
export function linkToKeep(text: string, blind = false): string {
  const { link, secret } = parseLink(text)
  return secret === null || blind ? link : `${link}#${secret}`
}

/** An argument that the grammar of the command guarantees. */
export function required(value: string | undefined): string {
  if (value === undefined) throw new AppError('USAGE', { reason: 'An argument is missing; see --help' })
  return value
}

async function findItem(client: Client, ref: string, { signal }: Context): Promise<Item> {
  if (looksLikeLink(ref)) return client.getFolder(parseLink(ref).key, { signal })
  const full = absolutePath(ref)
  const real = await realpath(full).catch(() => full)
  const isPath = /[/\\]/.test(ref) || ref.startsWith('.') || ref === '~'
  for (const candidate of new Set(isPath ? [full, real] : [full, real, ref])) {
    const item = await ifKnown(client.getFolder(candidate, { signal }))
    if (item !== null) return item
  }
  throw new AppError('UNKNOWN_FOLDER', { ref })
}

async function ifKnown(item: Promise<Item>): Promise<Item | null> {
  try {
    return await item
  } catch (error) {
    if (errorCode(error) === 'UNKNOWN_FOLDER') return null
    throw error
  }
}
