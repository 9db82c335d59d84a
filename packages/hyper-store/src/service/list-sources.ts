/** Where lists of links come from: tables, files, and stores with a public list; each is read whole, and says when it may have changed. */
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, PublicList, ROUTES } from '@hyper-store/client/contract'
import * as v from 'valibot'
import { formatLink, looksLikeLink, parseLink } from '../core/links.ts'
import type { TablesApi } from '../core/store-api.ts'
import type { Providers } from './providers.ts'

/** Most links of one list. */
const MOST_LINKS = 1_000
const MOST_BYTES = 4 * 1024 * 1024
const ANSWER_MS = 10_000
/** How often a file is looked at, how long it must lie still before it is read, and how often stores are asked. */
const FILE_MS = 1_000
const STORE_MS = 60_000
/** Changes of a table gather for this long. */
const TABLE_MS = 200

/** What a list said when it was read. */
export interface ReadList {
  /** Links by key, in their order. */
  readonly links: ReadonlyMap<string, { readonly link: string; readonly title: string | null }>
  /** What of it could not be taken; null for nothing. */
  readonly problem: AppError | null
}

/** How a list is read and followed. */
export interface ListSource {
  /** Throws what keeps it from being read. */
  read(signal: AbortSignal): Promise<ReadList>
  /** Resolves when it may have changed since the last read. */
  changed(signal: AbortSignal): Promise<void>
}

/** What sources need from the store. */
export interface SourceRooms {
  readonly tables: Pick<TablesApi, 'rows' | 'watch' | 'info'>
  readonly providers: Pick<Providers, 'list' | 'callJson'>
}

/** The source that a text names: a link of a table, an absolute path, an http:// address, or a provider. Throws BAD_REQUEST. */
export function sourceOf(text: string, rooms: SourceRooms): ListSource {
  if (looksLikeLink(text)) return tableSource(text, rooms)
  if (path.isAbsolute(text)) return fileSource(text)
  if (/^https?:\/\//i.test(text)) return storeSource(async (signal) => askStore(text, signal))
  if (rooms.providers.list().some(({ name }) => name === text))
    return storeSource(async () => rooms.providers.callJson(text, 'GET', ROUTES.getPublicList.path, { schema: PublicList }))
  throw new AppError('BAD_REQUEST', { reason: `"${text}" is no link of a table, no absolute path, no http:// address and no provider` })
}

/** Gathers links up to the limit, each once. */
class Gathering {
  readonly links = new Map<string, { link: string; title: string | null }>()
  problem: AppError | null = null

  /** `where` names the place for people, such as `line 3`. */
  take(text: string, title: string | null, where: string): void {
    const link = parseLink(text)
    if (link === null) this.problem ??= new AppError('BAD_LINK', { link: `${where}: ${text.slice(0, 80)}` })
    else if (this.links.has(link.key)) return
    else if (this.links.size >= MOST_LINKS)
      this.problem ??= new AppError('BAD_REQUEST', { reason: `the list has more than ${MOST_LINKS} links; the others are left out` })
    else this.links.set(link.key, { link: formatLink({ key: link.key, secret: link.secret }), title })
  }
}

/** Keys or values that are links; a value may be an object with a description. Rows without a link are no mistake: a table may hold more. */
function tableSource(link: string, { tables }: SourceRooms): ListSource {
  let version: number | null = null
  return {
    async read(signal) {
      const gathering = new Gathering()
      const range = { prefix: null, gt: null, gte: null, lt: null, lte: null, reverse: false, shallow: false, version: null }
      const rows = await tables.rows(link, range, { signal })
      version = rows.version
      for await (const row of rows) {
        if (!('key' in row)) continue
        const found = [row.key, row.value, fieldOf(row.value, 'link')].find((text) => typeof text === 'string' && looksLikeLink(text))
        const title = fieldOf(row.value, 'title') ?? fieldOf(row.value, 'description')
        if (typeof found === 'string') gathering.take(found, typeof title === 'string' ? title.slice(0, 200) || null : null, row.key)
      }
      return gathering
    },
    async changed(signal) {
      const done = new AbortController()
      try {
        for await (const _ of tables.watch(link, { prefix: null, since: version, signal: AbortSignal.any([signal, done.signal]) })) break
      } finally {
        done.abort()
      }
      await sleep(TABLE_MS, undefined, { signal, ref: false })
    },
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** One link a line, with comments after `#` at the beginning of a line or after white space; or a JSON array of links. */
function fileSource(file: string): ListSource {
  let seen = ''
  return {
    async read() {
      seen = await marksOf(file)
      const text = await readText(file)
      const gathering = new Gathering()
      const array = text.trimStart().startsWith('[') ? parseArray(text) : null
      if (array !== null) {
        for (const [i, one] of array.entries()) {
          const link = typeof one === 'string' ? one : fieldOf(one, 'link')
          gathering.take(typeof link === 'string' ? link : JSON.stringify(one), null, `entry ${i + 1}`)
        }
        return gathering
      }
      for (const [i, line] of text.split(/\r?\n/).entries()) {
        const link = line.replace(/(^|\s)#.*$/, '').trim()
        if (link !== '') gathering.take(link, null, `line ${i + 1}`)
      }
      return gathering
    },
    async changed(signal) {
      for (let before = seen; ;) {
        await sleep(FILE_MS, undefined, { signal, ref: false })
        const now = await marksOf(file)
        // One that is being written lies still some day.
        if (now !== seen && now === before) return
        before = now
      }
    },
  }
}

async function marksOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null)
  return found === null ? 'missing' : `${found.ino} ${found.size} ${found.mtimeMs}`
}

async function readText(file: string): Promise<string> {
  try {
    await using handle = await open(file, 'r')
    const { size } = await handle.stat()
    if (size > MOST_BYTES) throw new AppError('BAD_REQUEST', { reason: `${file} is longer than 4 MiB` })
    return await handle.readFile('utf8')
  } catch (error) {
    if (error instanceof AppError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new AppError('NOT_FOUND', { what: file }, { cause: error })
    throw new AppError('BAD_REQUEST', { reason: `${file} can't be read` }, { cause: error })
  }
}

/** @throws BAD_REQUEST */
function parseArray(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return value
  } catch {
    // Told below: it may be half written.
  }
  throw new AppError('BAD_REQUEST', { reason: 'the file begins with [ and is no JSON array' })
}

function storeSource(ask: (signal: AbortSignal) => Promise<PublicList>): ListSource {
  return {
    async read(signal) {
      const gathering = new Gathering()
      for (const { link, title } of (await ask(signal)).links) gathering.take(link, title.slice(0, 200) || null, 'an entry')
      return gathering
    },
    async changed(signal) {
      await sleep(STORE_MS, undefined, { signal, ref: false })
    },
  }
}

async function askStore(address: string, signal: AbortSignal): Promise<PublicList> {
  const url = address.replace(/[/#]*$/, '') + ROUTES.getPublicList.path
  const unreachable = (cause: unknown) => new AppError('PROVIDER_UNREACHABLE', { name: new URL(address).host, url: address }, { cause })
  const reply = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) }).catch((error: unknown) => {
    throw unreachable(error)
  })
  const parsed = v.safeParse(PublicList, await jsonOf(reply))
  if (!reply.ok || !parsed.success) throw new AppError('NOT_A_STORE', { url: address })
  return parsed.output
}

async function jsonOf(reply: Response): Promise<unknown> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of (reply.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.byteLength
      if (bytes > MOST_BYTES) return null
      pieces.push(piece)
    }
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    return null
  }
}
