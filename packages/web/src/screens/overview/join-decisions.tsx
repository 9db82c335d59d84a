/** Folders that this store asked to join: who lets it in compares the four words; who did not gives a reason. */
import type { Join } from '@hyper-store/client'
import { UserX, Users } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { useJoins } from '../../live/questions.ts'
import { useDeed } from '../../live/use-store.tsx'
import { DECISIONS } from '../../words/overview.ts'
import { Decision } from './decision.tsx'
import { FourWords } from '../../kit/four-words.tsx'

const WORDS = DECISIONS.join

/** A card for each join that wants to be seen. */
export function JoinDecisions(): ReactNode {
  return useJoins()
    .filter(({ state, words }) => state === 'refused' || (state === 'waiting' && words !== null))
    .map((join) => <One key={join.id} join={join} />)
}

function One({ join }: { readonly join: Join }): ReactNode {
  const cancel = useDeed({ link: '' }, async (client) => await client.cancelJoin(join.id))
  const isRefused = join.state === 'refused'
  return (
    <Decision
      tone={isRefused ? 'slow' : 'accent'}
      icon={isRefused ? <UserX size={20} /> : <Users size={20} />}
      title={isRefused ? WORDS.refused : WORDS.waiting}
      actions={
        <Button disabled={cancel.isPending} onClick={() => cancel.mutate(null)}>
          {isRefused ? WORDS.dismiss : WORDS.cancel}
        </Button>
      }
    >
      <p>{isRefused ? join.problem?.message : WORDS.waitingText}</p>
      {!isRefused && join.words !== null && <FourWords label={DECISIONS.guest.words} words={join.words} />}
    </Decision>
  )
}
