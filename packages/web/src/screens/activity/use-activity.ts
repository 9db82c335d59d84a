/** What the store remembers of lately, asked again as often as it measures, and the events that came since. */
import type { Activity, ActivityEvent } from '@hyper-store/client'
import { useEffect, useMemo } from 'react'
import { useAnswer, useSnapshot } from '../../live/use-store.tsx'
import { joinEvents } from './lines.ts'

const EACH_MS = 10_000

/** The memory of the store; null until it is heard. */
export function useActivity(): {
  readonly activity: Activity | null
  readonly error: Error | null
  readonly events: readonly ActivityEvent[]
} {
  const { activity: live } = useSnapshot()
  // Of no folder, and not asked again after each event: events come by themselves.
  const { data, error, refetch } = useAnswer({ link: 'activity', name: [] }, async (client, signal) => await client.getActivity({ signal }))
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refetch()
    }, EACH_MS)
    return () => clearInterval(timer)
  }, [refetch])
  const remembered = data?.events
  const events = useMemo(() => joinEvents(live, remembered ?? []), [live, remembered])
  return { activity: data ?? null, error, events }
}
