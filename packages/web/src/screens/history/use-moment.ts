/** Which moment of a folder is shown, and going to another one. */
import type { HistoryVersion } from '@hyper-store/client'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import type { FolderPlace } from '../../app/places.ts'
import { stopAt, stopOf } from './moments.ts'
import type { Versions } from './use-versions.ts'

/** While the knob is dragged, or a key held, the files wait. */
const SETTLE_MS = 160

/** The slider's place in the history. */
export interface Moment {
  /** Oldest first; the last one is now. */
  readonly stops: readonly HistoryVersion[]
  /** Index of what is shown, or is about to be; -1 without stops. */
  readonly stop: number
  readonly isNow: boolean
  /** What is looked for is older than what was loaded so far. */
  readonly isSeeking: boolean
  /** The day that was asked for is before the first version. */
  readonly isTooEarly: boolean
  readonly goTo: (stop: number) => void
  /** Goes to the newest version up to a moment, milliseconds since 1970. */
  readonly goToTime: (ms: number) => void
  readonly goToNow: () => void
}

/** The moment of a place. */
export function useMoment(folder: string, place: FolderPlace, found: Versions): Moment {
  const [, navigate] = useLocation()
  const { versions, more, loadMore } = found
  const stops = useMemo(() => (versions ?? []).toReversed(), [versions])
  const last = stops.length - 1
  /** Where the knob is ahead of the address; undefined when it is not, null for now. */
  const [ahead, setAhead] = useState<number | null | undefined>(undefined)
  const [soughtMs, setSought] = useState<number | null>(null)
  const [isTooEarly, setTooEarly] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const { version: there } = place
  useEffect(() => {
    if (there === ahead) setAhead(undefined)
  }, [there, ahead])
  useEffect(() => () => clearTimeout(timer.current), [])

  const go = useCallback(
    (version: number | null, wait: number) => {
      setAhead(version)
      setTooEarly(false)
      clearTimeout(timer.current)
      // One step back in the browser leads out of the past, not through every stop of the knob.
      timer.current = setTimeout(() => navigate(folderPlace(folder, { ...place, version }), { replace: place.version !== null }), wait)
    },
    [navigate, folder, place],
  )
  const goTo = (stop: number): void => {
    setSought(null)
    go(stop >= last ? null : (stops[stop]?.version ?? null), SETTLE_MS)
  }
  const version = ahead === undefined ? there : ahead
  const stop = version === null ? last : stopOf(stops, version)

  // What is sought may be pages away.
  const oldest = stops[0]
  const isBefore = version !== null && oldest !== undefined && version < oldest.version
  useEffect(() => {
    if (isBefore && more) loadMore()
  }, [isBefore, more, loadMore])
  useEffect(() => {
    if (soughtMs === null || oldest === undefined) return
    const index = stopAt(stops, soughtMs)
    if (index >= 0) go(index === last ? null : (stops[index]?.version ?? null), 0)
    else if (more) return loadMore()
    else setTooEarly(true)
    setSought(null)
  }, [soughtMs, stops, oldest, last, more, loadMore, go])

  return {
    stops,
    stop,
    isNow: version === null,
    isSeeking: soughtMs !== null || (isBefore && more),
    isTooEarly,
    goTo,
    goToTime: setSought,
    goToNow: () => {
      setSought(null)
      go(null, 0)
    },
  }
}
