/** Whether something is near what is seen: what is far away is drawn when it comes closer. */
import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'

const waiting = new Map<Element, () => void>()
let observer: IntersectionObserver | null = null

function watch(element: Element, come: () => void): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) waiting.get(target)?.()
    },
    { rootMargin: '800px 0px' },
  )
  waiting.set(element, come)
  observer.observe(element)
  return () => {
    waiting.delete(element)
    observer?.unobserve(element)
  }
}

/** True from when the element came near; it stays so. `at once`: from the start. */
export function useNear<T extends Element>(atOnce: boolean): [RefObject<T | null>, boolean] {
  const ref = useRef<T>(null)
  const [isNear, setNear] = useState(atOnce)
  useEffect(() => {
    const element = ref.current
    if (isNear || element === null) return
    return watch(element, () => setNear(true))
  }, [isNear])
  return [ref, isNear]
}
