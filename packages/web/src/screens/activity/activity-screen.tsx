/** What happened, what moves, and which device holds what. */
import type { ReactNode } from 'react'
import { PageHead } from '../../kit/layout.tsx'
import { useSnapshot } from '../../live/use-store.tsx'
import { ACTIVITY } from '../../words/activity.ts'
import { useNow } from '../overview/use-now.ts'
import css from './activity.module.css'
import { Feed } from './feed.tsx'
import { Matrix } from './matrix-card.tsx'
import { TransferCard } from './transfer-card.tsx'
import { useActivity } from './use-activity.ts'

/** The screen. */
export function ActivityScreen(): ReactNode {
  const { items, info } = useSnapshot()
  const { activity, error, events } = useActivity()
  const now = useNow()
  if (items === null) return null
  return (
    <>
      <PageHead title={ACTIVITY.title}>{ACTIVITY.lead}</PageHead>
      <div className={css['screen']}>
        <TransferCard activity={activity} error={error} items={items} now={now} />
        <Matrix items={items} now={now} />
        <Feed events={events} items={items} now={now} ownKey={info?.deviceKey ?? ''} />
      </div>
    </>
  )
}
