/** Leaving a folder. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { useLocation } from 'wouter'
import { PLACES } from '../../app/places.ts'
import { Button } from '../../kit/button.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { SwitchRow } from '../../kit/form.tsx'
import { Card } from '../../kit/layout.tsx'
import { tellDone, tellProblem } from '../../kit/toasts.tsx'
import { noticing, useStore } from '../../live/use-store.tsx'
import { FOLDER_SETTINGS as WORDS } from '../../words/folder-settings.ts'
import { visibleName } from '../../words/format.ts'
import css from './settings.module.css'

/** The card. */
export function StopCard({ item }: { readonly item: Item }): ReactNode {
  const [deleteData, setDeleteData] = useState(false)
  const [, navigate] = useLocation()
  const name = visibleName(item.title)
  const store = useStore()
  const ask = async (): Promise<void> => {
    const text = deleteData ? WORDS.stopConfirmData : WORDS.stopConfirm
    if (!(await confirm({ title: WORDS.stopTitle(name), text, yes: WORDS.stopGo, danger: true }))) return
    // Before the folder goes, so that nothing is asked of it any more that would be refused while it does.
    navigate(PLACES.home)
    try {
      await noticing(store, store.client.removeFolder(item.key, { deleteData }))
      tellDone(WORDS.stopped(name))
    } catch (error) {
      tellProblem(error)
    }
  }
  return (
    <Card title={WORDS.stop}>
      <p className={css['hint']}>{WORDS.stopText}</p>
      <SwitchRow label={WORDS.stopData} hint={WORDS.stopDataHint} checked={deleteData} onChange={setDeleteData} />
      <div className={css['foot']}>
        <Button tone="danger" onClick={() => void ask()}>
          {WORDS.stopGo}
        </Button>
      </div>
    </Card>
  )
}
