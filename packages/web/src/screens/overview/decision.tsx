/** The card of one thing to decide. */
import type { Item } from '@hyper-store/client'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { visibleName } from '../../words/format.ts'
import css from './decisions.module.css'
import { placeOf } from './item-place.ts'

/** A picture, the title, the folder that it is about, a text, and buttons. */
export function Decision({
  tone,
  icon,
  title,
  item,
  children,
  actions,
}: {
  readonly tone: 'bad' | 'slow' | 'accent'
  readonly icon: ReactNode
  readonly title: ReactNode
  readonly item?: Item
  readonly children?: ReactNode
  readonly actions?: ReactNode
}): ReactNode {
  return (
    <article className={css['decision']} data-tone={tone}>
      <span className={css['picture']} aria-hidden>
        {icon}
      </span>
      <div className={css['text']}>
        <h3>{title}</h3>
        {item !== undefined && (
          <p className={css['about']}>
            <Link href={placeOf(item)} dir="auto">
              {visibleName(item.title)}
            </Link>
          </p>
        )}
        {children}
        {actions !== undefined && <div className={css['actions']}>{actions}</div>}
      </div>
    </article>
  )
}
