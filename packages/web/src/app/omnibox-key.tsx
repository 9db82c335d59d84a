/** The search over everything, behind `/` and a button; loaded when it is first opened. */
import { Search } from 'lucide-react'
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { isWriting, MODAL } from '../kit/keys.ts'
import { OMNIBOX } from '../words/omnibox.ts'
import css from './app.module.css'

const Omnibox = lazy(async () => ({ default: (await import('./omnibox.tsx')).Omnibox }))

/** The button; the key works wherever nobody writes. */
export function OmniboxKey(): ReactNode {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isKey = event.key === '/' || (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey))
      if (!isKey || event.defaultPrevented || (event.key === '/' && isWriting()) || document.querySelector(MODAL) !== null) return
      event.preventDefault()
      setOpen(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <button type="button" className={css['search']} aria-keyshortcuts="/" onClick={() => setOpen(true)}>
        <Search size={16} aria-hidden />
        <span>{OMNIBOX.button}</span>
        <kbd aria-hidden>/</kbd>
      </button>
      {isOpen && (
        <Suspense>
          <Omnibox onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
