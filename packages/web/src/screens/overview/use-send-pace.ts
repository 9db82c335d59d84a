/** Time left of what goes to other devices. */
import type { Item } from '@hyper-store/client'
import { useRef } from 'react'
import { Pace } from './pace.ts'
import { verdictOf } from './verdict.ts'

/** Seconds until the slowest of the folders that are going is there; null while nothing is known. */
export function useSendPace(items: readonly Item[]): number | null {
  const paces = useRef(new Map<string, Pace>()).current
  const now = Date.now()
  const going = new Set<string>()
  let most: number | null = null
  for (const item of items) {
    const { standing, devices } = verdictOf(item)
    if (standing === 'coming' && item.secondsLeft !== null) most = Math.max(most ?? 0, item.secondsLeft)
    if (standing !== 'going') continue
    for (const device of devices) {
      const key = `${item.key} ${device.key}`
      going.add(key)
      const pace = paces.get(key) ?? new Pace()
      paces.set(key, pace)
      pace.note(device.progress, now)
      const left = pace.secondsLeft(now)
      if (left !== null) most = Math.max(most ?? 0, left)
    }
  }
  for (const key of paces.keys()) if (!going.has(key)) paces.delete(key)
  return most
}
