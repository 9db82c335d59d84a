/** Deletes what is in the trash of a folder for good, as far as it is old enough. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { byteWords, visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { SETTINGS } from '../../words/settings.ts'

const AGES = ['0', '1', '7', '30'] as const

/** The dialog; open as long as it is there. */
export function EmptyDialog({ folder, onClose }: { readonly folder: Item; readonly onClose: () => void }): ReactNode {
  const [days, setDays] = useState<(typeof AGES)[number]>('7')
  const empty = useDeed({ link: '' }, async (client) => {
    const { items, bytes } = await client.emptyTrash(folder.key, days === '0' ? {} : { olderThanDays: days })
    tellDone(items === 0 ? SETTINGS.nothingEmptied : SETTINGS.emptied(items, byteWords(bytes)))
    onClose()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={SETTINGS.emptyTitle(visibleName(folder.title))}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="danger" disabled={empty.isPending} onClick={() => empty.mutate(undefined)}>
            {SETTINGS.goEmpty}
          </Button>
        </>
      }
    >
      <Choice
        label={SETTINGS.emptyWhat}
        value={days}
        options={AGES.map((value) => ({ value, label: SETTINGS.emptyChoices[value] }))}
        onChange={setDays}
      />
      <Notice tone="slow">{SETTINGS.emptyWarning}</Notice>
    </Dialog>
  )
}
