/** Keys of a board: those of Pushpin, and those that people expect. */
import { useEffect, useRef } from 'react'
import { isWriting, MODAL } from '../../kit/keys.ts'

/** What keys do; `isOn` is false for who may only look. */
export interface Keys {
  readonly isOn: boolean
  readonly remove: () => void
  readonly undo: () => void
  readonly redo: () => void
  readonly all: () => void
  readonly none: () => void
  readonly edit: () => void
  readonly move: (by: readonly [number, number]) => void
  /** A new note. */
  readonly write: () => void
  readonly duplicate: () => void
}

const STEP = 20
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
}
/** The deed of a key; null for one that is none of the board's. */
function deedOf(event: KeyboardEvent, keys: Keys): (() => void) | null {
  const { key, shiftKey } = event
  const mod = event.ctrlKey || event.metaKey
  if (key === 'Escape') return keys.none
  if (mod && key.toLowerCase() === 'a') return keys.all
  if (!keys.isOn) return null
  if (mod) {
    if (key.toLowerCase() === 'z') return shiftKey ? keys.redo : keys.undo
    if (key.toLowerCase() === 'd') return keys.duplicate
    return key.toLowerCase() === 'y' ? keys.redo : null
  }
  if (key === 'Backspace' || key === 'Delete') return keys.remove
  if (key === 'F2' || (key === 'Enter' && !(document.activeElement instanceof HTMLButtonElement))) return keys.edit
  if (key.toLowerCase() === 'n' && !event.altKey) return keys.write
  const arrow = ARROWS[key]
  return arrow === undefined ? null : () => keys.move(arrow)
}

/** Listens as long as the board is open. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isWriting() || event.defaultPrevented || document.querySelector(MODAL) !== null) return
      const deed = deedOf(event, latest.current)
      if (deed === null) return
      event.preventDefault()
      deed()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
