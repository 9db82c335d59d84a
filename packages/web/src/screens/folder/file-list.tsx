/** The files of a folder, as lines or as tiles, of which only those in view are drawn. */
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactNode, RefObject } from 'react'
import { FOLDER } from '../../words/folder.ts'
import { FileLine, rowId } from './file-row.tsx'
import type { RowState } from './file-row.tsx'
import { FileTile } from './file-tile.tsx'
import { ListHead } from './list-head.tsx'
import type { RowDeeds } from './row-deeds.ts'
import type { FileRow, Sort } from './rows.ts'
import type { Selection } from './selection.ts'
import { NARROW, useMedia } from './use-media.ts'
import css from './files.module.css'

const LINE = 46
const LINE_NARROW = 62
const TILE_WIDTH = 172
const TILE_WIDTH_NARROW = 150
const TILE_FOOT = 66
/** What stays above the files while they scroll: the bar, and the heads of the columns. */
const ABOVE = 110

/** What the list shows, and whom it tells. */
export interface FileListProps {
  readonly rows: readonly FileRow[]
  readonly folder: string
  readonly version: number | null
  readonly look: 'list' | 'grid'
  readonly sort: Sort
  readonly selection: Selection
  readonly renaming: string | null
  readonly target: string | null
  readonly showPath: boolean
  readonly canMove: boolean
  readonly deeds: RowDeeds
  readonly onKey: (event: KeyboardEvent, columns: number, page: number) => void
  readonly onSort: (sort: Sort) => void
  readonly onChooseAll: (all: boolean) => void
  readonly listRef: RefObject<HTMLDivElement | null>
}

/** The list. */
export function FileList(props: FileListProps): ReactNode {
  const { rows, folder, version, look, selection, renaming, target, showPath, canMove, deeds, listRef } = props
  const isNarrow = useMedia(NARROW)
  const bodyRef = useRef<HTMLDivElement>(null)
  const { top, width } = usePlace(bodyRef)
  const columns = look === 'list' ? 1 : Math.max(2, Math.floor(width / (isNarrow ? TILE_WIDTH_NARROW : TILE_WIDTH)))
  const size = look === 'list' ? (isNarrow ? LINE_NARROW : LINE) : Math.floor(width / columns) * 0.75 + TILE_FOOT
  const activeIndex = rows.findIndex(({ path }) => path === selection.active)
  const activeLine = activeIndex === -1 ? -1 : Math.floor(activeIndex / columns)
  const lines = useWindowVirtualizer({
    count: Math.ceil(rows.length / columns),
    estimateSize: () => size,
    overscan: look === 'list' ? 10 : 2,
    scrollMargin: top,
    scrollPaddingStart: ABOVE,
    scrollPaddingEnd: isNarrow ? 90 : 20,
    // The row that the keyboard is on is always there, for who hears the list.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range)
      return activeLine === -1 || shown.includes(activeLine) ? shown : [...shown, activeLine].sort((a, b) => a - b)
    },
  })
  useEffect(() => lines.measure(), [lines, size])
  useEffect(() => {
    if (activeLine !== -1 && listRef.current === document.activeElement) lines.scrollToIndex(activeLine, { align: 'auto' })
  }, [lines, activeLine, listRef])

  const stateOf = (row: FileRow, index: number): RowState => ({
    row,
    index,
    isChosen: selection.chosen.has(row.path),
    isActive: index === activeIndex,
    isRenaming: renaming === row.path,
    isTarget: target === row.path,
    showPath,
    canMove,
  })
  const shown = lines.getVirtualItems()
  // Lines that leave the view are used again for those that come: to make elements anew takes most of the time of a frame.
  const drawn = shown.at(-1)?.index === activeLine || shown[0]?.index === activeLine ? shown.length - 1 : shown.length
  const [slots, setSlots] = useState(drawn)
  if (drawn > slots) setSlots(drawn)
  const slotOf = (line: number): string => (line === activeLine ? 'active' : String(line % Math.max(slots, drawn, 1)))
  return (
    <div
      ref={listRef}
      role="grid"
      tabIndex={0}
      aria-label={FOLDER.list}
      aria-description={FOLDER.keys}
      aria-multiselectable
      aria-rowcount={look === 'list' ? rows.length + 1 : lines.options.count}
      aria-colcount={look === 'list' ? 5 : columns}
      aria-activedescendant={activeIndex === -1 ? undefined : rowId(activeIndex)}
      className={css['list']}
      data-look={look}
      onKeyDown={(event) => props.onKey(event, columns, Math.max(1, Math.floor((innerHeight - ABOVE) / size)))}
    >
      {look === 'list' && (
        <ListHead
          sort={props.sort}
          chosen={selection.chosen.size}
          count={rows.length}
          onSort={props.onSort}
          onChooseAll={props.onChooseAll}
        />
      )}
      <div ref={bodyRef} role="rowgroup" className={css['body']} style={{ height: lines.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          if (look === 'list') {
            const row = rows[index]
            return row && <FileLine key={slotOf(index)} {...stateOf(row, index)} top={start - top} height={size} deeds={deeds} />
          }
          const first = index * columns
          return (
            <div
              key={slotOf(index)}
              role="row"
              aria-rowindex={index + 1}
              className={css['tiles']}
              style={{ height: size, top: start - top, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
            >
              {rows.slice(first, first + columns).map((row, at) => (
                <FileTile key={at} {...stateOf(row, first + at)} folder={folder} version={version} deeds={deeds} />
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Where an element begins in the page, and its width; in pixels. */
function usePlace(ref: RefObject<HTMLElement | null>): { readonly top: number; readonly width: number } {
  const [place, setPlace] = useState({ top: 0, width: 600 })
  useLayoutEffect(() => {
    const look = (): void => {
      if (ref.current === null) return
      const { top, width } = ref.current.getBoundingClientRect()
      const next = { top: Math.round(top + scrollY), width: Math.round(width) }
      setPlace((old) => (old.top === next.top && old.width === next.width ? old : next))
    }
    look()
    const observer = new ResizeObserver(look)
    // What stands above grows and shrinks too, which moves the list without changing it.
    const main = document.getElementById('main')
    if (main !== null) for (const child of [main, ...main.children]) observer.observe(child)
    if (ref.current?.parentElement) observer.observe(ref.current.parentElement)
    return () => observer.disconnect()
  }, [ref])
  return place
}
