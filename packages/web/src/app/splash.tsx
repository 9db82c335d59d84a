/** What is shown before the store has said anything. */
import type { ReactNode } from 'react'
import { problemWords } from '../kit/toasts.tsx'
import { APP } from '../words/app.ts'
import css from './app.module.css'

/** The mark of the program and, when nothing answers, why. */
export function Splash({ problem }: { readonly problem: Error | null }): ReactNode {
  return (
    <main className={css['splash']} aria-busy={problem === null}>
      <img src="/icon.svg" alt="" width="64" height="64" />
      {problem === null ? (
        <span className="visually-hidden">{APP.loading}</span>
      ) : (
        <div role="status">
          <h1>{APP.unreachable}</h1>
          <p>{problemWords(problem)}</p>
          <p>{APP.tryingAgain}</p>
        </div>
      )}
    </main>
  )
}
