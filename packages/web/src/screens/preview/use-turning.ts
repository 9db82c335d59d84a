/** Turning from file to file: arrow keys, swipes of a finger, and Esc back to the folder. */
import { useEffect, useRef } from 'react'
import type { TouchEvent } from 'react'

/** What turning does. */
export interface Turns {
  onPrevious(): void
  onNext(): void
  onClose(): void
}

/** A finger goes at least so far, in pixels, and twice as far sideways as down. */
const SWIPE = 60

/** True where the keys mean something else: in fields, players, menus, and what scrolls sideways. */
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  if (
    target.closest('input, textarea, select, audio, video, [role="dialog"], [role="alertdialog"], [role="menu"], [role="slider"]') !== null
  )
    return true
  return scrollsSideways(target)
}

function scrollsSideways(target: Element): boolean {
  for (let at: Element | null = target; at !== null && at.id !== 'main'; at = at.parentElement) {
    if (at.scrollWidth > at.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(at).overflowX)) return true
  }
  return false
}

/** Handlers for the element that is turned; keys count wherever the focus is. */
export function useTurning(turns: Turns): {
  readonly onTouchStart: (event: TouchEvent) => void
  readonly onTouchEnd: (event: TouchEvent) => void
} {
  const latest = useRef(turns)
  useEffect(() => {
    latest.current = turns
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      // A dialog above takes Esc for itself.
      if (event.key === 'Escape' && document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') === null)
        latest.current.onClose()
      if (isTaken(event.target)) return
      if (event.key === 'ArrowLeft') latest.current.onPrevious()
      if (event.key === 'ArrowRight') latest.current.onNext()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  const start = useRef<{ readonly x: number; readonly y: number } | null>(null)
  return {
    onTouchStart: ({ touches, target }) => {
      const touch = touches[0]
      start.current = touches.length !== 1 || touch === undefined || isTaken(target) ? null : { x: touch.clientX, y: touch.clientY }
    },
    onTouchEnd: ({ changedTouches }) => {
      const touch = changedTouches[0]
      const from = start.current
      start.current = null
      if (touch === undefined || from === null) return
      const [x, y] = [touch.clientX - from.x, touch.clientY - from.y]
      if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return
      if (x > 0) latest.current.onPrevious()
      else latest.current.onNext()
    },
  }
}
