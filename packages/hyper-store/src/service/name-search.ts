/** Searches the names of a folder as of one version, in the order of paths, so that a page of what was found ends the work. */
import type { DriveId, Entry, FolderPath } from '../core/entries.ts'
import { ancestorsOf, caseKey, comparePaths, isBelow, nameOf } from '../core/paths.ts'
import type { DeviceDrive } from '../hyper/device-drive.ts'
import type { PastFolder } from '../hyper/past-folder.ts'
import { createSerial } from '../lib/serial.ts'
import type { KeptFolder } from './kept-folder.ts'
import { bounded } from './past-reading.ts'

/** Names that were gathered stay at hand for the next search. */
const NAMES_KEPT_MS = 120_000
/** Of logs with more records no names are gathered: they would weigh too much. */
const MOST_RECORDS = 500_000

/** What is looked for. */
export interface NameQuery {
  /** Folder to search in; '' for all. */
  readonly below: string
  /** Only what comes behind this path; null for all. */
  readonly after: FolderPath | null
  /** Text in the name, in any case and composition. */
  readonly match: string
}

/** One path of a folder; a null entry is a folder that has something in it. */
interface Named {
  readonly path: FolderPath
  readonly entry: Entry | null
}

/** Searches one folder; `past` is the version that is searched. */
export async function* searchNames(folder: KeptFolder, past: PastFolder, query: NameQuery): AsyncIterable<Named> {
  const text = caseKey(query.match)
  const isWanted = (path: FolderPath): boolean => caseKey(nameOf(path)).includes(text)
  const names = namesOf(folder)
  if (names === null) {
    for await (const one of walk(past, query.below, query.after)) if (isWanted(one.path)) yield one
    return
  }
  for (const path of await names.sorted()) {
    const isInside = query.below === '' || isBelow(path, query.below as FolderPath)
    if (!isInside || !isWanted(path) || (query.after !== null && comparePaths(path, query.after) <= 0)) continue
    const shown = await bounded(past.get(path))
    if (shown !== null) yield { path, entry: shown.entry }
    else if (await bounded(past.hasFolder(path))) yield { path, entry: null }
  }
}

async function* walk(past: PastFolder, folder: string, after: FolderPath | null): AsyncIterable<Named> {
  const children: Named[] = []
  const steps = past.children(folder)[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await bounded(steps.next())
    if (done === true) break
    children.push({ path: (folder === '' ? value.name : `${folder}/${value.name}`) as FolderPath, entry: value.entry })
  }
  children.sort((a, b) => comparePaths(a.path, b.path))
  for (const one of children) {
    const isPast = after === null || comparePaths(one.path, after) > 0
    if (isPast) yield one
    if (one.entry === null && (isPast || one.path === after || isBelow(after, one.path))) yield* walk(past, one.path, isPast ? null : after)
  }
}

const known = new WeakMap<KeptFolder, FolderNames>()

/** The names of a folder whose logs are here; null where they are not, or are too many. */
function namesOf(folder: KeptFolder): FolderNames | null {
  const logs = folder.drives.drives.map(({ db }) => db)
  const isHere = logs.every((db) => db.contiguous === db.length)
  if (!isHere || logs.reduce((sum, db) => sum + db.length, 0) > MOST_RECORDS) return null
  const names = known.get(folder) ?? new FolderNames(folder, () => known.delete(folder))
  known.set(folder, names)
  return names
}

/**
 * Every path that any version of a folder ever told of, with the folders above: more than one version has, so each is looked up before
 * it counts as found. A log is read from its start once, which is several times cheaper than a walk through its tree; after that only
 * what is new in it.
 */
class FolderNames {
  readonly #folder: KeptFolder
  readonly #forget: () => void
  readonly #serial = createSerial()
  readonly #read = new Map<DriveId, { fork: number; length: number }>()
  #paths = new Set<FolderPath>()
  #sorted: readonly FolderPath[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(folder: KeptFolder, forget: () => void) {
    this.#folder = folder
    this.#forget = forget
  }

  /** All of them in order. */
  async sorted(): Promise<readonly FolderPath[]> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#forget, NAMES_KEPT_MS).unref()
    return await this.#serial.run(async () => {
      const before = this.#paths.size
      for (const drive of this.#folder.drives.drives) await this.#readOn(drive)
      // A copy is told by no record, and its name need not be like that of its file.
      for await (const { copy } of this.#folder.drives.conflicts()) this.#add(copy)
      if (this.#paths.size > before) this.#sorted = [...this.#paths].sort(comparePaths)
      return this.#sorted
    })
  }

  async #readOn(drive: DeviceDrive): Promise<void> {
    const { fork, contiguous } = drive.db
    const read = this.#read.get(drive.id)
    const from = read?.fork === fork ? read.length : 0
    if (contiguous <= from) return
    for await (const { path } of drive.history(from, contiguous)) this.#add(path)
    this.#read.set(drive.id, { fork, length: contiguous })
  }

  #add(path: FolderPath): void {
    if (this.#paths.has(path)) return
    this.#paths.add(path)
    for (const above of ancestorsOf(path)) {
      if (this.#paths.has(above)) return
      this.#paths.add(above)
    }
  }
}
