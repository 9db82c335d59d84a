/** A cell while it is edited. */
import { useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { TABLES } from '../../words/tables.ts'
import { editedText, editedValue, kindOf } from './cells.ts'
import css from './tables.module.css'

/** Edits a value as text; `typed` replaces it. Enter, Tab and leaving take it, Escape does not; what did not change is told as null. */
export function CellEditor({
  label,
  value,
  isText,
  typed,
  onDone,
}: {
  readonly label: string
  readonly value: unknown
  readonly isText: boolean
  readonly typed: string | null
  /** `isByKey`: false when the focus had gone elsewhere. */
  readonly onDone: (text: string | null, isByKey: boolean) => void
}): ReactNode {
  // What others write meanwhile does not change what is edited.
  const [was] = useState(value)
  const before = editedText(was)
  const [text, setText] = useState(typed ?? before)
  // The focus that goes back to the grid leaves the field once more.
  const isOver = useRef(false)
  const done = (isTaken: boolean, isByKey: boolean): void => {
    if (isOver.current) return
    isOver.current = true
    onDone(isTaken && text !== before ? text : null, isByKey)
  }
  return (
    <div className={css['editor']}>
      <input
        autoFocus
        aria-label={label}
        value={text}
        spellCheck={false}
        autoComplete="off"
        dir="auto"
        onFocus={(event) => typed === null && event.target.select()}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => done(true, false)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === 'Tab') done(true, true)
          else if (event.key === 'Escape') done(false, true)
          else return
          event.preventDefault()
          event.stopPropagation()
        }}
      />
      <small aria-hidden>{TABLES.kinds[isText ? 'text' : kindOf(editedValue(was, text))]}</small>
    </div>
  )
}
