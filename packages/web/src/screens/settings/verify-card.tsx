/** Reads a folder once more to the last byte, and repairs what is damaged. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { Choice } from '../../kit/form.tsx'
import { Card, Notice } from '../../kit/layout.tsx'
import { problemWords } from '../../kit/toasts.tsx'
import { useDeed, useSnapshot } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { SETTINGS } from '../../words/settings.ts'
import css from './settings.module.css'
import { VerifyResult } from './verify-result.tsx'

/** The card. */
export function VerifyCard(): ReactNode {
  const { items } = useSnapshot()
  const folders = items ?? []
  const [chosen, setChosen] = useState('')
  const folder = folders.find(({ key }) => key === chosen) ?? folders[0]
  const verify = useDeed(
    { link: '', quiet: true },
    async (client, { key, repair }: { key: string; repair: boolean }) => await client.verifyFolder(key, { repair }),
  )
  if (folder === undefined) return null
  return (
    <Card title={SETTINGS.verify}>
      <div className={css['stack']}>
        <p className={css['hint']}>{SETTINGS.verifyText}</p>
        <div className={css['split']}>
          <Choice
            label={SETTINGS.verifyWhich}
            hideLabel
            value={folder.key}
            disabled={verify.isPending}
            options={folders.map(({ key, title }) => ({ value: key, label: visibleName(title) }))}
            onChange={setChosen}
          />
          <Button disabled={verify.isPending} onClick={() => verify.mutate({ key: folder.key, repair: false })}>
            {SETTINGS.verifyGo}
          </Button>
        </div>
        {verify.isPending && <Notice>{SETTINGS.verifying(visibleName(folder.title))}</Notice>}
        {verify.error !== null && <Notice tone="bad">{problemWords(verify.error)}</Notice>}
        {verify.data !== undefined && !verify.isPending && (
          <VerifyResult report={verify.data} onRepair={(key) => verify.mutate({ key, repair: true })} />
        )}
      </div>
    </Card>
  )
}
