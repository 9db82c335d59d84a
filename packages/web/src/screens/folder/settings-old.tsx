/** How far back a folder goes on this device, and how it is told to. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Card, Skeleton } from '../../kit/layout.tsx'
import { useSpace } from '../../live/questions.ts'
import { FOLDER_SETTINGS as WORDS } from '../../words/folder-settings.ts'
import { SETTINGS } from '../../words/settings.ts'
import { RetentionDialog } from '../settings/retention-dialog.tsx'
import css from './settings.module.css'

/** The card. */
export function OldVersionsCard({ item }: { readonly item: Item }): ReactNode {
  const [isOpen, setOpen] = useState(false)
  const { data: space } = useSpace()
  const data = space === undefined ? undefined : (space.folders.find(({ key }) => key === item.key) ?? null)
  return (
    <Card title={WORDS.old}>
      <p className={css['hint']}>{WORDS.oldText}</p>
      {data === undefined && <Skeleton height="3rem" />}
      {data != null && (
        <>
          <p>{WORDS.oldNow(data.history, data.reclaimable)}</p>
          <Button onClick={() => setOpen(true)}>{SETTINGS.change}</Button>
          {isOpen && <RetentionDialog folder={data} onClose={() => setOpen(false)} />}
        </>
      )}
    </Card>
  )
}
