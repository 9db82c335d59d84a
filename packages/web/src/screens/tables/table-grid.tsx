/** Rows as a grid: read, walked through and selected by keys or pointer, edited in place. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode } from 'react'
import type { TableRow } from '@hyper-store/client'
import { TABLES } from '../../words/tables.ts'
import type { Column } from './columns.ts'
import { GridLine } from './grid-line.tsx'
import type { LineDeeds } from './grid-line.tsx'
import { keyOf } from './paging.ts'
import type { Line } from './paging.ts'
import css from './tables.module.css'

/** What the screen does for the grid. */
export interface GridDeeds {
  readonly onOpen: (row: TableRow) => void
  readonly onSub: (prefix: string) => void
  /** `field` null: the whole value. Resolves when it was written, or not. */
  readonly onEdit: (row: TableRow, field: string | null, text: string) => Promise<void>
  readonly onDelete: (rows: readonly TableRow[]) => void
}

/** A cell that is edited, with its row as it was when that began. */
interface Editing {
  readonly row: TableRow
  readonly column: number
  /** The sign with which it began; null: with what was there. */
  readonly typed: string | null
}

/** Rows that Page Up and Page Down go. */
const LEAP = 15

/** The grid of a page. */
export function TableGrid({
  lines,
  columns,
  hasTimes,
  isWritable,
  selected,
  onSelect,
  marks,
  deeds,
}: {
  readonly lines: readonly Line[]
  readonly columns: readonly Column[]
  readonly hasTimes: boolean
  readonly isWritable: boolean
  /** Keys. */
  readonly selected: ReadonlySet<string>
  readonly onSelect: (keys: ReadonlySet<string>) => void
  /** Keys that others changed just now, with the version. */
  readonly marks: ReadonlyMap<string, number>
  readonly deeds: GridDeeds
}): ReactNode {
  const [at, setAt] = useState({ line: 0, column: 0 })
  const [editing, setEditing] = useState<Editing | null>(null)
  const grid = useRef<HTMLTableElement>(null)
  const wantsFocus = useRef(false)
  const line = Math.min(at.line, Math.max(0, lines.length - 1))
  const column = Math.min(at.column, columns.length)
  // The handlers of the lines stay the same, so that a step redraws two lines only.
  const now = useRef({ lines, columns, selected, onSelect, deeds, isWritable, editing })
  useEffect(() => {
    now.current = { lines, columns, selected, onSelect, deeds, isWritable, editing }
  })

  const focusAt = useCallback((next: { line: number; column: number }) => {
    setAt(next)
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.line}-${next.column}"]`)?.focus()
  }, [])
  const toggle = useCallback((key: string) => {
    const { selected, onSelect } = now.current
    const next = new Set(selected)
    if (!next.delete(key)) next.add(key)
    onSelect(next)
  }, [])
  const lineDeeds = useMemo<LineDeeds>(
    () => ({
      onFocus: (line, column) => setAt((before) => (before.line === line && before.column === column ? before : { line, column })),
      onEnter: (line, column, typed) => {
        const { lines, columns, deeds, isWritable } = now.current
        const one = lines[line]
        if (one === undefined) return
        if ('sub' in one) return deeds.onSub(one.sub)
        const isInPlace = isWritable && column > 0 && canEdit(one.row, columns[column - 1])
        if (isInPlace) setEditing({ row: one.row, column, typed })
        else if (typed === null) deeds.onOpen(one.row)
      },
      onOpen: (row) => now.current.deeds.onOpen(row),
      onToggle: toggle,
      onEdited: (text, isByKey) => {
        const { editing } = now.current
        setEditing(null)
        if (editing === null) return
        const { row, column } = editing
        if (isByKey) {
          const line = now.current.lines.findIndex((one) => keyOf(one) === row.key)
          setAt({ line: Math.max(0, line), column })
          wantsFocus.current = true
        }
        if (text !== null) void now.current.deeds.onEdit(row, now.current.columns[column - 1]?.field ?? null, text)
      },
    }),
    [toggle],
  )
  // After an edit there is a cell again.
  useEffect(() => {
    if (editing !== null || !wantsFocus.current) return
    wantsFocus.current = false
    focusAt(at)
  }, [editing, at, focusAt])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (editing !== null || !(event.target instanceof HTMLElement) || event.target.dataset['cell'] === undefined) return
    const isFar = event.ctrlKey || event.metaKey
    const last = lines.length - 1
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [isFar ? 0 : line - 1, column],
      ArrowDown: [isFar ? last : line + 1, column],
      ArrowLeft: [line, isFar ? 0 : column - 1],
      ArrowRight: [line, isFar ? columns.length : column + 1],
      Home: [isFar ? 0 : line, 0],
      End: [isFar ? last : line, columns.length],
      PageUp: [line - LEAP, column],
      PageDown: [line + LEAP, column],
    }
    const step = steps[event.key]
    const one = lines[line]
    const row = one !== undefined && 'row' in one ? one.row : null
    if (step !== undefined) {
      const next = { line: Math.max(0, Math.min(last, step[0])), column: Math.max(0, Math.min(columns.length, step[1])) }
      if (event.shiftKey && isWritable && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        const more = [lines[line], lines[next.line]].flatMap((one) => (one !== undefined && 'row' in one ? [one.row.key] : []))
        onSelect(new Set([...selected, ...more]))
      }
      focusAt(next)
    } else if (event.key === 'Enter' || event.key === 'F2') lineDeeds.onEnter(line, column, null)
    else if (event.key === ' ' && isWritable && row !== null) toggle(row.key)
    else if (event.key === 'Escape' && selected.size > 0) onSelect(new Set())
    else if (event.key === 'Delete' && isWritable && (row !== null || selected.size > 0)) {
      const chosen = lines.flatMap((one) => ('row' in one && selected.has(one.row.key) ? [one.row] : []))
      deeds.onDelete(chosen.length > 0 || row === null ? chosen : [row])
    } else if (isFar && event.key === 'a' && isWritable) onSelect(new Set(lines.flatMap((one) => ('row' in one ? [one.row.key] : []))))
    else if (event.key.length === 1 && !isFar && !event.altKey && event.key !== ' ' && column > 0)
      lineDeeds.onEnter(line, column, event.key)
    else return
    event.preventDefault()
  }

  const rowsHere = lines.flatMap((one) => ('row' in one ? [one.row.key] : []))
  const isAll = rowsHere.length > 0 && rowsHere.every((key) => selected.has(key))
  return (
    <div className={css['scroll']}>
      <table
        ref={grid}
        role="grid"
        className={css['grid']}
        aria-label={TABLES.grid}
        aria-rowcount={lines.length + 1}
        aria-multiselectable={isWritable}
        aria-readonly={!isWritable}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            {isWritable && (
              <th className={css['tick']}>
                <input
                  type="checkbox"
                  aria-label={TABLES.selectAll}
                  checked={isAll}
                  disabled={rowsHere.length === 0}
                  onChange={() => onSelect(new Set(isAll ? [] : rowsHere))}
                />
              </th>
            )}
            <th scope="col" className={css['keyHead']}>
              {TABLES.key}
            </th>
            {columns.map(({ field, kinds }) => (
              <th key={field ?? ''} scope="col" data-number={kinds[0] === 'number'}>
                <bdi>{field ?? TABLES.value}</bdi>
                {kinds.length > 0 && <small>{kinds.length > 1 ? TABLES.mixed : TABLES.kinds[kinds[0] ?? 'none']}</small>}
              </th>
            ))}
            {hasTimes && <th scope="col">{TABLES.when}</th>}
            <th className={css['openHead']}>
              <span className="visually-hidden">{TABLES.open}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((one, index) => {
            const key = keyOf(one)
            return (
              <GridLine
                key={key}
                line={one}
                index={index}
                columns={columns}
                hasTimes={hasTimes}
                isWritable={isWritable}
                isSelected={selected.has(key)}
                active={index === line ? column : -1}
                editing={editing?.row.key === key ? editing.column : -1}
                typed={editing?.row.key === key ? editing.typed : null}
                mark={marks.get(key) ?? null}
                deeds={lineDeeds}
              />
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** What is no whole of its own is edited in the dialog. */
function canEdit(row: TableRow, column: Column | undefined): boolean {
  if (column === undefined || row.type === 'bytes') return false
  const isObject = row.type === 'json' && typeof row.value === 'object' && row.value !== null && !Array.isArray(row.value)
  return column.field === null ? !isObject : isObject
}
