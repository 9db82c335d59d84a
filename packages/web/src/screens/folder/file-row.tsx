/** One line of the list of files. */
import { memo } from 'react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { FOLDER } from '../../words/folder.ts'
import { byteWords, visibleName } from '../../words/format.ts'
import { FileIcon, kindWord } from './file-icon.tsx'
import { NameField } from './name-field.tsx'
import { changedWords } from './changed-words.ts'
import { parentOf } from './rows.ts'
import type { FileRow } from './rows.ts'
import type { RowDeeds } from './row-deeds.ts'
import css from './files.module.css'

/** How a row stands. */
export interface RowState {
  readonly row: FileRow
  readonly index: number
  readonly isChosen: boolean
  readonly isActive: boolean
  readonly isRenaming: boolean
  readonly isTarget: boolean
  /** Finds say in which folder they are. */
  readonly showPath: boolean
  readonly canMove: boolean
}

/** The id of a row or tile, for the keyboard's place in the list. */
export function rowId(index: number): string {
  return `entry-${index}`
}

/** A line; `top` in pixels from the start of the list. */
export const FileLine = memo(function FileLine({
  top,
  height,
  deeds,
  ...state
}: RowState & { readonly top: number; readonly height: number; readonly deeds: RowDeeds }): ReactNode {
  const { row, index, isChosen, isActive, isTarget } = state
  const { entry } = row
  const size = entry.kind === 'file' ? byteWords(entry.size) : kindWord(entry)
  const time = entry.mtimeMs === null ? '' : changedWords(entry.mtimeMs, new Date())
  return (
    <div
      role="row"
      id={rowId(index)}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      className={css['line']}
      data-active={isActive || undefined}
      data-target={isTarget || undefined}
      style={{ height, top }}
      {...deeds.handlersOf(state)}
    >
      <div role="gridcell" className={css['check']}>
        <RowCheck state={state} deeds={deeds} />
      </div>
      <div role="gridcell" className={css['name']}>
        <FileIcon entry={entry} size={22} />
        <RowName state={state} deeds={deeds} />
      </div>
      <div role="gridcell" className={css['size']}>
        {entry.kind === 'file' && <span className="visually-hidden">{kindWord(entry)}, </span>}
        {size}
      </div>
      <div role="gridcell" className={css['time']}>
        {time}
      </div>
      <div role="gridcell">
        <RowMenu state={state} deeds={deeds} />
      </div>
    </div>
  )
})

/** The box that chooses a row. */
export function RowCheck({ state: { row, index, isChosen }, deeds }: { readonly state: RowState; readonly deeds: RowDeeds }): ReactNode {
  return (
    <input
      type="checkbox"
      tabIndex={-1}
      className={css['box']}
      aria-label={FOLDER.choose(visibleName(row.name))}
      checked={isChosen}
      onClick={(event) => event.stopPropagation()}
      onChange={(event) => deeds.tick(index, event.nativeEvent)}
    />
  )
}

/** The name, which opens what it is of; or the field for another one. */
export function RowName({ state, deeds }: { readonly state: RowState; readonly deeds: RowDeeds }): ReactNode {
  const { row, isRenaming, showPath } = state
  if (isRenaming) return <NameField key={row.path} name={row.name} onDone={(name) => deeds.renamed(row, name)} />
  const above = showPath ? parentOf(row.path) : ''
  return (
    <span className={css['names']}>
      <Link
        href={deeds.placeOf(row)}
        tabIndex={-1}
        dir="auto"
        draggable={false}
        className={css['open'] ?? ''}
        title={visibleName(row.name)}
        onClick={(event) => event.stopPropagation()}
      >
        {visibleName(row.name)}
      </Link>
      {row.entry.kind === 'symlink' && <small dir="auto">{FOLDER.leadsTo(visibleName(row.entry.target ?? ''))}</small>}
      {above !== '' && <small dir="auto">{visibleName(above)}</small>}
    </span>
  )
}

/** The button that opens the menu of a row. */
export function RowMenu({ state: { row, index }, deeds }: { readonly state: RowState; readonly deeds: RowDeeds }): ReactNode {
  return (
    <button
      type="button"
      tabIndex={-1}
      className={css['more']}
      aria-label={FOLDER.actionsOf(visibleName(row.name))}
      aria-haspopup="menu"
      onClick={(event) => {
        event.stopPropagation()
        deeds.menu(index, event.currentTarget)
      }}
    >
      <span aria-hidden>⋯</span>
    </button>
  )
}
