/** A field for a day and a time, which jumps there. */
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { HISTORY } from '../../words/history.ts'
import { fieldMoment } from './moments.ts'
import css from './time.module.css'

/** After the last key: a year is typed one digit at a time. */
const TYPED_MS = 700
/** Years below are half typed. */
const FIRST_YEAR = 1970

/** The field; `at` is the moment that is shown (ISO), `onGo` gets the chosen one in milliseconds since 1970. */
export function DateField({ at, onGo }: { readonly at: string | null; readonly onGo: (ms: number) => void }): ReactNode {
  const [typed, setTyped] = useState<string | null>(null)
  useEffect(() => setTyped(null), [at])
  useEffect(() => {
    if (typed === null) return
    const moment = new Date(typed)
    if (Number.isNaN(moment.getTime()) || moment.getFullYear() < FIRST_YEAR) return
    const timer = setTimeout(() => {
      // The whole minute is meant.
      onGo(moment.getTime() + 59_999)
      setTyped(null)
    }, TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed, onGo])
  return (
    <input
      type="datetime-local"
      className={css['date']}
      aria-label={HISTORY.date}
      max={fieldMoment(new Date())}
      value={typed ?? (at === null ? '' : fieldMoment(new Date(at)))}
      onChange={({ target }) => setTyped(target.value)}
    />
  )
}
