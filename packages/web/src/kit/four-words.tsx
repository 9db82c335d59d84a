/** Four words that two people compare aloud, large enough to be read across a table. */
import type { ReactNode } from 'react'
import css from './kit.module.css'

/** The words, one after the other. */
export function FourWords({ words, label }: { readonly words: string; readonly label: string }): ReactNode {
  return (
    <ol className={css['words']} aria-label={label}>
      {words.split(/[\s-]+/).map((word, index) => (
        <li key={index}>{word}</li>
      ))}
    </ol>
  )
}
