/** The rows of a table: where one is in them, the grid, and what is done with rows. */
import { Plus, Search, Table2 } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import type { Table, TableRow } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { Segmented } from '../../kit/form.tsx'
import { Actions, Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellProblem } from '../../kit/toasts.tsx'
import { useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { editedValue, isFields, shownText } from './cells.ts'
import { columnsOf } from './columns.ts'
import { Crumbs } from './crumbs.tsx'
import { Pager } from './pager.tsx'
import type { Line, Place } from './paging.ts'
import { RowDialog } from './row-dialog.tsx'
import { putBack, useRowDeeds } from './row-deeds.ts'
import { TableGrid } from './table-grid.tsx'
import type { GridDeeds } from './table-grid.tsx'
import css from './tables.module.css'
import { useRows } from './use-table.ts'
import type { View } from './use-table.ts'
import type { Watched } from './use-watch.ts'

const FIRST: Place = { at: 'first' }
const NOBODY: ReadonlySet<string> = new Set()
const NO_LINES: readonly Line[] = []

/** The part of the screen. */
export function RowsPart({
  tableRef,
  table,
  link,
  isWritable,
  version,
  watched,
  onWrite,
  adding,
  onAdded,
  onNews,
  onImport,
}: {
  readonly tableRef: string
  readonly table: Table
  readonly link: string
  readonly isWritable: boolean
  readonly version: number | null
  readonly watched: Watched
  readonly onWrite: (keys: readonly string[]) => void
  /** The dialog of a new row is open. */
  readonly adding: boolean
  readonly onAdded: () => void
  readonly onNews: () => void
  readonly onImport: () => void
}): ReactNode {
  const { client } = useStore()
  const [sub, setSub] = useState('')
  const [text, setText] = useState('')
  const [begin, setBegin] = useState('')
  const [isFlat, setFlat] = useState(false)
  const [place, setPlace] = useState<Place>(FIRST)
  const [selected, setSelected] = useState(NOBODY)
  const [row, setRow] = useState<TableRow | null>(null)
  const match = useDeferredValue(text).slice(0, 200)
  const prefix = sub + useDeferredValue(begin)
  const view: View = { place, prefix, match, isFlat, version }
  const { page, isAsking, error } = useRows(tableRef, link, view)
  const deed = useRowDeeds(tableRef, link, onWrite)
  const lines = page?.lines ?? NO_LINES
  const columns = useColumns(lines)
  const hasTimes = useMemo(() => lines.some((line) => 'row' in line && line.row.at !== null), [lines])
  const hasSubs = isFlat || sub !== '' || lines.some((line) => 'sub' in line)
  const isNarrowed = match !== '' || begin !== ''

  const go = (next: Place): void => {
    setPlace(next)
    setSelected(NOBODY)
  }
  const enter = (next: string): void => {
    setSub(next)
    setBegin('')
    go(FIRST)
  }
  const deeds: GridDeeds = {
    onOpen: setRow,
    onSub: enter,
    onEdit: async (before, field, typed) => {
      try {
        // Others may have changed other fields since: theirs stay.
        const current = await client.getRow(tableRef, { key: before.key })
        const [was, is] = [fieldOf(before, field), fieldOf(current, field)]
        if (JSON.stringify(was) !== JSON.stringify(is)) {
          const words = {
            title: TABLES.changedMeanwhile,
            text: TABLES.changedMeanwhileText(visibleName(shownText(is))),
            yes: TABLES.overwrite,
          }
          if (!(await confirm(words))) return
        }
        await deed({ changes: [edited(current, field, typed)], said: TABLES.saved, undo: [putBack(current)] })
      } catch (problem) {
        tellProblem(problem)
      }
    },
    onDelete: (rows) => {
      if (rows.length === 0) return
      setSelected(NOBODY)
      void deed({
        changes: rows.map(({ key }) => ({ key, delete: true as const })),
        said: TABLES.deleted(rows.length),
        undo: rows.map(putBack),
      })
    },
  }
  const chosen = lines.flatMap((line) => ('row' in line && selected.has(line.row.key) ? [line.row] : []))
  return (
    <>
      <div className={css['bar']}>
        <div className={css['search']}>
          <Search size={17} aria-hidden />
          <input
            type="search"
            aria-label={TABLES.search}
            placeholder={TABLES.search}
            value={text}
            maxLength={200}
            onChange={(event) => {
              setText(event.target.value)
              go(FIRST)
            }}
          />
        </div>
        <div className={css['prefix']}>
          <input
            aria-label={TABLES.prefix}
            placeholder={TABLES.prefix}
            value={begin}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              setBegin(event.target.value)
              go(FIRST)
            }}
          />
        </div>
        {hasSubs && match === '' && (
          <Segmented
            label={TABLES.grouping}
            value={isFlat ? 'flat' : 'grouped'}
            options={[
              { value: 'grouped', label: TABLES.grouped },
              { value: 'flat', label: TABLES.flat },
            ]}
            onChange={(to) => {
              setFlat(to === 'flat')
              go(FIRST)
            }}
          />
        )}
        {watched.count > 0 && (
          <Button small tone="quiet" className={css['news'] ?? ''} onClick={onNews}>
            <i className={css['pulse']} aria-hidden />
            <span role="status">{TABLES.news(watched.count)}</span>
          </Button>
        )}
      </div>
      {sub !== '' && <Crumbs prefix={sub} onGo={enter} />}
      {chosen.length > 0 && (
        <div className={css['selection']}>
          <span role="status">{TABLES.selected(chosen.length)}</span>
          <span className={css['grow']} />
          <Button small tone="danger" onClick={() => deeds.onDelete(chosen)}>
            {TABLES.deleteRows}
          </Button>
          <Button small onClick={() => setSelected(NOBODY)}>
            {TABLES.unselect}
          </Button>
        </div>
      )}
      {error !== null && (
        <div className={css['bar']}>
          <Notice tone="bad">{problemWords(error)}</Notice>
        </div>
      )}
      {page === null && error === null && (
        <div className={css['bar']}>
          <Skeleton height="20rem" />
        </div>
      )}
      {page !== null && lines.length === 0 && (
        <Empty
          icon={isNarrowed ? <Search size={26} /> : <Table2 size={26} />}
          title={isAsking ? TABLES.searching : isNarrowed ? TABLES.nothingFound : TABLES.emptyTable}
          actions={
            !isNarrowed &&
            isWritable && (
              <Actions>
                <Button onClick={onImport}>{TABLES.importRows}</Button>
                <Button onClick={() => setRow(newRow(sub))}>
                  <Plus size={16} aria-hidden />
                  {TABLES.addRow}
                </Button>
              </Actions>
            )
          }
        >
          {isNarrowed ? TABLES.nothingFoundText : isWritable ? TABLES.emptyTableText : TABLES.emptyRead}
        </Empty>
      )}
      {lines.length > 0 && (
        <div className={isAsking ? css['busy'] : ''} aria-busy={isAsking}>
          <TableGrid {...{ lines, columns, hasTimes, isWritable, selected, deeds }} onSelect={setSelected} marks={watched.marks} />
        </div>
      )}
      {page !== null && (lines.length > 0 || place.at !== 'first' || page.hasAfter) && (
        <Pager place={place} page={page} isSearch={match !== ''} onGo={go} />
      )}
      {isWritable && lines.length > 0 && <p className={css['help']}>{TABLES.keys}</p>}
      {(row !== null || adding) && (
        <RowDialog
          key={row?.key ?? ''}
          tableRef={tableRef}
          link={link}
          row={row ?? newRow(sub)}
          isWritable={isWritable}
          deed={deed}
          onClose={() => {
            setRow(null)
            onAdded()
          }}
        />
      )}
      <span className="visually-hidden" role="status">
        {isAsking ? TABLES.searching : ''}
      </span>
      <span className="visually-hidden">{table.title}</span>
    </>
  )
}

/** Columns that keep their places while pages are turned. */
function useColumns(lines: readonly Line[]): ReturnType<typeof columnsOf> {
  const [known, setKnown] = useState<readonly string[]>([])
  const columns = useMemo(() => columnsOf(lines, known), [lines, known])
  const fresh = columns.flatMap(({ field }) => (field === null || known.includes(field) ? [] : [field]))
  if (fresh.length > 0) setKnown([...known, ...fresh])
  return columns
}

/** A row that is not there yet: version 0. */
function newRow(sub: string): TableRow {
  return { key: sub, type: 'json', value: undefined, version: 0, at: null }
}

function fieldOf({ value }: TableRow, field: string | null): unknown {
  if (field === null) return value
  return isFields(value) && Object.hasOwn(value, field) ? value[field] : undefined
}

/** The change that an edit of a cell is. */
function edited(row: TableRow, field: string | null, typed: string): ReturnType<typeof putBack> {
  const { key, type, value } = row
  if (type === 'text') return { key, type, value: typed }
  const next = editedValue(fieldOf(row, field), typed)
  if (field === null || !isFields(value)) return { key, type, value: next ?? null }
  return { key, type, value: next === undefined ? without(value, field) : { ...value, [field]: next } }
}

function without(value: Readonly<Record<string, unknown>>, field: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field))
}
