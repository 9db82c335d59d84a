/** How far back a folder goes on this device. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import type { FolderSpace, Retention } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Choice, TextField } from '../../kit/form.tsx'
import { Notice } from '../../kit/layout.tsx'
import { problemWords, tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { byteWords, visibleName } from '../../words/format.ts'
import { KIT } from '../../words/kit.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'
import { retentionOf } from './space-shares.ts'

const KEEPS = ['all', 'versions', 'days'] as const

/** The dialog; open as long as it is there. */
export function RetentionDialog({ folder, onClose }: { readonly folder: FolderSpace; readonly onClose: () => void }): ReactNode {
  const { retention } = folder
  const [keep, setKeep] = useState<Retention['keep']>(retention.keep)
  const [count, setCount] = useState(
    String(retention.keep === 'versions' ? retention.versions : retention.keep === 'days' ? retention.days : 30),
  )
  const set = useDeed({ link: '', quiet: true }, async (client, next: Retention) => {
    const { freed } = await client.setRetention(folder.key, next)
    tellDone(freed > 0 ? SETTINGS.freed(byteWords(freed)) : SETTINGS.kept)
    onClose()
  })
  const wanted = retentionOf(keep, count)
  return (
    <Dialog
      open
      onClose={onClose}
      title={SETTINGS.retention(visibleName(folder.title))}
      foot={
        <>
          <Button onClick={onClose}>{KIT.cancel}</Button>
          <Button tone="main" disabled={wanted === null || set.isPending} onClick={() => wanted !== null && set.mutate(wanted)}>
            {KIT.save}
          </Button>
        </>
      }
    >
      <p className={css['hint']}>{SETTINGS.retentionText}</p>
      <Choice
        label={SETTINGS.keep}
        value={keep}
        options={KEEPS.map((value) => ({ value, label: SETTINGS.keepChoices[value] }))}
        onChange={setKeep}
      />
      {keep !== 'all' && (
        <TextField
          label={keep === 'versions' ? SETTINGS.versions : SETTINGS.days}
          inputMode="numeric"
          value={count}
          wrong={wanted === null ? SETTINGS.numberMissing : null}
          onChange={(event) => setCount(event.target.value)}
        />
      )}
      {keep !== 'all' && <Notice>{folder.history > 0 ? SETTINGS.wouldFree(byteWords(folder.history)) : SETTINGS.nothingToFree}</Notice>}
      {set.error !== null && <Notice tone="bad">{problemWords(set.error)}</Notice>}
    </Dialog>
  )
}
