/** What this person does just now, told to the others at the board. */
import { useCallback, useEffect, useRef } from 'react'
import type { OpenBoard } from './open-board.ts'

/** Presence is told at most so often. */
const PRESENCE_MS = 50

/** Tells the others, not more often than they can follow. */
export function usePresence({ connection }: OpenBoard): (change: Readonly<Record<string, unknown>>) => void {
  const waiting = useRef<{ change: Record<string, unknown>; timer: ReturnType<typeof setTimeout> } | null>(null)
  useEffect(
    () => () => {
      if (waiting.current !== null) clearTimeout(waiting.current.timer)
    },
    [],
  )
  return useCallback(
    (change) => {
      if (waiting.current !== null) {
        Object.assign(waiting.current.change, change)
        return
      }
      const timer = setTimeout(() => {
        const told = waiting.current?.change
        waiting.current = null
        const { awareness } = connection
        if (told !== undefined && awareness.getLocalState() !== null) awareness.setLocalState({ ...awareness.getLocalState(), ...told })
      }, PRESENCE_MS)
      waiting.current = { change: { ...change }, timer }
    },
    [connection],
  )
}
