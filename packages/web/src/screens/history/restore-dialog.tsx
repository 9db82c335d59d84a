/** Shows what bringing something back would change, and does it. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellProblem } from '../../kit/toasts.tsx'
import { useItem, useStore } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { HISTORY } from '../../words/history.ts'
import { KIT } from '../../words/kit.ts'
import { nameOf } from '../folder/rows.ts'
import { ChangedPath } from './changed-path.tsx'
import { lookAhead, restore } from './restoring.ts'
import css from './versions.module.css'

/** Changes that are shown; the others are counted. */
const SHOWN = 100

/** The dialog; `onDone` is called when it was done. */
export function RestoreDialog({
  folder,
  path,
  version,
  onClose,
  onDone,
}: {
  readonly folder: string
  /** '' is the whole folder. */
  readonly path: string
  readonly version: number
  readonly onClose: () => void
  readonly onDone?: () => void
}): ReactNode {
  const store = useStore()
  const link = useItem(folder)?.link ?? ''
  const wish = { folder, link, path, version }
  // Looking ahead makes a version of what was saved, and events with it: it must not be asked again after them.
  const ahead = useQuery({
    queryKey: [store.target, null, 'restore', folder, path, version],
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    queryFn: async ({ signal }) => await lookAhead(store, wish, signal),
  })
  const deed = useMutation({
    mutationFn: async () => await restore(store, wish),
    onError: tellProblem,
    onSuccess: () => {
      onClose()
      onDone?.()
    },
  })
  const changes = ahead.data
  const what = path === '' ? HISTORY.theFolder : visibleName(nameOf(path))
  return (
    <Dialog
      open
      onClose={onClose}
      title={HISTORY.restoreTitle(what, version)}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" disabled={changes === undefined || changes.length === 0 || deed.isPending} onClick={() => deed.mutate()}>
            {HISTORY.restoreGo}
          </Button>
        </>
      }
    >
      {ahead.error !== null ? (
        <Notice tone="bad">{problemWords(ahead.error)}</Notice>
      ) : changes === undefined ? (
        <div role="status">
          <span className="visually-hidden">{HISTORY.looking}</span>
          <Skeleton height="5rem" />
        </div>
      ) : changes.length === 0 ? (
        <p>{HISTORY.nothingToDo}</p>
      ) : (
        <>
          <p>{HISTORY.restoreText}</p>
          <ul className={css['ahead']} aria-label={HISTORY.restoreText}>
            {changes.slice(0, SHOWN).map((change) => (
              <li key={change.path}>
                <ChangedPath change={change} words={HISTORY.opsWould}>
                  <span className={css['would']} aria-hidden>
                    {HISTORY.opsWould[change.op]}
                  </span>
                </ChangedPath>
              </li>
            ))}
          </ul>
          {changes.length > SHOWN && <p>{HISTORY.more(changes.length - SHOWN)}</p>}
          <p className={css['soft']}>{HISTORY.restoreSafe}</p>
        </>
      )}
    </Dialog>
  )
}
