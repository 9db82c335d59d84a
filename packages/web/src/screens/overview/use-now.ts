/** The present moment, for words like `today`. */
import { useEffect, useState } from 'react'

const EACH_MS = 30_000

/** Now, renewed twice a minute. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), EACH_MS)
    return () => clearInterval(timer)
  }, [])
  return now
}
