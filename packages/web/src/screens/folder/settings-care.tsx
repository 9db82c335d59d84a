/** Looking after a folder: reading it again, looking for changes, pausing. */
import type { ReactNode } from 'react'
import type { Item } from '@hyper-store/client'
import { Button } from '../../kit/button.tsx'
import { Card } from '../../kit/layout.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { FOLDER_SETTINGS as WORDS } from '../../words/folder-settings.ts'
import { VerifyResult } from '../settings/verify-result.tsx'
import css from './settings.module.css'

/** The card. */
export function CareCard({ item }: { readonly item: Item }): ReactNode {
  const about = { link: item.link }
  const verify = useDeed(about, (client, repair: boolean) => client.verifyFolder(item.key, { repair }))
  const rescan = useDeed(about, (client) => client.rescanFolder(item.key))
  const pause = useDeed(about, (client) => client.pauseFolder(item.key))
  const resume = useDeed(about, (client) => client.resumeFolder(item.key, {}))
  const isPaused = item.state === 'paused'
  return (
    <Card title={WORDS.health}>
      <ul className={css['deeds']}>
        <li>
          <p>{WORDS.verifyText}</p>
          <Button disabled={verify.isPending} onClick={() => verify.mutate(false)}>
            {verify.isPending ? WORDS.verifying : WORDS.verify}
          </Button>
          {verify.data !== undefined && !verify.isPending && <VerifyResult report={verify.data} onRepair={() => verify.mutate(true)} />}
        </li>
        {item.path !== null && (
          <li>
            <p>{WORDS.rescanText}</p>
            <Button
              disabled={rescan.isPending || isPaused}
              onClick={() => rescan.mutate(undefined, { onSuccess: () => tellDone(WORDS.rescanned) })}
            >
              {WORDS.rescan}
            </Button>
          </li>
        )}
        <li>
          <p>{WORDS.pauseText}</p>
          {isPaused ? (
            <Button tone="main" disabled={resume.isPending} onClick={() => resume.mutate(undefined)}>
              {WORDS.goOn}
            </Button>
          ) : (
            <Button disabled={pause.isPending} onClick={() => pause.mutate(undefined)}>
              {WORDS.pause}
            </Button>
          )}
        </li>
      </ul>
    </Card>
  )
}
