/** A table, watched: what others change is seen as it happens. */
import type { RowEvent } from '@hyper-store/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { queries, useStore } from '../../live/use-store.tsx'

/** Changes that are remembered for the list. */
const NEWS = 100
/** Marks that a flood of changes leaves. */
const MARKS_MOST = 1000
/** How long a row is marked. */
const MARK_MS = 6000
/** The rows are asked for again no sooner than so long after the last time. */
const SETTLE_MS = 300

/** What was seen since the screen was opened. */
export interface Watched {
  /** Changes by others. */
  readonly count: number
  /** Newest first, at most 100. */
  readonly news: readonly RowEvent[]
  /** Keys that others changed in the last seconds, with the version. */
  readonly marks: ReadonlyMap<string, number>
}

const NOTHING: Watched = { count: 0, news: [], marks: new Map() }

/** Watches a table. The second function is to be told the keys that this page writes itself: those are no news. */
export function useWatch(
  ref: string,
  link: string,
  { enabled, version }: { readonly enabled: boolean; readonly version: number },
): [Watched, (keys: readonly string[]) => void] {
  const { client, target } = useStore()
  const [watched, setWatched] = useState(NOTHING)
  // What comes after the version that was seen first is news.
  const [from] = useState(version)
  const own = useRef(new Map<string, number>())
  useEffect(() => {
    if (!enabled) return
    let waiting: RowEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = (): void => {
      timer = undefined
      const events = waiting.filter(({ key }) => (own.current.get(key) ?? 0) < Date.now())
      const isNews = events.length > 0
      waiting = []
      if (isNews) setWatched((before) => withNews(before, events))
      void queries.invalidateQueries({ queryKey: [target, link, 'rows', ref] })
    }
    let since = from
    let watching: AbortController | null = null
    const follow = async (signal: AbortSignal): Promise<void> => {
      for await (const event of client.watchTable(ref, { signal, since })) {
        since = event.version
        waiting.push(event)
        timer ??= setTimeout(take, SETTLE_MS)
      }
    }
    // Browsers hold few connections to one host: a tab that nobody sees leaves its to the others.
    const look = (): void => {
      if (document.visibilityState === 'hidden') {
        watching?.abort()
        watching = null
      } else if (watching === null) {
        watching = new AbortController()
        // What is not to be watched is still shown; the rows are asked for again after events of the store.
        follow(watching.signal).catch(() => undefined)
      }
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      watching?.abort()
      clearTimeout(timer)
    }
  }, [client, target, ref, link, enabled, from])
  const hasMarks = watched.marks.size > 0
  useEffect(() => {
    if (!hasMarks) return
    const timer = setTimeout(() => setWatched((before) => ({ ...before, marks: new Map() })), MARK_MS)
    return () => clearTimeout(timer)
  }, [hasMarks, watched.count])
  const wrote = useCallback((keys: readonly string[]) => {
    for (const key of keys) own.current.set(key, Date.now() + MARK_MS)
  }, [])
  return [watched, wrote]
}

function withNews(before: Watched, events: readonly RowEvent[]): Watched {
  const marks = new Map(before.marks)
  for (const { key, version } of events.slice(-MARKS_MOST)) marks.set(key, version)
  return { count: before.count + events.length, news: [...events.toReversed(), ...before.news].slice(0, NEWS), marks }
}
