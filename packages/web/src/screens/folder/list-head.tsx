/** The heads of the columns; a press sorts by one. */
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { Tick } from '../../kit/form.tsx'
import { FOLDER } from '../../words/folder.ts'
import { SORTS } from './rows.ts'
import type { Sort } from './rows.ts'
import css from './files.module.css'

/** The heads. */
export function ListHead({
  sort,
  chosen,
  count,
  onSort,
  onChooseAll,
}: {
  readonly sort: Sort
  readonly chosen: number
  readonly count: number
  readonly onSort: (sort: Sort) => void
  readonly onChooseAll: (all: boolean) => void
}): ReactNode {
  return (
    <div role="rowgroup" className={css['listHead']}>
      <div role="row" aria-rowindex={1} className={css['heads']}>
        <div role="columnheader">
          <Tick
            label={FOLDER.chooseAll}
            checked={chosen > 0 && chosen === count}
            some={chosen > 0 && chosen < count}
            onChange={onChooseAll}
          />
        </div>
        {SORTS.map((by) => (
          <div key={by} role="columnheader" aria-sort={sort.by === by ? (sort.down ? 'descending' : 'ascending') : 'none'}>
            <button type="button" className={css['head']} onClick={() => onSort({ by, down: sort.by === by && !sort.down })}>
              {FOLDER.sorts[by]}
              {sort.by === by && (sort.down ? <ArrowDown size={14} aria-hidden /> : <ArrowUp size={14} aria-hidden />)}
            </button>
          </div>
        ))}
        <div role="columnheader">
          <span className="visually-hidden">{FOLDER.actions}</span>
        </div>
      </div>
    </div>
  )
}
