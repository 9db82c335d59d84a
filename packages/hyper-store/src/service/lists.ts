/** Lists of links that this store follows, and the one that it offers. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AppError,
  errorCode,
  FollowedList as FollowedListShape,
  ROUTES,
  type FollowedList,
  type FollowList,
  type PublicList,
} from '@hyper-store/client/contract'
import * as v from 'valibot'
import type { Caller, ListsApi } from '../core/store-api.ts'
import { createSerial } from '../lib/serial.ts'
import type { State } from '../state/state.ts'
import type { Adding } from './adding.ts'
import type { KeptFolders } from './kept-folders.ts'
import { sourceOf, type ListSource, type ReadList, type SourceRooms } from './list-sources.ts'
import type { Providers } from './providers.ts'

/** The setting that they are kept in. */
const SETTING = 'lists'
const MOST_LISTS = 100
/** A list that could not be read is tried again after this. */
const RETRY_MS = 30_000
/** So many links may leave a list at once without a question. */
const MANY_LEFT = 10
const SELF: Caller = { role: 'owner', deviceKey: null, local: true }

const Text = v.pipe(v.string(), v.maxLength(8192))
const Stored = v.object({
  lists: v.array(v.object({ id: Text, source: Text, links: v.array(Text), keys: v.array(Text), atMs: v.nullable(v.number()) })),
  /** Keys of what is kept for being on a list, and for nothing else. */
  brought: v.array(Text),
})

/** What lists need from the store around them. */
export interface ListsOptions extends Omit<SourceRooms, 'providers'> {
  readonly folders: KeptFolders
  readonly state: State
  readonly providers: Providers
  readonly adding: () => Adding
  /** Keeps it no more, and lets its content go. */
  readonly drop: (key: string) => Promise<void>
  readonly deviceName: () => string
}

interface Following {
  readonly id: string
  readonly source: string
  readonly from: ListSource
  readonly stop: AbortController
  links: string[]
  keys: string[]
  atMs: number | null
  problem: AppError | null
}

/** Follows lists from `start` to `close`. */
export class Lists implements ListsApi {
  readonly #o: ListsOptions
  readonly #lists = new Map<string, Following>()
  readonly #brought = new Set<string>()
  /** One list changes what is kept at a time. */
  readonly #serial = createSerial()
  readonly #running = new Set<Promise<void>>()

  constructor(options: ListsOptions) {
    this.#o = options
  }

  /** Goes on with the lists of the last run. */
  async start(): Promise<void> {
    const stored = v.safeParse(Stored, await this.#o.state.settings.get(SETTING))
    if (!stored.success) return
    for (const key of stored.output.brought) this.#brought.add(key)
    for (const { id, source, links, keys, atMs } of stored.output.lists) {
      const following = this.#make(id, source)
      Object.assign(following, { links, keys, atMs })
      this.#run(following, { readFirst: true })
    }
  }

  async close(): Promise<void> {
    for (const { stop } of this.#lists.values()) stop.abort()
    await Promise.all(this.#running)
  }

  async lists(): Promise<FollowedList[]> {
    return [...this.#lists.values()].map(shown)
  }

  async follow(_caller: Caller, { source, provider }: FollowList): Promise<FollowedList> {
    if (provider !== undefined)
      return this.#o.providers.callJson(provider, 'POST', ROUTES.followList.path, { body: { source }, schema: FollowedListShape })
    const id = createHash('sha256').update(source).digest('hex').slice(0, 12)
    const known = this.#lists.get(id)
    if (known !== undefined) return shown(known)
    if (this.#lists.size >= MOST_LISTS) throw new AppError('BAD_REQUEST', { reason: `at most ${MOST_LISTS} lists can be followed` })
    const following = this.#make(id, source)
    try {
      await this.#take(following, await following.from.read(following.stop.signal))
    } catch (error) {
      this.#lists.delete(id)
      throw error
    }
    this.#run(following, { readFirst: false })
    return shown(following)
  }

  async unfollow(id: string): Promise<void> {
    const list = this.#lists.get(id) ?? [...this.#lists.values()].find(({ source }) => source === id)
    if (list === undefined) throw new AppError('UNKNOWN_LIST', { list: id })
    list.stop.abort()
    this.#lists.delete(list.id)
    await this.#serial.run(async () => {
      for (const key of list.keys) if (!this.#isListed(key)) this.#brought.delete(key)
      await this.#save()
    })
  }

  /** Somebody asked for it, whatever lists say: it stays when it leaves them. */
  async asked(key: string): Promise<void> {
    if (this.#brought.delete(key)) await this.#save()
  }

  async publicList(): Promise<PublicList> {
    const offered = this.#o.folders.all.filter(({ record }) => record.listed === true && !record.private)
    return { name: this.#o.deviceName(), links: offered.map(({ link, record }) => ({ link, title: record.title })) }
  }

  #make(id: string, source: string): Following {
    const stop = new AbortController()
    const following = { id, source, from: this.#sourceOf(source), stop, links: [], keys: [], atMs: null, problem: null }
    this.#lists.set(id, following)
    return following
  }

  #sourceOf(source: string): ListSource {
    return sourceOf(source, { tables: this.#o.tables, providers: this.#o.providers })
  }

  #run(following: Following, options: { readFirst: boolean }): void {
    const running = this.#follow(following, options)
    this.#running.add(running)
    void running.finally(() => this.#running.delete(running))
  }

  /** Never throws: what went wrong is told as the list's problem, and tried again. */
  async #follow(following: Following, { readFirst }: { readFirst: boolean }): Promise<void> {
    const { from, stop } = following
    const { signal } = stop
    for (let read = readFirst; !signal.aborted; read = true) {
      try {
        if (read) await this.#take(following, await from.read(signal))
        await from.changed(signal)
      } catch (error) {
        if (signal.aborted) return
        following.problem = error instanceof AppError ? error : new AppError('DEFECT', { reason: String(error) }, { cause: error })
        await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }

  /** Keeps what is new on the list, and no more what left it. */
  async #take(following: Following, said: ReadList): Promise<void> {
    await this.#serial.run(async () => {
      if (following.stop.signal.aborted) return
      const left = following.keys.filter((key) => !said.links.has(key))
      let problem = said.problem
      for (const [key, { link, title }] of said.links) {
        if (following.stop.signal.aborted) return
        if (this.#o.folders.get(key) !== undefined) continue
        try {
          await this.#o.adding().add(SELF, { link, ...(title === null ? {} : { title }) })
          this.#brought.add(key)
        } catch (error) {
          problem ??= error instanceof AppError ? error : new AppError('DEFECT', { reason: String(error) }, { cause: error })
        }
      }
      following.links = [...said.links.values()].map(({ link }) => link)
      following.atMs = Date.now()
      if (isTooMuch({ left: left.length, had: following.keys.length, now: said.links.size })) {
        // As with a folder that is suddenly empty: more likely a mishap than a wish.
        following.problem = new AppError('STOPPED_FOR_SAFETY', {
          reason: `${left.length} of ${following.keys.length} links left the list at once`,
          cure: 'What they name is still kept; to let it go, remove it, or unfollow the list and follow it again',
        })
        following.keys = [...new Set([...following.keys, ...said.links.keys()])]
        await this.#save()
        return
      }
      following.keys = [...said.links.keys()]
      following.problem = problem
      for (const key of left) {
        if (!this.#brought.has(key) || this.#isListed(key)) continue
        this.#brought.delete(key)
        if (this.#o.folders.get(key) !== undefined) await this.#o.drop(key)
      }
      await this.#save()
    })
  }

  #isListed(key: string): boolean {
    return [...this.#lists.values()].some(({ keys }) => keys.includes(key))
  }

  async #save(): Promise<void> {
    const lists = [...this.#lists.values()].map(({ id, source, links, keys, atMs }) => ({ id, source, links, keys, atMs }))
    await this.#o.state.settings.set(SETTING, { lists, brought: [...this.#brought] })
  }
}

/** True when a list is empty that was not, or lost most of very much. */
function isTooMuch({ left, had, now }: { left: number; had: number; now: number }): boolean {
  return left > 0 && (now === 0 || (left > MANY_LEFT && left > had / 2))
}

function shown({ id, source, links, atMs, problem }: Following): FollowedList {
  return {
    id,
    source,
    links,
    at: atMs === null ? null : new Date(atMs).toISOString(),
    problem: problem === null ? null : { code: errorCode(problem) ?? 'DEFECT', message: problem.message },
  }
}
