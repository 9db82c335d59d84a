/** The checks of the doctor: run when they are first seen, and again when asked; not after each event, for they take seconds. */
import type { Check } from '@hyper-store/client'
import { useCallback, useEffect, useState } from 'react'
import { noticing, useStore } from '../../live/use-store.tsx'

/** What is known. */
export interface Doctor {
  /** Null before the first answer. */
  readonly checks: readonly Check[] | null
  readonly error: Error | null
  readonly isRunning: boolean
  readonly run: () => void
}

/** The doctor of the store. */
export function useDoctor(): Doctor {
  const store = useStore()
  const [round, setRound] = useState(0)
  const [answer, setAnswer] = useState<{
    readonly round: number
    readonly checks: readonly Check[] | null
    readonly error: Error | null
  } | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    noticing(store, store.client.runDoctor({ signal: stop.signal })).then(
      (checks) => setAnswer({ round, checks, error: null }),
      (error: Error) => {
        if (!stop.signal.aborted) setAnswer((before) => ({ round, checks: before?.checks ?? null, error }))
      },
    )
    return () => stop.abort()
  }, [store, round])
  const run = useCallback(() => setRound((before) => before + 1), [])
  return { checks: answer?.checks ?? null, error: answer?.error ?? null, isRunning: answer?.round !== round, run }
}
