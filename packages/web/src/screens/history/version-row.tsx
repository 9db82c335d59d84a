/** One version of a folder: when, who, what, and what can be done with it. */
import type { HistoryVersion, PathChange } from '@hyper-store/client'
import { FolderClock, Undo2 } from 'lucide-react'
import { memo, useState } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button, IconButton } from '../../kit/button.tsx'
import { Tick } from '../../kit/form.tsx'
import { visibleName } from '../../words/format.ts'
import { HISTORY } from '../../words/history.ts'
import { ChangedPath } from './changed-path.tsx'
import { timeWords } from './moments.ts'
import css from './versions.module.css'

/** Changes that are shown before somebody asks for more. */
const FIRST = 4

/** What a row needs of its list. */
export interface VersionRowProps {
  readonly folder: string
  readonly version: HistoryVersion
  /** The day above the row; null when the row above is of the same. */
  readonly day: string | null
  readonly isNewest: boolean
  readonly isChosen: boolean
  /** Null: nothing can be brought back here. */
  readonly onRestore: ((path: string, version: number) => void) | null
  readonly onChoose: (version: number) => void
}

/** The row. */
export const VersionRow = memo(function VersionRow({
  folder,
  version,
  day,
  isNewest,
  isChosen,
  onRestore,
  onChoose,
}: VersionRowProps): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const { version: number, changes, count } = version
  const shown = isOpen || changes.length === FIRST + 1 ? changes : changes.slice(0, FIRST)
  const rest = count - shown.length
  return (
    <>
      {day !== null && <h3 className={css['day']}>{day}</h3>}
      <article className={css['version']} data-chosen={isChosen || undefined} aria-label={HISTORY.version(number)}>
        <i className={css['dot']} data-newest={isNewest || undefined} aria-hidden />
        <header className={css['versionHead']}>
          <Tick label={HISTORY.compareThis(number)} checked={isChosen} onChange={() => onChoose(number)} />
          <p>
            <strong className="tabular">{version.at === null ? HISTORY.unknownTime : timeWords(new Date(version.at))}</strong>{' '}
            <span dir="auto">{HISTORY.by(visibleName(version.device))}</span>
            <span className={css['number']}>
              {HISTORY.version(number)}
              {isNewest && ` · ${HISTORY.current}`}
            </span>
          </p>
          {!isNewest && (
            <div className={css['deeds']}>
              <Link href={folderPlace(folder, { version: number })} className={css['see'] ?? ''}>
                <FolderClock size={15} aria-hidden />
                {HISTORY.see}
              </Link>
              {onRestore !== null && (
                <Button small tone="quiet" onClick={() => onRestore('', number)}>
                  <Undo2 size={15} aria-hidden />
                  {HISTORY.restore}
                </Button>
              )}
            </div>
          )}
        </header>
        <ul className={css['changes']} aria-label={HISTORY.whatChanged}>
          {shown.map((change) => (
            <li key={change.path}>
              <OneChange folder={folder} version={number} change={change} isNewest={isNewest} onRestore={onRestore} />
            </li>
          ))}
        </ul>
        {rest > 0 &&
          (shown.length < changes.length ? (
            <Button small tone="quiet" className={css['more'] ?? ''} onClick={() => setOpen(true)}>
              {HISTORY.more(rest)}
            </Button>
          ) : (
            <p className={css['more']}>{HISTORY.more(rest)}</p>
          ))}
      </article>
    </>
  )
})

function OneChange({
  folder,
  version,
  change,
  isNewest,
  onRestore,
}: Pick<VersionRowProps, 'folder' | 'isNewest' | 'onRestore'> & { readonly version: number; readonly change: PathChange }): ReactNode {
  const { op, path } = change
  const isFile = change.sizeAfter !== null || change.sizeBefore !== null
  // What a version deleted was last there in the one before.
  const then = op === 'delete' ? version - 1 : version
  const to =
    then < 1 ? null : isFile ? folderPlace(folder, { part: 'view', path, version: then }) : folderPlace(folder, { path, version: then })
  return (
    <ChangedPath change={change} to={to}>
      {onRestore === null ? null : then < 1 || (isNewest && op !== 'delete') ? (
        <span className={css['noBack']} />
      ) : (
        <IconButton
          small
          className={css['back'] ?? ''}
          label={HISTORY.restoreOne(visibleName(path), then)}
          onClick={() => onRestore(path, then)}
        >
          <Undo2 size={15} aria-hidden />
        </IconButton>
      )}
    </ChangedPath>
  )
}
