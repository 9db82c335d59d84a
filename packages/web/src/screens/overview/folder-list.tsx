/** All folders as cards, and a field to find one when they are many. */
import type { Item } from '@hyper-store/client'
import { Search } from 'lucide-react'
import { memo, useDeferredValue, useMemo, useState } from 'react'
import type { ReactNode } from 'react'
import { countWords } from '../../words/format.ts'
import { OVERVIEW } from '../../words/overview.ts'
import { FolderCard } from './folder-card.tsx'
import css from './overview.module.css'
import { useNow } from './use-now.ts'

const FIND_FROM = 9
const FIRST = 24

/** The folders; a card of one that does not change is not drawn again. */
export const FolderList = memo(function FolderList(props: {
  readonly items: readonly Item[]
  readonly boxes: readonly string[]
}): ReactNode {
  const { items, boxes } = props
  const [text, setText] = useState('')
  const wanted = useDeferredValue(text.trim().toLowerCase())
  const now = useNow()
  const shown = useMemo(
    () =>
      wanted === ''
        ? items
        : items.filter(({ title, path }) => title.toLowerCase().includes(wanted) || (path ?? '').toLowerCase().includes(wanted)),
    [items, wanted],
  )
  return (
    <section aria-labelledby="folders-head">
      <div className={css['listHead']}>
        <h2 id="folders-head">
          {OVERVIEW.folders} <span className="tabular">{items.length}</span>
        </h2>
        {items.length >= FIND_FROM && (
          <label className={css['find']}>
            <Search size={16} aria-hidden />
            <span className="visually-hidden">{OVERVIEW.filter}</span>
            <input
              type="search"
              value={text}
              placeholder={OVERVIEW.filter}
              autoComplete="off"
              spellCheck={false}
              onChange={({ target }) => setText(target.value)}
            />
          </label>
        )}
      </div>
      {wanted !== '' && (
        <p className="visually-hidden" role="status">
          {countWords(shown.length, 'folder')}
        </p>
      )}
      {shown.length === 0 ? (
        <p className={css['none']}>{OVERVIEW.noneFits}</p>
      ) : (
        <div className={css['cards']}>
          {shown.map((item, index) => (
            <FolderCard key={item.key} item={item} now={now} first={index < FIRST} boxes={boxes} />
          ))}
        </div>
      )}
    </section>
  )
})
