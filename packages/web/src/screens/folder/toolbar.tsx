/** Above the files: search, how they are shown and sorted, and what can be added. */
import { FolderPlus, FolderUp, LayoutGrid, List, Plus, Search, Upload, X } from 'lucide-react'
import { useRef } from 'react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../kit/button.tsx'
import { Choice, Segmented } from '../../kit/form.tsx'
import { Menu } from '../../kit/menu.tsx'
import { FOLDER } from '../../words/folder.ts'
import { entriesOfField } from './dropped.ts'
import { SORTS } from './rows.ts'
import type { SortBy } from './rows.ts'
import type { NewEntry } from './upload-queue.ts'
import { chooseView, useViewChoices } from './view-choices.ts'
import css from './files.module.css'

type SortValue = `${SortBy}-${'up' | 'down'}`

/** The bar. */
export function Toolbar({
  match,
  canWrite,
  onMatch,
  onAdd,
  onNewFolder,
}: {
  readonly match: string
  readonly canWrite: boolean
  readonly onMatch: (match: string) => void
  readonly onAdd: (entries: readonly NewEntry[]) => void
  readonly onNewFolder: () => void
}): ReactNode {
  const { look, sort } = useViewChoices()
  return (
    <div className={css['tools']}>
      <div className={css['search']} role="search">
        <Search size={17} aria-hidden />
        <input
          type="search"
          aria-label={FOLDER.search}
          placeholder={FOLDER.search}
          value={match}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onMatch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onMatch('')
          }}
        />
        {match !== '' && (
          <IconButton small label={FOLDER.endSearch} onClick={() => onMatch('')}>
            <X size={16} aria-hidden />
          </IconButton>
        )}
      </div>
      <div className={css['toolsEnd']}>
        {look === 'grid' && (
          <Choice
            label={FOLDER.sort}
            hideLabel
            value={`${sort.by}-${sort.down ? 'down' : 'up'}` as SortValue}
            options={SORTS.flatMap((by) => [
              { value: `${by}-up` as SortValue, label: FOLDER.orders[by].up },
              { value: `${by}-down` as SortValue, label: FOLDER.orders[by].down },
            ])}
            onChange={(value) => {
              const by = SORTS.find((one) => value.startsWith(one)) ?? 'name'
              chooseView({ sort: { by, down: value.endsWith('down') } })
            }}
          />
        )}
        <Segmented
          label={FOLDER.look}
          value={look}
          onChange={(next) => chooseView({ look: next })}
          options={[
            { value: 'list', label: FOLDER.asList, icon: <List size={17} aria-hidden /> },
            { value: 'grid', label: FOLDER.asGrid, icon: <LayoutGrid size={17} aria-hidden /> },
          ]}
        />
        {canWrite && <AddMenu onAdd={onAdd} onNewFolder={onNewFolder} />}
      </div>
    </div>
  )
}

/** Adds files, folders, or a new folder. */
export function AddMenu({
  onAdd,
  onNewFolder,
}: {
  readonly onAdd: (entries: readonly NewEntry[]) => void
  readonly onNewFolder: () => void
}): ReactNode {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (field: HTMLInputElement): void => {
    if (field.files !== null && field.files.length > 0) onAdd(entriesOfField(field.files))
    // The same files may be chosen again.
    field.value = ''
  }
  return (
    <>
      <input ref={files} type="file" multiple hidden aria-label={FOLDER.uploadFiles} onChange={(event) => take(event.target)} />
      <input
        ref={(field) => {
          folder.current = field
          field?.setAttribute('webkitdirectory', '')
        }}
        type="file"
        hidden
        aria-label={FOLDER.uploadFolder}
        onChange={(event) => take(event.target)}
      />
      <Menu
        trigger={
          <Button tone="main">
            <Plus size={17} aria-hidden />
            {FOLDER.add}
          </Button>
        }
        entries={[
          { label: FOLDER.uploadFiles, icon: <Upload size={16} />, onSelect: () => files.current?.click() },
          { label: FOLDER.uploadFolder, icon: <FolderUp size={16} />, onSelect: () => folder.current?.click() },
          null,
          { label: FOLDER.newFolder, icon: <FolderPlus size={16} />, onSelect: onNewFolder },
        ]}
      />
    </>
  )
}
