/** What is done with files: each deed tells what it did, and can be taken back. */
import { AppError } from '@hyper-store/client'
import type { ThingEntry } from '@hyper-store/client'
import { tellDone, tellProblem } from '../../kit/toasts.tsx'
import type { LiveStore } from '../../live/live-store.ts'
import { contentUrl, noticing } from '../../live/use-store.tsx'
import { FOLDER } from '../../words/folder.ts'
import { visibleName } from '../../words/format.ts'
import type { Listing } from './listing.ts'
import { joinPath, nameOf, parentOf } from './rows.ts'

/** What deeds are done to. */
export interface Place {
  readonly store: LiveStore
  /** Key of the folder. */
  readonly folder: string
  readonly listing: Listing
}

/** Files that a browser is asked to download in a row. */
const MOST_DOWNLOADS = 20
/** Browsers drop downloads that begin at the same moment. */
const DOWNLOAD_GAP_MS = 150

/** Does it for each, one by one. Gives those that went well; the first problem is told. */
async function each<T>(things: readonly T[], deed: (thing: T) => Promise<unknown>): Promise<T[]> {
  const done: T[] = []
  for (const thing of things) {
    try {
      await deed(thing)
      done.push(thing)
    } catch (error) {
      tellProblem(error)
      break
    }
  }
  return done
}

/** True for a name that a file can have. */
export function isGoodName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\u0000')
}

async function moveOne({ store, folder, listing }: Place, from: string, to: string): Promise<void> {
  const entry = await noticing(store, store.client.moveEntry(folder, { from, to }))
  listing.put(
    new Map<string, ThingEntry | null>([
      [from, null],
      [to, entry],
    ]),
  )
  listing.refresh()
}

/** Gives an entry another name. True when that went well. */
export async function rename(place: Place, path: string, name: string): Promise<boolean> {
  const to = joinPath(parentOf(path), name)
  const done = await each([path], () => moveOne(place, path, to))
  if (done.length === 0) return false
  tellDone(FOLDER.renamed(visibleName(name)), () => void each([path], () => moveOne(place, to, path)))
  return true
}

/** Moves entries into another folder. */
export async function move(place: Place, paths: readonly string[], to: string): Promise<void> {
  const target = (path: string): string => joinPath(to, nameOf(path))
  const meant = paths.filter((path) => path !== to && parentOf(path) !== to)
  const done = await each(meant, (path) => moveOne(place, path, target(path)))
  if (done.length === 0) return
  const name = to === '' ? FOLDER.root : visibleName(nameOf(to))
  tellDone(FOLDER.moved(done.length, name), () => void each(done, (path) => moveOne(place, target(path), path)))
}

/** Deletes entries, with all that is in folders. */
export async function remove(place: Place, entries: readonly ThingEntry[]): Promise<void> {
  const { store, folder, listing } = place
  let before = 0
  const found = await each([folder], async () => {
    // Not the history: of a hundred thousand files that takes long.
    before = (await noticing(store, store.client.listEntries(folder, { limit: '1' }))).version
  })
  if (found.length === 0) return
  const done = await each(entries, async ({ path, kind }) => {
    await noticing(store, store.client.removeEntry(folder, { path, ...(kind === 'folder' ? { recursive: true } : {}) })).catch(passGone)
    listing.put(new Map([[path, null]]))
  })
  listing.refresh()
  if (done.length === 0) return
  const paths = done.map(({ path }) => path)
  tellDone(FOLDER.deleted(done.length, visibleName(nameOf(paths[0] ?? ''))), () => void bringBack(place, paths, before))
}

/** Brings paths back as of a version. */
export async function bringBack({ store, folder, listing }: Place, paths: readonly string[], version: number): Promise<void> {
  const done = await each(paths, (path) => noticing(store, store.client.restoreFolder(folder, { version, path })))
  listing.refresh()
  if (done.length > 0) tellDone(FOLDER.broughtBack(done.length))
}

/** Makes an empty folder. True when that went well. */
export async function makeFolder({ store, folder, listing }: Place, path: string): Promise<boolean> {
  const done = await each([path], async () => {
    const entry = await noticing(store, store.client.makeFolder(folder, { path }))
    listing.put(new Map([[path, entry]]))
    listing.refresh()
  })
  return done.length > 0
}

/** Downloads files one by one. */
export async function download({ store, folder }: Place, entries: readonly ThingEntry[], version: number | null): Promise<void> {
  const files = entries.filter(({ kind }) => kind === 'file')
  if (files.length < entries.length) return tellDone(FOLDER.filesOnly)
  if (files.length > MOST_DOWNLOADS) return tellDone(FOLDER.tooMany(MOST_DOWNLOADS))
  for (const [index, { path }] of files.entries()) {
    if (index > 0) await new Promise((resolve) => setTimeout(resolve, DOWNLOAD_GAP_MS))
    const link = document.createElement('a')
    link.href = contentUrl(store.target, folder, { path, ...(version === null ? {} : { version }) })
    link.download = nameOf(path)
    link.click()
  }
}

function passGone(error: unknown): void {
  // Another tab, or another device, was faster.
  if (!(error instanceof AppError && error.code === 'NOT_FOUND')) throw error
}
