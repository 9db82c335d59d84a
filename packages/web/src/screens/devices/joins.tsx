/** Joins under way: what each waits for, and the four words by which its guest is known. */
import type { Join } from '@hyper-store/client'
import { Hourglass, PartyPopper, Search, UserX } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { folderPlace } from '../../app/places.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Actions } from '../../kit/layout.tsx'
import { useJoins } from '../../live/questions.ts'
import { useDeed } from '../../live/use-store.tsx'
import { JOIN_PROBLEMS, JOINS } from '../../words/devices.ts'
import { visibleName } from '../../words/format.ts'
import { ROLES } from '../../words/people.ts'
import { FourWords } from '../../kit/four-words.tsx'
import css from './devices.module.css'

const PICTURES = { looking: Search, waiting: Hourglass, joined: PartyPopper, refused: UserX }

/** Joins that have not come to their end, and those that were refused and not yet put aside. */
export function Joins(): ReactNode {
  const joins = useJoins().filter(({ state }) => state !== 'joined')
  return (
    <section className={css['section']} aria-labelledby="joins" hidden={joins.length === 0}>
      <h2 id="joins">{JOINS.title}</h2>
      {joins.map((join) => (
        <JoinCard key={join.id} join={join} />
      ))}
    </section>
  )
}

/** One join; `onEnd` hears that it was called off, or that its folder is opened. */
export function JoinCard({ join, onEnd }: { readonly join: Join; readonly onEnd?: () => void }): ReactNode {
  const cancel = useDeed({ link: '' }, (client, id: string) => client.cancelJoin(id))
  const Icon = PICTURES[join.state]
  const end = (): void => {
    // As a promise: without its join, this card is gone.
    cancel.mutateAsync(join.id).then(onEnd, () => undefined)
  }
  return (
    <div className={css['join']} data-state={join.state} role="status">
      <h3>
        <Icon size={20} aria-hidden />
        {TITLES[join.state]}
      </h3>
      <p className={css['quiet']} dir="auto">
        {[
          ...(join.role === null ? [] : [JOINS.as(ROLES[join.role].name.toLowerCase())]),
          ...(join.path === null ? [] : [JOINS.into(visibleName(join.path))]),
        ].join(' · ')}
      </p>
      {join.state === 'waiting' && join.words !== null && (
        <>
          <FourWords label={JOINS.words} words={join.words} />
          <p>{JOINS.wordsText}</p>
        </>
      )}
      {join.state === 'joined' && <p>{JOINS.joinedText}</p>}
      {join.problem !== null && <p>{JOIN_PROBLEMS[join.problem.code] ?? join.problem.message}</p>}
      <Actions>
        {join.state === 'joined' ? (
          <Link href={folderPlace(join.key)} asChild>
            <ButtonLink tone="main" onClick={() => onEnd?.()}>
              {JOINS.open}
            </ButtonLink>
          </Link>
        ) : (
          <Button disabled={cancel.isPending} onClick={end}>
            {join.state === 'refused' ? JOINS.dismiss : JOINS.cancel}
          </Button>
        )}
      </Actions>
    </div>
  )
}

const TITLES = { looking: JOINS.looking, waiting: JOINS.waiting, joined: JOINS.joined, refused: JOINS.refused } as const
