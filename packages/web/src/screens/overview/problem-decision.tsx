/** Any other trouble of a folder, with its cure. */
import type { Item } from '@hyper-store/client'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { DECISIONS } from '../../words/overview.ts'
import { Decision } from './decision.tsx'
import { useFolderDeeds } from './folder-deeds.ts'
import { placeOf } from './item-place.ts'
import { useRights } from './rights.ts'

const WORDS = DECISIONS.problem
const TITLES: Readonly<Record<string, string>> = {
  DISK_FULL: WORDS.DISK_FULL,
  READ_ONLY_DISK: WORDS.READ_ONLY_DISK,
  FOLDER_UNREADABLE: WORDS.FOLDER_UNREADABLE,
  REMOVED_MEMBER: WORDS.REMOVED_MEMBER,
  FORKED_LOG: WORDS.FORKED_LOG,
  QUOTA_EXCEEDED: WORDS.QUOTA_EXCEEDED,
  RECOVERING: WORDS.RECOVERING,
}
/** Where the sentence of the error speaks of commands, there are words for the page. */
const TEXTS: Readonly<Record<string, string>> = {
  DISK_FULL: WORDS.DISK_FULL_TEXT,
  READ_ONLY_DISK: WORDS.READ_ONLY_DISK_TEXT,
  REMOVED_MEMBER: WORDS.REMOVED_MEMBER_TEXT,
  RECOVERING: WORDS.RECOVERING_TEXT,
}

/** The card. */
export function ProblemDecision({ item }: { readonly item: Item }): ReactNode {
  const { steer } = useRights()
  const deeds = useFolderDeeds(item)
  const code = item.problem?.code ?? ''
  const goOn = async (): Promise<void> => {
    if (await confirm({ title: WORDS.RECOVERING_YES, text: WORDS.RECOVERING_ASK, yes: WORDS.RECOVERING_YES, danger: true }))
      deeds.resume(true)
  }
  return (
    <Decision
      tone={item.state === 'error' ? 'bad' : 'slow'}
      icon={<TriangleAlert size={20} />}
      title={TITLES[code] ?? WORDS.other}
      item={item}
      actions={
        <>
          {code === 'RECOVERING' && steer && (
            <Button tone="danger" disabled={deeds.busy} onClick={() => void goOn()}>
              {WORDS.RECOVERING_YES}
            </Button>
          )}
          {code === 'REMOVED_MEMBER' && steer && (
            <Button tone="danger" disabled={deeds.busy} onClick={deeds.stop}>
              {WORDS.stopKeeping}
            </Button>
          )}
          {(code === 'DISK_FULL' || code === 'QUOTA_EXCEEDED') && (
            <Link href="/settings/space" asChild>
              <ButtonLink>{WORDS.space}</ButtonLink>
            </Link>
          )}
          {code === 'FORKED_LOG' && (
            <Link href={folderPlace(item.key, { part: 'people' })} asChild>
              <ButtonLink>{WORDS.people}</ButtonLink>
            </Link>
          )}
          {code !== 'RECOVERING' && code !== 'REMOVED_MEMBER' && steer && (
            <Button disabled={deeds.busy} onClick={deeds.check}>
              {DECISIONS.tryAgain}
            </Button>
          )}
          <Link href={placeOf(item)} asChild>
            <ButtonLink tone="quiet">{DECISIONS.look}</ButtonLink>
          </Link>
        </>
      }
    >
      <p>{TEXTS[code] ?? item.problem?.message}</p>
    </Decision>
  )
}
