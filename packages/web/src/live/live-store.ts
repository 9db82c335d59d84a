/** What a store keeps, as it is now: read once, then moved along by its events, told to the page at most once a frame. */
import { AppError, createClient } from '@hyper-store/client'
import type { ActivityEvent, Client, Item, StoreEvent, StoreInfo } from '@hyper-store/client'

/** How the stream of events stands. `asking`: nothing was heard yet; `refused`: this browser has no right, or none any more. */
export type Connection = 'asking' | 'live' | 'lost' | 'refused'

/** Everything that the page shows without asking again. */
export interface Snapshot {
  readonly connection: Connection
  /** Null until it was heard. */
  readonly info: StoreInfo | null
  /** By title; null until they were heard. */
  readonly items: readonly Item[] | null
  /** Newest first; at most 200 changes of files, and 200 other events. */
  readonly activity: readonly ActivityEvent[]
  /** Why nothing is heard; null when all is well. */
  readonly problem: Error | null
}

/** Events that the page remembers: so many changes of files, and so many others. */
const ACTIVITY = 200
/** Between two tries to reach a store that never answered. */
const AGAIN_MS = 1500
/** A tab that is not seen has no frames. */
const HIDDEN_MS = 500

const titles = new Intl.Collator('en', { numeric: true })

/** Follows one store: this page's own, or one of its providers through it. */
export class LiveStore {
  readonly client: Client
  /** Name of the provider; `local` for the page's own store. */
  readonly target: string
  readonly #listeners = new Set<() => void>()
  readonly #onChange: (links: ReadonlySet<string>) => void
  #snapshot: Snapshot = { connection: 'asking', info: null, items: null, activity: [], problem: null }
  #items = new Map<string, Item>()
  #waiting: StoreEvent[] = []
  #isPlanned = false
  #following: AbortController | null = null
  #isAsking = false
  /** How often somebody logged in, or the store was found again. */
  #starts = 0

  /** `onChange` hears the links of what changed, at most once a frame. */
  constructor(target: string, onChange: (links: ReadonlySet<string>) => void) {
    const own = createClient({ url: location.origin })
    this.client = target === 'local' ? own : own.provider(target)
    this.target = target
    this.#onChange = onChange
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Begins to follow, again after `refused`; does nothing while it follows. */
  start(): void {
    this.#starts++
    if (this.#following !== null) return
    const following = (this.#following = new AbortController())
    void this.#follow(following.signal).finally(() => {
      if (this.#following === following) this.#following = null
    })
  }

  stop(): void {
    this.#following?.abort()
    this.#following = null
  }

  /**
   * To be called by whoever was told UNAUTHENTICATED, and with null after logging out. Whether this browser is still known is asked once
   * more: another tab may have logged in anew, and a refusal may have come from a box behind the store.
   */
  refused(problem: Error | null): void {
    if (problem === null) {
      this.stop()
      this.#set({ connection: 'refused', problem })
      return
    }
    if (this.#isAsking) return
    this.#isAsking = true
    void this.#askWhoIsHere(problem).finally(() => {
      this.#isAsking = false
    })
  }

  async #askWhoIsHere(problem: Error): Promise<void> {
    const before = this.#starts
    const info = await this.client.getStore().catch(() => null)
    // Somebody logged in while that was on its way: it was asked with the right of before.
    if (before !== this.#starts) return await this.#askWhoIsHere(problem)
    if (info?.role === null) {
      this.stop()
      this.#set({ connection: 'refused', problem })
      return
    }
    // Its stream may have ended with the refusal.
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    this.start()
  }

  /** Puts what a call answered in place, without waiting for its event. */
  put(item: Item): void {
    this.#items.set(item.key, item)
    this.#tellItems()
  }

  /** Reads the store's own facts again: its name changed. */
  async refresh(): Promise<void> {
    this.#set({ info: await this.client.getStore() })
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const info = await this.client.getStore({ signal })
        if (info.role === null) return this.#end(null)
        this.#set({ info })
        const onConnection = (connected: boolean): void => {
          if (signal.aborted) return
          this.#set({ connection: connected ? 'live' : 'lost' })
          // What happened while the stream was down, or before it stood, is in no event.
          if (connected) this.#read(signal).catch((error: unknown) => this.#failed(error))
        }
        for await (const event of this.client.events({ signal, onConnection })) this.#take(event)
      } catch (error) {
        if (signal.aborted) return
        if (isRefusal(error)) return this.#end(error)
        this.#set({ connection: 'lost', problem: error instanceof Error ? error : new Error(String(error)) })
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const [items, activity, info] = await Promise.all([
      this.client.listFolders({ signal }),
      this.client.getActivity({ signal }).catch(() => null),
      this.client.getStore({ signal }),
    ])
    this.#items = new Map(items.map((item) => [item.key, item]))
    this.#set({ problem: null, info, ...(activity === null ? {} : { activity: newestOf(activity.events) }) })
    this.#tellItems()
    this.#onChange(new Set(items.map(({ link }) => link)))
  }

  #failed(error: unknown): void {
    if (isRefusal(error)) this.#end(error)
  }

  #end(error: unknown): void {
    this.refused(error instanceof Error ? error : null)
  }

  #take(event: StoreEvent): void {
    this.#waiting.push(event)
    if (this.#isPlanned) return
    this.#isPlanned = true
    if (document.visibilityState === 'hidden') setTimeout(() => this.#apply(), HIDDEN_MS)
    else requestAnimationFrame(() => this.#apply())
  }

  #apply(): void {
    const events = this.#waiting
    this.#waiting = []
    this.#isPlanned = false
    const changed = new Set<string>()
    const news: ActivityEvent[] = []
    let isItems = false
    for (const event of events) {
      if (event.event === 'item') this.#items.set(event.item.key, event.item)
      else if (event.event === 'removed') for (const [key, { link }] of this.#items) if (link === event.link) this.#items.delete(key)
      isItems ||= event.event === 'item' || event.event === 'removed'
      // Nothing is asked of a thing that is not kept any more: every answer would be a 404.
      if (event.event === 'removed') changed.delete(event.link)
      else if ('link' in event) changed.add(event.link)
      if (event.event !== 'item' && event.event !== 'ready' && event.event !== 'pair') news.push(event)
    }
    if (news.length > 0) this.#snapshot = { ...this.#snapshot, activity: newestOf([...news.toReversed(), ...this.#snapshot.activity]) }
    if (isItems) this.#tellItems()
    else if (news.length > 0) this.#tell()
    if (changed.size > 0) this.#onChange(changed)
  }

  #tellItems(): void {
    const items = [...this.#items.values()].sort((a, b) => titles.compare(a.title, b.title) || (a.key < b.key ? -1 : 1))
    this.#set({ items })
  }

  #set(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** What is remembered: a thousand changes at once push no receipt out. */
function newestOf(events: readonly ActivityEvent[]): ActivityEvent[] {
  let changes = 0
  let others = 0
  return events.filter(({ event }) => (event === 'change' ? ++changes : ++others) <= ACTIVITY)
}

/** True when the store does not know this browser, or not any more. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAUTHENTICATED'
}
