/** The feed of what happened, by day; by folder and kind if wanted. */
import type { ActivityEvent, Item } from '@hyper-store/client'
import { CircleDotDashed } from 'lucide-react'
import { memo, useDeferredValue, useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import { Choice, Segmented } from '../../kit/form.tsx'
import { Card, Empty } from '../../kit/layout.tsx'
import { ACTIVITY } from '../../words/activity.ts'
import { visibleName } from '../../words/format.ts'
import { byLink } from '../overview/recent.tsx'
import css from './activity.module.css'
import { Line } from './line.tsx'
import { dayOf, FEED_KINDS, linesOf, newsOf, pickEvents } from './lines.ts'
import type { ActivityLine, FeedKind } from './lines.ts'

const ALL = 'all'
const KINDS = FEED_KINDS.map((value) => ({ value, label: ACTIVITY.kinds[value] }))

/** The feed; while very much happens it is drawn when there is time. */
export const Feed = memo(function Feed(props: {
  readonly events: readonly ActivityEvent[]
  readonly items: readonly Item[]
  readonly now: Date
  readonly ownKey: string
}): ReactNode {
  const { items, now, ownKey } = props
  const events = useDeferredValue(props.events)
  const [kind, setKind] = useState<FeedKind>('all')
  const [folder, setFolder] = useState(ALL)
  const folders = useMemo(() => byLink(items), [items])
  const around = useMemo(() => ({ folders, now }), [folders, now])
  // A folder that went while it was chosen leaves the choice to all.
  const link = folders.has(folder) ? folder : null
  const news = useMemo(() => newsOf(events, { ownKey, items }), [events, ownKey, items])
  const days = useMemo(() => daysOf(linesOf(pickEvents(news, kind, link))), [news, kind, link])
  const options = useMemo(
    () => [{ value: ALL, label: ACTIVITY.allFolders }, ...items.map((item) => ({ value: item.link, label: visibleName(item.title) }))],
    [items],
  )
  return (
    <Card
      title={ACTIVITY.feed}
      className={css['feed'] ?? ''}
      actions={
        <div className={css['filters']}>
          <Segmented label={ACTIVITY.kind} value={kind} options={KINDS} onChange={setKind} />
          <Choice hideLabel label={ACTIVITY.folder} value={link ?? ALL} options={options} onChange={setFolder} />
        </div>
      }
    >
      {news.length === 0 ? (
        <Empty icon={<CircleDotDashed size={24} />} title={ACTIVITY.nothing}>
          {ACTIVITY.nothingText}
        </Empty>
      ) : days.length === 0 ? (
        <p className={css['none']}>{ACTIVITY.nothingFits}</p>
      ) : (
        days.map(({ day, lines }) => (
          <section key={day} aria-label={dayWords(day, now)}>
            <h3 className={css['day']}>{dayWords(day, now)}</h3>
            <ol>
              {lines.map((line) => (
                <Line key={line.id} line={line} around={around} />
              ))}
            </ol>
          </section>
        ))
      )}
    </Card>
  )
})

function daysOf(lines: readonly ActivityLine[]): { readonly day: string; readonly lines: readonly ActivityLine[] }[] {
  const days = new Map<string, ActivityLine[]>()
  for (const line of lines) {
    const day = dayOf(line.at)
    const same = days.get(day)
    if (same === undefined) days.set(day, [line])
    else same.push(line)
  }
  return [...days].map(([day, of]) => ({ day, lines: of }))
}

function dayWords(day: string, now: Date): string {
  if (day === dayOf(now.getTime())) return ACTIVITY.today
  if (day === dayOf(now.getTime() - 86_400_000)) return ACTIVITY.yesterday
  return new Date(`${day}T12:00:00`).toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long' })
}
