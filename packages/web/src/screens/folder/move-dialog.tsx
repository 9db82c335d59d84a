/** Chooses where to move things: one goes down into folders, and moves into the one that is shown. */
import { ChevronRight, CornerLeftUp, Folder } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { FOLDER } from '../../words/folder.ts'
import { visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { nameOf, parentOf } from './rows.ts'
import { useSubfolders } from './use-subfolders.ts'
import css from './files.module.css'

/** The dialog. */
export function MoveDialog({
  item,
  paths,
  from,
  onClose,
  onMove,
}: {
  readonly item: Item
  readonly paths: readonly string[]
  readonly from: string
  readonly onClose: () => void
  readonly onMove: (to: string) => void
}): ReactNode {
  const [at, setAt] = useState(from)
  const folders = useSubfolders(item, at)
  // A folder does not go into itself.
  const open = folders.data?.filter((path) => !paths.includes(path)) ?? []
  return (
    <Dialog
      open
      onClose={onClose}
      title={FOLDER.moveTitle(paths.length)}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" disabled={paths.every((path) => parentOf(path) === at)} onClick={() => onMove(at)}>
            {FOLDER.moveHere}
          </Button>
        </>
      }
    >
      <p>
        {FOLDER.moveTo}{' '}
        <strong role="status" dir="auto">
          {at === '' ? FOLDER.root : visibleName(nameOf(at))}
        </strong>
      </p>
      <ul className={css['picks']}>
        {at !== '' && (
          <li>
            <button type="button" onClick={() => setAt(parentOf(at))}>
              <CornerLeftUp size={18} aria-hidden />
              <span dir="auto">{parentOf(at) === '' ? FOLDER.root : visibleName(nameOf(parentOf(at)))}</span>
            </button>
          </li>
        )}
        {open.map((path) => (
          <li key={path}>
            <button type="button" onClick={() => setAt(path)}>
              <Folder size={18} aria-hidden />
              <span dir="auto">{visibleName(nameOf(path))}</span>
              <ChevronRight size={16} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {folders.isPending && <Skeleton height="2.4rem" />}
      {folders.error !== null && <Notice tone="bad">{problemWords(folders.error)}</Notice>}
      {folders.isSuccess && open.length === 0 && <p className={css['hint']}>{FOLDER.noFolders}</p>}
    </Dialog>
  )
}
