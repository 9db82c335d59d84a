/** One row on its own: all of its value, and what it was before. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { TableRow, ValueType } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice, Segmented, TextArea, TextField } from '../../kit/form.tsx'
import { tellProblem } from '../../kit/toasts.tsx'
import { useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { TABLES } from '../../words/tables.ts'
import { decoded } from './keys.ts'
import { putBack } from './row-deeds.ts'
import type { useRowDeeds } from './row-deeds.ts'
import { RowHistory } from './row-history.tsx'

const TYPES = ['json', 'text', 'bytes'] as const
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The dialog; a row of version 0 is a new one. */
export function RowDialog({
  tableRef,
  link,
  row,
  isWritable,
  deed,
  onClose,
}: {
  readonly tableRef: string
  readonly link: string
  readonly row: TableRow
  readonly isWritable: boolean
  readonly deed: ReturnType<typeof useRowDeeds>
  readonly onClose: () => void
}): ReactNode {
  const { client } = useStore()
  const isNew = row.version === 0
  const [part, setPart] = useState<'value' | 'history'>('value')
  const [key, setKey] = useState(row.key)
  const [type, setType] = useState<ValueType>(row.type)
  const [text, setText] = useState(() => textOf(row))
  const [problem, setProblem] = useState<{ readonly of: 'key' | 'value'; readonly why: string } | null>(null)

  const save = async (): Promise<void> => {
    const read = valueOf(type, text)
    if (read === null) return setProblem({ of: 'value', why: type === 'bytes' ? TABLES.notBase64 : TABLES.notJson })
    if (key.trim() === '' || key.endsWith('/')) return setProblem({ of: 'key', why: TABLES.keyMissing })
    try {
      if (isNew) {
        const there = await client.getRows(tableRef, { gte: key, lte: key, limit: '1' })
        if (there.rows.length > 0) return setProblem({ of: 'key', why: TABLES.keyTaken })
      }
      const isDone = await deed({
        changes: [{ key, type, value: read.value }],
        said: isNew ? TABLES.added : TABLES.saved,
        undo: [isNew ? { key, delete: true } : putBack(row)],
      })
      if (isDone) onClose()
    } catch (error) {
      tellProblem(error)
    }
  }
  const remove = async (): Promise<void> => {
    if (await deed({ changes: [{ key: row.key, delete: true }], said: TABLES.deleted(1), undo: [putBack(row)] })) onClose()
  }
  const isChanged = isNew || type !== row.type || text !== textOf(row)
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={isNew ? TABLES.newRow : visibleName(decoded(row.key))}
      foot={
        isWritable &&
        part === 'value' && (
          <>
            {!isNew && (
              <Button tone="danger" onClick={() => void remove()}>
                {TABLES.deleteRows}
              </Button>
            )}
            <Button onClick={onClose}>{KIT.cancel}</Button>
            <Button tone="main" disabled={!isChanged} onClick={() => void save()}>
              {TABLES.save}
            </Button>
          </>
        )
      }
    >
      {isNew ? (
        <TextField
          label={TABLES.key}
          hint={TABLES.keyHint}
          value={key}
          wrong={problem?.of === 'key' ? problem.why : null}
          autoFocus
          onChange={(event) => {
            setKey(event.target.value)
            setProblem(null)
          }}
        />
      ) : (
        <div>
          <Segmented
            label={TABLES.row}
            value={part}
            options={[
              { value: 'value', label: TABLES.value },
              { value: 'history', label: TABLES.history },
            ]}
            onChange={setPart}
          />
        </div>
      )}
      {part === 'history' ? (
        <RowHistory tableRef={tableRef} link={link} row={row} isWritable={isWritable} deed={deed} onRestored={onClose} />
      ) : (
        <>
          {isWritable && (
            <Choice
              label={TABLES.as}
              value={type}
              options={TYPES.map((one) => ({ value: one, label: TABLES.types[one] }))}
              onChange={(next) => {
                setType(next)
                setProblem(null)
              }}
            />
          )}
          <TextArea
            label={TABLES.value}
            rows={10}
            value={text}
            readOnly={!isWritable}
            dir="auto"
            hint={type === 'json' && isNew ? TABLES.jsonHint : undefined}
            wrong={problem?.of === 'value' ? problem.why : null}
            onChange={(event) => {
              setText(event.target.value)
              setProblem(null)
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save()
            }}
          />
        </>
      )}
    </Dialog>
  )
}

function textOf({ type, value }: Pick<TableRow, 'type' | 'value'>): string {
  if (value === undefined) return ''
  return type === 'json' ? JSON.stringify(value, null, 2) : shownWhole(value)
}

/** Text and bytes come as strings. */
function shownWhole(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Null: the text is no value of the type. */
function valueOf(type: ValueType, text: string): { readonly value: unknown } | null {
  if (type === 'text') return { value: text }
  if (type === 'bytes') return BASE64.test(text.replace(/\s/g, '')) ? { value: text.replace(/\s/g, '') } : null
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}
