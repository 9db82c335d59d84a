/** Where the page is among all rows, and the ways from there. */
import { ChevronLeft, ChevronRight, ChevronsLeft, ChevronsRight } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { decoded } from './keys.ts'
import { keyOf, turned } from './paging.ts'
import type { Page, Place } from './paging.ts'
import css from './tables.module.css'

/** The bar below the grid. */
export function Pager({
  place,
  page,
  isSearch,
  onGo,
}: {
  readonly place: Place
  readonly page: Page
  readonly isSearch: boolean
  readonly onGo: (place: Place) => void
}): ReactNode {
  const [key, setKey] = useState('')
  const first = page.lines[0]
  const last = page.lines.at(-1)
  const groups = page.lines.filter((line) => 'sub' in line).length
  const before = turned(place, page, 'before')
  const after = turned(place, page, 'after')
  const shown = (line: NonNullable<typeof first>): string => visibleName(decoded(keyOf(line)))
  return (
    <nav className={css['pager']} aria-label={TABLES.pages}>
      <IconButton small label={TABLES.first} disabled={place.at === 'first'} onClick={() => onGo({ at: 'first' })}>
        <ChevronsLeft size={17} aria-hidden />
      </IconButton>
      <IconButton small label={TABLES.previous} disabled={before === null} onClick={() => before !== null && onGo(before)}>
        <ChevronLeft size={17} aria-hidden />
      </IconButton>
      <IconButton small label={TABLES.next} disabled={after === null} onClick={() => after !== null && onGo(after)}>
        <ChevronRight size={17} aria-hidden />
      </IconButton>
      <IconButton small label={TABLES.last} disabled={!page.hasAfter} onClick={() => onGo({ at: 'last' })}>
        <ChevronsRight size={17} aria-hidden />
      </IconButton>
      <span className={css['span']} role="status">
        {first !== undefined && last !== undefined && (
          <>
            {TABLES.onPage(page.lines.length - groups, groups)} · <bdi>{TABLES.span(shown(first), shown(last))}</bdi>
          </>
        )}
        {page.stoppedAt !== null && after !== null && (
          <>
            {' '}
            {TABLES.pausedAt(visibleName(decoded(page.stoppedAt)))}{' '}
            <Button small onClick={() => onGo(after)}>
              {TABLES.searchOn}
            </Button>
          </>
        )}
      </span>
      {!isSearch && (
        <form
          className={css['goTo']}
          onSubmit={(event) => {
            event.preventDefault()
            if (key !== '') onGo({ at: 'from', key })
          }}
        >
          <input
            aria-label={TABLES.goTo}
            placeholder={TABLES.goTo}
            value={key}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setKey(event.target.value)}
          />
          <Button type="submit">{TABLES.go1}</Button>
        </form>
      )}
    </nav>
  )
}
