/** Whether the window fits a condition, live. */
import { useMemo, useSyncExternalStore } from 'react'

/** `query` as in CSS. */
export function useMedia(query: string): boolean {
  const media = useMemo(() => matchMedia(query), [query])
  return useSyncExternalStore(
    (listener) => {
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => media.matches,
  )
}

/** As narrow as a phone. */
export const NARROW = '(max-width: 48rem)'
/** Wide enough for a panel beside the files. */
export const WIDE = '(min-width: 70rem)'
