/** All entries of one folder: the first page at once, the rest as it comes, and afterwards in step with what changes. */
import { AppError } from '@hyper-store/client'
import type { Client, ThingEntry } from '@hyper-store/client'
import { changedChildren, rowsOf, sortRows, withChanges } from './rows.ts'
import type { FileRow } from './rows.ts'

/** Which entries are meant. */
export interface ListingPlace {
  readonly folder: string
  readonly path: string
  /** Null: as it is now. */
  readonly version: number | null
  /** Only names with this text, at any depth; '' is all of the folder itself. */
  readonly match: string
}

/** What is known of them. */
export interface ListingState {
  /** By name, folders first. */
  readonly rows: readonly FileRow[]
  /** Version of the folder that they are of; 0 before the first page. */
  readonly version: number
  /** False while pages are still to come. */
  readonly isWhole: boolean
  /** Why they could not be read; null when all is well. */
  readonly problem: Error | null
}

/** What the listing asks of a store. */
export type ListingClient = Pick<Client, 'listEntries' | 'getEntry' | 'getDiff'>

const PAGE = 1000
/** Between two looks at a small folder, and at one of many pages. */
const SMALL_MS = 300
const LARGE_MS = 2000
/** While pages come, what is there is shown anew that often. */
const SHOW_MS = 250
/** Changed entries that are asked for one by one; of more, all is read again. */
const SINGLE = 40
/** Nobody reads further down a list of finds. */
const MOST_FOUND = 5000
const BY_NAME = { by: 'name', down: false } as const

/** The entries of one place, for as long as somebody looks. */
export class Listing {
  readonly place: ListingPlace
  readonly #client: ListingClient
  readonly #listeners = new Set<() => void>()
  #state: ListingState = { rows: [], version: 0, isWhole: false, problem: null }
  #working: AbortController | null = null
  #again = false
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(client: ListingClient, place: ListingPlace) {
    this.#client = client
    this.place = place
  }

  get state(): ListingState {
    return this.#state
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#begin()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#end()
    }
  }

  /** Something changed; it is looked at soon, often enough for eyes. */
  refresh(): void {
    if (this.#listeners.size === 0) return
    if (this.#working !== null) this.#again = true
    else this.#timer ??= setTimeout(() => this.#run(), this.#isLarge ? LARGE_MS : SMALL_MS)
  }

  /** Puts the answer of a deed in place at once; null: it is gone. */
  put(changes: ReadonlyMap<string, ThingEntry | null>): void {
    const own = new Map([...changes].filter(([path]) => changedChildren(this.place.path, [path]).has(path)))
    const rows = withChanges(this.#state.rows, own)
    if (rows !== this.#state.rows) this.#set({ rows: sortRows(rows, BY_NAME) })
  }

  get #isLarge(): boolean {
    return this.#state.rows.length > PAGE
  }

  #begin(): void {
    // What was seen before is shown at once, and looked at again.
    this.#run()
  }

  #end(): void {
    this.#working?.abort()
    this.#working = null
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #run(): void {
    this.#timer = null
    const working = (this.#working = new AbortController())
    this.#look(working.signal)
      .catch((error: unknown) => {
        if (working.signal.aborted) return
        this.#set({ problem: error instanceof Error ? error : new Error(String(error)) })
      })
      .finally(() => {
        if (this.#working !== working) return
        this.#working = null
        if (!this.#again) return
        this.#again = false
        this.refresh()
      })
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { isWhole, version } = this.#state
    const canStep = isWhole && this.#isLarge && this.place.version === null && this.place.match === ''
    if (!canStep || !(await this.#step(version, signal))) await this.#readAll(signal)
  }

  /** Only what differs since `version`. False when that can't be told, or is too much. */
  async #step(version: number, signal: AbortSignal): Promise<boolean> {
    const { folder, path } = this.place
    const about = path === '' ? {} : { path }
    const diff = await this.#client.getDiff(folder, { from: String(version), ...about }, { signal }).catch(orNull)
    if (diff === null) return false
    const paths = diff.changes.flatMap((change) => (change.from === null ? [change.path] : [change.path, change.from]))
    const children = changedChildren(path, paths)
    if (children.size > SINGLE) return false
    // What is deleted is known to be gone; the store need not be asked.
    const gone = new Set(
      diff.changes.flatMap((change) => (change.op === 'delete' ? [change.path] : change.from === null ? [] : [change.from])),
    )
    for (const { op, path: there } of diff.changes) if (op !== 'delete') gone.delete(there)
    const entries = await Promise.all(
      [...children].map(
        async (child) =>
          [child, gone.has(child) ? null : await this.#client.getEntry(folder, { path: child }, { signal }).catch(orGone)] as const,
      ),
    )
    const rows = withChanges(this.#state.rows, new Map(entries))
    this.#set({ version: diff.to, problem: null, ...(rows === this.#state.rows ? {} : { rows: sortRows(rows, BY_NAME) }) })
    return true
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const { folder, path, version, match } = this.place
    const before = new Map(this.#state.rows.map((row) => [row.path, row]))
    const isFirst = !this.#state.isWhole
    let rows: FileRow[] = []
    let shownAt = 0
    let first = 0
    for (let after: string | undefined; ;) {
      const page = await this.#client.listEntries(
        folder,
        {
          ...(path === '' ? {} : { path }),
          ...(version === null ? {} : { version: String(version) }),
          ...(match === '' ? {} : { match, recursive: 'true' as const }),
          ...(after === undefined ? {} : { after }),
        },
        { signal },
      )
      if (first === 0) first = page.version
      rows = rows.concat(rowsOf(page.entries, before))
      after = page.entries.at(-1)?.path
      const isWhole = !page.more || after === undefined || (match !== '' && rows.length >= MOST_FOUND)
      const now = performance.now()
      if (isWhole || (isFirst && (shownAt === 0 || now - shownAt > SHOW_MS))) {
        shownAt = now
        const sorted = sortRows(rows, BY_NAME)
        // Sorted pages before one that is not cost little.
        rows = [...sorted]
        this.#show(sorted, first, isWhole)
      }
      if (isWhole) {
        // What changed between the pages shows in what differs since the first.
        if (page.version !== first) this.#again = true
        return
      }
    }
  }

  #show(rows: readonly FileRow[], version: number, isWhole: boolean): void {
    const old = this.#state.rows
    const isSame = rows.length === old.length && rows.every((row, index) => row === old[index])
    this.#set({ rows: isSame ? old : rows, version, isWhole, problem: null })
  }

  #set(change: Partial<ListingState>): void {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }
}

function orGone(error: unknown): null {
  if (error instanceof AppError && error.code === 'NOT_FOUND') return null
  throw error
}

function orNull(error: unknown): null {
  if (error instanceof AppError && error.code !== 'CANCELLED' && error.code !== 'UNAUTHENTICATED') return null
  throw error
}
