/** A person as a round picture of the first letter of their name, in a colour that stays with it. */
import type { ReactNode } from 'react'
import { visibleName } from '../../words/format.ts'
import css from './people.module.css'

const HUES = 8

/** The picture; it says nothing that the name beside it does not. */
export function Initial({ of }: { readonly of: string }): ReactNode {
  const [first] = new Intl.Segmenter().segment(visibleName(of).trim())
  return (
    <span className={css['initial']} data-hue={hueOf(of)} aria-hidden>
      {(first?.segment ?? '?').toUpperCase()}
    </span>
  )
}

function hueOf(name: string): number {
  let sum = 0
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9973
  return (sum % HUES) + 1
}
