/** What was changed in a table lately, newest first; the table can be looked at as it was then. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useAnswer } from '../../live/use-store.tsx'
import { TABLES } from '../../words/tables.ts'
import { ChangeLine } from './change-line.tsx'
import css from './tables.module.css'

const STEP = 50

/** The dialog; open as long as it is there. */
export function ChangesDialog({
  tableRef,
  link,
  onSee,
  onClose,
}: {
  readonly tableRef: string
  readonly link: string
  readonly onSee: (version: number) => void
  readonly onClose: () => void
}): ReactNode {
  const [limit, setLimit] = useState(STEP)
  const { data, error } = useAnswer(
    { link, name: ['changes', tableRef, limit] },
    async (client, signal) => await client.getTableHistory(tableRef, { limit: String(limit) }, { signal }),
  )
  return (
    <Dialog open wide onClose={onClose} title={TABLES.changes}>
      {error !== null && <Notice tone="bad">{problemWords(error)}</Notice>}
      {data === undefined && error === null && <Skeleton height="10rem" />}
      {data?.changes.length === 0 && <p>{TABLES.noHistory}</p>}
      <ol className={css['history']}>
        {data?.changes.map((change) => (
          <ChangeLine key={`${change.version} ${change.key}`} change={change} isNamed note={null}>
            <Button small tone="quiet" onClick={() => onSee(change.version)}>
              {TABLES.seeThen}
            </Button>
          </ChangeLine>
        ))}
      </ol>
      {data?.more === true && limit < 1000 && (
        <p>
          <Button small onClick={() => setLimit(Math.min(1000, limit * 4))}>
            {TABLES.older}
          </Button>
        </p>
      )}
    </Dialog>
  )
}
