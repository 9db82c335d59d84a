/** The map of which device holds what, as a table. */
import type { Item, ItemDevice } from '@hyper-store/client'
import { Check } from 'lucide-react'
import { memo, useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Button } from '../../kit/button.tsx'
import { Card } from '../../kit/layout.tsx'
import { Tip } from '../../kit/tip.tsx'
import { ACTIVITY } from '../../words/activity.ts'
import { byteWords, countWords, momentWords, shareWords, visibleName } from '../../words/format.ts'
import { chipWords } from '../overview/device-chips.tsx'
import { placeOf } from '../overview/item-place.ts'
import { Name } from '../../kit/name.tsx'
import { matrixOf } from './matrix.ts'
import type { MatrixColumn } from './matrix.ts'
import css from './matrix-card.module.css'

const ROWS = 40

/** The map; empty words where nothing is kept. */
export const Matrix = memo(function Matrix(props: { readonly items: readonly Item[]; readonly now: Date }): ReactNode {
  const { items, now } = props
  const [isAll, setAll] = useState(false)
  const { columns, rows } = useMemo(() => matrixOf(items), [items])
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0)
  const files = items.reduce((sum, item) => sum + item.files, 0)
  if (rows.length === 0)
    return (
      <Card title={ACTIVITY.map}>
        <p className={css['lead']}>{ACTIVITY.mapEmpty}</p>
      </Card>
    )
  return (
    <Card title={ACTIVITY.map} actions={<Legend />} flush>
      <div className={css['scroll']} tabIndex={0} role="region" aria-label={ACTIVITY.mapLabel}>
        <table className={css['table']}>
          <caption className="visually-hidden">{ACTIVITY.mapLead}</caption>
          <thead>
            <tr>
              <th scope="col">{ACTIVITY.folder}</th>
              {columns.map((column) => (
                <th key={column.key} scope="col">
                  <DeviceHead column={column} now={now} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, isAll ? undefined : ROWS).map(({ item, cells, copies }) => (
              <tr key={item.key}>
                <th scope="row">
                  <Link href={placeOf(item)} dir="auto">
                    {visibleName(item.title)}
                  </Link>
                  <span>
                    {byteWords(item.bytes)} · {ACTIVITY.copies(copies)}
                  </span>
                </th>
                {cells.map((cell, index) => (
                  <td key={columns[index]?.key}>
                    <Cell device={cell} title={item.title} now={now} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">
                {ACTIVITY.totals}
                <span>
                  {countWords(files, 'file')} · {byteWords(bytes)}
                </span>
              </th>
              {columns.map(({ key, whole, all }) => (
                <td key={key}>{ACTIVITY.wholeOf(whole, all)}</td>
              ))}
            </tr>
          </tfoot>
        </table>
      </div>
      {!isAll && rows.length > ROWS && (
        <p className={css['more']}>
          <Button onClick={() => setAll(true)}>{ACTIVITY.allRows(rows.length)}</Button>
        </p>
      )}
    </Card>
  )
})

function Legend(): ReactNode {
  return (
    <ul className={css['legend']} aria-hidden>
      <li data-held="all">{ACTIVITY.legendAll}</li>
      <li data-held="part">{ACTIVITY.legendPart}</li>
      <li data-held="none">{ACTIVITY.legendNone}</li>
    </ul>
  )
}

function DeviceHead({ column, now }: { readonly column: MatrixColumn; readonly now: Date }): ReactNode {
  const { name, role, live, at } = column
  const seen = at === null ? ACTIVITY.neverSeen : ACTIVITY.seen(momentWords(at, now))
  return (
    <div className={css['device']}>
      <strong title={visibleName(name)}>
        <Name of={name} />
      </strong>
      <span data-live={live}>{role === 'this' ? ACTIVITY.thisDevice : live ? ACTIVITY.online : seen}</span>
    </div>
  )
}

function Cell({ device, title, now }: { readonly device: ItemDevice | null; readonly title: string; readonly now: Date }): ReactNode {
  if (device === null)
    return (
      <span className={css['empty']}>
        <span aria-hidden>–</span>
        <span className="visually-hidden">{ACTIVITY.nobody}</span>
      </span>
    )
  const { complete, progress } = device
  const words = chipWords(device, now)
  return (
    <Tip text={`${visibleName(title)}, ${visibleName(device.name)}: ${words}`}>
      <div className={css['cell']} data-held={complete ? 'all' : progress > 0 ? 'part' : 'none'} data-live={device.live}>
        {!complete && progress > 0 && <i style={{ height: `${Math.round(progress * 100)}%` }} aria-hidden />}
        {complete ? (
          <Check size={16} strokeWidth={2.5} aria-hidden />
        ) : (
          <span aria-hidden>{progress > 0 ? shareWords(progress) : '0'}</span>
        )}
        <span className="visually-hidden">{words}</span>
      </div>
    </Tip>
  )
}
