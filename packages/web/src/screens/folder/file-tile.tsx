/** One tile of the pictures of files. */
import { memo } from 'react'
import type { ReactNode } from 'react'
import { byteWords } from '../../words/format.ts'
import { kindWord } from './file-icon.tsx'
import { RowCheck, RowMenu, RowName, rowId } from './file-row.tsx'
import type { RowState } from './file-row.tsx'
import type { RowDeeds } from './row-deeds.ts'
import { Thumb } from './thumb.tsx'
import css from './files.module.css'

/** A tile. */
export const FileTile = memo(function FileTile({
  folder,
  version,
  deeds,
  ...state
}: RowState & { readonly folder: string; readonly version: number | null; readonly deeds: RowDeeds }): ReactNode {
  const { row, index, isChosen, isActive, isTarget } = state
  const { entry } = row
  return (
    <div
      role="gridcell"
      id={rowId(index)}
      aria-selected={isChosen}
      className={css['tile']}
      data-active={isActive || undefined}
      data-target={isTarget || undefined}
      {...deeds.handlersOf(state)}
    >
      <Thumb folder={folder} entry={entry} version={version} />
      <div className={css['tileCheck']}>
        <RowCheck state={state} deeds={deeds} />
      </div>
      <div className={css['tileFoot']}>
        <RowName state={state} deeds={deeds} />
        <RowMenu state={state} deeds={deeds} />
        <small className={css['tileFacts']}>{entry.kind === 'file' ? byteWords(entry.size) : kindWord(entry)}</small>
      </div>
    </div>
  )
})
