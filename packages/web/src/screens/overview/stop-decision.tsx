/** A folder that was stopped to be safe: what happened, and what would happen on each answer. */
import type { Item } from '@hyper-store/client'
import { ShieldAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { confirm } from '../../kit/dialog.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useDeed } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { DECISIONS } from '../../words/overview.ts'
import { Decision } from './decision.tsx'
import { useFolderDeeds } from './folder-deeds.ts'
import { placeOf } from './item-place.ts'
import { useRights } from './rights.ts'
import { stopOf } from './stops.ts'
import type { Stop } from './stops.ts'

const WORDS = DECISIONS.stop

interface Said {
  readonly title: string
  readonly text: string
  /** Word that confirms, and what it means; null where nothing can be confirmed. */
  readonly yes: { readonly label: string; readonly ask: string } | null
  /** Word that brings the files back. */
  readonly no: string | null
}

/** The card. */
export function StopDecision({ item }: { readonly item: Item }): ReactNode {
  const { steer, decide } = useRights()
  const deeds = useFolderDeeds(item)
  const title = visibleName(item.title)
  const restore = useDeed({ link: item.link }, async (client) => {
    await client.resumeFolder(item.key, { bringBack: true })
    tellDone(WORDS.broughtBack(title))
  })
  const stop = stopOf(item.problem?.message ?? '')
  const said = wordsOf(stop)
  const { yes, no } = said
  const isBusy = deeds.busy || restore.isPending
  const confirmed = async (): Promise<void> => {
    if (yes === null) return
    const text = `${stop.reason}: ${title}. ${yes.ask}`
    if (await confirm({ title: yes.label, text, yes: yes.label, danger: true })) deeds.resume(true)
  }
  return (
    <Decision
      tone="bad"
      icon={<ShieldAlert size={20} />}
      title={said.title}
      item={item}
      actions={
        <>
          {decide && no !== null && (
            <Button tone="main" disabled={isBusy} onClick={() => restore.mutate(null)}>
              {no}
            </Button>
          )}
          {steer && yes !== null && (
            <Button tone="danger" disabled={isBusy} onClick={() => void confirmed()}>
              {yes.label}
            </Button>
          )}
          {steer && yes === null && (
            <Button tone="main" disabled={isBusy} onClick={() => deeds.resume()}>
              {DECISIONS.tryAgain}
            </Button>
          )}
          <Link href={placeOf(item)} asChild>
            <ButtonLink tone="quiet">{DECISIONS.look}</ButtonLink>
          </Link>
        </>
      }
    >
      <p>{said.text}</p>
    </Decision>
  )
}

function wordsOf({ cause, gone, of, reason }: Stop): Said {
  switch (cause) {
    case 'missing':
      return { title: WORDS.missing, text: WORDS.missingText, yes: null, no: null }
    case 'unreadable':
      return { title: WORDS.unreadable, text: WORDS.unreadableText, yes: null, no: null }
    case 'replaced':
      return { title: WORDS.replaced, text: WORDS.replacedText, yes: { label: WORDS.replacedYes, ask: WORDS.replacedAsk }, no: null }
    case 'gone-here':
      return {
        title: WORDS.goneHere(gone, of),
        text: WORDS.goneHereText,
        yes: { label: WORDS.goneHereYes, ask: WORDS.goneHereAsk },
        no: WORDS.bringBack,
      }
    case 'gone-elsewhere':
      return {
        title: WORDS.goneElsewhere(gone, of),
        text: WORDS.goneElsewhereText,
        yes: { label: WORDS.goneElsewhereYes, ask: WORDS.goneElsewhereAsk },
        no: null,
      }
    case 'other':
      return { title: WORDS.other, text: reason, yes: { label: WORDS.otherYes, ask: WORDS.otherAsk }, no: null }
  }
}
