/** A list that may be long: of many rows only those are drawn that are near what is seen. */
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import css from './versions.module.css'

/** Up to here all rows are drawn. */
const SHORT = 60

interface Rows {
  readonly label: string
  readonly count: number
  /** Pixels that a row has until it is measured. */
  readonly guess: number
  readonly keyOf: (index: number) => string | number
  readonly row: (index: number) => ReactNode
}

/** The list. */
export function LongList(rows: Rows): ReactNode {
  if (rows.count > SHORT) return <VirtualList {...rows} />
  return (
    <ul aria-label={rows.label} className={css['long']}>
      {Array.from({ length: rows.count }, (_, index) => (
        <li key={rows.keyOf(index)}>{rows.row(index)}</li>
      ))}
    </ul>
  )
}

function VirtualList({ label, count, guess, keyOf, row }: Rows): ReactNode {
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    if (list.current !== null) setTop(list.current.getBoundingClientRect().top + window.scrollY)
  }, [])
  const lines = useWindowVirtualizer({ count, estimateSize: () => guess, overscan: 8, scrollMargin: top, getItemKey: keyOf })
  return (
    <ul ref={list} aria-label={label} className={css['long']} style={{ height: lines.getTotalSize() }} data-virtual>
      {lines.getVirtualItems().map(({ index, key, start }) => (
        <li
          key={key}
          ref={lines.measureElement}
          data-index={index}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={{ transform: `translateY(${start - top}px)` }}
        >
          {row(index)}
        </li>
      ))}
    </ul>
  )
}
