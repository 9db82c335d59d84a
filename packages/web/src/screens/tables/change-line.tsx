/** One change of a row in a list of changes. */
import type { ReactNode } from 'react'
import type { RowEvent } from '@hyper-store/client'
import { Chip } from '../../kit/chip.tsx'
import { byteWords, momentWords, visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { base64Size, shownText } from './cells.ts'
import { decoded } from './keys.ts'
import css from './tables.module.css'

/** The change; `isNamed` tells its row, `note` what else is known of it, children are its buttons. */
export function ChangeLine({
  change,
  isNamed = false,
  note,
  children,
}: {
  readonly change: RowEvent
  readonly isNamed?: boolean
  readonly note: string | null
  readonly children?: ReactNode
}): ReactNode {
  const { op, at, device, version, type, value } = change
  const facts = [
    at === null ? null : momentWords(at, new Date()),
    device === undefined ? null : TABLES.by(visibleName(device)),
    TABLES.version(version),
  ]
  return (
    <li>
      <div>
        <div className={css['chips']}>
          {isNamed && <strong dir="auto">{visibleName(decoded(change.key))}</strong>}
          <Chip tone={op === 'put' ? 'good' : 'bad'}>{op === 'put' ? TABLES.put : TABLES.deletedThen}</Chip>
          <small>{[...facts, note].filter((fact) => fact !== null).join(' · ')}</small>
        </div>
        {op === 'put' && (
          <code dir="auto">{type === 'bytes' ? TABLES.bytes(byteWords(base64Size(String(value)))) : visibleName(shownText(value))}</code>
        )}
      </div>
      <div className={css['historyActions']}>{children}</div>
    </li>
  )
}
