/** What a row was, newest first; an old value can be put back. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { RowEvent, TableRow } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Skeleton } from '../../kit/layout.tsx'
import { Notice } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useAnswer } from '../../live/use-store.tsx'
import { TABLES } from '../../words/tables.ts'
import { ChangeLine } from './change-line.tsx'
import { putBack } from './row-deeds.ts'
import type { useRowDeeds } from './row-deeds.ts'
import css from './tables.module.css'

/** Values asked for at once. */
const STEP = 50

/** The list. */
export function RowHistory({
  tableRef,
  link,
  row,
  isWritable,
  deed,
  onRestored,
}: {
  readonly tableRef: string
  readonly link: string
  readonly row: TableRow
  readonly isWritable: boolean
  readonly deed: ReturnType<typeof useRowDeeds>
  readonly onRestored: () => void
}): ReactNode {
  const [limit, setLimit] = useState(STEP)
  const { data, error } = useAnswer(
    { link, name: ['row-history', tableRef, row.key, limit] },
    async (client, signal) => await client.getTableHistory(tableRef, { key: row.key, limit: String(limit) }, { signal }),
  )
  const restore = async ({ type, value }: RowEvent): Promise<void> => {
    if (type === undefined) return
    if (await deed({ changes: [{ key: row.key, type, value }], said: TABLES.restored, undo: [putBack(row)] })) onRestored()
  }
  if (error !== null) return <Notice tone="bad">{problemWords(error)}</Notice>
  if (data === undefined) return <Skeleton height="8rem" />
  if (data.changes.length === 0) return <p>{TABLES.noHistory}</p>
  return (
    <>
      <ol className={css['history']}>
        {data.changes.map((change, index) => (
          <ChangeLine key={change.version} change={change} note={index === 0 ? TABLES.current : null}>
            {isWritable && index > 0 && change.op === 'put' && (
              <Button small onClick={() => void restore(change)}>
                {TABLES.restore}
              </Button>
            )}
          </ChangeLine>
        ))}
      </ol>
      {data.more && (
        <Button small onClick={() => setLimit(Math.min(1000, limit * 4))}>
          {TABLES.older}
        </Button>
      )}
    </>
  )
}
