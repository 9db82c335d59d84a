/** What this device replaced or deleted on its disk, by folder: had back, or deleted for good. */
import { RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item, TrashItem } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Card, Empty, Notice, Skeleton } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useAnswer, useDeed, useSnapshot } from '../../live/use-store.tsx'
import { byteWords, momentWords, visibleName } from '../../words/format.ts'
import { SETTINGS } from '../../words/settings.ts'
import { EmptyDialog } from './empty-dialog.tsx'
import css from './settings.module.css'

/** Items that are shown at once. */
const STEP = 50

/** The part. */
export function TrashPart(): ReactNode {
  const { items } = useSnapshot()
  const folders = (items ?? []).filter(({ kind, path }) => kind === 'folder' && path !== null)
  const { data, error } = useAnswer(
    { link: '', name: ['trash', folders.map(({ key }) => key)] },
    async (client, signal) =>
      await Promise.all(folders.map(async (folder) => ({ folder, trash: await client.listTrash(folder.key, { signal }) }))),
  )
  if (data === undefined) return error === null ? <Skeleton height="10rem" /> : <Notice tone="bad">{problemWords(error)}</Notice>
  const full = data.filter(({ trash }) => trash.length > 0)
  if (full.length === 0)
    return (
      <Empty icon={<Trash2 size={26} />} title={SETTINGS.trashEmpty}>
        {SETTINGS.trashEmptyText}
      </Empty>
    )
  return (
    <>
      <p className={css['hint']}>{SETTINGS.trashText}</p>
      {full.map(({ folder, trash }) => (
        <FolderTrash key={folder.key} folder={folder} trash={trash} />
      ))}
    </>
  )
}

function FolderTrash({ folder, trash }: { readonly folder: Item; readonly trash: readonly TrashItem[] }): ReactNode {
  const [shown, setShown] = useState(STEP)
  const [emptying, setEmptying] = useState(false)
  const restore = useDeed({ link: '' }, async (client, ids: string[]) => {
    const { restored } = await client.restoreTrash(folder.key, { ids })
    tellDone(SETTINGS.restored(restored.length))
  })
  const newest = [...trash].sort((a, b) => (a.at < b.at ? 1 : -1))
  const bytes = trash.reduce((sum, { size }) => sum + size, 0)
  const now = new Date()
  return (
    <Card
      title={<bdi>{visibleName(folder.title)}</bdi>}
      actions={
        <span className={css['keeps']}>
          <span className={css['hint']}>{SETTINGS.items(trash.length, byteWords(bytes))}</span>
          <Button small disabled={restore.isPending} onClick={() => restore.mutate(newest.slice(0, 10_000).map(({ id }) => id))}>
            {SETTINGS.restoreAll}
          </Button>
          <Button small tone="danger" aria-label={SETTINGS.emptyOf(visibleName(folder.title))} onClick={() => setEmptying(true)}>
            {SETTINGS.empty}
          </Button>
        </span>
      }
    >
      <ul className={css['items']}>
        {newest.slice(0, shown).map((item) => (
          <li key={item.id}>
            <div>
              <strong dir="auto" title={visibleName(item.path)}>
                {visibleName(item.path)}
              </strong>
              <small>
                {byteWords(item.size)} · {momentWords(item.at, now)}
              </small>
            </div>
            <Button
              small
              aria-label={SETTINGS.restoreOf(visibleName(item.path))}
              disabled={restore.isPending}
              onClick={() => restore.mutate([item.id])}
            >
              <RotateCcw size={15} aria-hidden />
              {SETTINGS.restore}
            </Button>
          </li>
        ))}
      </ul>
      {newest.length > shown && (
        <Button small tone="quiet" onClick={() => setShown(shown + 500)}>
          {SETTINGS.more(Math.min(500, newest.length - shown))}
        </Button>
      )}
      {emptying && <EmptyDialog folder={folder} onClose={() => setEmptying(false)} />}
    </Card>
  )
}
