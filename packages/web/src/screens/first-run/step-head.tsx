/** Head of a step: its picture, its question, and why it is asked. */
import type { ReactNode } from 'react'
import css from './first-run.module.css'

/** The title can have the focus: it is where one goes on after the step before. */
export function StepHead({
  icon,
  title,
  children,
}: {
  readonly icon: ReactNode
  readonly title: ReactNode
  readonly children: ReactNode
}): ReactNode {
  return (
    <header className={css['head']}>
      <div className={css['picture']} aria-hidden>
        {icon}
      </div>
      <h1 tabIndex={-1}>{title}</h1>
      <p>{children}</p>
    </header>
  )
}
