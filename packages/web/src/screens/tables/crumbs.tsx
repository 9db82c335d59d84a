/** The way through the sub-databases to the rows that are seen. */
import { ChevronRight } from 'lucide-react'
import { Fragment } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { visibleName } from '../../words/format.ts'
import { TABLES } from '../../words/tables.ts'
import { crumbsOf } from './keys.ts'
import css from './tables.module.css'

/** Names that lead back. */
export function Crumbs({ prefix, onGo }: { readonly prefix: string; readonly onGo: (prefix: string) => void }): ReactNode {
  return (
    <nav aria-label={TABLES.crumbs} className={`${css['bar']} ${css['crumbs']}`}>
      <Button small tone="quiet" onClick={() => onGo('')}>
        {TABLES.allRows}
      </Button>
      {crumbsOf(prefix).map((crumb) => (
        <Fragment key={crumb.prefix}>
          <ChevronRight size={15} aria-hidden />
          <Button small tone="quiet" aria-current={crumb.prefix === prefix ? 'page' : undefined} onClick={() => onGo(crumb.prefix)}>
            <bdi>{visibleName(crumb.name)}</bdi>
          </Button>
        </Fragment>
      ))}
    </nav>
  )
}
