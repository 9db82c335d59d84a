/** The log of the store, live: what is new is asked for every two seconds while the page is seen. */
import type { LogLine } from '@hyper-store/client'
import { useEffect, useState } from 'react'
import { noticing, useStore } from '../../live/use-store.tsx'

const EVERY_MS = 2000
const FIRST = 500
/** Lines that are held. */
const MOST = 2000

/** Lines, oldest first; null before the first answer. */
export function useLog(): { lines: readonly LogLine[] | null; error: Error | null } {
  const store = useStore()
  const [lines, setLines] = useState<readonly LogLine[] | null>(null)
  const [error, setError] = useState<Error | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    let after: number | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      try {
        if (document.visibilityState === 'visible' || after === null) {
          const since = after
          const query = since === null ? { limit: String(FIRST) } : { after: String(since), limit: '1000' }
          const log = await noticing(store, store.client.getLog(query, { signal }))
          const last = log.lines.at(-1)
          after = last?.number ?? since ?? 0
          // A service that was started again counts from the beginning.
          if (log.lines.length > 0 || since === null)
            setLines((before) => [...(since === null ? [] : (before ?? [])), ...log.lines].slice(-MOST))
          setError(null)
        }
      } catch (problem) {
        if (signal.aborted) return
        after = null
        setError(problem instanceof Error ? problem : new Error(String(problem)))
      }
      if (!signal.aborted) timer = setTimeout(() => void ask(), EVERY_MS)
    }
    void ask()
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [store])
  return { lines, error }
}
