/** How much was moved over time: a plot, the same as a table, and what moves now. */
import type { Activity, Item } from '@hyper-store/client'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { lazy, memo, Suspense, useState } from 'react'
import type { ReactNode } from 'react'
import { Segmented } from '../../kit/form.tsx'
import { Card, Notice, Skeleton } from '../../kit/layout.tsx'
import { ACTIVITY } from '../../words/activity.ts'
import { byteWords, momentWords } from '../../words/format.ts'
import css from './activity.module.css'
import { peakOf, spansOf } from './transfer.ts'
import { verdictOf } from '../overview/verdict.ts'

const TransferPlot = lazy(async () => ({ default: (await import('./transfer-plot.tsx')).TransferPlot }))
const SPANS = [
  { value: 'hour', label: ACTIVITY.hour },
  { value: 'day', label: ACTIVITY.day },
] as const
const TABLE_ROWS = 12

const rate = (bytes: number) => `${byteWords(bytes)}/s`

function isMoving(item: Item): boolean {
  return ['going', 'coming'].includes(verdictOf(item).standing)
}

/** The card; `error` stands where the store does not tell. */
export const TransferCard = memo(function TransferCard(props: {
  readonly activity: Activity | null
  readonly error: Error | null
  readonly items: readonly Item[]
  readonly now: Date
}): ReactNode {
  const { activity, error, items, now } = props
  const [span, setSpan] = useState<'hour' | 'day'>('hour')
  const samples = activity?.[span] ?? []
  const peak = peakOf(samples)
  // The rate of what has come to rest is told by nobody any more.
  const moving = items.filter(isMoving).reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0)
  return (
    <Card title={ACTIVITY.transfer} actions={<Segmented label={ACTIVITY.span} value={span} options={SPANS} onChange={setSpan} />}>
      {error !== null && activity === null && <Notice tone="slow">{ACTIVITY.problem}</Notice>}
      {activity === null && error === null && <Skeleton height="11rem" />}
      {activity !== null && (
        <>
          <dl className={css['numbers']}>
            <div>
              <dt>{ACTIVITY.now}</dt>
              <dd>{rate(moving)}</dd>
            </div>
            <div data-kind="received">
              <dt>
                <ArrowDown size={14} aria-hidden /> {ACTIVITY.received}
              </dt>
              <dd>{byteWords(activity.received)}</dd>
            </div>
            <div data-kind="sent">
              <dt>
                <ArrowUp size={14} aria-hidden /> {ACTIVITY.sent}
              </dt>
              <dd>{byteWords(activity.sent)}</dd>
            </div>
          </dl>
          <figure
            className={css['plot']}
            role="img"
            aria-label={ACTIVITY.plotLabel(SPANS.find(({ value }) => value === span)?.label ?? '', rate(peak.received), rate(peak.sent))}
          >
            <Suspense fallback={<Skeleton height="11rem" />}>
              <TransferPlot samples={samples} span={span} />
            </Suspense>
          </figure>
          {samples.length > 0 && (
            <details className={css['asTable']}>
              <summary>{ACTIVITY.asTable}</summary>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{ACTIVITY.time}</th>
                    <th scope="col">{ACTIVITY.received}</th>
                    <th scope="col">{ACTIVITY.sent}</th>
                  </tr>
                </thead>
                <tbody>
                  {spansOf(samples, TABLE_ROWS).map((one) => (
                    <tr key={one.at}>
                      <th scope="row">{momentWords(one.at, now)}</th>
                      <td>{rate(one.received)}</td>
                      <td>{rate(one.sent)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </details>
          )}
        </>
      )}
    </Card>
  )
})
