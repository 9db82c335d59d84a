/** One line of the grid: a row with its cells, or a sub-database. */
import { ChevronRight, Folder, Maximize2, Zap } from 'lucide-react'
import { memo } from 'react'
import type { ReactNode } from 'react'
import type { TableRow } from '@hyper-store/client'
import { byteWords, momentWords, visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { CellEditor } from './cell-editor.tsx'
import { base64Size, isFields, kindOf, shownText } from './cells.ts'
import type { Column } from './columns.ts'
import { decoded } from './keys.ts'
import type { Line } from './paging.ts'
import css from './tables.module.css'

/** What a line tells the grid; the functions stay the same. */
export interface LineDeeds {
  readonly onFocus: (line: number, column: number) => void
  /** `typed`: the sign with which an edit begins. */
  readonly onEnter: (line: number, column: number, typed: string | null) => void
  readonly onOpen: (row: TableRow) => void
  readonly onToggle: (key: string) => void
  /** Text null: the edit was left. `isByKey`: the focus is to go back to the cell. */
  readonly onEdited: (text: string | null, isByKey: boolean) => void
}

interface LineProps {
  readonly line: Line
  readonly index: number
  readonly columns: readonly Column[]
  readonly hasTimes: boolean
  readonly isWritable: boolean
  readonly isSelected: boolean
  /** Column of the cell that the keys are at; -1 when in another line. */
  readonly active: number
  readonly editing: number
  readonly typed: string | null
  readonly mark: number | null
  readonly deeds: LineDeeds
}

/** One line; drawn again only when something of it changed. */
export const GridLine = memo(function GridLine(props: LineProps): ReactNode {
  const { line, index, columns, hasTimes, isWritable, isSelected, active, editing, typed, mark, deeds } = props
  const cell = (column: number) => ({
    role: 'gridcell',
    'data-cell': `${index}-${column}`,
    tabIndex: active === column ? 0 : -1,
    onFocus: () => deeds.onFocus(index, column),
    onDoubleClick: () => deeds.onEnter(index, column, null),
  })
  if ('sub' in line) {
    const name = decoded(line.sub.slice(0, -1).split('/').at(-1) ?? '')
    return (
      <tr className={css['sub']} onClick={() => deeds.onEnter(index, 0, null)}>
        {isWritable && <td className={css['tick']} />}
        <td {...cell(0)} className={css['key']} aria-label={TABLES.partOf(name)}>
          <span>
            <Folder size={16} aria-hidden />
            <bdi>{visibleName(name)}</bdi>
          </span>
        </td>
        <td colSpan={columns.length + (hasTimes ? 2 : 1)} {...cell(1)}>
          <ChevronRight size={16} aria-hidden />
        </td>
      </tr>
    )
  }
  const { row } = line
  const shown = visibleName(decoded(row.key))
  return (
    <tr aria-selected={isWritable ? isSelected : undefined} data-mark={mark === null ? undefined : mark % 2}>
      {isWritable && (
        <td className={css['tick']} role="gridcell">
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label={TABLES.select(shown)}
            checked={isSelected}
            onChange={() => deeds.onToggle(row.key)}
          />
        </td>
      )}
      <td {...cell(0)} className={css['key']}>
        <span>
          {mark !== null && <Zap size={13} aria-label={TABLES.justChanged} />}
          <bdi>{shown}</bdi>
        </span>
      </td>
      {columns.map((column, at) =>
        editing === at + 1 ? (
          <td key={column.field ?? ''} role="gridcell" className={css['editing']}>
            <CellEditor
              label={`${row.key}, ${column.field ?? TABLES.value}`}
              value={valueAt(row, column)}
              isText={row.type === 'text'}
              typed={typed}
              onDone={deeds.onEdited}
            />
          </td>
        ) : (
          <Cell key={column.field ?? ''} row={row} column={column} {...cell(at + 1)} />
        ),
      )}
      {hasTimes && (
        <td role="gridcell" className={css['when']}>
          {row.at !== null && momentWords(row.at, new Date())}
          {row.device !== undefined && <bdi> · {visibleName(row.device)}</bdi>}
        </td>
      )}
      <td role="gridcell" className={css['open']}>
        <button type="button" tabIndex={-1} aria-label={TABLES.openRow(shown)} onClick={() => deeds.onOpen(row)}>
          <Maximize2 size={14} aria-hidden />
        </button>
      </td>
    </tr>
  )
})

/** What a row has in a column; undefined: nothing. */
function valueAt(row: TableRow, { field }: Column): unknown {
  const { value } = row
  const fields = row.type === 'json' && isFields(value) ? value : null
  if (field === null) return fields === null ? value : undefined
  return fields !== null && Object.hasOwn(fields, field) ? fields[field] : undefined
}

function Cell({ row, column, ...rest }: { readonly row: TableRow; readonly column: Column } & React.ComponentProps<'td'>): ReactNode {
  if (row.type === 'bytes' && column.field === null)
    return (
      <td {...rest} data-kind="bytes">
        <span>{TABLES.bytes(byteWords(base64Size(String(row.value))))}</span>
      </td>
    )
  const value = valueAt(row, column)
  const kind = kindOf(value)
  return (
    <td {...rest} data-kind={kind} dir={kind === 'text' ? 'auto' : undefined}>
      <span>{visibleName(shownText(value))}</span>
    </td>
  )
}
