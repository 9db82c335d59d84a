/** What happened lately, as it happens. */
import type { ActivityEvent, Item } from '@hyper-store/client'
import { memo, useMemo } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { PLACES } from '../../app/places.ts'
import { OVERVIEW } from '../../words/overview.ts'
import { Line } from '../activity/line.tsx'
import { linesOf, newsOf } from '../activity/lines.ts'
import css from './overview.module.css'
import { useNow } from './use-now.ts'

const SHOWN = 8

/** Folders by their link. */
export function byLink(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.link, item]))
}

/** The newest lines, and a way to all of them. */
export const Recent = memo(function Recent(props: {
  readonly items: readonly Item[]
  readonly activity: readonly ActivityEvent[]
  readonly ownKey: string
}): ReactNode {
  const { items, activity, ownKey } = props
  const now = useNow()
  const folders = useMemo(() => byLink(items), [items])
  const around = useMemo(() => ({ folders, now }), [folders, now])
  const lines = useMemo(() => linesOf(newsOf(activity, { ownKey, items })).slice(0, SHOWN), [activity, items, ownKey])
  return (
    <section className={css['recent']} aria-labelledby="recent-head">
      <div className={css['recentHead']}>
        <h2 id="recent-head">{OVERVIEW.recent}</h2>
        <Link href={PLACES.activity}>{OVERVIEW.allActivity}</Link>
      </div>
      <div className={css['recentBody']}>
        {lines.length === 0 ? (
          <p>{OVERVIEW.nothingYet}</p>
        ) : (
          <ol>
            {lines.map((line) => (
              <Line key={line.id} line={line} around={around} brief />
            ))}
          </ol>
        )}
      </div>
    </section>
  )
})
