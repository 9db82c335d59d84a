/** Guests of one shared folder who wait to be let in. */
import type { Item, JoinRequest } from '@hyper-store/client'
import { UserPlus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../../kit/button.tsx'
import { FourWords } from '../../kit/four-words.tsx'
import { tellDone } from '../../kit/toasts.tsx'
import { useAnswer, useDeed } from '../../live/use-store.tsx'
import { visibleName } from '../../words/format.ts'
import { DECISIONS } from '../../words/overview.ts'
import { Decision } from './decision.tsx'
import { Name } from '../../kit/name.tsx'
import { Sentence } from './pieces.tsx'

const WORDS = DECISIONS.guest

/** A card for each guest. */
export function GuestDecisions({ item }: { readonly item: Item }): ReactNode {
  const { data } = useAnswer(
    { link: item.link, name: ['members'] },
    async (client, signal) => await client.getMembers(item.key, { signal }),
  )
  return data?.requests.map((request) => <Guest key={request.id} item={item} request={request} />)
}

function Guest({ item, request }: { readonly item: Item; readonly request: JoinRequest }): ReactNode {
  const name = visibleName(request.name)
  const approve = useDeed({ link: item.link }, async (client) => {
    await client.approveRequest(item.key, request.id)
    tellDone(WORDS.approved(name))
  })
  const refuse = useDeed({ link: item.link }, async (client) => {
    await client.refuseRequest(item.key, request.id)
    tellDone(WORDS.refused(name))
  })
  const isBusy = approve.isPending || refuse.isPending
  return (
    <Decision
      tone="accent"
      icon={<UserPlus size={20} />}
      title={<Sentence of={WORDS.title(<Name of={request.name} />)} />}
      item={item}
      actions={
        <>
          <Button tone="main" disabled={isBusy} onClick={() => approve.mutate(null)}>
            {WORDS.approve}
          </Button>
          <Button disabled={isBusy} onClick={() => refuse.mutate(null)}>
            {WORDS.refuse}
          </Button>
        </>
      }
    >
      <p>{WORDS.text(WORDS.roles[request.role])}</p>
      <FourWords label={WORDS.words} words={request.words} />
    </Decision>
  )
}
