/** The field in which a name is changed in its place: Enter takes it, Esc leaves it. */
import { useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { FOLDER } from '../../words/folder.ts'
import { visibleName } from '../../words/format.ts'
import { isGoodName } from './deeds.ts'
import css from './files.module.css'

/** `onDone` hears the new name; null when it stays. */
export function NameField({ name, onDone }: { readonly name: string; readonly onDone: (name: string | null) => void }): ReactNode {
  const [text, setText] = useState(name)
  const isOver = useRef(false)
  const isWrong = !isGoodName(text)
  const end = (result: string | null): void => {
    if (isOver.current) return
    isOver.current = true
    onDone(result === name ? null : result)
  }
  return (
    <span className={css['field']}>
      <input
        ref={(field) => {
          if (field === null || field === document.activeElement) return
          field.focus()
          const dot = name.lastIndexOf('.')
          field.setSelectionRange(0, dot > 0 ? dot : name.length)
        }}
        aria-label={FOLDER.newName(visibleName(name))}
        aria-invalid={isWrong}
        dir="auto"
        value={text}
        autoComplete="off"
        spellCheck={false}
        maxLength={255}
        onChange={(event) => setText(event.target.value)}
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => {
          event.stopPropagation()
          if (event.key === 'Escape') end(null)
          else if (event.key === 'Enter' && !isWrong) end(text)
        }}
        onBlur={() => end(isWrong ? null : text)}
      />
      {isWrong && <small role="alert">{FOLDER.badName}</small>}
    </span>
  )
}
